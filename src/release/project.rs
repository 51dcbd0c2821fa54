//! `wherefore.yaml`: what a folder is checked for, written beside the facts that are checked.

use std::borrow::Cow;

use super::possible::Tell;
use crate::facts::node::{Key, Mark, Node, Value};
use crate::facts::{self, Entry, Reading};
use crate::import;
use crate::model::alike::nearest;
use crate::model::fact::Stated;
use crate::model::finding::FailOn;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::Instant;
use crate::model::word::{Section, Severity};

/// The name of the file.
pub const FILE: &str = "wherefore.yaml";

/// Days that a check looks ahead when nothing is said.
pub const HORIZON_DAYS: i64 = 90;

/// Days that a check may look ahead.
pub const HORIZON_DAYS_MAX: i64 = 36_500;

/// A text of the file and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// What the file says. Paths are relative to its folder.
#[derive(Clone, Debug, Default)]
pub struct Project<'t> {
    /// Header keys that hold for all fact files.
    pub header: Vec<(Key<'t>, Node<'t>)>,
    /// Fact files, by name or pattern.
    pub facts: Vec<Said>,
    /// Rule packs with their parameters.
    pub packs: Vec<Said>,
    /// Flow policies.
    pub policies: Vec<PolicyFile<'t>>,
    /// Files of lineage events, by name or pattern.
    pub lineage: Vec<Said>,
    /// Whose the datasets and jobs of the events are.
    pub mapping: Option<Said>,
    /// The findings of an earlier check.
    pub baseline: Option<Said>,
    /// From which severity on findings fail.
    pub fail_on: Option<FailOn>,
    /// The release.
    pub as_of: Option<Instant>,
    /// Days to look ahead.
    pub horizon_days: Option<i64>,
    /// Whether nobody under age is served.
    pub adults_only: bool,
    /// Whether every party in reach has to report what it does.
    pub require_complete: bool,
    /// What is done with findings that rest on acts which only may have carried.
    pub possible: Option<Tell>,
    /// The store of what was observed, held against what is declared.
    pub observed: Option<Said>,
    /// Outputs: format and file.
    pub outputs: Vec<(String, Said)>,
    /// Findings put up with.
    pub suppressions: Vec<Stated>,
}

/// A file of flow policies, or a pattern of several: a rule for each.
#[derive(Clone, Debug)]
pub struct PolicyFile<'t> {
    /// The file.
    pub file: Said,
    /// The keys of the rule that were given.
    pub keys: Vec<(Key<'t>, Node<'t>)>,
    /// Where it stands.
    pub mark: Mark,
}

/// Reads the file. All its problems are collected.
pub fn read<'t>(text: &'t str, file: &str) -> Result<(Project<'t>, Vec<Problem>), Vec<Problem>> {
    let mut reading = Reading::new(file);
    let Some(node) = import::yaml_tree(text, &mut reading) else {
        return Err(reading.problems);
    };
    let project = project(&node, &mut reading);
    // Suppressions name nothing that has to be declared, so nothing is left open.
    match project {
        Some(project) if reading.problems.iter().all(Problem::is_warning) => Ok((project, reading.problems)),
        _ => Err(reading.problems),
    }
}

