//! Fides manifests: their verdicts, what they mean, and that what came from one goes out as it came.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for facts of one kind"
)]

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::export::{self, Record};
use wherefore::import::mapping::Mapping;
use wherefore::import::{Document, fides};
use wherefore::model::fact::{Act, Fact};
use wherefore::model::findings::Findings;
use wherefore::model::place::{Problem, ProblemCode};
use wherefore::model::time::Instant;
use wherefore::model::word::{ActKind, Carries};

use crate::openlineage::fixtures;

fn at() -> Instant {
    Instant::parse("2026-01-01T00:00:00Z").expect("an instant")
}

fn read(texts: &[&str]) -> Result<Document, Vec<Problem>> {
    let parts: Vec<(String, String)> = (1..)
        .zip(texts)
        .map(|(number, text)| (format!("{number}.yml"), (*text).to_owned()))
        .collect();
    fides::document(&parts, &Mapping::default(), at()).map(|(document, _)| document)
}

fn document(texts: &[&str]) -> Document {
    read(texts).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn findings(texts: &[&str]) -> std::sync::Arc<Findings> {
    Snapshot::of_document(document(texts))
        .findings(None)
        .expect("judged")
}

fn acts(document: &Document) -> Vec<&Act> {
    document
        .facts
        .iter()
        .filter_map(|stated| match &stated.fact {
            Fact::Act(act) => Some(act),
            _ => None,
        })
        .collect()
}

/// A system with one declaration, and one rule of a policy.
fn judged(categories: &Value, data_use: &str, people: &Value, rule: &Value) -> usize {
    let manifest = json!({
        "system": [{"fides_key": "s", "privacy_declarations": [
            {"name": "d", "data_categories": categories, "data_use": data_use, "data_subjects": people}]}],
        "policy": [{"fides_key": "p", "rules": [rule]}],
    });
    findings(&[&manifest.to_string()]).len()
}

fn rule(data: (&str, &[&str]), uses: (&str, &[&str]), people: (&str, &[&str])) -> Value {
    let matches = |(how, values): (&str, &[&str])| json!({"matches": how, "values": values});
    json!({"name": "r", "data_categories": matches(data), "data_uses": matches(uses), "data_subjects": matches(people)})
}

#[test]
fn verdicts_of_the_manifests_that_fides_tests_itself_with_hold() {
    let Some(folder) = fixtures::folder("fides/tests/ctl/data") else {
        return;
    };
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    for (name, wanted) in [
        ("passing_declaration_taxonomy.yml", 0),
        ("failing_declaration_taxonomy.yml", 1),
        ("failing_dataset_taxonomy.yml", 1),
        ("failing_dataset_field_taxonomy.yml", 1),
        ("failing_nested_dataset.yml", 1),
    ] {
        let found = findings(&[&text(name)]);
        assert_eq!(found.len(), wanted, "{name}: {found:#?}");
    }
    // Its author broke the YAML of this one.
    let broken = read(&[&text("failing_dataset_collection_taxonomy.yml")]).expect_err("no YAML");
    assert_eq!(broken[0].code, ProblemCode::Syntax);
    let mended = text("failing_dataset_collection_taxonomy.yml").replace(
        "            data_categories:\n              - user.demographic.political_opinion",
        "        data_categories:\n          - user.demographic.political_opinion",
    );
    assert_eq!(findings(&[&mended]).len(), 1);
    let fields = |texts: &[&str]| {
        let document = document(texts);
        let of = |stated: &wherefore::model::fact::Stated| matches!(stated.fact, Fact::Field(_));
        document.facts.iter().filter(|stated| of(stated)).count()
    };
    assert_eq!(fields(&[&text("failing_direction.yml")]), 48);
    assert_eq!(fields(&[&text("dataset_missing_categories.yml")]), 2);
}

#[test]
fn the_demonstration_of_fides_passes_until_its_comment_is_followed() {
    let Some(folder) = fixtures::folder("fides/demo_resources") else {
        return;
    };
    let mut texts: Vec<String> = ["dataset", "extended_taxonomy", "organization", "policy", "system"]
        .iter()
        .map(|name| std::fs::read_to_string(folder.join(format!("demo_{name}.yml"))).expect("a manifest"))
        .collect();
    let all = |texts: &[String]| findings(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(all(&texts).len(), 0);
    texts[4] = texts[4].replace("#- user.contact #", "- user.contact #");
    let found = all(&texts);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].processor.as_str(), "demo_marketing_system");
    // A system that names a dataset of another file is refused without it.
    let problems = read(&[&texts[4]]).expect_err("the dataset is missing");
    assert_eq!(problems[0].code, ProblemCode::UnknownReference, "{problems:#?}");
}

