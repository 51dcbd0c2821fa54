//! The only `unsafe` code of this crate; each piece says why it is needed and why it holds.

#![expect(unsafe_code, reason = "this file is where unsafe code is allowed and audited")]

use std::sync::Arc;

use rocksdb::{DB, SnapshotWithThreadMode};

/// A snapshot of a database together with the database: it can be kept as long as anybody wants.
///
/// The crate's snapshot borrows the database, which a long-lived reader cannot do.
pub(crate) struct OwnedSnapshot {
    // Declared, and so dropped, before `db`.
    snapshot: SnapshotWithThreadMode<'static, DB>,
    db: Arc<DB>,
}

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
