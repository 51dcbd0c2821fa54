//! The mapping file: what it says of datasets, and what is wrong with it.

use serde_json::json;
use wherefore::import::mapping::Mapping;
use wherefore::import::openlineage;
use wherefore::model::question::{Question, ReachQuestion};
use wherefore::model::word::Verdict;

use super::meaning::{dataset, gathered, lineage, run, snapshot};

#[test]
fn patterns_name_processors_categories_and_short_names() {
    let text = "\
mapping: 1
processors: [{id: shop, kind: controller, country: DE}, {id: mart, kind: controller, country: US}]
categories: [{id: contact.email}]
purposes: [{id: ads}, {id: service}]
datasets:
  - {match: {name: '*.marts.*'}, processor: mart, as: 'mart-{2}'}
  - {match: {namespace: pg}, processor: shop, fields: [{match: e?ail, category: contact.email}]}
  - {match: {name: 'db.*'}, as: '{1}'}
jobs: [{match: {name: job-1}, purpose: ads}]
purpose_words: [{match: 'customer *', purpose: service}]
";
    let people = dataset("pg db.people", &["email"], json!({}));
    let mails = dataset(
        "pg db.marts.mails",
        &["to"],
        lineage(&[("to", "pg db.people", "email", "DIRECT", false)]),
    );
    let snapshot = snapshot(&[run("1", "COMPLETE", 1, vec![people], vec![mails])], text);
    let question = ReachQuestion::new("people.email".into(), "mart".into(), "everyone".into());
    let answer = snapshot.ask(&Question::Reach(question), None).expect("an answer");
    assert_eq!(answer.verdict, Verdict::Yes);
    let fields = snapshot.fields();
    let made = fields
        .iter()
        .find(|field| field.id.as_str() == "mart-mails.to")
        .expect("a short name");
    assert_eq!(
        made.categories.len(),
        1,
        "a category goes along with what is made of its column"
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = "\
mapping: 2
datasets:
  - {match: {nmae: 'x'}, processor: a}
  - {processor: b, fields: [{category: c}]}
legal_basis: perhaps
tags: [{match: {key: pii}}]
";
    let problems = Mapping::read(text, "m.yaml").expect_err("mistakes");
    let found: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!(
                "{}:{} {}",
                problem.place.line,
                problem.place.column,
                problem.code.as_str()
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "1:10 FACT_BAD_WORD",
            "5:14 FACT_BAD_WORD",
            "3:13 FACT_MISSING_KEY",
            "3:14 FACT_UNKNOWN_KEY",
            "4:5 FACT_MISSING_KEY",
            "4:29 FACT_MISSING_KEY",
            "6:8 FACT_MISSING_KEY",
        ]
    );
}

#[test]
fn what_nobody_claims_is_proposed_as_a_mapping_that_can_be_read() {
    let people = dataset("pg://crm people", &["home_phone", "x"], json!({}));
    let events = [run(
        "1",
        "COMPLETE",
        1,
        vec![people.clone()],
        vec![dataset("s3 out", &["y"], json!({}))],
    )];
    let gathered = gathered(&events);
    let none = Mapping::default();
    let unmapped = openlineage::unmapped(&gathered, &none);
    let text = wherefore::import::suggest::rules(&gathered, &none, &unmapped);
    let (proposed, warnings) =
        Mapping::read(&text, "proposed").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(openlineage::unmapped(&gathered, &proposed).is_empty(), "{text}");
    assert!(text.contains("contact.phone"), "{text}");
}
