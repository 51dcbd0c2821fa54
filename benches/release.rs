//! What a change to a large declared graph costs to judge.
//!
//! `cargo bench --bench release -- [acts]`, by default 100,000, with a change of 50 acts laid over them. Both states are
//! judged and their findings compared, as `wherefore check --change` does after it has read its input.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

mod workload;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::release::change;
use wherefore::report::baseline::Baseline;

const RULES: &str = r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized","when":{"acts":"disclose"}}}
{"rules":{"id":"necessity","clause":"C-3","severity":"error","check":"necessity"}}
"#;

fn main() {
    let acts = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(100_000);
    let text = workload::ndjson(workload::Size {
        acts,
        people: acts.div_ceil(100),
    }) + RULES;
    let document = import::read_alone(&text, "bench.ndjson", Format::Ndjson).unwrap();
    let mut added = String::from("events:\n");
    for i in 0..50 {
        let _ = writeln!(
            added,
            "- {{id: new-{i}, at: 2024-06-01T00:00:{i:02}Z, act: disclose, from: party-{}, subjects: [person-{}], fields: [field-0], purpose: purpose-0}}",
            i % 7,
            i % 11
        );
    }
    let base = Snapshot::of_document(document);
    let best = (0..5)
        .map(|_| once(&base, &added))
        .min_by_key(|(spent, _)| *spent)
        .unwrap();
    println!(
        "{acts} acts, 50 more: {} ms, {} new findings",
        best.0.as_millis(),
        best.1
    );
}

fn once(base: &Snapshot, added: &str) -> (Duration, usize) {
    // A fresh instant: findings that were kept would hide what judging costs.
    let base = base.at(base.as_of()).unwrap();
    let start = Instant::now();
    let change = change::read(added, "change.yaml", Format::Yaml).unwrap();
    let candidate = Snapshot::of_document(change::apply(base.document().unwrap(), change).unwrap());
    let before = Baseline::of(&base.findings(None).unwrap());
    let after = candidate.at(base.as_of()).unwrap().findings(None).unwrap();
    let new = before.compare(&after).new_count();
    (start.elapsed(), new)
}
