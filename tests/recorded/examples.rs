//! Worked examples of what was known when.

use wherefore::db::{AsOf, Batch, CommitError, Db, DbError, Snapshot};
use wherefore::import::{self, Format};
use wherefore::model::comparison::{HeldCopy, Moment};
use wherefore::model::finding::Finding;
use wherefore::model::id::{FactId, SubjectId};
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;
use wherefore::model::word::{Section, Verdict};
use wherefore::question;

const WORLD: &str = "\
scenario: recorded
as_of: 2024-12-31T00:00:00Z
timezone: UTC
home: FR
subjects: [{id: ana}, {id: bob}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller, country: FR}, {id: lab, kind: controller, country: FR}, {id: cloud, kind: delegate, country: SG}]
purposes: [{id: orders}]
";

/// A collection, and a share to the lab that was recorded wrongly: it went to the cloud, as was found in April. Another
/// share never took place, as was found in May.
const EVENTS: &str = "\
events:
  - {id: c1, at: 2024-01-01T00:00:00Z, act: collect, to: shop, subjects: [ana, bob], fields: [email], purpose: orders}
  - {id: e7, at: 2024-03-01T00:00:00Z, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders, recorded: 2024-03-02T00:00:00Z}
  - {id: e7, corrects: e7, at: 2024-03-01T00:00:00Z, act: share, from: shop, to: cloud, subjects: [ana], fields: [email], purpose: orders, recorded: 2024-04-01T00:00:00Z}
  - {id: e8, at: 2024-02-01T00:00:00Z, act: share, from: shop, to: lab, subjects: [bob], fields: [email], purpose: orders, recorded: 2024-02-01T00:00:00Z}
  - {retracts: e8, why: never took place, recorded: 2024-05-01T00:00:00Z}
";

fn file() -> Snapshot {
    let text = format!("{WORLD}{EVENTS}");
    let document =
        import::read_alone(&text, "recorded.yaml", Format::Yaml).unwrap_or_else(|p| panic!("{p:?}"));
    assert_eq!(document.warnings, []);
    Snapshot::of_document(document)
}

/// The state as known at this moment.
fn known_at(snapshot: &Snapshot, moment: &str) -> Result<Snapshot, DbError> {
    snapshot.known_at(Some(RecordTime::parse(moment).unwrap()))
}

fn reaches(snapshot: &Snapshot, to: &str, subject: &str) -> Verdict {
    let ask = format!(r#"{{"ask": "reach", "field": "email", "to": "{to}", "subject": "{subject}"}}"#);
    let question = question::read(&ask).unwrap().question;
    snapshot.ask(&question, None).unwrap().verdict
}

#[test]
fn each_moment_has_its_own_answers() {
    let file = file();
    let known = |moment: &str| known_at(&file, moment).unwrap();
    let (yes, no) = (Verdict::Yes, Verdict::No);
    for (moment, lab, cloud, bob) in [
        ("2024-01-15T00:00:00Z", no, no, no),
        ("2024-02-01T00:00:00Z", no, no, yes),
        ("2024-03-01T12:00:00Z", no, no, yes),
        ("2024-03-02T00:00:00Z", yes, no, yes),
        ("2024-04-01T00:00:00Z", no, yes, yes),
        ("2024-05-01T00:00:00Z", no, yes, no),
    ] {
        let known = known(moment);
        assert_eq!(
            (
                reaches(&known, "lab", "ana"),
                reaches(&known, "cloud", "ana"),
                reaches(&known, "lab", "bob")
            ),
            (lab, cloud, bob),
            "{moment}"
        );
    }
    assert_eq!(
        (reaches(&file, "lab", "ana"), reaches(&file, "cloud", "ana")),
        (no, yes)
    );
    // What is stated as recorded after as_of is not known without saying so.
    let march = file.at(Instant::parse("2024-03-15T00:00:00Z").unwrap()).unwrap();
    assert_eq!(
        (reaches(&march, "lab", "ana"), reaches(&march, "cloud", "ana")),
        (yes, no)
    );
    assert_eq!(
        file.act("e7").unwrap().unwrap().0.recipient.unwrap().as_str(),
        "cloud"
    );
    assert_eq!(file.act("e8").unwrap(), None);
}

#[test]
fn every_version_of_a_fact_can_be_read() {
    let file = file();
    let versions = file.versions(Section::Events, "e7").unwrap();
    assert_eq!(
        versions.iter().map(|version| version.stands).collect::<Vec<_>>(),
        [false, true]
    );
    let taken_back = file.versions(Section::Events, "e8").unwrap();
    assert_eq!(taken_back.len(), 2);
    assert!(taken_back.iter().all(|version| !version.stands));
    assert!(taken_back[1].item().contains("never took place"));
    assert_eq!(
        file.versions(Section::Events, "c1").unwrap()[0].item(),
        r#"{"id":"c1","at":"2024-01-01T00:00:00Z","act":"collect","to":"shop","subjects":["ana","bob"],"fields":["email"],"purpose":"orders"}"#
    );
}

fn commit(db: &Db, lines: &str, recorded: &str) -> Result<u64, CommitError> {
    let header = "scenario: s\nas_of: 2024-12-31T00:00:00Z\ntimezone: UTC\nhome: FR\n";
    let text = if lines.starts_with("scenario") {
        lines.to_owned()
    } else {
        format!("{header}{lines}")
    };
    let batch = Batch::read(&text, "commit.yaml").unwrap_or_else(|p| panic!("{p:?}"));
    db.commit(batch, Instant::parse(recorded).unwrap())
        .map(|receipt| receipt.sequence)
}

fn refused(error: CommitError) -> Vec<&'static str> {
    let CommitError::Invalid(problems) = error else {
        panic!("{error}");
    };
    problems.iter().map(|problem| problem.code.as_str()).collect()
}

