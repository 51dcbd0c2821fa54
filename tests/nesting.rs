//! Processors inside others: what a name means, what stays inside, and who answers.

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::question;
use wherefore::report::json as printed;

use crate::ground::ground;
use crate::oracle::{findings, questions};

/// A company with systems, sold ones among them, and others outside.
const WORLD: &str = "\
scenario: world
as_of: 2025-01-01T00:00:00Z
timezone: UTC
home: DE
subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}, {id: hash, category: contact, state: deidentified, key: email}]
processors:
  - {id: group, kind: group}
  - {id: acme, kind: controller, country: DE, inside: group}
  - {id: sister, kind: controller, country: DE, inside: group}
  - {id: crm, kind: controller, inside: acme}
  - {id: tables, kind: controller, inside: crm}
  - {id: shop, kind: controller, inside: acme, moves: [{at: 2024-07-01T00:00:00Z, inside: shop}]}
  - {id: bought, kind: controller, country: DE, moves: [{at: 2024-07-01T00:00:00Z, inside: acme}]}
  - {id: abroad, kind: controller, country: US, inside: acme}
  - {id: dark, kind: controller, country: DE, lawful_source: false}
  - {id: cell, kind: controller, inside: dark, moves: [{at: 2024-07-01T00:00:00Z, inside: cell}]}
  - {id: office, kind: authority, country: DE}
  - {id: desk, kind: controller, inside: office}
  - {id: cloud, kind: delegate, country: DE}
  - {id: disk, kind: delegate, inside: cloud}
purposes: [{id: orders}, {id: ads}]
";

fn snapshot(lines: &str) -> (Snapshot, Value) {
    let text = format!("{WORLD}{lines}\n");
    let document = import::read_alone(&text, "world.yaml", Format::Yaml)
        .unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"));
    let file = import::yaml_json(&text).expect("it was read");
    (Snapshot::of_document(document), file)
}

/// What is found, `thing reason processor owner` each; the oracle finds the same.
fn found(lines: &str) -> Vec<String> {
    let (snapshot, file) = snapshot(lines);
    let found = snapshot.findings(None).expect("it can be judged");
    let found = printed::findings(&found.to_vec(), &ground(&snapshot));
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        let thing = finding["event"]
            .as_str()
            .or(finding["fact"].as_str())
            .unwrap_or("-");
        [thing.to_owned(), text("reason"), text("processor"), text("owner")].join(" ")
    };
    let found: Vec<String> = found["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(line)
        .collect();
    let wanted: Vec<String> = findings::findings(&file).iter().map(line).collect();
    assert_eq!(found, wanted, "the oracle: {lines}");
    found
}

fn event(id: &str, day: &str, rest: &str) -> String {
    format!(
        "  - {{id: {id}, at: {day}T00:00:00Z, {rest}, subjects: [ana], fields: [email], purpose: orders}}\n"
    )
}

fn judged(rule: &str, facts: &str, events: &[String]) -> Vec<String> {
    found(&format!(
        "{facts}events:\n{}rules: [{{id: r, clause: c, severity: error, {rule}}}]",
        events.concat()
    ))
}

const BY_ACME: &str = "authorizations: [{id: az, basis: consent, holder: acme, acts: [collect, use, share], recipients: [office], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z}]\n";

#[test]
fn a_holder_lets_what_lies_inside_it_act_and_a_recipient_what_lies_inside_it_receive() {
    let events = [
        event("in", "2024-02-01", "act: collect, to: tables"),
        event("used", "2024-02-02", "act: use, by: tables"),
        event("given", "2024-02-03", "act: share, from: tables, to: desk"),
        event("sister", "2024-02-04", "act: use, by: sister"),
    ];
    assert_eq!(
        judged("check: authorized", BY_ACME, &events),
        [
            // A consent must be separate for a share.
            "given grade tables acme",
            // A company of the same group is another organization.
            "sister none sister -",
        ]
    );
}

#[test]
fn what_stays_inside_is_used_and_needs_neither_recipient_nor_grade() {
    let events = [
        event("in", "2024-02-01", "act: collect, to: crm"),
        event("inside", "2024-02-02", "act: share, from: crm, to: shop"),
        event("deeper", "2024-02-03", "act: verify, from: crm, to: tables"),
        event("outside", "2024-02-04", "act: share, from: crm, to: sister"),
        event("sold", "2024-07-01", "act: share, from: crm, to: shop"),
        event("alone", "2024-07-02", "act: use, by: shop"),
    ];
    assert_eq!(
        judged("check: authorized", BY_ACME, &events),
        ["outside none crm acme", "sold none crm acme", "alone none shop -"]
    );
    let ads = event("inside", "2024-02-02", "act: share, from: crm, to: shop").replace("orders", "ads");
    assert_eq!(
        judged("check: authorized", BY_ACME, &[events[0].clone(), ads]),
        ["inside purpose crm acme"],
        "it is judged as a use, and a use has a purpose"
    );
}

