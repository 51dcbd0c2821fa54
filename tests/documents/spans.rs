//! Acts that stand or whose time is uncertain, cohorts, everyone, nesting: what is read and what is refused.

use wherefore::db::{AsOf, Batch, CommitError, Db};
use wherefore::import::Format;
use wherefore::model::fact::Fact;
use wherefore::model::id::SubjectId;
use wherefore::model::time::Instant;

use super::marked::{refused_as, taken};
use super::world::with;

/// An event of the small world with this `at` and kind of act.
fn event(at: &str, act: &str) -> String {
    with(&format!(
        "events: [{{id: e, at: {at}, {act}, subjects: [ana], fields: [email], purpose: orders}}]"
    ))
}

const SHARE: &str = "act: share, from: shop, to: lab";

#[test]
fn the_bounds_of_a_time_stand_in_order() {
    for at in [
        "{from: 2024-01-02T00:00:00Z, until: «2024-01-02T00:00:00Z}",
        "{from: 2024-01-02T00:00:00Z, until: «2024-01-01T00:00:00Z}",
        "{earliest: 2024-01-02T00:00:00Z, latest: «2024-01-01T00:00:00Z}",
    ] {
        refused_as(&event(at, SHARE), Format::Yaml, &["FACT_INVERTED_INTERVAL"]);
    }
}

#[test]
fn a_time_has_all_its_bounds_and_offsets() {
    for (at, code) in [
        ("«{until: 2024-01-02T00:00:00Z}", "FACT_MISSING_KEY"),
        ("«{earliest: 2024-01-02T00:00:00Z}", "FACT_MISSING_KEY"),
        ("«{latest: 2024-01-02T00:00:00Z}", "FACT_MISSING_KEY"),
        ("{from: «2024-01-02}", "FACT_DATE_WITHOUT_TIME"),
        ("{from: «[2024-01-02T00:00:00Z]}", "FACT_SHAPE"),
    ] {
        refused_as(&event(at, SHARE), Format::Yaml, &[code]);
    }
}

#[test]
fn acts_that_happen_once_do_not_stand() {
    let at = "«{from: 2024-01-01T00:00:00Z}";
    for act in [
        "act: collect, to: shop",
        "act: correct, by: shop",
        "act: restrict, by: shop",
        "act: delete, by: shop",
        "act: assign, from: shop, to: lab",
    ] {
        refused_as(&event(at, act), Format::Yaml, &["FACT_SHAPE"]);
    }
}

#[test]
fn everyone_may_stand_where_persons_are_listed() {
    for subjects in ["everyone", "[everyone]", "[ana, everyone]"] {
        let lines = format!(
            "authorizations: [{{id: a, basis: contract, holder: shop, acts: [use], subjects: {subjects}, purposes: [orders], from: 2024-01-01T00:00:00Z}}]
notices: [{{id: n, kind: assignment, processor: shop, to: lab, subjects: {subjects}, at: 2024-01-01T00:00:00Z}}]
incidents: [{{id: i, processor: shop, known: 2024-01-01T00:00:00Z, fields: [email], subjects: {subjects}, subjects_told: [{{subject: everyone, at: 2024-01-01T00:00:00Z}}]}}]
requests: [{{id: r, subject: everyone, processor: shop, at: 2024-01-01T00:00:00Z}}]
events: [{{id: e, at: 2024-01-01T00:00:00Z, act: use, by: shop, subjects: {subjects}, fields: [email], purpose: orders}}]"
        );
        let document = taken(&with(&lines), Format::Yaml);
        let named = document
            .facts
            .iter()
            .filter(|stated| stated.fact.subjects().iter().any(SubjectId::is_everyone));
        assert_eq!(named.count(), 5, "{subjects}");
    }
}

#[test]
fn everyone_is_nobody_in_particular() {
    for lines in [
        "subjects: [{id: «everyone}]",
        "cohorts: [{id: «everyone, members: [ana]}]\nsubjects: [{id: ana}]",
    ] {
        let text = super::marked::small(lines);
        refused_as(&text, Format::Yaml, &["FACT_RESERVED_ID"]);
    }
    for lines in [
        "choices: [{id: c, subject: «everyone, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}]",
        "closures: [{id: c, subject: «everyone, processor: shop, at: 2024-01-01T00:00:00Z, clear_within_days: 1}]",
        "cohorts: [{id: c, members: [«everyone]}]",
    ] {
        refused_as(&with(lines), Format::Yaml, &["FACT_UNKNOWN_REFERENCE"]);
    }
}

