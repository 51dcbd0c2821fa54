//! Files that a document names: the flow policies of a rule. Their text becomes part of the rule, so that a fact is
//! whole wherever it goes.

use std::borrow::Cow;
use std::path::Path;

use super::Files;
use crate::facts::node::{Key, Node, Value};
use crate::facts::{self, Defaults, Reading};
use crate::model::fact::Stated;
use crate::model::place::ProblemCode;
use crate::model::word::Section;

/// The text of a file of a folder.
pub fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|cause| format!("cannot read `{}`: {cause}", path.display()))
}

/// Reads one item; of a rule that names a `policy_file`, with the text of that file.
pub fn item(
    section: Section,
    node: &Node<'_>,
    files: Files<'_>,
    defaults: Defaults<'_, '_>,
    reading: &mut Reading,
) -> Option<Stated> {
    if section == Section::Rules
        && let Some(files) = files
        && node.get("policy").is_none()
        && let Some((file, at)) = policy_file(node)
    {
        return match files(file) {
            Ok(text) => facts::item(section, &with_policy(node, at, text), defaults, reading),
            Err(message) => {
                reading.problem(
                    ProblemCode::FlowPolicy,
                    at.mark,
                    message,
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
