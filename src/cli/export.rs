//! `wherefore export`: facts in other formats.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::out::put;
use super::source::{self, Failure};
use crate::export::table;
use crate::export::{self, Record};
use crate::model::time::Instant;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The fact file as one JSON document: everything, and reading it gives the same facts again.
    Json,
    /// The fact file, one fact a line.
    Ndjson,
    /// A picture of flows for Graphviz.
    Dot,
    /// A picture of flows for Mermaid.
    Mermaid,
    /// The graph of flows for Gephi, yEd, networkx.
    Graphml,
    /// The acts as a table, which `import` reads again.
    Csv,
    /// The same as Parquet.
    Parquet,
    /// OpenLineage events, one a line.
    Openlineage,
    /// PROV-JSON.
    Prov,
    /// DPV 2.3 as JSON-LD.
    Dpv,
    /// A Fides manifest as JSON, which is YAML too.
    Fides,
}

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
        let format = match self.format {
            Format::Json => export::Format::Json,
            Format::Ndjson => export::Format::Ndjson,
            Format::Dot => export::Format::Dot,
            Format::Mermaid => export::Format::Mermaid,
            Format::Graphml => export::Format::Graphml,
            Format::Csv => export::Format::Csv,
            Format::Parquet => return self.put(&table::parquet(record)?),
            Format::Openlineage => export::Format::Openlineage,
            Format::Prov => export::Format::Prov,
            Format::Dpv => export::Format::Dpv,
            Format::Fides => export::Format::Fides,
        };
        self.put(export::write(record, format)?.as_bytes())
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
