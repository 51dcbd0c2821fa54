//! JSON into a tree, in one pass. Texts are borrowed from the document where they have no escapes; every value knows its
//! place. What this reader does not take, `serde_json` explains.

use std::borrow::Cow;

use crate::facts::Reading;
use crate::facts::node::{Key, Mark, Node, Value};
use crate::model::place::ProblemCode;

/// Deeper nesting is refused: no fact needs it, and trees are walked by recursion.
const DEPTH_MAX: usize = 64;

/// Reads a JSON document of any number of lines. `None` when it cannot be read; the problem is in `reading`.
pub fn node<'t>(text: &'t str, reading: &mut Reading) -> Option<Node<'t>> {
    document(text, 1, reading)
}

/// Reads one line of NDJSON.
pub fn line<'t>(text: &'t str, number: u32, reading: &mut Reading) -> Option<Node<'t>> {
    document(text, number, reading)
}

fn document<'t>(text: &'t str, first_line: u32, reading: &mut Reading) -> Option<Node<'t>> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: first_line,
        column: 1,
        marked: 0,
    };
    let (mark, code, message) = match reader.whole() {
        Ok(node) => return Some(node),
        Err(Stop::TooDeep(mark)) => (mark, ProblemCode::Limit, "nested more than 64 deep".to_owned()),
        Err(Stop::Malformed) => {
            let (line, column, message) = why(text);
            let mark = Mark {
                line: u32::try_from(line.max(1) - 1)
                    .unwrap_or(u32::MAX)
                    .saturating_add(first_line),
                column: u32::try_from(column.max(1)).unwrap_or(u32::MAX),
            };
            (mark, ProblemCode::Syntax, format!("this is not JSON: {message}"))
        }
    };
    reading.problem(
        code,
        mark,
        message,
        "mend it; JSON needs double quotes, and no comma after the last entry",
    );
    None
}

/// Line, column and message of what is wrong with a text.
fn why(text: &str) -> (usize, usize, String) {
    let Err(error) = serde_json::from_str::<serde_json::Value>(text) else {
        return (1, 1, "it cannot be read here".to_owned());
    };
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.clone(), |(message, _)| message.to_owned());
    (error.line(), error.column(), message)
}

enum Stop {
    Malformed,
    TooDeep(Mark),
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The next byte.
    at: usize,
    /// The place of the byte at `marked`: places are asked for in order, so what lies before is counted once.
    line: u32,
    column: u32,
    marked: usize,
}

