//! What is told beside the findings of packs: evidence on record, who answers, what left a group, what people volunteered.

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::model::appendix::{Answers, Appendix, Leaving, Volunteered};
use wherefore::packs::{self, Spec};
use wherefore::report::appendix;

/// Nothing is allowed and nothing agreed, so that each act is a finding.
const PACK: &str = "pack: house
title: Rules of a house
source: The house
parameters: [{name: self, wants: processor, about: the house}]
clauses: [{id: H-1, text: Everything is allowed.}, {id: H-2, text: There are certificates.}]
rules:
  - {id: allowed, check: authorized, clause: H-1, severity: error}
  - {id: entrusted, check: delegation, clause: H-1, severity: error}
  - {id: certified, check: evidence, clause: H-2, severity: note, processors: $self, kinds: [seal, drill, visit], within_days: 400}
";

/// A shop, a branch of its group, a mailer that works for it, and a bank.
const FACTS: &str = "scenario: appendix
as_of: 2025-01-01T00:00:00Z
subjects: [{id: ana}]
categories: [{id: contact}]
fields:
  - {id: email, category: contact}
  - {id: phone, category: contact}
  - {id: hobby, category: contact, volunteered: true}
  - {id: taste, category: contact}
processors:
  - {id: shop, kind: controller, group: retail}
  - {id: branch, kind: controller, group: retail}
  - {id: mailer, kind: delegate}
  - {id: bank, kind: controller}
purposes: [{id: orders}]
evidence:
  - {id: seal-1, kind: seal, processor: shop, from: 2024-06-01T00:00:00Z, until: 2026-01-01T00:00:00Z}
  - {id: seal-2, kind: seal, processor: bank, from: 2024-06-01T00:00:00Z, until: 2026-01-01T00:00:00Z}
  - {id: drill-1, kind: drill, processor: shop, from: 2024-02-01T00:00:00Z, until: 2024-12-31T00:00:00Z}
  - {id: drill-2, kind: drill, processor: shop, from: 2024-12-31T00:00:00Z}
  - {id: visit-1, kind: visit, processor: shop, from: 2023-01-01T00:00:00Z}
events:
  - {id: e1, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email, phone], purpose: orders}
  - {id: e2, at: 2024-02-02T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [hobby], purpose: orders}
  - {id: e3, at: 2024-02-03T00:00:00Z, act: delegate, from: shop, to: mailer, subjects: [ana], fields: [email], purpose: orders}
  - {id: e4, at: 2024-02-04T00:00:00Z, act: use, by: mailer, subjects: [ana], fields: [email], purpose: orders}
  - {id: e5, at: 2024-02-05T00:00:00Z, act: derive, by: mailer, subjects: [ana], fields: [email], makes: [taste], purpose: orders}
  - {id: e6, at: 2024-02-06T00:00:00Z, act: use, by: mailer, subjects: [ana], fields: [taste], purpose: orders}
  - {id: e7, at: 2024-02-07T00:00:00Z, act: share, from: shop, to: bank, subjects: [ana], fields: [phone, email], purpose: orders}
  - {id: e8, at: 2024-02-08T00:00:00Z, act: verify, from: shop, to: bank, subjects: [ana], fields: [phone], purpose: orders}
  - {id: e9, at: 2024-02-09T00:00:00Z, act: share, from: shop, to: branch, subjects: [ana], fields: [email], purpose: orders}
  - {id: e10, at: 2024-02-10T00:00:00Z, act: use, by: branch, subjects: [ana], fields: [email], purpose: orders}
";

/// The appendix of the facts held to the pack.
fn told() -> Value {
    let spec = Spec::parse("house:self=shop").expect("name and parameter");
    let pack = packs::bind(PACK, &spec).expect("a valid pack");
    let document = import::read_alone(FACTS, "appendix.yaml", Format::Yaml).expect("valid facts");
    let snapshot = Snapshot::of_document(document)
        .with_packs(&[pack])
        .expect("the pack fits the facts");
    let told = snapshot.appendix(None).expect("a valid file can be judged");
    let found = snapshot.findings(None).expect("a valid file can be judged");
    let beside = snapshot.appendix_beside(snapshot.as_of(), &found);
    assert_eq!(
        beside.expect("facts in memory").as_ref(),
        Some(&told),
        "told without judging"
    );
    appendix::json(&told, snapshot.zone())
}

