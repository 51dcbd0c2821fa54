//! Stores of earlier formats: read like those of today, written on, and still proved.
//!
//! `tests/data/format-1/store` was written by the last version of the program that wrote that format, from the documents
//! beside it; it is never written again.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use wherefore::model::time::Instant;
use wherefore::store::columns::Column;
use wherefore::store::{BulkCommit, FORMAT, Ledger, Mode, NewCommit, Outcome, Whole, verify};

use super::facts::{SMALL, acts};
use super::reading::{Answers, ask};
use super::recovery::copy;
use super::tamper::{alter, named};
use crate::commands::program::run;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format-1")
}

fn old() -> TempDir {
    let folder = TempDir::new().unwrap();
    copy(&data().join("store"), folder.path());
    folder
}

/// All answers but those that differ from store to store: digests and moments.
fn answers(ledger: &Ledger) -> Answers {
    let mut answers = ask(&ledger.view().unwrap()).unwrap();
    answers.head = [0; 32];
    for commit in &mut answers.commits {
        commit.head = [0; 32];
        commit.recorded = Instant::from_micros(0);
    }
    for record in answers.records() {
        // Documents were read from other folders.
        record.place.file = "facts".into();
    }
    answers
}

/// Adds a small commit, a large one and one that comes piece by piece.
fn write_on(ledger: &Ledger) {
    let header = ledger.view().unwrap().header().unwrap().to_owned();
    for facts in [acts(0, 3, 5), acts(3, 60, 5)] {
        let commit = NewCommit {
            facts: &facts,
            header: &header,
            recorded: Instant::from_micros(0),
            author: "tester",
            key: None,
        };
        assert_eq!(ledger.append(commit).unwrap().written as usize, facts.len());
    }
    let commit = BulkCommit {
        header: &header,
        recorded: Instant::from_micros(0),
        author: "tester",
        key: None,
    };
    let bulk = ledger.bulk(commit).unwrap();
    bulk.take(0, &acts(60, 13, 5), &[]).unwrap();
    bulk.take(1, &acts(73, 22, 5), &[]).unwrap();
    let whole = Whole {
        limit: 10,
        declares: &|_, _| false,
        reserved: &[],
        progress: &|_, _| (),
    };
    let Outcome::Done(receipt) = bulk.finish(&whole).unwrap() else {
        panic!("refused")
    };
    assert_eq!((receipt.written, receipt.already_known), (32, 3));
}

#[test]
fn a_store_of_format_1_says_what_one_of_today_says_and_is_written_on() {
    let (old, new) = (old(), TempDir::new().unwrap());
    let store = new.path().join("store").to_string_lossy().into_owned();
    for document in ["1.yaml", "2.yaml"] {
        let document = data().join(document).to_string_lossy().into_owned();
        run(&["import", &document, "--store", &store]).exits(0);
    }
    let new = Path::new(&store);
    let open = |folder| Ledger::open_with(folder, Mode::Write, &SMALL).unwrap();
    for round in 0..2 {
        assert_eq!(answers(&open(old.path())), answers(&open(new)), "round {round}");
        for (folder, format) in [(old.path(), 1), (new, FORMAT)] {
            let report = verify(folder).unwrap();
            assert!(report.is_clean(), "{:#?}", report.troubles);
            let ledger = open(folder);
            assert_eq!(ledger.view().unwrap().state().format, format);
            if round == 0 {
                write_on(&ledger);
            }
        }
    }
    // Earlier commits as well.
    for sequence in 1..=4 {
        let past = |folder| {
            let view = open(folder).view().unwrap().past(sequence).unwrap().unwrap();
            let mut families = Vec::new();
            for subject in ["ann", "bob", "eve", "person-3", "everyone"] {
                let records = view.family(&subject.into()).unwrap();
                families.push(records.iter().map(|record| record.number).collect::<Vec<_>>());
            }
            families
        };
        assert_eq!(past(old.path()), past(new));
    }
}

#[test]
fn what_was_altered_in_a_store_of_format_1_is_named() {
    for at in [0, 20] {
        let folder = old();
        let key = std::cell::RefCell::new(vec![]);
        alter(folder.path(), |rows, batch| {
            let (row, mut value) = rows(Column::Facts).swap_remove(5);
            value[at] ^= 4;
            batch.put(Column::Facts, &row, &value);
            key.replace(row);
        });
        let report = verify(folder.path()).unwrap();
        named(&report, "VERIFY_RECORD_ALTERED", Column::Facts, &key.borrow());
    }
    let folder = old();
    alter(folder.path(), |rows, batch| {
        let (row, mut value) = rows(Column::Log).swap_remove(1);
        value[40] ^= 4;
        batch.put(Column::Log, &row, &value);
    });
    let report = verify(folder.path()).unwrap();
    let commit = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    named(&report, "VERIFY_COMMIT_ALTERED", Column::Log, &commit);
}
