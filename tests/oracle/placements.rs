//! Uncertain times (docs/semantics.md 2): the plain files that a file stands for when every uncertain act is put at the
//! instants of a grid inside its bounds, one combination after the other; and what is so in all of them, or in some.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn instant(value: &Value) -> Timestamp {
    let text = value.as_str().expect("an instant is text");
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Sections of facts whose instants may be known by their bounds only, beside acts, and their keys.
pub const OTHERS: &[(&str, &[&str])] = &[
    ("authorizations", &["from", "until", "withdrawn"]),
    ("agreements", &["from", "until"]),
    ("mechanisms", &["from", "until"]),
    ("evidence", &["from", "until"]),
    ("choices", &["at"]),
    ("assessments", &["at"]),
    ("notices", &["at"]),
    ("requests", &["at", "answered", "verified"]),
    ("closures", &["at"]),
    ("terminations", &["at"]),
    ("audits", &["at", "notified"]),
    ("policies", &["effective", "published", "announced"]),
    (
        "incidents",
        &["known", "suspected", "regulator_told", "platform_told"],
    ),
    ("subjects", &["died"]),
    ("processors", &["ceased"]),
    ("purposes", &["ended"]),
];

/// Lists of facts, in whose entries there are such instants too.
pub const LISTS: &[(&str, &str, &[&str])] = &[
    ("processors", "moves", &["at"]),
    ("processors", "safeguard_periods", &["from", "until"]),
    ("incidents", "subjects_told", &["at"]),
    ("audits", "remedies", &["due", "done"]),
];

/// Calls back for each instant of which only the bounds are known, with its name in a placement.
fn each(file: &mut Value, see: &mut dyn FnMut(String, &mut Value)) {
    let items = |file: &mut Value, section: &str| -> Vec<usize> {
        let items = file[section].as_array().map_or(0, Vec::len);
        (0..items).collect()
    };
    for number in items(file, "events") {
        let event = &mut file["events"][number];
        let Some(id) = event["id"].as_str().map(str::to_owned) else {
            continue;
        };
        if event["at"].get("earliest").is_some() {
            see(id.clone(), &mut event["at"]);
        }
        for key in ["from", "until"] {
            if event["at"][key].get("earliest").is_some() {
                see(format!("events/{id}.{key}"), &mut event["at"][key]);
            }
        }
    }
    for (section, keys) in OTHERS {
        for number in items(file, section) {
            let item = &mut file[section][number];
            let id = item["id"].as_str().map(str::to_owned).expect("an id");
            for key in *keys {
                if item[key].get("earliest").is_some() {
                    see(format!("{section}/{id}.{key}"), &mut item[key]);
                }
            }
        }
    }
    for (section, list, keys) in LISTS {
        for number in items(file, section) {
            let item = &mut file[section][number];
            let id = item["id"].as_str().map(str::to_owned).expect("an id");
            let entries = item[list].as_array_mut().into_iter().flatten();
            for (place, entry) in entries.enumerate() {
                for key in keys
                    .iter()
                    .filter(|key| entry[**key].get("earliest").is_some())
                    .collect::<Vec<_>>()
                {
                    see(format!("{section}/{id}.{list}[{place}].{key}"), &mut entry[*key]);
                }
            }
        }
    }
}

/// The names of the uncertain instants, each with its bounds.
pub fn uncertain(file: &Value) -> Vec<(String, Timestamp, Timestamp)> {
    let mut found = Vec::new();
    each(&mut file.clone(), &mut |name, at| {
        found.push((name, instant(&at["earliest"]), instant(&at["latest"])));
    });
    found
}

/// The file with these instants where they are chosen, and all others at their earliest.
pub fn at(file: &Value, chosen: &BTreeMap<String, Timestamp>) -> Value {
    let mut file = file.clone();
    each(&mut file, &mut |name, at| {
        *at = match chosen.get(&name) {
            Some(chosen) => chosen.to_string().into(),
            None => at["earliest"].clone(),
        };
    });
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
