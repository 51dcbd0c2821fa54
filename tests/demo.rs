//! The worked example that the program ships: exactly its expected findings, its silences, its answers.

use serde_json::Value;
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::question;
use wherefore::report::json;

use crate::ground::ground;

const FACTS: &str = include_str!("../examples/zhima-credit.yaml");
const EXPECTED: &str = include_str!("../examples/zhima-credit.expected.yaml");

/// A YAML text as JSON, every scalar a text.
fn yaml(text: &str) -> Value {
    import::yaml_json(text).expect("the examples are YAML")
}

fn snapshot() -> Snapshot {
    Snapshot::of_document(
        import::read_alone(FACTS, "zhima-credit.yaml", Format::Yaml).expect("the demo is valid"),
    )
}

/// The keys that are compared.
fn compared(finding: &Value) -> Value {
    let keys = [
        "id",
        "rule",
        "clause",
        "severity",
        "reason",
        "at",
        "event",
        "fact",
        "processor",
        "subjects",
        "fields",
        "because",
        "witness",
    ];
    keys.iter()
        .filter_map(|key| Some(((*key).to_owned(), finding.get(key)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn the_findings_are_exactly_the_expected_ones() {
    let snapshot = snapshot();
    let findings = snapshot.findings(None).expect("the demo can be judged");
    let found = json::findings(&findings.to_vec(), &ground(&snapshot));
    let expected = yaml(EXPECTED);
    let found: Vec<Value> = found["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(compared)
        .collect();
    let wanted: Vec<Value> = expected["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(compared)
        .collect();
    assert_eq!(found.len(), 56);
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn the_silent_acts_stay_silent() {
    let snapshot = snapshot();
    let findings = snapshot.findings(None).expect("the demo can be judged");
    let expected = yaml(EXPECTED);
    let silent = expected["silent"].as_array().expect("a list");
    assert_eq!(silent.len(), 17);
    for line in silent {
        let (event, rule) = (line["event"].as_str(), line["rule"].as_str());
        assert!(
            !findings
                .iter()
                .any(|finding| Some(finding.rule.as_str()) == rule && Some(finding.culprit.as_str()) == event),
            "{line}"
        );
    }
}

#[test]
fn the_questions_have_the_expected_answers() {
    let snapshot = snapshot();
    let expected = yaml(EXPECTED);
    let queries = expected["queries"].as_array().expect("a list");
    assert_eq!(queries.len(), 14);
    for query in queries {
        let asked = question::read(&query["ask"].to_string()).expect("the question can be read");
        let snapshot = snapshot.known_at(asked.as_known_at).expect("a file is in memory");
        let asked = asked.question;
        let answer = snapshot.ask(&asked, None).expect("the question can be answered");
        let answer = json::answer(&asked, &answer, &ground(&snapshot));
        let wanted = match query["answer"].as_str() {
            Some(text) => Value::Bool(text == "true"),
            None => query["answer"].clone(),
        };
        assert_eq!(answer["answer"], wanted, "{}", query["id"]);
        for key in ["witness", "arrivals"] {
            if let Some(list) = query.get(key) {
                assert_eq!(&answer[key], list, "{} {key}", query["id"]);
            }
        }
    }
}

#[test]
fn the_oracle_agrees_with_the_expected_file() {
    let facts = yaml(FACTS);
    let expected = yaml(EXPECTED);
    let found: Vec<Value> = super::oracle::findings::findings(&facts)
        .iter()
        .map(compared)
        .collect();
    let wanted: Vec<Value> = expected["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(compared)
        .collect();
    assert_eq!(found, wanted);
}
