//! Flip a bit of a file: the store is refused by name, or every answer is the same. Never a silent change, a
//! hang or an abort.
//!
//! Cases run in processes of their own, this binary started again with [`worker`], because a damaged file could
//! end the process. A usual run flips a bit of every byte of the small files that decide what exists (manifest,
//! log of recent writes, CURRENT, the used bytes of the side file) and of a sample of the rest; with
//! `WHEREFORE_FLIPS=all` it is every byte of every file but OPTIONS, which no code of ours or RocksDB's reads when
//! opening: every 64th.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use wherefore::store::{Ledger, Mode, StoreError, verify};

use super::facts::{SMALL, acts, append, fast_folder, mixed};
use super::reading::{Answers, ask};
use super::recovery::{copy, files};

const FOLDER: &str = "WHEREFORE_FLIP_FOLDER";
const FROM: &str = "WHEREFORE_FLIP_FROM";
const UNTIL: &str = "WHEREFORE_FLIP_UNTIL";
const ALL: &str = "WHEREFORE_FLIPS";
const SECONDS_MAX: u64 = 10;
/// Cases given to a process at once.
const SHARE: usize = 400;

/// A small store with every kind of file: tables from a flush and from a bulk import, and recent writes.
pub fn make(folder: &Path) {
    let open = || Ledger::open_with(folder, Mode::Create, &SMALL).unwrap();
    append(&open(), &mixed());
    append(&open(), &acts(0, 24, 3));
    append(&open(), &acts(24, 2, 3));
}

#[derive(Clone, Debug)]
struct Case {
    file: PathBuf,
    at: usize,
}

/// The cases, in an order that every process agrees on.
fn cases(folder: &Path) -> Vec<Case> {
    let all = std::env::var_os(ALL).is_some_and(|value| value == "all");
    let mut cases = Vec::new();
    for (path, bytes) in files(folder) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let step = |at: usize| match name {
            // Nothing reads these: they are for people and for other programs.
            _ if all && name.starts_with("OPTIONS") => 64,
            _ if all => 1,
            "HEAD" if at % 4096 >= 300 => 512,
            "HEAD" | "CURRENT" => 1,
            _ if name.starts_with("MANIFEST") => 1,
            _ if Path::new(name).extension().is_some_and(|end| end == "log") => 1,
            _ if name.starts_with("OPTIONS") => 257,
            _ => 5,
        };
        for at in 0..bytes.len() {
            if at % step(at) == 0 {
                let file = path.strip_prefix(folder).unwrap().to_owned();
                cases.push(Case { file, at });
            }
        }
    }
    cases
}

fn answers(folder: &Path, mode: Mode) -> Result<Answers, StoreError> {
    ask(&Ledger::open_with(folder, mode, &SMALL)?.view()?)
}

/// What became of a case: refused by name, or the same; anything else is told apart by its text.
fn judge(outcome: Result<Answers, StoreError>, expected: &Answers) -> String {
    match outcome {
        Ok(answers) if answers == *expected => "same".to_owned(),
        Ok(_) => "CHANGED".to_owned(),
        Err(error) => format!("refused {}", error.code()),
    }
}

/// Not a test of its own: flips one bit after the other in a copy of a store.
#[test]
fn worker() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let number = |name| std::env::var(name).unwrap().parse::<usize>().unwrap();
    let expected = answers(&folder, Mode::Read).unwrap();
    let own = fast_folder();
    copy(&folder, own.path());
    let mut out = std::io::stdout();
    for (index, case) in cases(&folder)
        .iter()
        .enumerate()
        .take(number(UNTIL))
        .skip(number(FROM))
    {
        let file = own.path().join(&case.file);
        let good = std::fs::read(&file).unwrap();
        let mut bad = good.clone();
        bad[case.at] ^= 1 << (case.at % 8);
        std::fs::write(&file, &bad).unwrap();
        let mut outcome = judge(answers(own.path(), Mode::Read), &expected);
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let decides = match name.as_str() {
            "HEAD" => case.at % 4096 < 300,
            "CURRENT" => true,
            _ => name.starts_with("MANIFEST") || file.extension().is_some_and(|end| end == "log"),
        };
        if outcome == "same" && (decides || case.at % 16 == 0) {
            // Opening for writing reads more, and changes files: in a copy.
            let second = fast_folder();
            copy(own.path(), second.path());
            let again = judge(answers(second.path(), Mode::Write), &expected);
            if again != "same" {
                outcome = format!("{again} when writing");
            }
        }
        if case.at % 64 == 0 {
            // Verify may only name it or call it clean; here it must end.
            let _ = verify(own.path());
        }
        std::fs::write(&file, &good).unwrap();
        writeln!(out, "\ncase {index} {outcome}").unwrap();
        out.flush().unwrap();
    }
}

