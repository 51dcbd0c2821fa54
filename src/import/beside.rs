//! Files that a document names: the flow policies of a rule. Their text becomes part of the rule, so that a fact is
//! whole wherever it goes.

use std::borrow::Cow;
use std::path::Path;

use crate::facts::node::{Key, Node, Value};
use crate::facts::{self, Defaults, Reading};
use crate::model::fact::Stated;
use crate::model::place::ProblemCode;
use crate::model::word::Section;

/// Reads one item; of a rule whose `policy_file` stands in the folder, with the text of that file.
pub fn item(
    section: Section,
    node: &Node<'_>,
    folder: Option<&Path>,
    defaults: Defaults<'_, '_>,
    reading: &mut Reading,
) -> Option<Stated> {
    if section == Section::Rules
        && let Some(folder) = folder
        && node.get("policy").is_none()
        && let Some((file, at)) = policy_file(node)
    {
        let path = folder.join(file);
        return match std::fs::read_to_string(&path) {
            Ok(text) => facts::item(section, &with_policy(node, at, text), defaults, reading),
            Err(cause) => {
                reading.problem(
                    ProblemCode::FlowPolicy,
                    at.mark,
                    format!("cannot read `{}`: {cause}", path.display()),
                    "the path is taken from the folder of this document",
                );
                None
            }
        };
    }
    facts::item(section, node, defaults, reading)
}

fn policy_file<'n, 't>(node: &'n Node<'t>) -> Option<(&'n str, &'n Node<'t>)> {
    let found = node.get("policy_file")?;
    match &found.value {
        Value::Text(file) => Some((file, found)),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn with_policy<'t>(node: &Node<'t>, at: &Node<'_>, text: String) -> Node<'t> {
    let mut node = node.clone();
    if let Value::Map(keys) = &mut node.value {
        let key = Key {
            text: Cow::Borrowed("policy"),
            mark: at.mark,
        };
        let value = Node {
            value: Value::Text(Cow::Owned(text)),
            mark: at.mark,
        };
        keys.push((key, value));
    }
    node
}
