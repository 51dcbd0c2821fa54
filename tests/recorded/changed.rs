//! A change that is laid over a state and never written is judged from what is kept of that state: the findings are those
//! that judging the changed facts from nothing gives, and what is kept stays as it is.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::import::Format;
use wherefore::model::fact::Stated;
use wherefore::model::finding::Finding;
use wherefore::model::findings::Findings;
use wherefore::model::time::Instant;
use wherefore::model::word::{Section, Verdict};
use wherefore::question;
use wherefore::release::change::{self, Change, Refusal};
use wherefore::report::baseline::{Baseline, between, mended};

use super::kept::{WORLD, about, committed, drawn, is_kept, judged_as_a_whole, now, pass, store};
use super::random::{asks, told};
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;

/// What a commit would bring, written as a change: new versions replace, retractions take back, the rest is added.
pub fn proposed(commit: &Value) -> String {
    let (mut change, mut replace, mut retract) = (Map::new(), Map::new(), Map::new());
    let put = |map: &mut Map<String, Value>, section: &str, item: Value| {
        let list = map.entry(section).or_insert_with(|| json!([]));
        list.as_array_mut().expect("a list").push(item);
    };
    for (section, items) in commit.as_object().expect("a map") {
        for item in items.as_array().into_iter().flatten() {
            if let Some(id) = item.get("retracts") {
                put(&mut retract, section, id.clone());
            } else if item.get("corrects").is_some() && item["corrects"] == item["id"] {
                let mut item = item.clone();
                item.as_object_mut().expect("a map").shift_remove("corrects");
                put(&mut replace, section, item);
            } else {
                put(&mut change, section, item.clone());
            }
        }
    }
    change.insert("replace".into(), replace.into());
    change.insert("retract".into(), retract.into());
    Value::from(change).to_string()
}

