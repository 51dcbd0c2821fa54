//! What the findings cost after a small commit.
//!
//! `cargo bench --bench commits -- [acts]`, by default 100,000, about a hundredth as many people, in a store on disk. After
//! each commit of one act the findings are asked for: what a subscriber to `findingAdded` waits for. Beside it stands
//! what judging everything costs on the same store. Then changes are laid over it that are never written, of one act about
//! one person and of a thousand acts about ten, and their findings compared with those that stand: what `check(change)`
//! of GraphQL does. Beside each stands what that costs when the changed facts are judged from nothing. Facts that conform, facts of which every second act breaks a clause
//! (so that there are many findings to keep), and the same under every pack inside the program.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

#[path = "workload/mixed.rs"]
mod mixed;
#[path = "workload/permitted.rs"]
mod permitted;
mod workload;

use std::time::{Duration, Instant};

use permitted::{PACKS, permitted};
use serde_json::json;
use wherefore::db::{AsOf, Batch, Db, Mode, Snapshot};
use wherefore::import::{self, Format};
use wherefore::model::time;
use wherefore::packs;
use wherefore::release::change;
use wherefore::report::baseline::between;

const COMMITS: usize = 20;
/// Changes of each kind, and how many of them are judged from nothing too.
const CHANGES: usize = 20;
const FROM_NOTHING: usize = 2;

fn main() {
    let acts = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(100_000);
    let facts = mixed::ndjson(workload::Size {
        acts,
        people: acts.div_ceil(100),
    });
    let rule =
        json!({"rules": {"id": "covered", "clause": "C-1", "severity": "error", "check": "authorized"}});
    let held =
        json!({"rules": {"id": "held", "clause": "C-2", "severity": "error", "check": "flow-supported"}});
    println!("{acts} acts, commits of one act each; milliseconds by the clock, median and most");
    report("conforming", &format!("{facts}{rule}\n{}", permitted()), false);
    report("every second breaks a clause", &format!("{facts}{held}\n"), false);
    report(
        "conforming, five packs",
        &format!("{facts}{rule}\n{}", permitted()),
        true,
    );
}

fn report(what: &str, text: &str, with_packs: bool) {
    let folder = tempfile::tempdir().unwrap();
    let document = import::read_alone(text, "bench.ndjson", Format::Ndjson).unwrap();
    let as_of = document.header.as_of;
    let db = Db::open(&folder.path().join("store"), Mode::Create, AsOf::Fixed(as_of)).unwrap();
    db.commit(Batch::of(document), as_of).unwrap();
    let specs: Vec<String> = PACKS.iter().map(|spec| (*spec).to_owned()).collect();
    let bound = packs::built_in(&specs).unwrap();
    let held_to = |snapshot: Snapshot| {
        if with_packs {
            snapshot.with_packs(&bound).unwrap()
        } else {
            snapshot
        }
    };
    let begun = Instant::now();
    let found = held_to(db.snapshot()).findings(None).unwrap().len();
    let everything = begun.elapsed();
    let (mut committed, mut judged) = (Vec::new(), Vec::new());
    for i in 0..COMMITS {
        let batch = Batch::read(&one_act(i), "one.ndjson").unwrap();
        let begun = Instant::now();
        db.commit(batch, time::Instant::from_micros(as_of.micros()))
            .unwrap();
        committed.push(begun.elapsed());
        let begun = Instant::now();
        held_to(db.snapshot()).findings(None).unwrap();
        judged.push(begun.elapsed());
    }
    println!(
        "{what:<30} {found:>7} findings; everything {:>8}; after a commit {:>6} {:>6}; the commit itself {:>6} {:>6}",
        millis(everything),
        millis(median(&mut judged)),
        millis(judged[COMMITS - 1]),
        millis(median(&mut committed)),
        millis(committed[COMMITS - 1]),
    );
    for (acts, people) in [(1, 1), (1_000, 10)] {
        changes(&held_to(db.snapshot()), &held_to, acts, people);
    }
}

/// Changes of so many acts about so many people.
fn changes(state: &Snapshot, held_to: &impl Fn(Snapshot) -> Snapshot, acts: usize, people: usize) {
    let before = state.findings(None).unwrap();
    let (mut kept, mut nothing) = (Vec::new(), Vec::new());
    for i in 0..CHANGES {
        let text = proposed(i, acts, people);
        let begun = Instant::now();
        let laid = change::laid(state, change::read(&text, "change", Format::Json).unwrap()).unwrap();
        let found = laid.findings(None).unwrap();
        let new = between(&before, &found).new.len();
        kept.push(begun.elapsed());
        if i >= FROM_NOTHING {
            continue;
        }
        let change = change::read(&text, "change", Format::Json).unwrap();
        let begun = Instant::now();
        // The facts are read from the store, laid over and judged.
        let document = change::laid(state, change).unwrap().document().unwrap();
        let whole = held_to(Snapshot::of_document(document).at(state.as_of()).unwrap());
        let from_nothing = whole.findings(None).unwrap();
        assert_eq!(between(&before, &from_nothing).new.len(), new);
        nothing.push(begun.elapsed());
        assert_eq!(found, from_nothing);
    }
    let (kept, nothing) = ((median(&mut kept), kept[CHANGES - 1]), median(&mut nothing));
    println!(
        "  a change of {acts} acts about {people} people: {:>8} {:>8}; from nothing {:>8}; ratio {:.0}",
        millis(kept.0),
        millis(kept.1),
        millis(nothing),
        nothing.as_secs_f64() / kept.0.as_secs_f64(),
    );
}

/// Acts of one year, of the same people over and over.
fn proposed(number: usize, acts: usize, people: usize) -> String {
    let acts: Vec<serde_json::Value> = (0..acts)
        .map(|i| {
            json!({
                "id": format!("new-{number}-{i}"), "at": format!("2024-{:02}-{:02}T00:00:00Z", i % 12 + 1, i % 28 + 1),
                "act": "share", "from": format!("party-{}", i % 7), "to": format!("party-{}", 7 + i % 5),
                "subjects": [format!("person-{}", number * 31 + i % people)], "fields": [format!("field-{}", i % 3)],
                "purpose": "purpose-1",
            })
        })
        .collect();
    json!({ "events": acts }).to_string()
}

/// An act of somebody, late by up to a few years.
fn one_act(i: usize) -> String {
    let act = json!({"events": {
        "id": format!("late-{i}"), "at": format!("{}-03-01T00:00:00Z", 2020 + i % 5), "act": "share",
        "from": format!("party-{}", i % 7), "to": "party-9", "subjects": [format!("person-{}", i * 17)],
        "fields": ["field-1"], "purpose": "purpose-1",
    }});
    format!("{{\"scenario\":\"bench\",\"as_of\":\"2025-01-01T00:00:00+08:00\"}}\n{act}\n")
}

/// Sorts, so that the last is the most.
fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}
