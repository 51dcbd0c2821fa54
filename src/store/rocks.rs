//! A store on disk: RocksDB. The only place where rocksdb is named.
//!
//! What is guarded here: every write is synced and every read verifies checksums; the status of every
//! iterator is read; the log of recent writes may lose nothing but a torn end; no file of the database is
//! touched by a read-only open (RocksDB's own LOG goes to `tracing`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rocksdb::checkpoint::Checkpoint;
use rocksdb::properties::{NUM_DELETES_ACTIVE_MEM_TABLE, NUM_DELETES_IMM_MEM_TABLES};
use rocksdb::properties::{NUM_ENTRIES_ACTIVE_MEM_TABLE, NUM_ENTRIES_IMM_MEM_TABLES};
use rocksdb::{
    BlockBasedOptions, BottommostLevelCompaction, Cache, ColumnFamily, ColumnFamilyDescriptor,
    CompactOptions, DB, DBCompressionType, DBRecoveryMode, ErrorKind, IngestExternalFileOptions, LogLevel,
    Options, ReadOptions, SstFileWriter, WriteBatch, WriteOptions,
};

use super::columns::Column;
use super::error::{StoreError, hex};
use super::framing;
use super::seam::{
    Backend, Batch, Chunk, KeyRange, Limit, Precondition, Rows, Snapshot, Staged, StagedContent, Tally,
};
use crate::sys::OwnedSnapshot;

/// Bytes of blocks kept in memory, over all columns.
const CACHE_BYTES: usize = 64 << 20;
/// How hard zstd tries; 1 costs the least time.
const ZSTD_LEVEL: i32 = 1;
/// The usual window of a compression.
const WINDOW_BITS: i32 = -14;
/// The log of recent writes is kept below this, so that opening after a crash stays fast.
const WAL_BYTES_MAX: u64 = 32 << 20;

/// An open database.
pub struct Rocks {
    db: Arc<DB>,
    staging: Option<PathBuf>,
    next_file: AtomicU64,
    memtable_bytes: usize,
}

/// How to open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Make a new one; there must be none.
    Create,
    /// Read and write; may change files before anything is asked.
    Write,
    /// Read only; changes nothing in the folder.
    Read,
}

impl Rocks {
    /// Opens the database in `path`. Bulk rows are staged in `staging`, on the same file system; without it
    /// there is no bulk loading.
    pub fn open(
        path: &Path,
        access: Access,
        staging: Option<PathBuf>,
        memtable_bytes: usize,
    ) -> Result<Self, StoreError> {
        if access != Access::Create {
            framing::check(path)?;
        }
        let options = database_options(access);
        let cache = Cache::new_lru_cache(CACHE_BYTES);
        let columns = || {
            Column::ALL.iter().map(|column| {
                let options = column_options(*column, Some(&cache), memtable_bytes);
                ColumnFamilyDescriptor::new(column.as_str(), options)
            })
        };
        let opened = match access {
            Access::Create | Access::Write => DB::open_cf_descriptors(&options, path, columns()),
            Access::Read => DB::open_cf_descriptors_read_only(&options, path, columns(), false),
        };
        let db = opened.map_err(|error| open_error(path, &error))?;
        Ok(Self {
            db: Arc::new(db),
            staging,
            next_file: AtomicU64::new(0),
            memtable_bytes,
        })
    }

    fn number(
        &self,
        column: Column,
        name: &'static rocksdb::properties::PropName,
    ) -> Result<u64, StoreError> {
        self.db
            .property_int_value_cf(handle(&self.db, column)?, name)
            .map_err(|error| failure("count rows", column, &[], &error))?
            .ok_or_else(|| StoreError::Engine {
                doing: "count rows",
                detail: format!("no property {name:?}"),
            })
    }
}

fn database_options(access: Access) -> Options {
    let mut options = Options::default();
    options.create_if_missing(access == Access::Create);
    options.create_missing_column_families(access == Access::Create);
    options.set_error_if_exists(access == Access::Create);
    options.set_paranoid_checks(true);
    // The default mode silently drops synced writes behind a flipped bit. This one forgives a torn end only;
    // whether that end was acknowledged, the side file tells.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_max_total_wal_size(WAL_BYTES_MAX);
    options.set_max_open_files(-1);
    options.set_max_background_jobs(2);
    options.set_stats_dump_period_sec(0);
    options.set_stats_persist_period_sec(0);
    let logger = rocksdb::InfoLogger::new_callback_logger(LogLevel::Warn, |level, text| match level {
        LogLevel::Error | LogLevel::Fatal => tracing::error!(target: "wherefore::store::rocksdb", "{text}"),
        LogLevel::Warn => {
            tracing::warn!(target: "wherefore::store::rocksdb", "{text}");
        }
        LogLevel::Debug | LogLevel::Info | LogLevel::Header => {
            tracing::debug!(target: "wherefore::store::rocksdb", "{text}");
        }
    });
    options.set_info_logger(logger);
    options
}

