//! Rows of a large commit that never ended.
//!
//! A large commit writes its rows before its `head`. If it is interrupted, rows beyond `head` stay behind.
//! No reader sees them, since every read looks at the sequence number; they are counted apart when a store
//! is opened and removed when it is opened for writing, so that the number can be used again. A mark in
//! `meta`, durable before the first such row, says that there may be any.

use super::codec::decode_fact;
use super::columns::{COUNTED, Column};
use super::entries::Indexed;
use super::error::StoreError;
use super::keys::{Number, log_key};
use super::seam::{Backend, Batch, KeyRange, Snapshot, for_each, get_one};
use super::state::State;
use super::{META_PENDING, SALT_LEN};

/// Bytes of keys deleted in one batch.
const DELETE_BYTES: usize = 8 << 20;
/// Keys asked for at once.
const ASK_ROWS: usize = 4096;

/// Rows beyond `head`.
#[derive(Debug, Default)]
pub struct Orphans {
    /// The mark is set.
    pending: bool,
    keys: [Vec<Vec<u8>>; COUNTED],
}

impl Orphans {
    /// How many there are in a column.
    pub fn rows_of(&self, column: Column) -> u64 {
        self.keys.get(column.index()).map_or(0, |keys| keys.len() as u64)
    }
}

/// Finds them. Costs a read of a row of `meta` unless a large commit was interrupted.
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
    orphans.pending = true;
    let first = log_key(sequence, 0);
    let beyond = KeyRange {
        from: &first,
        until: None,
    };
    for_each(snapshot, Column::Log, beyond, |key, _| {
        orphans.keys[Column::Log.index()].push(key.to_vec());
        Ok(())
    })?;
    // Records become visible before any other row of their commit, so every other row follows from them.
    let mut wanted: [Vec<Vec<u8>>; COUNTED] = Default::default();
    for_each(snapshot, Column::Facts, beyond, |key, value| {
        orphans.keys[Column::Facts.index()].push(key.to_vec());
        let corrupt = |detail: String| StoreError::corrupt(Column::Facts, key, detail);
        let number = Number::from_key(key).ok_or_else(|| corrupt("the key has another length".to_owned()))?;
        let stored = value
            .get(SALT_LEN..)
            .ok_or_else(|| corrupt("the row is too short".to_owned()))?;
        let record = decode_fact(number, stored).map_err(|error| corrupt(error.to_string()))?;
        let indexed = Indexed::from(&record);
        let name = indexed.name(&state.hashing);
        indexed.rows(&state.hashing, &name, number, stored, |column, key, _| {
            wanted[column.index()].push(key.to_vec());
        });
        if wanted.iter().map(Vec::len).sum::<usize>() >= ASK_ROWS {
            keep_existing(snapshot, &mut wanted, &mut orphans)?;
        }
        Ok(())
    })?;
    keep_existing(snapshot, &mut wanted, &mut orphans)?;
    Ok(orphans)
}

fn keep_existing(
    snapshot: &dyn Snapshot,
    wanted: &mut [Vec<Vec<u8>>; COUNTED],
    orphans: &mut Orphans,
) -> Result<(), StoreError> {
    for column in Column::COUNTED {
        let keys = std::mem::take(&mut wanted[column.index()]);
        let asked: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        let found = snapshot.get(column, &asked)?;
        let kept = keys.iter().zip(found).filter(|(_, value)| value.is_some());
        orphans.keys[column.index()].extend(kept.map(|(key, _)| key.clone()));
    }
    Ok(())
}

/// Removes them and every trace of them, so that rows can be counted again without reading them. The records
/// go last and the mark after them: interrupted, it starts again.
pub fn remove(backend: &dyn Backend, orphans: &Orphans) -> Result<(), StoreError> {
    if !orphans.pending {
        return Ok(());
    }
    let order = [
        Column::Log,
        Column::ByProcessor,
        Column::Names,
        Column::Families,
        Column::Facts,
    ];
    for column in order {
        let mut batch = Batch::default();
        let mut bytes = 0;
        for key in &orphans.keys[column.index()] {
            bytes += key.len();
            batch.deletes.push((column, key.clone()));
            if bytes >= DELETE_BYTES {
                backend.write(std::mem::take(&mut batch), &[])?;
                bytes = 0;
            }
        }
        if !batch.deletes.is_empty() {
            backend.write(batch, &[])?;
            backend.compact(column)?;
        }
    }
    let mut batch = Batch::default();
    batch.deletes.push((Column::Meta, META_PENDING.to_vec()));
    backend.write(batch, &[])
}