#[test]
fn every_way_to_match_is_that_of_fides() {
    let customer = json!(["customer"]);
    let any = |data: (&str, &[&str])| rule(data, ("ANY", &["marketing"]), ("ANY", &["customer"]));
    let email = json!(["user.contact.email"]);
    let of = |categories: &Value, rule: Value| judged(categories, "marketing.advertising", &customer, &rule);
    assert_eq!(of(&email, any(("ANY", &["user.contact"]))), 1);
    assert_eq!(of(&email, any(("ANY", &["user.contact.email.work"]))), 0);
    assert_eq!(of(&email, any(("OTHER", &["user.contact"]))), 0);
    assert_eq!(of(&email, any(("OTHER", &["user.name", "system"]))), 1);
    let both = json!(["user.contact.email", "user.name"]);
    assert_eq!(of(&both, any(("OTHER", &["user.contact"]))), 1);
    for (how, uses, wanted) in [
        ("ANY", "marketing", 1),
        ("ALL", "marketing", 1),
        ("ANY", "essential", 0),
        ("NONE", "essential", 1),
        ("OTHER", "essential", 1),
        ("OTHER", "marketing", 0),
    ] {
        let rule = rule(("ANY", &["user"]), (how, &[uses]), ("ANY", &["customer"]));
        assert_eq!(of(&email, rule), wanted, "{how} {uses}");
    }
    let by_people = |how, people: &Value| {
        let rule = rule(("ANY", &["user"]), ("ANY", &["marketing"]), (how, &["employee"]));
        judged(&email, "marketing", people, &rule)
    };
    assert_eq!(by_people("ANY", &customer), 0);
    assert_eq!(by_people("OTHER", &customer), 1);
    // Who says nothing of people breaks no rule about them.
    assert_eq!(by_people("OTHER", &json!([])), 0);
    for how in ["ALL", "NONE"] {
        for (data, people) in [(how, "ANY"), ("ANY", how)] {
            let rule = rule(
                (data, &["user"]),
                ("ANY", &["marketing"]),
                (people, &["customer"]),
            );
            let whole = json!({"system": [], "policy": [{"fides_key": "p", "rules": [rule]}]});
            let problems = read(&[&whole.to_string()]).expect_err("it cannot be judged");
            assert_eq!(problems[0].code.as_str(), "FACT_NOT_JUDGED", "{data} {people}");
        }
    }
}

#[test]
fn of_a_field_with_several_kinds_one_that_lies_elsewhere_is_enough() {
    let manifest = |own: &str| {
        json!({
            "dataset": [{"fides_key": "d", "data_categories": ["user.contact"], "collections": [
                {"name": "c", "fields": [{"name": "f", "data_categories": [own]}]}]}],
            "system": [{"fides_key": "s", "privacy_declarations": [
                {"data_categories": [], "data_use": "marketing", "data_subjects": ["customer"], "dataset_references": ["d"]}]}],
            "policy": [{"fides_key": "p", "rules": [
                rule(("OTHER", &["user.contact"]), ("ANY", &["marketing"]), ("ANY", &["customer"]))]}],
        })
    };
    assert_eq!(findings(&[&manifest("user.contact.email").to_string()]).len(), 0);
    assert_eq!(findings(&[&manifest("user.name").to_string()]).len(), 1);
}

