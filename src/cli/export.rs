//! `wherefore export`: facts in other formats.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::out::put;
use super::source::{self, Failure};
use crate::export::{self, Format, Record};
use crate::model::time::Instant;

/// Write the facts of a file or a store in another format.
#[derive(Debug, Args)]
pub struct Export {
    /// Fact file: YAML, JSON or NDJSON by its ending; `-` reads standard input.
    facts: Option<PathBuf>,
    /// Write the facts of this store instead.
    #[arg(long, value_name = "DIR", conflicts_with = "facts")]
    store: Option<PathBuf>,
    /// The format.
    #[arg(long, value_enum)]
    format: Format,
    /// Write to this file [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Of a store: the `as_of` that its fact file gets [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    as_of: Option<Instant>,
}

impl Export {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let snapshot = source::snapshot(self.facts.as_deref(), self.store.as_deref(), self.as_of)?;
        let facts = snapshot.facts()?;
        let record = Record {
            header: snapshot.header()?,
            facts: &facts,
        };
        self.put(&export::write(record, self.format)?)
    }

    fn put(&self, bytes: &[u8]) -> Result<Exit, Failure> {
        match &self.output {
            None => put(bytes),
            Some(path) => std::fs::write(path, bytes).map_err(|cause| Failure::Unwritable {
                path: path.clone(),
                cause,
            })?,
        }
        Ok(Exit::Clean)
    }
}
