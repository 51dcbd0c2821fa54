//! What a change to a large declared graph costs to judge.
//!
//! `cargo bench --bench release -- [acts]`, by default 100,000, with a change of 50 acts laid over them. Both states are
//! judged and their findings compared, as `wherefore check --change` does after it has read its input: once for acts of
//! many people as they were stated, once for a design, in which all acts are declared for everyone and judged for people
//! of age and under age, at the release and up to ninety days on, while three permissions end.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

#[path = "workload/mixed.rs"]
mod mixed;
mod workload;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::model::finding::Finding;
use wherefore::release::change;
use wherefore::release::design::{self, Design, Look};
use wherefore::report::baseline::Baseline;

const RULES: &str = r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized","when":{"acts":"disclose"}}}
{"rules":{"id":"necessity","clause":"C-3","severity":"error","check":"necessity"}}
"#;

fn main() {
    let acts = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(100_000);
    let people = mixed::ndjson(workload::Size {
        acts,
        people: acts.div_ceil(100),
    }) + RULES;
    report("acts of many people", &people, acts, None, Design::AsStated);
    report(
        "a design for everyone",
        &for_everyone(&people),
        acts,
        Some(90),
        Design::Everybody,
    );
}

/// The same acts, each for everyone, and permissions that end one after the other.
fn for_everyone(people: &str) -> String {
    let mut out = String::with_capacity(people.len());
    for line in people.lines() {
        match (line.find("\"subjects\":["), line.find("],\"fields\"")) {
            (Some(from), Some(to)) => {
                let _ = writeln!(
                    out,
                    "{}\"subjects\":\"everyone\"{}",
                    &line[..from],
                    &line[to + 1..]
                );
            }
            _ => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    for (i, day) in ["2025-01-20", "2025-02-20", "2025-03-20"].iter().enumerate() {
        let _ = writeln!(
            out,
            "{{\"authorizations\":{{\"id\":\"az-{i}\",\"basis\":\"contract\",\"holder\":\"party-{i}\",\"acts\":[\"disclose\"],\
             \"fields\":[\"field-0\"],\"purposes\":[\"purpose-0\"],\"from\":\"2020-01-01T00:00:00Z\",\"until\":\"{day}T00:00:00Z\"}}}}"
        );
    }
    out
}

fn report(what: &str, text: &str, acts: usize, days: Option<i64>, design: Design) {
    let document = import::read_alone(text, "bench.ndjson", Format::Ndjson).unwrap();
    let is_design = design != Design::AsStated;
    let mut added = String::from("events:\n");
    for i in 0..50 {
        let subjects = if is_design {
            "everyone".to_owned()
        } else {
            format!("[person-{}]", i % 11)
        };
        let _ = writeln!(
            added,
            "- {{id: new-{i}, at: 2024-06-01T00:00:{i:02}Z, act: disclose, from: party-{}, subjects: {subjects}, fields: [field-0], purpose: purpose-0}}",
            i % 7,
        );
    }
    let base = Snapshot::of_document(document);
    let look = Look {
        release: base.as_of(),
        days,
        design,
    };
    let best = (0..5)
        .map(|_| once(&base, &added, look))
        .min_by_key(|(cpu, ..)| *cpu)
        .unwrap();
    println!(
        "{what}: {acts} acts, 50 more: {} ms of the processor, {} ms by the clock, {} new findings",
        best.0.as_millis(),
        best.1.as_millis(),
        best.2
    );
}

fn once(base: &Snapshot, added: &str, look: Look) -> (Duration, Duration, usize) {
    // Nothing is kept of it yet.
    let base = Snapshot::of_document(base.document().unwrap());
    let (start, before) = (Instant::now(), spent());
    let change = change::read(added, "change.yaml", Format::Yaml).unwrap();
    let candidate = change::laid(&base, change).unwrap();
    let findings = |state: &Snapshot| -> Vec<Finding> { design::judge_kept(state, look).unwrap().findings };
    let known = Baseline::of(&findings(&base));
    let new = known.compare(&findings(&candidate)).new_count();
    (spent().saturating_sub(before), start.elapsed(), new)
}

/// Time of the processor that this program has had.
fn spent() -> Duration {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}