const SHARE: &str = "{id: e7, at: 2024-03-01T00:00:00Z, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: orders}";
const TO_CLOUD: &str = "{id: e7, corrects: e7, at: 2024-03-01T00:00:00Z, act: share, from: shop, to: cloud, subjects: [bob], fields: [email], purpose: orders}";
const COLLECT: &str = "{id: c1, at: 2024-01-01T00:00:00Z, act: collect, to: shop, subjects: [ana, bob], fields: [email], purpose: orders}";

#[test]
fn a_store_keeps_every_version_and_answers_for_every_commit() {
    let as_of = Instant::parse("2025-06-01T00:00:00Z").unwrap();
    let db = Db::in_memory(AsOf::Fixed(as_of)).unwrap();
    commit(
        &db,
        &format!("{WORLD}events: [{COLLECT}, {SHARE}]\n"),
        "2025-01-01T00:00:00Z",
    )
    .unwrap();
    let after_one = db.snapshot();
    commit(&db, &format!("events: [{TO_CLOUD}]\n"), "2025-02-01T00:00:00Z").unwrap();
    let after_two = db.snapshot();
    commit(&db, "events: [{retracts: e7}]\n", "2025-03-01T00:00:00Z").unwrap();
    let now = db.snapshot();
    let told = |snapshot: &Snapshot| {
        [("lab", "ana"), ("cloud", "ana"), ("lab", "bob"), ("cloud", "bob")]
            .map(|(to, who)| reaches(snapshot, to, who))
    };
    let (yes, no) = (Verdict::Yes, Verdict::No);
    for (known, before, wanted) in [
        (known_at(&now, "1").unwrap(), after_one, [yes, no, no, no]),
        (known_at(&now, "2").unwrap(), after_two, [no, no, no, yes]),
        (known_at(&now, "3").unwrap(), now.clone(), [no, no, no, no]),
        (
            known_at(&now, "2025-02-15T00:00:00Z").unwrap(),
            known_at(&now, "2").unwrap(),
            [no, no, no, yes],
        ),
    ] {
        assert_eq!(told(&known), wanted);
        assert_eq!(told(&before), wanted);
    }
    let second = known_at(&now, "2").unwrap();
    assert_eq!((second.sequence(), second.head() == now.head()), (2, false));
    assert_eq!(known_at(&now, "4").err().unwrap().code(), "ASK_UNKNOWN_COMMIT");
    assert_eq!(known_at(&now, "0").err().unwrap().code(), "ASK_UNKNOWN_COMMIT");
    let versions = now.versions(Section::Events, "e7").unwrap();
    let numbers: Vec<u64> = versions
        .iter()
        .map(|version| version.number.unwrap().sequence)
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    // The boundary knows that nobody gave anything to anybody any more.
    let ask = r#"{"ask": "reach", "field": "email", "to": "shop", "subject": "ana"}"#;
    let question = question::read(ask).unwrap().question;
    let answer = now.ask(&question, None).unwrap();
    assert!(
        format!("{:?}", answer.found).contains("boundary: [ProcessorId(\"shop\")]"),
        "{answer:?}"
    );
}

