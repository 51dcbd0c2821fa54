//! JSON objects in which a key stands twice. JSON does not say which of the two counts, so an event that says two things
//! there is refused; a key that stands twice with one value says one thing.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::event::Event;
use super::read::Refusal;
use crate::model::place::ProblemCode;

/// A JSON text as it was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The value; of a key that stands twice the last one.
    pub value: Value,
    /// Where keys stand twice with different values, as JSON pointers.
    pub doubled: Vec<String>,
}

/// Reads a JSON text. Fails where it is none.
pub fn read(text: &str) -> Result<Read, serde_json::Error> {
    let mut way = Way::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Any(&mut way).deserialize(&mut reader)?;
    reader.end()?;
    Ok(Read {
        value,
        doubled: way.doubled,
    })
}

/// Refuses an event in which a key stands twice, unless it stands in a facet that nothing reads.
pub fn check(doubled: &[String], event: &Event) -> Result<(), Refusal> {
    let Some(path) = doubled.iter().find(|path| !is_unread(path, &event.unread)) else {
        return Ok(());
    };
    let key = path.rsplit('/').next().unwrap_or_default();
    Err(Refusal {
        code: ProblemCode::EventDoubledKey,
        path: path.clone(),
        message: format!("the key `{key}` stands twice, with different values"),
        help: "send it once: JSON does not say which of the two counts",
    })
}

/// Whether a path leads into a facet of which events say that it was not read, such as `run.spark_properties`.
fn is_unread(path: &str, unread: &[String]) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (of, at) = match parts.first() {
        Some(&of @ ("run" | "job" | "dataset")) => (of, 1),
        Some(&("inputs" | "outputs")) => ("dataset", 2),
        _ => return false,
    };
    let is_facet = matches!(parts.get(at), Some(&("facets" | "inputFacets" | "outputFacets")));
    let name = parts.get(at + 1).map(|name| format!("{of}.{name}"));
    is_facet && name.is_some_and(|name| unread.contains(&name))
}

/// The way to the value that is read.
#[derive(Default)]
struct Way {
    path: String,
    doubled: Vec<String>,
}

impl Way {
    /// Goes on to an entry.
    fn enter(&mut self, key: &str) -> usize {
        let before = self.path.len();
        self.path.push('/');
        if key.contains(['~', '/']) {
            self.path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        } else {
            self.path.push_str(key);
        }
        before
    }
}

/// A value of any kind.
struct Any<'w>(&'w mut Way);

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let before = self.0.enter(&values.len().to_string());
            let value = list.next_element_seed(Any(self.0))?;
            self.0.path.truncate(before);
            match value {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = keys.next_key::<String>()? {
            let before = self.0.enter(&key);
            let value = keys.next_value_seed(Any(self.0))?;
            match object.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(mut place) => {
                    if *place.get() != value {
                        self.0.doubled.push(self.0.path.clone());
                    }
                    place.insert(value);
                }
            }
            self.0.path.truncate(before);
        }
        Ok(Value::Object(object))
    }
}