#[test]
fn what_nobody_says_flows_is_possible_and_what_is_said_is_certain() {
    let manifest = json!({"system": [
        {"fides_key": "shop", "egress": [{"fides_key": "mail", "type": "system"},
                                         {"fides_key": "bank", "type": "system", "data_categories": ["user.name"]},
                                         {"fides_key": "them", "type": "user"}],
         "privacy_declarations": [{"name": "sell", "data_categories": ["user.contact"], "data_use": "essential",
                                   "data_subjects": ["customer"], "third_parties": "Agency", "shared_categories": ["user.contact"],
                                   "legal_basis_for_processing": "Contract"}]},
        {"fides_key": "mail", "ingress": [{"fides_key": "shop", "type": "system"}], "privacy_declarations": []},
        {"fides_key": "bank", "privacy_declarations": []}]});
    let document = document(&[&manifest.to_string()]);
    let shares: Vec<(&str, Carries, Vec<&str>)> = acts(&document)
        .into_iter()
        .filter(|act| act.kind == ActKind::Share)
        .map(|act| {
            let to = act.recipient.as_ref().expect("a recipient").as_str();
            (
                to,
                act.carries,
                act.fields
                    .iter()
                    .map(wherefore::model::id::FieldId::as_str)
                    .collect(),
            )
        })
        .collect();
    assert_eq!(
        shares,
        [
            ("Agency", Carries::Surely, vec!["user.contact"]),
            ("bank", Carries::Surely, vec!["user.name"]),
            ("mail", Carries::Possible, vec!["user.contact", "user.name"]),
        ]
    );
    // Everything that is used or given is held: the record contradicts itself nowhere.
    let held = acts(&document)
        .iter()
        .filter(|act| act.kind == ActKind::Collect)
        .count();
    assert_eq!(held, 1);
    assert!(document.facts.iter().any(
        |stated| matches!(&stated.fact, Fact::Evidence(evidence) if evidence.kind.contains("Contract"))
    ));
}

#[test]
fn a_chain_that_is_told_backwards_carries_all_the_way() {
    let to = |key: &str| json!([{"fides_key": key, "type": "system", "data_categories": ["user.name"]}]);
    let manifest = json!({"system": [
        {"fides_key": "a-last", "privacy_declarations": [
            {"name": "read", "data_categories": ["user.name"], "data_use": "marketing", "data_subjects": ["customer"]}]},
        {"fides_key": "b-middle", "egress": to("a-last"), "privacy_declarations": [
            {"data_categories": [], "data_use": "essential", "data_subjects": ["customer"]}]},
        {"fides_key": "c-first", "egress": to("b-middle"), "privacy_declarations": [
            {"data_categories": [], "data_use": "essential", "data_subjects": ["customer"]}]}]});
    let document = document(&[&manifest.to_string()]);
    let told: Vec<(ActKind, &str)> = acts(&document)
        .into_iter()
        .map(|act| (act.kind, act.actor.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (ActKind::Collect, "c-first"),
            (ActKind::Share, "c-first"),
            (ActKind::Share, "b-middle"),
            (ActKind::Use, "a-last"),
        ]
    );
}

/// What each act does: its kind, whether it surely carries, its parties and its fields.
fn told(manifest: &Value) -> Vec<String> {
    let document = document(&[&manifest.to_string()]);
    let each = acts(&document).into_iter().map(|act| {
        let to = act.recipient.as_ref().map_or("-", |to| to.as_str());
        let fields: Vec<&str> = act
            .fields
            .iter()
            .map(wherefore::model::id::FieldId::as_str)
            .collect();
        format!(
            "{} {} {} {to} {}",
            act.kind.as_str(),
            act.carries.as_str(),
            act.actor,
            fields.join("+")
        )
    });
    each.collect()
}

