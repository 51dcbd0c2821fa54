//! As known at a moment, a record answers as one that ended there: random files against the oracle, and against a
//! store that took the same records in another order.

use serde_json::Value;
use wherefore::db::{AsOf, Batch, Db, Snapshot};

use wherefore::import::{self, Format};
use wherefore::model::place::{Problem, ProblemCode};
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;
use wherefore::question::{self, Asked};
use wherefore::report::json::{self as printed, Ground};

use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;
use crate::oracle::generate_recorded::{Written, moment, with_records};
use crate::oracle::recorded::{Moment, is_changed_twice, rebuild};
use crate::oracle::{findings, generate, questions};

const FILES: usize = 2_000;

fn snapshot(file: &Value) -> Result<Snapshot, String> {
    import::read_alone(&file.to_string(), "random.json", Format::Json)
        .map(Snapshot::of_document)
        .map_err(|problems| format!("{problems:?}"))
}

fn time(moment: Moment) -> RecordTime {
    match moment {
        Moment::At(at) => RecordTime::At(Instant::from_micros(at)),
        Moment::Number(number) => RecordTime::Number(number),
    }
}

/// All findings and answers, without what tells one state of the record from another of the same facts.
pub fn told(snapshot: &Snapshot, asks: &[Value]) -> Value {
    let ground = crate::ground::ground(snapshot);
    let mut found = printed::findings(&snapshot.findings(None).expect("judged").to_vec(), &ground);
    for finding in found["findings"].as_array_mut().expect("a list") {
        finding.as_object_mut().expect("a map").shift_remove("place");
    }
    let answers = asks.iter().map(|ask| {
        let Asked { question, .. } = question::read(&ask.to_string()).expect("a question");
        match snapshot.ask(&question, None) {
            Ok(answer) => printed::answer(&question, &answer, &ground),
            // There is nothing about everyone before somebody speaks of everyone.
            Err(error) => error.to_string().into(),
        }
    });
    serde_json::json!([found, answers.collect::<Value>()])
}

/// Questions without a moment of their own.
pub fn asks(bytes: &[u8], file: &Value) -> Vec<Value> {
    let mut asks = generate::questions(bytes, file);
    for ask in &mut asks {
        ask.as_object_mut().expect("a map").shift_remove("as_known_at");
    }
    asks
}

fn shared(finding: &Value) -> Value {
    let mut map = finding.as_object().expect("a map").clone();
    map.shift_remove("why");
    map.shift_remove("fingerprints");
    map.into()
}

#[test]
fn as_known_at_is_a_record_that_ends_there() {
    let mut dice = Dice(2_025);
    let (mut asked, mut refused, mut fewer, mut other) = (0, 0, 0, 0);
    for number in 0..FILES {
        let bytes = dice.bytes(1_500);
        let plain = generate::fact_file(&bytes[..1_200]);
        let draw = &mut Draw::new(&bytes[1_200..]);
        let written = [Written::Instants, Written::Numbers][number % 2];
        let file = with_records(draw, &plain, written);
        let whole = match snapshot(&file) {
            Ok(whole) => whole,
            Err(problems) => {
                assert!(
                    is_changed_twice(&file) && problems.contains("ChangedTwice"),
                    "{problems}\n{file:#}"
                );
                refused += 1;
                continue;
            }
        };
        assert!(!is_changed_twice(&file), "{file:#}");
        for at in [
            None,
            Some(moment(draw, &file, written)),
            Some(moment(draw, &file, written)),
        ] {
            let rebuilt = rebuild(&file, at);
            let known = whole.known_at(at.map(time)).expect("a file is in memory");
            let mut asks = asks(&bytes[600..], &plain);
            if let Some(Moment::At(_)) = at {
                // The limit of reach is its own: the oracle is asked with it below.
                asks.retain(|ask| ask["ask"] != "reach");
            }
            let ends_there =
                snapshot(&rebuilt).unwrap_or_else(|why| panic!("{why}\n{rebuilt:#}\nof {file:#}"));
            let (answers, wanted) = (told(&known, &asks), told(&ends_there, &asks));
            assert_eq!(answers, wanted, "at {at:?} in {file:#}\nrebuilt {rebuilt:#}");
            let by_oracle = findings::findings(&rebuilt);
            let found: Vec<Value> = answers[0]["findings"]
                .as_array()
                .expect("a list")
                .iter()
                .map(shared)
                .collect();
            assert_eq!(found, by_oracle, "at {at:?} in {file:#}");
            for (ask, answer) in asks.iter().zip(answers[1].as_array().expect("a list")) {
                if answer.is_string() {
                    continue;
                }
                assert_eq!(
                    answer["answer"],
                    questions::answer(&rebuilt, ask)["answer"],
                    "{ask} at {at:?} in {file:#}"
                );
                asked += 1;
            }
            let all = whole.findings(None).expect("judged").len();
            fewer += usize::from(by_oracle.len() < all);
            other += usize::from(by_oracle.len() > all);
        }
    }
    assert!(
        asked > 2_500 && refused > 25 && fewer > 250 && other > 50,
        "{asked} asked, {refused} refused, {fewer} with fewer findings, {other} with more"
    );
}

