//! The snapshot file: opened it is the same graph; every damage is found.

use std::fs;
use std::path::Path;

use super::compare_columns;
use super::draw::{Random, history};
use wherefore::engine::{Base, Columns, FileError, Log, Ties};

const BASE: Base = Base {
    sequence: 7,
    digest: [3; 32],
};

fn saved(log: &Log, folder: &Path) -> std::path::PathBuf {
    let path = folder.join("columns");
    Columns::build(log).unwrap().save(&path, BASE).unwrap();
    path
}

/// A history with every kind of section.
fn full() -> Log {
    (0..1_000_000)
        .map(|number| history(&mut Random(number)))
        .find(|log| {
            log.ties == Ties::Any && log.flows.len() > 20 && log.standing.len() > 2 && log.ends.len() > 2
        })
        .unwrap()
}

#[test]
fn a_mapped_graph_answers_as_the_built_one() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..300 {
        let log = history(&mut Random(number));
        let path = saved(&log, folder.path());
        compare_columns(&log, &Columns::open(&path, BASE).unwrap());
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn the_same_columns_are_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let first = fs::read(saved(&full(), folder.path())).unwrap();
    let again = fs::read(saved(&full(), folder.path())).unwrap();
    assert!(first == again);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a temporary file stayed"
    );
}

#[test]
fn nothing_stays_of_a_file_that_cannot_take_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("columns");
    fs::create_dir(&taken).unwrap();
    let refused = Columns::build(&full()).unwrap().save(&taken, BASE);
    assert!(matches!(refused, Err(FileError::Io(..))));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a temporary file stayed"
    );
}

#[test]
fn every_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&full(), folder.path());
    let good = fs::read(&path).unwrap();
    let mut named = std::collections::BTreeSet::new();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&path, &bad).unwrap();
        let error = Columns::open(&path, BASE)
            .err()
            .unwrap_or_else(|| panic!("byte {at} is not covered"));
        named.insert(error.to_string());
    }
    assert!(named.len() > 15, "damage is not told apart: {named:?}");
}

#[test]
fn every_shortened_or_longer_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&full(), folder.path());
    let good = fs::read(&path).unwrap();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        assert!(
            Columns::open(&path, BASE).is_err(),
            "{length} bytes are taken for whole"
        );
    }
    let longer: Vec<u8> = good.iter().copied().chain([0; 64]).collect();
    fs::write(&path, longer).unwrap();
    assert!(matches!(Columns::open(&path, BASE), Err(FileError::Length(..))));
}

#[test]
fn a_missing_stale_or_damaged_file_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("columns");
    let log = full();
    let open = |base: Base| Columns::open_or_build(&path, base, || Columns::build(&log)).unwrap();
    assert!(matches!(open(BASE).1[..], [FileError::Missing(_)]));
    assert!(open(BASE).1.is_empty());
    let later = Base { sequence: 8, ..BASE };
    assert!(matches!(open(later).1[..], [FileError::Stale(7, 8)]));
    let other = Base {
        digest: [4; 32],
        ..later
    };
    assert!(matches!(open(other).1[..], [FileError::Stale(8, 8)]));
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(open(other).1[..], [FileError::Section("counts")]));
    assert!(open(other).1.is_empty());
}

#[test]
fn who_has_a_file_open_keeps_what_it_was_when_another_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let log = history(&mut Random(1));
    let path = saved(&log, folder.path());
    let (opened, before) = (Columns::open(&path, BASE).unwrap(), fs::read(&path).unwrap());
    saved(&full(), folder.path());
    assert!(fs::read(&path).unwrap() != before);
    compare_columns(&log, &opened);
}
