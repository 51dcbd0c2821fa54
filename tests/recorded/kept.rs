//! After a commit the findings are those that judging everything gives, in whatever order facts arrive and time passes,
//! though most of them are kept from before.

use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::model::finding::Finding;
use wherefore::model::findings::Findings;
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;
use wherefore::packs;

use super::random::arrivals;
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;
use crate::oracle::generate;
use crate::oracle::generate_recorded::{Written, with_records};

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

pub fn now() -> Instant {
    Instant::from_micros(NOW.get())
}

pub fn set_now(at: Instant) {
    NOW.set(at.micros());
}

/// Lets up to so many days pass.
pub fn pass(draw: &mut Draw, days: usize) {
    let days = i64::try_from(draw.between(1, days)).expect("a few");
    set_now(now().plus_days(days));
}

/// The findings of the same facts, judged as a whole.
pub fn judged_as_a_whole(snapshot: &Snapshot) -> Findings {
    let document = snapshot.document().expect("a store in memory");
    let whole = Snapshot::of_document(document).findings(Some(snapshot.as_of()));
    Findings::clone(&whole.expect("facts in memory"))
}

/// The same about more persons, of whom each act and each other fact that comes later names one. Of a file as it is drawn
/// the few persons are mostly named together, and a commit about one of them touches all.
pub fn apart(draw: &mut Draw, file: &Value) -> Value {
    let mut file = file.clone();
    let persons = file["subjects"].as_array_mut().expect("subjects");
    persons.extend((0..8).map(|n| json!({"id": format!("further-{n}")})));
    let persons: Vec<Value> = persons.iter().map(|person| person["id"].clone()).collect();
    for section in ["events", "authorizations", "notices"] {
        for item in file[section].as_array_mut().into_iter().flatten() {
            item["subjects"] = json!([draw.pick(&persons)]);
        }
    }
    file
}

pub fn is_kept(finding: &Arc<Finding>, before: &[Arc<Finding>]) -> bool {
    before.iter().any(|other| Arc::ptr_eq(other, finding))
}

/// A random file and the commits that bring it; the clock is set to a week before the instant it is for. Mostly what is about
/// somebody comes later; sometimes anything.
pub fn drawn(number: usize, bytes: &[u8], draw: &mut Draw) -> (Value, Vec<Value>) {
    let plain = if number.is_multiple_of(3) {
        generate::standing_file(bytes)
    } else {
        generate::fact_file(bytes)
    };
    let plain = if number % 3 == 1 {
        plain
    } else {
        apart(draw, &plain)
    };
    let file = with_records(draw, &plain, Written::Everywhere);
    let any = draw.below(8) == 0;
    let waits = |section: &str| {
        any || matches!(
            section,
            "events" | "authorizations" | "choices" | "requests" | "closures" | "notices"
        )
    };
    let (_, commits) = arrivals(draw, &file, 8, waits);
    let as_of = file["as_of"].as_str().expect("a header");
    set_now(Instant::parse(as_of).expect("an instant").plus_days(-8));
    (plain, commits)
}

#[test]
fn what_is_kept_and_what_is_judged_anew_is_what_judging_everything_gives() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(77);
    let (mut kept, mut changed, mut passed) = (0, 0, 0);
    for number in 0..cases.unwrap_or(8_000) {
        let bytes = dice.bytes(1_800);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let (_, commits) = drawn(number, &bytes[..1_400], draw);
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        // What is judged first is judged some families at a time, or at once.
        let facts_a_part = draw.pick(&[1, usize::MAX]);
        // Findings lie in chunks of a few, or all in one.
        let a_chunk = draw.pick(&[1, 2, 3, 5, usize::MAX]);
        let state = || db.snapshot().in_parts_of(facts_a_part).in_chunks_of(a_chunk);
        let mut before: Vec<Arc<Finding>> = Vec::new();
        for (sequence, commit) in commits.iter().enumerate() {
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if draw.below(3) == 0 {
                pass(draw, 3);
            }
            if db.commit(batch, now()).is_err() {
                break;
            }
            // Nobody asks after some commits.
            if draw.below(4) == 0 {
                continue;
            }
            let snapshot = state();
            let found = snapshot.findings(None).expect("a store in memory");
            assert_eq!(
                *found,
                judged_as_a_whole(&snapshot),
                "case {number} after commit {sequence} at {:?} of {commits:#?}",
                snapshot.as_of()
            );
            kept += found.iter().filter(|finding| is_kept(finding, &before)).count();
            changed += found.iter().filter(|finding| !is_kept(finding, &before)).count();
            before = found.to_vec();
            // Time alone passes.
            pass(draw, 2);
            let later = state();
            let found = later.findings(None).expect("a store in memory");
            assert_eq!(
                *found,
                judged_as_a_whole(&later),
                "case {number} after commit {sequence} and then at {:?} of {commits:#?}",
                later.as_of()
            );
            passed += found.iter().filter(|finding| is_kept(finding, &before)).count();
            before = found.to_vec();
        }
    }
    assert!(
        kept > 1_000 && changed > 1_000 && passed > 1_000,
        "{kept} kept by commits, {changed} not, {passed} kept while time passed"
    );
}

