//! Rows of judged answers, as JSON and for people.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{json, plain, text};
use crate::model::row::Row;
use crate::model::time::Zone;

/// One row; keys that would be empty are left out.
pub fn json(row: &Row, zone: &Zone) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        let value = value.filter(|value| !value.as_array().is_some_and(Vec::is_empty));
        if let Some(value) = value {
            map.insert(key.to_owned(), value);
        }
    };
    put("code", Some(row.code.as_str().into()));
    put("text", Some(row.text.as_str().into()));
    put("at", row.at.map(|at| json::when(at, row.between, zone)));
    put(
        "certainty",
        row.certainty.map(|certainty| certainty.as_str().into()),
    );
    put(
        "placement",
        Some(&row.placement)
            .filter(|acts| !acts.is_empty())
            .map(|acts| json::placement(acts, zone)),
    );
    put("last", row.last.map(|at| zone.print(at).into()));
    put("count", row.count.map(Value::from));
    put("event", row.act.as_ref().map(|id| id.as_str().into()));
    put("processor", row.processor.as_ref().map(|id| id.as_str().into()));
    put("to", row.recipient.as_ref().map(|id| id.as_str().into()));
    put("purpose", row.purpose.as_ref().map(|id| id.as_str().into()));
    put("subjects", Some(json::texts(&row.subjects)));
    put("fields", Some(json::texts(&row.fields)));
    put("because", Some(json::texts(&row.because)));
    put("due", row.due.map(|due| json::when(due, row.due_between, zone)));
    put("parties", Some(json::texts(&row.parties)));
    put("witness", Some(json::acts(&row.witness)));
    put("also", Some(json::acts(&row.also)));
    map.into()
}

/// One row with its chain of acts, each line indented.
pub fn text(row: &Row, zone: &Zone) -> String {
    let certainty = row
        .certainty
        .map_or_else(String::new, |certainty| format!("{} ", certainty.as_str()));
    let mut out = format!(
        "  {certainty}[{}] {}",
        plain::visible(&row.code),
        plain::visible(&row.text)
    );
    if !row.because.is_empty() {
        let _ = write!(out, " (because: {})", plain::visible(&row.because.join(", ")));
    }
    if let Some(due) = row.due {
        match row.due_between {
            Some(bounds) => {
                let _ = write!(out, "; by an instant {}", zone.tell_between(bounds));
            }
            None => {
                let _ = write!(out, "; by {}", zone.print(due));
            }
        }
    }
    out.push('\n');
    for (position, step) in (1..).zip(&row.witness) {
        let _ = writeln!(
            out,
            "      {position}. {}",
            plain::visible(&text::act(step, zone))
        );
    }
    if !row.also.is_empty() {
        out.push_str("      and\n");
    }
    for (position, step) in (1..).zip(&row.also) {
        let _ = writeln!(
            out,
            "      {position}. {}",
            plain::visible(&text::act(step, zone))
        );
    }
    out
}
