//! The only `unsafe` code of this crate; each piece says why it is needed and why it holds.

#![expect(unsafe_code, reason = "this file is where unsafe code is allowed and audited")]

#[cfg(feature = "rocksdb")]
use std::sync::Arc;

#[cfg(feature = "rocksdb")]
use rocksdb::{DB, SnapshotWithThreadMode};

use crate::engine::Piece;

// SAFETY: five numbers of 32 bits behind each other (`repr(C)`, no gaps): any bits are a piece.
unsafe impl bytemuck::Zeroable for Piece {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Piece {}

/// Maps a file for reading.
pub(crate) fn map(file: &std::fs::File) -> std::io::Result<memmap2::Mmap> {
    // SAFETY: snapshot files are written under another name, renamed, and never written again by us; the store's
    // folder belongs to the store alone, whose lock keeps other programs of ours out. Whoever shortens the file
    // from outside while it is mapped stops the program.
    unsafe { memmap2::Mmap::map(file) }
}

/// Asks the processor to bring an item near that will be needed soon. Nothing happens beyond the end.
#[inline]
pub fn prefetch<T>(items: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint that reads nothing: any address will do, also one behind the items.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(items.as_ptr().wrapping_add(at).cast::<i8>()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, at);
}

/// A snapshot of a database together with the database: it can be kept as long as anybody wants.
///
/// The crate's snapshot borrows the database, which a long-lived reader cannot do.
#[cfg(feature = "rocksdb")]
pub(crate) struct OwnedSnapshot {
    // Declared, and so dropped, before `db`.
    snapshot: SnapshotWithThreadMode<'static, DB>,
    db: Arc<DB>,
}

#[cfg(feature = "rocksdb")]
impl OwnedSnapshot {
    /// The state of `db` now.
    pub(crate) fn new(db: Arc<DB>) -> Self {
        let snapshot = db.snapshot();
        // SAFETY: only the lifetime changes. The snapshot borrows the `DB` inside the `Arc`, which does not
        // move when the `Arc` does and lives as long as `db` below; the snapshot is dropped before it, and
        // never given out with a lifetime longer than `self`.
        let snapshot = unsafe {
            std::mem::transmute::<SnapshotWithThreadMode<'_, DB>, SnapshotWithThreadMode<'static, DB>>(
                snapshot,
            )
        };
        Self { snapshot, db }
    }

    /// The snapshot.
    pub(crate) fn get(&self) -> &SnapshotWithThreadMode<'_, DB> {
        &self.snapshot
    }

    /// Its database.
    pub(crate) fn db(&self) -> &DB {
        &self.db
    }
}