fn column_options(column: Column, cache: Option<&Cache>, memtable_bytes: usize) -> Options {
    let mut table = BlockBasedOptions::default();
    if let Some(cache) = cache {
        table.set_block_cache(cache);
    } else {
        table.disable_cache();
    }
    table.set_format_version(5);
    match column {
        // Scanned in long runs and asked for by known number: no filter, larger blocks.
        Column::Log | Column::Facts | Column::Families | Column::ByProcessor => {
            table.set_block_size(32 << 10);
        }
        // Asked for keys that mostly are not there.
        Column::Names => table.set_bloom_filter(10.0, false),
        Column::Meta => {}
    }
    let mut options = Options::default();
    options.set_block_based_table_factory(&table);
    match column {
        // Records say the same few words again and again, keys of one processor or family differ in few bytes.
        Column::Facts | Column::Families | Column::ByProcessor => {
            options.set_compression_type(DBCompressionType::Zstd);
            options.set_compression_options(WINDOW_BITS, ZSTD_LEVEL, 0, 0);
        }
        // Half of it is hashes, which nothing makes smaller.
        Column::Log | Column::Names | Column::Meta => options.set_compression_type(DBCompressionType::Lz4),
    }
    options.set_write_buffer_size(memtable_bytes);
    options
}

fn handle(db: &DB, column: Column) -> Result<&ColumnFamily, StoreError> {
    db.cf_handle(column.as_str())
        .ok_or_else(|| StoreError::Damaged(format!("the column `{column}` is missing")))
}

fn open_error(path: &Path, error: &rocksdb::Error) -> StoreError {
    let text = error.as_ref();
    if text.contains("lock hold by current process") || text.contains("While lock file") {
        StoreError::Locked(path.to_owned())
    } else if text.contains("No space left") {
        StoreError::NoSpace
    } else if text.contains("Permission denied") || text.contains("Too many open files") {
        StoreError::Engine {
            doing: "open the database",
            detail: text.to_owned(),
        }
    } else {
        StoreError::Damaged(format!("the database does not open ({text})"))
    }
}

fn failure(doing: &'static str, column: Column, key: &[u8], error: &rocksdb::Error) -> StoreError {
    let text = error.as_ref();
    if error.kind() == ErrorKind::Corruption {
        let key = if key.is_empty() { "?".to_owned() } else { hex(key) };
        StoreError::Corruption {
            column,
            key,
            detail: text.to_owned(),
        }
    } else if text.contains("No space left") {
        StoreError::NoSpace
    } else {
        StoreError::Engine {
            doing,
            detail: text.to_owned(),
        }
    }
}

impl Backend for Rocks {
    fn write(&self, batch: Batch, preconditions: &[Precondition]) -> Result<(), StoreError> {
        // The one writer of the process calls this, and no other process may write: between this look and
        // the write nothing changes.
        for condition in preconditions {
            let found = self
                .db
                .get_cf(handle(&self.db, condition.column)?, &condition.key)
                .map_err(|error| failure("read", condition.column, &condition.key, &error))?;
            if found != condition.value {
                return Err(StoreError::Precondition {
                    column: condition.column,
                    key: hex(&condition.key),
                });
            }
        }
        let size = batch
            .puts
            .iter()
            .map(|rows| rows.byte_len() + 8 * rows.len())
            .sum();
        let mut writes = WriteBatch::with_capacity_bytes(size);
        for column in Column::ALL {
            let family = handle(&self.db, column)?;
            for (key, value) in batch.puts[column.index()].iter() {
                writes.put_cf(family, key, value);
            }
        }
        for (column, key) in &batch.deletes {
            writes.delete_cf(handle(&self.db, *column)?, key);
        }
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.db
            .write_opt(writes, &options)
            .map_err(|error| failure("write", Column::Meta, &[], &error))
    }

    fn stage(&self, column: Column, rows: Rows) -> Result<Staged, StoreError> {
        let staging = self.staging.as_ref().ok_or(StoreError::ReadOnly)?;
        let name = format!("{column}-{}.sst", self.next_file.fetch_add(1, Ordering::Relaxed));
        let file = staging.join(name);
        let fail = |error: rocksdb::Error| failure("stage rows", column, &[], &error);
        let options = column_options(column, None, self.memtable_bytes);
        let mut writer = SstFileWriter::create(&options);
        writer.open(&file).map_err(fail)?;
        for (key, value) in rows.iter() {
            writer.put(key, value).map_err(fail)?;
        }
        writer.finish().map_err(fail)?;
        Ok(Staged {
            column,
            content: StagedContent::File(file),
        })
    }

