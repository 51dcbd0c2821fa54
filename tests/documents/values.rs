//! Instants, dates, numbers, zones and intervals that are none.

use wherefore::import::Format;

use super::marked::{refused, refused_as};
use super::world::with;

/// Every key that is an instant, in an item that is right but for `@`.
const INSTANTS: &[(&str, &str)] = &[
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], fields: email, purposes: [orders], from: @}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z, until: @}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z, withdrawn: @}",
    ),
    (
        "choices",
        "{id: c, subject: ana, processor: shop, purpose: orders, at: @}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: [shop, lab], from: @}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: [shop, lab], from: 2024-01-01T00:00:00Z, until: @}",
    ),
    (
        "agreements",
        "{id: a, kind: delegation, principal: shop, delegate: lab, fields: [email], purposes: [orders], from: @}",
    ),
    (
        "agreements",
        "{id: a, kind: delegation, principal: shop, delegate: lab, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, until: @}",
    ),
    (
        "mechanisms",
        "{id: m, from_processor: shop, to_country: SG, from: @}",
    ),
    (
        "mechanisms",
        "{id: m, from_processor: shop, to_country: SG, from: 2024-01-01T00:00:00Z, until: @}",
    ),
    (
        "assessments",
        "{id: a, kind: impact, processor: shop, covers: [use], purposes: [orders], at: @}",
    ),
    (
        "assessments",
        "{id: a, kind: recipient, processor: shop, recipient: lab, at: @}",
    ),
    (
        "notices",
        "{id: n, kind: assignment, processor: shop, to: lab, subjects: [ana], at: @}",
    ),
    ("policies", "{id: p, processor: shop, effective: @}"),
    (
        "policies",
        "{id: p, processor: shop, effective: 2024-01-01T00:00:00Z, published: @}",
    ),
    (
        "policies",
        "{id: p, processor: shop, effective: 2024-01-01T00:00:00Z, announced: @}",
    ),
    ("requests", "{id: r, subject: ana, processor: shop, at: @}"),
    (
        "requests",
        "{id: r, subject: ana, processor: shop, at: 2024-01-01T00:00:00Z, answered: @}",
    ),
    (
        "closures",
        "{id: c, subject: ana, processor: shop, clear_within_days: 1, at: @}",
    ),
    (
        "incidents",
        "{id: i, processor: shop, fields: [email], subjects: [ana], known: @}",
    ),
    (
        "incidents",
        "{id: i, processor: shop, fields: [email], subjects: [ana], known: 2024-01-01T00:00:00Z, regulator_told: @}",
    ),
    (
        "incidents",
        "{id: i, processor: shop, fields: [email], subjects: [ana], known: 2024-01-01T00:00:00Z, platform_told: @}",
    ),
    (
        "incidents",
        "{id: i, processor: shop, fields: [email], subjects: [ana], known: 2024-01-01T00:00:00Z, subjects_told: [{subject: ana, at: @}]}",
    ),
    ("audits", "{id: a, by: shop, of: lab, at: @}"),
    (
        "audits",
        "{id: a, by: shop, of: lab, at: 2024-01-01T00:00:00Z, notified: @}",
    ),
    (
        "audits",
        "{id: a, by: shop, of: lab, at: 2024-01-01T00:00:00Z, remedies: [{id: x, due: @}]}",
    ),
    (
        "audits",
        "{id: a, by: shop, of: lab, at: 2024-01-01T00:00:00Z, remedies: [{id: x, due: 2024-01-01T00:00:00Z, done: @}]}",
    ),
    ("terminations", "{id: t, by: shop, of: lab, at: @}"),
    ("evidence", "{id: e, processor: shop, kind: k, from: @}"),
    (
        "evidence",
        "{id: e, processor: shop, kind: k, from: 2024-01-01T00:00:00Z, until: @}",
    ),
    (
        "events",
        "{id: e, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders, at: @}",
    ),
    (
        "rules",
        "{id: r, check: protection-level, processors: lab, at_least: shop, clause: C, severity: note, since: @}",
    ),
    (
        "suppressions",
        "{id: s, rule: r, event: e, until: @, by: ana, why: w}",
    ),
];

