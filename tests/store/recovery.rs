//! Opening: what an ordinary crash leaves is put right, anything else is refused by name and left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use wherefore::store::columns::Column;
use wherefore::store::rocks::{Access, Rocks};
use wherefore::store::seam::{Backend, Batch, Rows, get_one};
use wherefore::store::{Ledger, Mode, StoreError, verify};

use super::facts::{SMALL, acts, append, mixed};
use super::reading::{Answers, ask};

/// A copy of a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file under a folder with its bytes.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

fn open(folder: &Path, mode: Mode) -> Result<Ledger, StoreError> {
    Ledger::open_with(folder, mode, &SMALL)
}

fn answers(folder: &Path) -> Answers {
    ask(&open(folder, Mode::Read).unwrap().view().unwrap()).unwrap()
}

/// Refused in every mode, named, and no byte of the folder is changed.
fn refused(folder: &Path, code: &str, text: &str) {
    let before = files(folder);
    for mode in [Mode::Read, Mode::Write, Mode::Create] {
        let Err(error) = open(folder, mode) else {
            panic!("opened in {mode:?}");
        };
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
    assert!(files(folder) == before, "the folder was changed");
}

/// A store with small and large commits.
fn store(folder: &Path) {
    let ledger = open(folder, Mode::Create).unwrap();
    append(&ledger, &mixed());
    append(&ledger, &acts(0, 60, 5));
    append(&ledger, &acts(60, 3, 5));
}

/// The database alone, behind the ledger's back.
fn database(folder: &Path) -> Rocks {
    let staging = folder.join("staging");
    Rocks::open(&folder.join("db"), Access::Write, Some(staging), 1 << 20).unwrap()
}

#[test]
fn folders_that_are_no_store_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let absent = folder.path().join("absent");
    for mode in [Mode::Read, Mode::Write] {
        assert!(matches!(open(&absent, mode), Err(StoreError::NotAStore(_))));
        assert!(matches!(open(folder.path(), mode), Err(StoreError::NotAStore(_))));
    }
    assert!(!absent.exists());
    assert!(matches!(verify(folder.path()), Err(StoreError::NotAStore(_))));
    std::fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(
        open(folder.path(), Mode::Create),
        Err(StoreError::NotEmpty(_))
    ));
    drop(open(&absent, Mode::Create).unwrap());
    assert_eq!(answers(&absent).sequence, 0);
}

#[test]
fn a_store_whose_making_was_interrupted_is_made_again() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path(), Mode::Create).unwrap());
    // All but the last step: the database has its name only then.
    std::fs::rename(folder.path().join("db"), folder.path().join("db.new")).unwrap();
    assert!(matches!(
        open(folder.path(), Mode::Write),
        Err(StoreError::NotAStore(_))
    ));
    let ledger = open(folder.path(), Mode::Create).unwrap();
    assert_eq!(append(&ledger, &mixed()).sequence, 1);
}

#[test]
fn a_missing_database_is_damage_and_no_reason_to_begin_anew() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    std::fs::remove_dir_all(folder.path().join("db")).unwrap();
    refused(folder.path(), "STORE_DAMAGED", "the database `db` is missing");
}

#[test]
fn one_process_writes_and_readers_do_not_wait() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    let writer = open(folder.path(), Mode::Write).unwrap();
    assert!(matches!(
        open(folder.path(), Mode::Write),
        Err(StoreError::Locked(_))
    ));
    let reader = open(folder.path(), Mode::Read).unwrap();
    let before = ask(&reader.view().unwrap()).unwrap();
    append(&writer, &acts(63, 40, 5));
    append(&writer, &acts(103, 4, 5));
    assert_eq!(ask(&reader.view().unwrap()).unwrap(), before);
    assert_eq!(answers(folder.path()), ask(&writer.view().unwrap()).unwrap());
    drop(writer);
    drop(open(folder.path(), Mode::Write).unwrap());
}

