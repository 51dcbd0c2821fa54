//! Identifiers and keys: unknown, doubled, missing, in a circle.

use wherefore::import::{self, Format};

use super::marked::{refused, refused_as, small};
use super::world::with;

/// Items right but for one name that nothing declares.
const UNKNOWN: &[(&str, &str)] = &[
    (
        "authorizations",
        "{id: a, basis: consent, subjects: [«bo], holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: [shop, «bank], acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, recipients: «bank, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], fields: «phone, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], categories: «health, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], fields: email, purposes: [«ads], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z, condition_of: «ads}",
    ),
    (
        "choices",
        "{id: c, subject: «bo, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: delegation, principal: «bank, delegate: lab, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: delegation, principal: shop, delegate: lab, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, subdelegates: «bank}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: [shop, «bank], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "mechanisms",
        "{id: m, from_processor: «bank, from: 2024-01-01T00:00:00Z}",
    ),
    (
        "mechanisms",
        "{id: m, from_processor: shop, to_processor: «bank, from: 2024-01-01T00:00:00Z}",
    ),
    ("retention_periods", "{processor: shop, fields: [«phone]}"),
    (
        "closures",
        "{id: c, request: «r9, subject: ana, processor: shop, at: 2024-01-01T00:00:00Z, clear_within_days: 1}",
    ),
    (
        "incidents",
        "{id: i, processor: shop, known: 2024-01-01T00:00:00Z, fields: [email], subjects: [ana], subjects_told: [{subject: «bo, at: 2024-01-01T00:00:00Z}]}",
    ),
    (
        "events",
        "{id: e, at: 2024-01-01T00:00:00Z, act: collect, to: shop, source: «bank, subjects: [ana], fields: [email], purpose: orders}",
    ),
    (
        "events",
        "{id: e, at: 2024-01-01T00:00:00Z, act: store, by: shop, location: CN, subjects: [ana], fields: [email], purpose: «ads}",
    ),
    (
        "events",
        "{id: e, at: 2024-01-01T00:00:00Z, act: derive, by: shop, subjects: [ana], fields: [email], makes: [«phone], purpose: orders}",
    ),
    (
        "rules",
        "{id: r, check: retention, limits: [{fields: email, days: 1, processor: «bank}], clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: protected-attribute, categories: contact, decisions: [«score], clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: authorized, when: {purposes: [«ads]}, clause: C, severity: note}",
    ),
];

#[test]
fn a_name_that_nothing_declares() {
    for (section, item) in UNKNOWN {
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_UNKNOWN_REFERENCE"],
        );
    }
    refused("FACT_UNKNOWN_REFERENCE", "categories: [{id: a, parent: «b}]");
    refused("FACT_UNKNOWN_REFERENCE", "fields: [{id: a, category: [«b]}]");
    refused("FACT_UNKNOWN_REFERENCE", "purposes: [{id: a, needs: [«b]}]");
}

#[test]
fn a_name_of_another_section_is_no_declaration() {
    refused_as(
        &with("retention_periods: [{processor: «email, fields: [«shop]}]"),
        Format::Yaml,
        &["FACT_UNKNOWN_REFERENCE"; 2],
    );
}

#[test]
fn a_name_declared_twice() {
    refused("FACT_DUPLICATE_ID", "subjects: [{id: ana}, {id: «ana}]");
    let remedies = "remedies: [{id: x, due: 2024-01-01T00:00:00Z}, «{id: x, due: 2024-01-01T00:00:00Z}]";
    refused_as(
        &with(&format!(
            "audits: [{{id: a, by: shop, of: lab, at: 2024-01-01T00:00:00Z, {remedies}}}]"
        )),
        Format::Yaml,
        &["FACT_DUPLICATE_ID"],
    );
}

#[test]
fn a_key_given_twice() {
    refused(
        "FACT_DUPLICATE_KEY",
        "subjects: [{id: ana, born: 1990-03-02, «born: 1990-03-02}]",
    );
    refused(
        "FACT_DUPLICATE_KEY",
        "subjects: [{id: ana}]\n«subjects: [{id: bo}]",
    );
    refused("FACT_DUPLICATE_KEY", "calendar: {holidays: [], «holidays: []}");
    refused(
        "FACT_DUPLICATE_KEY",
        "processors: [{id: p, kind: public, moves: [{at: 2024-02-02T00:00:00Z, country: SG, «country: CN}]}]",
    );
    refused(
        "FACT_DUPLICATE_KEY",
        "defaults: {event: {safeguards: [a], «safeguards: [b]}}",
    );
}

#[test]
fn a_circle_of_parents() {
    for section in ["categories", "purposes"] {
        refused("FACT_CYCLE", &format!("{section}: [«{{id: a, parent: a}}]"));
        refused(
            "FACT_CYCLE",
            &format!("{section}: [{{id: z, parent: b}}, «{{id: b, parent: a}}, {{id: a, parent: b}}]"),
        );
    }
    refused_as(
        &small("categories: [«{id: a, parent: a}]\npurposes: [«{id: x, parent: y}, {id: y, parent: x}]"),
        Format::Yaml,
        &["FACT_CYCLE"; 2],
    );
}

