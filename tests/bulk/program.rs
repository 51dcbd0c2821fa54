//! The program with files that are larger than a piece: killed at any moment, compressed, refused.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use wherefore::store::verify;

use super::pieces::{acts, document};
use crate::commands::program::{Folder, command, run, run_with_input};
use crate::store::codec::Numbers;

/// Enough acts for several pieces.
const ACTS: u64 = 36_000;
const KILLS: u64 = 16;

#[test]
fn an_import_killed_at_any_moment_leaves_all_or_nothing_and_can_be_started_again() {
    let folder = Folder::new();
    let text = document(ACTS);
    let file = folder.file("facts.ndjson", &text);
    let more = folder.file(
        "more.ndjson",
        format!("{}\n{}", super::pieces::HEADER, acts(ACTS, ACTS)),
    );
    let measured = folder.text("measured");
    let begun = Instant::now();
    run(&["import", &file, &more, "--store", &measured]).exits(0);
    let whole = u64::try_from(begun.elapsed().as_micros()).unwrap();
    let mut numbers = Numbers(20);
    let (mut cut, mut finished) = (0, 0);
    let store = folder.text("store");
    for kill in 0..KILLS {
        let mut child = command()
            .args(["import", &file, &more, "--store", &store])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Not a wait for anything: the moment of the kill is what is tested.
        std::thread::sleep(Duration::from_micros(numbers.next() % whole));
        if child.try_wait().unwrap().is_some() {
            finished += 1;
        } else {
            child.kill().unwrap();
            child.wait().unwrap();
            cut += 1;
        }
        match verify(std::path::Path::new(&store)) {
            Ok(report) => {
                assert!(report.is_clean(), "{:?}", report.troubles);
                let facts = report.facts;
                assert!(
                    [0, ACTS + 24, 2 * ACTS + 24].contains(&facts),
                    "{facts} facts after kill {kill}"
                );
                if facts == 2 * ACTS + 24 {
                    std::fs::remove_dir_all(&store).unwrap();
                }
            }
            Err(error) => assert_eq!(error.code(), "STORE_NOT_A_STORE", "{error}"),
        }
    }
    assert!(cut >= KILLS / 3, "{cut} cut short, {finished} finished");
    run(&["import", &file, &more, "--store", &store]).exits(0);
    let report = verify(std::path::Path::new(&store)).unwrap();
    assert!(report.is_clean() && report.orphans == 0);
    assert_eq!(report.facts, 2 * ACTS + 24);
}

#[test]
fn compressed_files_and_standard_input_are_read_like_others() {
    let folder = Folder::new();
    let text = document(ACTS);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let facts = format!("{} facts written", ACTS + 24);
    let file = folder.file("facts.ndjson.gz", &packed);
    let ran = run(&["import", &file, "--store", &folder.text("a")]).exits(0);
    assert!(
        ran.out.contains(&facts) && ran.err.contains("more warnings"),
        "{ran:?}"
    );
    let ran = run_with_input(&["import", "-", "--store", &folder.text("b")], &text).exits(0);
    assert!(ran.out.contains(&facts), "{ran:?}");
    // A small file, and a damaged one that must not leave anything behind.
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(document(3).as_bytes()).unwrap();
    let small = folder.file("small.ndjson.gz", packed.finish().unwrap());
    run(&["import", &small, "--store", &folder.text("c")]).exits(0);
    let whole = std::fs::read(&file).unwrap();
    let damaged = folder.file("damaged.ndjson.gz", &whole[..whole.len() - 1000]);
    run(&["import", &damaged, "--store", &folder.text("d")]).refuses("CLI_UNREADABLE");
    assert!(!folder.path("d").exists());
}

#[test]
fn a_large_file_that_is_refused_leaves_no_new_store_behind() {
    let folder = Folder::new();
    let text = document(ACTS).replace("\"act-30000\"", "\"act-20000\"");
    let file = folder.file("facts.ndjson", text);
    let store = folder.text("store");
    let ran = run(&["import", &file, "--store", &store]).refuses("FACT_DUPLICATE_ID");
    assert!(ran.err.contains("facts.ndjson:"), "{ran:?}");
    assert!(ran.err.contains("1 problem"), "{ran:?}");
    assert!(!folder.path("store").exists());
}