#[test]
fn the_same_correction_again_changes_nothing_and_another_content_must_correct() {
    let db = Db::in_memory(AsOf::Fixed(Instant::from_micros(0))).unwrap();
    let at = "2025-01-01T00:00:00Z";
    commit(&db, &format!("{WORLD}events: [{COLLECT}, {SHARE}]\n"), at).unwrap();
    assert_eq!(commit(&db, &format!("events: [{TO_CLOUD}]\n"), at).unwrap(), 2);
    assert_eq!(
        commit(&db, &format!("events: [{TO_CLOUD}]\n"), at).unwrap(),
        2,
        "known already"
    );
    let other = SHARE.replace("to: lab", "to: cloud");
    assert_eq!(
        refused(commit(&db, &format!("events: [{other}]\n"), at).unwrap_err()),
        ["FACT_CONFLICT"]
    );
    let renamed = SHARE.replace("id: e7", "id: e9, corrects: e7");
    assert_eq!(commit(&db, &format!("events: [{renamed}]\n"), at).unwrap(), 3);
    assert_eq!(
        refused(commit(&db, "events: [{retracts: e7}]\n", at).unwrap_err()),
        ["FACT_CHANGED_TWICE"]
    );
    assert_eq!(
        refused(commit(&db, "events: [{retracts: e9, recorded: 4}]\n", at).unwrap_err()),
        ["FACT_RECORDED_NUMBER"]
    );
    assert_eq!(
        refused(commit(&db, "events: [{retracts: e1}]\n", at).unwrap_err()),
        ["FACT_UNKNOWN_REFERENCE"]
    );
    assert_eq!(db.snapshot().sequence(), 3);
    let mother = "categories: [{id: under, parent: contact}]\n";
    commit(&db, mother, at).unwrap();
    let circle = "categories: [{id: contact, corrects: contact, parent: under}]\n";
    assert_eq!(refused(commit(&db, circle, at).unwrap_err()), ["FACT_CYCLE"]);
    assert_eq!(
        commit(
            &db,
            "fields: [{id: email, corrects: email, category: under}]\n",
            at
        )
        .unwrap(),
        5
    );
    assert_eq!(db.snapshot().fields()[0].categories[0].as_str(), "under");
}

#[test]
fn what_cannot_be_changed_is_refused_with_its_place() {
    for (lines, code) in [
        ("subjects: [{retracts: ana}]", "FACT_KEPT_DECLARATION"),
        (
            "processors: [{id: shop2, corrects: shop, kind: controller}]",
            "FACT_KEPT_DECLARATION",
        ),
        ("events: [{retracts: nothing}]", "FACT_UNKNOWN_REFERENCE"),
        (
            "choices: [{id: x, corrects: y, subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}]",
            "FACT_UNKNOWN_REFERENCE",
        ),
        (
            "choices: [{id: x, corrects: y, subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}, {id: y, corrects: x, subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}]",
            "FACT_CYCLE",
        ),
        (
            "choices: [{id: x, subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z}, {retracts: x}, {retracts: x}]",
            "FACT_CHANGED_TWICE",
        ),
        (
            "choices: [{id: x, subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z, recorded: 2024-01-01}]",
            "FACT_DATE_WITHOUT_TIME",
        ),
        (
            "choices: [{id: x, subject: ana, processor: shop, purpose: orders, at: 2024-01-01T00:00:00Z, recorded: 99999999999999999999999}]",
            "FACT_BAD_NUMBER",
        ),
        ("retention_periods: [{retracts: x}]", "FACT_MISSING_KEY"),
    ] {
        // A section stands once in a file.
        let text = match lines.split_once(": [") {
            Some((section @ ("subjects" | "processors"), item)) => {
                let item = item.trim_end_matches(']');
                WORLD.replace(&format!("{section}: ["), &format!("{section}: [{item}, "))
            }
            _ => format!("{WORLD}{lines}\n"),
        };
        let problems = import::read_alone(&text, "wrong.yaml", Format::Yaml).expect_err(lines);
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
        assert!(codes.contains(&code), "{lines}: {codes:?}");
    }
}

