//! Documents in, facts and problems out. All problems of a document are collected before it is refused.
//!
//! Start at [`read`]. `yaml` and `json` make the same tree of texts, `facts` gives it meaning, `tree` looks for
//! cycles; `diagnostic` shows problems with the place they point at.

mod beside;
mod csv;
pub mod diagnostic;
pub mod draft;
pub mod fides;
mod json;
pub mod mapping;
pub mod openlineage;
mod parquet;
mod pattern;
pub mod pieces;
pub mod suggest;
mod table;
pub mod together;
mod tree;
mod yaml;

use std::path::Path;

use crate::facts::node::{Mark, Node, Value};
use crate::facts::{self, Defaults, Reading, Reference, standing};
use crate::model::fact::{Header, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::Section;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2, every scalar a text.
    Yaml,
    /// One JSON object with the same keys.
    Json,
    /// One JSON object a line: the header first, then `{"<section>": {item}}`.
    Ndjson,
    /// A table of acts, one a row; read in pieces only.
    Csv,
    /// The same as Parquet.
    Parquet,
}

impl Format {
    /// The format that a file name stands for, without `.gz`; YAML when nothing is known.
    pub fn of(path: &Path) -> Self {
        if path.extension().is_some_and(|extension| extension == "gz") {
            return Self::of(&path.with_extension(""));
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Self::Json,
            Some("ndjson" | "jsonl") => Self::Ndjson,
            Some("csv") => Self::Csv,
            Some("parquet") => Self::Parquet,
            Some(_) | None => Self::Yaml,
        }
    }

    /// The format that a text without a name most likely is in.
    pub fn guess(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if !text.trim_start().starts_with('{') {
            return Self::Yaml;
        }
        let (first_line, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        let one_line_is_whole = serde_json::from_str::<serde::de::IgnoredAny>(first_line).is_ok();
        let more_follows = !rest.trim().is_empty();
        match (one_line_is_whole, more_follows) {
            (true, true) => Self::Ndjson,
            (true, false) | (false, _) => Self::Json,
        }
    }
}

/// A document that was read without a problem that refuses it.
#[derive(Debug)]
pub struct Document {
    /// What holds for all of it.
    pub header: Header,
    /// Its facts, in the order of the document.
    pub facts: Vec<Stated>,
    /// Identifiers that it uses and does not declare: somebody else must know them.
    pub open: Vec<(Reference, Place)>,
    /// Warnings.
    pub warnings: Vec<Problem>,
}

/// Reads a file that a document names, from wherever the document came from; `None` for a document that may name none.
/// The error says which file and why.
pub type Files<'f> = Option<&'f dyn Fn(&str) -> Result<String, String>>;

/// What stands behind a document: keys beneath those of its header, and the files it names.
#[derive(Clone, Copy)]
struct Given<'n, 't> {
    beneath: Defaults<'n, 't>,
    files: Files<'n>,
}

/// Reads a document that names no other files. `name` stands in messages; `progress` is told after every thousandth
/// line or item how many bytes have been read.
pub fn read(
    text: &str,
    name: &str,
    format: Format,
    progress: &dyn Fn(u64),
) -> Result<Document, Vec<Problem>> {
    read_beside(text, name, format, None, progress)
}

/// Reads a document. The files that its rules name are read from the folder, without one such a rule is refused:
/// only somebody who may read the disk may hand in a folder.
pub fn read_beside(
    text: &str,
    name: &str,
    format: Format,
    folder: Option<&Path>,
    progress: &dyn Fn(u64),
) -> Result<Document, Vec<Problem>> {
    let mut reading = Reading::new(name);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let from_folder = folder.map(|folder| move |file: &str| beside::text(&folder.join(file)));
    let given = Given {
        beneath: &[],
        files: from_folder.as_ref().map(|read| read as &dyn Fn(&str) -> _),
    };
    let read = match format {
        Format::Yaml => yaml::node(text, &mut reading).and_then(|node| whole(&node, given, &mut reading)),
        Format::Json => json::node(text, &mut reading).and_then(|node| whole(&node, given, &mut reading)),
        Format::Ndjson => lines(text, given, &mut reading, progress),
        Format::Csv | Format::Parquet => {
            reading.problem(
                ProblemCode::Shape,
                Mark { line: 1, column: 1 },
                "a table of acts is no fact file of its own".to_owned(),
                "import it into a store that has its catalogue: wherefore import FILE --store DIR",
            );
            None
        }
    };
    if let Some((_, facts)) = &read {
        reading.problems.extend(standing::problems(facts));
        reading.problems.extend(cycles(facts));
    }
    finish(read, reading)
}

/// Reads a document that must know everything it names: no store stands behind it.
pub fn read_alone(text: &str, name: &str, format: Format) -> Result<Document, Vec<Problem>> {
    alone(read(text, name, format, &|_| ())?)
}

/// Refuses a document that does not know everything it names.
pub fn alone(mut document: Document) -> Result<Document, Vec<Problem>> {
    let unknown = std::mem::take(&mut document.open);
    if unknown.is_empty() {
        return Ok(document);
    }
    let mut problems = document.warnings;
    problems.extend(
        unknown
            .iter()
            .map(|(reference, place)| unknown_reference(reference, place)),
    );
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    Err(problems)
}

/// A YAML document as JSON, every scalar a text.
pub fn yaml_json(text: &str) -> Result<serde_json::Value, Vec<Problem>> {
    let mut reading = Reading::new("YAML");
    yaml::node(text, &mut reading)
        .map(|node| node.to_json())
        .ok_or(reading.problems)
}

/// A YAML document as a tree; `None` when it is none, with the problem in `reading`.
pub fn yaml_tree<'t>(text: &'t str, reading: &mut Reading) -> Option<Node<'t>> {
    yaml::node(text, reading)
}

