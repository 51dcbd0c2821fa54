//! Files of events: one JSON object, a list of them, one a line, or one after another; packed or not.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds of a JSON value are what they are"
)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use serde_json::Value;

use super::event::{self, AssumedOffset, Event};
use super::{Refusal, datahub, dbt, doubled, prov};
use crate::import::draft;
use crate::model::place::{Place, Problem, ProblemCode};

/// A file unpacks to this many bytes at most.
const UNPACKED_MAX: u64 = 4 << 30;

/// The text of a file, unpacked if it begins like gzip.
pub fn text(bytes: Vec<u8>) -> std::io::Result<String> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(&bytes[..]).take(UNPACKED_MAX + 1);
        reader.read_to_end(&mut unpacked)?;
        if u64::try_from(unpacked.len()).is_ok_and(|length| length > UNPACKED_MAX) {
            return Err(std::io::Error::other("unpacks to more than 4 GiB"));
        }
        unpacked
    } else {
        bytes
    };
    String::from_utf8(bytes).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
}

/// Whether something begins like OpenLineage events rather than facts: an object or a list with the keys of an event
/// near its beginning, and without those of a header.
pub fn looks_like_events(mut bytes: impl std::io::Read) -> std::io::Result<bool> {
    let mut head = Vec::new();
    bytes.read_to_end(&mut head)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        // The head of a packed file ends in the middle; what came out before counts.
        let _ = flate2::read::MultiGzDecoder::new(&head[..]).read_to_end(&mut unpacked);
        head = unpacked;
    }
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| text.contains(key);
    // A column may be called so too.
    let has_key = |key: &str| {
        let mut places = text.match_indices(key);
        places.any(|(at, _)| text[at + key.len()..].trim_start().starts_with(':'))
    };
    let is_of_facts = has_key("\"as_of\"");
    let is_foreign = has("dbt_schema_version")
        || (has("\"entityUrn\"") && has("\"aspectName\""))
        || (has("\"entity\"") && has("\"prov:") && !is_of_facts);
    if text.starts_with(['{', '[']) && is_foreign {
        return Ok(true);
    }
    // An event that lacks its time is to be refused as an event.
    let is_event = ["\"eventTime\"", "\"eventType\"", "openlineage.io/spec"]
        .iter()
        .any(|key| has(key));
    Ok(text.starts_with(['{', '['])
        && is_event
        && !is_of_facts
        && (has("\"run\"") || has("\"job\"") || has("\"dataset\"")))
}

/// What became of the events of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Events refused, each with its place.
    pub refused: Vec<(Place, Refusal)>,
}

/// Events made of what another tool wrote, and how much of it says nothing about where data went, by kind.
pub type Translated = (Vec<Value>, BTreeMap<String, u64>);

/// Turns what other tools wrote into events, when the text is such: a dbt manifest (with the catalog, if it is among
/// `beside`), `DataHub` proposals, also one a line, PROV-JSON. `None` when it is none of these. `at` stands for what has
/// no time.
pub fn translated(text: &str, beside: &[Value], at: &str) -> Option<Result<Translated, Refusal>> {
    let text = text.trim_start_matches('\u{feff}');
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let first: Value = serde_json::from_str(lines.next()?).ok()?;
        if !datahub::is_proposals(&first) {
            return None;
        }
        let rest: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
        return match rest {
            Ok(rest) => Some(datahub::events(&[vec![first], rest].concat(), at)),
            Err(error) => Some(Err(syntax(&error))),
        };
    };
    let whole = |events: Result<Vec<Value>, Refusal>| Some(events.map(|events| (events, BTreeMap::new())));
    if dbt::is_manifest(&document) {
        let catalog = beside.iter().find(|other| dbt::is_catalog(other));
        return whole(dbt::events(&document, catalog));
    }
    if datahub::is_proposals(&document) {
        let proposals = match document {
            Value::Array(all) => all,
            one => vec![one],
        };
        return Some(datahub::events(&proposals, at));
    }
    prov::is_prov(&document)
        .then(|| prov::events(&document, at))
        .and_then(whole)
}

