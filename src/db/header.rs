//! The part of a header that every document of a store must agree on, as JSON text.

use serde_json::json;

use super::DbError;
use crate::facts::node::{Key, Mark, Node, Value};
use crate::facts::{self, Reading};
use crate::model::fact::Header;
use crate::model::time::{self, Instant};

/// Time zone, home, minor age and calendar, the same text for the same meaning.
pub fn compared(header: &Header) -> String {
    let dates = |days: &[jiff::civil::Date]| {
        let mut days = days.to_vec();
        days.sort_unstable();
        days.dedup();
        days.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let weekend: Vec<&str> = (time::WEEK.iter())
        .filter(|(day, _)| header.calendar.weekend.contains(day))
        .map(|(_, word)| *word)
        .collect();
    json!({
        "timezone": header.zone.name(),
        "home": header.home.as_str(),
        "minor_age": header.minor_age.to_string(),
        "calendar": {
            "weekend": weekend,
            "holidays": dates(&header.calendar.holidays),
            "extra_workdays": dates(&header.calendar.extra_workdays),
        },
    })
    .to_string()
}

/// Reads it back; what a store does not keep is filled in.
pub fn read(text: &str, as_of: Instant) -> Result<Header, DbError> {
    let mark = Mark { line: 1, column: 1 };
    let mut reading = Reading::new("the header of the store");
    let mut node = crate::import::json_line(text, &mut reading).unwrap_or(Node {
        value: Value::Null,
        mark,
    });
    let printed = time::print_utc(as_of);
    if let Value::Map(keys) = &mut node.value {
        for (key, value) in [("scenario", "store"), ("as_of", printed.as_str())] {
            let key = Key {
                text: key.into(),
                mark,
            };
            let value = Node {
                value: Value::Text(value.to_owned().into()),
                mark,
            };
            keys.push((key, value));
        }
    }
    let (header, _) = facts::read_header(&node, &[], &[], &mut reading);
    header.ok_or_else(|| DbError::Header {
        problem: reading
            .problems
            .first()
            .map_or_else(String::new, ToString::to_string),
    })
}
