//! Events with one thing wrong, over HTTP: every structural mutation of an event that has everything that is read, of
//! the examples of the specification, and of events that real producers emitted. Each is taken or refused, never
//! neither; a refusal points at what was changed; and nothing that is taken keeps the others from becoming facts.

use serde_json::{Value, json};
use wherefore::import::openlineage::Unfinished;

use super::door::{counts, intake, post, server};
use super::fixtures::{emitted, examples};
use crate::documents::dice::Dice;

/// Events that are refused at least; see the measure of the importer.
const REFUSED_MIN: usize = 10_000;
/// Events in one body.
const AT_ONCE: usize = 250;

/// An event with every key that is read.
fn everything() -> Value {
    let party = json!({"id": "shop", "kind": "controller", "country": "DE"});
    let ours = json!({"purpose": "ads", "basis": "contract", "party": party, "recipient": party, "safeguards": ["tls"]});
    let steps =
        json!([{"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": true}, {"type": "INDIRECT"}]);
    let from = json!({"namespace": "crm", "name": "p", "field": "x", "transformations": steps});
    let source =
        json!({"type": "DATASET", "namespace": "crm", "name": "p", "field": "x", "transformations": steps});
    json!({
        "eventTime": "2024-05-01T09:00:00Z", "eventType": "COMPLETE", "producer": "p", "schemaURL": "s",
        "run": {"runId": "r", "facets": {"parent": {"run": {"runId": "q"}}, "wherefore": ours}},
        "job": {"namespace": "n", "name": "j", "facets": {
            "processing": {"purpose": "ads", "legal_basis": "contract"},
            "wherefore": ours,
            "jobType": {"processingType": "BATCH"},
            "lineage": {"entries": [{"type": "DATASET", "namespace": "wh", "name": "o", "inputs": [source],
                                     "fields": {"y": {"inputs": [source]}}}]},
        }},
        "inputs": [{"namespace": "crm", "name": "p", "facets": {
            "schema": {"fields": [{"name": "x", "fields": [{"name": "z"}]}]},
            "symlinks": {"identifiers": [{"namespace": "glue", "name": "p"}]},
            "tags": {"tags": [{"key": "pii", "value": "yes", "field": "x"}]},
            "wherefore": {"party": party, "read": ["x"], "categories": {"x": "contact"}},
        }, "inputFacets": {"statistics": {}}}],
        "outputs": [{"namespace": "wh", "name": "o", "facets": {
            "columnLineage": {"fields": {"y": {"inputFields": [from], "transformationType": "MASKED"}}, "dataset": [from]},
            "lineage": {"inputs": [source], "fields": {"y": {"inputs": [source]}}},
            "lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": {"namespace": "wh", "name": "b"}},
        }, "outputFacets": {"statistics": {}}}],
    })
}

/// What an event cannot be read without, wherever it stands.
const NEEDED: &[&str] = &[
    "eventTime",
    "runId",
    "namespace",
    "name",
    "entries",
    "inputFields",
    "key",
    "value",
    "lifecycleStateChange",
    "id",
];