/// A document in one piece as a tree; `None` when it is none, with the problem in `reading`.
pub fn tree_of<'t>(text: &'t str, format: Format, reading: &mut Reading) -> Option<Node<'t>> {
    match format {
        Format::Yaml => yaml::node(text, reading),
        Format::Json => json::node(text, reading),
        Format::Ndjson | Format::Csv | Format::Parquet => {
            reading.problem(
                ProblemCode::Syntax,
                Mark { line: 1, column: 1 },
                "this document cannot be one of lines or a table".to_owned(),
                "write it as YAML or as one JSON object",
            );
            None
        }
    }
}

/// One line of JSON as a tree; `None` when it is none, with the problem in `reading`.
pub fn json_line<'t>(text: &'t str, reading: &mut Reading) -> Option<Node<'t>> {
    json::line(text, 1, reading)
}

/// The problem of an identifier that is declared twice, the first time in line `first_line`.
pub fn declared_twice(section: Section, place: Place, first_line: u32) -> Problem {
    Problem {
        code: ProblemCode::DuplicateId,
        place,
        message: format!("this identifier is declared twice in `{section}`"),
        help: format!("it stands in line {first_line} already; rename one of the two"),
    }
}

/// The problem of an identifier that nobody declares.
pub fn unknown_reference(reference: &Reference, place: &Place) -> Problem {
    let meant = reference
        .meant
        .as_ref()
        .map_or_else(String::new, |meant| format!("did you mean `{meant}`? Otherwise "));
    let or = reference
        .or
        .map_or_else(String::new, |other| format!(" or `{other}`"));
    Problem {
        code: ProblemCode::UnknownReference,
        place: place.clone(),
        message: format!(
            "nothing in `{}`{or} is called `{}`",
            reference.section, reference.id
        ),
        help: format!(
            "{meant}declare it in `{}` or correct the spelling",
            reference.section
        ),
    }
}

type Read = Option<(Option<Header>, Vec<Stated>)>;

fn finish(read: Read, mut reading: Reading) -> Result<Document, Vec<Problem>> {
    let located = located(&mut reading);
    let refused = reading.problems.iter().any(|problem| !problem.is_warning());
    if let (Some((Some(header), facts)), false) = (read, refused) {
        return Ok(Document {
            header,
            facts,
            open: located,
            warnings: reading.problems,
        });
    }
    let mut problems = reading.problems;
    problems.extend(
        located
            .iter()
            .map(|(reference, place)| unknown_reference(reference, place)),
    );
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    Err(problems)
}

/// Cycles of trees among those of these facts that stand.
pub fn cycles(facts: &[Stated]) -> Vec<Problem> {
    tree::cycles(&standing::of_all(facts))
}

/// The references left open, each with its place.
pub fn located(reading: &mut Reading) -> Vec<(Reference, Place)> {
    let open = std::mem::take(&mut reading.references).into_open();
    open.into_iter()
        .map(|reference| {
            let place = reading.place(reference.mark);
            (reference, place)
        })
        .collect()
}