/// One or two items of a commit: mostly a change is about few.
pub fn few(draw: &mut Draw, commit: &Value) -> Value {
    let all: Vec<(&String, &Value)> = commit
        .as_object()
        .expect("a map")
        .iter()
        .flat_map(|(section, items)| {
            items
                .as_array()
                .into_iter()
                .flatten()
                .map(move |item| (section, item))
        })
        .collect();
    let mut few = Map::new();
    for _ in 0..draw.between(1, 2) {
        if all.is_empty() {
            break;
        }
        let (section, item) = all[draw.below(all.len())];
        let list = few.entry(section.as_str()).or_insert_with(|| json!([]));
        let list = list.as_array_mut().expect("a list");
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
    few.into()
}

pub fn read(text: &str) -> Option<Change> {
    change::read(text, "change.json", Format::Json).ok()
}

/// The changed facts, one list made by hand from the other (docs/release-check.md, "What a change adds").
pub fn by_hand(state: &Snapshot, change: &Change) -> Snapshot {
    let mut document = state.document().expect("a store in memory");
    let is = |stated: &Stated, section: Section, id: &str| {
        stated.fact.section() == section && stated.fact.id() == Some(id)
    };
    let is_same = |one: &Stated, other: &Stated| {
        other
            .fact
            .id()
            .is_some_and(|id| is(one, other.fact.section(), id))
    };
    for stated in &mut document.facts {
        if let Some(new) = change.replace.iter().find(|new| is_same(stated, new)) {
            *stated = new.clone();
        }
    }
    let gone = |stated: &Stated| {
        change
            .retract
            .iter()
            .any(|(section, id, _)| is(stated, *section, id))
    };
    document.facts.retain(|stated| !gone(stated));
    for new in &change.add {
        if !document.facts.iter().any(|stated| is_same(stated, new)) {
            document.facts.push(new.clone());
        }
    }
    Snapshot::of_document(document)
        .at(state.as_of())
        .expect("facts in memory")
}

#[derive(Default)]
struct Count {
    states: usize,
    refused: usize,
    /// States of which some findings were kept.
    short: usize,
    kept: usize,
    changed: usize,
    compared: usize,
    /// New ones and mended ones.
    told: usize,
}

impl Count {
    fn count(&mut self, found: &Findings, before: &[Arc<Finding>]) {
        let kept = found.iter().filter(|finding| is_kept(finding, before)).count();
        self.kept += kept;
        self.changed += found.len() - kept;
        self.short += usize::from(kept > 0);
        self.states += 1;
    }
}

/// Holds the changed state, now and later, against the same facts judged from nothing.
fn hold(snapshot: &Snapshot, change: &str, later: Instant, asks: &[Value], counts: &mut Count, case: &str) {
    let before = snapshot.findings(None).expect("a store in memory");
    let Some(read) = read(change) else { return };
    let laid = match change::laid(snapshot, self::read(change).expect("it was read")) {
        Ok(laid) => laid,
        Err(Refusal::Problems(_)) => {
            counts.refused += 1;
            return;
        }
        Err(Refusal::Db(error)) => panic!("{error}"),
    };
    let hand = by_hand(snapshot, &read);
    let found = laid.findings(None).expect("a store in memory");
    assert_eq!(
        *found,
        *hand.findings(None).expect("facts in memory"),
        "{case}: {change}\nover {:#?}",
        snapshot.facts()
    );
    counts.count(&found, &before.to_vec());
    let compared = between(&before, &found);
    let (plain, after) = (before.to_vec(), found.to_vec());
    let known = Baseline::of(&plain).compare(&after).known;
    let is_new = known.iter().map(|known| !known);
    let new: Vec<&Arc<Finding>> = after
        .iter()
        .zip(is_new)
        .filter_map(|(found, is_new)| is_new.then_some(found))
        .collect();
    assert_eq!(compared.new.iter().collect::<Vec<_>>(), new, "{case}: {change}");
    let gone: Vec<Finding> = compared
        .mended
        .iter()
        .map(|found| Finding::clone(found))
        .collect();
    assert_eq!(gone, mended(&plain, &after), "{case}: {change}");
    counts.told += new.len() + gone.len();
    assert_eq!(told(&laid, asks), told(&hand, asks), "{case}: {change}");
    let facts = |state: &Snapshot| state.facts().expect("facts in memory");
    assert_eq!(facts(&laid), facts(&hand), "{case}: {change}");
    let (base, found) = (snapshot.findings(Some(later)), laid.findings(Some(later)));
    let base = base.expect("a store in memory");
    let hand = by_hand(&snapshot.at(later).expect("a store in memory"), &read);
    assert_eq!(
        *found.expect("a store in memory"),
        *hand.findings(None).expect("facts in memory"),
        "{case}, later: {change}\nover {:#?}",
        snapshot.facts()
    );
    assert_eq!(
        *base,
        judged_as_a_whole(&snapshot.at(later).expect("a store in memory"))
    );
    let after = snapshot.findings(None).expect("a store in memory");
    assert!(
        Arc::ptr_eq(&before, &after),
        "{case}: nothing that is kept is disturbed"
    );
    assert_eq!(*after, judged_as_a_whole(snapshot), "{case}");
}

/// Holds the states after two commits, compared later, against what they were.
fn compare(states: &[Snapshot], draw: &mut Draw, counts: &mut Count, case: &str) {
    let Some(newest) = states.last() else { return };
    let (one, other) = (draw.below(states.len()), draw.below(states.len()));
    let sequence = |place: usize| states[place].sequence();
    let to = (draw.below(3) > 0).then(|| sequence(other));
    let pair = newest
        .after_commits(sequence(one), to)
        .expect("a store in memory");
    let (first, second) = pair.expect("commits of it");
    let as_they_were = [one, if to.is_some() { other } else { states.len() - 1 }];
    let found = [&first, &second].map(|state| state.findings(None).expect("a store in memory"));
    for (found, place) in found.iter().zip(as_they_were) {
        let state = states[place].at(newest.as_of()).expect("a store in memory");
        assert_eq!(**found, judged_as_a_whole(&state), "{case}: {one} to {other}");
    }
    let first = found[0].to_vec();
    counts.compared += found[1].iter().filter(|finding| is_kept(finding, &first)).count();
}

#[test]
fn a_change_is_judged_from_what_is_kept_as_from_nothing() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(4_077);
    let mut counts = Count::default();
    for number in 0..cases.unwrap_or(4_000) {
        let bytes = dice.bytes(1_800);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let (plain, commits) = drawn(number, &bytes[..1_400], draw);
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        let asks = asks(&bytes[600..], &plain);
        // Findings lie in chunks of a few, or all in one.
        let a_chunk = draw.pick(&[1, 2, 3, 5, usize::MAX]);
        let state = || db.snapshot().in_chunks_of(a_chunk);
        let mut states = Vec::new();
        for (sequence, commit) in commits.iter().enumerate() {
            let case = format!("case {number} before commit {sequence}");
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if draw.below(3) == 0 {
                pass(draw, 3);
            }
            // Most changes would be the next commit; some of them the one behind it, too early.
            let next = commits.get(sequence + draw.below(2)).unwrap_or(commit);
            if sequence > 0 && draw.below(3) > 0 {
                let later = now().plus_days(i64::try_from(draw.below(4)).expect("a few"));
                let change = match draw.below(4) {
                    0 => proposed(next),
                    _ => proposed(&few(draw, next)),
                };
                hold(&state(), &change, later, &asks, &mut counts, &case);
            }
            if db.commit(batch, now()).is_err() {
                break;
            }
            states.push(state());
        }
        compare(&states, draw, &mut counts, &format!("case {number}"));
    }
    let Count {
        states,
        refused,
        short,
        kept,
        changed,
        compared,
        told,
    } = counts;
    println!(
        "{states} changed states, {short} of them with {kept} findings kept, {changed} findings not; {refused} refused; {compared} kept \
         between commits; {told} findings new or mended"
    );
    assert!(
        short * 20 > states && kept > 1_000 && changed > 1_000 && compared > 500 && told > 500,
        "{states} changed states, {short} of them with {kept} findings kept, {changed} not; {compared} between commits; {told} told"
    );
}