#[test]
fn a_cohort_stands_where_persons_are_listed_and_nowhere_else() {
    let lines = "cohorts: [{id: panel, members: [ana]}]
events: [{id: e, at: 2024-01-01T00:00:00Z, act: use, by: shop, subjects: [panel], fields: [email], purpose: orders}]";
    let document = taken(&with(lines), Format::Yaml);
    assert!(
        document
            .facts
            .iter()
            .any(|stated| matches!(&stated.fact, Fact::Cohort(cohort) if cohort.members.len() == 1))
    );
    for (lines, code) in [
        ("cohorts: [«{id: panel}]", "FACT_MISSING_KEY"),
        ("cohorts: [«{id: panel, members: []}]", "FACT_MISSING_KEY"),
        (
            "cohorts: [{id: panel, members: [«eve]}]",
            "FACT_UNKNOWN_REFERENCE",
        ),
        ("cohorts: [{id: «ana, members: [ana]}]", "FACT_DUPLICATE_ID"),
        (
            "cohorts: [{id: a, members: [ana]}, {id: b, members: [«a]}]",
            "FACT_UNKNOWN_REFERENCE",
        ),
        (
            "cohorts: [{id: a, members: [ana]}]\nrequests: [{id: r, subject: «a, processor: shop, at: 2024-01-01T00:00:00Z}]",
            "FACT_UNKNOWN_REFERENCE",
        ),
    ] {
        refused_as(&with(lines), Format::Yaml, &[code]);
    }
}

#[test]
fn a_processor_lies_inside_no_other_that_lies_inside_it() {
    let header = "scenario: s\nas_of: 2025-01-01T00:00:00Z\n";
    for (lines, codes) in [
        (
            "processors: [«{id: a, kind: controller, inside: a}]",
            &["FACT_CYCLE"][..],
        ),
        (
            "processors: [«{id: a, kind: controller, inside: b}, {id: b, kind: controller, moves: [{at: 2024-01-01T00:00:00Z, inside: c}]},
  {id: c, kind: controller, moves: [{at: 2023-01-01T00:00:00Z, inside: a}]}]",
            &["FACT_CYCLE"],
        ),
    ] {
        let text = format!("{header}{lines}\n");
        let (_, problems) = super::marked::problems(&text.replace('«', ""), Format::Yaml);
        let cycles = problems.iter().filter(|problem| problem.code.as_str() == "FACT_CYCLE");
        assert_eq!(cycles.count(), codes.len(), "{lines}");
    }
    let apart = format!(
        "{header}processors: [{{id: a, kind: controller, inside: b, moves: [{{at: 2024-01-01T00:00:00Z, inside: c}}]}},
  {{id: b, kind: controller, moves: [{{at: 2024-01-01T00:00:00Z, inside: a}}]}}, {{id: c, kind: controller}}]\n"
    );
    let (_, problems) = super::marked::problems(&apart, Format::Yaml);
    assert!(
        !problems
            .iter()
            .any(|problem| problem.code.as_str() == "FACT_CYCLE"),
        "one moves out at the instant at which the other moves in: {problems:#?}"
    );
}

#[test]
fn a_store_keeps_the_names_of_subjects_and_cohorts_apart() {
    let db = Db::in_memory(AsOf::Fixed(Instant::from_micros(0))).expect("a store in memory");
    let commit = |lines: &str| {
        let batch = Batch::read(&super::marked::small(lines), "commit").expect("a valid document");
        db.commit(batch, Instant::from_micros(1))
    };
    commit("subjects: [{id: ana}]\ncohorts: [{id: panel, members: [ana]}]").expect("new names");
    for lines in ["subjects: [{id: panel}]", "cohorts: [{id: ana, members: [ana]}]"] {
        match commit(lines) {
            Err(CommitError::Invalid(problems)) => {
                assert_eq!(problems[0].code.as_str(), "FACT_DUPLICATE_ID", "{lines}");
            }
            other => panic!("{lines}: {other:?}"),
        }
    }
}