#[test]
fn a_side_file_one_commit_behind_is_accepted_and_repaired() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    let behind = std::fs::read(folder.path().join("HEAD")).unwrap();
    let ledger = open(folder.path(), Mode::Write).unwrap();
    append(&ledger, &acts(63, 2, 5));
    drop(ledger);
    let expected = answers(folder.path());
    let current = std::fs::read(folder.path().join("HEAD")).unwrap();
    assert_ne!(behind, current);
    std::fs::write(folder.path().join("HEAD"), &behind).unwrap();
    assert_eq!(answers(folder.path()), expected);
    assert_eq!(std::fs::read(folder.path().join("HEAD")).unwrap(), behind);
    drop(open(folder.path(), Mode::Write).unwrap());
    assert_eq!(std::fs::read(folder.path().join("HEAD")).unwrap(), current);
    assert_eq!(answers(folder.path()), expected);
}

#[test]
fn a_side_file_two_commits_behind_or_ahead_or_gone_is_refused() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    let old = TempDir::new().unwrap();
    copy(folder.path(), old.path());
    let ledger = open(folder.path(), Mode::Write).unwrap();
    append(&ledger, &acts(63, 2, 5));
    append(&ledger, &acts(65, 2, 5));
    drop(ledger);
    let side = folder.path().join("HEAD");
    let current = std::fs::read(&side).unwrap();
    std::fs::copy(old.path().join("HEAD"), &side).unwrap();
    refused(
        folder.path(),
        "STORE_DAMAGED",
        "the database says commit 5 and the side file commit 3",
    );
    std::fs::remove_file(&side).unwrap();
    refused(folder.path(), "STORE_DAMAGED", "the side file `HEAD` is missing");
    std::fs::write(&side, vec![0; current.len()]).unwrap();
    refused(
        folder.path(),
        "STORE_DAMAGED",
        "the side file `HEAD` has no readable slot",
    );
    // An older database under a newer side file: commits that were acknowledged are gone.
    std::fs::write(old.path().join("HEAD"), &current).unwrap();
    refused(
        old.path(),
        "STORE_DAMAGED",
        "the database ends with commit 3, the side file says 5",
    );
    std::fs::write(&side, &current).unwrap();
    assert_eq!(answers(folder.path()).sequence, 5);
}

#[test]
fn a_torn_slot_leaves_the_other_one() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    let expected = answers(folder.path());
    let side = folder.path().join("HEAD");
    let bytes = std::fs::read(&side).unwrap();
    for slot in [0, 4096] {
        let mut torn = bytes.clone();
        torn[slot + 100..slot + 150].fill(0xAA);
        std::fs::write(&side, torn).unwrap();
        assert_eq!(answers(folder.path()), expected);
    }
}

#[test]
fn the_side_file_of_another_store_is_refused() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    store(folder.path());
    store(other.path());
    std::fs::copy(other.path().join("HEAD"), folder.path().join("HEAD")).unwrap();
    refused(folder.path(), "STORE_DAMAGED", "belongs to another store");
}

#[test]
fn older_and_newer_formats_are_refused_by_name_before_the_database_is_touched() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    let side = folder.path().join("HEAD");
    for (format, code, text) in [
        (3_u16, "STORE_TOO_NEW", "format 3"),
        (0, "STORE_TOO_OLD", "format 0"),
    ] {
        // A slot as another version would write it: magic, format, length, a head of its own, checksum.
        let mut slot = b"WHEREFOR".to_vec();
        slot.extend(format.to_be_bytes());
        slot.extend(300_u16.to_be_bytes());
        slot.extend([7; 300]);
        let checksum = blake3::keyed_hash(b"wherefore/1 slot of side file...", &slot);
        slot.extend(checksum.as_bytes());
        slot.resize(8192, 0);
        std::fs::write(&side, slot).unwrap();
        refused(folder.path(), code, text);
    }
}

#[test]
fn rows_lost_while_head_stays_are_noticed_in_every_column() {
    for column in Column::COUNTED {
        let folder = TempDir::new().unwrap();
        store(folder.path());
        {
            let database = database(folder.path());
            let snapshot = database.snapshot().unwrap();
            let mut key = None;
            wherefore::store::seam::for_each(
                &*snapshot,
                column,
                wherefore::store::seam::KeyRange::ALL,
                |found, _| {
                    key.get_or_insert(found.to_vec());
                    Ok(())
                },
            )
            .unwrap();
            let mut batch = Batch::default();
            batch.deletes.push((column, key.unwrap()));
            database.write(batch, &[]).unwrap();
        }
        refused(folder.path(), "STORE_DAMAGED", &format!("column `{column}` has"));
        // Also when no deletion is left to be seen.
        database(folder.path()).compact(column).unwrap();
        refused(folder.path(), "STORE_DAMAGED", &format!("column `{column}` has"));
    }
}

