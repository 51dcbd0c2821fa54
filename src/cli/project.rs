//! Reads the project of a folder: `wherefore.yaml` and the fact files it names.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use super::packs::is_path;
use super::source::{self, Failure};
use super::tree::Tree;
use crate::import::together::{self, Beneath, More, Part};
use crate::import::{Document, Format, diagnostic};
use crate::model::finding::FailOn;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::{Instant, print_utc};
use crate::packs::Spec;
use crate::release::beside;
use crate::release::design::Design;
use crate::release::possible::Tell;
use crate::release::project::{self, FILE, PolicyFile, Project, Said};

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
    /// The texts of those that are files of the folder, by the names that they are given.
    pub pack_texts: BTreeMap<String, String>,
    /// Days to look ahead.
    pub horizon_days: Option<i64>,
    /// How what is declared for everyone is judged.
    pub design: Design,
    /// Every party in reach has to report.
    pub require_complete: bool,
    /// What is done with findings that are possible only.
    pub possible: Option<Tell>,
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
    let named = Named::find(tree, &project, &mut problems)?;
    let baseline = named_file(tree, project.baseline.as_ref(), &mut problems)?;
    let mapping = named_file(tree, project.mapping.as_ref(), &mut problems)?;
    let pack_texts = pack_texts(tree, &project.packs, &mut problems)?;
    if !problems.is_empty() {
        return Err(source::refusal(&problems, &name, &text));
    }
    let as_of = as_of.or(project.as_of);
    let instant = print_utc(as_of.unwrap_or_else(this_second));
    let files = |path: &str| match tree.read(path) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(format!("there is no file `{}`", tree.shown(path))),
        Err(failure) => Err(failure.to_string()),
    };
    // All texts that a problem may point into.
    let mut texts: Vec<(&str, &str)> = vec![(&name, &text)];
    texts.extend(
        named
            .facts
            .iter()
            .map(|part| (part.name.as_str(), part.text.as_str())),
    );
    texts.extend(
        named
            .lineage
            .iter()
            .chain(&mapping)
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let refuse = |problems: Vec<Problem>| refusal(&problems, &texts);
    let policies: Vec<(&PolicyFile<'_>, &str)> = named
        .policies
        .iter()
        .map(|(policy, file)| (*policy, file.as_str()))
        .collect();
    let events: Vec<beside::Named<'_>> = named.lineage.iter().map(of_pair).collect();
    let mut more = More {
        facts: project.suppressions.clone(),
        ..More::default()
    };
    for beside in [
        beside::policies(&policies, &name, &files),
        beside::lineage(mapping.as_ref().map(of_pair), &events),
    ] {
        let (read, warnings) = beside.map_err(refuse)?;
        warn(&warnings, &texts);
        more.facts.extend(read.facts);
        more.unless_declared.extend(read.unless_declared);
        more.open.extend(read.open);
    }
    let keys = project.header_keys(&name, &instant);
    let beneath = Beneath {
        keys: &keys,
        file: &name,
    };
    let mut document = together::read_together(&named.facts, beneath, &files, more).map_err(refuse)?;
    warn(&document.warnings, &texts);
    document.header.scenario.clone_from(&name);
    // What the files say of their own day is for those who judge them alone.
    if let Ok(at) = Instant::parse(&instant) {
        document.header.as_of = at;
    }
    let settings = Settings {
        is_gate: true,
        baseline,
        fail_on: project.fail_on,
        packs: project.packs.iter().map(|said| said.text.clone()).collect(),
        pack_texts,
        horizon_days: project.horizon_days,
        design: if project.adults_only {
            Design::Adults
        } else {
            Design::Everybody
        },
        require_complete: project.require_complete,
        possible: project.possible,
        observed: project.observed.as_ref().map(|said| tree.here(&said.text)),
        outputs: project
            .outputs
            .iter()
            .map(|(format, said)| (format.clone(), tree.shown(&said.text)))
            .collect(),
    };
    Ok(Some((document, settings)))
}

/// A file as it stands in messages, and its text.
type File = (String, String);

fn of_pair((name, text): &File) -> beside::Named<'_> {
    beside::Named { name, text }
}

/// The files that patterns fit.
struct Named<'p, 't> {
    facts: Vec<Part>,
    lineage: Vec<File>,
    policies: Vec<(&'p PolicyFile<'t>, String)>,
}

impl<'p, 't> Named<'p, 't> {
    fn find(tree: &Tree, project: &'p Project<'t>, problems: &mut Vec<Problem>) -> Result<Self, Failure> {
        let all = tree.files()?;
        let mut facts = Vec::new();
        for name in names(&all, &project.facts, problems) {
            if let Some(text) = tree.read(name)? {
                facts.push(Part {
                    name: tree.shown(name),
                    text,
                    format: Format::of(std::path::Path::new(name)),
                    folder: name.rfind('/').map_or("", |end| &name[..=end]).to_owned(),
                });
            }
        }
        let mut lineage = Vec::new();
        for name in names(&all, &project.lineage, problems) {
            lineage.extend(tree.read(name)?.map(|text| (tree.shown(name), text)));
        }
        let mut policies = Vec::new();
        for policy in &project.policies {
            let found = names(&all, std::slice::from_ref(&policy.file), problems);
            policies.extend(found.into_iter().map(|name| (policy, name.to_owned())));
        }
        Ok(Self {
            facts,
            lineage,
            policies,
        })
    }
}

/// A file that is named and must be there.
fn named_file(
    tree: &Tree,
    said: Option<&Said>,
    problems: &mut Vec<Problem>,
) -> Result<Option<File>, Failure> {
    let Some(said) = said else { return Ok(None) };
    let text = tree.read(&said.text)?;
    if text.is_none() {
        problems.push(missing(said));
    }
    Ok(text.map(|text| (tree.shown(&said.text), text)))
}

/// The texts of packs that are files of the folder, by their names.
fn pack_texts(
    tree: &Tree,
    packs: &[Said],
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut texts = BTreeMap::new();
    for said in packs {
        let Ok(spec) = Spec::parse(&said.text) else {
            continue;
        };
        if is_path(&spec.name) {
            let file = Said {
                text: spec.name.clone(),
                place: said.place.clone(),
            };
            texts.extend(named_file(tree, Some(&file), problems)?.map(|(_, text)| (spec.name, text)));
        }
    }
    Ok(texts)
}

/// The present, without fractions: the day of a check is read by people.
fn this_second() -> Instant {
    const SECOND: i64 = 1_000_000;
    let now = source::now().micros();
    Instant::from_micros(now - now.rem_euclid(SECOND))
}

/// The files that names and patterns fit, each once, in the order of their names. A name or pattern that fits none is a
/// problem: a gate must not turn green because a folder was renamed.
fn names<'a>(all: &'a [String], wanted: &[Said], problems: &mut Vec<Problem>) -> Vec<&'a str> {
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
        let is_meant = |name: &&String| pattern.matches_with(name, options) && name.as_str() != FILE;
        names.extend(all.iter().filter(is_meant).map(String::as_str));
        if names.len() == before {
            problems.push(missing(said));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
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
fn refusal(problems: &[Problem], texts: &[(&str, &str)]) -> Failure {
    Failure::Document {
        drawn: texts
            .iter()
            .map(|(name, text)| draw(problems, name, text))
            .collect(),
        name: texts.first().map_or("", |(name, _)| *name).to_owned(),
        errors: problems.iter().filter(|problem| !problem.is_warning()).count(),
    }
}

fn warn(warnings: &[Problem], texts: &[(&str, &str)]) {
    for (name, text) in texts {
        eprint!("{}", draw(warnings, name, text));
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
