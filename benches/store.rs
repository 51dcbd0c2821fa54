//! How fast a store takes acts and gives them back.
//!
//! `cargo bench --bench store -- [acts] [subjects]`, by default a million acts of ten thousand people. The acts
//! are made in memory first. The store lies in the folder `WHEREFORE_BENCH_DIR` names, or in the temporary one;
//! the page cache is warm.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use wherefore::model::fact::{Act, Fact, Stated};
use wherefore::model::place::Place;
use wherefore::model::time::{Instant, When};
use wherefore::model::word::{ActKind, Section};
use wherefore::store::{Ledger, Mode, NewCommit, verify};

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let acts = numbers.first().copied().unwrap_or(1_000_000);
    let subjects = numbers.get(1).copied().unwrap_or(10_000);
    let base = std::env::var_os("WHEREFORE_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(base).unwrap();
    let facts = make(0, acts, subjects);
    println!("{acts} acts of {subjects} people");

    let memory = Ledger::in_memory().unwrap();
    rate("append to memory", acts, || append(&memory, &facts));
    drop(memory);

    let ledger = rate("make a store", 1, || {
        Ledger::open(folder.path(), Mode::Create).unwrap()
    });
    rate("append to a new store", acts, || append(&ledger, &facts));
    rate("append again, all known", acts, || append(&ledger, &facts));
    let more = make(acts, acts / 10, subjects);
    rate("append a tenth more", more.len(), || append(&ledger, &more));
    let single = make(2 * acts, 200, subjects);
    rate("append 200 commits of one act", single.len(), || {
        for fact in &single {
            append(&ledger, std::slice::from_ref(fact));
        }
    });
    rate("close", 1, || drop(ledger));
    println!("{:>52}", format!("{} MB on disk", size(folder.path()) >> 20));

    let ledger = rate("open for reading", 1, || {
        Ledger::open(folder.path(), Mode::Read).unwrap()
    });
    drop(ledger);
    let ledger = rate("open for writing", 1, || {
        Ledger::open(folder.path(), Mode::Write).unwrap()
    });
    let view = ledger.view().unwrap();
    let mut read = 0;
    let walked = rate("walk over all facts", acts, || {
        let mut from = None;
        let mut count = 0;
        loop {
            let walk = view.facts_from(from, 10_000).unwrap();
            count += walk.records.len();
            match walk.next {
                Some(next) => from = Some(next),
                None => return count,
            }
        }
    });
    assert_eq!(walked as u64, view.facts());
    rate("families of 1000 people", 1000, || {
        for i in 0..1000 {
            let person = format!("person-{}", i * 7919 % subjects);
            read += view.family(&person.as_str().into()).unwrap().len();
        }
    });
    println!("{:>52}", format!("{read} records read"));
    let ids: Vec<String> = (0..100_000)
        .map(|i| format!("event-{}", i * 37 % (3 * acts)))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    rate("knows 100000 identifiers", ids.len(), || {
        view.knows(Section::Events, &ids).unwrap()
    });
    drop(view);
    drop(ledger);
    let report = rate("verify", acts, || verify(folder.path()).unwrap());
    assert!(report.is_clean(), "{:?}", report.troubles);
}

fn rate<T>(what: &str, count: usize, work: impl FnOnce() -> T) -> T {
    let start = Clock::now();
    let outcome = work();
    let took = start.elapsed();
    let each = took / u32::try_from(count).unwrap_or(u32::MAX);
    let second = Duration::from_secs(1).as_nanos() / each.as_nanos().max(1);
    println!("{what:<32} {:>9.3} s {second:>10} a second", took.as_secs_f64());
    outcome
}

fn append(ledger: &Ledger, facts: &[Stated]) {
    let commit = NewCommit {
        facts,
        header: r#"{"zone":"UTC","home":"CN","minor_age":14}"#,
        recorded: Instant::from_micros(0),
        author: "bench",
        key: None,
    };
    ledger.append(commit).unwrap();
}

fn make(from: usize, count: usize, subjects: usize) -> Vec<Stated> {
    let file: Arc<str> = Arc::from("acts.ndjson");
    let parties: Vec<Arc<str>> = (0..200).map(|i| Arc::from(format!("party-{i}"))).collect();
    let fields: Vec<Arc<str>> = (0..50).map(|i| Arc::from(format!("field-{i}"))).collect();
    let purpose: Arc<str> = Arc::from("credit-scoring");
    let people: Vec<Arc<str>> = (0..subjects).map(|i| Arc::from(format!("person-{i}"))).collect();
    (from..from + count)
        .map(|i| Stated {
            fact: Fact::Act(Act {
                id: format!("event-{i}").as_str().into(),
                at: When::Instant(Instant::from_micros(
                    1_700_000_000_000_000 + 1_000_000 * i64::try_from(i).unwrap(),
                )),
                kind: ActKind::Share,
                actor: parties[i * 31 % 200].clone().into(),
                recipient: Some(parties[i * 17 % 199].clone().into()),
                source: None,
                subjects: vec![people[i * 7919 % subjects].clone().into()],
                fields: vec![fields[i % 50].clone().into(), fields[i * 3 % 50].clone().into()],
                purpose: Some(purpose.clone().into()),
                makes: vec![],
                method: None,
                location: None,
                value: None,
                lifts: false,
                safeguards: vec![],
                carries: wherefore::model::word::Carries::Surely,
            }),
            place: Place {
                file: file.clone(),
                line: u32::try_from(i + 1).unwrap(),
                column: 1,
            },
            item: "".into(),
            recording: wherefore::model::recorded::Recording::default(),
            bounded: Box::default(),
        })
        .collect()
}

fn size(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let kind = entry.metadata().unwrap();
            if kind.is_dir() {
                size(&entry.path())
            } else {
                kind.len()
            }
        })
        .sum()
}