#[test]
fn a_store_that_is_judged_in_parts_tells_what_judging_everything_tells() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    // No rule judges what only may have carried; a reader is told that there is some.
    let may_carry = |commits: &mut [Value]| {
        let events = commits
            .iter_mut()
            .filter_map(|commit| commit["events"].as_array_mut());
        let shared = events.flatten().filter(|act| act["act"] == "share");
        shared.for_each(|act| act["carries"] = "possible".into());
    };
    let laws = packs::built_in(&["gdpr".to_owned(), "pipl".to_owned()]).expect("there are these packs");
    let mut dice = Dice(79);
    let (mut in_parts, mut findings, mut answers, mut leaving, mut possible) = (0, 0, 0, 0, 0);
    for number in 0..cases.unwrap_or(1_500) {
        let bytes = dice.bytes(1_800);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let (_, mut commits) = drawn(number, &bytes[..1_400], draw);
        if draw.below(8) == 0 {
            may_carry(&mut commits);
        }
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        let taken = commits.iter().map_while(|commit| {
            let batch = Batch::read(&commit.to_string(), "random.json").ok()?;
            db.commit(batch, now()).ok()
        });
        if taken.count() == 0 {
            continue;
        }
        pass(draw, 9);
        // The last state, or what was known of it earlier.
        let newest = usize::try_from(db.snapshot().sequence()).expect("a few");
        let sequence = u64::try_from(draw.between(1, newest)).expect("a few");
        let known = match draw.below(3) {
            0 => None,
            1 => Some(RecordTime::Number(sequence)),
            _ => Some(RecordTime::At(
                now().plus_days(-i64::try_from(draw.below(12)).expect("days")),
            )),
        };
        let state = db.snapshot().known_at(known).expect("a commit that there is");
        let state = state
            .with_packs(&laws)
            .expect("no parameter is bound")
            .in_parts_of(1);
        let Some((found, told, may_be)) = state.found_in_parts().expect("a store in memory") else {
            continue;
        };
        let whole = state.in_parts_of(usize::MAX);
        let expected = whole.findings(None).expect("a store in memory");
        let expected: Vec<&Finding> = expected.iter().map(|finding| &**finding).collect();
        let case = format!("case {number}, known at {known:?}, of {commits:#?}");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{case}");
        assert_eq!(told, whole.appendix(None).expect("a store in memory"), "{case}");
        let expected = whole.may_have_possible(None).expect("a store in memory");
        assert_eq!(may_be, expected, "{case}");
        possible += usize::from(may_be);
        in_parts += 1;
        findings += found.len();
        answers += told.answers.len();
        leaving += told.leaving.len();
    }
    let counts = format!(
        "{in_parts} in parts, {findings} findings, {answers} answer, {leaving} hops, {possible} with possible acts"
    );
    println!("{counts}");
    assert!(
        in_parts > 200 && findings > 2_000 && answers > 200 && leaving > 200 && possible > 20,
        "{counts}"
    );
}

pub const WORLD: &str = "scenario: kept
as_of: 2025-01-01T00:00:00Z
subjects: [{id: ana}, {id: bo}, {id: cy}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: mailer, kind: controller}]
purposes: [{id: orders}]
agreements:
  - {id: dpa, kind: delegation, principal: shop, delegate: mailer, fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z, until: 2024-06-01T00:00:00Z, written: true}
rules:
  - {id: covered, check: authorized, clause: A-1, severity: error}
  - {id: entrusted, check: delegation, clause: A-2, severity: error, return_within_days: 10}
events:
  - {id: a1, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: a2, at: 2024-02-02T00:00:00Z, act: delegate, from: shop, to: mailer, subjects: [ana], fields: [email], purpose: orders}
  - {id: b1, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [bo], fields: [email], purpose: orders}
  - {id: b2, at: 2024-02-03T00:00:00Z, act: delegate, from: shop, to: mailer, subjects: [bo], fields: [email], purpose: orders}
  - {id: c1, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [cy], fields: [email], purpose: orders}
";

