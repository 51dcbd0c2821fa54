//! What was authorized, by which ground, and what hangs on it.

use serde_json::{Value, json};

use super::both::Asked;

/// The reasons of all findings, each with its act, asked over GraphQL.
fn found(asked: &Asked) -> Vec<(String, String)> {
    let data = asked
        .server
        .data("{ findings(first: 50) { nodes { reason culprit } } }");
    let nodes = data["findings"]["nodes"].as_array().expect("findings").clone();
    let own = asked.snapshot.findings(None).expect("judged");
    assert_eq!(own.len(), nodes.len());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    nodes
        .iter()
        .map(|node| (text(&node["reason"]), text(&node["culprit"])))
        .collect()
}

fn pair(reason: &str, what: &str) -> (String, String) {
    (reason.to_owned(), what.to_owned())
}

/// Ana's consent for the shop to give her address to the bank, withdrawn in April; the bank may give it to the lab.
const WITHDRAWN: &str = "
authorizations:
  - {id: collect, basis: contract, holder: shop, acts: [collect], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
  - {id: give, basis: consent, grade: separate, subjects: [ana], holder: shop, acts: [share], recipients: [bank], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, withdrawn: 2024-04-01T00:00:00+08:00}
  - {id: give-on, basis: consent, grade: separate, subjects: [ana], holder: bank, acts: [share], recipients: [lab], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, withdrawn: 2024-04-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-03-31T23:59:59+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-04-01T00:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [email], purpose: orders}
rules: [{id: covered, check: authorized, clause: X, severity: error}]
";

/// 2: did it reach anybody unauthorized, and who answers for it?
#[test]
fn q02_who_got_it_unauthorized() {
    let asked = Asked::of(WITHDRAWN);
    let rows = asked.rows(&json!({"ask": "unlawful", "field": "email", "subject": "ana"}));
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].get("code"), "withdrawn");
    // The bank answers for the first wrong hop; the shop's own was in order.
    assert_eq!(
        (rows[0].get("processor"), rows[0].get("event")),
        ("bank".into(), "e3".into())
    );
    assert_eq!(rows[0].list("parties"), ["lab"]);
    assert_eq!(rows[0].list("because"), ["give-on"]);
}

/// 2 and 3: a flow that goes on is in order until its ground ends, and from that instant on it is not.
#[test]
fn q02_and_q03_a_flow_that_goes_on_past_its_ground() {
    let asked = Asked::of("
authorizations:
  - {id: collect, basis: contract, holder: shop, acts: [collect], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
  - {id: give, basis: consent, grade: separate, subjects: [ana], holder: shop, acts: [share], recipients: [bank], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, withdrawn: 2024-04-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: nightly, at: {from: 2024-02-10T00:00:00+08:00}, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
");
    let rows = asked.rows(&json!({"ask": "unlawful", "field": "email", "subject": "ana"}));
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.get("code"),
                row.get("event"),
                row.get("at"),
                row.list("parties"),
            )
        })
        .collect();
    let on = "2024-04-01T00:00:00+08:00".to_owned();
    assert_eq!(
        told,
        [(
            "withdrawn".to_owned(),
            "nightly".to_owned(),
            on,
            vec!["bank".to_owned()]
        )]
    );
    let codes = asked.codes(&json!({"ask": "paths", "field": "email", "to": "bank", "subject": "ana"}));
    assert_eq!(codes, ["lawful", "unlawful"]);
}

