//! No check and no reason code goes without a case.

use std::collections::BTreeSet;

use wherefore::model::rule::{Check, Gap};
use wherefore::model::word::Dimension;

use super::{cases, codes};

#[test]
fn every_check_has_a_case_that_conforms_and_one_that_does_not() {
    let cases = cases::all();
    for check in Check::NAMES {
        let of_check: Vec<_> = cases.iter().filter(|case| case.check == *check).collect();
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
