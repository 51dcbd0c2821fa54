//! The seam: all that a store asks of what stands behind it.
//!
//! Ordered rows of bytes in a few columns, an atomic batch with preconditions, snapshots, batched gets, scans
//! in chunks, bulk loading and checkpoints. A scan is never an iterator: a chunk is either all there or an
//! error, so that damage cannot look like an end. An implementation must never give back fewer rows than it
//! holds without an error. Nothing above the seam knows which implementation it has.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::columns::{COUNTED, Column};
use super::error::StoreError;

/// Rows in one buffer: one allocation for many keys and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: usize,
    middle: usize,
    end: usize,
}

impl Rows {
    /// No rows, with room for as many of so many bytes each.
    pub fn with_room(rows: usize, bytes_each: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(rows * bytes_each),
            spans: Vec::with_capacity(rows),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, key: &[u8], value: &[u8]) {
        self.push_with(key, |bytes| bytes.extend_from_slice(value));
    }

    /// Adds a row whose value `write` appends to the buffer; it must not touch what is already there. Returns
    /// key and value as they lie, one after the other.
    pub fn push_with(&mut self, key: &[u8], write: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        let middle = self.bytes.len();
        write(&mut self.bytes);
        let end = self.bytes.len();
        self.spans.push(Span { start, middle, end });
        &self.bytes[start..end]
    }

    /// Adds all rows of `other`.
    pub fn append(&mut self, other: &Self) {
        let shift = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.spans.extend(other.spans.iter().map(|span| Span {
            start: span.start + shift,
            middle: span.middle + shift,
            end: span.end + shift,
        }));
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Bytes of all keys and values.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Keys and values in the order in which they were added or sorted.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> + ExactSizeIterator {
        self.spans.iter().map(|span| {
            (
                &self.bytes[span.start..span.middle],
                &self.bytes[span.middle..span.end],
            )
        })
    }

    /// Sorts the rows by key.
    pub fn sort(&mut self) {
        let key = |span: &Span| &self.bytes[span.start..span.middle];
        // The first bytes decide most comparisons without a look at the buffer.
        let mut order: Vec<(Leading, Span)> = self
            .spans
            .iter()
            .map(|span| (leading(key(span)), *span))
            .collect();
        order.sort_unstable_by(|(a, left), (b, right)| a.cmp(b).then_with(|| key(left).cmp(key(right))));
        self.spans = order.into_iter().map(|(_, span)| span).collect();
    }
}

/// The first thirty-two bytes of a key, as numbers that sort like them.
pub type Leading = [u128; 2];

/// What a key begins with; zeros stand for bytes that it lacks.
pub fn leading(key: &[u8]) -> Leading {
    let mut first = [0; 32];
    let len = key.len().min(32);
    first[..len].copy_from_slice(&key[..len]);
    let (numbers, _) = first.as_chunks::<16>();
    [u128::from_be_bytes(numbers[0]), u128::from_be_bytes(numbers[1])]
}

/// A piece of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Its rows, in key order.
    pub rows: Rows,
    /// Where to go on; `None` at the end of the range.
    pub next: Option<Vec<u8>>,
}

/// How large a chunk may become. It ends with the row that reaches either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Rows, at least one.
    pub rows: usize,
    /// Bytes of keys and values.
    pub bytes: usize,
}

impl Limit {
    /// Large enough that the call does not count, small enough that memory does not.
    pub const BULK: Self = Self {
        rows: 16_384,
        bytes: 4 << 20,
    };
}

/// Keys from `from` (included) until `until` (excluded); `None` is the end of the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRange<'a> {
    /// First key.
    pub from: &'a [u8],
    /// Key after the last.
    pub until: Option<&'a [u8]>,
}

impl<'a> KeyRange<'a> {
    /// The whole column.
    pub const ALL: Self = KeyRange {
        from: &[],
        until: None,
    };

