//! Ends of standing acts, and terms of permissions, of which only the bounds are known; and what is proven by bounds.

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::export::Record;
use wherefore::import::{self, Format};

use super::{ask, findings};

const WORLD: &str = "\
scenario: small
as_of: 2025-01-01T00:00:00Z
home: FR
subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: lab, kind: controller}, {id: cloud, kind: controller},
  {id: mirror, kind: controller}]
purposes: [{id: orders}]
rules: [{id: auth, check: authorized, clause: C, severity: error}]
";

/// A world in which the shop may share until then, and has the data from 10 January on.
fn world(until: &str, events: &str) -> String {
    format!(
        "{WORLD}authorizations: [{{id: az, basis: contract, holder: shop, acts: [collect, share], recipients: [lab], \
         fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, until: {until}}}]\n\
         events:\n  - {{id: got, at: 2024-01-10T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}}\n{events}"
    )
}

fn share(id: &str, at: &str) -> String {
    format!(
        "  - {{id: {id}, at: {at}, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}}\n"
    )
}

fn export(until: &str) -> String {
    share(
        "export",
        &format!("{{from: 2024-01-02T00:00:00Z, until: {until}}}"),
    )
}

const MARCH: &str = "2024-03-01T00:00:00Z";
const AROUND_MARCH: &str = "{earliest: 2024-02-20T00:00:00Z, latest: 2024-03-10T00:00:00Z}";
const AROUND_GOT: &str = "{earliest: 2024-01-05T00:00:00Z, latest: 2024-01-15T00:00:00Z}";

fn read(text: &str) -> Snapshot {
    let document = import::read_alone(text, "small.yaml", Format::Yaml)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    Snapshot::of_document(document)
}

fn told(text: &str) -> Vec<Value> {
    let found = findings(&read(text));
    found
        .iter()
        .map(|finding| {
            json!([
                finding["event"],
                finding["reason"],
                finding["certainty"],
                finding["placement"]
            ])
        })
        .collect()
}

fn reach(text: &str, to: &str) -> Value {
    ask(
        &read(text),
        &json!({"ask": "reach", "field": "email", "to": to, "subject": "ana"}),
    )
}

#[test]
fn an_act_that_may_stand_longer_than_it_is_allowed_is_possibly_wrong() {
    assert_eq!(
        told(&world(MARCH, &export("2024-03-01T00:00:00Z"))),
        [] as [Value; 0]
    );
    let found = told(&world(MARCH, &export(AROUND_MARCH)));
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!(one[0], "export");
    assert_eq!((&one[1], &one[2]), (&json!("expired"), &json!("possible")));
    let end = one[3]["events/export.until"].as_str().expect("where it is so");
    assert!(end > MARCH, "{end}");
    let surely = told(&world("2024-02-01T00:00:00Z", &export(AROUND_MARCH)));
    let [one] = &surely[..] else { panic!("{surely:?}") };
    assert_eq!((&one[1], &one[2]), (&json!("expired"), &json!("definite")));
}

#[test]
fn what_an_act_that_may_be_over_before_brings_is_possibly_there() {
    let answer = reach(&world(MARCH, &export(AROUND_GOT)), "lab");
    assert_eq!(answer["verdict"], "possible");
    let end = answer["placement"]["events/export.until"]
        .as_str()
        .expect("where it is so");
    assert!(end > "2024-01-10T00:00:00Z", "{answer:#}");
    assert_eq!(
        reach(&world(MARCH, &export(AROUND_MARCH)), "lab")["verdict"],
        "yes"
    );
    let before = "{earliest: 2024-01-05T00:00:00Z, latest: 2024-01-10T00:00:00Z}";
    assert_eq!(reach(&world(MARCH, &export(before)), "lab")["verdict"], "no");
}

#[test]
fn a_share_around_the_uncertain_end_of_a_permission_is_possibly_wrong() {
    let at = |at: &str| told(&world(AROUND_MARCH, &share("sent", at)));
    assert_eq!(at("2024-02-19T00:00:00Z"), [] as [Value; 0]);
    let possible = at("2024-03-01T00:00:00Z");
    let [one] = &possible[..] else {
        panic!("{possible:?}")
    };
    assert_eq!((&one[1], &one[2]), (&json!("expired"), &json!("possible")));
    let end = one[3]["authorizations/az.until"]
        .as_str()
        .expect("where it is so");
    assert!(end <= MARCH, "{end}");
    let definite = at("2024-03-10T00:00:00Z");
    let [one] = &definite[..] else {
        panic!("{definite:?}")
    };
    assert_eq!((&one[1], &one[2]), (&json!("expired"), &json!("definite")));
    let withdrawn = world(MARCH, &share("sent", "2024-02-10T00:00:00Z")).replace(
        "from: 2024-01-01T00:00:00Z",
        "from: 2024-01-01T00:00:00Z, withdrawn: {earliest: 2024-02-05T00:00:00Z, latest: 2024-02-15T00:00:00Z}",
    );
    let found = told(&withdrawn);
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&one[1], &one[2]), (&json!("withdrawn"), &json!("possible")));
}

