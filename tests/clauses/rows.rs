//! The judge finds what a violating row says and is silent about the conforming facts.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Document, Format};
use wherefore::model::finding::Finding;
use wherefore::packs;
use wherefore::report::checked::{Checked, FailOn, RuleInfo};
use wherefore::report::json::{self as printed, Ground};
use wherefore::report::text::{self, Style};

use super::read::{self, Row};
use crate::oracle::witness;

/// What a row may say about a finding.
const SAID: &[&str] = &[
    "reason",
    "at",
    "event",
    "fact",
    "processor",
    "subjects",
    "fields",
    "because",
    "witness",
    "law",
    "voluntary",
];

fn document(row: &Row, part: &str) -> Document {
    let name = format!("{} {part}", row.clause);
    let document = import::read_alone(&row.facts(part).to_string(), &name, Format::Json)
        .unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    assert!(document.warnings.is_empty(), "{name}: {:?}", document.warnings);
    document
}

/// The facts of a part held to the pack of the row's rule, and to others that the row names.
fn snapshot(row: &Row, part: &str) -> Snapshot {
    let mut specs = Vec::new();
    if !row.rule.is_empty() {
        specs.push(row.pack());
    }
    let packs = packs::built_in(&specs).unwrap_or_else(|error| panic!("{}: {error}", row.clause));
    Snapshot::of_document(document(row, part))
        .with_packs(&packs)
        .unwrap_or_else(|error| panic!("{} {part}: {error}", row.clause))
}