#[test]
fn a_flow_that_a_declaration_speaks_for_is_told_once_and_one_to_itself_is_none() {
    let to = |key: &str| json!([{"fides_key": key, "type": "system"}]);
    let manifest = json!({"system": [
        {"fides_key": "shop", "egress": to("mail"), "privacy_declarations": [
            {"name": "sell", "data_categories": ["user.name"], "data_use": "essential", "data_subjects": ["customer"],
             "egress": ["mail", "shop"]}]},
        {"fides_key": "mail", "privacy_declarations": []}]});
    assert_eq!(
        told(&manifest),
        [
            "collect surely shop - user.name",
            "share surely shop mail user.name",
            "use surely shop - user.name"
        ]
    );
}

#[test]
fn what_no_declaration_names_of_a_dataset_is_there_all_the_same() {
    let manifest = json!({
        "dataset": [{"fides_key": "db", "collections": [
            {"name": "c", "fields": [{"name": "f", "data_categories": ["user.contact"]}]}]}],
        "system": [{"fides_key": "s", "ingress": [
            {"fides_key": "db", "type": "dataset", "data_categories": ["user.name"]}], "privacy_declarations": []}]});
    let all = told(&manifest);
    let [collected, given] = &all[..] else {
        panic!("{all:?}")
    };
    assert!(
        collected.starts_with("collect") && collected.ends_with("+user.name"),
        "{all:?}"
    );
    assert_eq!(given, "share surely db s user.name");
}

#[test]
fn what_goes_round_in_a_circle_begins_with_one_who_has_it() {
    let to = |key: &str| json!([{"fides_key": key, "type": "system", "data_categories": ["user.name"]}]);
    let manifest = json!({"system": [
        {"fides_key": "a", "egress": to("b"), "privacy_declarations": []},
        {"fides_key": "b", "egress": to("a"), "privacy_declarations": []}]});
    assert_eq!(
        told(&manifest),
        [
            "collect surely a - user.name",
            "share surely a b user.name",
            "share surely b a user.name"
        ]
    );
}

#[test]
fn what_may_be_given_is_all_that_somebody_has_and_what_uses_data_comes_last() {
    let manifest = json!({
        "dataset": [{"fides_key": "db", "collections": [
            {"name": "c", "fields": [{"name": "f", "data_categories": ["user.contact"]}]}]}],
        "system": [
            {"fides_key": "a", "privacy_declarations": [], "egress": [
                {"fides_key": "b", "type": "system", "data_categories": ["user.name"]}]},
            {"fides_key": "b", "privacy_declarations": [], "egress": [{"fides_key": "c", "type": "system"}]},
            {"fides_key": "c", "privacy_declarations": [
                {"name": "sell", "data_categories": [], "data_use": "essential", "data_subjects": [],
                 "dataset_references": ["db"], "third_parties": "Agency"}]}]});
    let all = told(&manifest);
    let at = |part: &str| {
        let found = all.iter().position(|one| one.starts_with(part));
        found.unwrap_or_else(|| panic!("{part}: {all:#?}"))
    };
    assert!(all[at("share possible b c")].ends_with("c user.name"), "{all:#?}");
    let (read, given) = (at("share surely db c"), at("share possible c Agency"));
    let field = |number: usize| all[number].rsplit(' ').next().expect("fields").to_owned();
    assert_eq!(field(read), field(given));
    assert_eq!(at("use"), all.len() - 1, "{all:#?}");
}