fn project<'t>(node: &Node<'t>, reading: &mut Reading) -> Option<Project<'t>> {
    let mut entry = Entry::open(node, FILE, reading)?;
    entry.demand("facts", "the fact files, by name or pattern: [privacy/*.yaml]");
    let mut project = Project {
        header: header(entry.node("header"), &mut entry),
        facts: said(&mut entry, "facts"),
        packs: said(&mut entry, "packs"),
        lineage: said(&mut entry, "lineage"),
        mapping: said(&mut entry, "mapping").pop(),
        baseline: said(&mut entry, "baseline").pop(),
        fail_on: entry.word("fail_on", fail_on, &["error", "warning", "note", "never"]),
        as_of: entry.instant("as_of"),
        horizon_days: horizon(&mut entry),
        adults_only: flag(&mut entry, "adults_only"),
        require_complete: flag(&mut entry, "require_complete"),
        possible: entry.word("possible", Tell::parse, Tell::WORDS),
        observed: said(&mut entry, "observed").pop(),
        ..Project::default()
    };
    if let Some(outputs) = entry.node("outputs") {
        project.outputs = self::outputs(outputs, entry.reading());
    }
    for item in entry.maps("suppressions") {
        let stated = facts::item(Section::Suppressions, item, &[], entry.reading());
        project.suppressions.extend(stated);
    }
    entry.info(&["name", "description"]);
    if let Some(policies) = entry.node("policies") {
        project.policies = self::policies(policies, entry.reading());
    }
    refuse_unknown(node, entry);
    Some(project)
}

/// A key misspelled in a gate must not be taken for one left out.
fn refuse_unknown(node: &Node<'_>, mut entry: Entry<'_, '_, '_>) {
    const KEYS: &[&str] = &[
        "name",
        "description",
        "header",
        "facts",
        "lineage",
        "mapping",
        "packs",
        "policies",
        "baseline",
        "fail_on",
        "as_of",
        "horizon",
        "adults_only",
        "require_complete",
        "possible",
        "observed",
        "outputs",
        "suppressions",
    ];
    let Value::Map(keys) = &node.value else { return };
    for (key, _) in keys.iter().filter(|(key, _)| !KEYS.contains(&&*key.text)) {
        entry.reading().problem(
            ProblemCode::BadWord,
            key.mark,
            format!("`{}` is no key of {FILE}", key.text),
            advice(&key.text, KEYS),
        );
    }
    entry.ignore_the_rest();
}

/// The word that was meant most likely, and all that may stand there.
fn advice(word: &str, words: &[&str]) -> String {
    let meant = nearest(word, words.iter().copied())
        .map_or_else(String::new, |nearest| format!("did you mean `{nearest}`? "));
    format!("{meant}the keys are {}", words.join(", "))
}

/// The keys of the header, those of a fact file but for the sections.
fn header<'t>(node: Option<&Node<'t>>, entry: &mut Entry<'_, '_, '_>) -> Vec<(Key<'t>, Node<'t>)> {
    const KEYS: &[&str] = &["timezone", "home", "minor_age", "calendar"];
    let Some(node) = node else { return Vec::new() };
    let Value::Map(keys) = &node.value else {
        let message = format!("`header` must be a map, found {}", node.shape());
        entry.reading().problem(
            ProblemCode::Shape,
            node.mark,
            message,
            "write it as a map: {timezone: …, home: …}",
        );
        return Vec::new();
    };
    for (key, _) in keys.iter().filter(|(key, _)| !KEYS.contains(&&*key.text)) {
        entry.reading().problem(
            ProblemCode::BadWord,
            key.mark,
            format!("`{}` does not hold for all fact files", key.text),
            advice(&key.text, KEYS),
        );
    }
    keys.clone()
}

fn fail_on(text: &str) -> Option<FailOn> {
    if text == "never" {
        Some(FailOn::Never)
    } else {
        Severity::parse(text).map(FailOn::AtLeast)
    }
}

/// The texts under a key, each with its place; one text stands for a list of one.
fn said(entry: &mut Entry<'_, '_, '_>, key: &str) -> Vec<Said> {
    entry
        .texts(key, true)
        .into_iter()
        .map(|(text, mark)| Said {
            text: text.to_owned(),
            place: entry.reading().place(mark),
        })
        .collect()
}

