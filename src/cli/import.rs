//! `wherefore import`: facts into a store.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::exit::Exit;
use super::out::outln;
use super::source::{self, Failure};
use crate::db::{AsOf, Batch, CommitError, Db, Mode};
use crate::import::{self, Format};

/// Import fact files into a store.
///
/// Each file becomes one commit: all of it or, when anything in it is wrong, nothing. All problems of a file are told
/// at once, each with its place. The same facts again change nothing.
#[derive(Debug, Args)]
pub struct Import {
    /// Fact files: YAML, JSON or NDJSON by their ending; `-` reads standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The store; made if there is none.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Who imports; kept with the commit.
    #[arg(long, default_value = "import")]
    author: String,
    /// A second import with the same key does nothing (for a single file).
    #[arg(long)]
    key: Option<String>,
}

impl Import {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        if self.key.is_some() && self.files.len() > 1 {
            return Err(Failure::Usage("--key goes with a single file".to_owned()));
        }
        let mut db: Option<Db> = None;
        for file in &self.files {
            self.import(file, &mut db)?;
        }
        Ok(Exit::Clean)
    }

    fn import(&self, file: &Path, db: &mut Option<Db>) -> Result<(), Failure> {
        let text = source::text(file)?;
        let name = file.display().to_string();
        let format = if file.as_os_str() == "-" {
            Format::guess(&text)
        } else {
            Format::of(file)
        };
        let bar = bar(text.len());
        let folder = Some(source::folder_of(file));
        let document = import::read_beside(&text, &name, format, folder, &|bytes| bar.set_position(bytes))
            .map_err(|problems| source::refusal(&problems, &name, &text))?;
        bar.finish_and_clear();
        source::warn(&document.warnings, &name, &text);
        if db.is_none() {
            // A file that cannot be committed must not leave a new, empty store behind.
            if !document.open.is_empty() && !holds_something(&self.store) {
                let problems: Vec<_> = document
                    .open
                    .iter()
                    .map(|(reference, place)| import::unknown_reference(reference, place))
                    .collect();
                return Err(source::refusal(&problems, &name, &text));
            }
            *db = Some(Db::open(&self.store, Mode::Create, AsOf::Now(source::now))?);
        }
        let Some(db) = db else { return Ok(()) };
        let spinner = spinner();
        let mut batch = Batch::of(document);
        batch.author = Some(self.author.clone());
        batch.key.clone_from(&self.key);
        let receipt = db.commit(batch, source::now()).map_err(|error| match error {
            CommitError::Invalid(problems) => source::refusal(&problems, &name, &text),
            other @ (CommitError::Refused(_) | CommitError::Store(_) | CommitError::AfterCommit(_)) => {
                other.into()
            }
        })?;
        spinner.finish_and_clear();
        if receipt.repeated {
            outln!(
                "{name}: nothing new, {} facts were known already",
                receipt.already_known
            );
        } else {
            outln!(
                "{name}: commit {}, {} facts written, {} known already, head {}",
                receipt.sequence,
                receipt.facts,
                receipt.already_known,
                receipt.head
            );
        }
        Ok(())
    }
}

fn holds_something(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// A bar on a terminal, nothing in a pipe.
fn bar(bytes: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "reading {bytes}/{total_bytes} [{wide_bar}] {bytes_per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(u64::try_from(bytes).unwrap_or(u64::MAX));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn spinner() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message("writing");
    spinner.enable_steady_tick(std::time::Duration::from_millis(100));
    spinner
}