pub fn committed(db: &Db, text: &str) -> Arc<Findings> {
    let text = if text.starts_with("scenario") {
        text.to_owned()
    } else {
        format!("scenario: kept\nas_of: 2025-01-01T00:00:00Z\n{text}")
    };
    let batch = Batch::read(&text, "kept.yaml").expect("valid facts");
    db.commit(batch, Instant::from_micros(0)).expect("a commit");
    let found = db.snapshot().findings(None).expect("judged");
    assert_eq!(*found, judged_as_a_whole(&db.snapshot()));
    found
}

pub fn store() -> Db {
    let as_of = Instant::parse("2025-01-01T00:00:00Z").expect("an instant");
    Db::in_memory(AsOf::Fixed(as_of)).expect("a store in memory")
}

/// The finding about the act or fact.
pub fn about<'f>(found: &'f Findings, culprit: &str) -> &'f Arc<Finding> {
    found
        .iter()
        .find(|finding| finding.culprit.as_str() == culprit)
        .expect("a finding")
}

fn witness(finding: &Finding) -> Vec<&str> {
    finding.witness.iter().map(|step| step.act.as_str()).collect()
}

#[test]
fn a_commit_about_one_person_leaves_what_was_found_about_others_as_it_is() {
    let db = store();
    let before = committed(&db, WORLD);
    let after = committed(
        &db,
        "events: [{id: a0, at: 2024-01-15T00:00:00Z, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}]",
    );
    assert!(Arc::ptr_eq(about(&before, "b1"), about(&after, "b1")));
    assert!(!Arc::ptr_eq(about(&before, "a1"), about(&after, "a1")));
    // Two people named in one act are judged together from then on.
    let together = committed(
        &db,
        "events: [{id: ab, at: 2024-03-01T00:00:00Z, act: use, by: shop, subjects: [ana, bo], fields: [email], purpose: orders}]",
    );
    assert!(!Arc::ptr_eq(about(&after, "b1"), about(&together, "b1")));
    assert!(Arc::ptr_eq(about(&after, "c1"), about(&together, "c1")));
    let of_bo = committed(
        &db,
        "events: [{id: b9, at: 2024-03-02T00:00:00Z, act: use, by: shop, subjects: [bo], fields: [email], purpose: orders}]",
    );
    assert!(!Arc::ptr_eq(about(&together, "a1"), about(&of_bo, "a1")));
    assert!(Arc::ptr_eq(about(&together, "c1"), about(&of_bo, "c1")));
}

#[test]
fn a_corrected_act_touches_whom_it_named_before_and_whom_it_names_now() {
    let db = store();
    let before = committed(&db, WORLD);
    let after = committed(
        &db,
        "events: [{id: a1-right, corrects: a1, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [bo], fields: [email], purpose: orders}]",
    );
    assert!(!Arc::ptr_eq(about(&before, "b1"), about(&after, "b1")));
    assert!(Arc::ptr_eq(about(&before, "c1"), about(&after, "c1")));
    assert!(after.iter().all(|finding| finding.culprit.as_str() != "a1"));
}

#[test]
fn a_rule_or_an_authorization_for_everybody_touches_everybody() {
    let db = store();
    let before = committed(&db, WORLD);
    let after = committed(
        &db,
        "rules: [{id: held, check: flow-supported, clause: A-3, severity: error}]",
    );
    assert!(!Arc::ptr_eq(about(&before, "c1"), about(&after, "c1")));
    let allowed = committed(
        &db,
        "authorizations: [{id: az, basis: contract, holder: shop, acts: [collect], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00Z}]",
    );
    assert!(allowed.iter().all(|finding| finding.culprit.as_str() != "c1"));
}

#[test]
fn what_is_found_about_many_is_put_together_anew() {
    let db = store();
    let before = committed(&db, WORLD);
    assert_eq!(about(&before, "dpa").subjects.len(), 2);
    assert_eq!(witness(about(&before, "dpa")), ["a1", "a2"]);
    // What ana adds is gone, and with it the witness: bo has one too.
    let after = committed(
        &db,
        "events: [{id: a3, at: 2024-05-01T00:00:00Z, act: delete, by: mailer, subjects: [ana], fields: [email]}]",
    );
    assert_eq!(about(&after, "dpa").subjects.len(), 1);
    assert_eq!(witness(about(&after, "dpa")), ["b1", "b2"]);
    // And what is kept gives the witness again when others come and go behind it.
    let more = committed(
        &db,
        "events: [{id: c2, at: 2024-02-04T00:00:00Z, act: delegate, from: shop, to: mailer, subjects: [cy], fields: [email], purpose: orders}]",
    );
    assert_eq!(about(&more, "dpa").subjects.len(), 2);
    assert_eq!(witness(about(&more, "dpa")), ["b1", "b2"]);
}