/// The findings of the row's rule.
pub fn found(row: &Row, part: &str) -> Vec<Value> {
    let snapshot = snapshot(row, part);
    let findings = snapshot.findings(None).expect("a valid file can be judged");
    let ground = Ground {
        sequence: None,
        known_at: None,
        head: None,
        as_of: snapshot.as_of(),
        zone: snapshot.zone(),
    };
    let printed = printed::findings(&findings.to_vec(), &ground);
    printed["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["rule"] == row.rule.as_str())
        .cloned()
        .collect()
}

/// The text report of a part.
fn report(row: &Row, part: &str) -> String {
    let snapshot = snapshot(row, part);
    let findings = snapshot.findings(None).expect("a valid file can be judged");
    let ground = Ground {
        sequence: None,
        known_at: None,
        head: None,
        as_of: snapshot.as_of(),
        zone: snapshot.zone(),
    };
    let appendix = snapshot.appendix(None).expect("a valid file can be judged");
    let beside = snapshot.appendix_beside(snapshot.as_of(), &findings);
    // Nothing is told without judging where acts stand.
    if let Some(beside) = beside.expect("facts in memory") {
        assert_eq!(beside, appendix, "{part} of {}", row.clause);
    }
    let rules: Vec<RuleInfo> = snapshot
        .stated_rules()
        .into_iter()
        .map(|(rule, place)| RuleInfo::of(rule, place))
        .collect();
    let checked = Checked {
        findings: &findings
            .iter()
            .map(|found| Finding::clone(found))
            .collect::<Vec<_>>(),
        rules: &rules,
        suppressed: &[],
        today: None,
        mended: &[],
        horizon: None,
        notes: &[],
        appendix: &appendix,
        ground: &ground,
        comparison: None,
        fail_on: FailOn::Never,
        possible_fails: false,
    };
    text::findings(&checked, Style { color: false })
}

fn fits(row: &Row, wanted: &Value, finding: &Value) -> bool {
    let wanted = wanted.as_object().expect("a finding is a map");
    for key in wanted.keys() {
        assert!(SAID.contains(&key.as_str()), "{}: what is `{key}`?", row.clause);
    }
    wanted.iter().all(|(key, value)| match (value, &finding[key]) {
        (Value::String(day), Value::String(at)) if day.starts_with('@') => *at == read::instant(day),
        (Value::String(text), Value::Bool(flag)) => *text == flag.to_string(),
        (value, have) => value == have,
    })
}

pub fn judged() -> impl Iterator<Item = Row> {
    read::all()
        .into_iter()
        .filter(|row| matches!(row.shows.as_str(), "judged" | "recorded"))
}

#[test]
fn every_violating_row_is_found_with_its_clause() {
    let checks = read::checks();
    let wrong: Vec<String> = judged()
        .filter_map(|row| misjudged(&row, &checks[&row.rule]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the findings of a violating row.
fn misjudged(row: &Row, check: &str) -> Option<String> {
    let found = found(row, "violates");
    let finds = &row.value["finds"];
    let wanted = finds.as_array().cloned().unwrap_or_else(|| vec![finds.clone()]);
    let fits_all = found.len() == wanted.len()
        && found
            .iter()
            .zip(&wanted)
            .all(|(finding, wanted)| fits(row, wanted, finding));
    if !fits_all {
        return Some(format!(
            "{} {}: wanted {wanted:?}, found {found:#?}",
            row.clause, row.rule
        ));
    }
    for finding in &found {
        let clause = finding["clause"].as_str().expect("a finding has a clause");
        assert!(
            wherefore::report::packs::fits(clause, &row.clause),
            "{}: the finding names {clause}",
            row.clause
        );
        assert!(finding["why"].as_str().is_some_and(|why| !why.is_empty()));
        witness_holds(row, check, finding);
    }
    None
}

/// The checker of witnesses that looks at acts alone agrees.
fn witness_holds(row: &Row, check: &str, finding: &Value) {
    let mut facts = row.facts("violates");
    facts["rules"] = json!([{"id": row.rule, "check": check, "clause": row.clause, "severity": "note"}]);
    let held = witness::verify(&facts, finding);
    assert_eq!(held, Ok(()), "{}: {finding:#}", row.clause);
}

#[test]
fn every_conforming_row_is_silent() {
    let wrong: Vec<String> = judged()
        .filter_map(|row| {
            let found = found(&row, "conforms");
            (!found.is_empty()).then(|| format!("{} {}: {found:#?}", row.clause, row.rule))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn evidence_is_reported_as_recorded_and_never_as_verified() {
    let mut any = false;
    for row in judged().filter(|row| row.shows == "recorded") {
        any = true;
        let report = report(&row, "conforms");
        let line = report
            .lines()
            .find(|line| line.contains("recorded") && line.contains(&row.rule))
            .unwrap_or_else(|| panic!("{}: nothing is recorded:\n{report}", row.clause));
        assert!(line.contains(&row.clause), "{line}");
        assert!(!report.contains("verified evidence"), "{report}");
    }
    assert!(any, "no row is about evidence");
}

#[test]
fn what_must_not_load_does_not() {
    for row in read::all().iter().filter(|row| row.shows == "refused") {
        let code = row.value["code"].as_str().expect("the code of the problem");
        let problems = import::read_alone(&row.facts("violates").to_string(), &row.clause, Format::Json)
            .expect_err("such facts are refused");
        assert!(
            problems.iter().any(|problem| problem.code.as_str() == code),
            "{}: {problems:?}",
            row.clause
        );
        document(row, "conforms");
    }
}

#[test]
fn reports_say_what_is_only_to_be_told() {
    for row in read::all().iter().filter(|row| row.shows == "reported") {
        let report = match row.value["page"].as_str() {
            Some(page) => {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
                std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{page}: {error}"))
            }
            None => match row.value.get("ask") {
                Some(ask) => answer(row, ask),
                None => report(row, "facts"),
            },
        };
        let says = row.value["says"].as_array().expect("what the report says");
        assert!(!says.is_empty(), "{}", row.clause);
        for text in says {
            let text = text.as_str().expect("a text");
            assert!(report.contains(text), "{}: no `{text}` in\n{report}", row.clause);
        }
        for text in row.value["silent"].as_array().into_iter().flatten() {
            let text = text.as_str().expect("a text");
            assert!(!report.contains(text), "{}: `{text}` in\n{report}", row.clause);
        }
    }
}

fn answer(row: &Row, ask: &Value) -> String {
    let snapshot = Snapshot::of_document(document(row, "facts"));
    let asked =
        wherefore::question::read(&ask.to_string()).unwrap_or_else(|error| panic!("{}: {error}", row.clause));
    let answer = snapshot
        .ask(&asked.question, None)
        .unwrap_or_else(|error| panic!("{}: {error}", row.clause));
    text::answer(&answer, snapshot.zone(), Style { color: false })
}

#[test]
fn the_examples_of_the_laws_violate_and_conform() {
    for law in ["gdpr", "pipl"] {
        let packs = packs::built_in(&[format!("{law}:self=shop")]).expect("a pack inside the program");
        let rules_found = |part: &str| -> BTreeSet<String> {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/laws/{law}-{part}.yaml"));
            let text = std::fs::read_to_string(&path).expect("an example");
            let document = import::read_alone(&text, part, Format::Yaml).expect("a valid example");
            let snapshot = Snapshot::of_document(document)
                .with_packs(&packs)
                .expect("the pack fits the facts");
            let findings = snapshot.findings(None).expect("a valid file can be judged");
            findings.iter().map(|finding| finding.rule.to_string()).collect()
        };
        assert!(rules_found("violating").len() >= 6, "{law}");
        assert_eq!(rules_found("conforming"), BTreeSet::new(), "{law}");
    }
}

#[test]
fn every_row_is_about_a_clause_and_a_rule_of_a_pack() {
    let mut clauses = BTreeSet::new();
    let mut rules = BTreeSet::new();
    for (name, text) in packs::BUILT_IN {
        let (pack, sketches) = packs::sketch(text, name).expect("a pack inside the program can be read");
        assert_eq!(&*pack.name, *name);
        clauses.extend(pack.clauses.into_iter().map(|clause| clause.id));
        rules.extend(sketches.into_iter().map(|rule| format!("{name}/{}", rule.id)));
    }
    for row in read::all() {
        assert!(
            clauses.contains(&row.clause),
            "no pack has the clause {}",
            row.clause
        );
        if matches!(row.shows.as_str(), "judged" | "recorded") {
            assert!(
                rules.contains(&row.rule),
                "{}: there is no rule {}",
                row.clause,
                row.rule
            );
        }
        for key in row.value.as_object().expect("a row is a map").keys() {
            let known = [
                "clause", "shows", "rule", "with", "violates", "finds", "conforms", "code", "facts", "says",
                "silent", "ask", "page",
            ];
            assert!(known.contains(&key.as_str()), "{}: what is `{key}`?", row.clause);
        }
    }
}
