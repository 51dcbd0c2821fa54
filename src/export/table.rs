//! Acts as CSV (RFC 4180), one row an act, for spreadsheets and data frames. Lists are joined with `;`, and a `;` or
//! `\` inside a name has a `\` before it. Facts that are no acts are left out.

use super::Record;
use crate::model::time::{When, print_utc};

/// The columns.
const HEAD: [&str; 15] = [
    "id",
    "at",
    "until",
    "act",
    "actor",
    "recipient",
    "source",
    "subjects",
    "fields",
    "makes",
    "method",
    "purpose",
    "location",
    "safeguards",
    "carries",
];

/// The table.
pub fn csv(record: Record<'_>) -> String {
    let mut text = HEAD.join(",");
    text.push_str("\r\n");
    for act in record.acts() {
        let (at, until) = match act.at {
            When::Instant(at) => (at, None),
            When::Standing { from, until } => (from, until),
            When::Between { earliest, latest } => (earliest, Some(latest)),
        };
        let text_of =
            |value: Option<&dyn std::fmt::Display>| value.map(ToString::to_string).unwrap_or_default();
        let row = [
            act.id.to_string(),
            print_utc(at),
            until.map(print_utc).unwrap_or_default(),
            act.kind.to_string(),
            act.actor.to_string(),
            text_of(act.recipient.as_ref().map(|id| id as _)),
            text_of(act.source.as_ref().map(|id| id as _)),
            list(&act.subjects),
            list(&act.fields),
            list(&act.makes),
            text_of(act.method.as_ref().map(|id| id as _)),
            text_of(act.purpose.as_ref().map(|id| id as _)),
            text_of(act.location.as_ref().map(|id| id as _)),
            list(&act.safeguards),
            act.carries.to_string(),
        ];
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn list<T: ToString>(all: &[T]) -> String {
    let escaped = all
        .iter()
        .map(|one| one.to_string().replace('\\', "\\\\").replace(';', "\\;"));
    escaped.collect::<Vec<_>>().join(";")
}

/// A cell. What a spreadsheet would take for a formula is left as it is: the table is data, and an altered name would
/// be another name.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
