//! What flow policies cost beside other judging.
//!
//! `cargo bench --bench flow -- [acts]`, by default a million. The same acts are judged by the rules every file has
//! (covered, supported, crossings with a mechanism), and by these with a flow policy that looks at purpose, field,
//! minority and country. No rule finds anything, so that what is timed is judging and not the making of findings.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

mod workload;

use std::time::{Duration, Instant};

use wherefore::db::Snapshot;
use wherefore::import::{self, Format};

const RULES: &str = r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized","when":{"acts":"disclose"}}}
{"rules":{"id":"mechanism","clause":"C-2","severity":"error","check":"transfer-mechanism","processor":"nobody"}}
{"rules":{"id":"necessity","clause":"C-3","severity":"error","check":"necessity"}}
{"processors":{"id":"nobody","kind":"controller"}}
"#;

const POLICY: &str = r#"permit (principal, action, resource);
@id("abroad") forbid (principal, action, resource in Category::"data")
when { context.minor && context has purpose && context.purpose in Purpose::"purpose-3"
       && context has country_to && context.country_to == "AQ" };"#;

fn main() {
    let acts = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let facts = workload::ndjson(workload::Size {
        acts,
        people: acts.div_ceil(100),
    });
    let rule = serde_json::json!({"rules": {
        "id": "flows", "clause": "C-4", "severity": "error", "check": "policy", "policy": POLICY,
    }});
    let plain = snapshot(&format!("{facts}{RULES}"));
    let with = snapshot(&format!("{facts}{RULES}{rule}\n"));
    drop(facts);
    // The first judging of each makes the copies too; the shortest of three is told.
    let [plain, with] = [plain, with].map(|judged| (0..3).map(|_| judge(&judged)).min().unwrap());
    let each = |spent: Duration| spent.as_nanos() / acts as u128;
    let policy = with.saturating_sub(plain);
    println!("{acts} acts");
    println!("judged by three rules            {:>6} ns an act", each(plain));
    println!("and by a flow policy             {:>6} ns an act", each(with));
    println!(
        "the policy alone                 {:>6} ns an act, {:.2} of the judging",
        each(policy),
        policy.as_secs_f64() / plain.as_secs_f64()
    );
}

fn snapshot(text: &str) -> Snapshot {
    let document = import::read_alone(text, "bench.ndjson", Format::Ndjson).unwrap();
    Snapshot::of_document(document)
}

fn judge(snapshot: &Snapshot) -> Duration {
    // Findings are kept with the snapshot, so each run takes one of its own.
    let snapshot = snapshot.at(snapshot.as_of()).unwrap();
    let begun = Instant::now();
    assert!(snapshot.findings(None).unwrap().is_empty());
    begun.elapsed()
}
