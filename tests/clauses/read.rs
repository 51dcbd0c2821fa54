//! The rows of the data files, written out.
//!
//! Instants: `@03-01` is nine o'clock of the first of March 2024, `@2023-03-01` that of another year, in the zone of the
//! shared facts. Events: `e1 @03-01 share zhima > bank: name,phone of ana for lending`; a derive writes
//! `name -> score of ana`. A map under the id of a shared fact lays further keys over it. A map with the key `do` holds such a line and further keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use wherefore::{import, packs};

/// One row.
pub struct Row {
    pub clause: String,
    pub shows: String,
    /// `PACK/RULE`; of a row that is judged or recorded.
    pub rule: String,
    pub value: Value,
    shared: Value,
}

/// All rows of all files.
pub fn all() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clauses/data");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of rows")
        .map(|entry| entry.expect("an entry of the folder").path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).expect("a file of rows");
    let whole =
        import::yaml_json(&text).unwrap_or_else(|problems| panic!("{}: {problems:?}", file.display()));
    let rows = whole["rows"].as_array().expect("a list of rows");
    rows.iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            Row {
                clause: text("clause"),
                shows: row["shows"].as_str().unwrap_or("judged").to_owned(),
                rule: text("rule"),
                value: row.clone(),
                shared: whole["shared"].clone(),
            }
        })
        .collect()
}

impl Row {
    /// The fact file of a part of the row: the shared facts and those of the part; lists are joined.
    pub fn facts(&self, part: &str) -> Value {
        let mut all: Map<String, Value> = self.shared.as_object().expect("`shared` is a map").clone();
        for own in ["with", part] {
            let Some(own) = self.value[own].as_object() else {
                continue;
            };
            for (key, value) in own {
                if let Value::Object(keys) = value {
                    amend(&mut all, key, keys);
                    continue;
                }
                match (all.get_mut(key).and_then(Value::as_array_mut), value) {
                    (Some(list), Value::Array(more)) => list.extend(more.iter().cloned()),
                    (_, value) => {
                        all.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        if let Some(events) = all.get_mut("events").and_then(Value::as_array_mut) {
            for event in events {
                *event = written_out(event);
            }
        }
        let mut all = Value::Object(all);
        instants(&mut all);
        all
    }

    /// The pack of the rule, with its parameters.
    pub fn pack(&self) -> String {
        let pack = self.rule.split('/').next().unwrap_or_default();
        match pack {
            "partner-rules" => "partner-rules:platform=platform".to_owned(),
            "zhima-credit" => "zhima-credit:self=zhima".to_owned(),
            "biometric-guidelines" => "biometric-guidelines:self=gate,decisions=entry".to_owned(),
            "pipl" => "pipl:self=shop,decisions=score,critical=shop".to_owned(),
            "gdpr" => "gdpr:self=shop,decisions=score".to_owned(),
            other => other.to_owned(),
        }
    }
}

/// The check of each rule of the packs inside the program, by `PACK/RULE`.
pub fn checks() -> BTreeMap<String, String> {
    packs::BUILT_IN
        .iter()
        .flat_map(|(name, text)| {
            let (_, rules) = packs::sketch(text, name).expect("a pack inside the program can be read");
            rules
                .into_iter()
                .map(move |rule| (format!("{name}/{}", rule.id), rule.check))
        })
        .collect()
}

/// The instant that `@…` stands for.
pub fn instant(text: &str) -> String {
    let day = text.strip_prefix('@').expect("an abbreviated instant");
    let day = if day.len() == 5 {
        format!("2024-{day}")
    } else {
        day.to_owned()
    };
    format!("{day}T09:00:00+08:00")
}

/// Lays further keys over the shared fact of this id.
fn amend(all: &mut Map<String, Value>, id: &str, keys: &Map<String, Value>) {
    let fact = all
        .values_mut()
        .filter_map(Value::as_array_mut)
        .flatten()
        .find(|fact| fact["id"] == id)
        .and_then(Value::as_object_mut)
        .unwrap_or_else(|| panic!("no shared fact is called {id}"));
    for (key, value) in keys {
        fact.insert(key.clone(), value.clone());
    }
}

fn instants(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.starts_with('@') {
                *text = instant(text);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(instants),
        Value::Object(map) => map.values_mut().for_each(instants),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn written_out(event: &Value) -> Value {
    match event {
        Value::String(line) => of_line(line).into(),
        Value::Object(map) => match map.get("do").and_then(Value::as_str) {
            Some(line) => {
                let mut event = of_line(line);
                for (key, value) in map.iter().filter(|(key, _)| *key != "do") {
                    event.insert(key.clone(), value.clone());
                }
                event.into()
            }
            None => event.clone(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => panic!("no event: {event}"),
    }
}

fn of_line(line: &str) -> Map<String, Value> {
    let (head, data) = line
        .split_once(": ")
        .unwrap_or_else(|| panic!("no colon in `{line}`"));
    let words: Vec<&str> = head.split(' ').collect();
    let (data, purpose) = match data.split_once(" for ") {
        Some((data, purpose)) => (data, Some(purpose)),
        None => (data, None),
    };
    let (fields, subjects) = data
        .split_once(" of ")
        .unwrap_or_else(|| panic!("no `of` in `{line}`"));
    let mut event = Map::new();
    let mut put = |key: &str, value: Value| {
        event.insert(key.to_owned(), value);
    };
    let [id, at, act, actor, rest @ ..] = words.as_slice() else {
        panic!("`{line}` wants an id, an instant, an act and who acts");
    };
    put("id", json!(id));
    put("at", json!(at));
    put("act", json!(act));
    let actor_key = match *act {
        "collect" => "to",
        "share" | "verify" | "disclose" | "delegate" | "assign" => "from",
        _ => "by",
    };
    put(actor_key, json!(actor));
    if let [">", to] = rest {
        put("to", json!(to));
    }
    let (inputs, makes) = match fields.split_once(" -> ") {
        Some((inputs, makes)) => (inputs, Some(makes)),
        None => (fields, None),
    };
    put("fields", json!(list(inputs)));
    if let Some(makes) = makes {
        put("makes", json!(list(makes)));
    }
    put("subjects", json!(list(subjects)));
    if let Some(purpose) = purpose {
        put("purpose", json!(purpose));
    }
    event
}

fn list(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).collect()
}
