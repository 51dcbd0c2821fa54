//! Where an instant stands whose bounds alone are known: to place it is to write it there.

use serde_json::{Value, json};
use wherefore::import::{self, Format};
use wherefore::model::fact::Stated;
use wherefore::model::time::Instant;

/// Every instant that may be known by its bounds, each at another day.
fn everything() -> Value {
    let mut next = 0;
    let mut day = || {
        next += 1;
        json!(format!(
            "2024-{:02}-{:02}T00:00:00Z",
            1 + next / 28,
            1 + next % 28
        ))
    };
    json!({
        "scenario": "places", "as_of": "2025-01-01T00:00:00Z", "home": "FR",
        "subjects": [{"id": "ana", "died": day()}],
        "categories": [{"id": "contact"}],
        "fields": [{"id": "email", "category": "contact"}],
        "processors": [
            {"id": "shop", "kind": "controller", "country": "FR", "ceased": day(),
             "moves": [{"at": day(), "country": "US"}, {"at": day(), "inside": "corp"}],
             "safeguard_periods": [{"safeguard": "one", "from": day(), "until": day()},
                                   {"safeguard": "two", "from": day(), "until": day()}]},
            {"id": "lab", "kind": "controller", "country": "US"},
            {"id": "corp", "kind": "controller", "country": "FR"}],
        "purposes": [{"id": "orders", "ended": day()}],
        "authorizations": [{"id": "az", "basis": "consent", "holder": "shop", "acts": ["collect"], "fields": ["email"],
            "purposes": ["orders"], "from": day(), "until": day(), "withdrawn": day()}],
        "choices": [{"id": "ch", "subject": "ana", "processor": "shop", "purpose": "orders", "at": day()}],
        "agreements": [
            {"id": "a1", "kind": "delegation", "principal": "shop", "delegate": "lab", "fields": ["email"],
             "purposes": ["orders"], "from": day(), "until": day()},
            {"id": "a2", "kind": "confidentiality", "between": ["shop", "lab"], "from": day(), "until": day()},
            {"id": "a3", "kind": "partner", "between": ["shop", "lab"], "from": day(), "until": day()},
            {"id": "a4", "kind": "joint", "between": ["shop", "lab"], "fields": ["email"], "purposes": ["orders"],
             "from": day(), "until": day()}],
        "mechanisms": [{"id": "me", "kind": "clauses", "from_processor": "shop", "to_country": "US", "from": day(), "until": day()}],
        "evidence": [{"id": "ev", "processor": "shop", "kind": "training", "from": day(), "until": day()}],
        "assessments": [
            {"id": "s1", "kind": "impact", "processor": "shop", "covers": ["share"], "purposes": ["orders"], "at": day()},
            {"id": "s2", "kind": "recipient", "processor": "shop", "recipient": "lab", "at": day()}],
        "policies": [{"id": "po", "processor": "shop", "effective": day(), "published": day(), "announced": day()}],
        "requests": [{"id": "rq", "kind": "access", "subject": "ana", "processor": "shop", "at": day(), "verified": day(),
            "answered": day(), "outcome": "done"}],
        "closures": [{"id": "cl", "subject": "ana", "processor": "shop", "at": day(), "clear_within_days": 3}],
        "incidents": [{"id": "in", "processor": "shop", "suspected": day(), "known": day(), "fields": ["email"], "subjects": ["ana"],
            "regulator_told": day(), "platform_told": day(),
            "subjects_told": [{"subject": "ana", "at": day()}, {"subject": "ana", "at": day()}]}],
        "audits": [{"id": "au", "by": "corp", "of": "lab", "notified": day(), "at": day(), "remedies": [
            {"id": "r1", "due": day(), "done": day()}, {"id": "r2", "due": day(), "done": day()}]}],
        "notices": [{"id": "no", "kind": "cessation", "processor": "shop", "subjects": ["ana"], "at": day()}],
        "terminations": [{"id": "te", "by": "shop", "of": "lab", "at": day()}]
    })
}

/// The paths of all instants below a value.
fn instants(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.ends_with("T00:00:00Z") => found.push(path.to_owned()),
        Value::Array(list) => {
            for (number, item) in list.iter().enumerate() {
                instants(item, &format!("{path}/{number}"), found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map.iter().filter(|(key, _)| *key != "as_of") {
                instants(item, &format!("{path}/{key}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn read(file: &Value) -> Vec<Stated> {
    let read = import::read_alone(&file.to_string(), "places", Format::Json);
    read.unwrap_or_else(|problems| panic!("{problems:?}")).facts
}

#[test]
fn an_instant_is_placed_where_its_key_says() {
    let plain = everything();
    let mut paths = Vec::new();
    instants(&plain, "", &mut paths);
    assert_eq!(paths.len(), 48);
    for path in paths {
        let with = |at: Value| {
            let mut file = plain.clone();
            *file.pointer_mut(&path).expect("an instant") = at;
            file
        };
        let day = plain.pointer(&path).and_then(Value::as_str).expect("an instant");
        let later = day.replace("T00", "T06");
        let mut facts = read(&with(json!({"earliest": day, "latest": later})));
        let mut uncertain = 0;
        for stated in &mut facts {
            for bounded in &stated.bounded {
                assert_eq!(
                    [bounded.earliest, bounded.latest].map(Some),
                    [day, &later].map(|at| Instant::parse(at).ok())
                );
                let at = stated.fact.instant_mut(bounded.key);
                let at = at.unwrap_or_else(|| panic!("{path}: {} is nowhere", bounded.key));
                assert_eq!(*at, bounded.earliest, "{path}");
                *at = bounded.latest;
                uncertain += 1;
            }
        }
        assert_eq!(uncertain, 1, "{path}");
        let (placed, written) = (facts, read(&with(json!(later))));
        let facts = |all: &[Stated]| all.iter().map(|stated| stated.fact.clone()).collect::<Vec<_>>();
        assert_eq!(facts(&placed), facts(&written), "{path}");
        for (number, uncertain) in placed.iter().enumerate() {
            for bounded in &uncertain.bounded {
                let is_inward = path.ends_with("moves/1/at");
                assert_eq!(placed[number].fact.is_inward(bounded.key), is_inward, "{path}");
            }
        }
    }
    // Equal bounds are an instant.
    let mut equal = plain.clone();
    let mut paths = Vec::new();
    instants(&plain, "", &mut paths);
    for path in paths {
        let at = equal.pointer_mut(&path).expect("an instant");
        *at = json!({"earliest": at, "latest": at});
    }
    let (equal, plain) = (read(&equal), read(&plain));
    assert!(equal.iter().all(|stated| stated.bounded.is_empty()));
    let facts = |all: &[Stated]| all.iter().map(|stated| stated.fact.clone()).collect::<Vec<_>>();
    assert_eq!(facts(&equal), facts(&plain));
}