/// One event on its way: what it says and where it stands.
#[derive(Debug)]
pub struct Raw {
    /// The event, or why it is no JSON.
    pub value: Result<Value, Refusal>,
    /// Where it begins or, of what is no JSON, where that is seen.
    pub place: Place,
    /// Keys of it that stand twice with different values, as JSON pointers.
    doubled: Vec<String>,
}

impl Raw {
    /// An event that was made from a whole document.
    pub fn of(event: Value, name: &str) -> Self {
        Self {
            value: Ok(event),
            place: draft::place(&name.into(), 1),
            doubled: Vec::new(),
        }
    }

    /// A document that could not be made into events.
    pub fn refused(refusal: Refusal, name: &str) -> Self {
        Self {
            value: Err(refusal),
            place: draft::place(&name.into(), 1),
            doubled: Vec::new(),
        }
    }

    /// What the event says, or why it is refused.
    pub fn event(&self, offset: AssumedOffset<'_>) -> Result<Event, Refusal> {
        let value = self.value.as_ref().map_err(Clone::clone)?;
        let event = event::event(value, offset)?;
        doubled::check(&self.doubled, &event)?;
        Ok(event)
    }
}

/// The events of a text.
pub fn split(text: &str, name: &Arc<str>) -> Vec<Raw> {
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(entries) = serde_json::from_str::<Vec<&serde_json::value::RawValue>>(text) {
        let lines = lines_of(text, &entries);
        let each = entries.iter().zip(lines);
        return each.map(|(entry, line)| raw(entry.get(), name, line)).collect();
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return vec![raw(text, name, 1)];
    }
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let is_by_line = serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
    match text.trim_start().bytes().next() {
        Some(b'{') if !is_by_line => one_after_another(text, name),
        // A list that breaks off or is damaged: the one place where that is seen says more than every line of it.
        Some(b'[') if !is_by_line => vec![raw(text, name, first_line(text))],
        _ => by_line(text, name),
    }
}

/// The line in which a text begins, empty ones aside.
fn first_line(text: &str) -> u32 {
    let blank = &text[..text.len() - text.trim_start().len()];
    u32::try_from(blank.matches('\n').count() + 1).unwrap_or(u32::MAX)
}

fn by_line(text: &str, name: &Arc<str>) -> Vec<Raw> {
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| raw(line, name, number))
        .collect()
}

/// Objects of many lines each. After one that cannot be read the rest is lost, and the refusal says so.
fn one_after_another(text: &str, name: &Arc<str>) -> Vec<Raw> {
    let mut all = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&serde_json::value::RawValue>();
    loop {
        let rest = &text[values.byte_offset()..];
        let begins = values.byte_offset() + (rest.len() - rest.trim_start().len());
        let line = u32::try_from(text[..begins].matches('\n').count() + 1).unwrap_or(u32::MAX);
        match values.next() {
            Some(Ok(value)) => all.push(raw(value.get(), name, line)),
            Some(Err(_)) => {
                all.push(raw(rest, name, line));
                return all;
            }
            None => return all,
        }
    }
}

/// In which line each entry of a list begins.
fn lines_of(text: &str, entries: &[&serde_json::value::RawValue]) -> Vec<u32> {
    let (mut line, mut at) = (1_u32, 0);
    entries
        .iter()
        .map(|entry| {
            let begins = entry.get().as_ptr().addr() - text.as_ptr().addr();
            let newlines = text[at..begins].matches('\n').count();
            line = line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
            at = begins;
            line
        })
        .collect()
}