/// A document that is one map: header keys, which stand over those `beneath`, and sections side by side.
fn whole(node: &Node<'_>, given: Given<'_, '_>, reading: &mut Reading) -> Read {
    let (header, defaults) = facts::read_header(node, given.beneath, Section::WORDS, reading);
    matches!(node.value, Value::Map(_)).then(|| (header, sections(node, defaults, given.files, reading)))
}

/// The facts of a map of sections; its other keys are none of this.
fn sections(
    node: &Node<'_>,
    defaults: Defaults<'_, '_>,
    files: Files<'_>,
    reading: &mut Reading,
) -> Vec<Stated> {
    let mut all = Vec::new();
    let Value::Map(keys) = &node.value else {
        return all;
    };
    for (key, value) in keys {
        let Some(section) = Section::parse(&key.text) else {
            continue;
        };
        match &value.value {
            Value::Null => {}
            Value::List(items) => {
                all.extend(
                    items
                        .iter()
                        .filter_map(|item| beside::item(section, item, files, defaults, reading)),
                );
            }
            Value::Text(_) | Value::Map(_) => reading.problem(
                ProblemCode::Shape,
                value.mark,
                format!("`{section}` must be a list, found {}", value.shape()),
                "write it as a list of items: - {id: …}",
            ),
        }
    }
    all
}

/// A document of lines: the header first, then one item each.
fn lines(text: &str, given: Given<'_, '_>, reading: &mut Reading, progress: &dyn Fn(u64)) -> Read {
    let mut numbered = (1_u32..)
        .zip(text.split('\n'))
        .map(|(number, line)| (number, line.strip_suffix('\r').unwrap_or(line)))
        .filter(|(_, line)| !line.trim().is_empty());
    let Some((number, line)) = numbered.next() else {
        reading.problem(
            ProblemCode::Syntax,
            Mark { line: 1, column: 1 },
            EMPTY.to_owned(),
            EMPTY_HELP,
        );
        return None;
    };
    let first = json::line(line, number, reading)?;
    refuse_sections(&first, reading);
    let (header, defaults) = facts::read_header(&first, given.beneath, Section::WORDS, reading);
    let mut all = Vec::new();
    for (number, line) in numbered {
        if number % 1000 == 0 {
            let read = line.as_ptr().addr() - text.as_ptr().addr();
            progress(u64::try_from(read).unwrap_or(u64::MAX));
        }
        if let Some(node) = json::line(line, number, reading)
            && let Some((section, item)) = section_of(&node, reading)
        {
            all.extend(beside::item(section, item, given.files, defaults, reading));
        }
        if reading.problems.len() > PROBLEMS_MAX {
            reading.problem(
                ProblemCode::Limit,
                Mark {
                    line: number,
                    column: 1,
                },
                format!("more than {PROBLEMS_MAX} problems; reading stopped here"),
                "mend these first",
            );
            break;
        }
    }
    Some((header, all))
}

/// The first line of a document of lines holds no facts; facts there would be lost.
fn refuse_sections(header: &Node<'_>, reading: &mut Reading) {
    let Value::Map(keys) = &header.value else { return };
    for (key, _) in keys.iter().filter(|(key, _)| Section::parse(&key.text).is_some()) {
        reading.problem(
            ProblemCode::Shape,
            key.mark,
            format!("`{}` stands in the header of a document of lines", key.text),
            "write each item on a line of its own: {\"events\": {…}}; one JSON document has the ending .json",
        );
    }
}

const EMPTY: &str = "the document is empty";
const EMPTY_HELP: &str = "the first line holds the header: {\"scenario\": …, \"as_of\": …}";

/// Beyond this many problems a document of lines is not read further.
const PROBLEMS_MAX: usize = 10_000;

fn section_of<'n, 't>(node: &'n Node<'t>, reading: &mut Reading) -> Option<(Section, &'n Node<'t>)> {
    let found = match &node.value {
        Value::Map(keys) if keys.len() == 1 => {
            let (key, item) = &keys[0];
            Section::parse(&key.text).map(|section| (section, item))
        }
        Value::Map(_) | Value::Null | Value::Text(_) | Value::List(_) => None,
    };
    if found.is_none() {
        reading.problem(
            ProblemCode::Shape,
            node.mark,
            "a line must hold one item under the name of its section".to_owned(),
            format!(
                "write {{\"events\": {{…}}}}; sections are {}",
                Section::WORDS.join(", ")
            ),
        );
    }
    found
}