#[test]
fn a_comparison_tells_what_changed_and_what_was_believed() {
    let rules = "\
authorizations:
  - {id: az, basis: contract, holder: shop, acts: [collect, share], recipients: lab, fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}
  - {id: az, corrects: az, basis: contract, holder: shop, acts: [collect], fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z, recorded: 2024-06-01T00:00:00Z}
  - {id: late, basis: contract, holder: shop, acts: [use], fields: email, purposes: [orders], from: 2024-07-01T00:00:00Z}
rules: [{id: r, check: authorized, clause: C-1, severity: error}]
";
    let text = format!("{WORLD}{EVENTS}{rules}");
    let document =
        import::read_alone(&text, "recorded.yaml", Format::Yaml).unwrap_or_else(|p| panic!("{p:?}"));
    let facts = Snapshot::of_document(document);
    let moment = |as_of: &str, known_at: Option<&str>| Moment {
        as_of: Instant::parse(as_of).unwrap(),
        known_at: known_at.map(|moment| RecordTime::parse(moment).unwrap()),
    };
    let told = |before, after, subject: Option<&str>| {
        let subject = subject.map(SubjectId::from);
        let comparison = facts.compare(before, after, subject.as_ref()).unwrap();
        let copies = |list: &[HeldCopy]| -> Vec<String> {
            list.iter()
                .map(|copy| format!("{} {} {}", copy.processor, copy.subject, copy.via))
                .collect()
        };
        let findings = |list: &[Finding]| -> Vec<String> {
            list.iter()
                .map(|found| format!("{} {}", found.culprit.as_str(), found.reason))
                .collect()
        };
        let names = |list: &[FactId]| -> Vec<String> { list.iter().map(ToString::to_string).collect() };
        [
            copies(&comparison.copies.added),
            copies(&comparison.copies.removed),
            names(&comparison.authorizations.added),
            names(&comparison.authorizations.removed),
            findings(&comparison.findings.added),
            findings(&comparison.findings.removed),
        ]
    };
    let spring = "2024-03-15T00:00:00Z";
    // Two valid times, all that is known.
    let all = Some("2024-12-01T00:00:00Z");
    assert_eq!(
        told(
            moment("2024-02-15T00:00:00Z", all),
            moment("2024-07-01T00:00:00Z", all),
            None
        ),
        [
            vec!["cloud ana e7"],
            vec![],
            vec!["late"],
            vec![],
            vec!["e7 none"],
            vec![]
        ]
        .map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>())
    );
    // One valid time, two moments of the record.
    assert_eq!(
        told(
            moment(spring, Some("2024-03-10T00:00:00Z")),
            moment(spring, Some("2024-06-01T00:00:00Z")),
            None
        ),
        [
            vec!["cloud ana e7"],
            vec!["lab ana e7", "lab bob e8"],
            vec!["az"],
            vec!["az"],
            vec!["e7 none"],
            vec![],
        ]
        .map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>())
    );
    let bob = told(
        moment(spring, Some("2024-03-10T00:00:00Z")),
        moment(spring, Some("2024-06-01T00:00:00Z")),
        Some("bob"),
    );
    assert_eq!(bob[1], ["lab bob e8"]);
    assert_eq!((bob[0].len(), bob[4].len()), (0, 0));
    let same = moment(spring, Some("2024-06-01T00:00:00Z"));
    assert!(facts.compare(same, same, None).unwrap().is_empty());
    let nobody = SubjectId::from("nobody");
    assert_eq!(
        facts.compare(same, same, Some(&nobody)).unwrap_err().code(),
        "ASK_UNKNOWN_SUBJECT"
    );
}