/// The event of this text, which begins in this line of its file.
fn raw(text: &str, name: &Arc<str>, line: u32) -> Raw {
    let mut place = draft::place(name, line);
    match doubled::read(text) {
        Ok(read) => Raw {
            value: Ok(read.value),
            place,
            doubled: read.doubled,
        },
        Err(error) => {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            // Leading line breaks were skipped before the line was counted.
            let skipped = text.len() - text.trim_start().len();
            let before = text[..skipped].matches('\n').count() + 1;
            place.line = line.saturating_add(number(error.line().saturating_sub(before)));
            place.column = number(error.column()).max(1);
            let told = error.to_string();
            let at = format!(" at line {} column {}", error.line(), error.column());
            Raw {
                value: Err(no_json(told.strip_suffix(&at).unwrap_or(&told))),
                place,
                doubled: Vec::new(),
            }
        }
    }
}

/// The refusal of what is no JSON, with the line and the column in it.
pub fn syntax(error: &serde_json::Error) -> Refusal {
    no_json(&error.to_string())
}

fn no_json(why: &str) -> Refusal {
    Refusal {
        code: ProblemCode::EventSyntax,
        path: String::new(),
        message: format!("this is not JSON: {why}"),
        help: "send one OpenLineage event, or a list of them, as JSON",
    }
}

/// Reads the text of one event that came by itself: its JSON, and what it says.
pub fn one(text: &str, offset: AssumedOffset<'_>) -> Result<(Value, Event), Refusal> {
    let read = doubled::read(text).map_err(|error| syntax(&error))?;
    let event = event::event(&read.value, offset)?;
    doubled::check(&read.doubled, &event)?;
    Ok((read.value, event))
}

/// The texts of the events in a body: of one object, or of each entry of a list.
pub fn texts(body: &[u8]) -> Result<Vec<&str>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| Refusal {
        code: ProblemCode::EventSyntax,
        path: String::new(),
        message: format!("this is not JSON: no UTF-8 after byte {}", error.valid_up_to()),
        help: "send one OpenLineage event, or a list of them, as JSON",
    })?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('[') {
        return Ok(vec![text]);
    }
    let entries: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(text).map_err(|error| syntax(&error))?;
    Ok(entries
        .into_iter()
        .map(serde_json::value::RawValue::get)
        .collect())
}

/// The text of an event without line breaks: inside of strings JSON has none, and elsewhere they mean nothing.
pub fn one_line(text: &str) -> String {
    if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_none() {
        return text.to_owned();
    }
    text.replace(['\n', '\r'], " ")
}

/// The digest by which an event is known again: of its JSON with sorted keys, so that spaces and the order of keys
/// mean nothing.
pub fn digest(value: &Value) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(2048);
    write(value, &mut bytes);
    hash(&bytes)
}

/// The first half of the BLAKE3 hash.
pub fn hash(bytes: &[u8]) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    digest
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (key, inner) in entries {
                out.extend(key.len().to_le_bytes());
                out.extend(key.as_bytes());
                write(inner, out);
            }
            out.push(b'}');
        }
        Value::Array(values) => {
            out.push(b'[');
            for inner in values {
                write(inner, out);
            }
            out.push(b']');
        }
        Value::String(text) => {
            out.push(b'"');
            out.extend(text.len().to_le_bytes());
            out.extend(text.as_bytes());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            // Writing to a list of bytes cannot fail.
            let _ = write!(out, "{value},");
        }
    }
}

impl Outcome {
    /// The refusals as problems of the document.
    pub fn problems(&self) -> Vec<Problem> {
        self.refused
            .iter()
            .map(|(place, refusal)| problem(place, refusal))
            .collect()
    }
}

/// A refusal as a problem of the document.
fn problem(place: &Place, refusal: &Refusal) -> Problem {
    let path = if refusal.path.is_empty() {
        String::new()
    } else {
        format!("at `{}`: ", refusal.path)
    };
    Problem {
        code: refusal.code,
        place: place.clone(),
        message: format!("{path}{}", refusal.message),
        help: refusal.help.to_owned(),
    }
}
