//! A word outside a closed list, in every list.

use wherefore::import::{self, Format};

use super::marked::refused_as;
use super::world::with;

/// Items with a word too many, by section.
const ITEMS: &[(&str, &str)] = &[
    (
        "authorizations",
        "{id: a, basis: «agreement, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, grade: «strong, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, given_by: «parent, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: «friendly, from: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: delegation, principal: shop, delegate: lab, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, subdelegation: «yes}",
    ),
    (
        "assessments",
        "{id: a, kind: «risk, processor: shop, at: 2024-01-01T00:00:00Z}",
    ),
    (
        "assessments",
        "{id: a, kind: impact, processor: shop, covers: [use, «crossborder], purposes: [orders], at: 2024-01-01T00:00:00Z}",
    ),
    (
        "notices",
        "{id: n, kind: «merger, processor: shop, to: lab, subjects: [ana], at: 2024-01-01T00:00:00Z}",
    ),
    (
        "requests",
        "{id: r, subject: ana, processor: shop, at: 2024-01-01T00:00:00Z, outcome: «open}",
    ),
    (
        "events",
        "{id: e, at: 2024-01-01T00:00:00Z, act: derive, by: shop, subjects: [ana], fields: [email], makes: [email], method: «hash, purpose: orders}",
    ),
    ("rules", "{id: r, check: optout, clause: C, severity: «fatal}"),
    (
        "rules",
        "{id: r, check: deletion-propagated, within_days: 1, roles: [own, «lent], clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: recipient-assessed, exempt_kinds: «court, clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: state-required, acts: use, purposes: orders, allowed: «anonymous, clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: impact-assessment, acts: «crossing, clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: authorized, when: {reasons: [none, «late]}, clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: authorized, when: {kinds: [controller, «company]}, clause: C, severity: note}",
    ),
];

#[test]
fn a_word_outside_its_list_is_named_where_it_stands() {
    for (section, item) in ITEMS {
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_BAD_WORD"],
        );
    }
}

#[test]
fn a_word_outside_the_lists_of_things() {
    let header = "scenario: s\nas_of: 2025-01-01T00:00:00Z\n";
    for lines in [
        "calendar: {weekend: [sat, «sunday]}",
        "fields: [{id: email, state: «secret}]",
        "processors: [{id: shop, kind: «company}]",
    ] {
        refused_as(&format!("{header}{lines}\n"), Format::Yaml, &["FACT_BAD_WORD"]);
    }
}

#[test]
fn an_unknown_act_has_a_code_of_its_own_wherever_acts_stand() {
    for (section, item) in [
        (
            "events",
            "{id: e, at: 2024-01-01T00:00:00Z, act: «export, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}",
        ),
        (
            "authorizations",
            "{id: a, basis: consent, holder: shop, acts: [use, «sell], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
        ),
        (
            "rules",
            "{id: r, check: safeguard, acts: «send, needs: x, clause: C, severity: note}",
        ),
        (
            "rules",
            "{id: r, check: authorized, when: {acts: [«read]}, clause: C, severity: note}",
        ),
        (
            "rules",
            "{id: r, check: authorized, when: {acquired_by: «gift}, clause: C, severity: note}",
        ),
    ] {
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_UNKNOWN_ACT"],
        );
    }
}

#[test]
fn an_unknown_check() {
    refused_as(
        &with("rules: [{id: r, check: «opt-out, clause: C, severity: note}]"),
        Format::Yaml,
        &["FACT_UNKNOWN_CHECK"],
    );
    let help = |check: &str| {
        let text = with(&format!(
            "rules: [{{id: r, check: {check}, clause: C, severity: note}}]"
        ));
        let problems = import::read_alone(&text, "f.yaml", Format::Yaml).expect_err("there is no such check");
        problems[0].help.clone()
    };
    assert!(
        help("opt-out").starts_with("did you mean `optout`?"),
        "{}",
        help("opt-out")
    );
    assert!(
        help("xyz").starts_with("use one of authorized, "),
        "{}",
        help("xyz")
    );
}

#[test]
fn flow_policies_that_are_wrong() {
    refused_as(
        &with(
            "rules: [{id: r, check: policy, clause: C, severity: note, policy: «'permit (principal, action);'}]",
        ),
        Format::Yaml,
        &["FACT_FLOW_POLICY"],
    );
}