fn paths(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                paths(inner, &format!("{at}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                paths(inner, &format!("{at}/{index}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a value is replaced by; nothing takes it away.
fn replacements() -> Vec<Option<Value>> {
    let some = [
        json!(null),
        json!(true),
        json!(7),
        json!(""),
        json!("a\u{0}b"),
        json!("odd"),
        json!([]),
        json!([7]),
        json!({}),
        json!({"odd": 7}),
    ];
    some.into_iter().map(Some).chain([None]).collect()
}

fn mutated(event: &Value, path: &str, by: Option<&Value>) -> Value {
    let mut event = event.clone();
    let Some(by) = by else {
        let (parent, key) = path.rsplit_once('/').expect("not the event itself");
        match event.pointer_mut(parent).expect("a parent") {
            Value::Object(map) => drop(map.shift_remove(&key.replace("~1", "/").replace("~0", "~"))),
            Value::Array(list) => drop(list.remove(key.parse().expect("an index"))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                panic!("{path} in a scalar")
            }
        }
        return event;
    };
    event.pointer_mut(path).expect("a place").clone_from(by);
    event
}

/// Whether a mutation of [`everything`] must be refused, by what its page says of each key.
fn must_be_refused(path: &str, old: &Value, new: Option<&Value>) -> bool {
    let key = path.rsplit('/').next().unwrap_or_default();
    if ["producer", "schemaURL", "subtype", "statistics"].contains(&key) {
        // Not read. A facet is an object all the same.
        return key == "statistics" && new.is_some_and(|new| !new.is_object() && !new.is_null());
    }
    let is_needed = NEEDED.contains(&key) && (key != "lifecycleStateChange" || old.is_string());
    let Some(new) = new.filter(|new| !new.is_null()) else {
        let is_entry = key.parse::<usize>().is_ok();
        return (new.is_some() && is_entry) || (is_needed && !is_entry);
    };
    // Parties may be a name alone; the value of a tag may be a flag.
    let is_party = ["party", "recipient"].contains(&key) && new.as_str().is_some_and(|text| text == "odd");
    let is_tag = key == "value" && new.is_boolean();
    std::mem::discriminant(old) != std::mem::discriminant(new) && !is_party && !is_tag
}

/// One event with one thing wrong.
struct Mutant {
    event: Value,
    path: String,
    must_fail: bool,
}

fn mutants(event: &Value, is_known: bool) -> Vec<Mutant> {
    let mut all = Vec::new();
    paths(event, "", &mut all);
    let mut mutants = Vec::new();
    for path in all {
        let old = event.pointer(&path).expect("a place");
        for new in replacements() {
            if (path.is_empty() && new.is_none()) || new.as_ref() == Some(old) {
                continue;
            }
            mutants.push(Mutant {
                event: mutated(event, &path, new.as_ref()),
                must_fail: is_known && must_be_refused(&path, old, new.as_ref()),
                path: path.clone(),
            });
        }
    }
    mutants
}

#[test]
fn every_structural_mutation_is_taken_or_refused_at_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, intake) = intake(folder.path());
    let server = server(db, &intake, None);
    let mut all = mutants(&everything(), true);
    let known = all.iter().filter(|mutant| mutant.must_fail).count();
    assert!(known > 500, "{known}");
    for event in examples().into_iter().flatten() {
        all.extend(mutants(&event, false));
    }
    let mut emitted: Vec<Value> = emitted()
        .unwrap_or_default()
        .into_iter()
        .map(|(_, event)| event)
        .collect();
    // Plans of queries have ten thousand places that are not read.
    emitted.retain(|event| event.to_string().len() < 8_000);
    for event in emitted.iter().step_by(6) {
        all.extend(mutants(event, false));
    }
    // Two things wrong, until there are enough.
    let mut dice = Dice(5);
    let wrong: Vec<Mutant> = mutants(&everything(), true)
        .into_iter()
        .filter(|one| one.must_fail)
        .collect();
    while all.iter().filter(|one| one.must_fail).count() < REFUSED_MIN {
        let one = &wrong[dice.below(wrong.len())];
        let mut places = Vec::new();
        paths(&one.event, "", &mut places);
        places.retain(|place| !one.path.starts_with(place.as_str()) && !place.starts_with(&one.path));
        let Some(place) = places.get(dice.below(places.len().max(1))) else {
            continue;
        };
        let by = replacements().swap_remove(dice.below(10));
        all.push(Mutant {
            event: mutated(&one.event, place, by.as_ref()),
            must_fail: true,
            path: String::new(),
        });
    }
    let (mut taken, mut repeated, mut refused) = (0_u64, 0_u64, 0_usize);
    for body in all.chunks(AT_ONCE) {
        let events: Vec<&Value> = body.iter().map(|mutant| &mutant.event).collect();
        let reply = post(&server, &[], json!(events).to_string().as_bytes());
        let json = reply.json();
        let count = |key: &str| json[key].as_u64().unwrap_or_else(|| panic!("{json}"));
        assert_eq!(
            count("taken") + count("repeated") + count("refused"),
            u64::try_from(body.len()).expect("a few")
        );
        assert_eq!(reply.status, if count("refused") > 0 { 400 } else { 201 });
        taken += count("taken");
        repeated += count("repeated");
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        assert_eq!(u64::try_from(errors.len()).expect("a few"), count("refused"));
        refused += errors.len();
        let mut is_refused = vec![false; body.len()];
        for error in &errors {
            let about = &error["extensions"];
            let index = usize::try_from(about["event"].as_u64().expect("a number")).expect("an index");
            let mutant = &body[index];
            is_refused[index] = true;
            let code = about["code"].as_str().expect("a code");
            assert!(code.starts_with("OPENLINEAGE_"), "{error}");
            let path = about["path"].as_str().expect("a path");
            assert!(
                mutant.event.pointer(path).is_some(),
                "{error} of {}",
                mutant.event
            );
            assert!(
                path.starts_with(&mutant.path) || mutant.path.starts_with(path),
                "{} was changed: {error}",
                mutant.path
            );
        }
        for (mutant, is_refused) in body.iter().zip(is_refused) {
            assert!(
                is_refused || !mutant.must_fail,
                "{}: {}",
                mutant.path,
                mutant.event
            );
        }
    }
    println!(
        "{} events: {taken} taken, {repeated} repeated, {refused} refused",
        all.len()
    );
    assert!(refused >= REFUSED_MIN, "{refused}");
    let counts = counts(&server);
    let by_code = counts["refused"].as_object().expect("codes").values();
    assert_eq!(
        by_code.filter_map(Value::as_u64).sum::<u64>(),
        u64::try_from(refused).expect("a few")
    );
    assert_eq!(counts["events"], taken);
    let kept = std::fs::read_to_string(folder.path().join("store/lineage/refused.ndjson")).expect("the list");
    assert_eq!(kept.lines().count(), refused);
    // What was taken is odd, and becomes facts.
    let applied = intake.apply(Unfinished::Stated).expect("facts");
    assert!(applied.receipt.is_some());
    assert_eq!(intake.counts().applied, taken);
}

#[test]
fn a_body_that_ends_early_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, intake) = intake(folder.path());
    let body = everything().to_string();
    for end in 0..body.len() {
        let fates = intake
            .accept(&body.as_bytes()[..end])
            .expect("the journal is well");
        assert!(
            matches!(&fates[..], [wherefore::intake::Fate::Refused(refusal)]
                if ["OPENLINEAGE_SYNTAX", "OPENLINEAGE_NOT_AN_EVENT"].contains(&refusal.code.as_str())),
            "{end}: {fates:?}"
        );
    }
    assert_eq!(intake.counts().events, 0);
    let all: u64 = intake.counts().refused.values().sum();
    assert_eq!(all, u64::try_from(body.len()).expect("a few"));
}
