//! Rows of a large commit that never ended.
//!
//! A large commit writes its rows before its `head`. If it is interrupted, rows beyond `head` stay behind.
//! No reader sees them, since every read looks at the sequence number; they are counted apart when a store
//! is opened and removed when it is opened for writing, so that the number can be used again. A mark in
//! `meta`, durable before the first such row, says that there may be any.

use super::META_PENDING;
use super::codec::decode_fact;
use super::columns::{COUNTED, Column};
use super::entries::Indexed;
use super::error::StoreError;
use super::keys::{Hashing, Number, log_key};
use super::part::Layout;
use super::seam::{Backend, Batch, KeyRange, Snapshot, for_each, get_one};
use super::state::State;

/// Keys asked for, or deleted, at once.
const ASK_ROWS: usize = 4096;

/// Rows beyond `head`.
#[derive(Debug, Default)]
pub struct Orphans {
    /// The commit that was begun, if the mark is set.
    pending: Option<u64>,
    rows: [u64; COUNTED],
}

impl Orphans {
    /// How many there are in a column.
    pub fn rows_of(&self, column: Column) -> u64 {
        self.rows.get(column.index()).copied().unwrap_or(0)
    }
}

/// Keys of rows, by [`Column::index`].
type Keys = [Vec<Vec<u8>>; COUNTED];

/// Finds them. Costs a read of a row of `meta` unless a large commit was interrupted; then its rows are counted.
pub fn find(snapshot: &dyn Snapshot, state: &State) -> Result<Orphans, StoreError> {
    let mut orphans = Orphans::default();
    let Some(mark) = get_one(snapshot, Column::Meta, META_PENDING)? else {
        return Ok(orphans);
    };
    let mark: [u8; 8] = mark
        .try_into()
        .map_err(|_| StoreError::Damaged("the mark of a large commit has another length".to_owned()))?;
    let sequence = u64::from_be_bytes(mark);
    if sequence <= state.head.sequence {
        return Ok(orphans);
    }
    if sequence != state.head.sequence + 1 {
        return Err(StoreError::Damaged(format!(
            "commit {sequence} was begun after commit {}",
            state.head.sequence
        )));
    }
    orphans.pending = Some(sequence);
    let rows = &mut orphans.rows;
    for_each(snapshot, Column::Log, beyond(&log_key(sequence, 0)), |_, _| {
        rows[Column::Log.index()] += 1;
        Ok(())
    })?;
    each_wanted(
        snapshot,
        state.head.layout(),
        &state.hashing,
        sequence,
        |wanted| {
            for column in Column::COUNTED {
                let keys: Vec<&[u8]> = wanted[column.index()].iter().map(Vec::as_slice).collect();
                let found = snapshot.get(column, &keys)?;
                rows[column.index()] += found.iter().filter(|value| value.is_some()).count() as u64;
            }
            Ok(())
        },
    )?;
    Ok(orphans)
}

fn beyond(first: &[u8]) -> KeyRange<'_> {
    KeyRange {
        from: first,
        until: None,
    }
}

/// Calls `each` with the keys of some rows after the other that the records of the commit have, their own included.
/// Records become visible before any other row of their commit, so every other row follows from them.
fn each_wanted(
    snapshot: &dyn Snapshot,
    layout: Layout,
    hashing: &Hashing,
    sequence: u64,
    mut each: impl FnMut(&Keys) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut wanted = Keys::default();
    for_each(
        snapshot,
        Column::Facts,
        beyond(&log_key(sequence, 0)),
        |key, value| {
            wanted[Column::Facts.index()].push(key.to_vec());
            let corrupt = |detail: String| StoreError::corrupt(Column::Facts, key, detail);
            let number =
                Number::from_key(key).ok_or_else(|| corrupt("the key has another length".to_owned()))?;
            let stored = layout
                .record(value)
                .ok_or_else(|| corrupt("the row is too short".to_owned()))?;
            let record = decode_fact(number, stored).map_err(|error| corrupt(error.to_string()))?;
            let indexed = Indexed::from(&record);
            let name = indexed.name(hashing);
            indexed.rows(layout, hashing, &name, number, stored, |column, key, _| {
                wanted[column.index()].push(key.to_vec());
            });
            if wanted.iter().map(Vec::len).sum::<usize>() >= ASK_ROWS {
                each(&wanted)?;
                wanted = Keys::default();
            }
            Ok(())
        },
    )?;
    each(&wanted)
}

/// Removes them and every trace of them, so that rows can be counted again without reading them. The records
/// go last and the mark after them: interrupted, it starts again. Memory does not grow with their number.
pub fn remove(backend: &dyn Backend, state: &State, orphans: &Orphans) -> Result<(), StoreError> {
    let Some(sequence) = orphans.pending else {
        return Ok(());
    };
    let first = log_key(sequence, 0);
    let snapshot = backend.snapshot()?;
    remove_range(backend, &*snapshot, Column::Log, beyond(&first))?;
    each_wanted(
        &*snapshot,
        state.head.layout(),
        &state.hashing,
        sequence,
        |wanted| {
            let mut batch = Batch::default();
            for column in [Column::ByProcessor, Column::Names, Column::Families] {
                let keys = wanted[column.index()].iter().cloned();
                batch.deletes.extend(keys.map(|key| (column, key)));
            }
            backend.write(batch, &[])
        },
    )?;
    for column in [Column::Log, Column::ByProcessor, Column::Names, Column::Families] {
        backend.compact(column)?;
    }
    remove_range(backend, &*snapshot, Column::Facts, beyond(&first))?;
    backend.compact(Column::Facts)?;
    let mut batch = Batch::default();
    batch.deletes.push((Column::Meta, META_PENDING.to_vec()));
    backend.write(batch, &[])
}

fn remove_range(
    backend: &dyn Backend,
    snapshot: &dyn Snapshot,
    column: Column,
    range: KeyRange<'_>,
) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for_each(snapshot, column, range, |key, _| {
        batch.deletes.push((column, key.to_vec()));
        if batch.deletes.len() < ASK_ROWS {
            return Ok(());
        }
        backend.write(std::mem::take(&mut batch), &[])
    })?;
    backend.write(batch, &[])
}
