//! What every implementation of the seam must do, and what a ledger must do on each of them.

use std::path::Path;

use tempfile::TempDir;
use wherefore::store::columns::Column;
use wherefore::store::memory::Memory;
use wherefore::store::rocks::{Access, Rocks};
use wherefore::store::seam::{Backend, Batch, KeyRange, Limit, Precondition, Rows, for_each, get_one};
use wherefore::store::{Ledger, Mode, StoreError};

use super::facts::{SMALL, acts, append, mixed, spans};
use super::reading::{Answers, ask};

const MEMTABLE: usize = 1 << 20;

fn rocks(folder: &Path, access: Access) -> Rocks {
    let staging = folder.join("staging");
    std::fs::create_dir_all(&staging).unwrap();
    Rocks::open(&folder.join("db"), access, Some(staging), MEMTABLE).unwrap()
}

type Step<'a> = &'a dyn Fn(&dyn Backend);

/// Runs a check on memory, on a new database and on one that is closed and opened before each step.
fn on_all(steps: &[Step<'_>]) {
    let memory = Memory::default();
    let folder = TempDir::new().unwrap();
    let fresh = rocks(folder.path(), Access::Create);
    for step in steps {
        step(&memory);
        step(&fresh);
    }
    let folder = TempDir::new().unwrap();
    let mut access = Access::Create;
    for step in steps {
        step(&rocks(folder.path(), access));
        access = Access::Write;
    }
}

fn one(column: Column, key: &[u8], value: &[u8]) -> Batch {
    let mut batch = Batch::default();
    batch.put(column, key, value);
    batch
}

fn all(backend: &dyn Backend, column: Column) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    for_each(
        &*backend.snapshot().unwrap(),
        column,
        KeyRange::ALL,
        |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            Ok(())
        },
    )
    .unwrap();
    rows
}

#[test]
fn a_batch_is_there_in_every_column_and_a_get_keeps_its_order() {
    on_all(&[
        &|backend| {
            let mut batch = Batch::default();
            for column in Column::ALL {
                batch.put(column, b"b", column.as_str().as_bytes());
                batch.put(column, b"a", b"");
            }
            backend.write(batch, &[]).unwrap();
        },
        &|backend| {
            let snapshot = backend.snapshot().unwrap();
            for column in Column::ALL {
                let found = snapshot.get(column, &[b"b", b"x", b"a", b"b"]).unwrap();
                let name = Some(column.as_str().as_bytes().to_vec());
                assert_eq!(found, [name.clone(), None, Some(vec![]), name]);
                assert_eq!(snapshot.get(column, &[]).unwrap(), Vec::<Option<Vec<u8>>>::new());
            }
        },
    ]);
}

#[test]
fn a_batch_whose_precondition_fails_writes_nothing() {
    on_all(&[
        &|backend| backend.write(one(Column::Meta, b"head", b"1"), &[]).unwrap(),
        &|backend| {
            let condition = |value: Option<&[u8]>| Precondition {
                column: Column::Meta,
                key: b"head".to_vec(),
                value: value.map(<[u8]>::to_vec),
            };
            for wrong in [None, Some(b"2".as_slice()), Some(b"".as_slice())] {
                let refused = backend.write(one(Column::Facts, b"k", b"v"), &[condition(wrong)]);
                assert!(matches!(refused, Err(StoreError::Precondition { .. })));
            }
            assert_eq!(all(backend, Column::Facts), []);
            backend
                .write(one(Column::Facts, b"k", b"v"), &[condition(Some(b"1"))])
                .unwrap();
            assert_eq!(all(backend, Column::Facts), [(b"k".to_vec(), b"v".to_vec())]);
        },
    ]);
}

#[test]
fn a_snapshot_never_changes() {
    on_all(&[&|backend| {
        backend.write(one(Column::Facts, b"a", b"1"), &[]).unwrap();
        let before = backend.snapshot().unwrap();
        let mut batch = one(Column::Facts, b"b", b"2");
        batch.deletes.push((Column::Facts, b"a".to_vec()));
        backend.write(batch, &[]).unwrap();
        let mut rows = Rows::default();
        rows.push(b"c", b"3");
        let staged = backend.stage(Column::Facts, rows).unwrap();
        assert_eq!(
            get_one(&*before, Column::Facts, b"a").unwrap(),
            Some(b"1".to_vec())
        );
        backend.publish(Column::Facts, vec![staged]).unwrap();
        backend.compact(Column::Facts).unwrap();
        assert_eq!(
            before.get(Column::Facts, &[b"a", b"b", b"c"]).unwrap(),
            [Some(b"1".to_vec()), None, None]
        );
        let chunk = before.scan(Column::Facts, KeyRange::ALL, Limit::BULK).unwrap();
        assert_eq!(
            chunk.rows.iter().collect::<Vec<_>>(),
            [(b"a".as_slice(), b"1".as_slice())]
        );
        assert_eq!(all(backend, Column::Facts).len(), 2);
        // Leave nothing for the next round of the same store.
        let mut batch = Batch::default();
        batch.deletes.push((Column::Facts, b"b".to_vec()));
        batch.deletes.push((Column::Facts, b"c".to_vec()));
        backend.write(batch, &[]).unwrap();
    }]);
}