#[test]
fn reach_as_known_at_an_instant_asks_the_record_that_ends_there() {
    let mut dice = Dice(7_101);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..FILES {
        let bytes = dice.bytes(1_500);
        let plain = generate::fact_file(&bytes[..1_200]);
        let draw = &mut Draw::new(&bytes[1_200..]);
        let file = with_records(draw, &plain, Written::Instants);
        let Ok(whole) = snapshot(&file) else { continue };
        for mut ask in generate::questions(&bytes[600..], &plain) {
            let at = moment(draw, &file, Written::Instants);
            let Moment::At(micros) = at else { continue };
            let printed = wherefore::model::time::print_utc(Instant::from_micros(micros));
            ask["as_known_at"] = printed.into();
            let Asked {
                question,
                as_known_at,
            } = question::read(&ask.to_string()).expect("a question");
            let known = whole.known_at(as_known_at).expect("a file is in memory");
            let Ok(answer) = known.ask(&question, None) else {
                assert_eq!(ask["subject"], "everyone");
                continue;
            };
            let ground = Ground {
                sequence: None,
                head: None,
                as_of: known.as_of(),
                known_at: as_known_at,
                zone: known.zone(),
            };
            let answer = printed::answer(&question, &answer, &ground);
            let wanted = questions::answer_of_known(&rebuild(&file, Some(at)), &ask);
            assert_eq!(answer["answer"], wanted["answer"], "{ask} in {file:#}");
            if ask["ask"] == "reach" {
                assert_eq!(answer["witness"], wanted["witness"], "{ask} in {file:#}");
                yes += usize::from(answer["answer"] == true);
                no += usize::from(answer["answer"] == false);
            }
        }
    }
    assert!(yes > 100 && no > 100, "{yes} yes, {no} no");
}

/// The file with the items of each section in the order in which so many commits bring them, and the commits. What does
/// not wait comes with the first.
pub fn arrivals(
    draw: &mut Draw,
    file: &Value,
    count: usize,
    waits: impl Fn(&str) -> bool,
) -> (Value, Vec<Value>) {
    const DECLARED: [&str; 6] = [
        "subjects",
        "cohorts",
        "categories",
        "fields",
        "processors",
        "purposes",
    ];
    let header: serde_json::Map<String, Value> = file
        .as_object()
        .expect("a map")
        .iter()
        .filter(|(_, value)| !value.is_array())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut commits: Vec<serde_json::Map<String, Value>> = vec![header.clone(); count];
    let mut sorted = header;
    for (name, items) in file.as_object().expect("a map") {
        let Some(items) = items.as_array() else { continue };
        // Which commit each item comes with: not before what it changes.
        let mut with: Vec<usize> = Vec::new();
        let is_declared = DECLARED.contains(&name.as_str()) || !waits(name);
        let key = |item: &Value| item.get("retracts").or_else(|| item.get("corrects")).cloned();
        let mut latest: Vec<(Value, usize)> = Vec::new();
        for item in items {
            let target = key(item);
            let earliest = latest
                .iter()
                .filter(|(id, _)| Some(id) == target.as_ref())
                .map(|(_, c)| *c)
                .max();
            let commit = match (is_declared, target.is_some()) {
                (true, false) => 0,
                (_, true) => {
                    earliest.unwrap_or(count - 1) + draw.below(count - earliest.unwrap_or(count - 1))
                }
                (false, false) => draw.below(count),
            };
            latest.push((item["id"].clone(), commit));
            latest.extend(target.map(|id| (id, commit)));
            with.push(commit);
        }
        let mut arranged = Vec::new();
        for (commit, map) in commits.iter_mut().enumerate() {
            let own: Vec<Value> = items
                .iter()
                .zip(&with)
                .filter(|(_, c)| **c == commit)
                .map(|(i, _)| i.clone())
                .collect();
            arranged.extend(own.iter().cloned());
            map.insert(name.clone(), own.into());
        }
        sorted.insert(name.clone(), arranged.into());
    }
    (sorted.into(), commits.into_iter().map(Value::from).collect())
}

