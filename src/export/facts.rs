//! The fact file. Reading what is written here gives the same facts in the same order.

use jiff::civil::Weekday;
use serde_json::{Map, Value, json};

use super::Record;
use crate::facts::written::when;
use crate::model::fact::{Act, Fact, Header, Stated};
use crate::model::time::WEEK;
use crate::model::word::{ActKind, Carries, Section};

/// One JSON document.
pub fn json(record: Record<'_>) -> String {
    let mut document = header(record.header);
    for section in Section::ALL {
        let items: Vec<Value> = record
            .facts
            .iter()
            .filter(|stated| stated.fact.section() == *section)
            .map(item)
            .collect();
        if !items.is_empty() {
            document.insert(section.as_str().to_owned(), items.into());
        }
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(document)).unwrap_or_default();
    text.push('\n');
    text
}

/// A header line, then one line for each fact, in the order of the record.
pub fn ndjson(record: Record<'_>) -> String {
    let mut text = Value::Object(header(record.header)).to_string();
    text.push('\n');
    for stated in record.facts {
        let mut line = Map::new();
        line.insert(stated.fact.section().as_str().to_owned(), item(stated));
        text.push_str(&Value::Object(line).to_string());
        text.push('\n');
    }
    text
}

fn header(header: &Header) -> Map<String, Value> {
    let word = |day: &Weekday| WEEK.iter().find(|(other, _)| other == day);
    let weekend: Vec<&str> = (header.calendar.weekend.iter())
        .filter_map(|day| word(day).map(|(_, word)| *word))
        .collect();
    let dates = |days: &[jiff::civil::Date]| days.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut map = Map::new();
    map.insert("scenario".to_owned(), header.scenario.as_str().into());
    map.insert("as_of".to_owned(), header.zone.print(header.as_of).into());
    map.insert("timezone".to_owned(), header.zone.name().into());
    map.insert("home".to_owned(), header.home.as_str().into());
    map.insert("minor_age".to_owned(), header.minor_age.to_string().into());
    let calendar = json!({
        "weekend": weekend,
        "holidays": dates(&header.calendar.holidays),
        "extra_workdays": dates(&header.calendar.extra_workdays),
    });
    map.insert("calendar".to_owned(), calendar);
    map
}

/// A fact as an item of its section. An act is written from what was understood, which includes the defaults of the
/// file it came from, with the further keys that its item had.
pub fn item(stated: &Stated) -> Value {
    let own: Option<Map<String, Value>> = serde_json::from_str(&stated.item).ok();
    let Fact::Act(act) = &stated.fact else {
        return own.map_or(Value::Null, |mut own| {
            own.shift_remove("corrects");
            Value::Object(own)
        });
    };
    let mut item = act_item(act);
    for (key, value) in own.unwrap_or_default() {
        // What was corrected is not written, so nothing may claim to correct it. An empty list of an act says that it has none
        // of the file's defaults, and these are not written either.
        let says_nothing = value.as_array().is_some_and(Vec::is_empty);
        if !item.contains_key(&key) && key != "corrects" && !says_nothing {
            item.insert(key, value);
        }
    }
    Value::Object(item)
}

fn act_item(act: &Act) -> Map<String, Value> {
    fn texts<T: ToString>(ids: &[T]) -> Value {
        ids.iter().map(ToString::to_string).collect()
    }
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    put("id", act.id.as_str().into());
    put("at", when(act.at));
    put("act", act.kind.as_str().into());
    let (actor, recipient) = match act.kind {
        ActKind::Collect => ("to", ""),
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => ("by", ""),
        ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Assign => {
            ("from", "to")
        }
    };
    put(actor, act.actor.as_str().into());
    if let Some(to) = &act.recipient {
        put(recipient, to.as_str().into());
    }
    if let Some(source) = &act.source {
        put("source", source.as_str().into());
    }
    put("subjects", texts(&act.subjects));
    put("fields", texts(&act.fields));
    if !act.makes.is_empty() {
        put("makes", texts(&act.makes));
    }
    if let Some(method) = act.method {
        put("method", method.as_str().into());
    }
    if let Some(purpose) = &act.purpose {
        put("purpose", purpose.as_str().into());
    }
    if let Some(location) = &act.location {
        put("location", location.as_str().into());
    }
    if let Some(value) = &act.value {
        put("value", value.as_str().into());
    }
    if act.lifts {
        put("lift", "true".into());
    }
    if !act.safeguards.is_empty() {
        put("safeguards", texts(&act.safeguards));
    }
    if act.carries != Carries::Surely {
        put("carries", act.carries.as_str().into());
    }
    map
}