#[test]
fn rows_of_meta_that_change_are_noticed() {
    for (key, value, text) in [
        (
            b"hash_key".as_slice(),
            [1; 32].as_slice(),
            "the hash key was changed",
        ),
        (b"header", b"{}", "the header was changed"),
        (b"head", b"", "`head` is too short"),
    ] {
        let folder = TempDir::new().unwrap();
        store(folder.path());
        let mut batch = Batch::default();
        batch.put(Column::Meta, key, value);
        database(folder.path()).write(batch, &[]).unwrap();
        refused(folder.path(), "STORE_DAMAGED", text);
    }
}

#[test]
fn what_an_interrupted_large_commit_left_is_seen_by_nobody_and_removed() {
    let folder = TempDir::new().unwrap();
    store(folder.path());
    let expected = answers(folder.path());
    let tallies = |database: &Rocks| Column::COUNTED.map(|column| database.tally(column).unwrap());
    let before = tallies(&database(folder.path()));
    // The rows of commit 4 as they are after it, in a store where its `head` was never written.
    let after = TempDir::new().unwrap();
    copy(folder.path(), after.path());
    append(&open(after.path(), Mode::Write).unwrap(), &acts(63, 50, 5));
    let whole = database(after.path()).snapshot().unwrap();
    for columns in 1..=4 {
        let broken = TempDir::new().unwrap();
        copy(folder.path(), broken.path());
        {
            let database = database(broken.path());
            std::fs::create_dir_all(broken.path().join("staging")).unwrap();
            let old = database.snapshot().unwrap();
            let mut batch = Batch::default();
            batch.put(Column::Meta, b"pending", &4_u64.to_be_bytes());
            database.write(batch, &[]).unwrap();
            let order = [
                Column::Facts,
                Column::Families,
                Column::Names,
                Column::ByProcessor,
            ];
            for column in &order[..columns] {
                let mut rows = Rows::default();
                wherefore::store::seam::for_each(
                    &*whole,
                    *column,
                    wherefore::store::seam::KeyRange::ALL,
                    |key, value| {
                        if get_one(&*old, *column, key)?.is_none() {
                            rows.push(key, value);
                        }
                        Ok(())
                    },
                )
                .unwrap();
                assert!(rows.len() >= 50);
                let staged = database.stage(*column, rows).unwrap();
                database.publish(*column, vec![staged]).unwrap();
            }
        }
        assert_eq!(answers(broken.path()), expected);
        let report = verify(broken.path()).unwrap();
        assert!(report.is_clean() && report.orphans >= 50, "{report:?}");
        let ledger = open(broken.path(), Mode::Write).unwrap();
        assert_eq!(ask(&ledger.view().unwrap()).unwrap(), expected);
        drop(ledger);
        assert_eq!(tallies(&database(broken.path())), before);
        // The number is free again, also for other facts.
        let ledger = open(broken.path(), Mode::Write).unwrap();
        assert_eq!(append(&ledger, &acts(70, 30, 3)).sequence, 4);
        drop(ledger);
        let report = verify(broken.path()).unwrap();
        assert!(report.is_clean() && report.orphans == 0, "{report:?}");
    }
}

#[test]
fn a_checkpoint_is_a_store_of_its_own() {
    let (folder, backup) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    store(folder.path());
    let ledger = open(folder.path(), Mode::Write).unwrap();
    let expected = ask(&ledger.view().unwrap()).unwrap();
    ledger.checkpoint(backup.path()).unwrap();
    append(&ledger, &acts(63, 40, 5));
    assert!(matches!(
        ledger.checkpoint(backup.path()),
        Err(StoreError::NotEmpty(_))
    ));
    assert_eq!(answers(backup.path()), expected);
    assert!(verify(backup.path()).unwrap().is_clean());
    let copy = open(backup.path(), Mode::Write).unwrap();
    assert_eq!(append(&copy, &acts(63, 40, 5)).sequence, 4);
}