#[test]
fn chunks_join_to_the_range_in_key_order() {
    on_all(&[
        &|backend| {
            let mut batch = Batch::default();
            for i in (0..100_u8).rev() {
                batch.put(Column::Names, &[i / 10, i % 10], &[i; 20]);
            }
            backend.write(batch, &[]).unwrap();
        },
        &|backend| {
            let snapshot = backend.snapshot().unwrap();
            let from = [2, 5];
            let until = [7, 1];
            for limit in [1, 2, 7, 1000] {
                for bytes in [1, 22, 100, 1 << 20] {
                    let mut keys = Vec::new();
                    let mut next = from.to_vec();
                    loop {
                        let range = KeyRange {
                            from: &next,
                            until: Some(&until),
                        };
                        let chunk = snapshot
                            .scan(Column::Names, range, Limit { rows: limit, bytes })
                            .unwrap();
                        assert!(chunk.rows.len() <= limit && !chunk.rows.is_empty());
                        keys.extend(chunk.rows.iter().map(|(key, _)| key[0] * 10 + key[1]));
                        match chunk.next {
                            Some(key) => next = key,
                            None => break,
                        }
                    }
                    assert_eq!(keys, (25..71).collect::<Vec<u8>>());
                }
            }
            for until in [[2, 5], [0, 0]] {
                let range = KeyRange {
                    from: &from,
                    until: Some(&until),
                };
                let chunk = snapshot.scan(Column::Names, range, Limit::BULK).unwrap();
                assert!(chunk.rows.is_empty() && chunk.next.is_none());
            }
        },
    ]);
}

#[test]
fn rows_are_tallied_without_reading_them() {
    let put = |backend: &dyn Backend, from: u8, count: u8| {
        let mut batch = Batch::default();
        for i in from..from + count {
            batch.put(Column::Facts, &[i], b"v");
        }
        backend.write(batch, &[]).unwrap();
    };
    let tally = |backend: &dyn Backend| backend.tally(Column::Facts).unwrap().entries;
    on_all(&[
        &|backend| put(backend, 0, 10),
        &|backend| {
            assert_eq!(tally(backend), 10);
            let mut rows = Rows::default();
            for i in [210, 205, 220] {
                rows.push(&[i], b"w");
            }
            rows.sort();
            let staged = backend.stage(Column::Facts, rows).unwrap();
            assert_eq!(tally(backend), 10);
            backend.publish(Column::Facts, vec![staged]).unwrap();
            assert_eq!(tally(backend), 13);
            put(backend, 10, 5);
        },
        &|backend| {
            assert_eq!(tally(backend), 18);
            let mut batch = Batch::default();
            batch.deletes.push((Column::Facts, vec![3]));
            backend.write(batch, &[]).unwrap();
            let after = backend.tally(Column::Facts).unwrap();
            assert!(after.has_deletions || after.entries == 17);
            backend.compact(Column::Facts).unwrap();
        },
        &|backend| {
            let after = backend.tally(Column::Facts).unwrap();
            assert_eq!((after.entries, after.has_deletions), (17, false));
            assert_eq!(all(backend, Column::Facts).len(), 17);
        },
    ]);
}

/// Fills a store: small and large commits, each shape of fact.
fn fill(ledger: &Ledger) {
    append(ledger, &mixed());
    append(ledger, &spans());
    append(ledger, &acts(0, 100, 9));
    append(ledger, &acts(100, 7, 9));
}

/// The same answers, but for what each store draws at random.
fn same(a: &Answers, b: &Answers) {
    let strip = |answers: &Answers| {
        let mut answers = answers.clone();
        answers.head = [0; 32];
        for commit in &mut answers.commits {
            commit.head = [0; 32];
        }
        answers
    };
    assert_eq!(strip(a), strip(b));
}

#[test]
fn a_ledger_answers_the_same_in_memory_on_disk_and_after_opening_again() {
    let memory = Ledger::in_memory_with(&SMALL).unwrap();
    fill(&memory);
    let expected = ask(&memory.view().unwrap()).unwrap();
    assert_eq!(expected.facts.len(), 15 + 5 + 107);
    let folder = TempDir::new().unwrap();
    let fresh = Ledger::open_with(folder.path(), Mode::Create, &SMALL).unwrap();
    fill(&fresh);
    let written = ask(&fresh.view().unwrap()).unwrap();
    same(&written, &expected);
    drop(fresh);
    for mode in [Mode::Read, Mode::Write, Mode::Read, Mode::Create, Mode::Write] {
        let again = Ledger::open_with(folder.path(), mode, &SMALL).unwrap();
        assert_eq!(ask(&again.view().unwrap()).unwrap(), written);
        assert_eq!(again.verify().unwrap().troubles, []);
    }
    // Other sizes say nothing else.
    let usual = Ledger::open(folder.path(), Mode::Write).unwrap();
    assert_eq!(ask(&usual.view().unwrap()).unwrap(), written);
}

#[test]
fn a_commit_in_parts_says_what_a_commit_in_one_says() {
    let one = Ledger::in_memory().unwrap();
    let parts = Ledger::in_memory_with(&SMALL).unwrap();
    for ledger in [&one, &parts] {
        append(ledger, &acts(0, 333, 9));
    }
    same(
        &ask(&one.view().unwrap()).unwrap(),
        &ask(&parts.view().unwrap()).unwrap(),
    );
    assert_eq!(parts.view().unwrap().state().rows[1], 333);
    // One commit, and a row of digests for each of 42 parts.
    assert_eq!(parts.view().unwrap().state().rows[0], 43);
}
