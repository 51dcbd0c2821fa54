//! `wherefore map suggest`: rules that a mapping file lacks.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::out::out;
use super::source::{self, Failure};
use crate::import::draft;
use crate::import::openlineage::{self, Gathered, file};
use crate::import::suggest;

/// Mapping files: whose namespace it is, where that is, what kind of data, and what for.
#[derive(Debug, Args)]
pub struct Map {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Suggest(Suggest),
}

/// Propose rules for what OpenLineage events name and the mapping file does not say, as YAML.
///
/// Proposals are guesses from names, to be read and corrected by somebody who knows.
#[derive(Debug, Args)]
struct Suggest {
    /// Files of events.
    #[arg(required = true)]
    events: Vec<PathBuf>,
    /// The mapping file there is.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
}

impl Map {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let Command::Suggest(suggest) = self.command;
        let mapping = source::mapping(suggest.mapping.as_deref())?;
        let mut gathered = Gathered::default();
        for path in &suggest.events {
            let (text, name) = source::unpacked(path)?;
            let mut outcome = file::Outcome::default();
            for raw in file::split(&text, &name.as_str().into()) {
                match raw.event(mapping.offset.as_deref()) {
                    Ok(event) => gathered.add(event, &draft::place(&name.as_str().into(), raw.place.line)),
                    Err(refusal) => outcome.refused.push((raw.place, refusal)),
                }
            }
            if !outcome.refused.is_empty() {
                return Err(source::refusal(&outcome.problems(), &name, &text));
            }
        }
        out!(
            "{}",
            suggest::rules(&gathered, &mapping, &openlineage::unmapped(&gathered, &mapping))
        );
        Ok(Exit::Clean)
    }
}