/// 3: one authorized and one unauthorized way to the same party.
#[test]
fn q03_two_ways_to_the_same_party() {
    let asked = Asked::of("
authorizations:
  - {id: collect, basis: contract, holder: [shop, bank], acts: [collect, share], recipients: [bank, lab], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: ads}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [email], purpose: orders}
");
    let rows = asked.rows(&json!({"ask": "paths", "field": "email", "to": "lab", "subject": "ana"}));
    let told: Vec<(String, Vec<String>)> = rows
        .iter()
        .map(|row| (row.get("code"), row.list("witness")))
        .collect();
    let way = |code: &str, acts: &[&str]| {
        (
            code.to_owned(),
            acts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        told,
        [way("lawful", &["e1", "e2"]), way("unlawful", &["e1", "e3", "e4"])]
    );
    // The lawful copy heals nothing: the shop answers for the hop to the bank.
    assert_eq!(
        (rows[1].get("event"), rows[1].get("processor")),
        ("e3".into(), "shop".into())
    );
}

/// 4: a withdrawal between two hops, and what the middle still holds.
#[test]
fn q04_withdrawn_between_two_hops() {
    let asked = Asked::of(WITHDRAWN);
    assert_eq!(found(&asked), [pair("withdrawn", "e3")]);
    // What was withdrawn on record is taken at the instant of its withdrawal.
    let rows = asked.rows(&json!({"ask": "withdrawal", "authorization": "give", "subject": "ana"}));
    let told: Vec<(String, String)> = rows
        .iter()
        .map(|row| (row.get("code"), row.get("processor")))
        .collect();
    assert_eq!(
        told,
        [pair("breaks", "shop"), pair("held-without-ground", "bank")]
    );
    // On another ground the bank may go on.
    let other = "  - {id: duty, basis: legal-duty, citation: L 1, holder: bank, acts: [use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}\nevents:";
    let asked = Asked::of(&WITHDRAWN.replacen("events:", other, 1));
    let codes = asked.codes(&json!({"ask": "withdrawal", "authorization": "give", "subject": "ana"}));
    assert_eq!(codes, ["breaks"]);
}

/// 5: an authorization ends at the act's very instant.
#[test]
fn q05_ended_at_the_very_instant() {
    let asked = Asked::of("
authorizations:
  - {id: az, basis: contract, holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-02-01T09:00:00+08:00, until: 2024-03-01T00:00:00+08:00}
events:
  - {id: first, at: 2024-02-01T01:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: last, at: 2024-02-29T23:59:59.999999+08:00, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders.mail}
  - {id: over, at: 2024-02-29T16:00:00Z, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}
rules: [{id: covered, check: authorized, clause: X, severity: error}]
");
    assert_eq!(found(&asked), [pair("expired", "over")]);
}

/// 9: a successor changes the purpose.
#[test]
fn q09_a_successor_changes_the_purpose() {
    let asked = Asked::of("
authorizations:
  - {id: az, basis: consent, holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
  - {id: new, basis: consent, subjects: [tom], holder: bank, acts: [use], fields: [email], purposes: [ads], from: 2024-03-05T00:00:00+08:00}
notices: [{id: told, kind: assignment, processor: shop, to: bank, subjects: [ana, tom], at: 2024-02-20T00:00:00+08:00}]
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [email], purpose: orders}
  - {id: e2, at: 2024-03-01T09:00:00+08:00, act: assign, from: shop, to: bank, ground: merger, subjects: [ana, tom], fields: [email], purpose: orders}
  - {id: same, at: 2024-03-02T09:00:00+08:00, act: use, by: bank, subjects: [ana, tom], fields: [email], purpose: orders.mail}
  - {id: early, at: 2024-03-04T09:00:00+08:00, act: use, by: bank, subjects: [tom], fields: [email], purpose: ads}
  - {id: late, at: 2024-03-06T09:00:00+08:00, act: use, by: bank, subjects: [ana, tom], fields: [email], purpose: ads}
rules:
  - {id: covered, check: authorized, clause: X, severity: error}
  - {id: told, check: assignment-notice, clause: X, severity: error}
");
    // The copy brings the assignor's grounds; a new purpose needs a consent from before the act, and tom gave it late once.
    let findings = asked.snapshot.findings(None).expect("judged");
    let told: Vec<(&str, &str, Vec<&str>)> = findings
        .iter()
        .map(|finding| {
            let subjects = finding
                .subjects
                .iter()
                .map(wherefore::model::id::SubjectId::as_str)
                .collect();
            (finding.culprit.as_str(), finding.reason.as_str(), subjects)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("early", "purpose", vec!["tom"]),
            ("late", "purpose", vec!["ana"])
        ]
    );
    assert_eq!(found(&asked).len(), 2);
}

/// 10 and 11: a delegate passes work on, and works for itself.
#[test]
fn q10_and_q11_a_delegate_passes_on_and_works_for_itself() {
    let facts = |subdelegation: &str, until: &str| {
        format!("
agreements:
  - {{id: head, kind: delegation, principal: shop, delegate: cloud, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, until: {until}, written: true, subdelegation: {subdelegation}}}
  - {{id: below, kind: delegation, principal: cloud, delegate: sub, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, written: true}}
events:
  - {{id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [email], purpose: orders}}
  - {{id: e2, at: 2024-02-02T09:00:00+08:00, act: delegate, from: shop, to: cloud, subjects: [ana, tom], fields: [email], purpose: orders}}
  - {{id: e3, at: 2024-02-03T09:00:00+08:00, act: delegate, from: cloud, to: sub, subjects: [ana], fields: [email], purpose: orders}}
  - {{id: own, at: 2024-02-04T09:00:00+08:00, act: use, by: cloud, subjects: [ana, tom], fields: [email], purpose: ads}}
  - {{id: mine, at: 2024-02-05T09:00:00+08:00, act: collect, to: cloud, subjects: [tom], fields: [email], purpose: ads}}
  - {{id: both, at: 2024-02-06T09:00:00+08:00, act: use, by: cloud, subjects: [tom], fields: [email], purpose: ads}}
rules:
  - {{id: bound, check: delegation, clause: X, severity: error}}
  - {{id: covered, check: authorized, clause: X, severity: error, when: {{acts: [use]}}}}
")
    };
    // Not permitted to pass on; its own purpose is outside the agreement; with a copy of its own it is judged on that.
    let asked = Asked::of(&facts("forbidden", "2025-06-01T00:00:00+08:00"));
    assert_eq!(
        found(&asked),
        [
            pair("sub-delegation-not-permitted", "e3"),
            pair("delegate-own-purpose", "own"),
            pair("none", "both"),
        ]
    );
    let asked = Asked::of(&facts("allowed", "2025-06-01T00:00:00+08:00"));
    assert_eq!(
        found(&asked),
        [pair("delegate-own-purpose", "own"), pair("none", "both")]
    );
    // The level above has ended: passing on, and what is kept, are findings.
    let asked = Asked::of(&facts("allowed", "2024-02-03T09:00:00+08:00"));
    let all = found(&asked);
    assert!(
        all.contains(&pair("sub-delegation-not-permitted", "e3")),
        "{all:?}"
    );
    assert!(all.contains(&pair("kept-after-agreement", "head")), "{all:?}");
}

/// 15: for which purposes was it used, and were they declared?
#[test]
fn q15_used_for_what_authorized_and_declared() {
    let asked = Asked::of("
authorizations:
  - {id: az, basis: contract, holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
policies:
  - {id: v1, processor: shop, effective: 2024-01-01T00:00:00+08:00, published: 2024-01-01T00:00:00+08:00, declares: [{fields: [email], purposes: [orders]}]}
  - {id: v2, processor: shop, effective: 2024-04-01T00:00:00+08:00, published: 2024-04-01T00:00:00+08:00, declares: [{fields: [email], purposes: [orders, ads]}]}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-03-02T09:00:00+08:00, act: use, by: shop, subjects: [ana, tom], fields: [email], purpose: ads}
  - {id: e4, at: 2024-05-02T09:00:00+08:00, act: use, by: shop, subjects: [tom], fields: [email], purpose: ads}
  - {id: e5, at: 2024-05-03T09:00:00+08:00, act: use, by: bank, subjects: [ana], fields: [email], purpose: ads}
");
    let rows = asked.rows(&json!({"ask": "activities", "field": "email", "processor": "shop"}));
    let told: Vec<(String, String, i64, String, String)> = rows
        .iter()
        .map(|row| {
            let count = row.0["count"].as_i64().expect("a count");
            (
                row.get("code"),
                row.get("purpose"),
                count,
                row.get("at"),
                row.get("last"),
            )
        })
        .collect();
    let row = |code: &str, purpose: &str, count, first: &str, last: &str| {
        let at = |day: &str| format!("2024-{day}T09:00:00+08:00");
        (code.to_owned(), purpose.to_owned(), count, at(first), at(last))
    };
    assert_eq!(
        told,
        [
            row("used", "ads", 2, "03-02", "05-02"),
            row("used", "orders", 1, "02-01", "02-01"),
            row("used", "orders", 1, "02-02", "02-02"),
            row("not-authorized", "ads", 2, "03-02", "05-02"),
            row("not-declared", "ads", 1, "03-02", "03-02"),
        ]
    );
    assert_eq!(rows[4].list("because"), ["v1"]);
    // What was never held counts for nothing, so the bank has used nothing; and it has no policy.
    assert!(
        asked
            .rows(&json!({"ask": "activities", "processor": "bank"}))
            .is_empty()
    );
    let of_tom = asked.rows(&json!({"ask": "activities", "subject": "tom"}));
    assert_eq!(of_tom.len(), 4, "{of_tom:?}");
    let purposes = asked.directly(&json!({"ask": "purposes", "field": "email", "subject": "tom"}));
    assert_eq!(purposes["answer"], json!([["shop", "ads"]]));
}

/// 16: which ground carries each activity, and what breaks?
#[test]
fn q16_what_rests_on_one_ground() {
    let asked = Asked::of("
authorizations:
  - {id: one, basis: consent, holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
  - {id: two, basis: contract, holder: shop, acts: [use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}
");
    let fragile = asked.rows(&json!({"ask": "withdrawal"}));
    let told: Vec<(String, String)> = fragile
        .iter()
        .map(|row| (row.get("code"), row.get("event")))
        .collect();
    assert_eq!(told, [pair("fragile", "e1")]);
    assert_eq!(fragile[0].list("because"), ["one"]);
    let codes =
        asked.codes(&json!({"ask": "withdrawal", "authorization": "one", "at": "2024-02-02T00:00:00+08:00"}));
    assert_eq!(codes, ["breaks", "stands"]);
}
