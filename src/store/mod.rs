//! The store: what was committed, for good.
//!
//! An append-only log of commits, their facts, and indexes that follow from them. It must never lose an
//! acknowledged commit, never show half of one, and never answer from damaged rows without an error. Start
//! at [`Ledger`]; the layout is in `columns`, the promises and their limits in `docs/store.md`.
//!
//! `ledger` and `view` are the face; `seam` is all they need of a database, which `memory` and `rocks`
//! provide; `folder` opens and checks; `append` writes; `verify` proves.

pub mod codec;
pub mod columns;
pub mod keys;
pub mod memory;
#[cfg(feature = "rocksdb")]
pub mod rocks;
pub mod seam;

mod append;
mod bulk;
mod changes;
mod entries;
mod error;
#[cfg(feature = "rocksdb")]
mod folder;
#[cfg(not(feature = "rocksdb"))]
#[path = "no_folder.rs"]
mod folder;
#[cfg(feature = "rocksdb")]
mod framing;
mod head;
mod known;
mod ledger;
#[cfg_attr(
    not(feature = "rocksdb"),
    expect(dead_code, reason = "only a store on disk needs all of it")
)]
mod orphans;
mod part;
mod runs;
mod shared;
#[cfg_attr(
    not(feature = "rocksdb"),
    expect(dead_code, reason = "only a store on disk needs all of it")
)]
mod side;
#[cfg_attr(
    not(feature = "rocksdb"),
    expect(dead_code, reason = "only a store on disk needs all of it")
)]
mod state;
mod verify;
mod view;

pub use bulk::{Bulk, BulkCommit, Outcome, Twice, Use, Whole};
pub use codec::{Body, Record, Touched};
pub use columns::Column;
pub use entries::{concerns_everybody, is_of_everyone};
pub use error::{AppendError, Conflict, StoreError};
pub use head::{Digest, FORMAT, Head};
pub use keys::{Family, Number};
pub use ledger::{Ledger, Mode, NewCommit, Receipt};
pub use verify::{Report, Trouble, verify};
pub use view::{CommitInfo, Slice, View, Walk, is_plain};

/// Rows of `meta`.
const META_HEAD: &[u8] = b"head";
const META_HASH_KEY: &[u8] = b"hash_key";
const META_HEADER: &[u8] = b"header";
/// The sequence number of a large commit that was begun.
const META_PENDING: &[u8] = b"pending";

/// Sizes that do not change what a store says. The default suits every store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Commits with at least this many facts are written in bulk.
    pub bulk_from: usize,
    /// Facts in a part of a commit.
    pub facts_per_part: u32,
    /// Bytes of recent rows that a column keeps in memory.
    pub memtable_bytes: usize,
    /// Threads of a bulk import; 0: as many as the machine has, at most eight.
    pub threads: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            bulk_from: 20_000,
            facts_per_part: 65_536,
            memtable_bytes: 16 << 20,
            threads: 0,
        }
    }
}
