//! The relations of docs/semantics.md 12 that need no oracle: what must hold between the answers to two files that differ
//! in one known way. Through the public library, on random files.

mod directions;
mod monotone;
mod names;
mod order;
mod others;
mod times;

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::question;
use wherefore::report::json as printed;

use crate::ground::ground;
use crate::oracle::facts;
use crate::oracle::lookups::print_instant;

/// Random files of each test, unless `WHEREFORE_CASES` asks for fewer.
fn files(many: usize) -> usize {
    let wanted = std::env::var("WHEREFORE_CASES").ok();
    wanted
        .and_then(|count| count.parse().ok())
        .map_or(many, |count: usize| count.min(many))
}

fn snapshot(file: &Value) -> Snapshot {
    match import::read_alone(&file.to_string(), "random.json", Format::Json) {
        Ok(document) => Snapshot::of_document(document),
        Err(problems) => panic!("refused: {problems:?}\n{file:#}"),
    }
}

/// The findings as printed, without their numbers, places, sentences and fingerprints.
fn findings(file: &Value) -> Vec<Value> {
    let snapshot = snapshot(file);
    let found = snapshot.findings(None).expect("a valid file can be judged");
    let found = printed::findings(&found.to_vec(), &ground(&snapshot));
    let mut all = found["findings"].as_array().expect("a list").clone();
    for finding in &mut all {
        for key in ["id", "place", "why", "fingerprints"] {
            finding.as_object_mut().expect("a mapping").shift_remove(key);
        }
    }
    all
}

/// The answer to a question as printed; None where the question is refused.
fn answer(snapshot: &Snapshot, ask: &Value) -> Option<Value> {
    let asked = question::read(&ask.to_string()).expect("a valid question can be read");
    let snapshot = snapshot.known_at(asked.as_known_at).expect("a file is in memory");
    let answer = snapshot.ask(&asked.question, None).ok()?;
    let printed = printed::answer(&asked.question, &answer, &ground(&snapshot));
    let mut told = serde_json::Map::new();
    for key in ["answer", "witness", "arrivals"] {
        if let Some(value) = printed.get(key) {
            told.insert(key.to_owned(), value.clone());
        }
    }
    Some(told.into())
}

/// The ids of a section.
fn ids(file: &Value, section: &str) -> Vec<String> {
    let items = file[section].as_array().into_iter().flatten();
    items.filter_map(|item| facts::text(item, "id")).collect()
}

/// Everybody a question can be about.
fn persons(file: &Value) -> Vec<String> {
    let mut all = ids(file, "subjects");
    all.push(facts::EVERYONE.to_string());
    all
}

/// For every field, person and place: whether the data, or something made from it, is there at each instant of the file, and
/// whether it ever got there. Copies passed on after a deletion are no holdings.
fn held(file: &Value) -> Vec<(Value, Value)> {
    let whole = snapshot(file);
    let read = facts::read(file);
    let mut instants: Vec<i64> = read.events.iter().map(|event| event.at).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut all = Vec::new();
    for (field, subject) in pairs(file) {
        for to in ids(file, "processors") {
            let ever = json!({"ask": "reach", "field": field, "subject": subject, "to": to});
            let mut asks = vec![ever.clone()];
            for at in &instants {
                let mut ask = ever.clone();
                ask["held_at"] = json!(print_instant(&read.timezone, *at));
                asks.push(ask);
            }
            for ask in asks {
                if let Some(answer) = answer(&whole, &ask) {
                    all.push((ask, answer["answer"].clone()));
                }
            }
        }
    }
    all
}

fn pairs(file: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for field in ids(file, "fields") {
        for subject in persons(file) {
            all.push((field.clone(), subject));
        }
    }
    all
}
