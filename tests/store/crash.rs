//! Kill the writer at any moment: what it acknowledged is there, and no commit is there in half.
//!
//! The writer is this test binary itself, started again with one test, [`child`], and a folder in its
//! environment. It acknowledges a commit through its output after `append` returns. This cannot find a missing
//! sync, since the page cache survives the process; `docs/store.md` says so.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use wherefore::model::fact::Stated;
use wherefore::store::{Ledger, Mode, verify};

use super::codec::Numbers;
use super::facts::{SMALL, append, fast_folder, plain_act, stated_act};
use super::reading::walk;

const FOLDER: &str = "WHEREFORE_CRASH_FOLDER";
const KILLS: usize = 200;
/// A new folder after this many kills, so that checking stays fast.
const KILLS_PER_FOLDER: usize = 20;

/// The facts of commit `sequence`: every fifth commit is a large one, in parts.
fn facts_of(sequence: u64) -> Vec<Stated> {
    let count = if sequence.is_multiple_of(5) { 60 } else { 3 };
    (0..count)
        .map(|i| {
            let person = format!("person-{}", (sequence + i) % 4);
            let subjects = [person.as_str(), "everywhere"];
            let named = if i % 3 == 0 { &subjects[..] } else { &subjects[..1] };
            let at = i64::try_from(sequence * 1000 + i).unwrap();
            stated_act(plain_act(&format!("event-{sequence}-{i}"), at, named))
        })
        .collect()
}

/// Not a test of its own: the writer that is killed.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let ledger = Ledger::open_with(Path::new(&folder), Mode::Create, &SMALL).unwrap();
    let mut sequence = ledger.view().unwrap().sequence();
    let mut out = std::io::stdout();
    writeln!(out, "\nready").unwrap();
    out.flush().unwrap();
    loop {
        sequence += 1;
        assert_eq!(append(&ledger, &facts_of(sequence)).sequence, sequence);
        writeln!(out, "\nack {sequence}").unwrap();
        out.flush().unwrap();
    }
}

/// Starts the writer, kills it `pause` after it was started, or opened its store, and returns the last commit
/// that it acknowledged.
fn run_and_kill(folder: &Path, pause: Duration, opened: bool) -> Option<u64> {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args([
            "store::crash::child",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(writer.stdout.take().unwrap());
    let (ready, opening) = std::sync::mpsc::channel();
    let reading = std::thread::spawn(move || {
        let mut last = None;
        for line in output.split(b'\n') {
            let line = String::from_utf8(line.unwrap()).unwrap();
            if let Some(sequence) = line.strip_prefix("ack ") {
                last = Some(sequence.parse().unwrap());
            } else if line == "ready" {
                let _ = ready.send(());
            }
        }
        last
    });
    if opened {
        // An error means that the writer ended; that is noticed below.
        let _ = opening.recv_timeout(Duration::from_secs(20));
    }
    // Not a wait for anything: the moment of the kill is what is tested.
    std::thread::sleep(pause);
    let ended = writer.try_wait().unwrap();
    writer.kill().unwrap();
    let outcome = writer.wait_with_output().unwrap();
    assert!(
        ended.is_none(),
        "the writer failed: {}",
        String::from_utf8_lossy(&outcome.stderr)
    );
    reading.join().unwrap()
}

/// The store holds commits 1 to n, each whole, nothing else, and n is the last acknowledged or the next.
fn check(folder: &Path, acknowledged: u64) -> u64 {
    let ledger = match Ledger::open_with(folder, Mode::Read, &SMALL) {
        Ok(ledger) => ledger,
        Err(error) => {
            assert_eq!((acknowledged, error.code()), (0, "STORE_NOT_A_STORE"), "{error}");
            return 0;
        }
    };
    let view = ledger.view().unwrap();
    let sequence = view.sequence();
    assert!(
        sequence == acknowledged || sequence == acknowledged + 1,
        "commit {acknowledged} was acknowledged, the store ends with {sequence}"
    );
    let mut records = walk(&view, 500).unwrap().into_iter();
    for sequence in 1..=sequence {
        for (position, fact) in facts_of(sequence).iter().enumerate() {
            let record = records.next().unwrap();
            assert_eq!(
                (record.number.sequence, record.number.position as usize),
                (sequence, position)
            );
            assert_eq!(record.id.as_deref(), fact.fact.id());
        }
    }
    assert_eq!(records.next(), None);
    // Proves every index against the records.
    let report = verify(folder).unwrap();
    assert!(report.is_clean(), "{:?}", report.troubles);
    sequence
}

fn kill_again_and_again(seed: u64, kills: usize) -> (u64, u64) {
    let mut numbers = Numbers(seed);
    let (mut commits, mut ahead) = (0, 0);
    for _ in 0..kills.div_ceil(KILLS_PER_FOLDER) {
        let folder = fast_folder();
        let path = folder.path().join("store");
        let mut last = 0;
        for _ in 0..KILLS_PER_FOLDER {
            let pause = Duration::from_micros(numbers.next() % 150_000);
            let acknowledged = run_and_kill(&path, pause, !numbers.next().is_multiple_of(4)).unwrap_or(last);
            last = check(&path, acknowledged);
            ahead += last - acknowledged;
        }
        commits += last;
    }
    (commits, ahead)
}

#[test]
fn killing_the_writer_loses_nothing_acknowledged_and_shows_nothing_in_half() {
    let seed = 20_261_121;
    let outcomes = std::thread::scope(|scope| {
        let halves = [seed, seed + 1].map(|seed| scope.spawn(move || kill_again_and_again(seed, KILLS / 2)));
        halves.map(|half| half.join().unwrap())
    });
    let commits: u64 = outcomes.iter().map(|(commits, _)| commits).sum();
    let ahead: u64 = outcomes.iter().map(|(_, ahead)| ahead).sum();
    println!("{KILLS} kills, seed {seed}: {commits} commits kept, {ahead} durable but not acknowledged");
    assert!(commits > 1_000, "the writers hardly wrote: {commits} commits");
}