/// Runs cases `from..until` in processes, a new one after each that dies; adds the outcomes.
fn run(folder: &Path, from: usize, until: usize, outcomes: &mut BTreeMap<usize, String>) {
    let mut next = from;
    while next < until {
        let mut worker = Command::new(std::env::current_exe().unwrap())
            .args([
                "store::flips::worker",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, folder)
            .env(FROM, next.to_string())
            .env(UNTIL, until.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(worker.stdout.take().unwrap());
        let (send, lines) = channel();
        let reading = std::thread::spawn(move || {
            for line in output.split(b'\n') {
                let _ = send.send(String::from_utf8_lossy(&line.unwrap()).into_owned());
            }
        });
        let dead = loop {
            match lines.recv_timeout(Duration::from_secs(SECONDS_MAX)) {
                Ok(line) => {
                    if let Some((index, outcome)) =
                        line.strip_prefix("case ").and_then(|rest| rest.split_once(' '))
                    {
                        next = index.parse::<usize>().unwrap() + 1;
                        outcomes.insert(next - 1, outcome.to_owned());
                    }
                }
                Err(RecvTimeoutError::Timeout) => break "HUNG",
                Err(RecvTimeoutError::Disconnected) => break "DIED",
            }
        };
        let _ = worker.kill();
        worker.wait().unwrap();
        reading.join().unwrap();
        if next < until {
            outcomes.insert(next, dead.to_owned());
            next += 1;
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_by_name_or_changes_no_answer() {
    let folder = fast_folder();
    make(folder.path());
    assert!(verify(folder.path()).unwrap().is_clean());
    let cases = cases(folder.path());
    let next = AtomicUsize::new(0);
    let outcomes = std::thread::scope(|scope| {
        let halves = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut outcomes = BTreeMap::new();
                loop {
                    let from = next.fetch_add(SHARE, Ordering::Relaxed);
                    if from >= cases.len() {
                        return outcomes;
                    }
                    run(
                        folder.path(),
                        from,
                        (from + SHARE).min(cases.len()),
                        &mut outcomes,
                    );
                }
            })
        });
        let mut all = BTreeMap::new();
        for half in halves {
            all.extend(half.join().unwrap());
        }
        all
    });
    assert_eq!(outcomes.len(), cases.len());
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut bad = Vec::new();
    for (index, outcome) in &outcomes {
        let case = &cases[*index];
        let name = case.file.file_name().unwrap().to_str().unwrap();
        // `000012.sst` and `MANIFEST-000005` are of the kinds `sst` and `MANIFEST`.
        let kind = name
            .split(['-', '.'])
            .find(|part| !part.chars().all(|c| c.is_ascii_digit()))
            .unwrap_or(name)
            .to_owned();
        *counts.entry((kind, outcome.clone())).or_default() += 1;
        if outcome != "same" && !outcome.starts_with("refused STORE_") {
            bad.push(format!("{case:?}: {outcome}"));
        }
    }
    for ((kind, outcome), count) in &counts {
        println!("{kind:<10} {count:>6} {outcome}");
    }
    assert!(bad.is_empty(), "{} of {} cases: {bad:#?}", bad.len(), cases.len());
}