#[test]
fn a_field_of_no_kind_is_in_no_rule_and_the_key_above_is_as_it_is_defined() {
    let manifest = json!({
        "dataset": [{"fides_key": "db", "collections": [{"name": "c", "fields": [{"name": "f"}]}]}],
        "system": [{"fides_key": "s", "privacy_declarations": [
            {"data_categories": [], "data_use": "marketing", "data_subjects": ["customer"], "dataset_references": ["db"]}]}],
        "policy": [{"fides_key": "p", "rules": [
            rule(("OTHER", &["user.contact"]), ("ANY", &["marketing"]), ("ANY", &["customer"]))]}],
    });
    assert_eq!(findings(&[&manifest.to_string()]).len(), 0);
    let manifest = json!({
        "data_category": [{"fides_key": "system.shoes", "parent_key": "user.name", "name": "Shoes"}],
        "system": [{"fides_key": "s", "privacy_declarations": [
            {"data_categories": ["system.shoes"], "data_use": "marketing", "data_subjects": ["customer"]}]}],
        "policy": [{"fides_key": "p", "rules": [
            rule(("ANY", &["user"]), ("ANY", &["marketing"]), ("ANY", &["customer"]))]}],
    });
    assert_eq!(findings(&[&manifest.to_string()]).len(), 1);
}

/// Everything that manifests can say, and keys that nobody knows.
fn everything() -> Value {
    json!({
        "organization": [{"fides_key": "acme", "name": "Acme", "controller": {"name": "C"}}],
        "data_category": [{"fides_key": "user.shoe_size", "parent_key": "user", "name": "Shoe size"}],
        "data_use": [{"fides_key": "essential.fitting", "parent_key": "essential", "name": "Fitting"}],
        "data_subject": [{"fides_key": "walker", "name": "Walker", "rights": {"strategy": "ALL"}}],
        "dataset": [{"fides_key": "db", "organization_fides_key": "acme", "meta": null, "data_categories": ["user.name"],
            "collections": [{"name": "feet", "odd": "x", "fields": [
                {"name": "size", "data_categories": ["user.shoe_size"], "fides_meta": {"primary_key": "true"}},
                {"name": "home", "fields": [{"name": "street", "data_categories": ["user.contact.address.street"]}]}]},
                {"name": "empty", "data_categories": ["user.device"], "fields": []}]}],
        "system": [
            {"fides_key": "shop", "organization_fides_key": "acme", "system_type": "Service", "odder": "y",
             "egress": [{"fides_key": "agency", "type": "system"}, {"fides_key": "them", "type": "user"}],
             "privacy_declarations": [
                {"name": "fit", "data_categories": ["user.shoe_size"], "data_use": "essential.fitting", "data_subjects": ["walker"],
                 "dataset_references": ["db"], "features": ["a"], "oddest": "z"},
                {"name": "fit", "data_categories": ["user.name"], "data_use": "marketing", "data_subjects": [], "egress": ["agency"]}]},
            {"fides_key": "agency", "responsibility": ["Processor"], "system_type": "Service", "privacy_declarations": []}],
        "policy": [{"fides_key": "p", "name": "P", "rules": [
            {"name": "r", "data_categories": {"matches": "ANY", "values": ["user.name"]},
             "data_uses": {"matches": "ANY", "values": ["marketing"]}, "data_subjects": {"matches": "ANY", "values": ["walker"]}}]}],
    })
}

#[test]
fn a_manifest_that_is_written_and_read_again_is_the_same() {
    let text = everything().to_string();
    let read = document(&[&text]);
    let record = Record {
        header: &read.header,
        facts: &read.facts,
    };
    let written: Value = serde_json::from_str(&export::fides::json(record)).expect("JSON");
    assert_eq!(written, everything());
    // Also by way of a fact file.
    let facts = export::facts::json(record);
    let again = wherefore::import::read_alone(&facts, "facts.json", wherefore::import::Format::Json)
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert!(again.warnings.is_empty(), "{:?}", again.warnings);
    let record = Record {
        header: &again.header,
        facts: &again.facts,
    };
    let written: Value = serde_json::from_str(&export::fides::json(record)).expect("JSON");
    assert_eq!(written, everything());
}

