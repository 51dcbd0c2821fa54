//! What a store says about itself, wherever it lies: the rows of `meta` and the number of rows.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::columns::Column;
use super::error::StoreError;
use super::head::{Head, meta_digest};
use super::keys::Hashing;
use super::orphans::Orphans;
use super::seam::{Backend, Batch, KeyRange, Snapshot, for_each, get_one};
use super::side::SideFile;
use super::{META_HASH_KEY, META_HEAD, META_HEADER};

/// What `meta` says.
pub struct State {
    /// The head.
    pub head: Head,
    /// Hashes identifiers.
    pub hashing: Hashing,
    /// The store's header, JSON text.
    pub header: Option<Arc<str>>,
}

/// An open folder.
pub struct Opened {
    /// The database.
    pub backend: Arc<dyn Backend>,
    /// What it says.
    pub state: State,
    /// The side file, when opened for writing.
    pub side: Option<SideFile>,
    /// Held as long as the store is open for writing.
    pub lock: Option<File>,
}

/// What a new store begins with.
pub fn first_batch(head: &Head, hash_key: &[u8; 32]) -> Batch {
    let mut batch = Batch::default();
    batch.put(Column::Meta, META_HASH_KEY, hash_key);
    batch.put(Column::Meta, META_HEAD, &head.encode());
    batch
}

/// Reads and checks the rows of `meta`.
pub fn read_state(snapshot: &dyn Snapshot) -> Result<State, StoreError> {
    let missing = |name: &str| StoreError::Damaged(format!("the row `{name}` of `meta` is missing"));
    let head = get_one(snapshot, Column::Meta, META_HEAD)?.ok_or_else(|| missing("head"))?;
    let head = Head::decode(&head)?;
    let hash_key = get_one(snapshot, Column::Meta, META_HASH_KEY)?.ok_or_else(|| missing("hash_key"))?;
    let hash_key: [u8; 32] = hash_key
        .try_into()
        .map_err(|_| StoreError::Damaged("the hash key has another length".to_owned()))?;
    if meta_digest(&hash_key) != head.hash_key {
        return Err(StoreError::Damaged("the hash key was changed".to_owned()));
    }
    let header = get_one(snapshot, Column::Meta, META_HEADER)?;
    let expected = header.as_deref().map_or([0; 32], meta_digest);
    if expected != head.header {
        return Err(StoreError::Damaged(
            "the header was changed or is missing".to_owned(),
        ));
    }
    let header = header
        .map(|bytes| {
            String::from_utf8(bytes)
                .map(Arc::from)
                .map_err(|_| StoreError::Damaged("the header is no text".to_owned()))
        })
        .transpose()?;
    Ok(State {
        head,
        hashing: Hashing::new(&hash_key),
        header,
    })
}

/// Compares the rows of each column with `head`. Reads no rows unless there are deletions.
pub fn count_rows(backend: &dyn Backend, head: &Head, orphans: &Orphans) -> Result<(), StoreError> {
    for column in Column::COUNTED {
        let tally = backend.tally(column)?;
        let found = if tally.has_deletions {
            let mut rows = 0;
            for_each(&*backend.snapshot()?, column, KeyRange::ALL, |_, _| {
                rows += 1;
                Ok(())
            })?;
            rows
        } else {
            tally.entries
        };
        let expected = head.rows_of(column) + orphans.rows_of(column);
        if found != expected {
            return Err(StoreError::Damaged(format!(
                "column `{column}` has {found} rows, {expected} were written"
            )));
        }
    }
    Ok(())
}

/// Bytes of the operating system's random source.
pub fn random() -> Result<[u8; 32], StoreError> {
    use std::io::Read as _;
    let path = PathBuf::from("/dev/urandom");
    let mut bytes = [0; 32];
    File::open(&path)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(StoreError::io("read", &path))?;
    Ok(bytes)
}
