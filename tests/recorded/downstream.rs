//! Where acts are about everyone, alone or beside persons, the findings after a commit, and those of a change that is laid over the
//! facts, are those that judging everything gives, though only what the new acts can have changed is judged anew.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::model::finding::Finding;
use wherefore::model::findings::Findings;
use wherefore::release::change::{self, Refusal};

use super::changed::{by_hand, few, proposed, read};
use super::kept::{apart, is_kept, judged_as_a_whole, now, pass, set_now};
use super::random::arrivals;
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;
use crate::oracle::generate;
use crate::oracle::generate_recorded::{Written, with_records};
use crate::oracle::generate_wide::wide_file;
use wherefore::model::time::Instant;

const FILES: usize = 6_000;

/// Checks that look at an act and upstream of it alone, or at facts alone.
const UPSTREAM: [&str; 53] = [
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
    "frequency",
    "joint",
    "deletion-effective",
    "reidentification",
    "assignment-notice",
    "assignment-ground",
    "minimum-retention",
    "incident-notice",
    "incident-found",
    "request-deadline",
    "identity-verified",
    "deceased",
    "audit-remedied",
    "audit-independent",
];

/// Checks that look at what is done to a holding at any time, or may, by what is on record.
const AROUND: [&str; 5] = [
    "never-used",
    "retention",
    "declared-period",
    "purpose-ended",
    "restriction",
];

/// Checks that look at where what is deleted or corrected was passed on to.
const ONWARD: [&str; 2] = ["deletion-propagated", "correction-propagated"];

/// Checks that look further, unless something is not on record.
const FURTHER: [&str; 7] = [
    "delegation",
    "ceasing",
    "closure",
    "incident-content",
    "retention-declared",
    "protection-held",
    "audit-due",
];

/// Whom files speak of.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Everyone,
    /// Everyone, and persons beside.
    PersonsToo,
}

/// The same file about everyone alone.
fn about_everyone(draw: &mut Draw, file: &Value) -> Value {
    let mut file = acts_about_everyone(draw, file, Who::Everyone);
    each_map(&mut file, &mut |map| {
        map.shift_remove("subjects_told");
        if let Some(subjects) = map.get_mut("subjects") {
            *subjects = json!(["everyone"]);
        }
    });
    file
}

/// The same file about persons, and with acts and a few other facts about everyone.
fn beside_persons(draw: &mut Draw, file: &Value) -> Value {
    let apart = apart(draw, file);
    let mut file = acts_about_everyone(draw, &apart, Who::PersonsToo);
    let (is_mixed, of_persons) = (draw.below(12) == 0, draw.between(2, 6));
    for (section, everyones) in [("events", of_persons), ("authorizations", 8), ("notices", 8)] {
        for item in file[section].as_array_mut().into_iter().flatten() {
            let persons = item["subjects"].clone();
            if draw.below(everyones) > 0 && section == "events" || draw.below(everyones) == 0 {
                item["subjects"] = json!(["everyone"]);
                if is_mixed && draw.below(6) == 0 {
                    item["subjects"] = json!(["everyone", persons[0]]);
                }
            }
        }
    }
    file
}

