//! Facts as a document has them: the way back.

use serde_json::{Value, json};

use crate::model::time::{When, print_utc};

/// The time of an act as a fact file has it.
pub fn when(at: When) -> Value {
    match at {
        When::Instant(at) => print_utc(at).into(),
        When::Standing { from, until: None } => json!({"from": print_utc(from)}),
        When::Standing {
            from,
            until: Some(until),
        } => json!({"from": print_utc(from), "until": print_utc(until)}),
        When::Between { earliest, latest, .. } => {
            json!({"earliest": print_utc(earliest), "latest": print_utc(latest)})
        }
        When::Ending {
            from,
            earliest,
            latest,
            ..
        } => {
            let until = json!({"earliest": print_utc(earliest), "latest": print_utc(latest)});
            json!({"from": print_utc(from), "until": until})
        }
    }
}
