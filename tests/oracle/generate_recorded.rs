//! Recorded times, corrections and retractions (docs/fact-file.md 8) put into a plain file.

use super::draw::{Clock, Draw};
use super::facts::{Instant, instant};
use super::recorded::Moment;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// How the times of the record are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Instants, on some items.
    Instants,
    /// Numbers, on some items.
    Numbers,
    /// Instants on every item that is no declaration.
    Everywhere,
}

const DECLARATIONS: [&str; 6] = [
    "subjects",
    "cohorts",
    "categories",
    "fields",
    "processors",
    "purposes",
];

/// Every instant of the events, and those of the header: what recorded times are drawn from.
fn clock(file: &Value) -> Clock {
    let mut pool: Vec<Instant> = instant(file, "as_of").into_iter().collect();
    for event in file["events"].as_array().into_iter().flatten() {
        let at = event["at"].get("from").map_or(event, |_| &event["at"]);
        pool.extend(
            ["at", "from"]
                .iter()
                .filter(|key| at[**key].is_string())
                .filter_map(|key| instant(at, key))
                .take(1),
        );
    }
    Clock {
        timezone: TimeZone::UTC,
        pool,
    }
}

/// A moment to ask at.
pub fn moment(draw: &mut Draw, file: &Value, written: Written) -> Moment {
    match written {
        Written::Numbers => Moment::Number(draw.below(7) as u64),
        Written::Instants | Written::Everywhere => Moment::At(clock(file).instant(draw)),
    }
}

fn stamp(
    draw: &mut Draw,
    clock: &Clock,
    written: Written,
    item: &mut Map<String, Value>,
    is_declaration: bool,
) {
    let value = match written {
        Written::Everywhere if is_declaration => return,
        Written::Instants | Written::Numbers if !draw.chance(50) => return,
        Written::Numbers => match draw.below(2) {
            0 => json!(draw.below(7).to_string()),
            _ => json!(draw.below(7)),
        },
        Written::Instants | Written::Everywhere => {
            let t = clock.instant(draw);
            clock.write(draw, t)
        }
    };
    item.insert("recorded".into(), value);
}

/// The file with times of the record, new versions, corrections under new names and retractions.
pub fn with_records(draw: &mut Draw, plain: &Value, written: Written) -> Value {
    let clock = clock(plain);
    let mut file = plain.clone();
    for (name, value) in file.as_object_mut().expect("a file is a mapping") {
        let Value::Array(items) = value else { continue };
        let is_declaration = DECLARATIONS.contains(&name.as_str());
        let had = items.clone();
        for item in items.iter_mut() {
            stamp(
                draw,
                &clock,
                written,
                item.as_object_mut().expect("a mapping"),
                is_declaration,
            );
        }
        if name == "retention_periods" || had.is_empty() {
            continue;
        }
        let mut names: Vec<Value> = had.iter().map(|item| item["id"].clone()).collect();
        for made in 0..draw.below(4) {
            let target = draw.pick(&names);
            let kind = if is_declaration { 0 } else { draw.below(4) };
            let mut item = match kind {
                0 | 1 => {
                    let mut item = changed(draw, name, &had, &target);
                    item.insert("id".into(), target.clone());
                    item.insert("corrects".into(), target);
                    item
                }
                2 => {
                    let id = json!(format!("{name}-new-{made}"));
                    let mut item = draw.pick(&had).as_object().expect("a mapping").clone();
                    item.insert("id".into(), id.clone());
                    item.insert("corrects".into(), target);
                    names.push(id);
                    item
                }
                _ => Map::from_iter([("retracts".to_string(), target)]),
            };
            stamp(draw, &clock, written, &mut item, false);
            let place = if draw.chance(30) {
                draw.below(items.len() + 1)
            } else {
                items.len()
            };
            items.insert(place, item.into());
        }
    }
    file
}

/// A new version: another item's content, of declarations only what nobody else relies on.
fn changed(draw: &mut Draw, section: &str, had: &[Value], id: &Value) -> Map<String, Value> {
    let other = draw.pick(had).as_object().expect("a mapping").clone();
    let Some(own) = had.iter().find(|item| item["id"] == *id) else {
        return other;
    };
    let mut item = own.as_object().expect("a mapping").clone();
    let keys: &[&str] = match section {
        "subjects" => &["born"],
        "cohorts" => &["members"],
        "fields" => &["category"],
        // What a processor lies inside stays, moves too: two together could go round in a circle.
        "processors" => &["country", "group", "safeguards"],
        "categories" => &["sensitive"],
        "purposes" => &["needs"],
        _ => return other,
    };
    for key in keys {
        match other.get(*key) {
            Some(value) => item.insert((*key).to_string(), value.clone()),
            None => item.shift_remove(*key),
        };
    }
    item
}
