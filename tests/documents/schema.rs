//! The JSON Schema knows every word that the reader knows.

use std::collections::BTreeSet;

use serde_json::Value;
use wherefore::model::rule::Check;
use wherefore::model::word::{
    ActKind, Basis, Carries, Dimension, Giver, Grade, Method, Outcome, ProcessorKind, Role, Section,
    Severity, State,
};

const SCHEMA: &str = include_str!("../../schema/facts.schema.json");

/// Every word of an `enum` or a `const`, and the lists they stand in.
fn words(value: &Value, all: &mut Vec<BTreeSet<String>>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match (key.as_str(), inner) {
                    ("enum", Value::Array(list)) => {
                        all.push(list.iter().filter_map(Value::as_str).map(str::to_owned).collect());
                    }
                    ("const", Value::String(text)) => all.push(BTreeSet::from([text.clone()])),
                    (_, inner) => words(inner, all),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| words(inner, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_closed_list_of_the_model_is_a_list_of_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let mut lists = Vec::new();
    words(&schema, &mut lists);
    let reasons = [Dimension::WORDS, &["none"]].concat();
    let covered = [ActKind::WORDS, &["cross-border", "sensitive"]].concat();
    let model: &[(&str, &[&str])] = &[
        ("act", ActKind::WORDS),
        ("basis", Basis::WORDS),
        ("reason", &reasons),
        ("given_by", Giver::WORDS),
        ("grade", Grade::WORDS),
        ("method", Method::WORDS),
        ("outcome", Outcome::WORDS),
        ("kind of processor", ProcessorKind::WORDS),
        ("role", Role::WORDS),
        ("severity", Severity::WORDS),
        ("state", State::WORDS),
        ("carries", Carries::WORDS),
        ("covered", &covered),
        ("check", Check::NAMES),
    ];
    for (name, words) in model {
        let wanted: BTreeSet<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert!(
            lists.contains(&wanted),
            "the schema has no list of just the words of `{name}`: {wanted:?}"
        );
    }
}

#[test]
fn every_section_is_a_property_and_a_line_of_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for section in Section::WORDS {
        assert!(schema["properties"].get(section).is_some(), "{section}");
        assert!(
            schema["$defs"]["line"]
                .to_string()
                .contains(&format!("\"{section}\"")),
            "no line of {section}"
        );
    }
    for key in [
        "scenario",
        "title",
        "as_of",
        "timezone",
        "home",
        "minor_age",
        "calendar",
        "defaults",
    ] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}

#[test]
fn every_check_has_its_parameters_in_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let arms = schema["$defs"]["rule"]["allOf"]
        .as_array()
        .expect("an arm for each check");
    for check in Check::NAMES {
        let has_arm = arms
            .iter()
            .any(|arm| arm["if"].to_string().contains(&format!("\"{check}\"")));
        assert!(has_arm, "{check}");
    }
}
