//! Facts of events beside what the store has already: another mapping restates them, and what people stated stays.

use std::path::Path;

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Mode};
use wherefore::import::mapping::Mapping;
use wherefore::import::openlineage::Unfinished;
use wherefore::import::{self, Format};
use wherefore::intake::{Applied, Intake, kept};
use wherefore::model::fact::Fact;
use wherefore::model::time::Instant;

use super::meaning::{dataset, lineage, run};

fn clock() -> Instant {
    Instant::parse("2025-01-01T00:00:00Z").expect("an instant")
}

fn open(store: &Path) -> Db {
    Db::open(store, Mode::Create, AsOf::Now(clock)).expect("a store")
}

/// Applies all events of the store, and these, under a mapping.
fn apply(store: &Path, db: &Db, name: &str, mapping: &str, events: &[Value]) -> Applied {
    let (mapping, _) = Mapping::read(mapping, name).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let intake = Intake::open(store, db.clone(), clock, mapping).expect("an intake");
    if !events.is_empty() {
        intake
            .accept(json!(events).to_string().as_bytes())
            .expect("taken");
    }
    intake
        .apply(Unfinished::Stated)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// All facts but what is declared, which stays when nothing names it any more; without where they stand.
fn facts(db: &Db) -> Vec<String> {
    let facts = db.snapshot().facts().expect("facts");
    let mut facts: Vec<String> = facts
        .iter()
        .filter(|one| !one.fact.section().is_declaration())
        .map(|one| format!("{:?}", one.fact))
        .collect();
    facts.sort();
    facts
}

fn events() -> Vec<Value> {
    let out = dataset("wh t", &["y"], lineage(&[("y", "crm p", "x", "DIRECT", false)]));
    vec![run(
        "1",
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({}))],
        vec![out],
    )]
}

#[test]
fn columns_that_are_learned_late_take_the_place_of_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = open(folder.path());
    let bare = |id: &str, minute| {
        run(
            id,
            "COMPLETE",
            minute,
            vec![json!({"namespace": "crm", "name": "p"})],
            vec![json!({"namespace": "wh", "name": "t"})],
        )
    };
    apply(folder.path(), &db, "none.yaml", "mapping: 1", &[bare("1", 1)]);
    assert!(
        facts(&db).iter().any(|fact| fact.contains("crm/p#*")),
        "{:#?}",
        facts(&db)
    );
    let mut told = bare("2", 2);
    told["inputs"] = json!([dataset("crm p", &["x"], json!({}))]);
    told["outputs"] = json!([dataset("wh t", &["y"], json!({}))]);
    apply(folder.path(), &db, "none.yaml", "mapping: 1", &[told.clone()]);
    assert!(
        !facts(&db).iter().any(|fact| fact.contains("#*")),
        "{:#?}",
        facts(&db)
    );
    // What is only declared is asked about by nobody, and the same facts follow when all comes at once.
    let fresh = tempfile::tempdir().expect("a folder");
    let other = open(fresh.path());
    apply(
        fresh.path(),
        &other,
        "none.yaml",
        "mapping: 1",
        &[told, bare("1", 1)],
    );
    assert_eq!(facts(&db), facts(&other));
}

const FIRST: &str = "\
mapping: 1
processors: [{id: shop, kind: controller, country: DE}, {id: gone, kind: controller}]
categories: [{id: contact}]
datasets:
  - {match: {namespace: crm}, processor: shop, as: people, fields: [{match: x, category: contact}]}
";
const SECOND: &str = "\
mapping: 1
processors: [{id: shop, kind: controller, country: FR}]
datasets:
  - {match: {namespace: crm}, processor: shop, as: customers}
";

