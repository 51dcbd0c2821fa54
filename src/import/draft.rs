//! Items that a reader of another format makes: trees like those of a fact file, so that the same code gives them
//! their meaning and the same problems come out.

use std::sync::Arc;

use crate::facts::node::{Key, Mark, Node, Value};
use crate::facts::{self, Reading};
use crate::model::fact::{Fact, Stated};
use crate::model::place::{Place, Problem};
use crate::model::word::Section;

use super::{Document, unknown_reference};

/// One item on its way to a fact.
#[derive(Clone, Debug)]
pub struct Item {
    /// The section that it belongs to.
    pub section: Section,
    /// The item.
    pub node: Node<'static>,
    /// Where what it was made from stands.
    pub place: Place,
}

/// A map with these keys; values that are absent are left out.
pub fn map(place: &Place, keys: Vec<(&'static str, Option<Value<'static>>)>) -> Node<'static> {
    let mark = mark(place);
    let entries = keys
        .into_iter()
        .filter_map(|(key, value)| Some(entry(key, value?, mark)))
        .collect();
    Node {
        value: Value::Map(entries),
        mark,
    }
}

/// A text.
pub fn text(text: impl Into<String>) -> Value<'static> {
    Value::Text(text.into().into())
}

/// A list of texts.
pub fn texts<T: AsRef<str>>(place: &Place, all: impl IntoIterator<Item = T>) -> Value<'static> {
    let mark = mark(place);
    let nodes = all
        .into_iter()
        .map(|one| Node {
            value: text(one.as_ref()),
            mark,
        })
        .collect();
    Value::List(nodes)
}

/// One key of a map.
pub fn entry(key: &'static str, value: Value<'static>, mark: Mark) -> (Key<'static>, Node<'static>) {
    let key = Key {
        text: key.into(),
        mark,
    };
    (key, Node { value, mark })
}

/// The fact that an item states, alone; `None` if it states none.
pub fn fact(item: &Item) -> Option<Fact> {
    let mut reading = Reading::new(&item.place.file);
    facts::item(item.section, &item.node, &[], &mut reading).map(|stated| stated.fact)
}

fn mark(place: &Place) -> Mark {
    Mark {
        line: place.line,
        column: place.column,
    }
}

/// The same tree with texts of its own.
pub fn owned(node: &Node<'_>) -> Node<'static> {
    let value = match &node.value {
        Value::Null => Value::Null,
        Value::Text(text) => Value::Text(text.to_string().into()),
        Value::List(nodes) => Value::List(nodes.iter().map(owned).collect()),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, node)| {
                    let key = Key {
                        text: key.text.to_string().into(),
                        mark: key.mark,
                    };
                    (key, owned(node))
                })
                .collect(),
        ),
    };
    Node {
        value,
        mark: node.mark,
    }
}

/// Gives items their meaning. Problems that the reader itself has found refuse the document like any other.
///
/// `is_alone`: no store stands behind the document, so that what it names must be in it.
pub fn document(
    header: &Node<'_>,
    items: &[Item],
    mut reading: Reading,
    is_alone: bool,
) -> Result<Document, Vec<Problem>> {
    let (header, _) = facts::read_header(header, &[], &[], &mut reading);
    let all = stated(items, &mut reading);
    reading.problems.extend(super::cycles(&all));
    let read = Some((header, all));
    let mut document = super::finish(read, reading)?;
    if is_alone && !document.open.is_empty() {
        let open = std::mem::take(&mut document.open);
        return Err(open
            .iter()
            .map(|(reference, place)| unknown_reference(reference, place))
            .collect());
    }
    Ok(document)
}

/// The facts that items state, each where its item stands.
pub fn stated(items: &[Item], reading: &mut Reading) -> Vec<Stated> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let problems_before = reading.problems.len();
        let stated = facts::item(item.section, &item.node, &[], reading);
        for problem in &mut reading.problems[problems_before..] {
            problem.place = item.place.clone();
        }
        all.extend(stated.map(|mut stated| {
            stated.place = item.place.clone();
            stated
        }));
    }
    all
}

/// A place in a file.
pub fn place(file: &Arc<str>, line: u32) -> Place {
    Place {
        file: Arc::clone(file),
        line,
        column: 1,
    }
}
