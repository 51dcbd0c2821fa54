//! Where data went, what was made of it, and when.

use serde_json::json;
use wherefore::model::comparison::Moment;
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;

use super::both::{Asked, strings};

/// The shop collects, the bank gets it and deletes it, the lab gets a hash by way of the bank.
const PASSED_ON: &str = "
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: derive, by: bank, subjects: [ana], fields: [email], makes: [email-hash], method: deidentify, purpose: research}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [email-hash], purpose: research}
  - {id: e5, at: 2024-02-05T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [email], makes: [email-count], method: anonymize, purpose: research}
  - {id: e6, at: 2024-02-06T09:00:00+08:00, act: share, from: shop, to: lab-us, subjects: [ana], fields: [email-count], purpose: research}
  - {id: e7, at: 2024-03-01T09:00:00+08:00, act: delete, by: bank, subjects: [ana], fields: [email, email-hash]}
";

/// 1: did it, or anything made from it, ever reach X, for somebody, for anybody?
#[test]
fn q01_did_it_ever_get_there() {
    let asked = Asked::of(PASSED_ON);
    let to = |to: &str| json!({"field": "email", "to": to, "subject": "ana"});
    let with = |to: &str, key: &str, value: serde_json::Value| {
        let mut question = json!({"field": "email", "to": to, "subject": "ana"});
        question[key] = value;
        question
    };
    assert_eq!(asked.reach(to("lab")).1, ["e1", "e2", "e3", "e4"]);
    assert_eq!(asked.reach(to("sub")).0, "no");
    // Deleted there later: it got there all the same, and was there until the very instant.
    assert_eq!(asked.reach(to("bank")).0, "yes");
    assert_eq!(
        asked
            .reach(with("bank", "held_at", "2024-03-01T08:59:59+08:00".into()))
            .0,
        "yes"
    );
    assert_eq!(
        asked
            .reach(with("bank", "held_at", "2024-03-01T09:00:00+08:00".into()))
            .0,
        "no"
    );
    // A hash is personal, a count is not.
    assert_eq!(asked.reach(with("lab", "personal_only", true.into())).0, "yes");
    assert_eq!(asked.reach(to("lab-us")).0, "yes");
    assert_eq!(asked.reach(with("lab-us", "personal_only", true.into())).0, "no");
    assert_eq!(asked.reach(with("lab", "through", json!(["bank"]))).0, "yes");
    assert_eq!(asked.reach(with("lab", "avoiding", json!(["bank"]))).0, "no");
    // For anybody.
    let anybody = json!({"field": "email", "to": "lab"});
    assert_eq!(asked.reach(anybody).1, ["e1", "e2", "e3", "e4"]);
}

/// 6: deleted, then shared again.
#[test]
fn q06_deleted_then_shared_again() {
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana, tom, kim], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [kim], fields: [email], purpose: orders}
  - {id: del, at: 2024-03-01T09:00:00+08:00, act: delete, by: shop, subjects: [ana, tom, kim], fields: [email]}
  - {id: again, at: 2024-03-02T09:00:00+08:00, act: collect, to: shop, subjects: [tom], fields: [email], purpose: orders}
  - {id: back, at: 2024-03-02T09:00:00+08:00, act: share, from: bank, to: shop, subjects: [kim], fields: [email], purpose: orders}
  - {id: e3, at: 2024-03-03T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana, tom, kim], fields: [email], purpose: orders}
rules: [{id: gone, check: deletion-effective, clause: X, severity: error}]
");
    // Nothing came in between: the record contradicts itself, and that is a finding.
    let reach = |subject: &str| asked.reach(json!({"field": "email", "to": "lab", "subject": subject}));
    let told = asked.directly(&json!({"ask": "reach", "field": "email", "to": "lab", "subject": "ana"}));
    assert_eq!(reach("ana").0, "no");
    assert_eq!(strings(&told["contradicted"]), ["e3"]);
    // A new collection is a new copy; what a recipient sends back goes on through it.
    assert_eq!(reach("tom").1, ["again", "e3"]);
    assert_eq!(reach("kim").1, ["e1", "e2", "back", "e3"]);
    let data = asked
        .server
        .data("{ findings(first: 9) { nodes { reason subjects because } } }");
    assert_eq!(
        data["findings"]["nodes"],
        json!([{"reason": "used-after-deletion", "subjects": ["ana"], "because": ["del"]}])
    );
}