/// Each a file or pattern, or a map with `file` and keys of a rule of the kind `policy`.
fn policies<'t>(node: &Node<'t>, reading: &mut Reading) -> Vec<PolicyFile<'t>> {
    const KEYS: &[&str] = &[
        "file",
        "id",
        "clause",
        "severity",
        "law",
        "advice",
        "link",
        "acts",
        "processor",
    ];
    let mut all = Vec::new();
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        Value::Null | Value::Text(_) | Value::Map(_) => std::slice::from_ref(node),
    };
    for item in items {
        let (file, keys) = match &item.value {
            Value::Text(_) => (Some(item), Vec::new()),
            Value::Map(keys) => {
                for (key, _) in keys.iter().filter(|(key, _)| !KEYS.contains(&&*key.text)) {
                    let message = format!("`{}` is no key of a file of flow policies", key.text);
                    reading.problem(ProblemCode::BadWord, key.mark, message, advice(&key.text, KEYS));
                }
                let keys = keys.iter().filter(|(key, _)| key.text != "file");
                (item.get("file"), keys.cloned().collect())
            }
            Value::Null | Value::List(_) => (None, Vec::new()),
        };
        if let Some(Value::Text(text)) = file.map(|file| &file.value) {
            let file = Said {
                text: text.to_string(),
                place: reading.place(item.mark),
            };
            all.push(PolicyFile {
                file,
                keys,
                mark: item.mark,
            });
        } else {
            reading.problem(
                ProblemCode::Shape,
                item.mark,
                format!(
                    "flow policies must be named by their file, found {}",
                    item.shape()
                ),
                "write policies/eu-border.cedar, or {file: policies/eu-border.cedar, clause: …, severity: …}",
            );
        }
    }
    all
}

/// `true` or `false` and nothing else: `yes` must not be taken for no.
fn flag(entry: &mut Entry<'_, '_, '_>, key: &str) -> bool {
    let parse = |text: &str| match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    entry.word(key, parse, &["true", "false"]).unwrap_or(false)
}

fn horizon(entry: &mut Entry<'_, '_, '_>) -> Option<i64> {
    let mark = entry.node("horizon").map_or(entry.mark(), |node| node.mark);
    let text = entry.text("horizon")?;
    let days = days(text);
    if days.is_none() {
        let message = format!("`{text}` is no number of days");
        let help = "write 90d; 0d looks at the day of the release only";
        entry
            .reading()
            .problem(ProblemCode::BadNumber, mark, message, help);
    }
    days
}

/// Reads `90d`.
pub fn days(text: &str) -> Option<i64> {
    let number: i64 = text.strip_suffix('d')?.parse().ok()?;
    (0..=HORIZON_DAYS_MAX).contains(&number).then_some(number)
}

fn outputs(node: &Node<'_>, reading: &mut Reading) -> Vec<(String, Said)> {
    let mut all = Vec::new();
    let Value::Map(keys) = &node.value else {
        reading.problem(
            ProblemCode::Shape,
            node.mark,
            format!("`outputs` must be a map, found {}", node.shape()),
            "write it as a map of formats and files: {sarif: wherefore.sarif}",
        );
        return all;
    };
    for (key, value) in keys {
        if let Value::Text(path) = &value.value {
            let place = reading.place(value.mark);
            let text = path.to_string();
            all.push((key.text.to_string(), Said { text, place }));
        } else {
            let message = format!("`{}` must be a text, found {}", key.text, value.shape());
            reading.problem(ProblemCode::Shape, value.mark, message, "name a file");
        }
    }
    all
}

impl<'t> Project<'t> {
    /// The header keys that lie beneath those of the fact files: what the file says, the name of the folder, and the
    /// instant of the check.
    pub fn header_keys(&self, name: &'t str, as_of: &'t str) -> Vec<(Key<'t>, Node<'t>)> {
        let mark = Mark { line: 1, column: 1 };
        let text = |key: &'static str, text: &'t str| {
            let key = Key {
                text: Cow::Borrowed(key),
                mark,
            };
            let value = Value::Text(Cow::Borrowed(text));
            (key, Node { value, mark })
        };
        let mut keys = self.header.clone();
        keys.extend([text("scenario", name), text("as_of", as_of)]);
        keys
    }
}
