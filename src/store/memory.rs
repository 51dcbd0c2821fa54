//! A store in memory: sorted maps that keep every version of a row, so that a snapshot is a number.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::columns::{COUNTED, Column};
use super::error::{StoreError, hex};
use super::seam::{
    Backend, Batch, Chunk, KeyRange, Limit, Precondition, Rows, Snapshot, Staged, StagedContent, Tally,
};

/// Rows of one column; each key has its versions, the newest last, `None` where it was deleted.
type Table = BTreeMap<Box<[u8]>, Vec<(u64, Option<Box<[u8]>>)>>;

#[derive(Default)]
struct Tables {
    version: u64,
    columns: [Table; COUNTED + 1],
}

/// A backend whose rows are gone when it is dropped.
#[derive(Clone, Default)]
pub struct Memory {
    tables: Arc<RwLock<Tables>>,
}

struct MemorySnapshot {
    tables: Arc<RwLock<Tables>>,
    version: u64,
}

impl Memory {
    // A panic while the lock was held leaves whole rows behind, and whoever reads filters by version.
    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_guard(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn value(&self, column: Column, key: &[u8], version: u64) -> Option<&[u8]> {
        visible(self.columns[column.index()].get(key)?, version)
    }

    fn put(&mut self, column: Column, rows: &Rows, version: u64) {
        let table = &mut self.columns[column.index()];
        for (key, value) in rows.iter() {
            table
                .entry(key.into())
                .or_default()
                .push((version, Some(value.into())));
        }
    }
}

fn visible(versions: &[(u64, Option<Box<[u8]>>)], version: u64) -> Option<&[u8]> {
    let (_, value) = versions.iter().rev().find(|(made, _)| *made <= version)?;
    value.as_deref()
}

impl Backend for Memory {
    fn write(&self, batch: Batch, preconditions: &[Precondition]) -> Result<(), StoreError> {
        let mut tables = self.write_guard();
        let now = tables.version;
        for condition in preconditions {
            if tables.value(condition.column, &condition.key, now) != condition.value.as_deref() {
                return Err(StoreError::Precondition {
                    column: condition.column,
                    key: hex(&condition.key),
                });
            }
        }
        let version = now + 1;
        for column in Column::ALL {
            tables.put(column, &batch.puts[column.index()], version);
        }
        for (column, key) in batch.deletes {
            tables.columns[column.index()]
                .entry(key.into())
                .or_default()
                .push((version, None));
        }
        tables.version = version;
        Ok(())
    }

    fn stage(&self, column: Column, rows: Rows) -> Result<Staged, StoreError> {
        Ok(Staged {
            column,
            content: StagedContent::Rows(rows),
        })
    }

    fn publish(&self, column: Column, staged: Vec<Staged>) -> Result<(), StoreError> {
        let mut tables = self.write_guard();
        let version = tables.version + 1;
        for part in staged {
            match part.content {
                StagedContent::Rows(rows) if part.column == column => tables.put(column, &rows, version),
                StagedContent::Rows(_) | StagedContent::File(_) => {
                    return Err(StoreError::Engine {
                        doing: "publish rows",
                        detail: "they were staged elsewhere".to_owned(),
                    });
                }
            }
        }
        tables.version = version;
        Ok(())
    }

    fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError> {
        let version = self.read().version;
        Ok(Arc::new(MemorySnapshot {
            tables: self.tables.clone(),
            version,
        }))
    }

    fn tally(&self, column: Column) -> Result<Tally, StoreError> {
        let tables = self.read();
        let entries = tables.columns[column.index()]
            .values()
            .filter(|versions| visible(versions, tables.version).is_some())
            .count() as u64;
        Ok(Tally {
            entries,
            has_deletions: false,
        })
    }

    fn compact(&self, _column: Column) -> Result<(), StoreError> {
        // Deleted rows stay for the snapshots that still see them.
        Ok(())
    }

    fn checkpoint(&self, _to: &Path) -> Result<(), StoreError> {
        Err(StoreError::Engine {
            doing: "make a checkpoint",
            detail: "a store in memory has no files".to_owned(),
        })
    }
}

impl Snapshot for MemorySnapshot {
    fn get(&self, column: Column, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        Ok(keys
            .iter()
            .map(|key| tables.value(column, key, self.version).map(<[u8]>::to_vec))
            .collect())
    }

    fn scan(&self, column: Column, range: KeyRange<'_>, limit: Limit) -> Result<Chunk, StoreError> {
        let mut chunk = Chunk::default();
        if range.is_empty() {
            return Ok(chunk);
        }
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        for (key, versions) in tables.columns[column.index()].range::<[u8], _>(range.bounds()) {
            let Some(value) = visible(versions, self.version) else {
                continue;
            };
            if chunk.rows.len() >= limit.rows.max(1) || chunk.rows.byte_len() >= limit.bytes.max(1) {
                chunk.next = Some(key.to_vec());
                break;
            }
            chunk.rows.push(key, value);
        }
        Ok(chunk)
    }
}