#[test]
fn facts_of_other_kinds_become_systems_that_can_be_read_again() {
    let text = include_str!("../examples/zhima-credit.yaml");
    let example =
        wherefore::import::read_alone(text, "example", wherefore::import::Format::Yaml).expect("valid");
    let manifest = export::fides::json(Record {
        header: &example.header,
        facts: &example.facts,
    });
    for person in ["lin", "bo"] {
        assert!(
            !manifest.contains(&format!("\"{person}\"")),
            "a person in a manifest"
        );
    }
    let again = document(&[&manifest]);
    let shares = |document: &Document| {
        let mut ends: Vec<(String, String)> = acts(document)
            .iter()
            .filter(|act| act.kind != ActKind::Collect && act.recipient.is_some())
            .map(|act| {
                (
                    act.actor.to_string(),
                    act.recipient.as_ref().expect("one").to_string(),
                )
            })
            .filter(|(from, _)| !from.ends_with(".fields"))
            .collect();
        ends.sort();
        ends.dedup();
        ends
    };
    let (before, after) = (shares(&example), shares(&again));
    assert!(before.len() > 10 && before == after, "{before:?}\n{after:?}");
}

#[test]
fn facts_whose_purpose_nobody_stated_can_be_written_and_read_again() {
    let text = r#"{"scenario": "s", "as_of": "2025-01-01T00:00:00Z", "timezone": "UTC",
        "processors": [{"id": "a", "kind": "controller"}, {"id": "b", "kind": "controller"}],
        "purposes": [{"id": "unstated"}], "categories": [{"id": "c"}], "fields": [{"id": "x", "category": "c"}], "events": [
        {"id": "1", "at": "2024-01-01T00:00:00Z", "act": "collect", "subjects": "everyone", "to": "a", "fields": ["x"], "purpose": "unstated"},
        {"id": "2", "at": "2024-01-02T00:00:00Z", "act": "share", "subjects": "everyone", "from": "a", "to": "b", "fields": ["x"], "purpose": "unstated"}]}"#;
    let stated = wherefore::import::read_alone(text, "s", wherefore::import::Format::Json).expect("valid");
    let manifest = export::fides::json(Record {
        header: &stated.header,
        facts: &stated.facts,
    });
    let again = document(&[&manifest]);
    assert!(
        acts(&again)
            .iter()
            .any(|act| act.recipient.as_ref().is_some_and(|to| to.as_str() == "b")),
        "{manifest}"
    );
}

#[test]
fn keys_that_nobody_knows_are_counted() {
    let text = everything().to_string();
    let parts = [("m.yml".to_owned(), text)];
    let (_, kept) = fides::document(&parts, &Mapping::default(), at()).expect("read");
    for key in [
        "odd",
        "odder",
        "oddest",
        "meta",
        "controller",
        "rights",
        "features",
        "fides_meta",
    ] {
        assert_eq!(kept.get(key), Some(&1), "{key}: {kept:?}");
    }
    assert!(
        !kept.contains_key("data_use") && !kept.contains_key("collections"),
        "{kept:?}"
    );
}

#[test]
fn a_term_of_the_mapping_stands_for_a_key_of_fideslang() {
    let (mapping, _) = Mapping::read(
        "mapping: 1\ncategories: [{id: contact, fides: user.contact}]\npurposes: [{id: ads, fides: marketing}]\n",
        "mapping.yaml",
    )
    .expect("a mapping");
    let manifest = json!({"system": [{"fides_key": "s", "privacy_declarations": [
        {"data_categories": ["user.contact.email"], "data_use": "marketing", "data_subjects": ["customer"]}]}]});
    let parts = [("m.yml".to_owned(), manifest.to_string())];
    let (document, _) = fides::document(&parts, &mapping, at()).expect("read");
    let parent = document.facts.iter().find_map(|stated| match &stated.fact {
        Fact::Category(category) if category.id.as_str() == "user.contact.email" => category.parent.clone(),
        _ => None,
    });
    assert_eq!(parent.expect("a parent").as_str(), "contact");
    let is_key =
        |fact: &Fact| matches!(fact, Fact::Category(category) if category.id.as_str() == "user.contact");
    assert!(
        !document.facts.iter().any(|stated| is_key(&stated.fact)),
        "it stands for the key"
    );
    assert!(acts(&document).iter().any(|act| {
        act.purpose
            .as_ref()
            .is_some_and(|purpose| purpose.as_str() == "ads")
    }));
}

