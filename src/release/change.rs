//! What if: facts added, replaced and taken back over a state of the facts, to be judged and never written.
//!
//! A change is a fact file whose facts are added. Two more keys stand beside its sections: `replace`, a map of sections
//! whose facts take the place of those of the same id, and `retract`, a map from sections to ids.

use std::collections::BTreeMap;

use super::mentions;
use crate::facts::node::{Key, Node, Value};
use crate::facts::{Reading, Reference};
use crate::import::{self, Document, Format, together};
use crate::model::fact::Stated;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::Section;

/// A change that was read.
#[derive(Debug, Default)]
pub struct Change {
    /// Facts to add.
    pub add: Vec<Stated>,
    /// Facts that take the place of those of the same section and id.
    pub replace: Vec<Stated>,
    /// Facts to take back.
    pub retract: Vec<(Section, String, Place)>,
    open: Vec<(Reference, Place)>,
    /// Warnings.
    pub warnings: Vec<Problem>,
}

/// Reads a change. NDJSON is not taken: a change is one document.
pub fn read(text: &str, name: &str, format: Format) -> Result<Change, Vec<Problem>> {
    let mut reading = Reading::new(name);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut change = Change::default();
    if let Some(node) = import::tree_of(text, format, &mut reading) {
        if let Value::Map(keys) = &node.value {
            change.add = together::sections(&node, &mut reading);
            for (key, value) in keys {
                match &*key.text {
                    "replace" => change.replace = replacements(value, &mut reading),
                    "retract" => change.retract = retractions(value, &mut reading),
                    _ => refuse_unknown(key, &mut reading),
                }
            }
        } else {
            reading.problem(
                ProblemCode::Shape,
                node.mark,
                format!("a change must be a map, found {}", node.shape()),
                "write sections of facts to add, and `replace` and `retract`",
            );
        }
    }
    change.open = import::located(&mut reading);
    let (warnings, problems): (Vec<_>, Vec<_>) = reading.problems.into_iter().partition(Problem::is_warning);
    change.warnings = warnings;
    if problems.is_empty() {
        Ok(change)
    } else {
        Err(problems)
    }
}

/// The header of a fact file may stand there, so that the file can be committed as it is; the state that is changed
/// has its own.
fn refuse_unknown(key: &Key<'_>, reading: &mut Reading) {
    const HEADER: &[&str] = &[
        "scenario",
        "title",
        "as_of",
        "timezone",
        "home",
        "minor_age",
        "calendar",
    ];
    if Section::parse(&key.text).is_none() && !HEADER.contains(&&*key.text) {
        reading.problem(
            ProblemCode::BadWord,
            key.mark,
            format!("`{}` is no key of a change", key.text),
            "write sections of facts to add, `replace: {section: [facts]}` and `retract: {section: [ids]}`",
        );
    }
}

fn replacements(node: &Node<'_>, reading: &mut Reading) -> Vec<Stated> {
    // A replacement declares its id anew; that is no double of the fact it replaces.
    sections_only(node, "replace", reading);
    together::sections(node, reading)
}

fn sections_only(node: &Node<'_>, name: &str, reading: &mut Reading) {
    let Value::Map(keys) = &node.value else {
        let message = format!("`{name}` must be a map of sections, found {}", node.shape());
        reading.problem(
            ProblemCode::Shape,
            node.mark,
            message,
            "write it as {events: […]}",
        );
        return;
    };
    for (key, _) in keys.iter().filter(|(key, _)| Section::parse(&key.text).is_none()) {
        let message = format!("`{}` is no section", key.text);
        let help = format!("sections are {}", Section::WORDS.join(", "));
        reading.problem(ProblemCode::BadWord, key.mark, message, help);
    }
}

