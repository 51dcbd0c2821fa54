//! Facts as a document has them: the way back.

use serde_json::{Value, json};

use crate::model::time::{Edge, Instant, When, print_utc};

/// The time of an act as a fact file has it.
pub fn when(at: When) -> Value {
    match at {
        When::Instant(at) => print_utc(at).into(),
        When::Standing { from, until } => {
            let plain = |at: Instant| Value::from(print_utc(at));
            standing(&plain(from), until.map(plain).as_ref())
        }
        When::Between { earliest, latest, .. } => bounds(earliest, latest),
        When::Stretching { from, until } => standing(&edge(from), until.map(edge).as_ref()),
    }
}

fn standing(from: &Value, until: Option<&Value>) -> Value {
    match until {
        Some(until) => json!({"from": from, "until": until}),
        None => json!({"from": from}),
    }
}

fn edge(edge: Edge) -> Value {
    if edge.earliest < edge.latest {
        bounds(edge.earliest, edge.latest)
    } else {
        print_utc(edge.earliest).into()
    }
}

fn bounds(earliest: Instant, latest: Instant) -> Value {
    json!({"earliest": print_utc(earliest), "latest": print_utc(latest)})
}
