//! `wherefore verify` and `wherefore log`: look at a store itself.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::out::outln;
use super::source::{self, Failure};
use crate::db::{self, AsOf, Db, Mode};
use crate::model::plural::counted;
use crate::model::recorded::RecordTime;
use crate::model::time;
use crate::model::word::Section;

/// Recompute the hash chain, all indexes and the copies of flows of a store and compare.
///
/// Reads every stored byte and changes nothing. Exits 0 when all is as it was written, 1 when anything is damaged,
/// altered, missing or out of order (each named), 2 when it could not look.
#[derive(Debug, Args)]
pub struct Verify {
    /// The store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
}

impl Verify {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let report = match db::verify(&self.store) {
            Ok(report) => report,
            Err(error) if error.is_damage() => {
                outln!("damaged: {error} [{}]", error.code());
                return Ok(Exit::Findings);
            }
            Err(error) => return Err(error.into()),
        };
        for trouble in &report.troubles {
            let row = match &trouble.row {
                Some((column, key)) => format!(" (column {column}, key {key})"),
                None => String::new(),
            };
            outln!("damaged: {}{row} [{}]", trouble.what, trouble.code);
        }
        if report.more_troubles > 0 {
            outln!("… and {} more", report.more_troubles);
        }
        outln!(
            "{}, {}, {}; head {}",
            counted(report.commits, "commit", "commits"),
            counted(report.facts, "fact", "facts"),
            counted(report.index_rows, "index row", "index rows"),
            db::hex(&report.head)
        );
        if report.orphans > 0 {
            outln!(
                "{} rows of an interrupted import; harmless, removed at the next write",
                report.orphans
            );
        }
        if !report.troubles.is_empty() {
            return Ok(Exit::Findings);
        }
        let copies = db::verify_copies(&self.store)?;
        for file in &copies.altered {
            outln!(
                "damaged: {} says something else than what is on record; remove it, it is made anew [VERIFY_FLOWS_ALTERED]",
                file.display()
            );
        }
        for (file, why) in &copies.unused {
            outln!("{} is not used, and made anew when needed: {why}", file.display());
        }
        if copies.right > 0 {
            outln!("{} of flows as on record", counted(copies.right, "file", "files"));
        }
        if copies.altered.is_empty() {
            outln!("all is as it was written");
            Ok(Exit::Clean)
        } else {
            Ok(Exit::Findings)
        }
    }
}

/// List the commits of a store, or all versions of one fact.
#[derive(Debug, Args)]
pub struct Log {
    /// The store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// From this commit on.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// At most this many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// List every record of the fact of this id instead: what was stated first, what corrected it, what took it back.
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "limit"])]
    fact: Option<String>,
    /// Of the fact: its section, where several sections use the id.
    #[arg(long, requires = "fact")]
    section: Option<String>,
}

impl Log {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let db = Db::open(&self.store, Mode::Read, AsOf::Now(source::now))?;
        if let Some(id) = &self.fact {
            return self.versions(&db, id);
        }
        for commit in db.commits(self.from, self.limit)? {
            let key = commit.key.map_or_else(String::new, |key| format!(", key {key}"));
            outln!(
                "{}  {}  {} facts by {}{key}\n   head {}",
                commit.sequence,
                time::print_utc(commit.recorded),
                commit.facts,
                commit.author,
                db::hex(&commit.head)
            );
        }
        Ok(Exit::Clean)
    }

    fn versions(&self, db: &Db, id: &str) -> Result<Exit, Failure> {
        let sections = match &self.section {
            None => Section::ALL.to_vec(),
            Some(word) => vec![Section::parse(word).ok_or_else(|| {
                Failure::Usage(format!("--section is one of {}", Section::WORDS.join(", ")))
            })?],
        };
        let snapshot = db.snapshot();
        let mut any = false;
        for section in sections {
            for version in snapshot.versions(section, id)? {
                any = true;
                let commit = version.number.map_or(0, |number| number.sequence);
                let committed = version.committed.map_or_else(String::new, time::print_utc);
                let stated = match version.stated.recording.recorded {
                    Some(RecordTime::At(at)) => format!(", recorded {}", time::print_utc(at)),
                    Some(RecordTime::Number(_)) | None => String::new(),
                };
                let stands = if version.stands { ", stands" } else { "" };
                outln!(
                    "commit {commit}  {committed}  {section}{stated}{stands}\n   {}  {}",
                    version.stated.place,
                    version.item()
                );
            }
        }
        if any {
            return Ok(Exit::Clean);
        }
        Err(Failure::Other {
            code: "CLI_NO_FACT",
            message: format!("no fact on record has the id `{id}`"),
        })
    }
}