#[test]
fn another_mapping_states_the_facts_anew_and_takes_back_what_no_longer_follows() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = open(folder.path());
    apply(folder.path(), &db, "first.yaml", FIRST, &events());
    assert!(facts(&db).iter().any(|fact| fact.contains("people.x")));
    assert!(
        db.snapshot()
            .fields()
            .iter()
            .any(|field| field.id.as_str() == "people.x")
    );
    let changed = apply(folder.path(), &db, "second.yaml", SECOND, &[]);
    assert!(
        changed
            .retracted
            .iter()
            .any(|(_, id)| id == "people/there-before/1"),
        "{:?}",
        changed.retracted
    );
    let fresh = tempfile::tempdir().expect("a folder");
    let other = open(fresh.path());
    apply(fresh.path(), &other, "second.yaml", SECOND, &events());
    assert_eq!(facts(&db), facts(&other), "as if it had always been so");
    let again = apply(folder.path(), &db, "second.yaml", SECOND, &[]);
    assert!(
        again.receipt.is_none(),
        "{:?} {:?}",
        again.corrected,
        again.retracted
    );
    // And back, which a name that was used before makes no harder.
    apply(folder.path(), &db, "first.yaml", FIRST, &[]);
    let fresh = tempfile::tempdir().expect("a folder");
    let other = open(fresh.path());
    apply(fresh.path(), &other, "first.yaml", FIRST, &events());
    assert_eq!(facts(&db), facts(&other));
    let kept = kept::read(folder.path()).expect("readable").expect("kept");
    assert_eq!(kept.mapping.source.expect("a file").name, "first.yaml");
}

#[test]
fn what_people_stated_is_not_overruled_by_events_that_name_it() {
    const STATED: &str = "\
scenario: stated
as_of: 2025-01-01T00:00:00Z
categories: [{id: contact}]
purposes: [{id: unstated}]
processors: [{id: crm, kind: delegate, country: DE}]
fields: [{id: 'crm/p#x', category: contact}]
";
    let folder = tempfile::tempdir().expect("a folder");
    let db = open(folder.path());
    let document = import::read_alone(STATED, "stated.yaml", Format::Yaml).expect("valid");
    db.commit(Batch::of(document), clock()).expect("committed");
    let stands = || {
        let facts = db.snapshot().facts().expect("facts");
        let country = facts.iter().find_map(|one| {
            let Fact::Processor(crm) = &one.fact else {
                return None;
            };
            crm.country
                .as_ref()
                .filter(|_| crm.id.as_str() == "crm")
                .map(ToString::to_string)
        });
        let category = facts.iter().find_map(|one| {
            let Fact::Field(x) = &one.fact else { return None };
            (x.id.as_str() == "crm/p#x").then_some(x.categories.len())
        });
        (country, category)
    };
    let named = (Some("DE".to_owned()), Some(1));
    let applied = apply(folder.path(), &db, "none.yaml", "mapping: 1", &events());
    assert!(applied.corrected.is_empty(), "{:?}", applied.corrected);
    assert_eq!(stands(), named);
    // Nor is it taken back when the events name it no more.
    let moved = "mapping: 1\ndatasets: [{match: {namespace: crm}, processor: other, as: o}]\n";
    let applied = apply(folder.path(), &db, "moved.yaml", moved, &[]);
    assert!(applied.receipt.is_some());
    assert_eq!(stands(), named);
}

#[test]
fn names_that_would_be_one_keep_no_other_event_from_becoming_facts() {
    let twin = |job: &str, id: &str| {
        let out = dataset("wh t", &["y"], lineage(&[("y", "crm p", "x", "DIRECT", false)]));
        let mut event = run(
            id,
            "COMPLETE",
            1,
            vec![dataset("crm p", &["x"], json!({}))],
            vec![out],
        );
        event["job"]["name"] = job.into();
        event
    };
    // Two datasets with one short name are one, and both were there before.
    let short = "mapping: 1\ndatasets: [{match: {name: 'p*'}, as: p}]\n";
    let mut other = twin("c", "d");
    other["inputs"] = json!([dataset("crm p2", &["x"], json!({}))]);
    let folder = tempfile::tempdir().expect("a folder");
    let db = open(folder.path());
    let applied = apply(
        folder.path(),
        &db,
        "short.yaml",
        short,
        &[twin("a", "b/c"), twin("a/b", "c"), other],
    );
    assert!(applied.receipt.is_some());
    let derived = facts(&db)
        .iter()
        .filter(|fact| fact.contains("kind: Derive"))
        .count();
    assert!(derived >= 3, "{:#?}", facts(&db));
}