#[cfg(feature = "rocksdb")]
mod imported {
    use std::path::Path;

    use serde_json::Value;

    use crate::commands::program::{Folder, run};

    const SINCE: &str = "2026-01-01T00:00:00Z";

    fn files(folder: &Path) -> Vec<String> {
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path().display().to_string())
            .collect();
        files.sort();
        files
    }

    #[test]
    fn manifests_go_into_a_store_once_and_a_changed_one_corrects() {
        let Some(fixtures) = crate::openlineage::fixtures::folder("fides/demo_resources") else {
            return;
        };
        let folder = Folder::new();
        let store = folder.text("store");
        let manifests = files(&fixtures);
        let import = |manifests: &[String], more: &[&str]| {
            let mut arguments = vec!["import", "--store", &store, "--since", SINCE];
            arguments.extend(more);
            arguments.extend(manifests.iter().map(String::as_str));
            run(&arguments).exits(0)
        };
        let ahead = import(&manifests, &["--dry-run"]);
        assert!(
            ahead.out.contains("+ events {") && ahead.out.ends_with("nothing was written\n"),
            "{ahead:?}"
        );
        assert!(!folder.path("store").exists());
        let first = import(&manifests, &[]);
        assert!(first.out.starts_with("commit 1: "), "{first:?}");
        assert!(first.err.contains("description ("), "{first:?}");
        // Later, the same again: nothing.
        let mut later = vec!["import", "--store", &store];
        later.extend(manifests.iter().map(String::as_str));
        let again = run(&later).exits(0);
        assert!(again.out.starts_with("nothing new\n"), "{again:?}");
        let check = || run(&["check", "--store", &store, "--format", "json"]);
        assert_eq!(
            check().exits(0).json()["findings"].as_array().map(Vec::len),
            Some(0)
        );
        let systems = manifests
            .iter()
            .find(|name| name.ends_with("demo_system.yml"))
            .expect("systems");
        let text = std::fs::read_to_string(systems)
            .expect("systems")
            .replace("#- user.contact #", "- user.contact #");
        let changed: Vec<String> = manifests
            .iter()
            .map(|name| {
                if name == systems {
                    folder.file("demo_system.yml", &text)
                } else {
                    name.clone()
                }
            })
            .collect();
        let ahead = import(&changed, &["--dry-run"]);
        assert_eq!(
            ahead.out.lines().filter(|line| line.starts_with("~ ")).count(),
            3,
            "{ahead:?}"
        );
        import(&changed, &[]);
        let found: Value = check().exits(1).json();
        assert_eq!(found["findings"].as_array().map(Vec::len), Some(1), "{found:#}");
        // What is written from the store is the manifest again.
        let written = run(&["export", "--store", &store, "--format", "fides"])
            .exits(0)
            .json();
        let declared = &written["system"][1]["privacy_declarations"][0]["data_categories"];
        assert_eq!(
            *declared,
            serde_json::json!(["user.contact", "user.device.cookie_id"])
        );
    }

    #[test]
    fn a_manifest_that_names_what_nobody_has_leaves_no_store_behind() {
        let folder = Folder::new();
        let manifest = folder.file(
            "systems.yml",
            "system:\n  - fides_key: s\n    egress:\n      - fides_key: nobody\n        type: system\n    privacy_declarations: []\n",
        );
        let store = folder.text("store");
        let refused = run(&["import", &manifest, "--store", &store]).refuses("FACT_UNKNOWN_REFERENCE");
        assert!(refused.err.contains("systems.yml:4:"), "{refused:?}");
        assert!(!folder.path("store").exists());
    }
}
