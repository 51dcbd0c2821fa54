//! Moving all times changes times only. By four hundred years: the calendar is then the same to the day of the week, with
//! all birthdays, working days and changes of the clocks.

use serde_json::Value;

use super::{answer, files, findings, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::{generate, generate_wide};

const YEARS: u32 = 400;

/// Every text that begins with a date, as one of four hundred years later. Both sides of a window too.
fn moved(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let parts = text.split('/').map(|part| match part.get(..5) {
                Some(start) if start.ends_with('-') && part.len() >= 10 => match start[..4].parse::<u32>() {
                    Ok(year) => format!("{}{}", year + YEARS, &part[4..]),
                    Err(_) => part.to_string(),
                },
                _ => part.to_string(),
            });
            parts.collect::<Vec<_>>().join("/").into()
        }
        Value::Array(items) => items.iter().map(moved).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), moved(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[test]
fn four_hundred_years_later_everything_is_the_same() {
    let mut dice = Dice(431);
    let mut compared = 0;
    for number in 0..files(2_000) {
        let bytes = dice.bytes(1_600);
        let file = match number % 3 {
            0 => generate::standing_file(&bytes),
            _ => generate_wide::wide_file(&bytes),
        };
        let later = moved(&file);
        let wanted: Vec<Value> = findings(&file).iter().map(moved).collect();
        assert_eq!(findings(&later), wanted, "{file:#}");
        let (whole, moved_whole) = (snapshot(&file), snapshot(&later));
        for ask in generate::questions(&bytes[800..], &file) {
            let wanted = answer(&whole, &ask);
            assert_eq!(answer(&moved_whole, &moved(&ask)), wanted, "{ask} in {file:#}");
        }
        compared += wanted.len();
    }
    assert!(compared > files(2_000), "only {compared} findings");
}
