//! What judging with every pack costs.
//!
//! `cargo bench --bench packs -- [acts]`, by default a million. The same acts are judged by the one rule that they are
//! covered, and by all packs inside the program, bound to one of the companies. Making the findings is part of it: their
//! number is told.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

mod workload;

use std::time::{Duration, Instant};

use serde_json::json;
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::packs;

const RULE: &str = r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized","when":{"acts":"disclose"}}}"#;

fn main() {
    let acts = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let facts = workload::ndjson(workload::Size {
        acts,
        people: acts.div_ceil(100),
    });
    let text = format!("{facts}{RULE}\n{}", permitted());
    drop(facts);
    let document = import::read_alone(&text, "bench.ndjson", Format::Ndjson).unwrap();
    drop(text);
    let plain = Snapshot::of_document(document);
    judge(&plain, acts, "one rule");
    for names in [
        &["partner-rules:platform=party-1"][..],
        &["zhima-credit:self=party-1"],
        &["pipl:self=party-1"],
        &["gdpr:self=party-1"],
        &[
            "partner-rules:platform=party-1",
            "biometric-guidelines:self=party-1",
            "zhima-credit:self=party-1",
            "pipl:self=party-1",
            "gdpr:self=party-1",
        ],
    ] {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let bound = packs::built_in(&names).unwrap();
        let snapshot = plain.at(plain.as_of()).unwrap().with_packs(&bound).unwrap();
        let told = if names.len() > 1 {
            "all five packs"
        } else {
            &names[0]
        };
        judge(&snapshot, acts, told);
    }
}

/// One authorization that covers everything, and a policy that declares it: what is timed is judging, and little of the
/// making of findings.
fn permitted() -> String {
    let parties: Vec<String> = (0..workload::PARTIES).map(|i| format!("party-{i}")).collect();
    let purposes: Vec<String> = (0..workload::PURPOSES).map(|i| format!("purpose-{i}")).collect();
    let begin = "2000-01-01T00:00:00Z";
    let authorization = json!({"authorizations": {
        "id": "all", "basis": "legal-duty", "citation": "Act 1", "holder": parties, "recipients": parties,
        "acts": ["collect", "share", "use"], "categories": "data", "purposes": purposes, "from": begin,
    }});
    let policy = json!({"policies": {
        "id": "v1", "processor": "party-1", "effective": begin, "published": begin,
        "declares": [{"categories": "data", "purposes": purposes}],
    }});
    format!("{authorization}\n{policy}\n")
}

/// The shorter of two; each snapshot judges once and keeps what it found.
fn judge(snapshot: &Snapshot, acts: usize, what: &str) {
    let mut shortest = Duration::MAX;
    let mut found = 0;
    for _ in 0..2 {
        let snapshot = snapshot.at(snapshot.as_of()).unwrap();
        let begun = Instant::now();
        found = snapshot.findings(None).unwrap().len();
        shortest = shortest.min(begun.elapsed());
    }
    let each = shortest.as_nanos() / acts as u128;
    println!("{what:<40} {each:>7} ns an act, {found:>8} findings");
}