#[test]
fn who_leaves_an_unlawful_source_made_its_own_data_itself() {
    let of_hash = |event: String| event.replace("[email]", "[hash]");
    let events = [
        event("in", "2024-02-01", "act: collect, to: cell"),
        event("made", "2024-02-02", "act: derive, by: cell, makes: [hash]"),
        event("given", "2024-02-03", "act: share, from: cell, to: crm"),
        event("there", "2024-02-04", "act: use, by: crm"),
        event("sold", "2024-07-02", "act: use, by: cell"),
        of_hash(event("sold-too", "2024-07-03", "act: use, by: cell")),
    ];
    assert_eq!(
        judged("check: tainted", "", &events),
        ["there tainted-source crm acme"],
        "nobody acquires what it makes"
    );
}

#[test]
fn what_stays_inside_asks_no_recipient_anything() {
    let events = [
        event("in", "2024-02-01", "act: collect, to: crm"),
        event("inside", "2024-02-02", "act: share, from: crm, to: abroad"),
        event("outside", "2024-02-03", "act: share, from: crm, to: cloud"),
    ];
    for (rule, wanted) in [
        (
            "check: recipient-assessed, processor: acme",
            &["outside never-assessed crm acme"][..],
        ),
        ("check: stop-access", &["outside flow-after-termination crm acme"]),
        ("check: transfer-confidentiality, processor: acme", &[]),
        (
            "check: transfer-mechanism, processor: acme",
            &["inside mechanism-none crm acme"],
        ),
    ] {
        let facts = "terminations: [{id: t, by: group, of: cloud, at: 2024-01-01T00:00:00Z}, {id: u, by: acme, of: acme, at: 2024-01-01T00:00:00Z}]\n";
        assert_eq!(judged(rule, facts, &events), wanted, "{rule}");
    }
    let route = "mechanisms: [{id: m, kind: standard-contract, from_processor: acme, to_processor: acme, from: 2024-01-01T00:00:00Z}]\n";
    assert_eq!(
        judged("check: transfer-mechanism", route, &events),
        [""; 0],
        "{route}"
    );
}

#[test]
fn an_agreement_is_with_the_whole_of_a_delegate_and_the_role_goes_on_inside() {
    let agreement = "agreements: [{id: dpa, kind: delegation, principal: acme, delegate: cloud, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, until: 2024-06-01T00:00:00Z, written: true}]\n";
    let events = [
        event("in", "2024-02-01", "act: collect, to: crm"),
        event("handed", "2024-02-02", "act: delegate, from: crm, to: cloud"),
        event("stored", "2024-02-03", "act: share, from: cloud, to: disk"),
        event("worked", "2024-02-04", "act: use, by: disk"),
        event("own", "2024-02-05", "act: use, by: disk").replace("orders", "ads"),
        event("late", "2024-06-01", "act: delegate, from: crm, to: disk"),
        event("gone", "2024-06-01", "act: delete, by: cloud"),
    ];
    assert_eq!(
        judged("check: delegation", agreement, &events),
        [
            "own delegate-own-purpose disk cloud",
            // What the disk has came from the cloud, and to that from Acme.
            "dpa kept-after-agreement cloud -",
            "late agreement-ended crm acme",
        ]
    );
}

#[test]
fn a_country_is_that_of_what_is_around_and_moves_with_it() {
    let facts = WORLD.replace(
        "{id: acme, kind: controller, country: DE, inside: group}",
        "{id: acme, kind: controller, country: DE, inside: group, moves: [{at: 2024-05-01T00:00:00Z, country: US}]}",
    );
    let text = format!(
        "{facts}events:\n{}rules: [{{id: r, clause: c, severity: error, check: transfer-mechanism}}]\n",
        event("in", "2024-02-01", "act: collect, to: crm")
    );
    let document = import::read_alone(&text, "world.yaml", Format::Yaml).expect("valid");
    let snapshot = Snapshot::of_document(document);
    let found = snapshot.findings(None).expect("judged");
    let told: Vec<_> = found
        .iter()
        .map(|x| (x.culprit.as_str(), x.processor.as_str()))
        .collect();
    assert_eq!(told, [("move:crm:US", "crm")], "the company itself holds nothing");
    assert_eq!(
        found[0].owner.as_ref().map(ToString::to_string).as_deref(),
        Some("acme")
    );
    assert_eq!(
        findings::findings(&import::yaml_json(&text).expect("valid"))[0]["owner"],
        "acme"
    );
}

