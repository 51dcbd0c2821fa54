//! Where all is about everyone, the findings after a commit, and those of a change that is laid over the facts, are those that
//! judging everything gives, though only what the new acts can have changed is judged anew.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::model::finding::Finding;
use wherefore::release::change::{self, Refusal};

use super::changed::{by_hand, few, proposed, read};
use super::kept::{is_kept, judged_as_a_whole, now, pass, set_now};
use super::random::arrivals;
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;
use crate::oracle::generate;
use crate::oracle::generate_recorded::{Written, with_records};
use wherefore::model::time::Instant;

const FILES: usize = 6_000;

/// Checks that look at an act and upstream of it alone, or at facts alone.
const UPSTREAM: [&str; 39] = [
    "authorized",
    "prohibited-category",
    "lawful-source",
    "necessity",
    "bundled-consent",
    "alternative-offered",
    "storage-location",
    "transfer-mechanism",
    "transfer-confidentiality",
    "safeguard",
    "recipient-assessed",
    "impact-assessment",
    "state-required",
    "optout",
    "stop-access",
    "flow-supported",
    "protected-attribute",
    "refusal-reason",
    "protection-level",
    "policy",
    "evidence",
    "ground",
    "ground-recognized",
    "declared",
    "service-policy",
    "change-notice",
    "prior-notice",
    "public-source",
    "least-privilege",
    "embedded-party",
    "authority-report",
    "policy-rights",
    "consent-record",
    "implied-acceptance",
    "partner-relation",
    "state-supported",
    "tainted",
    "source-warranty",
    "policy-notice",
];

/// The same file about everyone alone.
fn about_everyone(draw: &mut Draw, file: &Value) -> Value {
    let mut file = file.clone();
    let map = file.as_object_mut().expect("a file is a map");
    map.shift_remove("subjects");
    map.shift_remove("cohorts");
    let keeps_all = draw.below(10) == 0;
    for (section, items) in map.iter_mut() {
        let Value::Array(items) = items else { continue };
        items.retain(|item| item.get("subject").is_none());
        if section == "rules" && !keeps_all {
            items.retain(|rule| UPSTREAM.contains(&rule["check"].as_str().expect("a check")));
        }
        if section == "events" && !keeps_all {
            items.retain(|act| act.get("method").is_none_or(|method| method != "reidentify"));
        }
        if section == "processors" && draw.below(3) > 0 {
            for item in items.iter_mut() {
                item.as_object_mut().expect("a map").shift_remove("moves");
            }
        }
        if section == "events" {
            for act in items.iter_mut() {
                act["subjects"] = json!(["everyone"]);
            }
        }
    }
    each_map(&mut file, &mut |map| {
        map.shift_remove("subjects_told");
        if let Some(subjects) = map.get_mut("subjects") {
            *subjects = json!(["everyone"]);
        }
    });
    file
}