#[test]
fn a_store_knows_what_the_file_knows_in_whatever_order_records_arrive() {
    let mut dice = Dice(31);
    let (mut stores, mut held) = (0, 0);
    for _ in 0..FILES * 2 / 5 {
        let bytes = dice.bytes(1_600);
        let plain = generate::fact_file(&bytes[..1_200]);
        let draw = &mut Draw::new(&bytes[1_200..]);
        let file = with_records(draw, &plain, Written::Everywhere);
        // Records that change something stand behind what they change, so that they can arrive there.
        let count = draw.between(2, 5);
        let (sorted, commits) = arrivals(draw, &file, count, |_| true);
        let Ok(of_file) = snapshot(&sorted) else { continue };
        let as_of = of_file.as_of();
        let db = Db::in_memory(AsOf::Fixed(as_of)).expect("a store in memory");
        let mut by_commit: Vec<(RecordTime, Value)> = Vec::new();
        let mut refused = false;
        for (number, commit) in (1_i64..).zip(&commits) {
            let batch = match Batch::read(&commit.to_string(), "random.json") {
                Ok(batch) => batch,
                // Taken back, restored, taken back again: what restores it may come with a later commit, and till then
                // the two others contradict each other.
                Err(problems) => {
                    let is_twice = |problem: &Problem| problem.code == ProblemCode::ChangedTwice;
                    assert!(problems.iter().any(is_twice), "{problems:?} in {commit:#}");
                    refused = true;
                    break;
                }
            };
            // Long before all facts: a commit without a stated time would show.
            let recorded = Instant::from_micros(number - i64::MAX / 2);
            let Ok(receipt) = db.commit(batch, recorded) else {
                refused = true;
                break;
            };
            let now = db.snapshot();
            let asks = asks(&bytes[600..], &plain);
            let moment = RecordTime::Number(receipt.sequence);
            let known = now.known_at(Some(moment)).expect("the newest commit");
            by_commit.push((moment, told(&known, &asks)));
            held += 1;
        }
        if refused {
            continue;
        }
        stores += 1;
        let whole = db.snapshot();
        let asks = asks(&bytes[600..], &plain);
        for at in [
            None,
            Some(moment(draw, &file, Written::Everywhere)),
            Some(moment(draw, &file, Written::Everywhere)),
        ] {
            let at = at.map(time);
            let (in_store, in_file) = (
                told(&whole.known_at(at).expect("a store"), &asks),
                told(&of_file.known_at(at).expect("a file"), &asks),
            );
            assert_eq!(in_store, in_file, "at {at:?} in {sorted:#}");
        }
        for (moment, before) in by_commit {
            let known = whole.known_at(Some(moment)).expect("a commit");
            assert_eq!(
                told(&known, &asks),
                before,
                "as known at {moment:?} in {sorted:#}"
            );
        }
    }
    assert!(stores > 200 && held > 400, "{stores} stores, {held} commits");
}