#[test]
fn a_name_in_a_question_means_what_lay_inside_when_the_data_came() {
    let events = [
        event("in", "2024-02-01", "act: collect, to: crm"),
        event("inside", "2024-02-02", "act: share, from: crm, to: shop"),
        event("resold", "2024-08-01", "act: share, from: shop, to: sister"),
    ];
    let (snapshot, file) = snapshot(&format!("events:\n{}", events.concat()));
    let ask = |more: Value| {
        let mut ask = json!({"ask": "reach", "field": "email", "subject": "ana"});
        for (key, value) in more.as_object().expect("keys") {
            ask[key] = value.clone();
        }
        let asked = question::read(&ask.to_string()).expect("a question").question;
        let answer = snapshot.ask(&asked, None).expect("an answer");
        let answer = printed::answer(&asked, &answer, &ground(&snapshot))["answer"].clone();
        assert_eq!(
            answer,
            questions::answer(&file, &ask)["answer"],
            "the oracle: {ask}"
        );
        answer.as_bool().expect("yes or no")
    };
    assert!(ask(json!({"to": "acme"})));
    assert!(ask(json!({"to": "group", "from": "acme"})));
    assert!(ask(json!({"to": "sister", "from": "acme"})));
    assert!(!ask(json!({"to": "office"})));
    // The shop was Acme's when the data came, and stood alone when it passed it on.
    assert!(!ask(json!({"to": "sister", "avoiding": ["acme"]})));
    assert!(
        ask(json!({"to": "sister", "through": ["acme"]})),
        "the crm passed it on inside Acme"
    );
    assert!(!ask(json!({"to": "sister", "from": "shop", "avoiding": ["crm"]})));
    let downstream = json!({"ask": "downstream", "from": "acme", "field": "email", "subject": "ana"});
    let asked = question::read(&downstream.to_string())
        .expect("a question")
        .question;
    let answer = snapshot.ask(&asked, None).expect("an answer");
    let answer = printed::answer(&asked, &answer, &ground(&snapshot));
    assert_eq!(answer["answer"], questions::answer(&file, &downstream)["answer"]);
    assert_eq!(answer["answer"], json!([["shop", "email"], ["sister", "email"]]));
}

#[test]
fn the_collection_before_counts_also_when_its_collector_belonged_to_nobody_then() {
    let rule = "check: frequency, fields: [email], min_hours: 72, processor: acme";
    let found = |who: &str, first: &str, second: &str| {
        let collects = |id: &str, day: &str| event(id, day, &format!("act: collect, to: {who}"));
        judged(rule, "", &[collects("one", first), collects("two", second)]).len()
    };
    assert_eq!(found("shop", "2024-06-01", "2024-06-02"), 1);
    assert_eq!(
        found("bought", "2024-06-30", "2024-07-01"),
        1,
        "it is Acme's when it collects again"
    );
    assert_eq!(
        found("bought", "2024-06-01", "2024-06-02"),
        0,
        "what it did before is its own"
    );
    assert_eq!(
        found("shop", "2024-06-30", "2024-07-01"),
        0,
        "what it does afterwards too"
    );
}