fn retractions(node: &Node<'_>, reading: &mut Reading) -> Vec<(Section, String, Place)> {
    sections_only(node, "retract", reading);
    let mut all = Vec::new();
    let Value::Map(keys) = &node.value else { return all };
    for (key, value) in keys {
        let Some(section) = Section::parse(&key.text) else {
            continue;
        };
        let ids = match &value.value {
            Value::List(ids) => ids.as_slice(),
            Value::Text(_) => std::slice::from_ref(value),
            Value::Null | Value::Map(_) => &[],
        };
        if ids.is_empty() {
            let message = format!("`{section}` must be a list of ids, found {}", value.shape());
            reading.problem(
                ProblemCode::Shape,
                value.mark,
                message,
                "write it as a list: [a, b]",
            );
        }
        for id in ids {
            if let Value::Text(text) = &id.value {
                all.push((section, text.to_string(), reading.place(id.mark)));
            } else {
                let message = format!("an id must be a text, found {}", id.shape());
                reading.problem(
                    ProblemCode::Shape,
                    id.mark,
                    message,
                    "write the id of a fact to take back",
                );
            }
        }
    }
    all
}

/// The facts with the change laid over them. Replaced facts keep their place in the order, new ones come last.
/// Everything that the change asks for must be possible: what it replaces or takes back must be there, what it adds must
/// not, and nothing may be left naming a fact that is gone. Cost: linear in the facts.
pub fn apply(mut document: Document, change: Change) -> Result<Document, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut at: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    let wanted: Vec<(Section, &str)> = change
        .add
        .iter()
        .chain(&change.replace)
        .filter_map(|stated| Some((stated.fact.section(), stated.fact.id()?)))
        .chain(
            change
                .retract
                .iter()
                .map(|(section, id, _)| (*section, id.as_str())),
        )
        .collect();
    let wanted: rustc_hash::FxHashSet<(Section, &str)> = wanted.into_iter().collect();
    for (i, stated) in document.facts.iter().enumerate() {
        if let Some(id) = stated.fact.id()
            && wanted.contains(&(stated.fact.section(), id))
        {
            at.insert((stated.fact.section().as_str(), id.to_owned()), i);
        }
    }
    drop(wanted);
    let find = |section: Section, id: &str| at.get(&(section.as_str(), id.to_owned())).copied();
    let mut gone: Vec<usize> = Vec::new();
    for (section, id, place) in &change.retract {
        match find(*section, id) {
            Some(i) => gone.push(i),
            None => problems.push(absent(*section, id, place)),
        }
    }
    for stated in change.replace {
        let (section, id) = (
            stated.fact.section(),
            stated.fact.id().unwrap_or_default().to_owned(),
        );
        match find(section, &id) {
            Some(i) => document.facts[i] = stated,
            None => problems.push(absent(section, &id, &stated.place)),
        }
    }
    for stated in change.add {
        let (section, id) = (
            stated.fact.section(),
            stated.fact.id().unwrap_or_default().to_owned(),
        );
        match find(section, &id).filter(|i| !gone.contains(i)) {
            Some(i) if document.facts[i].fact == stated.fact => {}
            Some(i) => problems.push(Problem {
                code: ProblemCode::DuplicateId,
                message: format!("`{id}` is in `{section}` already, with other content"),
                help: format!(
                    "it stands in {}; write the new one under `replace`",
                    document.facts[i].place
                ),
                place: stated.place,
            }),
            None => document.facts.push(stated),
        }
    }
    gone.sort_unstable();
    gone.dedup();
    for i in gone.into_iter().rev() {
        document.facts.remove(i);
    }
    let retracted: Vec<(Section, &str)> = change
        .retract
        .iter()
        .map(|(section, id, _)| (*section, id.as_str()))
        .collect();
    problems.extend(mentions::of_gone(&document.facts, &retracted));
    problems.extend(together::resolve(&document.facts, &change.open));
    problems.extend(import::cycles(&document.facts));
    if problems.is_empty() {
        Ok(document)
    } else {
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        problems.dedup();
        Err(problems)
    }
}

fn absent(section: Section, id: &str, place: &Place) -> Problem {
    Problem {
        code: ProblemCode::UnknownReference,
        place: place.clone(),
        message: format!("nothing in `{section}` is called `{id}`, so it cannot be replaced or taken back"),
        help: "correct the spelling, or add the fact under its section".to_owned(),
    }
}
