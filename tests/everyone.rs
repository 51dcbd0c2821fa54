//! What is declared for everyone is part of what is asked about one person, from a file and from a store.

use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::import::{self, Format};
use wherefore::model::id::SubjectId;
use wherefore::model::question::{Answer, Found};
use wherefore::model::time::Instant;
use wherefore::model::word::Verdict;
use wherefore::question;

const FACTS: &str = "
scenario: declared
as_of: 2025-01-01T00:00:00Z
subjects: [{id: ana}, {id: leo}]
cohorts: [{id: panel, members: [leo]}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: lab, kind: controller}]
purposes: [{id: orders}]
authorizations:
  - {id: c, basis: consent, grade: separate, holder: shop, acts: [collect], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z}
events:
  - {id: signed-up, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: polled, at: 2024-06-01T00:00:00Z, act: collect, to: shop, subjects: [panel], fields: [email], purpose: orders}
  - {id: export, at: 2024-03-01T00:00:00Z, act: share, from: shop, to: lab, subjects: everyone, fields: [email], purpose: orders}
rules: [{id: r, clause: C, severity: error, check: flow-supported}]
";

fn ask(snapshot: &Snapshot, ask: &serde_json::Value) -> Answer {
    let asked = question::read(&ask.to_string()).expect("a question").question;
    snapshot.ask(&asked, None).expect("an answer")
}

fn of_each(test: impl Fn(&Snapshot)) {
    let document = import::read_alone(FACTS, "facts.yaml", Format::Yaml).expect("a valid file");
    test(&Snapshot::of_document(document));
    for batches in [vec![FACTS.to_owned()], in_two()] {
        let db = Db::in_memory(AsOf::Fixed(Instant::from_micros(1_735_689_600_000_000))).expect("a store");
        for text in batches {
            let batch = Batch::read(&text, "facts.yaml").unwrap_or_else(|problems| panic!("{problems:?}"));
            db.commit(batch, Instant::from_micros(1)).expect("a commit");
        }
        test(&db.snapshot());
    }
}

/// The flow for everyone comes with a commit of its own, before the persons' acts.
fn in_two() -> Vec<String> {
    let is_of_person = |line: &&str| line.contains("act: collect");
    let first: Vec<&str> = FACTS.lines().filter(|line| !is_of_person(line)).collect();
    let later: Vec<&str> = FACTS.lines().filter(is_of_person).collect();
    let header = "scenario: declared\nas_of: 2025-01-01T00:00:00Z\nevents:\n";
    vec![first.join("\n"), format!("{header}{}\n", later.join("\n"))]
}

#[test]
fn a_flow_for_everyone_carries_what_its_actor_holds_of_the_person_asked_about() {
    of_each(|snapshot| {
        let reach = |subject: &str| {
            let answer = ask(
                snapshot,
                &serde_json::json!({"ask": "reach", "field": "email", "to": "lab", "subject": subject}),
            );
            let Found::Reach(reached) = answer.found else {
                panic!("another answer")
            };
            let chain: Vec<String> = reached.witness.iter().map(|step| step.act.to_string()).collect();
            (answer.verdict, chain)
        };
        assert_eq!(
            reach("ana"),
            (Verdict::Yes, vec!["signed-up".to_owned(), "export".to_owned()])
        );
        // Collected after the export; a cohort's member is a person like others.
        assert_eq!(reach("leo"), (Verdict::No, Vec::new()));
        // Nothing is collected at the level of design.
        assert_eq!(reach("everyone"), (Verdict::No, Vec::new()));
    });
}

#[test]
fn questions_that_permissions_decide_see_it_too_and_findings_stay_with_everyone() {
    of_each(|snapshot| {
        let paths = ask(
            snapshot,
            &serde_json::json!({"ask": "paths", "field": "email", "to": "lab", "subject": "ana"}),
        );
        let Found::Rows(rows) = paths.found else {
            panic!("another answer")
        };
        let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
        assert_eq!(codes, ["unlawful"]);
        let findings = snapshot.findings(None).expect("findings");
        let about: Vec<Vec<&str>> = findings
            .iter()
            .map(|finding| finding.subjects.iter().map(SubjectId::as_str).collect())
            .collect();
        assert_eq!(about, [["everyone"]]);
    });
}

#[test]
fn without_a_person_reach_asks_about_anybody() {
    of_each(|snapshot| {
        let answer = ask(
            snapshot,
            &serde_json::json!({"ask": "reach", "field": "email", "to": "lab"}),
        );
        assert_eq!(answer.verdict, Verdict::Yes);
        assert!(answer.reasons[0].text.starts_with("email of ana"), "{answer:?}");
        let tied = serde_json::json!({"ask": "reach", "field": "email", "to": "lab", "ties": "any"});
        let asked = question::read(&tied.to_string()).expect("a question").question;
        assert!(snapshot.ask(&asked, None).is_err());
    });
}
