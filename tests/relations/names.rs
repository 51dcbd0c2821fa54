//! Renaming ids changes only names.

use serde_json::Value;

use super::{answer, files, findings, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::{facts, generate, generate_wide};

/// All ids that the file gives, in any section.
fn given(file: &Value) -> Vec<String> {
    let sections = file.as_object().expect("a mapping").values();
    let items = sections.filter_map(Value::as_array).flatten();
    let mut all: Vec<String> = items.filter_map(|item| facts::text(item, "id")).collect();
    let audits = file["audits"].as_array().into_iter().flatten();
    let remedies = audits.filter_map(|audit| audit["remedies"].as_array()).flatten();
    all.extend(remedies.filter_map(|remedy| facts::text(remedy, "id")));
    all
}

/// Every text that is an id, or has ids between colons, under its new name.
fn renamed(value: &Value, ids: &[String], new: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => {
            let parts = text.split(':').map(|part| {
                if ids.iter().any(|id| id == part) {
                    new(part)
                } else {
                    part.to_string()
                }
            });
            parts.collect::<Vec<_>>().join(":").into()
        }
        Value::Array(items) => items.iter().map(|item| renamed(item, ids, new)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), renamed(value, ids, new)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[test]
fn names_in_the_same_order_change_names_only() {
    let mut dice = Dice(421);
    let mut compared = 0;
    for number in 0..files(2_000) {
        let bytes = dice.bytes(1_600);
        let file = match number % 3 {
            0 => generate::standing_file(&bytes),
            _ => generate_wide::wide_file(&bytes),
        };
        let ids = given(&file);
        // "-" stands before everything else in an id, so that no two change places, nor one with a word such as `everyone`
        let new = |id: &str| format!("{id}-n");
        let other = renamed(&file, &ids, &new);
        let wanted: Vec<Value> = findings(&file).iter().map(|f| renamed(f, &ids, &new)).collect();
        assert_eq!(findings(&other), wanted, "{file:#}");
        let (whole, renamed_whole) = (snapshot(&file), snapshot(&other));
        for ask in generate::questions(&bytes[800..], &file) {
            let wanted = answer(&whole, &ask).map(|answer| renamed(&answer, &ids, &new));
            let found = answer(&renamed_whole, &renamed(&ask, &ids, &new));
            assert_eq!(found, wanted, "{ask} in {file:#}");
        }
        compared += wanted.len();
    }
    assert!(compared > files(2_000), "only {compared} findings");
}

/// Without what the order of names decides: which of several equal chains is shown, the order of lists.
fn without_order(finding: &Value) -> String {
    let mut finding = finding.clone();
    let map = finding.as_object_mut().expect("a mapping");
    map.shift_remove("witness");
    if map["reason"] == "tainted-source" {
        map.shift_remove("because"); // the first act of that chain
    }
    for key in ["subjects", "fields", "because"] {
        if let Some(items) = map.get_mut(key).and_then(Value::as_array_mut) {
            items.sort_by_key(Value::to_string);
        }
    }
    finding.to_string()
}

#[test]
fn names_in_another_order_change_names_order_and_the_chain_shown() {
    let mut dice = Dice(422);
    let mut compared = 0;
    for _ in 0..files(2_000) {
        let bytes = dice.bytes(1_600);
        let file = generate_wide::wide_file(&bytes);
        let ids = given(&file);
        // the last letters first
        let new = |id: &str| id.chars().rev().chain("-n".chars()).collect::<String>();
        let other = renamed(&file, &ids, &new);
        let sorted = |findings: Vec<Value>| {
            let mut all: Vec<String> = findings.iter().map(without_order).collect();
            all.sort();
            all
        };
        let wanted = findings(&file).iter().map(|f| renamed(f, &ids, &new)).collect();
        assert_eq!(sorted(findings(&other)), sorted(wanted), "{file:#}");
        compared += 1;
    }
    assert_eq!(compared, files(2_000));
}