#[test]
fn every_format_and_a_store_keep_the_bounds() {
    let text = world(AROUND_MARCH, &(export(AROUND_MARCH) + &share("sent", MARCH)));
    let bare = |mut findings: Vec<Value>| {
        for finding in &mut findings {
            finding.as_object_mut().expect("a map").shift_remove("place");
        }
        findings
    };
    let of_yaml = bare(findings(&read(&text)));
    let of = |key: &str| {
        let mut placements = of_yaml.iter().map(|finding| &finding["placement"]);
        placements.any(|placement| placement.get(key).is_some())
    };
    assert!(
        of("events/export.until") && of("authorizations/az.until"),
        "{of_yaml:#?}"
    );
    let document = import::read_alone(&text, "small.yaml", Format::Yaml).expect("valid");
    let as_of = document.header.as_of;
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let json = wherefore::export::facts::json(record);
    let lines = wherefore::export::facts::ndjson(record);
    for (again, format) in [(json, Format::Json), (lines, Format::Ndjson)] {
        let again = import::read_alone(&again, "small", format).expect("valid");
        assert_eq!(of_yaml, bare(findings(&Snapshot::of_document(again))));
    }
    let db = Db::in_memory(AsOf::Fixed(as_of)).expect("opened");
    db.commit(Batch::of(document), as_of).expect("committed");
    assert_eq!(of_yaml, bare(findings(&db.snapshot())));
    let export = db.snapshot().act("export").expect("read").expect("there");
    assert_eq!(
        export
            .0
            .at
            .end_bounds()
            .map(|(earliest, latest)| (earliest.micros(), latest.micros())),
        Some((1_708_387_200_000_000, 1_710_028_800_000_000))
    );
}

#[test]
fn bounds_that_make_no_sense_are_refused() {
    let problems = |text: &str| {
        let problems = import::read_alone(text, "small.yaml", Format::Yaml).expect_err("refused");
        problems
            .iter()
            .map(|problem| problem.code.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let inverted = "{earliest: 2024-03-10T00:00:00Z, latest: 2024-02-20T00:00:00Z}";
    assert_eq!(problems(&world(inverted, "")), ["FACT_INVERTED_INTERVAL"]);
    assert_eq!(
        problems(&world(MARCH, &export(inverted))),
        ["FACT_INVERTED_INTERVAL"]
    );
    let early = "{earliest: 2023-12-01T00:00:00Z, latest: 2024-02-20T00:00:00Z}";
    assert_eq!(problems(&world(early, "")), ["FACT_INVERTED_INTERVAL"]);
    assert_eq!(
        problems(&world(MARCH, &export(early))),
        ["FACT_INVERTED_INTERVAL"]
    );
    let half = "{earliest: 2024-02-01T00:00:00Z}";
    assert_eq!(problems(&world(half, "")), ["FACT_MISSING_KEY"]);
    assert_eq!(problems(&world(MARCH, &export(half))), ["FACT_MISSING_KEY"]);
}

/// More acts at one time than all orders of them could be tried: some bring what the others take.
fn crowd(early: &str) -> String {
    let mut events = early.to_owned();
    for number in 0..6 {
        events += &share(&format!("sent-{number}"), AROUND_MARCH).replace("to: lab", "to: cloud");
        events +=
            &share(&format!("copied-{number}"), AROUND_MARCH).replace("shop, to: lab", "cloud, to: mirror");
    }
    world(MARCH, &events)
}

#[test]
fn beyond_the_limit_a_yes_is_proven_by_bounds() {
    let delete = |at: &str| {
        format!("  - {{id: gone, at: {at}, act: delete, by: shop, subjects: [ana], fields: [email]}}\n")
    };
    let around = |day: u8| {
        format!(
            "{{earliest: 2024-01-{day:02}T00:00:00Z, latest: 2024-01-{:02}T00:00:00Z}}",
            day + 4
        )
    };
    let verdict = |early: &str, to: &str| reach(&crowd(early), to)["verdict"].clone();
    // One act whose time is known, one whose time hardly matters, one that stands.
    let known = reach(&crowd(&share("early", "2024-01-20T00:00:00Z")), "lab");
    assert_eq!(known["verdict"], "yes", "{known:#}");
    assert_eq!(known["arrivals"], json!(["early"]));
    assert!(
        known["reasons"]
            .to_string()
            .contains("wherever inside their bounds")
    );
    assert_eq!(verdict(&share("early", &around(11)), "lab"), "yes");
    assert_eq!(verdict(&export(AROUND_MARCH), "lab"), "yes");
    // What may have been deleted by then is not proven, what surely had not is. That it surely had is not proven either.
    let (early, late) = (share("early", &around(20)), share("early", &around(12)));
    assert_eq!(verdict(&(delete(&around(16)) + &early), "lab"), "unknown");
    assert_eq!(verdict(&(delete(&around(23)) + &early), "lab"), "possible");
    assert_eq!(verdict(&(delete(&around(17)) + &late), "lab"), "yes");
    // It may have been deleted between what brought it back and what passed it on.
    let again = "  - {id: again, at: 2024-01-18T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}\n";
    let passed_on = share("early", "2024-01-19T00:00:00Z");
    assert_ne!(verdict(&(delete(&around(16)) + again + &passed_on), "lab"), "yes");
    assert_eq!(verdict(&(delete(&around(13)) + again + &passed_on), "lab"), "yes");
    // In whatever order the others are: each alone brings it.
    assert_eq!(verdict("", "cloud"), "yes");
    // An act that may have been over before the data was there.
    assert_eq!(verdict(&export(AROUND_GOT), "lab"), "possible");
}

#[test]
fn what_may_have_been_deleted_in_between_is_not_proven() {
    let delete = "  - {id: gone, at: {earliest: 2024-01-05T00:00:00Z, latest: 2024-01-25T00:00:00Z}, act: delete, by: shop, subjects: [ana], fields: [email]}\n";
    let text = world(
        MARCH,
        &(delete.to_owned() + &share("early", "2024-01-20T00:00:00Z")),
    );
    let asked = json!({"ask": "reach", "subject": "ana", "field": "email", "to": "lab"});
    assert_eq!(ask(&read(&text), &asked)["verdict"], "possible");
    // With everything at its earliest it arrives, and that is all that is tried.
    assert_eq!(
        ask(&read(&text).placing_at_most(1), &asked)["verdict"],
        "possible"
    );
}