#[test]
fn what_goes_on_flowing_arrives_again_and_again() {
    let feed = "  - {id: feed, at: {from: 2024-06-01T00:00:00Z}, act: share, from: sister, to: shop, subjects: [ana], fields: [email], \
                purpose: orders}\n";
    let events = [
        event("in", "2024-02-01", "act: collect, to: sister"),
        feed.to_owned(),
        event("taken", "2024-07-15", "act: collect, to: office"),
        event("late", "2024-08-01", "act: share, from: office, to: sister"),
    ];
    let (snapshot, file) = snapshot(&format!("events:\n{}", events.concat()));
    let ask = |from: &str, to: &str, during: Option<&str>| {
        let mut ask = json!({"ask": "reach", "field": "email", "from": from, "to": to, "subject": "ana"});
        if let Some(during) = during {
            ask["during"] = json!(during);
        }
        let asked = question::read(&ask.to_string()).expect("a question").question;
        let answer = snapshot.ask(&asked, None).expect("an answer");
        let answer = printed::answer(&asked, &answer, &ground(&snapshot))["answer"].clone();
        assert_eq!(
            answer,
            questions::answer(&file, &ask)["answer"],
            "the oracle: {ask}"
        );
        answer.as_bool().expect("yes or no")
    };
    assert!(ask("sister", "acme", None), "the shop was Acme's in June");
    assert!(ask("office", "shop", None));
    assert!(
        !ask("office", "acme", None),
        "what the office had came to the shop when it was Acme's no more"
    );
    let autumn = Some("2024-09-01T00:00:00Z/2024-10-01T00:00:00Z");
    assert!(ask("office", "shop", autumn), "it goes on");
    assert!(!ask("office", "shop", Some("../2024-08-01T00:00:00Z")));
    assert!(!ask("sister", "acme", autumn));
    assert!(!ask("sister", "shop", Some("../2024-06-01T00:00:00Z")));
}

/// The rows of a judged question: code and processor.
fn rows(events: &[String], ask: &Value) -> Vec<String> {
    let (snapshot, _) = snapshot(&format!("events:\n{}", events.concat()));
    let asked = question::read(&ask.to_string()).expect("a question").question;
    let answer = snapshot.ask(&asked, None).expect("an answer");
    let answer = printed::answer(&asked, &answer, &ground(&snapshot));
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let rows = answer["rows"].as_array().expect("rows");
    rows.iter()
        .map(|row| format!("{} {}", text(row, "code"), text(row, "processor")))
        .collect()
}

#[test]
fn an_organization_holds_what_its_systems_hold() {
    let hash = event("hash", "2024-02-01", "act: collect, to: crm").replace("[email]", "[hash]");
    let key = |to: &str| event("key", "2024-02-02", &format!("act: collect, to: {to}"));
    let ask = json!({"ask": "reidentification", "subject": "ana"});
    assert_eq!(rows(&[hash.clone(), key("abroad")], &ask), ["joint crm"]);
    assert_eq!(rows(&[hash, key("sister")], &ask), [""; 0]);
}

#[test]
fn who_must_delete_are_the_systems_of_who_is_asked() {
    let events = [
        event("in", "2024-02-01", "act: collect, to: crm"),
        event("inside", "2024-02-02", "act: share, from: crm, to: abroad"),
        event("sold", "2024-02-03", "act: share, from: crm, to: shop"),
        event("outside", "2024-02-04", "act: share, from: abroad, to: sister"),
    ];
    let ask = json!({"ask": "erasure", "subject": "ana", "processor": "acme"});
    assert_eq!(
        rows(&events, &ask),
        ["delete abroad", "delete crm", "notify shop", "notify sister"],
        "the shop has it in its own name since it was sold"
    );
    let ask = json!({"ask": "exposure", "processor": "acme", "subject": "ana"});
    assert_eq!(rows(&events, &ask), ["exposed acme"]);
}

#[test]
fn the_example_finds_what_its_page_says() {
    let text = include_str!("../examples/small/systems-of-a-company.yaml");
    let document = import::read_alone(text, "systems.yaml", Format::Yaml).expect("valid");
    assert!(document.warnings.is_empty(), "{:?}", document.warnings);
    let snapshot = Snapshot::of_document(document);
    let found = snapshot.findings(None).expect("judged");
    let told: Vec<String> = found
        .iter()
        .map(|x| {
            let owner = x.owner.as_ref().map_or("-", |id| id.as_str());
            format!("{} {} {} {owner}", x.culprit.as_str(), x.reason, x.processor)
        })
        .collect();
    assert_eq!(
        told,
        [
            "to-warehouse mechanism-none crm acme",
            "to-labs never-assessed crm acme",
            "to-labs none crm acme",
            "after-the-sale never-assessed crm acme",
            "after-the-sale none crm acme",
            "sold-and-used none shop -",
        ]
    );
}

#[test]
fn a_file_without_nesting_says_nothing_of_owners() {
    let text = include_str!("../examples/zhima-credit.yaml");
    let document = import::read_alone(text, "zhima-credit.yaml", Format::Yaml).expect("valid");
    let snapshot = Snapshot::of_document(document);
    let found = snapshot.findings(None).expect("judged");
    assert!(found.iter().all(|finding| finding.owner.is_none()));
}