#[test]
fn evidence_in_force_is_told_as_recorded() {
    let row = |kind: &str, id: &str, until: Value| {
        json!({
            "clause": "H-2", "rule": "house/certified", "processor": "shop", "kind": kind, "evidence": id,
            "until": until, "status": "recorded",
        })
    };
    let wanted = json!([
        row("seal", "seal-1", "2026-01-01T08:00:00+08:00".into()),
        row("drill", "drill-2", Value::Null),
    ]);
    assert_eq!(told()["recorded"], wanted);
}

#[test]
fn who_entrusted_the_data_answers_for_its_delegate() {
    // Six acts of the shop, and a visit that is too old. What the mailer makes of the shop's data is the shop's too.
    let wanted = json!([
        {"processor": "branch", "own": 1, "by_delegates": 0},
        {"processor": "mailer", "own": 3, "by_delegates": 0},
        {"processor": "shop", "own": 7, "by_delegates": 3},
    ]);
    assert_eq!(told()["answers"], wanted);
}

#[test]
fn what_went_to_somebody_outside_the_group_has_left_it() {
    let wanted = json!([{"from": "shop", "to": "bank", "fields": ["email", "phone"], "acts": 2}]);
    assert_eq!(told()["leaving"], wanted);
}

#[test]
fn what_people_volunteered_is_counted_among_all_that_was_collected() {
    assert_eq!(
        told()["volunteered"],
        json!([{"field": "hobby", "collected": 1, "of": 3}])
    );
}

#[test]
fn rules_of_the_facts_alone_tell_nothing_beside_their_findings() {
    let facts = format!("{FACTS}rules: [{{id: allowed, check: authorized, clause: H-1, severity: error}}]\n");
    let document = import::read_alone(&facts, "appendix.yaml", Format::Yaml).expect("valid facts");
    let snapshot = Snapshot::of_document(document);
    let told = snapshot.appendix(None).expect("a valid file can be judged");
    let nothing = json!({"recorded": [], "volunteered": [], "leaving": [], "answers": []});
    assert_eq!(appendix::json(&told, snapshot.zone()), nothing);
}

#[test]
fn what_is_told_of_two_parts_is_added_up() {
    let answers = |processor: &str, own, by_delegates| Answers {
        processor: processor.into(),
        own,
        by_delegates,
    };
    let leaving = |to: &str, fields: &[&str], acts| Leaving {
        from: "shop".into(),
        to: to.into(),
        fields: fields.iter().map(|field| (*field).into()).collect(),
        acts,
    };
    let volunteered = |collected, of| Volunteered {
        field: "mail".into(),
        collected,
        of,
    };
    let one = Appendix {
        recorded: Vec::new(),
        answers: vec![answers("bank", 1, 2), answers("shop", 3, 0)],
        leaving: vec![leaving("ads", &["mail", "name"], 4)],
        volunteered: vec![volunteered(1, 5)],
    };
    let other = Appendix {
        recorded: Vec::new(),
        answers: vec![answers("ads", 1, 0), answers("shop", 1, 7)],
        leaving: vec![leaving("ads", &["age", "name"], 2), leaving("web", &["age"], 1)],
        volunteered: vec![volunteered(2, 3)],
    };
    let both = Appendix {
        recorded: Vec::new(),
        answers: vec![answers("ads", 1, 0), answers("bank", 1, 2), answers("shop", 4, 7)],
        leaving: vec![
            leaving("ads", &["age", "mail", "name"], 6),
            leaving("web", &["age"], 1),
        ],
        volunteered: vec![volunteered(3, 8)],
    };
    assert_eq!(one.with(other), both);
}