    fn publish(&self, column: Column, staged: Vec<Staged>) -> Result<(), StoreError> {
        let mut files = Vec::with_capacity(staged.len());
        for part in staged {
            match part.content {
                StagedContent::File(file) if part.column == column => files.push(file),
                StagedContent::File(_) | StagedContent::Rows(_) => {
                    return Err(StoreError::Engine {
                        doing: "publish rows",
                        detail: "they were staged elsewhere".to_owned(),
                    });
                }
            }
        }
        if files.is_empty() {
            return Ok(());
        }
        let mut options = IngestExternalFileOptions::default();
        options.set_move_files(true);
        self.db
            .ingest_external_file_cf_opts(handle(&self.db, column)?, &options, files)
            .map_err(|error| failure("publish rows", column, &[], &error))
    }

    fn scratch(&self) -> Option<&Path> {
        self.staging.as_deref()
    }

    fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError> {
        Ok(Arc::new(RocksSnapshot {
            snapshot: OwnedSnapshot::new(self.db.clone()),
        }))
    }

    fn tally(&self, column: Column) -> Result<Tally, StoreError> {
        // Exact: the properties of every live file are read, and memory counts what it holds. The counts of
        // the live-file list are not: after opening, only some files have theirs filled in.
        let properties = self
            .db
            .property_value_cf(
                handle(&self.db, column)?,
                rocksdb::properties::AGGREGATED_TABLE_PROPERTIES,
            )
            .map_err(|error| failure("count rows", column, &[], &error))?
            .unwrap_or_default();
        let in_files = |name: &str| {
            properties
                .split(';')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(key, _)| *key == name)
                .and_then(|(_, value)| value.parse::<u64>().ok())
                .ok_or_else(|| StoreError::Engine {
                    doing: "count rows",
                    detail: format!("column `{column}` has no table property `{name}`"),
                })
        };
        let deletions = in_files("# deletions")?
            + in_files("# range deletions")?
            + self.number(column, NUM_DELETES_ACTIVE_MEM_TABLE)?
            + self.number(column, NUM_DELETES_IMM_MEM_TABLES)?;
        Ok(Tally {
            entries: in_files("# entries")?
                + self.number(column, NUM_ENTRIES_ACTIVE_MEM_TABLE)?
                + self.number(column, NUM_ENTRIES_IMM_MEM_TABLES)?,
            has_deletions: deletions > 0,
        })
    }

    fn compact(&self, column: Column) -> Result<(), StoreError> {
        let family = handle(&self.db, column)?;
        self.db
            .flush_cf(family)
            .map_err(|error| failure("flush", column, &[], &error))?;
        let mut options = CompactOptions::default();
        options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        self.db
            .compact_range_cf_opt(family, None::<&[u8]>, None::<&[u8]>, &options);
        Ok(())
    }

    fn checkpoint(&self, to: &Path) -> Result<(), StoreError> {
        Checkpoint::new(&self.db)
            .and_then(|checkpoint| checkpoint.create_checkpoint(to))
            .map_err(|error| failure("make a checkpoint", Column::Meta, &[], &error))
    }
}

struct RocksSnapshot {
    snapshot: OwnedSnapshot,
}

impl RocksSnapshot {
    fn options(&self) -> ReadOptions {
        let mut options = ReadOptions::default();
        options.set_verify_checksums(true);
        options.set_snapshot(self.snapshot.get());
        options
    }
}

impl Snapshot for RocksSnapshot {
    fn get(&self, column: Column, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let db = self.snapshot.db();
        let family = handle(db, column)?;
        let options = self.options();
        if let [key] = keys {
            let value = db
                .get_cf_opt(family, key, &options)
                .map_err(|error| failure("read", column, key, &error))?;
            return Ok(vec![value]);
        }
        db.batched_multi_get_cf_opt(family, keys.iter().copied(), false, &options)
            .into_iter()
            .zip(keys)
            .map(|(value, key)| {
                value
                    .map(|found| found.map(|bytes| bytes.to_vec()))
                    .map_err(|error| failure("read", column, key, &error))
            })
            .collect()
    }

    fn scan(&self, column: Column, range: KeyRange<'_>, limit: Limit) -> Result<Chunk, StoreError> {
        let mut chunk = Chunk::default();
        if range.is_empty() {
            return Ok(chunk);
        }
        let db = self.snapshot.db();
        let mut options = self.options();
        if let Some(until) = range.until {
            options.set_iterate_upper_bound(until);
        }
        let mut rows = db.raw_iterator_cf_opt(handle(db, column)?, options);
        rows.seek(range.from);
        while let Some((key, value)) = rows.item() {
            if chunk.rows.len() >= limit.rows.max(1) || chunk.rows.byte_len() >= limit.bytes.max(1) {
                chunk.next = Some(key.to_vec());
                return Ok(chunk);
            }
            chunk.rows.push(key, value);
            rows.next();
        }
        // An iterator that met damage ends like one that met the end; only its status tells.
        rows.status()
            .map_err(|error| failure("scan", column, range.from, &error))?;
        Ok(chunk)
    }
}
