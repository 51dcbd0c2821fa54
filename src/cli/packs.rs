//! `wherefore packs`, and the option `--pack` of other commands.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;

use super::exit::Exit;
use super::out::{out, outln};
use super::project::Settings;
use super::source::{self, Failure};
use crate::db::Snapshot;
use crate::model::pack::{Pack, Sketch};
use crate::packs::{self, Bound, PackError, Spec};
use crate::report::packs as printed;

/// The packs that facts are held to.
#[derive(Debug, Args)]
pub struct Packs {
    /// Judge by this rule pack too, with its parameters: NAME or NAME:parameter=ID,parameter=ID (repeatable;
    /// `wherefore packs` lists them). NAME may be the path of a pack of your own.
    #[arg(long = "pack", value_name = "NAME[:PARAMETER=ID]")]
    specs: Vec<String>,
}

impl Packs {
    /// The same facts, held to the packs that were named, or otherwise to those of
    /// the folder. What a pack leaves out is told on
    /// standard error.
    pub fn laid_over(&self, snapshot: &Snapshot, settings: &Settings) -> Result<Snapshot, Failure> {
        let (specs, texts) = if self.specs.is_empty() {
            (&settings.packs, &settings.pack_texts)
        } else {
            (&self.specs, &BTreeMap::new())
        };
        if specs.is_empty() {
            return Ok(snapshot.clone());
        }
        let bound = packs::all(specs, |spec| match texts.get(&spec.name) {
            Some(text) => Ok(Some(text.clone())),
            None if spec.built_in().is_some() => Ok(None),
            None => text_of(spec).map(Some),
        })?;
        let snapshot = snapshot.with_packs(&bound)?;
        for pack in &bound {
            tell(pack, &snapshot);
        }
        Ok(snapshot)
    }
}

/// Says which rules of a pack can find nothing, and why: nobody shall take silence for conformity.
fn tell(bound: &Bound, snapshot: &Snapshot) {
    let pack = &bound.pack.name;
    for parameter in bound.everybody() {
        eprintln!(
            "note: pack {pack}: `{0}` is not bound, so its rules are held against everybody; to hold them against some \
             write {pack}:{0}=ID ({1}, {2})",
            parameter.name,
            parameter.wants.as_str(),
            parameter.about
        );
    }
    for parameter in bound
        .pack
        .parameters
        .iter()
        .filter(|parameter| !parameter.must_be_bound())
    {
        let rules: Vec<&str> = bound
            .left_out
            .iter()
            .filter(|(_, missing)| *missing == parameter.name)
            .map(|(rule, _)| rule.as_str())
            .collect();
        if !rules.is_empty() {
            eprintln!(
                "note: pack {pack}: not judged: {}; bind `{}` ({}, {})",
                rules.join(", "),
                parameter.name,
                parameter.wants.as_str(),
                parameter.about
            );
        }
    }
    let unused = bound.unused(|section, id| snapshot.declares(section, id));
    if !unused.is_empty() {
        eprintln!(
            "note: pack {pack}: these facts have nothing called {}, so rules about it find nothing",
            unused.join(", ")
        );
    }
}

fn text_of(spec: &Spec) -> Result<String, Failure> {
    if let Some(text) = spec.built_in() {
        return Ok(text.to_owned());
    }
    let path = Path::new(&spec.name);
    if !is_path(&spec.name) {
        return Err(PackError::Unknown {
            name: spec.name.clone(),
        }
        .into());
    }
    source::text(path)
}

/// Whether a pack is called by the path of a file.
pub fn is_path(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some() || path.components().count() > 1
}

/// List the rule packs: their parameters, rules and clauses.
///
/// Without a name all packs inside the program are listed; with one, its clauses and rules are shown. A path shows a
/// pack of your own.
#[derive(Debug, Args)]
pub struct List {
    /// A pack, or the path of one.
    pack: Option<String>,
    /// For programs.
    #[arg(long)]
    json: bool,
}

impl List {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let shown: Vec<(Pack, Vec<Sketch>)> = match &self.pack {
            Some(name) => vec![sketched(&text_of(&Spec::parse(name)?)?, name)?],
            None => packs::BUILT_IN
                .iter()
                .map(|(name, text)| sketched(text, name))
                .collect::<Result<_, _>>()?,
        };
        if self.json {
            outln!("{:#}", printed::json(&shown));
        } else {
            out!("{}", printed::text(&shown, self.pack.is_some()));
        }
        Ok(Exit::Clean)
    }
}

fn sketched(text: &str, name: &str) -> Result<(Pack, Vec<Sketch>), Failure> {
    packs::sketch(text, name).map_err(|problems| source::refusal(&problems, name, text))
}
