//! Verify names what somebody changed who could write the database, but left the chain alone.

use std::path::Path;

use tempfile::TempDir;
use wherefore::store::columns::Column;
use wherefore::store::rocks::{Access, Rocks};
use wherefore::store::seam::{Backend, Batch, KeyRange, for_each};
use wherefore::store::{Ledger, Mode, Report, verify};

use super::facts::{SMALL, acts, append, mixed};

type Row = (Vec<u8>, Vec<u8>);

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Changes a store's rows behind its back and verifies it.
fn after(change: impl Fn(&dyn Fn(Column) -> Vec<Row>, &mut Batch)) -> Report {
    let folder = TempDir::new().unwrap();
    let ledger = Ledger::open_with(folder.path(), Mode::Create, &SMALL).unwrap();
    append(&ledger, &mixed());
    append(&ledger, &acts(0, 60, 5));
    drop(ledger);
    assert!(verify(folder.path()).unwrap().is_clean());
    alter(folder.path(), change);
    verify(folder.path()).unwrap()
}

pub fn alter(folder: &Path, change: impl Fn(&dyn Fn(Column) -> Vec<Row>, &mut Batch)) {
    let database = Rocks::open(&folder.join("db"), Access::Write, None, 1 << 20).unwrap();
    let snapshot = database.snapshot().unwrap();
    let rows = |column| {
        let mut rows = Vec::new();
        for_each(&*snapshot, column, KeyRange::ALL, |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            Ok(())
        })
        .unwrap();
        rows
    };
    let mut batch = Batch::default();
    change(&rows, &mut batch);
    database.write(batch, &[]).unwrap();
}

pub fn named(report: &Report, code: &str, column: Column, key: &[u8]) {
    let wanted = (column, hex(key));
    assert!(
        report
            .troubles
            .iter()
            .any(|trouble| trouble.code == code && trouble.row.as_ref() == Some(&wanted)),
        "no {code} for {wanted:?} in {:#?}",
        report.troubles
    );
}

#[test]
fn an_altered_record_is_named() {
    for at in [0, 10, 40, 74] {
        for flip in [0, 16, 25] {
            let key = std::cell::RefCell::new(vec![]);
            let report = after(|rows, batch| {
                let (row, mut value) = rows(Column::Facts).swap_remove(at);
                value[flip] ^= 4;
                batch.put(Column::Facts, &row, &value);
                key.replace(row);
            });
            named(&report, "VERIFY_RECORD_ALTERED", Column::Facts, &key.borrow());
        }
    }
}

#[test]
fn two_records_that_changed_places_are_both_named() {
    let report = after(|rows, batch| {
        let rows = rows(Column::Facts);
        batch.put(Column::Facts, &rows[20].0, &rows[21].1);
        batch.put(Column::Facts, &rows[21].0, &rows[20].1);
    });
    let keys: Vec<_> = report
        .troubles
        .iter()
        .filter(|trouble| trouble.code == "VERIFY_RECORD_ALTERED")
        .map(|trouble| trouble.row.clone().unwrap().1)
        .collect();
    assert_eq!(keys, ["000000000000000200000005", "000000000000000200000006"]);
}

#[test]
fn a_missing_record_is_named() {
    for at in [0, 14, 15, 74] {
        let key = std::cell::RefCell::new(vec![]);
        let report = after(|rows, batch| {
            let (row, _) = rows(Column::Facts).swap_remove(at);
            batch.deletes.push((Column::Facts, row.clone()));
            key.replace(row);
        });
        named(&report, "VERIFY_RECORD_MISSING", Column::Facts, &key.borrow());
    }
}

#[test]
fn a_record_that_nobody_committed_is_named() {
    for sequence in [2_u64, 3, 9] {
        let mut key = sequence.to_be_bytes().to_vec();
        key.extend(90_u32.to_be_bytes());
        let report = after(|rows, batch| {
            let (_, value) = rows(Column::Facts).swap_remove(3);
            batch.put(Column::Facts, &key, &value);
        });
        named(&report, "VERIFY_ROW_SURPLUS", Column::Facts, &key);
    }
}

