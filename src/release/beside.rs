//! What a folder states beside its fact files: rules for flow policies, what a mapping says, and what pipelines told.

use std::borrow::Cow;

use super::project::PolicyFile;
use crate::facts::Reading;
use crate::facts::node::{Key, Mark, Node, Value};
use crate::import::mapping::Mapping;
use crate::import::openlineage::{self, Gathered, Unfinished, file};
use crate::import::together::{self, More};
use crate::import::{self, draft};
use crate::model::fact::Stated;
use crate::model::place::Problem;
use crate::model::word::Section;

/// What was read, and warnings.
type Read = Result<(More, Vec<Problem>), Vec<Problem>>;

/// A text and the name that it has in messages.
#[derive(Clone, Copy, Debug)]
pub struct Named<'t> {
    /// The name.
    pub name: &'t str,
    /// The text.
    pub text: &'t str,
}

/// A rule of the kind `policy` for each file; `name` is that of the file that lists them, `files` reads one.
pub fn policies<'t>(
    wanted: &[(&PolicyFile<'t>, &'t str)],
    name: &str,
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Read {
    let mut reading = Reading::new(name);
    let rules: Vec<Node<'t>> = wanted.iter().map(|(policy, file)| rule(policy, file)).collect();
    let mark = Mark { line: 1, column: 1 };
    let node = map(mark, vec![entry(mark, "rules", Value::List(rules))]);
    let facts = together::sections_beside(&node, files, &mut reading);
    finished(facts, reading)
}

/// The rule of a file of policies. It is called as the file unless it says otherwise.
fn rule<'t>(policy: &PolicyFile<'t>, file: &'t str) -> Node<'t> {
    let mut keys = policy.keys.clone();
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.strip_suffix(".cedar").unwrap_or(stem);
    let defaults = [
        ("id", stem),
        ("clause", stem),
        ("severity", "error"),
        ("check", "policy"),
        ("policy_file", file),
    ];
    for (key, value) in defaults {
        if !keys.iter().any(|(known, _)| known.text == key) {
            keys.push(entry(policy.mark, key, Value::Text(Cow::Borrowed(value))));
        }
    }
    map(policy.mark, keys)
}

fn map<'t>(mark: Mark, keys: Vec<(Key<'t>, Node<'t>)>) -> Node<'t> {
    Node {
        value: Value::Map(keys),
        mark,
    }
}

fn entry<'t>(mark: Mark, key: &'static str, value: Value<'t>) -> (Key<'t>, Node<'t>) {
    let key = Key {
        text: Cow::Borrowed(key),
        mark,
    };
    (key, Node { value, mark })
}

/// What a mapping states, and what the events of these files mean under it. An event that cannot be read refuses all.
pub fn lineage(mapping: Option<Named<'_>>, events: &[Named<'_>]) -> Read {
    let of_mapping = mapping.map_or("", |mapping| mapping.name);
    let (mapping, warnings) = match mapping {
        Some(Named { name, text }) => Mapping::read(text, name)?,
        None => (Mapping::default(), Vec::new()),
    };
    let mut gathered = Gathered::default();
    let mut outcome = file::Outcome::default();
    for Named { name, text } in events {
        for raw in file::split(text, &(*name).into()) {
            match raw.event(mapping.offset.as_deref()) {
                Ok(event) => gathered.add(event, &raw.place),
                Err(refusal) => outcome.refused.push((raw.place, refusal)),
            }
        }
    }
    if !outcome.refused.is_empty() {
        return Err(outcome.problems());
    }
    let mut reading = Reading::new("lineage");
    let items = openlineage::facts(&gathered, &mapping, Unfinished::Stated);
    let facts = draft::stated(&items, &mut reading);
    let (mut more, mut told) = finished(facts, reading)?;
    told.extend(warnings);
    // Events name things without describing them; a fact file or the mapping knows better.
    let is_stated =
        |stated: &Stated| stated.fact.section() == Section::Events || &*stated.place.file == of_mapping;
    (more.facts, more.unless_declared) = std::mem::take(&mut more.facts).into_iter().partition(is_stated);
    Ok((more, told))
}

fn finished(facts: Vec<Stated>, mut reading: Reading) -> Read {
    let open = import::located(&mut reading);
    let (warnings, problems): (Vec<_>, Vec<_>) = reading.problems.into_iter().partition(Problem::is_warning);
    if !problems.is_empty() {
        return Err(problems);
    }
    let more = More {
        facts,
        open,
        ..More::default()
    };
    Ok((more, warnings))
}