    /// As bounds of a sorted map.
    pub(crate) fn bounds(self) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
        (
            Bound::Included(self.from),
            self.until.map_or(Bound::Unbounded, Bound::Excluded),
        )
    }

    /// Whether it can hold no key.
    pub(crate) fn is_empty(self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }
}

/// What a batch does: all of it or nothing, and durable when the call returns.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Rows to put, by [`Column::index`].
    pub puts: [Rows; COUNTED + 1],
    /// Rows to delete.
    pub deletes: Vec<(Column, Vec<u8>)>,
}

impl Batch {
    /// Adds a row to put.
    pub fn put(&mut self, column: Column, key: &[u8], value: &[u8]) {
        self.puts[column.index()].push(key, value);
    }
}

/// What must hold for a batch to be written.
#[derive(Clone, Debug)]
pub struct Precondition {
    /// The column.
    pub column: Column,
    /// The key.
    pub key: Vec<u8>,
    /// Its value now; `None`: there must be no such row.
    pub value: Option<Vec<u8>>,
}

/// Rows made ready by [`Backend::stage`], not visible yet.
#[derive(Debug)]
pub struct Staged {
    /// Their column.
    pub column: Column,
    /// Where they wait.
    pub content: StagedContent,
}

/// Where staged rows wait.
#[derive(Debug)]
pub enum StagedContent {
    /// In memory.
    Rows(Rows),
    /// In a file of the engine.
    File(PathBuf),
}

/// How many rows a column has, as far as the engine knows without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Rows ever put into the live files and memory of the column.
    pub entries: u64,
    /// Whether deletions are among them: then `entries` is no count and rows must be counted by a scan.
    pub has_deletions: bool,
}

/// What stands behind a store.
pub trait Backend: Send + Sync {
    /// Writes the batch if every precondition holds. Durable when it returns; on an error it is unknown
    /// whether the batch was written, so the caller must write nothing more.
    fn write(&self, batch: Batch, preconditions: &[Precondition]) -> Result<(), StoreError>;

    /// Makes rows of one column ready for [`Backend::publish`]. The rows must be sorted, without two of the
    /// same key. May run on several threads at once.
    fn stage(&self, column: Column, rows: Rows) -> Result<Staged, StoreError>;

    /// Makes staged rows of one column visible and durable, all of them or none.
    fn publish(&self, column: Column, staged: Vec<Staged>) -> Result<(), StoreError>;

    /// Where the writer may keep files for a while; `None`: in memory.
    fn scratch(&self) -> Option<&Path> {
        None
    }

    /// The state now; it never changes afterwards and never waits for a writer.
    fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError>;

    /// Rows a column has, without reading them.
    fn tally(&self, column: Column) -> Result<Tally, StoreError>;

    /// Rewrites a column so that deletions leave no trace. Costs a read and a write of the column.
    fn compact(&self, column: Column) -> Result<(), StoreError>;

    /// Writes a copy of the state now into the new folder `to`.
    fn checkpoint(&self, to: &Path) -> Result<(), StoreError>;
}

/// A state of the store that never changes.
pub trait Snapshot: Send + Sync {
    /// The values of these keys, in their order; `None` where there is no such row.
    fn get(&self, column: Column, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// The first rows of the range, up to the limit, in key order.
    fn scan(&self, column: Column, range: KeyRange<'_>, limit: Limit) -> Result<Chunk, StoreError>;
}

/// The value of one key.
pub fn get_one(snapshot: &dyn Snapshot, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(snapshot.get(column, &[key])?.pop().flatten())
}

/// Calls `each` with every row of the range, chunk by chunk.
pub fn for_each(
    snapshot: &dyn Snapshot,
    column: Column,
    range: KeyRange<'_>,
    mut each: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut from = range.from.to_vec();
    loop {
        let rest = KeyRange {
            from: &from,
            until: range.until,
        };
        let chunk = snapshot.scan(column, rest, Limit::BULK)?;
        for (key, value) in chunk.rows.iter() {
            each(key, value)?;
        }
        match chunk.next {
            Some(next) => from = next,
            None => return Ok(()),
        }
    }
}
