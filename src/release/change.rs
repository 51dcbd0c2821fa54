//! What if: facts added, replaced and taken back over a state of the facts, to be judged and never written.
//!
//! A change is a fact file whose facts are added. Two more keys stand beside its sections: `replace`, a map of sections
//! whose facts take the place of those of the same id, and `retract`, a map from sections to ids.

use rustc_hash::{FxHashMap, FxHashSet};

use super::mentions;
use crate::db::{DbError, Over, Snapshot};
use crate::facts::node::{Key, Node, Value};
use crate::facts::{Reading, Reference};
use crate::import::{self, Format, together};
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

/// Why a change cannot be laid over facts.
#[derive(Debug)]
pub enum Refusal {
    /// What it asks for is not possible.
    Problems(Vec<Problem>),
    /// The facts cannot be read.
    Db(DbError),
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// The state with the change laid over it; the state itself stays as it is, and nothing is written. Replaced facts keep
/// their place in the order, new ones come last. Everything that the change asks for must be possible: what it replaces or
/// takes back must be there, what it adds must not, and nothing may be left naming a fact that is gone. Cost: the facts
/// that the change names are read; all, if it takes back what others may name.
pub fn laid(state: &Snapshot, change: Change) -> Result<Snapshot, Refusal> {
    state.header()?;
    let mut problems = impossible(state, &change)?;
    problems.extend(undeclared(state, &change)?);
    let Change {
        add,
        replace,
        retract,
        ..
    } = change;
    let declares = add
        .iter()
        .chain(&replace)
        .any(|stated| stated.fact.section().is_declaration());
    let gone: Vec<(Section, String)> = retract
        .into_iter()
        .map(|(section, id, _)| (section, id))
        .collect();
    let laid = state.laid(Over {
        add,
        replace,
        retract: gone.clone(),
    })?;
    let named: Vec<(Section, &str)> = gone
        .iter()
        .filter(|(section, _)| mentions::is_named(*section))
        .map(|(section, id)| (*section, &**id))
        .collect();
    if !named.is_empty() {
        problems.extend(mentions::of_gone(&laid.facts()?, &named));
    }
    if declares {
        problems.extend(import::cycles(laid.catalogue()));
    }
    if problems.is_empty() {
        Ok(laid)
    } else {
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        problems.dedup();
        Err(Refusal::Problems(problems))
    }
}

type Name<'f> = (Section, &'f str);

fn name(stated: &Stated) -> Option<Name<'_>> {
    Some((stated.fact.section(), stated.fact.id()?))
}

/// What is to be replaced or taken back and is not there, and what is to be added and is.
fn impossible(state: &Snapshot, change: &Change) -> Result<Vec<Problem>, DbError> {
    let gone: FxHashSet<Name<'_>> = change
        .retract
        .iter()
        .map(|(section, id, _)| (*section, &**id))
        .collect();
    let told = change.add.iter().chain(&change.replace);
    let mut names: Vec<Name<'_>> = told.filter_map(name).chain(gone.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    let before = state.stated(&names)?;
    let mut there: FxHashMap<Name<'_>, &Stated> = FxHashMap::default();
    there.extend(
        names
            .iter()
            .zip(&before)
            .filter_map(|(name, stated)| Some((*name, stated.as_ref()?))),
    );
    let mut problems = Vec::new();
    for (section, id, place) in &change.retract {
        if !there.contains_key(&(*section, &**id)) {
            problems.push(absent(*section, id, place));
        }
    }
    for stated in &change.replace {
        let (section, id) = (stated.fact.section(), stated.fact.id().unwrap_or_default());
        match there.get_mut(&(section, id)) {
            Some(before) => *before = stated,
            None => problems.push(absent(section, id, &stated.place)),
        }
    }
    for stated in &change.add {
        let Some((section, id)) = name(stated).filter(|name| !gone.contains(name)) else {
            continue;
        };
        if let Some(before) = there
            .get(&(section, id))
            .filter(|before| before.fact != stated.fact)
        {
            problems.push(Problem {
                code: ProblemCode::DuplicateId,
                message: format!("`{id}` is in `{section}` already, with other content"),
                help: format!("it stands in {}; write the new one under `replace`", before.place),
                place: stated.place.clone(),
            });
        }
    }
    Ok(problems)
}

/// The names that the change uses and that neither it nor the state declares.
fn undeclared(state: &Snapshot, change: &Change) -> Result<Vec<Problem>, DbError> {
    let told = change.add.iter().chain(&change.replace);
    let own: FxHashSet<Name<'_>> = told.filter_map(name).collect();
    let gone: FxHashSet<Name<'_>> = change
        .retract
        .iter()
        .map(|(section, id, _)| (*section, &**id))
        .collect();
    let mut names: Vec<Name<'_>> = change
        .open
        .iter()
        .flat_map(|(reference, _)| reference.sections().map(|section| (section, &*reference.id)))
        .filter(|name| !own.contains(name) && !gone.contains(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let found = state.stated(&names)?;
    let known: FxHashSet<Name<'_>> = names
        .into_iter()
        .zip(&found)
        .filter_map(|(name, found)| found.is_some().then_some(name))
        .chain(own)
        .collect();
    let is_known = |reference: &Reference| {
        let mut sections = reference.sections();
        sections.any(|section| known.contains(&(section, &*reference.id)))
    };
    Ok(change
        .open
        .iter()
        .filter(|(reference, _)| !is_known(reference))
        .map(|(reference, place)| import::unknown_reference(reference, place))
        .collect())
}

fn absent(section: Section, id: &str, place: &Place) -> Problem {
    Problem {
        code: ProblemCode::UnknownReference,
        place: place.clone(),
        message: format!("nothing in `{section}` is called `{id}`, so it cannot be replaced or taken back"),
        help: "correct the spelling, or add the fact under its section".to_owned(),
    }
}
