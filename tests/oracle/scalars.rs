//! Scalars and lists of a fact file (docs/fact-file.md 2): every scalar is text until a table says otherwise.

use super::facts::{HOUR, Instant};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

/// A scalar as text; null and an absent key are None.
pub fn text(value: &Value, key: &str) -> Option<String> {
    scalar(value.get(key)?)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub fn required(value: &Value, key: &str) -> String {
    text(value, key).unwrap_or_else(|| panic!("{key} is missing in {value}"))
}

/// docs/fact-file.md 2: list and one|list; absent, empty and null mean the same. A list is a set in order: doubles are dropped.
pub fn list(value: &Value, key: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    match value.get(key) {
        Some(Value::Array(items)) => {
            for item in items {
                let item = scalar(item).unwrap_or_else(|| panic!("{key} holds no text in {value}"));
                if !out.contains(&item) {
                    out.push(item);
                }
            }
        }
        Some(one) => {
            if let Some(one) = scalar(one).filter(|one| !is_null_text(one)) {
                out.push(one);
            }
        }
        None => {}
    }
    out
}

/// docs/fact-file.md 2: for instants and lists absent, empty and `null` mean the same.
fn is_null_text(text: &str) -> bool {
    text.is_empty() || text == "null" || text == "~"
}

/// docs/fact-file.md 2: a flag is set only by the text `true`.
pub fn flag(value: &Value, key: &str) -> bool {
    text(value, key).as_deref() == Some("true")
}

pub fn integer(value: &Value, key: &str) -> Option<i64> {
    let text = text(value, key)?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{key} is no integer: {text}")),
    )
}

/// A number of hours, decimals allowed, in microseconds.
pub fn hours(value: &Value, key: &str) -> Option<i64> {
    let text = text(value, key)?;
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| -> i64 {
        text.parse()
            .unwrap_or_else(|_| panic!("{key} is no number: {text}"))
    };
    let mut micros = digits(whole) * HOUR;
    let mut unit = HOUR;
    for decimal in decimals.chars() {
        unit /= 10;
        micros += digits(&decimal.to_string()) * unit;
    }
    Some(micros)
}

/// docs/fact-file.md 2: ISO 8601 with offset or `Z`.
pub fn instant(value: &Value, key: &str) -> Option<Instant> {
    let text = text(value, key)?;
    if is_null_text(&text) {
        return None;
    }
    Some(parse_instant(&text))
}

pub fn parse_instant(text: &str) -> Instant {
    let stamp: Timestamp = text.parse().unwrap_or_else(|e| panic!("no instant: {text}: {e}"));
    stamp.as_microsecond()
}

pub fn required_instant(value: &Value, key: &str) -> Instant {
    instant(value, key).unwrap_or_else(|| panic!("{key} is missing in {value}"))
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap_or_else(|e| panic!("no date: {text}: {e}"))
}
