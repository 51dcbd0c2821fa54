//! No check and no reason code goes without a case.

use std::collections::BTreeSet;

use wherefore::model::rule::{Check, Gap};
use wherefore::model::word::Dimension;

use super::{cases, codes};
use crate::clauses::read::{self, Row};

#[test]
fn every_check_has_a_case_that_conforms_and_one_that_does_not() {
    let cases = cases::all();
    // The clauses of the packs are cases too: `every_row_…` of their tests holds each to both its parts.
    let by_clauses = checks_of_clauses();
    for check in Check::NAMES {
        let of_check: Vec<_> = cases.iter().filter(|case| case.check == *check).collect();
        if of_check.is_empty() && by_clauses.contains(*check) {
            continue;
        }
        assert!(
            of_check.iter().any(|case| case.conforms()),
            "no case conforms to `{check}`"
        );
        let violates = |case: &&&cases::Case| {
            case.findings
                .iter()
                .any(|finding| case.check_of(&finding["rule"]) == *check)
        };
        assert!(
            of_check.iter().any(|case| violates(&case)),
            "no case violates `{check}`"
        );
    }
    for case in &cases {
        assert!(
            Check::NAMES.contains(&case.check.as_str()),
            "{}: there is no such check",
            case.name
        );
    }
}

#[test]
fn every_reason_of_the_page_occurs_and_no_other() {
    let cases = cases::all();
    let occurring: BTreeSet<String> = cases
        .iter()
        .flat_map(|case| &case.findings)
        .map(|finding| codes::family(finding["reason"].as_str().expect("a finding has a reason")).to_owned())
        .chain(reasons_of_clauses())
        .collect();
    let told = codes::of_the_page();
    let missing: Vec<_> = told.difference(&occurring).collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
    let unknown: Vec<_> = occurring.difference(&told).collect();
    assert!(unknown.is_empty(), "the page does not tell {unknown:?}");
}

#[test]
fn the_page_tells_every_dimension() {
    let told = codes::of_the_page();
    for dimension in Dimension::WORDS {
        assert!(told.contains(*dimension), "{dimension}");
    }
    assert!(told.contains(Gap::None.as_str()));
}

/// Rows of clauses that show a finding and a silence.
fn judged_rows() -> impl Iterator<Item = Row> {
    read::all()
        .into_iter()
        .filter(|row| matches!(row.shows.as_str(), "judged" | "recorded"))
}

fn checks_of_clauses() -> BTreeSet<String> {
    let check_of = read::checks();
    judged_rows()
        .filter_map(|row| check_of.get(&row.rule).cloned())
        .collect()
}

fn reasons_of_clauses() -> BTreeSet<String> {
    judged_rows()
        .flat_map(|row| {
            let finds = &row.value["finds"];
            finds.as_array().cloned().unwrap_or_else(|| vec![finds.clone()])
        })
        .filter_map(|finding| {
            finding["reason"]
                .as_str()
                .map(|reason| codes::family(reason).to_owned())
        })
        .collect()
}