/// Calls with every map inside of a value.
fn each_map(value: &mut Value, call: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            call(map);
            map.values_mut().for_each(|inner| each_map(inner, call));
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| each_map(inner, call)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The same file with more acts: each like one that is there, at another instant, with another's parties or fields.
fn with_more_acts(draw: &mut Draw, file: &Value) -> Value {
    let mut file = file.clone();
    let events = file["events"].as_array_mut().expect("a file has events");
    let had = events.clone();
    if had.is_empty() {
        return file;
    }
    for number in 0..draw.between(4, 16) {
        let mut act = draw.pick(&had);
        for key in ["at", "by", "from", "to", "fields", "makes", "purpose"] {
            let other = draw.pick(&had);
            let both = act.get(key).is_some() && other.get(key).is_some();
            let stands = |act: &Value| act["at"].is_object();
            if both && (key != "at" || stands(&act) == stands(&other)) {
                act[key] = other[key].clone();
            }
        }
        act["id"] = format!("more-{number}").into();
        events.push(act);
    }
    file
}

/// The same file with acts that were corrected and taken back, and nothing else that was.
fn with_records_of_acts(draw: &mut Draw, file: &Value) -> Value {
    let mut acts = file.clone();
    acts.as_object_mut()
        .expect("a map")
        .retain(|key, value| key == "events" || !value.is_array());
    let mut file = file.clone();
    file["events"] = with_records(draw, &acts, Written::Everywhere)["events"].clone();
    file
}

/// A random file about everyone, and the commits that bring it; the clock is set to a week before the instant it is for.
fn drawn(number: usize, bytes: &[u8], draw: &mut Draw) -> Vec<Value> {
    let plain = match number % 4 {
        0 => generate::standing_file(bytes),
        1 => generate::fact_file(bytes),
        _ => generate::flat_file(bytes),
    };
    let plain = about_everyone(draw, &plain);
    let plain = with_more_acts(draw, &plain);
    let file = match draw.below(4) {
        0 => plain,
        1 => with_records(draw, &plain, Written::Everywhere),
        _ => with_records_of_acts(draw, &plain),
    };
    let more = [
        "fields",
        "processors",
        "purposes",
        "categories",
        "rules",
        "authorizations",
    ][draw.below(6)];
    let late = draw.below(4) == 0;
    let (_, commits) = arrivals(draw, &file, 6, |section| {
        section == "events" || late && section == more
    });
    let as_of = file["as_of"].as_str().expect("a header");
    set_now(Instant::parse(as_of).expect("an instant").plus_days(-8));
    commits
}

#[derive(Debug, Default)]
struct Count {
    states: usize,
    /// States of which some findings were kept.
    short: usize,
    kept: usize,
    changed: usize,
}

impl Count {
    fn count(&mut self, found: &[Arc<Finding>], before: &[Arc<Finding>]) {
        let kept = found.iter().filter(|finding| is_kept(finding, before)).count();
        self.states += 1;
        self.short += usize::from(kept > 0);
        self.kept += kept;
        self.changed += found.len() - kept;
    }
}

fn in_columns(db: &Db) -> Snapshot {
    db.snapshot().in_columns_from(1)
}

/// Holds a changed state against the same facts judged from nothing.
fn hold(snapshot: &Snapshot, change: &str, counts: &mut Count, case: &str) {
    let before = snapshot.findings(None).expect("a store in memory");
    let (Some(to_lay), Some(read)) = (read(change), read(change)) else {
        return;
    };
    let laid = match change::laid(snapshot, to_lay) {
        Ok(laid) => laid,
        Err(Refusal::Problems(_)) => return,
        Err(Refusal::Db(error)) => panic!("{error}"),
    };
    let found = laid.findings(None).expect("a store in memory");
    assert_eq!(
        *found,
        *by_hand(snapshot, &read).findings(None).expect("facts in memory"),
        "{case}: {change}\nover {:#?}",
        snapshot.facts()
    );
    counts.count(&found, &before);
}

#[test]
fn findings_about_everyone_after_a_commit_and_of_a_change_are_those_of_judging_everything() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(4_711);
    let (mut after, mut over) = (Count::default(), Count::default());
    for number in 0..cases.unwrap_or(FILES) {
        let bytes = dice.bytes(2_200);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let commits = drawn(number, &bytes[..1_400], draw);
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        let mut before: Vec<Arc<Finding>> = Vec::new();
        for (sequence, commit) in commits.iter().enumerate() {
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if draw.below(4) == 0 {
                pass(draw, 3);
            }
            let case = format!("case {number} before commit {sequence}");
            if sequence > 0 && draw.below(2) > 0 {
                let next = commits.get(sequence + draw.below(2)).unwrap_or(commit);
                let change = match draw.below(4) {
                    0 => proposed(next),
                    _ => proposed(&few(draw, next)),
                };
                hold(&in_columns(&db), &change, &mut over, &case);
            }
            if db.commit(batch, now()).is_err() {
                break;
            }
            // Nobody asks after some commits.
            if draw.below(4) == 0 {
                continue;
            }
            let snapshot = in_columns(&db);
            let found = snapshot.findings(None).expect("a store in memory");
            assert_eq!(
                *found,
                judged_as_a_whole(&snapshot),
                "case {number} after commit {sequence} at {:?} of {commits:#?}",
                snapshot.as_of()
            );
            after.count(&found, &before);
            before = found.to_vec();
        }
    }
    println!("after commits {after:?}, of changes {over:?}");
    for count in [after, over] {
        assert!(
            count.short > 1_000 && count.kept > 3_000 && count.changed > 5_000,
            "{count:?}"
        );
    }
}