#[test]
fn a_change_about_one_person_concerns_whoever_is_named_together_with_them_and_nobody_else() {
    let db = store();
    committed(&db, WORLD);
    let together = "events: [{id: ab, at: 2024-03-01T00:00:00Z, act: use, by: shop, subjects: [ana, bo], fields: [email], purpose: orders}]";
    let before = committed(&db, together);
    let change = "events: [{id: a9, at: 2024-03-02T00:00:00Z, act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}]";
    let change = change::read(change, "change.yaml", Format::Yaml).expect("a change");
    let laid = change::laid(&db.snapshot(), change).expect("it can be laid over the facts");
    let found = laid.findings(None).expect("judged");
    assert_eq!(*found, judged_as_a_whole(&laid));
    assert!(!Arc::ptr_eq(about(&before, "a1"), about(&found, "a1")));
    assert!(!Arc::ptr_eq(about(&before, "b1"), about(&found, "b1")));
    assert!(Arc::ptr_eq(about(&before, "c1"), about(&found, "c1")));
    assert_eq!(found.len(), before.len() + 1);
}

#[test]
fn an_act_that_a_change_makes_about_another_person_is_found_with_that_person() {
    let db = store();
    committed(&db, WORLD);
    let change = "replace: {events: [{id: a2, at: 2024-02-02T00:00:00Z, act: delegate, from: shop, to: mailer, subjects: [cy], fields: [email], purpose: orders}]}";
    let read = || change::read(change, "change.yaml", Format::Yaml).expect("a change");
    let laid = change::laid(&db.snapshot(), read()).expect("it can be laid over the facts");
    let hand = by_hand(&db.snapshot(), &read());
    let asked = |subject: &str| json!({"ask": "reach", "field": "email", "to": "mailer", "subject": subject});
    let asks = ["ana", "bo", "cy"].map(asked);
    let told = told(&laid, &asks);
    assert_eq!(told, self::told(&hand, &asks));
    let verdicts: Vec<&str> = (0..3)
        .filter_map(|who| told[1][who]["verdict"].as_str())
        .collect();
    assert_eq!(verdicts, ["no", "yes", "yes"]);
}

#[test]
fn what_is_done_with_everyones_data_below_is_done_with_a_persons_in_the_changed_state() {
    let db = store();
    committed(
        &db,
        "subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: mailer, kind: controller}]
purposes: [{id: orders}]
events:
  - {id: e1, at: 2024-02-01T00:00:00Z, act: collect, to: shop, subjects: [everyone], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T00:00:00Z, act: share, from: shop, to: mailer, subjects: [everyone], fields: [email], purpose: orders}
",
    );
    let change = read(r#"{"processors": [{"id": "other", "kind": "controller"}]}"#).expect("a change");
    let laid = change::laid(&db.snapshot(), change).expect("it can be laid over the facts");
    let asked = question::read(r#"{"ask": "reach", "field": "email", "to": "mailer", "subject": "ana"}"#);
    let asked = asked.expect("a question");
    let answer = laid.ask(&asked.question, None).expect("an answer");
    assert_eq!(answer.verdict, Verdict::Yes);
}
