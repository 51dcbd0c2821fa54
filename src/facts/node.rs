//! A document as a tree: texts, lists and maps, each with its line and column. What YAML, JSON and NDJSON have
//! in common.

use std::borrow::Cow;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// The value.
    pub value: Value<'t>,
    /// Line and column.
    pub mark: Mark,
}

/// Line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// What a document is made of. Every scalar is text; what it means is settled by the key it stands under.
#[derive(Clone, Debug)]
pub enum Value<'t> {
    /// `null`, `~` or nothing.
    Null,
    /// A scalar.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Node<'t>>),
    /// A map in the order of the document.
    Map(Vec<(Key<'t>, Node<'t>)>),
}

/// A key of a map and where it stands.
#[derive(Clone, Debug)]
pub struct Key<'t> {
    /// The key.
    pub text: Cow<'t, str>,
    /// Line and column.
    pub mark: Mark,
}

impl<'t> Node<'t> {
    /// What the value is, for messages.
    pub fn shape(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node),
            Value::Null | Value::Text(_) | Value::List(_) => None,
        }
    }

    /// The same tree as JSON, every scalar as text.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => serde_json::Value::String(text.to_string()),
            Value::List(nodes) => nodes.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.text.to_string(), node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}