/// The same file with rules and facts of which what is found about everyone's acts can mostly be judged anew in parts.
fn acts_about_everyone(draw: &mut Draw, file: &Value, who: Who) -> Value {
    let (had, mut file) = (file, file.clone());
    let map = file.as_object_mut().expect("a file is a map");
    if who == Who::Everyone {
        map.shift_remove("subjects");
        map.shift_remove("cohorts");
    }
    let keeps_all = draw.below(10) == 0;
    let (looks_around, looks_further) = (draw.below(3) > 0, draw.below(3) == 0);
    let more = if looks_around {
        around(draw, had)
    } else {
        Vec::new()
    };
    let ends: Vec<Value> = had["events"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|act| act["at"].clone())
        .filter(Value::is_string)
        .chain([had["as_of"].clone()])
        .collect();
    let without = ["none", "delete", "correct", "restrict"].map(|kind| (kind, draw.below(2) == 0));
    for (section, items) in map.iter_mut() {
        let Value::Array(items) = items else { continue };
        items.retain(|item| who == Who::PersonsToo || item.get("subject").is_none());
        if section == "rules" && !keeps_all {
            items.retain(|rule| {
                let check = rule["check"].as_str().expect("a check");
                UPSTREAM.contains(&check)
                    || looks_around && AROUND.contains(&check)
                    || ONWARD.contains(&check)
                    || looks_further && FURTHER.contains(&check)
            });
        }
        if section == "purposes" && looks_around {
            for purpose in items.iter_mut() {
                if draw.below(4) == 0 {
                    purpose["ended"] = draw.pick(&ends);
                }
            }
        }
        if section == "rules" {
            items.extend(more.iter().cloned());
        }
        if section == "events" {
            let is_out = |act: &Value| without.contains(&(act["act"].as_str().unwrap_or("none"), true));
            items.retain(|act| !is_out(act));
        }
        if section == "events" && !keeps_all {
            items.retain(|act| act.get("method").is_none_or(|method| method != "reidentify"));
        }
        if section == "processors" && draw.below(3) > 0 {
            for item in items.iter_mut() {
                item.as_object_mut().expect("a map").shift_remove("moves");
            }
        }
        if section == "events" && who == Who::Everyone {
            for act in items.iter_mut() {
                act["subjects"] = json!(["everyone"]);
            }
        }
    }
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

/// Rules that look at what is done to a holding at any time, and wait for deadlines.
fn around(draw: &mut Draw, file: &Value) -> Vec<Value> {
    let mut rules = Vec::new();
    let mut add = |rule: Value| {
        let mut rule = rule;
        rule["id"] = format!("around-{}", rules.len()).into();
        rule["clause"] = "A-1".into();
        rule["severity"] = "error".into();
        rules.push(rule);
    };
    let fields: Vec<Value> = file["fields"]
        .as_array()
        .map(|fields| fields.iter().map(|field| field["id"].clone()).collect())
        .unwrap_or_default();
    if !fields.is_empty() && draw.below(3) == 0 {
        let limit = json!({"fields": fields, "days": draw.between(1, 5)});
        add(json!({"check": "retention", "limits": [limit]}));
    }
    for check in ["never-used", "purpose-ended"] {
        if draw.below(3) == 0 {
            add(json!({"check": check, "within_days": draw.between(0, 5)}));
        }
    }
    for check in ["restriction", "declared-period"] {
        if draw.below(3) == 0 {
            add(json!({"check": check}));
        }
    }
    if draw.below(2) == 0 {
        let days = draw.between(0, 3);
        add(json!({"check": "deletion-propagated", "within_days": days, "roles": ["own", "delegated"]}));
    }
    if draw.below(2) == 0 {
        add(json!({"check": "correction-propagated", "within_days": draw.between(0, 3)}));
    }
    rules
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

/// A random file, and the commits that bring it; the clock is set to a week before the instant it is for.
fn drawn(number: usize, bytes: &[u8], draw: &mut Draw, who: Who) -> Vec<Value> {
    let plain = match number % 5 {
        0 => generate::standing_file(bytes),
        1 => generate::fact_file(bytes),
        2 => wide_file(bytes),
        _ => generate::flat_file(bytes),
    };
    let plain = match who {
        Who::Everyone => about_everyone(draw, &plain),
        Who::PersonsToo => beside_persons(draw, &plain),
    };
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
    let of_persons = who == Who::PersonsToo && draw.below(2) == 0;
    let (_, commits) = arrivals(draw, &file, 6, |section| {
        section == "events"
            || late && section == more
            || of_persons && matches!(section, "choices" | "requests" | "closures" | "notices")
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
    fn count(&mut self, found: &Findings, before: &[Arc<Finding>]) {
        let kept = found.iter().filter(|finding| is_kept(finding, before)).count();
        self.states += 1;
        self.short += usize::from(kept > 0);
        self.kept += kept;
        self.changed += found.len() - kept;
    }
}

fn in_columns(db: &Db) -> Snapshot {
    let state = db.snapshot().in_columns_from(1);
    // What came later is laid over the columns once, or for each question, or both.
    let anew = [0, 1, 3, usize::MAX][usize::try_from(state.sequence() % 4).expect("small")];
    state.laying_anew_at_most(anew)
}

/// The same state, judged some families at a time or at once, its findings in chunks of a few or all in one.
fn few_at_a_time(state: &Snapshot, draw: &mut Draw) -> Snapshot {
    let state = state.in_parts_of(draw.pick(&[1, usize::MAX]));
    state.in_chunks_of(draw.pick(&[1, 2, 3, 5, usize::MAX]))
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
    counts.count(&found, &before.to_vec());
}

/// Holds a store to which these commits were made against its facts judged from nothing; gives what is found.
fn hold_store(
    snapshot: &Snapshot,
    before: &[Arc<Finding>],
    counts: &mut Count,
    commits: &[Value],
) -> Vec<Arc<Finding>> {
    let found = snapshot.findings(None).expect("a store in memory");
    assert_eq!(
        *found,
        judged_as_a_whole(snapshot),
        "at {:?} after {commits:#?}",
        snapshot.as_of()
    );
    counts.count(&found, before);
    found.to_vec()
}

#[test]
fn findings_about_everyone_after_a_commit_and_of_a_change_are_those_of_judging_everything() {
    // What is judged first is judged act by act as it is read, or all that was read at once.
    hold_all(Who::Everyone, 4_711, |db, draw| {
        few_at_a_time(&in_columns(db), draw)
    });
}

#[test]
fn findings_about_everyone_beside_persons_are_those_of_judging_everything() {
    // Everyone's acts lie in columns, or are so few that they are judged as those of a person. What is judged first is judged
    // some families at a time, or at once.
    hold_all(Who::PersonsToo, 815, |db, draw| {
        let state = match draw.below(3) {
            0 => db.snapshot(),
            _ => in_columns(db),
        };
        few_at_a_time(&state, draw)
    });
}

fn hold_all(who: Who, seed: u64, state: impl Fn(&Db, &mut Draw) -> Snapshot) {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(seed);
    let (mut after, mut over, mut later) = (Count::default(), Count::default(), Count::default());
    for number in 0..cases.unwrap_or(FILES) {
        let bytes = dice.bytes(2_200);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let commits = drawn(number, &bytes[..1_400], draw, who);
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        let mut before: Vec<Arc<Finding>> = Vec::new();
        for (sequence, commit) in commits.iter().enumerate() {
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if draw.below(3) == 0 {
                pass(draw, 2);
                if sequence > 0 {
                    before = hold_store(&state(&db, draw), &before, &mut later, &commits[..sequence]);
                }
            }
            let case = format!("case {number} before commit {sequence}");
            if sequence > 0 && draw.below(2) > 0 {
                let next = commits.get(sequence + draw.below(2)).unwrap_or(commit);
                let change = match draw.below(4) {
                    0 => proposed(next),
                    _ => proposed(&few(draw, next)),
                };
                hold(&state(&db, draw), &change, &mut over, &case);
            }
            if db.commit(batch, now()).is_err() {
                break;
            }
            // Nobody asks after some commits.
            if draw.below(4) == 0 {
                continue;
            }
            before = hold_store(&state(&db, draw), &before, &mut after, &commits[..=sequence]);
        }
    }
    println!("after commits {after:?}, of changes {over:?}, later {later:?}");
    for count in [after, over, later] {
        assert!(
            count.short > 1_000 && count.kept > 3_000 && count.changed > 5_000,
            "{count:?}"
        );
    }
}

/// An act with everyone's mail.
fn act(id: &str, at: &Value, parties: &Value) -> Value {
    let mut act =
        json!({"id": id, "at": at, "subjects": ["everyone"], "fields": ["mail"], "purpose": "service"});
    for (key, value) in parties.as_object().expect("a map") {
        act[key] = value.clone();
    }
    act
}

fn day(day: usize) -> Value {
    json!(format!("2024-01-{day:02}T00:00:00Z"))
}

/// A store with one rule and some acts.
fn store(rule: Value, acts: &[Value]) -> Db {
    set_now(Instant::parse("2024-06-01T00:00:00Z").expect("an instant"));
    let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
    let mut rule = rule;
    for (key, value) in [("id", "r"), ("clause", "C"), ("severity", "error")] {
        rule[key] = value.into();
    }
    let things = json!({
        "categories": [{"id": "contact"}],
        "fields": [{"id": "mail", "category": "contact"}],
        "processors": [{"id": "p", "kind": "controller"}, {"id": "m", "kind": "controller"},
            {"id": "n", "kind": "controller"}],
        "purposes": [{"id": "service"}],
        "rules": [rule],
    });
    commit_file(&db, &things);
    commit(&db, acts);
    db
}

fn commit(db: &Db, acts: &[Value]) {
    commit_file(db, &json!({"events": acts}));
}

fn commit_file(db: &Db, facts: &Value) {
    let mut file = facts.clone();
    for (key, value) in [
        ("scenario", "acts"),
        ("as_of", "2024-06-01T00:00:00Z"),
        ("timezone", "UTC"),
        ("home", "CN"),
    ] {
        file[key] = value.into();
    }
    let batch = Batch::read(&file.to_string(), "facts.json").expect("facts");
    db.commit(batch, now()).expect("a commit");
}

/// What is found, by the acts that are wrong.
fn wrong(snapshot: &Snapshot) -> Vec<String> {
    let found = snapshot.findings(None).expect("a store in memory");
    assert_eq!(*found, judged_as_a_whole(snapshot));
    found
        .iter()
        .map(|finding| finding.culprit.as_str().to_owned())
        .collect()
}

#[test]
fn what_comes_to_a_standing_act_changes_what_is_found_about_acts_before() {
    let a_while = json!({"from": day(3), "until": day(20)});
    let db = store(
        json!({"check": "never-used", "within_days": 10}),
        &[
            act("first", &day(1), &json!({"act": "collect", "to": "p"})),
            act("deleted", &day(2), &json!({"act": "delete", "by": "p"})),
            act("other", &day(1), &json!({"act": "collect", "to": "m"})),
            act(
                "between",
                &day(3),
                &json!({"act": "share", "from": "m", "to": "n"}),
            ),
        ],
    );
    assert_eq!(wrong(&in_columns(&db)), ["first"]);
    let more = |act: Value| {
        commit(&db, &[act]);
        wrong(&in_columns(&db))
    };
    // Now the flows lie in columns, and nothing in them lasts.
    let again = act("again", &day(5), &json!({"act": "share", "from": "m", "to": "n"}));
    assert_eq!(more(again), ["first"]);
    let uses = act("uses", &a_while, &json!({"act": "use", "by": "p"}));
    assert_eq!(more(uses), ["first"]);
    // Now the act that stands finds something, at a time when the holding of the first one is used.
    let share = act("share", &day(4), &json!({"act": "share", "from": "m", "to": "p"}));
    assert_eq!(more(share), [""; 0]);
}

#[test]
fn a_deletion_that_came_while_few_acts_were_judged_whole_is_minded_in_columns() {
    let db = store(
        json!({"check": "deletion-propagated", "within_days": 1, "roles": ["own"]}),
        &[
            act("first", &day(1), &json!({"act": "collect", "to": "p"})),
            act("given", &day(2), &json!({"act": "share", "from": "p", "to": "m"})),
        ],
    );
    assert_eq!(wrong(&in_columns(&db)), [""; 0]);
    commit(
        &db,
        &[act("deleted", &day(4), &json!({"act": "delete", "by": "p"}))],
    );
    assert_eq!(wrong(&db.snapshot()), ["deleted"]);
    // To another, and nothing in it says that there is a deletion upstream.
    commit(
        &db,
        &[act(
            "late",
            &day(3),
            &json!({"act": "share", "from": "m", "to": "n"}),
        )],
    );
    assert_eq!(wrong(&in_columns(&db)), ["deleted", "deleted"]);
}

/// The state, what is judged first being judged in parts.
fn in_parts(db: &Db) -> Snapshot {
    in_columns(db).in_parts_of(1)
}

#[test]
fn what_was_judged_in_parts_remembers_that_there_are_deletions() {
    let db = store(
        json!({"check": "deletion-propagated", "within_days": 1, "roles": ["own"]}),
        &[
            act("first", &day(1), &json!({"act": "collect", "to": "p"})),
            act("given", &day(2), &json!({"act": "share", "from": "p", "to": "m"})),
            act("deleted", &day(4), &json!({"act": "delete", "by": "p"})),
        ],
    );
    assert_eq!(wrong(&in_parts(&db)), ["deleted"]);
    let late = act("late", &day(3), &json!({"act": "share", "from": "m", "to": "n"}));
    commit(&db, &[late]);
    assert_eq!(wrong(&in_parts(&db)), ["deleted", "deleted"]);
}

#[test]
fn what_was_judged_in_parts_remembers_that_an_act_names_everyone_beside_a_person() {
    let whose = |id: &str, subjects: Value, at: usize, parties: Value| {
        let mut act = act(id, &day(at), &parties);
        act["subjects"] = subjects;
        act
    };
    let to_p = || json!({"act": "collect", "to": "p"});
    let db = store(json!({"check": "flow-supported"}), &[]);
    commit_file(&db, &json!({"subjects": [{"id": "ana"}, {"id": "bo"}]}));
    let on = json!({"act": "share", "from": "p", "to": "m"});
    let both = json!(["everyone", "ana"]);
    commit(
        &db,
        &[
            whose("anas", json!(["ana"]), 1, to_p()),
            whose("bos", json!(["bo"]), 1, to_p()),
            whose("both", both, 5, on),
        ],
    );
    assert_eq!(wrong(&in_parts(&db)), ["both"]);
    // Of everyone there is something to pass on now, as there was of ana all the time.
    commit(&db, &[whose("all", json!(["everyone"]), 2, to_p())]);
    assert_eq!(wrong(&in_parts(&db)), [""; 0]);
}

#[test]
fn what_was_judged_in_parts_remembers_when_an_agreement_ends() {
    let rule = json!({"check": "delegation", "affiliates_only": false, "return_within_days": 10});
    let db = store(rule, &[]);
    set_now(Instant::parse("2024-02-01T00:00:00Z").expect("an instant"));
    let agreement = json!({"id": "dpa", "kind": "delegation", "principal": "p", "delegate": "m", "fields": ["mail"],
        "purposes": ["service"], "from": day(1), "until": "2024-03-01T00:00:00Z", "written": true});
    commit_file(
        &db,
        &json!({"agreements": [agreement], "subjects": [{"id": "ana"}]}),
    );
    let mut acts = [
        act("first", &day(2), &json!({"act": "collect", "to": "p"})),
        act(
            "given",
            &day(3),
            &json!({"act": "delegate", "from": "p", "to": "m"}),
        ),
    ];
    for act in &mut acts {
        act["subjects"] = json!(["ana"]);
    }
    commit(&db, &acts);
    assert_eq!(wrong(&in_parts(&db)), [""; 0]);
    // Nothing comes but the day after the last one on which the data should have come back.
    set_now(Instant::parse("2024-04-01T00:00:00Z").expect("an instant"));
    assert_eq!(wrong(&in_parts(&db)), ["dpa"]);
}

#[test]
fn where_an_instant_is_uncertain_nothing_is_judged_in_parts() {
    let db = store(json!({"check": "flow-supported"}), &[]);
    commit_file(&db, &json!({"subjects": [{"id": "ana"}, {"id": "bo"}]}));
    let between = json!({"earliest": day(2), "latest": day(4)});
    let mut acts = [
        act("anas", &between, &json!({"act": "collect", "to": "p"})),
        act("on", &day(5), &json!({"act": "share", "from": "p", "to": "m"})),
        act("bos", &day(5), &json!({"act": "share", "from": "p", "to": "m"})),
    ];
    for (act, whose) in acts.iter_mut().zip(["ana", "ana", "bo"]) {
        act["subjects"] = json!([whose]);
    }
    commit(&db, &acts);
    assert_eq!(wrong(&in_parts(&db)), ["bos"]);
}
