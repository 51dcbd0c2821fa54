//! Before a release: what it would add, and what is declared before anything happened.

use serde_json::json;
use wherefore::release::design::{self, Design, Look};

use super::both::Asked;
use crate::commands::program::{Folder, run};

/// 21: would this release add violations?
#[test]
fn q21_what_a_release_adds() {
    const BASE: &str = "
authorizations:
  - {id: az, basis: contract, holder: shop, acts: [collect], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}
rules: [{id: covered, check: authorized, clause: X, severity: error}]
";
    let asked = Asked::of(BASE);
    // The same kind of use once more is nothing new; another purpose is.
    let change = |purpose: &str| {
        format!(
            "events: [{{id: e9, at: 2024-06-01T09:00:00+08:00, act: use, by: shop, subjects: [ana], fields: [email], purpose: {purpose}}}]"
        )
    };
    let added = |purpose: &str| {
        let query = format!(
            "{{ check(change: {}) {{ newFindings {{ act reason }} }} }}",
            json!(change(purpose))
        );
        asked.server.data(&query)["check"]["newFindings"].clone()
    };
    assert_eq!(added("orders"), json!([]));
    assert_eq!(added("ads"), json!([{"act": "e9", "reason": "none"}]));
    let folder = Folder::new();
    let facts = folder.file("facts.yaml", format!("{}{BASE}", super::both::HEAD));
    let check = |purpose: &str| {
        let file = folder.file("change.yaml", change(purpose));
        run(&["check", &facts, "--change", &file, "--format", "json"])
    };
    assert_eq!(check("orders").code, 0);
    assert_eq!(check("ads").code, 1);
    // Put up with until a day; past it, with the finding still there, that itself is a finding.
    let suppressed = format!(
        "{}{BASE}suppressions: [{{id: s1, rule: covered, event: e2, until: 2024-07-01T00:00:00+08:00, by: ana, why: soon}}]\n",
        super::both::HEAD
    );
    let facts = folder.file("suppressed.yaml", suppressed);
    let on = |day: &str| run(&["check", &facts, "--today", day, "--format", "json"]);
    let before = on("2024-06-30T00:00:00+08:00");
    assert_eq!(before.code, 0, "{before:?}");
    let after = on("2024-07-01T00:00:00+08:00").exits(1).json();
    let reasons: Vec<&str> = after["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["reason"].as_str())
        .collect();
    assert_eq!(reasons, ["act", "suppression-expired"]);
}

/// 22: is every declared flow authorized before a single event exists?
#[test]
fn q22_declared_flows_before_anything_happened() {
    let asked = Asked::of("
authorizations:
  - {id: az, basis: consent, grade: separate, holder: shop, acts: [collect, share], recipients: [bank], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, until: 2025-02-01T00:00:00+08:00}
events:
  - {id: flow-1, at: 2024-12-01T00:00:00+08:00, act: collect, to: shop, subjects: everyone, fields: [email], purpose: orders}
  - {id: flow-2, at: 2024-12-01T00:00:01+08:00, act: share, from: shop, to: bank, subjects: everyone, fields: [email], purpose: orders}
rules: [{id: covered, check: authorized, clause: X, severity: error}]
");
    let judged = |days, design| {
        let look = Look {
            release: asked.snapshot.as_of(),
            days,
            design,
        };
        let judged = design::judge(&asked.snapshot, look).expect("judged");
        judged
            .findings
            .iter()
            .map(|finding| {
                let at = asked.snapshot.zone().print(finding.at);
                (finding.culprit.as_str().to_owned(), finding.reason.clone(), at)
            })
            .collect::<Vec<_>>()
    };
    // For somebody of age all is authorized on the day; a minor's guardian never agreed.
    assert!(judged(None, Design::Adults).is_empty());
    let minors = judged(None, Design::Everybody);
    assert!(
        minors.iter().all(|(_, reason, _)| reason == "guardian"),
        "{minors:?}"
    );
    assert_eq!(minors.len(), 2);
    // Looking ahead, the day before the consent ends is still fine, and the end is not.
    let ahead = judged(Some(60), Design::Adults);
    assert_eq!(
        ahead,
        ["flow-1", "flow-2"].map(|act| (
            act.to_owned(),
            "expired".to_owned(),
            "2025-02-01T00:00:00+08:00".to_owned()
        ))
    );
    assert!(judged(Some(30), Design::Adults).is_empty());
}
