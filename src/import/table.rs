//! Tables of acts: one row an act, the columns named like the keys of an event. What CSV and Parquet have in common.
//!
//! A row becomes the same tree that an event of a fact file becomes, so a key means in a table what it means there. The
//! column of a place is the number of the cell, from 1.

use std::borrow::Cow;

use crate::facts::node::{Key, Mark, Node, Value};
use crate::facts::{self, Reading};
use crate::model::fact::Stated;
use crate::model::place::ProblemCode;
use crate::model::word::Section;

/// What parts the entries of a list in one cell.
const SEPARATOR: char = '|';
/// Keys whose cells are lists.
const LISTS: &[&str] = &["subjects", "fields", "makes", "safeguards"];
/// Columns without which no row can be an act.
const REQUIRED: &[&str] = &["id", "at", "act"];

/// The columns of a table.
pub struct Columns(Vec<Column>);

struct Column {
    key: String,
    is_list: bool,
}

/// What stands in a cell.
pub enum Cell<'t> {
    /// Nothing: the key is absent.
    Empty,
    /// A text.
    Text(Cow<'t, str>),
    /// A list, already in parts.
    List(Vec<&'t str>),
}

impl Columns {
    /// The columns of these names; `None` when they cannot be those of acts, with the problems in `reading`.
    pub fn new(names: Vec<String>, reading: &mut Reading) -> Option<Self> {
        let before = reading.problems.len();
        for (i, name) in names.iter().enumerate() {
            if names.iter().take(i).any(|other| other == name) {
                reading.problem(
                    ProblemCode::DuplicateKey,
                    mark(1, i),
                    format!("the column `{name}` is there twice"),
                    "keep one of the two",
                );
            }
        }
        for required in REQUIRED {
            if !names.iter().any(|name| name == required) {
                reading.problem(
                    ProblemCode::MissingKey,
                    mark(1, 0),
                    format!("the table has no column `{required}`"),
                    "name the columns like the keys of an event: id, at, act, from, to, subjects, fields, purpose",
                );
            }
        }
        let columns = names
            .into_iter()
            .map(|key| Column {
                is_list: LISTS.contains(&key.as_str()),
                key,
            })
            .collect();
        (reading.problems.len() == before).then_some(Self(columns))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The act of a row.
    pub fn row<'t>(
        &self,
        line: u32,
        cells: impl Iterator<Item = Cell<'t>>,
        reading: &mut Reading,
    ) -> Option<Stated> {
        let mut keys = Vec::with_capacity(self.0.len());
        for (i, (column, cell)) in self.0.iter().zip(cells).enumerate() {
            let mark = mark(line, i);
            let text = |text: Cow<'t, str>| Node {
                value: Value::Text(text),
                mark,
            };
            let value = match cell {
                Cell::Empty => continue,
                Cell::List(texts) => Value::List(
                    texts
                        .into_iter()
                        .map(|entry| text(Cow::Borrowed(entry)))
                        .collect(),
                ),
                Cell::Text(all) if column.is_list => Value::List(match all {
                    Cow::Borrowed(all) => all
                        .split(SEPARATOR)
                        .map(|entry| text(Cow::Borrowed(entry)))
                        .collect(),
                    Cow::Owned(all) => all
                        .split(SEPARATOR)
                        .map(|entry| text(Cow::Owned(entry.to_owned())))
                        .collect(),
                }),
                Cell::Text(all) => Value::Text(all),
            };
            let key = Key {
                text: Cow::Borrowed(column.key.as_str()),
                mark,
            };
            keys.push((key, Node { value, mark }));
        }
        stand(&mut keys);
        let node = Node {
            value: Value::Map(keys),
            mark: mark(line, 0),
        };
        facts::item(Section::Events, &node, &[], reading)
    }
}

/// A cell under `until` makes a standing act of a row, open at its end when it holds two dots; one under `latest` makes
/// one at an uncertain time, and beside `until` one with an uncertain end. One under `begun` makes a standing act with an
/// uncertain beginning.
fn stand<'t>(keys: &mut Vec<(Key<'t>, Node<'t>)>) {
    const OPEN: &str = "..";
    let mut take = |name: &str| {
        let place = keys.iter().position(|(key, _)| key.text == name)?;
        Some(keys.remove(place))
    };
    let (until, latest, begun) = (take("until"), take("latest"), take("begun"));
    let Some((_, at)) = keys.iter_mut().find(|(key, _)| key.text == "at") else {
        return;
    };
    let is_open = |end: &Node<'_>| matches!(&end.value, Value::Text(text) if text == OPEN);
    let first = std::mem::replace(&mut at.value, Value::Null);
    let first = Node {
        value: first,
        mark: at.mark,
    };
    let mark = first.mark;
    let bounds = |earliest, latest| Node {
        value: both(("earliest", earliest), ("latest", latest)),
        mark,
    };
    let stands = begun.is_some() || until.is_some();
    let first = match begun {
        Some((_, begun)) => bounds(first, begun),
        None => first,
    };
    let last = match (until, latest) {
        (Some((_, until)), None) if is_open(&until) => None,
        (Some((_, until)), Some((_, latest))) => {
            let mark = until.mark;
            Some(Node {
                mark,
                ..bounds(until, latest)
            })
        }
        (Some((_, end)), None) | (None, Some((_, end))) => Some(end),
        (None, None) => None,
    };
    at.value = match (stands, last) {
        (false, None) => first.value,
        (false, Some(latest)) => both(("earliest", first), ("latest", latest)),
        (true, None) => Value::Map(vec![(key("from", mark), first)]),
        (true, Some(until)) => both(("from", first), ("until", until)),
    };
}

fn key(name: &'static str, mark: Mark) -> Key<'static> {
    Key {
        text: Cow::Borrowed(name),
        mark,
    }
}

/// Two cells under keys.
fn both<'t>(one: (&'static str, Node<'t>), other: (&'static str, Node<'t>)) -> Value<'t> {
    let entry = |(name, node): (&'static str, Node<'t>)| (key(name, node.mark), node);
    Value::Map(vec![entry(one), entry(other)])
}

/// The place of a cell.
pub fn mark(line: u32, cell: usize) -> Mark {
    Mark {
        line,
        column: u32::try_from(cell + 1).unwrap_or(u32::MAX),
    }
}
