//! The judge finds in every case just what the case says, the oracle agrees, and every witness holds.

use serde_json::{Map, Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::report::json as printed;

use super::cases::{self, Case};
use crate::oracle::{findings, witness};

/// What a case says about a finding.
const SAID: &[&str] = &[
    "rule",
    "reason",
    "at",
    "during",
    "event",
    "fact",
    "processor",
    "subjects",
    "fields",
    "because",
    "witness",
];

/// The keys of `keys` that a finding has.
fn only(finding: &Value, keys: &[&str]) -> Value {
    keys.iter()
        .filter_map(|key| Some(((*key).to_owned(), finding.get(key)?.clone())))
        .collect::<Map<_, _>>()
        .into()
}

pub fn judged(case: &Case) -> Vec<Value> {
    let document = import::read_alone(&case.facts.to_string(), &case.name, Format::Json)
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", case.name));
    assert!(
        document.warnings.is_empty(),
        "{}: {:?}",
        case.name,
        document.warnings
    );
    let snapshot = Snapshot::of_document(document);
    let found = snapshot.findings(None).expect("a valid file can be judged");
    let ground = crate::ground::ground(&snapshot);
    let found = printed::findings(&found.to_vec(), &ground);
    found["findings"].as_array().expect("a list").clone()
}

#[test]
fn every_case_has_just_the_findings_it_says() {
    for case in cases::all() {
        let found: Vec<Value> = judged(&case).iter().map(|finding| only(finding, SAID)).collect();
        let wanted: Vec<Value> = case.findings.iter().map(|finding| only(finding, SAID)).collect();
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(found, wanted, "{}", case.name);
        }
        assert_eq!(found.len(), wanted.len(), "{}: {:#}", case.name, json!(found));
        assert_eq!(
            wanted, case.findings,
            "{}: an unknown key in a finding",
            case.name
        );
    }
}

#[test]
fn the_oracle_finds_the_same_in_every_case() {
    // Nobody writes a second Cedar; tests/flow holds what is remembered against what is decided anew.
    for case in cases::all().into_iter().filter(|case| case.check != "policy") {
        let keys = [&["id", "clause", "severity"], SAID].concat();
        let mut found: Vec<Value> = judged(&case).iter().map(|finding| only(finding, &keys)).collect();
        let wanted: Vec<Value> = findings::findings(&case.facts)
            .iter()
            .map(|finding| only(finding, &keys))
            .collect();
        // By which way a decision descends from an attribute it does not say where a standing act has a part in it.
        if case.check == "protected-attribute" {
            for (found, _) in found
                .iter_mut()
                .zip(&wanted)
                .filter(|(_, wanted)| wanted.get("witness").is_none())
            {
                found.as_object_mut().expect("a map").shift_remove("witness");
            }
        }
        assert_eq!(found, wanted, "{}", case.name);
    }
}

#[test]
fn every_witness_of_every_case_holds() {
    for case in cases::all() {
        for finding in judged(&case) {
            assert_eq!(
                witness::verify(&case.facts, &finding),
                Ok(()),
                "{}: {finding:#}",
                case.name
            );
        }
    }
}
