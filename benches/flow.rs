//! What flow policies cost beside other judging.
//!
//! `cargo bench --bench flow -- [acts]`, by default a million. The same acts are judged by the rules every file has
//! (covered, supported, crossings with a mechanism), by all packs inside the program, and by a flow policy that looks at the
//! actor, at minority and at the country: it tells about a thousand acts apart, which is told. Beside what the policy takes stand its
//! ratios to judging by the rules alone and to all that comes before an answer: numbering the acts, replaying them, judging. The
//! rules use both cores, the policy one. No rule finds anything, so that what is timed is judging and not the making of findings.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

#[path = "workload/honest.rs"]
mod honest;
#[path = "workload/permitted.rs"]
mod permitted;
#[path = "workload/stages.rs"]
mod stages;
mod workload;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use permitted::{PACKS, permitted};
use stages::shortest;
use wherefore::db::Snapshot;
use wherefore::graph::Things;
use wherefore::import::{self, Format};
use wherefore::model::fact::{Fact, Stated};
use wherefore::model::rule::Rule;
use wherefore::packs;
use wherefore::rules::{self, Case};

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
    let rule = serde_json::json!({"rules": {
        "id": "flows", "clause": "C-4", "severity": "error", "check": "policy", "policy": POLICY,
    }});
    let text = format!("{facts}{RULES}{}{rule}\n", permitted());
    drop(facts);
    let document = import::read_alone(&text, "bench.ndjson", Format::Ndjson).unwrap();
    drop(text);
    let snapshot = Snapshot::of_document(document);
    let facts = snapshot.facts().unwrap();
    println!("{acts} acts, of which the policy tells {} apart", tuples(&facts));
    let header = snapshot.header().unwrap();
    let things = Arc::new(Things::new(
        header.home.clone(),
        facts.iter().map(|stated| &stated.fact),
    ));
    let begins = shortest(|| stages::case(header, &snapshot, &things, &facts));
    let case = stages::case(header, &snapshot, &things, &facts);
    let (policy, plain): (Vec<&Rule>, Vec<&Rule>) = snapshot
        .rules()
        .into_iter()
        .partition(|rule| rule.id.as_str() == "flows");
    let all = snapshot
        .with_packs(&packs::built_in(&PACKS.map(str::to_owned)).unwrap())
        .unwrap();
    let packed: Vec<&Rule> = all
        .rules()
        .into_iter()
        .filter(|rule| rule.id.as_str() != "flows")
        .collect();
    let each = |spent: Duration| spent.as_nanos() / acts as u128;
    println!("numbering and replaying {:>6} ns an act", each(begins));
    let policy = judge(&case, &policy);
    println!("the flow policy         {:>6} ns an act", each(policy));
    for (what, rules) in [("three rules", plain), ("all packs", packed)] {
        let spent = judge(&case, &rules);
        let ratio = |to: Duration| policy.as_secs_f64() / to.as_secs_f64();
        println!(
            "{what:<23} {:>6} ns an act: the policy is {:.3} of it, {:.3} with numbering and replay",
            each(spent),
            ratio(spent),
            ratio(spent + begins)
        );
    }
}

/// How many different acts there are by what the policy looks at: the actor, the country it goes to, and the kind that every
/// decision is about. Nobody is a minor.
fn tuples(facts: &[Stated]) -> usize {
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

fn judge(case: &Case<'_>, rules: &[&Rule]) -> Duration {
    shortest(|| assert!(rules::judge(case, rules).0.is_empty()))
}
