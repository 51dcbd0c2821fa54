//! What judging costs, stage by stage, with one rule and with every pack.
//!
//! `cargo bench --bench packs -- [acts] [rules]`, by default a million. The same acts are judged by the one rule that they are
//! covered, and by all packs inside the program, bound to one of the companies. Stages are told apart: numbering the
//! acts, replaying them, judging; and all of them together. Beside each stands its ratio to a floor: one pass over what the
//! actor of each act held of each pair of it. Judged are facts that conform to all packs, where judging is looking; facts
//! that are permitted but say that three acts in four pass on what nobody had; and these without any permission, where every
//! act breaks a clause and judging is the making of findings. Their number is told. With the word `rules` the costliest rules of the
//! first are told too, each judged alone.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and stops at the first error"
)]

#[path = "workload/honest.rs"]
mod honest;
#[path = "workload/mixed.rs"]
mod mixed;
#[path = "workload/permitted.rs"]
mod permitted;
#[path = "workload/stages.rs"]
mod stages;
mod workload;

use std::sync::Arc;
use std::time::Duration;

use permitted::permitted;
use stages::shortest;
use wherefore::db::Snapshot;
use wherefore::graph::replay::Held;
use wherefore::graph::{History, Things};
use wherefore::import::{self, Format};
use wherefore::packs;
use wherefore::rules::{self, Case};

const RULE: &str = r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized","when":{"acts":"disclose"}}}"#;
/// The same for all acts: what is not covered is found.
const RULE_FOR_ALL: &str =
    r#"{"rules":{"id":"covered","clause":"C-1","severity":"error","check":"authorized"}}"#;

/// So many rules are told one by one.
const RULES_TOLD: usize = 30;

const PACKS: [(&str, &[&str]); 5] = [
    ("partner-rules", &["partner-rules:platform=party-1"]),
    ("zhima-credit", &["zhima-credit:self=party-1"]),
    ("pipl", &["pipl:self=party-1"]),
    ("gdpr", &["gdpr:self=party-1"]),
    ("all five packs", &permitted::PACKS),
];

fn main() {
    let mut words = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let acts = words.next().unwrap_or(1_000_000);
    let each_rule = std::env::args().any(|word| word == "rules");
    let size = workload::Size {
        acts,
        people: acts.div_ceil(100),
    };
    let conforming = format!("{}{RULE}\n{}", honest::honest(size), permitted());
    println!("{acts} acts that conform");
    report(&conforming, acts, each_rule);
    drop(conforming);
    let facts = mixed::ndjson(size);
    println!("{acts} acts that are permitted, of what mostly nobody had");
    report(&format!("{facts}{RULE}\n{}", permitted()), acts, false);
    let breaking = format!("{facts}{RULE_FOR_ALL}\n");
    println!("{acts} acts without any permission");
    report(&breaking, acts, false);
}

/// Times the stages for one set of facts.
fn report(text: &str, acts: usize, each_rule: bool) {
    let document = import::read_alone(text, "bench.ndjson", Format::Ndjson).unwrap();
    let snapshot = Snapshot::of_document(document);
    let facts = snapshot.facts().unwrap();
    let header = snapshot.header().unwrap();
    let things = Arc::new(Things::new(
        header.home.clone(),
        facts.iter().map(|stated| &stated.fact),
    ));
    let case = stages::case(header, &snapshot, &things, &facts);
    let floor = shortest(|| pass(&case));
    let told = |what: &str, spent: Duration, more: &str| {
        let each = spent.as_secs_f64() * 1e9 / f64::from(u32::try_from(acts).unwrap());
        let times = spent.as_secs_f64() / floor.as_secs_f64();
        println!("  {what:<28} {each:>8.0} ns an act  {times:>7.0} floors  {more}");
    };
    told("floor: a pass over pairs", floor, "");
    let history = shortest(|| History::new(Arc::clone(&things), facts.iter()));
    told("numbering the acts", history, "");
    let whole = shortest(|| stages::case(header, &snapshot, &things, &facts));
    told("replay, authorizations", whole.saturating_sub(history), "");
    judged(&case, &snapshot, "one rule", &told);
    let mut spent = Duration::ZERO;
    for (name, specs) in PACKS {
        let specs: Vec<String> = specs.iter().map(|spec| (*spec).to_owned()).collect();
        let bound = packs::built_in(&specs).unwrap();
        let snapshot = snapshot.with_packs(&bound).unwrap();
        spent = judged(&case, &snapshot, name, &told);
        if each_rule && name == PACKS[4].0 {
            by_rule(&case, &snapshot, acts);
        }
    }
    told("all of it, with all packs", whole + spent, "");
}

/// What each of the costliest rules costs when it is judged alone.
fn by_rule(case: &Case<'_>, snapshot: &Snapshot, acts: usize) {
    let mut costs: Vec<(Duration, usize, String)> = snapshot
        .rules()
        .into_iter()
        .map(|rule| {
            let mut found = 0;
            let spent = shortest(|| found = rules::judge(case, &[rule]).0.len());
            let check = format!("{:?}", rule.check);
            let end = check.find(|c: char| !c.is_alphanumeric()).unwrap_or(check.len());
            (spent, found, format!("{} ({})", rule.id, &check[..end]))
        })
        .collect();
    costs.sort_unstable_by_key(|(spent, _, _)| std::cmp::Reverse(*spent));
    for (spent, found, rule) in &costs[..costs.len().min(RULES_TOLD)] {
        let each = spent.as_secs_f64() * 1e9 / f64::from(u32::try_from(acts).unwrap());
        println!("    {each:>7.1} ns an act  {found:>8} findings  {rule}");
    }
}

fn judged(case: &Case<'_>, snapshot: &Snapshot, name: &str, told: &dyn Fn(&str, Duration, &str)) -> Duration {
    let rules = snapshot.rules();
    let mut found = 0;
    let spent = shortest(|| found = rules::judge(case, &rules).0.len());
    let more = format!("{:>3} rules, {found:>8} findings", rules.len());
    told(name, spent, &more);
    spent
}

/// What the actor of each act held of each pair, looked at once.
fn pass(case: &Case<'_>) -> usize {
    case.history
        .numbered()
        .map(|(number, act)| {
            act.pairs()
                .zip(case.replay.held(number))
                .filter(|(_, held)| matches!(held, Held::Copies(_)))
                .count()
        })
        .sum()
}
