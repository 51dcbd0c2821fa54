//! The folder of a store: what lies where, who may open it, and what is checked before anything may change.
//!
//! ```text
//! HEAD     the side file
//! LOCK     held by the process that writes
//! db/      the database
//! staging/ files of a bulk import, empty otherwise
//! flows/   copies of large families in columns, made and read above the store
//! ```
//!
//! Opening reads first: read-only database, `head` there against the side file, rows of each column against
//! `head`. Only when all agree is the database opened for writing, because that open may delete files of a
//! database that it misreads. The one disagreement that an ordinary crash leaves is a side file one commit
//! behind: the batch was durable, its acknowledgment was not. It is accepted and put right.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Tuning;
use super::columns::Column;
use super::error::StoreError;
use super::head::Head;
use super::orphans::{self, Orphans};
use super::rocks::{Access, Rocks};
use super::seam::Backend;
use super::side::{self, SideFile, sync_folder};
use super::state::{Opened, State, count_rows, first_batch, random, read_state};
use super::verify::{Report, verify_rows};

/// The database in the folder.
pub const DATABASE: &str = "db";
const NEW_DATABASE: &str = "db.new";
const STAGING: &str = "staging";
const LOCK: &str = "LOCK";

/// How often a reader beside a living writer looks again before it gives up.
const READ_ATTEMPTS: usize = 20;
const READ_PAUSE: Duration = Duration::from_millis(25);

/// Whether the folder holds a store, or the beginning of one that was never finished.
fn has_store(folder: &Path) -> Result<bool, StoreError> {
    if folder.join(DATABASE).is_dir() {
        return Ok(true);
    }
    match side::read(folder)? {
        None => Ok(false),
        Some(head) if head.sequence == 0 => Ok(false),
        Some(_) => Err(StoreError::Damaged(format!(
            "the database `{DATABASE}` is missing"
        ))),
    }
}

/// Makes a store where there is none. Crash-safe: until the last step there is no store, and the next call
/// starts again.
fn create(folder: &Path, tuning: &Tuning) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
    for entry in std::fs::read_dir(folder).map_err(StoreError::io("read", folder))? {
        let name = entry.map_err(StoreError::io("read", folder))?.file_name();
        if ![side::SIDE_FILE, LOCK, NEW_DATABASE, STAGING]
            .iter()
            .any(|ours| name == *ours)
        {
            return Err(StoreError::NotEmpty(folder.to_owned()));
        }
    }
    let unfinished = folder.join(NEW_DATABASE);
    remove_folder(&unfinished)?;
    let hash_key = random()?;
    let mut store = [0; 16];
    store.copy_from_slice(&random()?[..16]);
    let head = Head::empty(store, &hash_key);
    {
        let database = Rocks::open(&unfinished, Access::Create, None, tuning.memtable_bytes)?;
        database.write(first_batch(&head, &hash_key), &[])?;
    }
    SideFile::create(folder, &head)?;
    let database = folder.join(DATABASE);
    std::fs::rename(&unfinished, &database).map_err(StoreError::io("create", &database))?;
    sync_folder(folder)
}

/// Opens the folder for writing; makes the store if there is none and `may_create`.
pub fn open_for_writing(folder: &Path, may_create: bool, tuning: &Tuning) -> Result<Opened, StoreError> {
    if !may_create && !has_store(folder)? {
        return Err(StoreError::NotAStore(folder.to_owned()));
    }
    std::fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
    let lock = lock(folder)?;
    if !has_store(folder)? {
        create(folder, tuning)?;
    }
    let checked = {
        let (database, state, orphans) = check(folder, tuning)?;
        drop(database);
        (state.head, orphans)
    };
    let staging = folder.join(STAGING);
    remove_folder(&staging)?;
    std::fs::create_dir_all(&staging).map_err(StoreError::io("create", &staging))?;
    let database = folder.join(DATABASE);
    let rocks = Rocks::open(&database, Access::Write, Some(staging), tuning.memtable_bytes)?;
    let backend: Arc<dyn Backend> = Arc::new(rocks);
    let state = read_state(&*backend.snapshot()?)?;
    if state.head != checked.0 {
        return Err(StoreError::Damaged(
            "opening the database for writing changed its head".to_owned(),
        ));
    }
    let mut side = SideFile::open(folder)?;
    side.write(&state.head)?;
    orphans::remove(&*backend, &state, &checked.1)?;
    for column in Column::COUNTED {
        // Left by a cleaning that was itself interrupted.
        if backend.tally(column)?.has_deletions {
            backend.compact(column)?;
        }
    }
    count_rows(&*backend, &state.head, &Orphans::default())?;
    Ok(Opened {
        backend,
        state,
        side: Some(side),
        lock: Some(lock),
    })
}