#[test]
fn missing_surplus_and_altered_rows_of_every_index_are_named() {
    for column in [Column::Families, Column::Names, Column::ByProcessor] {
        let key = std::cell::RefCell::new(vec![]);
        let report = after(|rows, batch| {
            let (row, _) = rows(column).swap_remove(7);
            batch.deletes.push((column, row.clone()));
            key.replace(row);
        });
        named(&report, "VERIFY_ROW_MISSING", column, &key.borrow());
        let report = after(|rows, batch| {
            let (mut row, value) = rows(column).swap_remove(7);
            row[5] ^= 1;
            batch.put(column, &row, &value);
            key.replace(row);
        });
        named(&report, "VERIFY_ROW_SURPLUS", column, &key.borrow());
        let report = after(|rows, batch| {
            let (row, mut value) = rows(column).swap_remove(7);
            value.push(9);
            if column == Column::Names {
                value = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
            }
            batch.put(column, &row, &value);
            key.replace(row);
        });
        named(&report, "VERIFY_ROW_ALTERED", column, &key.borrow());
    }
}

#[test]
fn a_commit_that_was_altered_cut_or_removed_is_named() {
    for at in [0, 1, 2, 5] {
        let key = std::cell::RefCell::new(vec![]);
        let report = after(|rows, batch| {
            let (row, mut value) = rows(Column::Log).swap_remove(at);
            let end = value.len() - 1;
            value[end] ^= 1;
            batch.put(Column::Log, &row, &value);
            key.replace(row);
        });
        let sequence = u64::from(key.borrow()[7]);
        let mut commit = sequence.to_be_bytes().to_vec();
        commit.extend([0; 4]);
        named(&report, "VERIFY_COMMIT_ALTERED", Column::Log, &commit);
        let report = after(|rows, batch| {
            let (row, _) = rows(Column::Log).swap_remove(at);
            batch.deletes.push((Column::Log, row.clone()));
            key.replace(row);
        });
        let code = if key.borrow().ends_with(&[0; 4]) {
            "VERIFY_COMMIT_MISSING"
        } else {
            "VERIFY_COMMIT_ALTERED"
        };
        named(&report, code, Column::Log, &key.borrow());
    }
}

/// Troubles besides the number of rows, which a row put again changes.
fn but_rows(report: &Report) -> usize {
    let others = report.troubles.iter();
    others.filter(|trouble| trouble.code != "VERIFY_ROWS").count()
}

#[test]
fn what_the_log_says_of_a_part_is_named_when_it_was_altered() {
    // Commit 2 has parts of eight records; the second part has the records 8 to 15.
    let part = [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2];
    let commit = [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
    let altered = |at: usize| {
        after(|rows, batch| {
            let mut rows = rows(Column::Log).into_iter();
            let (_, mut value) = rows.find(|(key, _)| *key == part).unwrap();
            value[at] ^= 4;
            batch.put(Column::Log, &part, &value);
        })
    };
    // The kind of its salts.
    named(&altered(0), "VERIFY_COMMIT_ALTERED", Column::Log, &part);
    // The digest that the chain is made of.
    let report = altered(20);
    named(&report, "VERIFY_COMMIT_ALTERED", Column::Log, &part);
    named(&report, "VERIFY_COMMIT_ALTERED", Column::Log, &commit);
    // The key of the salts: no record of the part can be proved.
    let report = altered(40);
    for position in 8..16 {
        let record = [&part[..8], &[0, 0, 0, position]].concat();
        named(&report, "VERIFY_RECORD_ALTERED", Column::Facts, &record);
    }
    assert_eq!(but_rows(&report), 8);
    // What it says of one record, which is as it was.
    for at in [65, 96] {
        let report = altered(at);
        named(&report, "VERIFY_COMMIT_ALTERED", Column::Log, &commit);
        assert_eq!(but_rows(&report), 1);
    }
}

#[test]
fn a_chain_that_ends_elsewhere_and_a_changed_header_are_named() {
    let report = after(|rows, batch| {
        let (key, mut head) = rows(Column::Meta)
            .into_iter()
            .find(|(key, _)| key == b"head")
            .unwrap();
        head[80] ^= 1;
        batch.put(Column::Meta, &key, &head);
    });
    named(&report, "VERIFY_CHAIN", Column::Meta, b"head");
    assert!(
        report
            .troubles
            .iter()
            .any(|trouble| trouble.code == "VERIFY_SIDE_FILE")
    );
    let report = after(|_, batch| batch.put(Column::Meta, b"note", b"hello"));
    named(&report, "VERIFY_ROW_SURPLUS", Column::Meta, b"note");
}
