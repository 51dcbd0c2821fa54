//! Acts that policies cannot tell apart get one decision: it is the one that each would get alone.

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};

use super::decided::TEXTS;

/// It never forbids anything and looks at everything, so that no two acts are alike.
const NEVER: &str = "@id(\"never\") forbid (principal, action, resource) when { context != context || principal != principal || resource != resource };";

fn things() -> Vec<(&'static str, Value)> {
    vec![
        ("processors", json!({"id": "g", "kind": "group"})),
        (
            "processors",
            json!({"id": "p0", "kind": "controller", "country": "DE", "inside": "g",
            "moves": [{"at": "1970-01-01T00:00:00.004Z", "country": "US"}]}),
        ),
        (
            "processors",
            json!({"id": "p1", "kind": "controller", "group": "g", "country": "CN"}),
        ),
        (
            "processors",
            json!({"id": "p2", "kind": "delegate", "inside": "p1"}),
        ),
        ("categories", json!({"id": "c0"})),
        (
            "categories",
            json!({"id": "c1", "parent": "c0", "sensitive": true}),
        ),
        ("categories", json!({"id": "c2"})),
        ("fields", json!({"id": "f0", "category": "c0"})),
        ("fields", json!({"id": "f1", "category": "c1"})),
        (
            "fields",
            json!({"id": "f2", "category": "c2", "state": "deidentified"}),
        ),
        ("purposes", json!({"id": "w0"})),
        ("purposes", json!({"id": "w1", "parent": "w0"})),
        ("purposes", json!({"id": "w2"})),
        ("subjects", json!({"id": "u0", "born": "1965-01-01"})),
        ("subjects", json!({"id": "u1", "born": "1900-01-01"})),
        (
            "agreements",
            json!({"id": "d", "kind": "delegation", "principal": "p0", "delegate": "p2",
            "fields": ["f0", "f1", "f2"], "purposes": ["w0"], "from": "1960-01-01T00:00:00Z"}),
        ),
    ]
}

fn acts() -> Vec<(&'static str, Value)> {
    let mut state = 7_u64;
    let mut below = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let act = |i: u64| {
        let subject = if below(2) == 0 { "u0" } else { "u1" };
        let mut act = json!({
            "id": format!("a{i}"),
            "at": format!("1970-01-01T00:00:00.{:06}Z", i * 13),
            "subjects": [subject],
            "fields": (0..=below(2)).map(|more| format!("f{}", (i + more) % 3)).collect::<Vec<_>>(),
            "purpose": format!("w{}", below(3)),
        });
        let (from, to) = (format!("p{}", below(3)), format!("p{}", below(3)));
        match below(6) {
            0 => {
                act["act"] = json!("collect");
                act["to"] = json!(to);
                if below(2) == 0 {
                    act["source"] = json!(from);
                }
            }
            1 => {
                act["act"] = json!("store");
                act["by"] = json!(from);
                act["location"] = json!(if below(2) == 0 { "DE" } else { "FR" });
            }
            2 => {
                act["act"] = json!("use");
                act["by"] = json!(from);
            }
            kind => {
                act["act"] = json!(if kind == 3 { "delegate" } else { "share" });
                act["from"] = json!(from);
                act["to"] = json!(to);
            }
        }
        if below(2) == 0 {
            act["safeguards"] = json!(["s0"]);
        }
        ("events", act)
    };
    (0..600).map(act).collect()
}

/// What is found under these policies.
fn found(text: &str) -> Vec<String> {
    let mut file = json!({"scenario": "alike", "as_of": "2025-01-01T00:00:00Z"});
    let rule = json!({"id": "flows", "clause": "C", "severity": "error", "check": "policy", "policy": text});
    let all = things().into_iter().chain(acts()).chain([("rules", rule)]);
    for (section, fact) in all {
        match file[section].as_array_mut() {
            Some(list) => list.push(fact),
            None => file[section] = json!([fact]),
        }
    }
    let document = import::read_alone(&file.to_string(), "alike.json", Format::Json)
        .unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    let found = Snapshot::of_document(document)
        .findings(None)
        .expect("they can be judged");
    found.iter().map(|finding| format!("{finding:?}")).collect()
}

#[test]
fn one_decision_for_acts_alike_is_the_one_that_each_would_get_alone() {
    for text in TEXTS {
        let text = format!("permit (principal, action, resource);\n{text}");
        let (alike, alone) = (found(&text), found(&format!("{text}\n{NEVER}")));
        let without_text = |found: Vec<String>| -> Vec<String> {
            found
                .into_iter()
                .map(|finding| finding.replace(NEVER, ""))
                .collect()
        };
        assert_eq!(without_text(alike), without_text(alone), "{text}");
    }
}