/// 8: anonymized, later re-identified.
#[test]
fn q08_anonymized_then_reidentified() {
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [email], makes: [email-count], method: anonymize, purpose: research}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email-count], purpose: research}
  - {id: e4, at: 2024-05-01T09:00:00+08:00, act: derive, by: lab, subjects: [ana], fields: [email-count], makes: [email], method: reidentify, purpose: research}
");
    let known = |at: &str| {
        let question = json!({"field": "email", "to": "lab", "subject": "ana", "personal_only": true, "as_known_at": at});
        asked.directly(&{
            let mut question = question;
            question["ask"] = "reach".into();
            question
        })["verdict"]
            .clone()
    };
    // It never was anonymous; before that was known the answer is the old one.
    assert_eq!(known("2024-04-30T00:00:00+08:00"), "no");
    assert_eq!(known("2024-05-01T09:00:00+08:00"), "yes");
    let rows = asked.rows(&json!({"ask": "reidentification", "subject": "ana"}));
    assert_eq!(
        (rows[0].get("code"), rows[0].get("event")),
        ("known-since".to_owned(), "e3".to_owned())
    );
    // A hash and its key in one hand.
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email, illness], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [email], makes: [email-hash], method: deidentify, purpose: research}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email-hash], purpose: research}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [illness], purpose: orders}
  - {id: e5, at: 2024-03-04T09:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [illness], purpose: orders}
");
    let told = asked.directly(&json!({"ask": "reidentification", "subject": "ana"}));
    let joint = &told["rows"][0];
    assert_eq!(
        (&joint["code"], &joint["processor"]),
        (&json!("joint"), &json!("lab"))
    );
    assert_eq!(joint["at"], "2024-03-04T09:00:00+08:00");
    assert_eq!(joint["witness"], json!(["e1", "e2", "e3"]));
    assert_eq!(joint["also"], json!(["e1", "e4", "e5"]));
}

/// 17: who holds what about somebody now, and from where?
#[test]
fn q17_who_holds_what_and_from_where() {
    let asked = Asked::of(PASSED_ON);
    let rows = asked.rows(&json!({"ask": "held", "subject": "ana"}));
    let held: Vec<(String, Vec<String>, Vec<String>)> = rows
        .iter()
        .map(|row| (row.get("processor"), row.list("fields"), row.list("witness")))
        .collect();
    let of = |holder: &str, field: &str, chain: &[&str]| {
        let chain = chain.iter().map(ToString::to_string).collect();
        (holder.to_owned(), vec![field.to_owned()], chain)
    };
    assert_eq!(
        held,
        [
            of("lab", "email-hash", &["e1", "e2", "e3", "e4"]),
            of("lab-us", "email-count", &["e1", "e5", "e6"]),
            of("shop", "email", &["e1"]),
            of("shop", "email-count", &["e1", "e5"]),
        ]
    );
    // The same as the holders of each field; at an earlier instant the bank is among them.
    let holders = asked.directly(&json!({"ask": "holders", "field": "email", "subject": "ana"}));
    assert_eq!(holders["answer"], json!(["shop"]));
    let before = asked.codes(&json!({"ask": "held", "subject": "ana", "at": "2024-02-20T00:00:00+08:00"}));
    assert_eq!(before.len(), 6);
    assert!(asked.rows(&json!({"ask": "held", "subject": "tom"})).is_empty());
}

/// 20: which flows have no explanation?
#[test]
fn q20_which_flows_have_no_explanation() {
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, source: bank, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-01T10:00:00+08:00, act: collect, to: shop, subjects: [tom], fields: [email], purpose: orders}
  - {id: e3, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}
  - {id: e4, at: 2024-02-03T09:00:00+08:00, act: use, by: cloud, subjects: [ana], fields: [email], purpose: orders}
  - {id: e5, at: 2024-02-04T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [illness], makes: [score], purpose: orders}