impl<'t> Reader<'t> {
    fn whole(&mut self) -> Result<Node<'t>, Stop> {
        self.blanks();
        let node = self.value(0)?;
        self.blanks();
        if self.at == self.bytes.len() {
            Ok(node)
        } else {
            Err(Stop::Malformed)
        }
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// The place of a byte that is not before the last one asked for.
    fn mark(&mut self, at: usize) -> Mark {
        for byte in &self.bytes[self.marked..at] {
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                // The rest of a character.
                0x80..0xc0 => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self.marked = at;
        Mark {
            line: self.line,
            column: self.column,
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), Stop> {
        if self.bytes.get(self.at) == Some(&byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Stop::Malformed)
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, Stop> {
        let mark = self.mark(self.at);
        if depth > DEPTH_MAX {
            return Err(Stop::TooDeep(mark));
        }
        let value = match self.bytes.get(self.at) {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'n') => {
                self.word("null")?;
                Value::Null
            }
            Some(b't') => Value::Text(Cow::Borrowed(self.word("true")?)),
            Some(b'f') => Value::Text(Cow::Borrowed(self.word("false")?)),
            Some(b'-' | b'0'..=b'9') => Value::Text(Cow::Borrowed(self.number()?)),
            Some(_) | None => return Err(Stop::Malformed),
        };
        Ok(Node { value, mark })
    }

    fn map(&mut self, depth: usize) -> Result<Value<'t>, Stop> {
        self.at += 1;
        self.blanks();
        let mut entries = Vec::with_capacity(if depth == 0 { 1 } else { 12 });
        if self.bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Ok(Value::Map(entries));
        }
        loop {
            // The place of a key is behind its quote, where its text begins.
            let begun = self.at;
            let text = self.string()?;
            let is_borrowed = matches!(text, Cow::Borrowed(_));
            let mark = is_borrowed.then(|| self.mark(begun + 1));
            self.blanks();
            self.take(b':')?;
            self.blanks();
            let node = self.value(depth + 1)?;
            // A key with escapes stands where its value does.
            let mark = mark.unwrap_or(node.mark);
            entries.push((Key { text, mark }, node));
            self.blanks();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Map(entries));
                }
                Some(_) | None => return Err(Stop::Malformed),
            }
            self.blanks();
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'t>, Stop> {
        self.at += 1;
        self.blanks();
        let mut nodes = Vec::new();
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(Value::List(nodes));
        }
        loop {
            nodes.push(self.value(depth + 1)?);
            self.blanks();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(nodes));
                }
                Some(_) | None => return Err(Stop::Malformed),
            }
            self.blanks();
        }
    }

    /// A text in quotes.
    fn string(&mut self) -> Result<Cow<'t, str>, Stop> {
        self.take(b'"')?;
        let start = self.at;
        let mut has_escapes = false;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escapes = true;
                    // Whatever is escaped, a quote or a backslash among it, ends nothing.
                    self.at += 2;
                }
                Some(0..0x20) | None => return Err(Stop::Malformed),
                Some(_) => self.at += 1,
            }
        }
        let end = self.at;
        self.at += 1;
        if has_escapes {
            let quoted = self.text.get(start - 1..=end).ok_or(Stop::Malformed)?;
            return serde_json::from_str::<String>(quoted)
                .map(Cow::Owned)
                .map_err(|_| Stop::Malformed);
        }
        self.text
            .get(start..end)
            .map(Cow::Borrowed)
            .ok_or(Stop::Malformed)
    }

    fn word(&mut self, word: &str) -> Result<&'t str, Stop> {
        let found = self
            .text
            .get(self.at..self.at + word.len())
            .filter(|found| *found == word);
        self.at += word.len();
        found.ok_or(Stop::Malformed)
    }

    /// A number as it is written.
    fn number(&mut self) -> Result<&'t str, Stop> {
        let start = self.at;
        self.at += usize::from(self.bytes[start] == b'-');
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(Stop::Malformed)
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            Err(Stop::Malformed)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `serde_json` makes of a text, every scalar as written.
    fn expected(text: &str) -> Result<serde_json::Value, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn scalars_as_text(value: serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::Bool(flag) => flag.to_string().into(),
            Value::Array(all) => all.into_iter().map(scalars_as_text).collect(),
            Value::Object(all) => all
                .into_iter()
                .map(|(key, value)| (key, scalars_as_text(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other @ (Value::Null | Value::Number(_) | Value::String(_)) => other,
        }
    }

    #[test]
    fn takes_what_serde_takes_and_refuses_what_it_refuses() {
        let seeds = [
            r#"{"events":{"id":"a\u00e9\n","at":"2024-01-01T00:00:00Z","n":-1.5e+3,"l":[true,false,null,{}],"m":[]}}"#,
            r#" [0, 10, "é漢\ud83d\ude00", {"a":{"b":[1,2,"x"]}}] "#,
            r#"{"a":"b\\","c":"\"d\"","":""}"#,
        ];
        let alphabet = b"{}[]\",:\\u0e9.-+ntf \n\x01x\xc3";
        let mut state = 5_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % bound
        };
        let (mut taken, mut refused) = (0, 0);
        for round in 0..60_000 {
            let mut bytes = seeds[round % 3].as_bytes().to_vec();
            for _ in 0..below(4) {
                let at = below(bytes.len());
                match below(3) {
                    0 => bytes[at] = alphabet[below(alphabet.len())],
                    1 => bytes.insert(at, alphabet[below(alphabet.len())]),
                    _ => {
                        bytes.remove(at);
                    }
                }
            }
            let Ok(text) = String::from_utf8(bytes) else {
                continue;
            };
            let mut reading = Reading::new("test");
            let found = node(&text, &mut reading);
            match (expected(&text), found) {
                (Ok(expected), Some(found)) => {
                    taken += 1;
                    // Numbers stay as written: compared where they are plain.
                    let found = found.to_json().to_string();
                    let expected = scalars_as_text(expected).to_string();
                    if !text.contains(['.', 'e', 'E', '-']) {
                        let digits = |text: &str| text.replace('"', "");
                        assert_eq!(digits(&found), digits(&expected), "{text}");
                    }
                }
                (Err(_), None) => {
                    refused += 1;
                    assert_eq!(reading.problems.len(), 1);
                }
                // A number is a text here, however large.
                (Err(error), Some(_)) if error.starts_with("number out of range") => {}
                (expected, found) => panic!("{text}: {expected:?} {found:?}"),
            }
        }
        assert!(taken > 10_000 && refused > 10_000, "{taken} {refused}");
    }

    #[test]
    fn places_count_lines_and_characters() {
        let text = "{\n \"é\": \"ü\", \"b\": [\n  1]}";
        let mut reading = Reading::new("test");
        let node = line(text, 5, &mut reading).unwrap();
        let Value::Map(entries) = &node.value else {
            panic!("{node:?}")
        };
        let places: Vec<_> = entries
            .iter()
            .map(|(key, value)| (key.mark.line, key.mark.column, value.mark.line, value.mark.column))
            .collect();
        assert_eq!(places, [(6, 3, 6, 7), (6, 13, 6, 17)]);
    }
}
