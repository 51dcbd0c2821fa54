//! Several documents as one: the facts of a folder. What one of them declares, the others may use; what holds for all
//! of them is said once and may be said again.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Document, Format, Given, PROBLEMS_MAX, Read, json, lines, located, unknown_reference, whole, yaml,
};
use crate::facts::node::{Key, Node, Value};
use crate::facts::{Reading, Reference};
use crate::model::fact::{Header, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::Section;

/// A document of several.
#[derive(Debug)]
pub struct Part {
    /// As it stands in messages.
    pub name: String,
    /// Its text.
    pub text: String,
    /// How it is written.
    pub format: Format,
    /// The folder of the files it names, as `files` knows it.
    pub folder: String,
}

/// What one part says for all, and where.
#[derive(Clone, Copy, Debug)]
pub struct Beneath<'n, 't> {
    /// Keys of the header that the parts need not repeat.
    pub keys: &'n [(Key<'t>, Node<'t>)],
    /// The file they stand in.
    pub file: &'n str,
}

/// What is stated beside the parts.
#[derive(Debug, Default)]
pub struct More {
    /// Facts like those of a part.
    pub facts: Vec<Stated>,
    /// Things that hold unless a part declares them.
    pub unless_declared: Vec<Stated>,
    /// Names that these facts use and do not declare.
    pub open: Vec<(Reference, Place)>,
}

/// Header keys that must be the same wherever they are said.
const SHARED: &[&str] = &["timezone", "home", "minor_age", "calendar"];

/// Reads documents that must know, together, everything they name. The header comes from `beneath` and from what the
/// parts say. Facts are in the order of the parts, then come `more`. All problems
/// of all parts are collected. `files` reads a file that a part names.
pub fn read_together(
    parts: &[Part],
    beneath: Beneath<'_, '_>,
    files: &dyn Fn(&str) -> Result<String, String>,
    more: More,
) -> Result<Document, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut roots = Vec::with_capacity(parts.len());
    for part in parts {
        let mut reading = Reading::new(&part.name);
        let text = part.text.strip_prefix('\u{feff}').unwrap_or(&part.text);
        let node = match part.format {
            Format::Yaml => yaml::node(text, &mut reading),
            Format::Json => json::node(text, &mut reading),
            Format::Ndjson => first_line(text),
            Format::Csv | Format::Parquet => None,
        };
        roots.push((part, text, reading, node));
    }
    let shared = shared(&roots, beneath, &mut problems);
    let mut header: Option<Header> = None;
    let mut facts: Vec<Stated> = Vec::new();
    let mut open: Vec<(Reference, Place)> = Vec::new();
    let mut warnings = Vec::new();
    for (part, text, mut reading, node) in roots {
        let beside = |file: &str| files(&format!("{}{file}", part.folder));
        let given = Given {
            beneath: &shared,
            files: Some(&beside),
        };
        let read: Read = match part.format {
            Format::Yaml | Format::Json | Format::Csv | Format::Parquet => {
                node.and_then(|node| whole(&node, given, &mut reading))
            }
            Format::Ndjson => lines(text, given, &mut reading, &|_| ()),
        };
        open.extend(located(&mut reading));
        if let Some((own, own_facts)) = read {
            header = header.or(own);
            facts.extend(own_facts);
        }
        let (told, refusing): (Vec<_>, Vec<_>) = reading.problems.into_iter().partition(Problem::is_warning);
        warnings.extend(told);
        problems.extend(refusing);
        if problems.len() > PROBLEMS_MAX {
            break;
        }
    }
    facts.extend(more.facts);
    open.extend(more.open);
    let undeclared: Vec<Stated> = {
        let declared = declared(&facts);
        let is_undeclared = |stated: &Stated| {
            let id = stated.fact.id().unwrap_or_default();
            !declared
                .get(&stated.fact.section())
                .is_some_and(|ids| ids.contains(id))
        };
        more.unless_declared.into_iter().filter(is_undeclared).collect()
    };
    facts.extend(undeclared);
    problems.extend(resolve(&facts, &open));
    problems.extend(doubles(&facts));
    problems.extend(crate::facts::standing::problems(&facts));
    problems.extend(super::cycles(&facts));
    match header {
        Some(header) if problems.is_empty() => Ok(Document {
            header,
            facts,
            open: Vec::new(),
            warnings,
        }),
        _ => {
            problems.extend(warnings);
            problems.sort_by(|a, b| a.place.cmp(&b.place));
            problems.dedup();
            Err(problems)
        }
    }
}