/// Items that lack just one key.
const LACKING: &[(&str, &str)] = &[
    (
        "choices",
        "«{id: c, subject: ana, processor: shop, purpose: orders}",
    ),
    (
        "choices",
        "«{subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "«{id: a, basis: consent, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "«{id: a, basis: consent, holder: shop, acts: null, fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "«{id: a, basis: consent, holder: shop, acts: [use], fields: email, purposes: [orders]}",
    ),
    (
        "requests",
        "«{id: r, subject: ana, processor: shop, at: 2024-01-01T00:00:00Z, outcome: refused, reason: no}",
    ),
    (
        "closures",
        "«{id: c, subject: ana, processor: shop, at: 2024-01-01T00:00:00Z}",
    ),
    (
        "events",
        "«{id: e, at: 2024-01-01T00:00:00Z, act: use, by: shop, subjects: [ana], fields: [email]}",
    ),
    (
        "events",
        "«{id: e, at: 2024-01-01T00:00:00Z, act: store, by: shop, subjects: [ana], fields: [email]}",
    ),
    (
        "events",
        "«{id: e, at: 2024-01-01T00:00:00Z, act: derive, by: shop, subjects: [ana], fields: [email], purpose: orders}",
    ),
    (
        "events",
        "«{id: e, at: 2024-01-01T00:00:00Z, act: share, from: shop, subjects: [ana], fields: [email], purpose: orders}",
    ),
    (
        "events",
        "«{id: e, at: 2024-01-01T00:00:00Z, by: shop, subjects: [ana], fields: [email], purpose: orders}",
    ),
    ("rules", "«{id: r, check: optout, severity: note}"),
    (
        "rules",
        "«{id: r, check: frequency, fields: email, clause: C, severity: note}",
    ),
    ("rules", "«{id: r, check: retention, clause: C, severity: note}"),
    (
        "rules",
        "{id: r, check: retention, limits: [«{fields: email}], clause: C, severity: note}",
    ),
    (
        "audits",
        "{id: a, by: shop, of: lab, at: 2024-01-01T00:00:00Z, remedies: [«{id: x}]}",
    ),
];

#[test]
fn a_key_that_is_missing() {
    for (section, item) in LACKING {
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_MISSING_KEY"],
        );
    }
    refused_as("«scenario: s\n", Format::Yaml, &["FACT_MISSING_KEY"]);
    refused_as(
        "«as_of: 2025-01-01T00:00:00Z\n",
        Format::Yaml,
        &["FACT_MISSING_KEY"],
    );
}

#[test]
fn a_rule_may_list_nothing() {
    let rule = "{id: r, check: storage-location, processor: shop, allowed: [], clause: C, severity: note}";
    let text = with(&format!("rules: [{rule}]"));
    assert!(import::read_alone(&text, "rule.yaml", Format::Yaml).is_ok());
}

#[test]
fn a_required_list_that_is_empty_is_missing() {
    for (section, item) in [
        (
            "authorizations",
            "«{id: a, basis: consent, holder: [], acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
        ),
        (
            "authorizations",
            "«{id: a, basis: consent, holder: shop, acts: [], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
        ),
        (
            "events",
            "«{id: e, at: 2024-01-01T00:00:00Z, act: use, by: shop, subjects: [], fields: [email], purpose: orders}",
        ),
        (
            "events",
            "«{id: e, at: 2024-01-01T00:00:00Z, act: use, by: shop, subjects: [ana], fields: [], purpose: orders}",
        ),
        (
            "events",
            "«{id: e, at: 2024-01-01T00:00:00Z, act: derive, by: shop, subjects: [ana], fields: [email], makes: [], purpose: orders}",
        ),
        (
            "assessments",
            "«{id: a, kind: impact, processor: shop, covers: [], purposes: [orders], at: 2024-01-01T00:00:00Z}",
        ),
        (
            "notices",
            "«{id: n, kind: assignment, processor: shop, to: lab, subjects: [], at: 2024-01-01T00:00:00Z}",
        ),
        (
            "agreements",
            "«{id: a, kind: confidentiality, between: [], from: 2024-01-01T00:00:00Z}",
        ),
    ] {
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_MISSING_KEY"],
        );
    }
}

/// What helps with the only problem of a document.
fn help(text: &str) -> String {
    let problems = match import::read_alone(text, "document", Format::Yaml) {
        Ok(document) => document.warnings,
        Err(problems) => problems,
    };
    let [one] = &problems[..] else {
        panic!("{problems:#?}\n{text}")
    };
    one.help.clone()
}

#[test]
fn a_misspelled_key_or_id_is_told_with_what_may_have_been_meant() {
    let event = |more: &str| {
        with(&format!(
            "events: [{{id: e, at: 2024-01-01T00:00:00Z, act: collect, subjects: [ana], fields: [email], purpose: orders, {more}}}]"
        ))
    };
    for (text, meant) in [
        (event("to: shop, safegards: [x]"), "safeguards"),
        (event("to: shop, sorce: lab"), "source"),
        (event("to: shopp"), "shop"),
        (with("time_zone: Europe/Berlin"), "timezone"),
        (with("closures: []\nrequest: []"), "requests"),
        (
            with(
                "notices: [{id: n, kind: policy-change, processor: shop, polcy: x, subjects: [ana], at: 2024-01-01T00:00:00Z}]",
            ),
            "policy",
        ),
    ] {
        let help = help(&text);
        assert!(
            help.starts_with(&format!("did you mean `{meant}`?")),
            "{help}\n{text}"
        );
    }
    // What is there already is not meant, nor what is nothing like it.
    for more in ["to: shop, too: lab", "to: shop, colour: red"] {
        let help = help(&event(more));
        assert!(!help.contains("did you mean"), "{help}");
    }
    assert!(!help(&event("to: bank")).contains("did you mean"));
}
