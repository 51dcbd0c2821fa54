//! JSON into a tree. Values are borrowed from the text, so that their addresses give their places.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::facts::Reading;
use crate::facts::node::{Key, Mark, Node, Value};
use crate::model::place::ProblemCode;

/// Deeper nesting is refused: no fact needs it, and trees are walked by recursion.
const DEPTH_MAX: usize = 64;

/// Reads a JSON document of any number of lines. `None` when it cannot be read; the problem is in `reading`.
pub fn node<'t>(text: &'t str, reading: &mut Reading) -> Option<Node<'t>> {
    let line_starts: Vec<usize> = std::iter::once(0)
        .chain(
            text.bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(i, _)| i + 1),
        )
        .collect();
    let places = Places {
        text,
        line_starts: &line_starts,
        first_line: 1,
        is_ascii: text.is_ascii(),
    };
    document(text, &places, reading)
}

/// Reads one line of NDJSON.
pub fn line<'t>(text: &'t str, number: u32, reading: &mut Reading) -> Option<Node<'t>> {
    let places = Places {
        text,
        line_starts: &[0],
        first_line: number,
        is_ascii: text.is_ascii(),
    };
    document(text, &places, reading)
}

fn document<'t>(text: &'t str, places: &Places<'_>, reading: &mut Reading) -> Option<Node<'t>> {
    let refusal = match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => match value(raw, places, 0) {
            Ok(node) => return Some(node),
            Err(refusal) => refusal,
        },
        Err(error) => {
            let line = u32::try_from(error.line().max(1) - 1).unwrap_or(0) + places.first_line;
            let column = u32::try_from(error.column().max(1)).unwrap_or(u32::MAX);
            Refusal {
                mark: Mark { line, column },
                code: ProblemCode::Syntax,
                message: format!("this is not JSON: {}", plain(&error)),
            }
        }
    };
    reading.problem(
        refusal.code,
        refusal.mark,
        refusal.message,
        "mend it; JSON needs double quotes, and no comma after the last entry",
    );
    None
}

/// The message without the place, which is told apart.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(message, _)| message.to_owned())
}

struct Refusal {
    mark: Mark,
    code: ProblemCode,
    message: String,
}

struct Places<'t> {
    text: &'t str,
    line_starts: &'t [usize],
    first_line: u32,
    is_ascii: bool,
}

impl Places<'_> {
    /// The place of a slice of the text.
    fn of(&self, slice: &str) -> Mark {
        let offset = slice.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let index = self.line_starts.partition_point(|start| *start <= offset).max(1) - 1;
        let start = self.line_starts.get(index).copied().unwrap_or(0);
        let column = if self.is_ascii {
            offset - start
        } else {
            self.text
                .get(start..offset)
                .map_or(offset - start, |s| s.chars().count())
        };
        Mark {
            line: u32::try_from(index)
                .unwrap_or(u32::MAX)
                .saturating_add(self.first_line),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }
}

fn value<'t>(raw: &'t RawValue, places: &Places<'_>, depth: usize) -> Result<Node<'t>, Refusal> {
    let text = raw.get();
    let mark = places.of(text);
    let refuse = |code, message: String| Refusal { mark, code, message };
    if depth > DEPTH_MAX {
        return Err(refuse(ProblemCode::Limit, "nested more than 64 deep".to_owned()));
    }
    let broken = |error: serde_json::Error| {
        refuse(
            ProblemCode::Syntax,
            format!("this is not JSON: {}", plain(&error)),
        )
    };
    let value = match text.as_bytes().first() {
        Some(b'{') => {
            let object: Object<'t> = serde_json::from_str(text).map_err(broken)?;
            let mut entries = Vec::with_capacity(object.0.len());
            for (key, inner) in object.0 {
                let node = value(inner, places, depth + 1)?;
                // An unescaped key is a slice of the text; an escaped one stands where its value does.
                let mark = match &key {
                    Cow::Borrowed(slice) => places.of(slice),
                    Cow::Owned(_) => node.mark,
                };
                entries.push((Key { text: key, mark }, node));
            }
            Value::Map(entries)
        }
        Some(b'[') => {
            let items: Vec<&'t RawValue> = serde_json::from_str(text).map_err(broken)?;
            let mut nodes = Vec::with_capacity(items.len());
            for inner in items {
                nodes.push(value(inner, places, depth + 1)?);
            }
            Value::List(nodes)
        }
        Some(b'"') => Value::Text(string(text).map_err(broken)?),
        Some(b'n') => Value::Null,
        Some(_) | None => Value::Text(Cow::Borrowed(text)),
    };
    Ok(Node { value, mark })
}

fn string(text: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match text.get(1..text.len().saturating_sub(1)) {
        Some(inner) if !inner.contains('\\') => Ok(Cow::Borrowed(inner)),
        Some(_) | None => serde_json::from_str::<String>(text).map(Cow::Owned),
    }
}

/// An object with its entries in order, doubles included.
struct Object<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(RawKey(key)) = map.next_key()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A key, borrowed where it has no escapes.
struct RawKey<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for RawKey<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = RawKey<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(RawKey(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(RawKey(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