/// The references that none of the facts declares, as problems.
pub fn resolve(facts: &[Stated], open: &[(Reference, Place)]) -> Vec<Problem> {
    let declared = declared(facts);
    let knows = |section: Section, id: &str| declared.get(&section).is_some_and(|ids| ids.contains(id));
    open.iter()
        .filter(|(reference, _)| !reference.sections().any(|section| knows(section, &reference.id)))
        .map(|(reference, place)| unknown_reference(reference, place))
        .collect()
}

/// The identifiers of each section.
fn declared(facts: &[Stated]) -> FxHashMap<Section, FxHashSet<&str>> {
    let mut declared: FxHashMap<Section, FxHashSet<&str>> = FxHashMap::default();
    for stated in facts {
        if let Some(id) = stated.fact.id() {
            declared.entry(stated.fact.section()).or_default().insert(id);
        }
    }
    declared
}

/// Identifiers that two documents declare in one section.
fn doubles(facts: &[Stated]) -> Vec<Problem> {
    let mut first: FxHashMap<(Section, &str), &Place> = FxHashMap::default();
    let mut problems = Vec::new();
    for stated in facts.iter().filter(|stated| !stated.is_version()) {
        let Some(id) = stated.fact.id() else { continue };
        let section = stated.fact.section();
        // Cohorts stand where subjects are listed, so no two of them have one name.
        let space = if section == Section::Cohorts {
            Section::Subjects
        } else {
            section
        };
        if let Some(place) = first.get(&(space, id)) {
            // Doubles inside one document have been told when it was read.
            if place.file != stated.place.file {
                problems.push(Problem {
                    code: ProblemCode::DuplicateId,
                    place: stated.place.clone(),
                    message: format!("`{id}` is declared twice in `{section}`"),
                    help: format!("it stands in {place} already; rename or remove one of the two"),
                });
            }
        } else {
            first.insert((space, id), &stated.place);
        }
    }
    problems
}

type Root<'p> = (&'p Part, &'p str, Reading, Option<Node<'p>>);

/// The header keys for all parts: those of `beneath`, and those that any part says for all.
fn shared<'t>(
    roots: &[Root<'t>],
    beneath: Beneath<'_, 't>,
    problems: &mut Vec<Problem>,
) -> Vec<(Key<'t>, Node<'t>)> {
    let mut all: Vec<(Key<'t>, Node<'t>)> = beneath.keys.to_vec();
    let mut said: BTreeMap<&str, Place> = BTreeMap::new();
    for (key, _) in beneath.keys {
        if let Some(name) = SHARED.iter().find(|name| **name == key.text) {
            let place = Place {
                file: beneath.file.into(),
                line: key.mark.line,
                column: key.mark.column,
            };
            said.insert(name, place);
        }
    }
    for (_, _, reading, node) in roots {
        let Some(Node {
            value: Value::Map(keys),
            ..
        }) = node
        else {
            continue;
        };
        for (key, value) in keys {
            let Some(name) = SHARED.iter().find(|name| **name == key.text) else {
                continue;
            };
            let place = reading.place(key.mark);
            let before = all.iter().find(|(other, _)| other.text == key.text);
            let (Some((_, other)), Some(first)) = (before, said.get(name)) else {
                said.insert(name, place);
                all.push((key.clone(), value.clone()));
                continue;
            };
            if other.to_json() != value.to_json() {
                problems.push(Problem {
                    code: ProblemCode::HeaderMismatch,
                    place,
                    message: format!("`{name}` holds for all files and is said differently here"),
                    help: format!("{first} says otherwise; say it once"),
                });
            }
        }
    }
    all
}

/// The header of a document of lines.
fn first_line(text: &str) -> Option<Node<'_>> {
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    // Its problems are told when the whole document is read.
    json::line(line, 1, &mut Reading::new(""))
}

/// Reads the facts of one map: sections side by side, without a header. Its rules may name no files.
pub fn sections(node: &Node<'_>, reading: &mut Reading) -> Vec<Stated> {
    super::sections(node, &[], None, reading)
}

/// The same; `files` reads a file that a rule names.
pub fn sections_beside(
    node: &Node<'_>,
    files: &dyn Fn(&str) -> Result<String, String>,
    reading: &mut Reading,
) -> Vec<Stated> {
    super::sections(node, &[], Some(files), reading)
}
