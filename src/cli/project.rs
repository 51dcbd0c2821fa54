//! Reads the project of a folder: `wherefore.yaml` and the fact files it names.

use std::io::IsTerminal as _;

use super::source::{self, Failure};
use super::tree::Tree;
use crate::import::together::{self, Beneath, Part};
use crate::import::{Document, Format, diagnostic};
use crate::model::finding::FailOn;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::{Instant, print_utc};
use crate::release::project::{self, FILE, Said};

/// What a folder says about its check, without what lies in its files.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// It is a folder, made to be checked.
    pub is_gate: bool,
    /// The findings of an earlier check: the file as shown, and its text.
    pub baseline: Option<(String, String)>,
    /// From which severity on.
    pub fail_on: Option<FailOn>,
    /// Rule packs with their parameters.
    pub packs: Vec<String>,
    /// Days to look ahead.
    pub horizon_days: Option<i64>,
    /// Every party in reach has to report.
    pub require_complete: bool,
    /// The store of what was observed, from where the user is.
    pub observed: Option<String>,
    /// Format and file, from where the user is.
    pub outputs: Vec<(String, String)>,
}

/// Reads it at this instant, unless the file names one. Gives `None` if there is no `wherefore.yaml`.
pub fn read(tree: &Tree, as_of: Option<Instant>) -> Result<Option<(Document, Settings)>, Failure> {
    let Some(text) = tree.read(FILE)? else {
        return Ok(None);
    };
    let name = tree.shown(FILE);
    let (project, warnings) =
        project::read(&text, &name).map_err(|problems| source::refusal(&problems, &name, &text))?;
    source::warn(&warnings, &name, &text);
    let mut problems = Vec::new();
    let parts = parts(tree, &project.facts, &mut problems)?;
    let mut said_file = |said: &Option<Said>| -> Result<Option<(String, String)>, Failure> {
        let Some(said) = said else { return Ok(None) };
        let text = tree.read(&said.text)?;
        if text.is_none() {
            problems.push(missing(said));
        }
        Ok(text.map(|text| (tree.shown(&said.text), text)))
    };
    let baseline = said_file(&project.baseline)?;
    if !problems.is_empty() {
        return Err(source::refusal(&problems, &name, &text));
    }
    let as_of = as_of.or(project.as_of);
    let instant = print_utc(as_of.unwrap_or_else(this_second));
    let beneath = project.beneath(&name, &instant);
    let beneath = Beneath {
        keys: &beneath,
        file: &name,
    };
    let files = |path: &str| match tree.read(path) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(format!("there is no file `{}`", tree.shown(path))),
        Err(failure) => Err(failure.to_string()),
    };
    let mut document = together::read_together(&parts, beneath, &files)
        .map_err(|problems| refusal(&problems, &parts, &name, &text))?;
    warn(&document.warnings, &parts);
    document.header.scenario.clone_from(&name);
    // What the files say of their own day is for those who judge them alone.
    if let Ok(at) = Instant::parse(&instant) {
        document.header.as_of = at;
    }
    document.facts.extend(project.suppressions);
    let settings = Settings {
        is_gate: true,
        baseline,
        fail_on: project.fail_on,
        packs: project.packs.into_iter().map(|said| said.text).collect(),
        horizon_days: project.horizon_days,
        require_complete: project.require_complete,
        observed: project.observed.map(|said| tree.here(&said.text)),
        outputs: project
            .outputs
            .into_iter()
            .map(|(format, said)| (format, tree.shown(&said.text)))
            .collect(),
    };
    Ok(Some((document, settings)))
}

/// The present, without fractions: the day of a check is read by people.
fn this_second() -> Instant {
    const SECOND: i64 = 1_000_000;
    let now = source::now().micros();
    Instant::from_micros(now - now.rem_euclid(SECOND))
}

/// The fact files, each once, in the order of their names. A name or pattern that fits none is a problem: a gate must
/// not turn green because a folder was renamed.
fn parts(tree: &Tree, wanted: &[Said], problems: &mut Vec<Problem>) -> Result<Vec<Part>, Failure> {
    let all = tree.files()?;
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    let mut names: Vec<&str> = Vec::new();
    for said in wanted {
        let text = said.text.strip_prefix("./").unwrap_or(&said.text);
        let pattern = match glob::Pattern::new(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                problems.push(Problem {
                    code: ProblemCode::BadWord,
                    place: said.place.clone(),
                    message: format!("`{}` is no pattern: {error}", said.text),
                    help: "write a file name, or one with * (any letters), ** (any folders), ?".to_owned(),
                });
                continue;
            }
        };
        let before = names.len();
        let is_facts = |name: &&String| pattern.matches_with(name, options) && name.as_str() != FILE;
        names.extend(all.iter().filter(is_facts).map(String::as_str));
        if names.len() == before {
            problems.push(missing(said));
        }
    }
    names.sort_unstable();
    names.dedup();
    let mut parts = Vec::with_capacity(names.len());
    for name in names {
        if let Some(text) = tree.read(name)? {
            parts.push(Part {
                name: tree.shown(name),
                text,
                format: Format::of(std::path::Path::new(name)),
                folder: name.rfind('/').map_or("", |end| &name[..=end]).to_owned(),
            });
        }
    }
    Ok(parts)
}

fn missing(said: &Said) -> Problem {
    Problem {
        code: ProblemCode::UnknownReference,
        place: said.place.clone(),
        message: format!("no file is called `{}`", said.text),
        help: format!("name files from the folder of {FILE}; nothing is checked while one is missing"),
    }
}

/// A refusal with the problems of several files, each drawn in its own.
fn refusal(problems: &[Problem], parts: &[Part], name: &str, text: &str) -> Failure {
    let errors = problems.iter().filter(|problem| !problem.is_warning()).count();
    let mut drawn = String::new();
    for (name, text) in parts
        .iter()
        .map(|part| (part.name.as_str(), part.text.as_str()))
        .chain([(name, text)])
    {
        drawn.push_str(&draw(problems, name, text));
    }
    Failure::Document {
        drawn,
        name: name.to_owned(),
        errors,
    }
}

fn warn(warnings: &[Problem], parts: &[Part]) {
    for part in parts {
        eprint!("{}", draw(warnings, &part.name, &part.text));
    }
}

fn draw(problems: &[Problem], name: &str, text: &str) -> String {
    let is_here = |place: &Place| &*place.file == name;
    let own: Vec<Problem> = problems
        .iter()
        .filter(|problem| is_here(&problem.place))
        .cloned()
        .collect();
    if own.is_empty() {
        return String::new();
    }
    diagnostic::draw(&own, name, text, std::io::stderr().is_terminal())
}
