//! What has to be done, by whom, by when; and what was done before.

use serde_json::{Value, json};

use super::both::Asked;

/// 7: retention ended here, and a copy lives downstream.
#[test]
fn q07_over_here_and_alive_downstream() {
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: delegate, from: shop, to: cloud, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: derive, by: cloud, subjects: [ana], fields: [email], makes: [email-hash], method: deidentify, purpose: orders}
  - {id: e5, at: 2024-02-05T09:00:00+08:00, act: derive, by: cloud, subjects: [ana], fields: [email], makes: [email-count], method: anonymize, purpose: orders}
  - {id: del, at: 2024-03-10T09:00:00+08:00, act: delete, by: shop, subjects: [ana], fields: [email]}
rules:
  - {id: limit, check: retention, clause: X, severity: error, limits: [{fields: [email], days: 30, processor: shop}]}
  - {id: entrusted, check: deletion-propagated, clause: X, severity: error, within_days: 10}
  - {id: told, check: deletion-propagated, clause: X, severity: warning, within_days: 10, roles: own}
");
    let data = asked
        .server
        .data("{ findings(first: 9) { nodes { rule reason processor fields } } }");
    // Each copy from its own acquisition; the delegate and its hash must follow, the count is not chased; the bank is told apart.
    assert_eq!(
        data["findings"]["nodes"],
        json!([
            {"rule": "limit", "reason": "deleted-late", "processor": "shop", "fields": ["email"]},
            {"rule": "entrusted", "reason": "copy-downstream", "processor": "cloud", "fields": ["email", "email-hash"]},
            {"rule": "told", "reason": "copy-downstream", "processor": "bank", "fields": ["email"]},
        ])
    );
    assert_eq!(asked.snapshot.findings(None).expect("judged").len(), 3);
}

