//! `wherefore import`: facts into a store.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::events::Foreign;
use super::exit::Exit;
use super::out::outln;
use super::source::{self, Failure};
use crate::db::{self, AsOf, Batch, CommitError, Db, Mode, Progress, Receipt};
use crate::import::pieces::{PIECE_BYTES, PIECE_ROWS, Pieces, Stop};
use crate::import::{self, Format};

/// Import fact files into a store.
///
/// Each file becomes one commit: all of it or, when anything in it is wrong, nothing. All problems of a file are told
/// at once, each with its place. The same facts again change nothing.
///
/// Large files of lines and tables are read piece by piece: memory does not grow with them. An import that was stopped
/// is started again from the beginning. A table has one act a row and columns named like the keys of an event; what its
/// acts name comes from the store, or from a fact file that is imported before it.
#[derive(Debug, Args)]
pub struct Import {
    /// Fact files (YAML, JSON, NDJSON) and tables of acts (CSV, Parquet) by their ending, also compressed (.gz); `-`
    /// reads standard input.
    #[arg(required_unless_present = "watch")]
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
    #[command(flatten)]
    foreign: Foreign,
}

impl Import {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        if self.key.is_some() && self.files.len() > 1 {
            return Err(Failure::Usage("--key goes with a single file".to_owned()));
        }
        let mut of_events = 0;
        for file in &self.files {
            of_events += usize::from(self.foreign.is_events(file)?);
        }
        if of_events == self.files.len() {
            return self.foreign.import(&self.files, &self.store);
        }
        let mut manifests = 0;
        for file in &self.files {
            manifests += usize::from(self.foreign.is_manifest(file)?);
        }
        if manifests == self.files.len() {
            return self.foreign.import_manifests(&self.files, &self.store);
        }
        if of_events + manifests > 0 || self.foreign.wants_events() {
            let message = "fact files, OpenLineage events and Fides manifests are imported one after the other; \
                           --mapping, --dry-run and --skip-refused go with events and manifests";
            return Err(Failure::Usage(message.to_owned()));
        }
        let mut db: Option<Db> = None;
        for file in &self.files {
            self.import(file, &mut db)?;
        }
        Ok(Exit::Clean)
    }

    fn import(&self, file: &Path, db: &mut Option<Db>) -> Result<(), Failure> {
        let name = file.display().to_string();
        let mut opened = source::open(file)?;
        let unreadable = |cause| Failure::Unreadable {
            path: file.to_owned(),
            cause,
        };
        // What is small is read whole: then problems can be drawn into the text.
        let mut head = Vec::new();
        let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        (&mut opened.bytes)
            .take(limit)
            .read_to_end(&mut head)
            .map_err(unreadable)?;
        let is_whole = head.len() < PIECE_BYTES;
        if file.as_os_str() == "-" && self.foreign.written().is_none() {
            let beginning = &head[..head.len().min(1 << 16)];
            if crate::import::openlineage::file::looks_like_events(beginning).map_err(unreadable)? {
                let why = "`-` holds events: say so with --format openlineage, dbt, datahub or prov";
                return Err(Failure::Usage(why.to_owned()));
            }
        }
        let format = match self.foreign.written() {
            Some(format) => format,
            None if file.as_os_str() == "-" => Format::guess(&String::from_utf8_lossy(&head)),
            None => Format::of(file),
        };
        let in_pieces = match format {
            Format::Ndjson => !is_whole,
            Format::Csv | Format::Parquet => true,
            Format::Yaml | Format::Json => false,
        };
        if in_pieces {
            let rest = Box::new(std::io::Cursor::new(head).chain(opened.bytes));
            return self.piece_by_piece(format, rest, &opened.progress, file, db);
        }
        opened.bytes.read_to_end(&mut head).map_err(unreadable)?;
        let text = source::utf8(head).map_err(unreadable)?;
        let bar = bar(u64::try_from(text.len()).ok());
        let folder = Some(source::folder_of(file));
        let document = import::read_beside(&text, &name, format, folder, &|bytes| bar.set_position(bytes))
            .map_err(|problems| source::refusal(&problems, &name, &text))?;
        bar.finish_and_clear();
        source::warn(&document.warnings, &name, &text);
        if db.is_none() && !document.open.is_empty() && !holds_something(&self.store) {
            // A file that cannot be committed must not leave a new, empty store behind.
            let problems: Vec<_> = document
                .open
                .iter()
                .map(|(reference, place)| import::unknown_reference(reference, place))
                .collect();
            return Err(source::refusal(&problems, &name, &text));
        }
        let db = self.open(db)?;
        let spinner = spinner();
        let mut batch = Batch::of(document);
        batch.author = Some(self.author.clone());
        batch.key.clone_from(&self.key);
        let receipt = db
            .commit(batch, source::now())
            .map_err(|error| failure(error, file, &text))?;
        spinner.finish_and_clear();
        tell(&name, &receipt);
        Ok(())
    }

    /// A file that memory should not hold.
    fn piece_by_piece(
        &self,
        format: Format,
        bytes: Box<dyn Read + Send>,
        at: &source::Position,
        file: &Path,
        db: &mut Option<Db>,
    ) -> Result<(), Failure> {
        let name = file.display().to_string();
        let begun = match format {
            Format::Csv => Pieces::of_csv(bytes, &name, PIECE_BYTES).map(|pieces| (None, pieces)),
            Format::Parquet if file.as_os_str() == "-" => {
                let why = "a Parquet table is read from its end: name a file instead of `-`";
                return Err(Failure::Usage(why.to_owned()));
            }
            Format::Parquet => File::open(file)
                .map_err(Stop::Unreadable)
                .and_then(|file| Pieces::of_parquet(file, &name, PIECE_ROWS))
                .map(|pieces| (None, pieces)),
            Format::Ndjson | Format::Json | Format::Yaml => Pieces::of_lines(
                bytes,
                &name,
                Some(source::folder_of(file).to_owned()),
                PIECE_BYTES,
            )
            .map(|(header, pieces)| (Some(header), pieces)),
        };
        let (header, pieces) = begun.map_err(|stop| match stop {
            Stop::Unreadable(cause) => Failure::Unreadable {
                path: file.to_owned(),
                cause,
            },
            Stop::Problems(problems) => source::refusal(&problems, &name, ""),
        })?;
        let is_new = db.is_none() && !holds_something(&self.store);
        let bar = bar(at.total);
        let import = db::Import {
            name: &name,
            header: header.as_ref(),
            author: &self.author,
            key: self.key.as_deref(),
            recorded: source::now(),
            progress: &|progress| match progress {
                Progress::Read(_) => bar.set_position(at.bytes()),
                Progress::Sorted(sorted, all) => {
                    bar.set_length(all);
                    bar.set_position(sorted);
                    bar.set_style(style("sorting {pos}/{len} rows [{wide_bar}] {eta} left"));
                }
            },
        };
        if header.is_none() && db.is_none() {
            // A table has no header: it cannot begin a store.
            *db = Some(Db::open(&self.store, Mode::Write, AsOf::Now(source::now))?);
        }
        let imported = self.open(db)?.import(pieces, &import);
        bar.finish_and_clear();
        let imported = match imported {
            Ok(imported) => imported,
            Err(error) => {
                if is_new {
                    // A file that cannot be committed must not leave a new, empty store behind.
                    *db = None;
                    let _ = std::fs::remove_dir_all(&self.store);
                }
                return Err(failure(error, file, ""));
            }
        };
        source::warn(&imported.warnings, &name, "");
        if imported.more_warnings > 0 {
            source::note(&format!("… and {} more warnings", imported.more_warnings));
        }
        tell(&name, &imported.receipt);
        Ok(())
    }

    /// The store, opened when first needed.
    fn open<'d>(&self, db: &'d mut Option<Db>) -> Result<&'d Db, Failure> {
        if db.is_none() {
            *db = Some(Db::open(&self.store, Mode::Create, AsOf::Now(source::now))?);
        }
        db.as_ref()
            .ok_or_else(|| Failure::Usage("the store is not open".to_owned()))
    }
}

/// Why a file was not committed, as told to its user.
fn failure(error: CommitError, file: &Path, text: &str) -> Failure {
    match error {
        CommitError::Invalid(problems) => source::refusal(&problems, &file.display().to_string(), text),
        CommitError::Unreadable(cause) => Failure::Unreadable {
            path: file.to_owned(),
            cause,
        },
        other @ (CommitError::Refused(_) | CommitError::Store(_) | CommitError::AfterCommit(_)) => {
            other.into()
        }
    }
}

fn tell(name: &str, receipt: &Receipt) {
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
}

fn holds_something(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// A bar on a terminal, nothing in a pipe.
fn bar(bytes: Option<u64>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "reading {bytes}/{total_bytes} [{wide_bar}] {bytes_per_sec}, {eta} left";
    match bytes {
        Some(bytes) => ProgressBar::new(bytes).with_style(style(template)),
        None => ProgressBar::no_length().with_style(style("reading {bytes}, {bytes_per_sec}")),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn spinner() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message("writing");
    spinner.enable_steady_tick(std::time::Duration::from_millis(100));
    spinner
}