/// Opens the folder for reading; nothing in it is changed. A writer may be alive beside it: the state is
/// that of one of its commits.
pub fn open_for_reading(folder: &Path, tuning: &Tuning) -> Result<Opened, StoreError> {
    if !has_store(folder)? {
        return Err(StoreError::NotAStore(folder.to_owned()));
    }
    let mut attempts = 1;
    loop {
        // While this is held no writer can begin; if there is one already, look again when things seem to
        // disagree, since they may have been read on both sides of a commit.
        let shared = File::open(folder.join(LOCK))
            .ok()
            .filter(|file| file.try_lock_shared().is_ok());
        match check(folder, tuning) {
            Ok((database, state, _)) => {
                return Ok(Opened {
                    backend: Arc::new(database),
                    state,
                    side: None,
                    lock: None,
                });
            }
            Err(error) if shared.is_some() || attempts == READ_ATTEMPTS => return Err(error),
            Err(_) => std::thread::sleep(READ_PAUSE),
        }
        attempts += 1;
    }
}

/// Everything that is checked before a store is trusted: read-only, changes nothing.
fn check(folder: &Path, tuning: &Tuning) -> Result<(Rocks, State, Orphans), StoreError> {
    let beside = side::read(folder)?
        .ok_or_else(|| StoreError::Damaged(format!("the side file `{}` is missing", side::SIDE_FILE)))?;
    let path = folder.join(DATABASE);
    let database = Rocks::open(&path, Access::Read, None, tuning.memtable_bytes)?;
    let snapshot = database.snapshot()?;
    let state = read_state(&*snapshot)?;
    compare(&state.head, &beside)?;
    let orphans = orphans::find(&*snapshot, &state)?;
    count_rows(&database, &state.head, &orphans)?;
    Ok((database, state, orphans))
}

/// Verifies the store in a folder: see `verify`.
pub fn verify(folder: &Path) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let beside = match side::read(folder) {
        Ok(Some(head)) => Some(head),
        Ok(None) if !folder.join(DATABASE).is_dir() => {
            return Err(StoreError::NotAStore(folder.to_owned()));
        }
        Ok(None) => {
            report.add("VERIFY_SIDE_FILE", None, "the side file is missing");
            None
        }
        Err(error) => {
            report.add("VERIFY_SIDE_FILE", None, error.to_string());
            None
        }
    };
    let tuning = Tuning::default();
    let path = folder.join(DATABASE);
    let database = match Rocks::open(&path, Access::Read, None, tuning.memtable_bytes) {
        Ok(database) => database,
        Err(error) => {
            report.add_error(&error);
            return Ok(report);
        }
    };
    let snapshot = database.snapshot()?;
    let state = match read_state(&*snapshot) {
        Ok(state) => state,
        Err(error) => {
            report.add_error(&error);
            return Ok(report);
        }
    };
    if let Some(beside) = beside
        && let Err(error) = compare(&state.head, &beside)
    {
        report.add("VERIFY_SIDE_FILE", None, error.to_string());
    }
    let orphans = match orphans::find(&*snapshot, &state) {
        Ok(orphans) => orphans,
        Err(error) => {
            report.add_error(&error);
            Orphans::default()
        }
    };
    if let Err(error) = count_rows(&database, &state.head, &orphans) {
        report.add("VERIFY_ROWS", None, error.to_string());
    }
    verify_rows(&*snapshot, &state, &orphans, &mut report)?;
    Ok(report)
}

/// Compares `head` of the database with the side file.
pub fn compare(head: &Head, beside: &Head) -> Result<(), StoreError> {
    let damaged = |text: String| Err(StoreError::Damaged(text));
    if head.store != beside.store {
        return damaged("the side file belongs to another store".to_owned());
    }
    if head == beside {
        return Ok(());
    }
    if head.sequence == beside.sequence + 1 && head.previous == beside.chain {
        return Ok(());
    }
    if head.sequence < beside.sequence {
        return damaged(format!(
            "the database ends with commit {}, the side file says {}: commits are lost",
            head.sequence, beside.sequence
        ));
    }
    damaged(format!(
        "the database says commit {} and the side file commit {}, with other contents",
        head.sequence, beside.sequence
    ))
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(StoreError::io("open", &path))?;
    for _ in 0..READ_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // Perhaps only a reader that is opening.
            Err(TryLockError::WouldBlock) => std::thread::sleep(READ_PAUSE),
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path)(error)),
        }
    }
    Err(StoreError::Locked(folder.to_owned()))
}

fn remove_folder(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Copies the store as it is now into the new folder `to`. No commit may run meanwhile.
pub fn checkpoint(backend: &dyn Backend, head: &Head, to: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(to).map_err(StoreError::io("create", to))?;
    let mut entries = std::fs::read_dir(to).map_err(StoreError::io("read", to))?;
    if entries.next().is_some() {
        return Err(StoreError::NotEmpty(to.to_owned()));
    }
    let unfinished = to.join(NEW_DATABASE);
    backend.checkpoint(&unfinished)?;
    SideFile::create(to, head)?;
    let database = to.join(DATABASE);
    std::fs::rename(&unfinished, &database).map_err(StoreError::io("create", &database))?;
    let lock = to.join(LOCK);
    File::create(&lock).map_err(StoreError::io("create", &lock))?;
    sync_folder(to)
}