/// 12 and 13: a party's country changed; what crossed the border, and under which safeguards.
#[test]
fn q12_and_q13_borders_and_safeguards() {
    let asked = Asked::of("
authorizations:
  - {id: general, basis: consent, grade: explicit, holder: shop, acts: [share], recipients: [lab, bank], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
  - {id: apart, basis: consent, grade: separate, subjects: [tom], holder: shop, acts: [share], recipients: [lab], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
agreements: [{id: hush, kind: confidentiality, between: [lab, shop], from: 2024-01-01T00:00:00+08:00, until: 2024-03-01T00:00:00+08:00}]
mechanisms: [{id: route, from_processor: shop, to_country: SG, from: 2024-02-10T00:00:00+08:00, until: 2024-03-01T00:00:00+08:00}]
assessments:
  - {id: impact, kind: impact, processor: shop, covers: [cross-border], purposes: [orders], at: 2024-02-20T00:00:00+08:00}
  - {id: whom, kind: recipient, processor: shop, recipient: lab, at: 2024-01-20T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [email], purpose: orders}
  - {id: home, at: 2024-02-01T10:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-25T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [tom], fields: [email], purpose: orders}
  - {id: e4, at: 2024-03-01T00:00:00+08:00, act: share, from: shop, to: lab, subjects: [tom], fields: [email], purpose: orders}
  - {id: on, at: 2024-03-05T09:00:00+08:00, act: share, from: lab, to: lab-us, subjects: [tom], fields: [email], purpose: orders}
  - {id: kept, at: 2024-03-06T09:00:00+08:00, act: store, by: shop, subjects: [ana], fields: [email], location: US}
  - {id: own, at: 2024-03-07T09:00:00+08:00, act: collect, to: lab, subjects: [kim], fields: [email], purpose: research}
  - {id: abroad, at: 2024-03-08T09:00:00+08:00, act: share, from: lab, to: lab-us, subjects: [kim], fields: [email], purpose: research}
");
    let rows = asked.rows(&json!({"ask": "transfers"}));
    let of = |act: &str| -> Vec<(String, Vec<String>)> {
        rows.iter()
            .filter(|row| row.get("event") == act)
            .map(|row| (row.get("code"), row.list("because")))
            .collect()
    };
    let row = |code: &str, because: &[&str]| {
        (
            code.to_owned(),
            because.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        of("e2"),
        [
            row("crossing", &[]),
            row("mechanism-not-yet", &["route"]),
            row("ground-missing", &["general"]),
            row("secrecy", &["hush"]),
            row("assessment-late", &["impact"]),
            row("recipient-assessment", &["whom"]),
        ]
    );
    assert_eq!(
        of("e3"),
        [
            row("crossing", &[]),
            row("mechanism", &["route"]),
            row("ground", &["apart"]),
            row("secrecy", &["hush"]),
            row("assessment", &["impact"]),
            row("recipient-assessment", &["whom"]),
        ]
    );
    // At the very end of the mechanism it is over.
    assert_eq!(of("e4")[1], row("mechanism-expired", &["route"]));
    assert_eq!(of("e4")[3], row("secrecy-ended", &["hush"]));
    // On to a third country; nothing that was never at home is onward, and a domestic flow is no transfer.
    let codes: Vec<String> = of("on").into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        [
            "onward",
            "mechanism-none",
            "ground-missing",
            "secrecy-none",
            "assessment-none",
            "recipient-assessment-none"
        ]
    );
    assert!(of("abroad").is_empty() && of("home").is_empty());
    assert_eq!(of("kept"), [row("stored-abroad", &[])]);
    // Of one person, and of one party.
    let acts = |question: serde_json::Value| -> Vec<String> {
        let mut acts: Vec<String> = asked.rows(&question).iter().map(|row| row.get("event")).collect();
        acts.dedup();
        acts
    };
    assert_eq!(
        acts(json!({"ask": "transfers", "subject": "ana"})),
        ["e2", "kept"]
    );
    assert_eq!(acts(json!({"ask": "transfers", "processor": "lab-us"})), ["on"]);
    // A bloc is a setting of the rule: inside it nothing crosses, and from it to home it does.
    let eea = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: lab, to: lab-us, subjects: [ana], fields: [email], purpose: orders}
rules: [{id: bloc, check: transfer-mechanism, clause: X, severity: error, bloc: [CN, SG]}]
");
    let crossed: Vec<String> = eea
        .rows(&json!({"ask": "transfers"}))
        .iter()
        .filter(|row| row.get("code") == "crossing")
        .map(|row| row.get("event"))
        .collect();
    assert_eq!(crossed, ["e3"]);
}

/// 12: moving with data in hand is a crossing of its own; earlier flows stay domestic.
#[test]
fn q12_a_party_moves_with_data_in_hand() {
    let facts = super::both::HEAD.replace(
        "{id: bank, kind: controller, country: CN}",
        "{id: bank, kind: controller, country: CN, moves: [{at: 2024-03-01T00:00:00+08:00, country: SG}]}",
    );
    assert_ne!(facts, super::both::HEAD);
    let asked = Asked::with(&facts, "
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-29T23:59:59+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-29T16:00:00Z, act: share, from: shop, to: bank, subjects: [tom], fields: [email], purpose: orders}
");
    let rows = asked.rows(&json!({"ask": "transfers"}));
    let told: Vec<(String, String, Vec<String>)> = rows
        .iter()
        .filter(|row| ["crossing", "moved-abroad"].contains(&row.get("code").as_str()))
        .map(|row| (row.get("code"), row.get("processor"), row.list("subjects")))
        .collect();
    let row = |code: &str, who: &str, whose: &str| (code.to_owned(), who.to_owned(), vec![whose.to_owned()]);
    assert_eq!(
        told,
        [row("crossing", "shop", "tom"), row("moved-abroad", "bank", "ana")]
    );
    assert_eq!(rows.last().expect("a row").get("code"), "mechanism-none");
}

/// 14: data on children.
#[test]
fn q14_data_on_children() {
    let asked = Asked::of("
authorizations:
  - {id: parent, basis: consent, given_by: guardian, subjects: [kim], holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, kim, tom], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [kim], fields: [email], purpose: orders}
");
    let told = |question: serde_json::Value| -> Vec<(String, String, String, Vec<String>)> {
        let row = |row: &super::both::Row| {
            let whose = row.list("subjects").join(",");
            (row.get("code"), row.get("processor"), whose, row.list("because"))
        };
        asked.rows(&question).iter().map(row).collect()
    };
    let row = |code: &str, who: &str, whose: &str, because: &[&str]| {
        let because = because.iter().map(ToString::to_string).collect();
        (code.to_owned(), who.to_owned(), whose.to_owned(), because)
    };
    assert_eq!(
        told(json!({"ask": "minors"})),
        [
            row("minor", "bank", "kim", &[]),
            row("minor", "shop", "kim", &["parent"]),
            row("age-unknown", "shop", "tom", &[]),
        ]
    );
    assert_eq!(
        asked.reasons(&json!({"ask": "minors"})),
        ["minors", "age-unknown"]
    );
    // Fourteen from midnight of the birthday on, local time: kim was born on 2013-03-01.
    let at = |at: &str| told(json!({"ask": "minors", "processor": "bank", "at": at})).len();
    assert_eq!(at("2027-02-28T15:59:59Z"), 1);
    assert_eq!(at("2027-02-28T16:00:00Z"), 0);
}

/// 18: who must act when somebody asks for deletion?
#[test]
fn q18_who_must_act_on_a_deletion() {
    let asked = Asked::of("
authorizations:
  - {id: duty, basis: legal-duty, citation: L 1, holder: bank, acts: [use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email, illness], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: delegate, from: shop, to: cloud, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}
  - {id: e5, at: 2024-02-05T09:00:00+08:00, act: disclose, from: shop, to: press, subjects: [ana], fields: [email], purpose: ads}
  - {id: e6, at: 2024-02-06T09:00:00+08:00, act: delete, by: shop, subjects: [ana], fields: [illness]}
rules:
  - {id: in-time, check: request-deadline, clause: X, severity: error, days: 30}
  - {id: entrusted, check: deletion-propagated, clause: X, severity: error, within_days: 10}
  - {id: told, check: deletion-propagated, clause: X, severity: error, within_days: 20, roles: own}
");
    let rows = asked.rows(
        &json!({"ask": "erasure", "subject": "ana", "processor": "shop", "at": "2024-06-01T00:00:00+08:00"}),
    );
    let told: Vec<(String, String, String, Vec<String>)> = rows
        .iter()
        .map(|row| {
            (
                row.get("code"),
                row.get("processor"),
                row.get("due"),
                row.list("because"),
            )
        })
        .collect();
    let row = |code: &str, who: &str, due: &str, because: &str| {
        let because = because
            .split(',')
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect();
        (code.to_owned(), who.to_owned(), due.to_owned(), because)
    };
    assert_eq!(
        told,
        [
            row("delete", "cloud", "2024-06-11T00:00:00+08:00", "entrusted"),
            row("delete", "shop", "2024-07-02T00:00:00+08:00", "in-time"),
            row("notify", "lab", "2024-06-21T00:00:00+08:00", "told"),
            row("kept", "bank", "", "duty"),
            row("public", "press", "", ""),
        ]
    );
    // What the shop deleted is not asked for again.
    assert!(
        rows.iter()
            .all(|row| !row.list("fields").contains(&"illness".to_owned()))
    );
}

/// 19: a breach: whose data, from where, who else, and who must be told by when?
#[test]
fn q19_a_breach() {
    let facts = |rule: &str| {
        format!("
incidents: [{{id: leak, processor: bank, suspected: 2024-05-01T00:00:00+08:00, known: 2024-05-03T00:00:00+08:00, fields: [email], subjects: [ana]}}]
events:
  - {{id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [email, illness], purpose: orders}}
  - {{id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana, tom], fields: [email], purpose: orders}}
  - {{id: gone, at: 2024-05-01T00:00:00+08:00, act: delete, by: bank, subjects: [tom], fields: [email]}}
  - {{id: before, at: 2024-03-01T00:00:00+08:00, act: share, from: bank, to: lab-us, subjects: [ana], fields: [email], purpose: orders}}
  - {{id: after, at: 2024-05-02T00:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [email], purpose: orders}}
rules: [{{id: told, check: incident-notice, clause: X, severity: error, regulator_hours: 72{rule}}}]
")
    };
    let ask = json!({"ask": "exposure", "processor": "bank", "during": "2024-05-01T00:00:00+08:00/2024-06-01T00:00:00+08:00"});
    let told = |rule: &str| -> Vec<(String, String, String)> {
        Asked::of(&facts(rule))
            .rows(&ask)
            .iter()
            .map(|row| {
                (
                    row.get("code"),
                    format!("{}{}", row.get("processor"), row.list("subjects").join(",")),
                    row.get("due"),
                )
            })
            .collect()
    };
    let row = |code: &str, who: &str, due: &str| (code.to_owned(), who.to_owned(), due.to_owned());
    // tom's was gone at that very instant; the clock runs from knowledge, or from suspicion where a rule says so.
    assert_eq!(
        told(""),
        [
            row("exposed", "bankana", ""),
            row("source", "shopana", ""),
            row("passed-on", "labana", ""),
            row("tell-regulator", "bank", "2024-05-06T00:00:00+08:00"),
        ]
    );
    assert_eq!(
        told(", from_suspicion: true").last(),
        Some(&row("tell-regulator", "bank", "2024-05-04T00:00:00+08:00"))
    );
}

/// 9, 14, 16 and 18: what was assigned brings the authorizations of who gave it, also where it is only held.
#[test]
fn q09_a_successor_holds_on_what_came_with_the_data() {
    let asked = Asked::of("
authorizations:
  - {id: parents, basis: consent, grade: separate, given_by: guardian, subjects: [kim], holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
  - {id: duty, basis: legal-duty, citation: L 1, subjects: [ana], holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, kim], fields: [email], purpose: orders}
  - {id: e2, at: 2024-03-01T09:00:00+08:00, act: assign, from: shop, to: bank, ground: merger, subjects: [ana, kim], fields: [email], purpose: orders}
  - {id: e3, at: 2024-03-02T09:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana, kim], fields: [email], purpose: orders}
");
    let told = |ask: Value| -> Vec<(String, String, Vec<String>)> {
        let rows = asked.rows(&ask);
        rows.iter()
            .map(|row| (row.get("code"), row.get("processor"), row.list("because")))
            .collect()
    };
    let row = |code: &str, who: &str, because: &[&str]| {
        let because = because.iter().map(ToString::to_string).collect();
        (code.to_owned(), who.to_owned(), because)
    };
    // Whom the bank gave it to holds nothing that was assigned.
    assert_eq!(
        told(json!({"ask": "minors"})),
        [row("minor", "bank", &["parents"]), row("minor", "lab", &[])]
    );
    assert_eq!(
        told(json!({"ask": "withdrawal", "authorization": "parents", "subject": "kim"})),
        [
            row("breaks", "shop", &["parents"]),
            row("held-without-ground", "bank", &["parents"])
        ]
    );
    // Whoever asks for deletion is not kept out by a duty of the shop's.
    assert_eq!(
        told(json!({"ask": "erasure", "subject": "ana", "processor": "shop"})),
        [row("notify", "bank", &[]), row("notify", "lab", &[])]
    );
}

/// 19: of the people in an incident those are to be told who have not been.
#[test]
fn q19_who_is_still_to_be_told() {
    let rows = |told: &str| {
        let asked = Asked::of(&format!("
incidents: [{{id: leak, processor: shop, known: 2024-05-03T00:00:00+08:00, fields: [email], subjects: [tom, ana, kim]{told}}}]
events: [{{id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, kim, tom], fields: [email], purpose: orders}}]
rules: [{{id: told, check: incident-notice, clause: X, severity: error, subject_hours: 72}}]
"));
        let rows = asked.rows(&json!({"ask": "exposure", "processor": "shop", "during": "2024-05-01T00:00:00+08:00/2024-06-01T00:00:00+08:00"}));
        let row = rows
            .into_iter()
            .find(|row| row.get("code") == "tell-subjects")
            .expect("a rule says so");
        (row.list("subjects"), row.get("text"))
    };
    let (who, text) = rows(", subjects_told: [{subject: ana, at: 2024-05-04T00:00:00+08:00}]");
    assert_eq!(who, ["kim", "tom"]);
    assert!(
        text.ends_with("known on 2024-05-03T00:00:00+08:00, kim, tom not told on record"),
        "{text}"
    );
    assert_eq!(rows("").0, ["ana", "kim", "tom"]);
    let all = ["ana", "kim", "tom"].map(|id| format!("{{subject: {id}, at: 2024-05-05T00:00:00+08:00}}"));
    let (who, text) = rows(&format!(", subjects_told: [{}]", all.join(", ")));
    assert_eq!(who, Vec::<String>::new());
    assert!(text.ends_with("told on 2024-05-05T00:00:00+08:00"), "{text}");
}

/// 23: which risky activities lack an earlier assessment?
#[test]
fn q23_what_was_not_assessed_before() {
    let facts = |rules: &str| {
        format!("
assessments:
  - {{id: first, kind: impact, processor: shop, covers: [sensitive, share], purposes: [orders], at: 2024-01-10T00:00:00+08:00}}
  - {{id: after, kind: impact, processor: shop, covers: [share], purposes: [ads], at: 2024-06-01T00:00:00+08:00}}
policies:
  - {{id: v2, processor: shop, effective: 2024-03-01T00:00:00+08:00, published: 2024-02-01T00:00:00+08:00, announced: 2024-02-01T00:00:00+08:00, major_changes: [more]}}
events:
  - {{id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email, illness], purpose: orders}}
  - {{id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}}
  - {{id: e3, at: 2024-03-01T00:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}}
  - {{id: e4, at: 2024-04-01T00:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: ads}}
  - {{id: e5, at: 2024-04-02T00:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: research}}
{rules}
")
    };
    let asked = Asked::of(&facts(""));
    let told = |asked: &Asked, question: serde_json::Value| -> Vec<(String, String, Vec<String>)> {
        asked
            .rows(&question)
            .iter()
            .map(|row| (row.get("code"), row.get("event"), row.list("because")))
            .collect()
    };
    let row = |code: &str, act: &str, because: &[&str]| {
        (
            code.to_owned(),
            act.to_owned(),
            because.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    };
    // Later is late and not none; from the very instant of a major change on an older assessment is stale.
    assert_eq!(
        told(&asked, json!({"ask": "assessments"})),
        [
            row("none", "e5", &[]),
            row("late", "e4", &["after"]),
            row("stale", "e3", &["first", "v2"]),
            row("assessed", "e1", &["first"]),
            row("assessed", "e2", &["first"]),
        ]
    );
    // Older than so many days, by the question or by a rule.
    let days = |days: u32| told(&asked, json!({"ask": "assessments", "within_days": days}));
    assert!(
        days(23).contains(&row("stale", "e2", &["first", "v2"])),
        "{:?}",
        days(23)
    );
    assert!(
        days(24).contains(&row("assessed", "e2", &["first"])),
        "{:?}",
        days(24)
    );
    let by_rule = Asked::of(&facts(
        "rules: [{id: a, check: impact-assessment, clause: X, severity: error, acts: [sensitive], within_days: 10}]",
    ));
    assert_eq!(
        told(&by_rule, json!({"ask": "assessments"})),
        [row("stale", "e1", &["first"])]
    );
}

/// 24: does a decision descend from a protected attribute?
#[test]
fn q24_a_decision_and_a_protected_attribute() {
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom], fields: [illness], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [illness], makes: [email-hash], method: deidentify, purpose: research}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email-hash], purpose: research}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: derive, by: bank, subjects: [ana], fields: [email-hash], makes: [score], purpose: research}
  - {id: e5, at: 2024-02-05T09:00:00+08:00, act: derive, by: shop, subjects: [tom], fields: [illness], makes: [email-count], method: anonymize, purpose: research}
  - {id: e6, at: 2024-02-06T09:00:00+08:00, act: derive, by: shop, subjects: [tom], fields: [email-count], makes: [score], purpose: research}
");
    let ask = json!({"ask": "decisions", "field": "score"});
    let rows = asked.rows(&ask);
    let told: Vec<(String, String, Vec<String>, Vec<String>)> = rows
        .iter()
        .map(|row| {
            (
                row.get("code"),
                row.get("event"),
                row.list("fields"),
                row.list("witness"),
            )
        })
        .collect();
    let row = |code: &str, act: &str, acts: &[&str]| {
        let acts = acts.iter().map(ToString::to_string).collect();
        (code.to_owned(), act.to_owned(), vec!["illness".to_owned()], acts)
    };
    // Across parties; neither a de-identified nor an anonymized step breaks it, and the latter is marked.
    assert_eq!(
        told,
        [
            row("descends", "e4", &["e1", "e2", "e3", "e4"]),
            row("descends-anonymized", "e6", &["e1", "e5", "e6"]),
        ]
    );
    assert_eq!(rows[1].list("because"), ["e5"]);
    assert_eq!(asked.reasons(&ask), ["descends", "proxies-not-excluded"]);
    let none = json!({"ask": "decisions", "field": "score", "category": "contact"});
    assert_eq!(asked.rows(&none).len(), 2);
    let other = json!({"ask": "decisions", "field": "illness"});
    assert_eq!(asked.reasons(&other), ["no-descent", "proxies-not-excluded"]);
}

/// 19 where the acts name a cohort: each person is named, with a chain of their own.
#[test]
fn q19_a_breach_of_what_is_held_of_a_cohort() {
    let asked = Asked::of("
cohorts: [{id: both, members: [ana, tom]}]
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [both], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [both, kim], fields: [email], purpose: orders}
");
    let rows = asked.rows(&json!({"ask": "exposure", "processor": "bank"}));
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.get("code"), row.list("subjects"), row.list("witness")))
        .collect();
    let row = |code: &str, subjects: &[&str], witness: &[&str]| {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<String>>();
        (code.to_owned(), texts(subjects), texts(witness))
    };
    assert_eq!(
        told,
        [
            row("exposed", &["ana"], &["e1", "e2"]),
            row("exposed", &["tom"], &["e1", "e2"]),
            row("source", &["ana", "tom"], &[]),
        ]
    );
}
