//! Uncertain times (docs/semantics.md 2): the plain files that a file stands for when every uncertain act is put at the
//! instants of a grid inside its bounds, one combination after the other; and what is so in all of them, or in some.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn instant(value: &Value) -> Timestamp {
    let text = value.as_str().expect("an instant is text");
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The ids of the uncertain acts, each with its bounds.
pub fn uncertain(file: &Value) -> Vec<(String, Timestamp, Timestamp)> {
    let events = file["events"].as_array().into_iter().flatten();
    events
        .filter(|event| event["at"].get("earliest").is_some())
        .map(|event| {
            let id = event["id"].as_str().expect("an id").to_owned();
            let at = &event["at"];
            (id, instant(&at["earliest"]), instant(&at["latest"]))
        })
        .collect()
}

/// The file with these acts at these instants.
pub fn at(file: &Value, chosen: &BTreeMap<String, Timestamp>) -> Value {
    let mut file = file.clone();
    for event in file["events"].as_array_mut().into_iter().flatten() {
        let id = event["id"].as_str().expect("an id");
        if let Some(at) = chosen.get(id) {
            event["at"] = at.to_string().into();
        } else if event["at"].get("earliest").is_some() {
            event["at"] = event["at"]["earliest"].clone();
        }
    }
    file
}

/// All plain files, the bounds among the instants.
pub fn all(file: &Value, step: SignedDuration) -> Vec<Value> {
    let mut files: Vec<BTreeMap<String, Timestamp>> = vec![BTreeMap::new()];
    for (id, earliest, latest) in uncertain(file) {
        let mut instants = vec![latest];
        let mut next = earliest;
        while next < latest {
            instants.push(next);
            next += step;
        }
        files = files
            .iter()
            .flat_map(|chosen| {
                instants.iter().map(|at| {
                    let mut chosen = chosen.clone();
                    chosen.insert(id.clone(), *at);
                    chosen
                })
            })
            .collect();
    }
    files.iter().map(|chosen| at(file, chosen)).collect()
}

/// What one finding says, one statement for each person and field: rule, reason, act or fact, deciding facts, who answers.
pub fn statements(file: &Value, finding: &Value) -> BTreeSet<String> {
    let same =
        ["rule", "reason", "event", "fact", "because", "processor"].map(|key| finding[key].to_string());
    let list = |key: &str| finding[key].as_array().cloned().unwrap_or_default();
    let cohorts = file["cohorts"].as_array().cloned().unwrap_or_default();
    let mut subjects: Vec<Value> = list("subjects")
        .into_iter()
        .flat_map(|subject| {
            let cohort = cohorts.iter().find(|cohort| cohort["id"] == subject);
            match cohort.map(|cohort| &cohort["members"]) {
                Some(Value::Array(members)) => members.clone(),
                Some(one) => vec![one.clone()],
                None => vec![subject],
            }
        })
        .collect();
    let mut fields = list("fields");
    for list in [&mut subjects, &mut fields] {
        if list.is_empty() {
            list.push(Value::Null);
        }
    }
    subjects
        .iter()
        .flat_map(|subject| fields.iter().map(move |field| format!("{subject} {field}")))
        .map(|pair| format!("{} {pair}", same.join(" ")))
        .collect()
}

/// What all of these sets hold, and what any of them holds.
pub fn all_and_any(sets: &[BTreeSet<String>]) -> (BTreeSet<String>, BTreeSet<String>) {
    let any: BTreeSet<String> = sets.iter().flatten().cloned().collect();
    let all = any
        .iter()
        .filter(|one| sets.iter().all(|set| set.contains(*one)))
        .cloned()
        .collect();
    (all, any)
}