");
    let rows = asked.rows(&json!({"ask": "unexplained"}));
    let told: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            (
                row.get("code"),
                format!(
                    "{}{}",
                    row.get("event"),
                    if row.get("event").is_empty() {
                        row.get("processor")
                    } else {
                        String::new()
                    }
                ),
            )
        })
        .collect();
    let row = |code: &str, what: &str| (code.to_owned(), what.to_owned());
    assert_eq!(
        told,
        [
            row("not-held", "e4"),
            row("input-not-held", "e5"),
            row("source-not-named", "e2"),
            row("never-reports", "lab"),
        ]
    );
}

/// 25: what changed between two dates, and what did we believe then?
#[test]
fn q25_what_changed_and_what_did_we_believe() {
    let asked = Asked::of("
authorizations:
  - {id: az, basis: consent, grade: separate, holder: shop, acts: [collect, use], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00, until: 2024-06-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-03-01T09:00:00+08:00, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders, recorded: 2024-09-01T00:00:00+08:00}
  - {id: e3, at: 2024-07-01T09:00:00+08:00, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}
rules: [{id: covered, check: authorized, clause: X, severity: error}]
");
    // In August nobody knew of the share in March; from September on it had been there since March.
    let holders = |at: &str, known: &str| {
        let question =
            json!({"ask": "holders", "field": "email", "subject": "ana", "at": at, "as_known_at": known});
        strings(&asked.directly(&question)["answer"])
    };
    let (spring, august, later) = (
        "2024-04-01T00:00:00+08:00",
        "2024-08-01T00:00:00+08:00",
        "2024-12-01T00:00:00+08:00",
    );
    assert_eq!(holders(spring, august), ["shop"]);
    assert_eq!(holders(spring, later), ["lab", "shop"]);
    // Two valid times and two knowledge times at once.
    let moment = |as_of: &str, known: &str| Moment {
        as_of: Instant::parse(as_of).expect("an instant"),
        known_at: Some(RecordTime::At(Instant::parse(known).expect("an instant"))),
    };
    let compared = asked
        .snapshot
        .compare(moment(spring, august), moment(later, later), None)
        .expect("compared");
    assert_eq!(compared.copies.added.len(), 1, "{compared:?}");
    assert_eq!(compared.authorizations.removed.len(), 1, "{compared:?}");
    let reasons: Vec<&str> = compared
        .findings
        .added
        .iter()
        .map(|finding| finding.reason.as_str())
        .collect();
    assert_eq!(reasons, ["none", "expired"]);
    assert!(compared.findings.removed.is_empty());
}

/// What would have kept it away: among equally few acts those that give, not those that make.
#[test]
fn what_would_have_kept_it_away() {
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [email], makes: [score], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [score], purpose: orders}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: derive, by: bank, subjects: [ana], fields: [score], makes: [email-count], purpose: orders}
  - {id: e5, at: 2024-02-05T09:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [email-count], purpose: orders}
  - {id: e6, at: 2024-02-05T10:00:00+08:00, act: share, from: bank, to: lab, subjects: [ana], fields: [score], purpose: orders}
");
    let cut = |to: &str, field: &str| -> Vec<(String, String)> {
        asked
            .rows(&json!({"ask": "cut", "field": field, "to": to, "subject": "ana"}))
            .iter()
            .map(|row| (row.get("code"), format!("{}{}", row.get("event"), row.get("to"))))
            .collect()
    };
    let row = |code: &str, what: &str| (code.to_owned(), what.to_owned());
    // One act of three will do for the lab, and the making of the score is not the one.
    assert_eq!(
        cut("lab", "email"),
        [row("act", "e3bank"), row("relationship", "bank")]
    );
    assert_eq!(
        cut("bank", "score"),
        [row("act", "e3bank"), row("relationship", "bank")]
    );
    // Where only a making will do, it is told.
    let asked = Asked::of("
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: derive, by: shop, subjects: [ana], fields: [email], makes: [score], purpose: orders}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [score], purpose: orders}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: share, from: shop, to: bank, subjects: [ana], fields: [score], purpose: orders}
");
    let rows = asked.rows(&json!({"ask": "cut", "field": "email", "to": "bank", "subject": "ana"}));
    assert_eq!(
        (rows[0].get("code"), rows[0].get("event")),
        ("act".to_owned(), "e2".to_owned())
    );
}
