//! What flow policies cost beside other judging.
//!
//! `cargo bench --bench flow -- [acts]`, by default a million. The same acts are judged by the rules every file has
//! (covered, supported, crossings with a mechanism), and by these with a flow policy that looks at the actor, at minority and at
//! the country: it tells about a thousand acts apart, which is told. The same with all packs inside the program. No rule finds
//! anything, so that what is timed is judging and not the making of findings.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

#[path = "workload/honest.rs"]
mod honest;
#[path = "workload/permitted.rs"]
mod permitted;
mod workload;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use permitted::{PACKS, permitted};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::model::fact::Fact;
use wherefore::packs;

const RULES: &str = r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized","when":{"acts":"disclose"}}}
{"rules":{"id":"mechanism","clause":"C-2","severity":"error","check":"transfer-mechanism","processor":"nobody"}}
{"rules":{"id":"necessity","clause":"C-3","severity":"error","check":"necessity"}}
{"processors":{"id":"nobody","kind":"controller"}}
"#;

const POLICY: &str = r#"permit (principal, action, resource);
@id("abroad") forbid (principal, action, resource in Category::"data")
when { context.minor && principal.kind == "controller" && context has country_to && context.country_to == "AQ" };"#;

fn main() {
    let acts = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let facts = honest::honest(workload::Size {
        acts,
        people: acts.div_ceil(100),
    });
    let facts = format!("{facts}{RULES}{}", permitted());
    let rule = serde_json::json!({"rules": {
        "id": "flows", "clause": "C-4", "severity": "error", "check": "policy", "policy": POLICY,
    }});
    let bound = packs::built_in(&PACKS.map(str::to_owned)).unwrap();
    let timed = |text: &str| {
        let few = snapshot(text);
        if text.len() == facts.len() {
            println!("{acts} acts, of which the policy tells {} apart", tuples(&few));
        }
        let all = few.with_packs(&bound).unwrap();
        // The shortest of three is told.
        [&few, &all].map(|judged| (0..3).map(|_| judge(judged)).min().unwrap())
    };
    let plain = timed(&facts);
    let with = timed(&format!("{facts}{rule}\n"));
    let each = |spent: Duration| spent.as_nanos() / acts as u128;
    for (what, (plain, with)) in ["three rules", "all packs"]
        .iter()
        .zip(plain.into_iter().zip(with))
    {
        let policy = with.saturating_sub(plain);
        println!("judged by {what:<22} {:>6} ns an act", each(plain));
        println!("  and by a flow policy           {:>6} ns an act", each(with));
        println!(
            "  the policy alone               {:>6} ns an act, {:.2} of the judging",
            each(policy),
            policy.as_secs_f64() / plain.as_secs_f64()
        );
    }
}

/// How many different acts there are by what the policy looks at: the actor, the country it goes to, and the kind that every
/// decision is about. Nobody is a minor.
fn tuples(snapshot: &Snapshot) -> usize {
    let facts = snapshot.facts().unwrap();
    let acts = facts.iter().filter_map(|stated| {
        if let Fact::Act(act) = &stated.fact {
            Some(act)
        } else {
            None
        }
    });
    // Every fifth party is abroad.
    let is_abroad = |id: &str| id.ends_with('0') || id.ends_with('5');
    let seen: BTreeSet<(&str, &str, Option<bool>)> = acts
        .map(|act| {
            let to = act.recipient.as_ref().map(|to| is_abroad(to.as_str()));
            (act.actor.as_str(), act.kind.as_str(), to)
        })
        .collect();
    seen.len()
}

fn snapshot(text: &str) -> Snapshot {
    let document = import::read_alone(text, "bench.ndjson", Format::Ndjson).unwrap();
    Snapshot::of_document(document)
}

/// All of it: numbering the acts, replaying them, judging.
fn judge(snapshot: &Snapshot) -> Duration {
    // Findings are kept with the snapshot, so each run takes one of its own.
    let snapshot = snapshot.at(snapshot.as_of()).unwrap();
    let begun = Instant::now();
    assert!(snapshot.findings(None).unwrap().is_empty());
    begun.elapsed()
}
