//! `wherefore check`: judge the facts against their rules.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::out::{out, outln};
use super::source::{self, Failure};
use crate::model::time::Instant;
use crate::report::{json, text};

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// With the keys of the expected-findings file.
    Json,
}

/// Judge facts against their rules and print the findings.
///
/// Every finding names the rule and the clause it breaks, since when, the act or fact that is wrong, whose data, the
/// facts that decide it, and the chain of acts that proves it. Exits 0 without findings, 1 with findings, 2 when it
/// could not check.
#[derive(Debug, Args)]
pub struct Check {
    /// Fact file: YAML, JSON or NDJSON by its ending; `-` reads standard input.
    facts: Option<PathBuf>,
    /// Judge the facts of this store instead.
    #[arg(long, value_name = "DIR", conflicts_with = "facts")]
    store: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// Judge deadlines and standing facts at this instant [default: the file's `as_of`; for a store, now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    as_of: Option<Instant>,
}

impl Check {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let snapshot = source::snapshot(self.facts.as_deref(), self.store.as_deref(), self.as_of)?;
        let findings = snapshot.findings(None)?;
        match self.format {
            OutputFormat::Json => {
                let ground = source::ground(&snapshot, snapshot.as_of());
                outln!("{:#}", json::findings(&findings, &ground));
            }
            OutputFormat::Text => {
                let style = source::style();
                out!("{}", text::findings(&findings, snapshot.zone(), style));
                if snapshot.rules().is_empty() {
                    eprintln!("warning: there are no rules on record, so nothing was judged");
                }
                outln!("as of {}", snapshot.zone().print(snapshot.as_of()));
            }
        }
        Ok(if findings.is_empty() {
            Exit::Clean
        } else {
            Exit::Findings
        })
    }
}