#[test]
fn a_date_without_a_time_is_refused_in_every_instant() {
    for (section, item) in INSTANTS {
        let item = item.replace('@', "«2024-02-01");
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_DATE_WITHOUT_TIME"],
        );
    }
    refused_as(
        "scenario: s\nas_of: «2025-01-01\n",
        Format::Yaml,
        &["FACT_DATE_WITHOUT_TIME"],
    );
    refused(
        "FACT_DATE_WITHOUT_TIME",
        "processors: [{id: p, kind: public, moves: [{at: «2024-02-01, country: SG}]}]",
    );
}

#[test]
fn no_instant_is_refused_in_every_instant() {
    let spellings = [
        "2024-02-01T00:00:00",
        "2024-02-30T00:00:00Z",
        "2024-02-01T25:00:00Z",
        "soon",
        "2024-02-01T00:00:00.0000001Z",
    ];
    for (i, (section, item)) in INSTANTS.iter().enumerate() {
        let item = item.replace('@', &format!("«{}", spellings[i % spellings.len()]));
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_BAD_INSTANT"],
        );
    }
    for spelling in spellings {
        refused_as(
            &format!("scenario: s\nas_of: «{spelling}\n"),
            Format::Yaml,
            &["FACT_BAD_INSTANT"],
        );
    }
}

#[test]
fn an_interval_that_ends_before_it_begins() {
    for (section, item) in INSTANTS
        .iter()
        .filter(|(_, item)| item.contains("from: 2024") && item.contains("until: @"))
    {
        let item = item.replace('@', "«2023-12-31T23:59:59Z");
        refused_as(
            &with(&format!("{section}: [{item}]")),
            Format::Yaml,
            &["FACT_INVERTED_INTERVAL"],
        );
        let empty = item.replace("«2023-12-31T23:59:59Z", "2024-01-01T08:00:00+08:00");
        super::marked::taken(&with(&format!("{section}: [{empty}]")), Format::Yaml);
    }
}

#[test]
fn moves_out_of_time_order() {
    refused(
        "FACT_INVERTED_INTERVAL",
        "processors: [{id: p, kind: public, moves: [{at: 2024-02-02T00:00:00Z, country: SG}, «{at: 2024-02-01T00:00:00Z, country: CN}]}]",
    );
}

#[test]
fn no_date() {
    for date in [
        "2023-02-29",
        "2024-13-01",
        "2024-2-1",
        "20240201",
        "2024-02-01T00:00:00Z",
        "yesterday",
    ] {
        refused(
            "FACT_BAD_DATE",
            &format!("subjects: [{{id: ana, born: «{date}}}]"),
        );
        refused("FACT_BAD_DATE", &format!("calendar: {{holidays: [«{date}]}}"));
        refused(
            "FACT_BAD_DATE",
            &format!("calendar: {{extra_workdays: [2024-01-01, «{date}]}}"),
        );
    }
}

#[test]
fn no_zone() {
    for zone in ["Mars/Olympus", "+08:00", "''", "Asia/ShangHai2"] {
        refused("FACT_BAD_ZONE", &format!("timezone: «{zone}"));
    }
}

#[test]
fn no_number() {
    for age in ["-1", "201", "14.5", "fourteen", "99999999999999999999"] {
        refused("FACT_BAD_NUMBER", &format!("minor_age: «{age}"));
    }
    let rule = |parameters: &str| format!("rules: [{{id: r, clause: C, severity: note, {parameters}}}]");
    for parameters in [
        "check: request-deadline, working_days: «10001",
        "check: request-deadline, working_days: «-1",
        "check: deletion-propagated, within_days: «1000001",
        "check: delegation, return_within_days: «1.0",
        "check: audit-remedied, notice_days: «0x7",
        "check: frequency, fields: email, min_hours: «1e3",
        "check: frequency, fields: email, min_hours: «NaN",
        "check: incident-notice, subject_hours: «a day",
        "check: incident-notice, regulator_hours: «.",
        "check: incident-notice, platform_hours: «1.1.1",
        "check: retention, limits: [{fields: email, days: «9223372036854775808}]",
    ] {
        refused_as(&with(&rule(parameters)), Format::Yaml, &["FACT_BAD_NUMBER"]);
    }
    let closure = "closures: [{id: c, subject: ana, processor: shop, at: 2024-01-01T00:00:00Z, clear_within_days: «-1000001}]";
    refused_as(&with(closure), Format::Yaml, &["FACT_BAD_NUMBER"]);
}
