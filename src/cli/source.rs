//! Where a command takes its facts from: a fact file or a store.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::db::{AsOf, CommitError, Db, DbError, Mode, Snapshot};
use crate::import::fides;
use crate::import::mapping::Mapping;
use crate::import::openlineage;
use crate::import::{self, Document, Format, diagnostic};
use crate::intake::kept;
use crate::model::place::Problem;
use crate::model::recorded::RecordTime;
use crate::model::time::Instant;
use crate::packs::PackError;
use crate::report::json::Ground;

/// Why a command could not do what it was asked, as told on standard error.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file cannot be read.
    #[error("error[CLI_UNREADABLE]: cannot read `{}`: {cause}", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A file cannot be written.
    #[error("error[CLI_UNWRITABLE]: cannot write `{}`: {cause}", .path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A document was refused; the text is drawn already.
    #[error("{drawn}error: `{name}` was refused: {errors} problem{}; nothing was read further or written", if *.errors == 1 { "" } else { "s" })]
    Document {
        /// The drawn problems.
        drawn: String,
        /// The document.
        name: String,
        /// How many problems refuse it.
        errors: usize,
    },
    /// A store or a question.
    #[error("error[{code}]: {cause}", code = .cause.code())]
    Db {
        /// What happened.
        #[from]
        cause: DbError,
    },
    /// A commit.
    #[error("error[{code}]: {cause}", code = .cause.code())]
    Commit {
        /// What happened.
        #[from]
        cause: CommitError,
    },
    /// Events on their way into a store.
    #[error("error[{code}]: {cause}", code = .cause.code())]
    Intake {
        /// What happened.
        #[from]
        cause: crate::intake::IntakeError,
    },
    /// A rule pack.
    #[error("error[{code}]: {cause}", code = .cause.code())]
    Pack {
        /// What happened.
        #[from]
        cause: PackError,
    },
    /// A table that cannot be written.
    #[error("error[{code}]: {cause}", code = .cause.code())]
    Table {
        /// What happened.
        #[from]
        cause: crate::export::table::TableError,
    },
    /// Looking ahead.
    #[error("error[{code}]: {cause}", code = .cause.code())]
    Ahead {
        /// What happened.
        #[from]
        cause: crate::release::horizon::AheadError,
    },
    /// Arguments that do not go together.
    #[error("error[CLI_USAGE]: {0}")]
    Usage(String),
    /// The server.
    #[error("error[{code}]: {message}")]
    Other {
        /// Stable code.
        code: &'static str,
        /// What happened.
        message: String,
    },
}

impl From<crate::question::AskError> for Failure {
    fn from(error: crate::question::AskError) -> Self {
        Self::Db { cause: error.into() }
    }
}

/// The present. Only here a clock is read.
pub fn now() -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line is where the present comes in"
    )]
    let now = jiff::Timestamp::now();
    Instant::from_micros(now.as_microsecond())
}

/// Opens the facts a command names.
pub fn snapshot(
    facts: Option<&Path>,
    store: Option<&Path>,
    as_of: Option<Instant>,
) -> Result<Snapshot, Failure> {
    match (facts, store) {
        (Some(path), None) => {
            let snapshot = Snapshot::of_document(document(path, as_of)?);
            Ok(match as_of {
                Some(at) => snapshot.at(at)?,
                None => snapshot,
            })
        }
        (None, Some(folder)) => {
            let as_of = as_of.map_or(AsOf::Now(now), AsOf::Fixed);
            Ok(Db::open(folder, Mode::Read, as_of)?.snapshot())
        }
        (None, None) => Err(Failure::Usage(
            "name a fact file or a store: FACTS or --store DIR".to_owned(),
        )),
        (Some(_), Some(_)) => Err(Failure::Usage("name a fact file or a store, not both".to_owned())),
    }
}

/// The text of a file.
pub fn text(path: &Path) -> Result<String, Failure> {
    let unreadable = |cause| Failure::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut bytes = Vec::new();
    open(path)?.bytes.read_to_end(&mut bytes).map_err(unreadable)?;
    utf8(bytes).map_err(unreadable)
}

/// Bytes as text.
pub fn utf8(bytes: Vec<u8>) -> std::io::Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "stream did not contain valid UTF-8",
        )
    })
}

/// A file being read.
pub struct Opened {
    /// Its bytes, decompressed.
    pub bytes: Box<dyn Read + Send>,
    /// How far it is.
    pub progress: Position,
}

/// How far a file was read.
#[derive(Clone)]
pub struct Position {
    read: Arc<AtomicU64>,
    /// Bytes of the file, if it is one.
    pub total: Option<u64>,
}

impl Position {
    /// Bytes read so far, as they lie on disk.
    pub fn bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read
            .fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(read)
    }
}

/// Opens a file, or standard input for `-`. What begins like gzip is decompressed.
pub fn open(path: &Path) -> Result<Opened, Failure> {
    let unreadable = |cause| Failure::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let read = Arc::new(AtomicU64::new(0));
    let mut total = None;
    let inner: Box<dyn Read + Send> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = File::open(path).map_err(unreadable)?;
        total = file
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map(|data| data.len());
        Box::new(file)
    };
    let counted = Counted {
        inner,
        read: Arc::clone(&read),
    };
    let mut buffered = BufReader::with_capacity(1 << 18, counted);
    let is_gzip = buffered
        .fill_buf()
        .map_err(unreadable)?
        .starts_with(&[0x1f, 0x8b]);
    let bytes: Box<dyn Read + Send> = if is_gzip {
        Box::new(MultiGzDecoder::new(buffered))
    } else {
        Box::new(buffered)
    };
    Ok(Opened {
        bytes,
        progress: Position { read, total },
    })
}

/// The text of a file, unpacked if need be, and its name.
pub fn unpacked(path: &Path) -> Result<(String, String), Failure> {
    use std::io::Read as _;
    let unreadable = |cause| Failure::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        bytes = std::fs::read(path).map_err(unreadable)?;
    }
    let text = openlineage::file::text(bytes).map_err(unreadable)?;
    Ok((text, path.display().to_string()))
}

/// Whether a file begins like OpenLineage events.
pub fn looks_like_events(path: &Path) -> Result<bool, Failure> {
    use std::io::Read as _;
    let unreadable = |cause| Failure::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    openlineage::file::looks_like_events(file.take(1 << 16)).map_err(unreadable)
}

/// Whether a file is a Fides manifest.
pub fn looks_like_manifest(path: &Path) -> Result<bool, Failure> {
    let format = Format::of(path);
    if !matches!(format, Format::Yaml | Format::Json) {
        return Ok(false);
    }
    Ok(fides::is_manifest_text(&text(path)?))
}

/// Tells which keys of manifests were kept and not read.
pub fn note_kept(kept: &BTreeMap<String, u64>) {
    if !kept.is_empty() {
        let keys: Vec<String> = kept
            .iter()
            .map(|(key, count)| format!("{key} ({count})"))
            .collect();
        note(&format!("keys that are kept and not read: {}", keys.join(", ")));
    }
}

/// Reads a fact file, or a Fides manifest, that must know everything it names. Warnings are told. What a manifest
/// declares is so from `as_of` on, or from now on.
pub fn document(path: &Path, as_of: Option<Instant>) -> Result<Document, Failure> {
    let text = text(path)?;
    let name = path.display().to_string();
    if fides::is_manifest_text(&text) {
        let parts = [(name, text)];
        let (document, kept) = fides::document(&parts, &Mapping::default(), as_of.unwrap_or_else(now))
            .map_err(|problems| refusal_of(&problems, &parts))?;
        note_kept(&kept);
        return Ok(document);
    }
    let format = if path.as_os_str() == "-" {
        Format::guess(&text)
    } else {
        Format::of(path)
    };
    let document = import::read_beside(&text, &name, format, Some(folder_of(path)), &|_| ())
        .and_then(import::alone)
        .map_err(|problems| refusal(&problems, &name, &text))?;
    warn(&document.warnings, &name, &text);
    Ok(document)
}

/// Reads a mapping file; without one nothing is mapped. Warnings are told.
pub fn mapping(path: Option<&Path>) -> Result<Mapping, Failure> {
    let Some(path) = path else {
        return Ok(Mapping::default());
    };
    let text = text(path)?;
    let name = path.display().to_string();
    let (mapping, warnings) =
        Mapping::read(&text, &name).map_err(|problems| refusal(&problems, &name, &text))?;
    warn(&warnings, &name, &text);
    Ok(mapping)
}

/// Refuses a mapping whose rules name what neither it nor the store declares: a name that is mistyped would be a processor
/// of its own, of no country.
pub fn declared(mapping: &Mapping, db: Option<&Db>) -> Result<(), Failure> {
    let Some(file) = &mapping.source else {
        return Ok(());
    };
    let named = mapping.undeclared();
    let asked: Vec<_> = named.iter().map(|(section, id, _)| (*section, *id)).collect();
    let known = match db {
        Some(db) => db.stated(&asked)?,
        None => vec![None; asked.len()],
    };
    let open = named.iter().zip(&known).filter(|(_, known)| known.is_none());
    let problems: Vec<Problem> = open
        .map(|((section, id, place), _)| mapping.unknown(*section, id, place))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(refusal(&problems, &file.name, &file.text))
    }
}

/// As [`mapping`]; without a file the mapping that events of this store became facts under last.
pub fn mapping_or_kept(path: Option<&Path>, store: &Path) -> Result<Mapping, Failure> {
    match path {
        Some(_) => mapping(path),
        None => Ok(kept::read(store)?.map(|kept| kept.mapping).unwrap_or_default()),
    }
}

/// Where the files stand that a document names; of standard input, the folder the command runs in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Tells warnings on standard error.
pub fn warn(warnings: &[Problem], name: &str, text: &str) {
    if !warnings.is_empty() {
        eprint!(
            "{}",
            diagnostic::draw(warnings, name, text, std::io::stderr().is_terminal())
        );
    }
}

/// A line on standard error.
pub fn note(text: &str) {
    eprintln!("{text}");
}

/// The failure of a refused document.
pub fn refusal(problems: &[Problem], name: &str, text: &str) -> Failure {
    Failure::Document {
        drawn: diagnostic::draw(problems, name, text, std::io::stderr().is_terminal()),
        name: name.to_owned(),
        errors: problems.iter().filter(|problem| !problem.is_warning()).count(),
    }
}

/// The failure of several documents that were refused together, each given as name and text.
pub fn refusal_of(problems: &[Problem], parts: &[(String, String)]) -> Failure {
    let in_color = std::io::stderr().is_terminal();
    let mut drawn = String::new();
    for (name, text) in parts {
        let own: Vec<Problem> = problems
            .iter()
            .filter(|problem| *problem.place.file == **name)
            .cloned()
            .collect();
        if !own.is_empty() {
            drawn.push_str(&diagnostic::draw(&own, name, text, in_color));
        }
    }
    Failure::Document {
        drawn,
        name: parts
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join("`, `"),
        errors: problems.iter().filter(|problem| !problem.is_warning()).count(),
    }
}

/// The state of the facts that a snapshot stands for.
pub fn ground(snapshot: &Snapshot, as_of: Instant) -> Ground<'_> {
    Ground {
        sequence: snapshot.is_store().then(|| snapshot.sequence()),
        head: snapshot.is_store().then(|| snapshot.head()),
        as_of,
        known_at: snapshot.knows_until(),
        zone: snapshot.zone(),
    }
}

/// Colors on a terminal, none in a pipe.
pub fn style() -> crate::report::text::Style {
    crate::report::text::Style {
        color: std::io::stdout().is_terminal(),
    }
}

/// Reads a moment of the record on the command line.
pub fn moment(text: &str) -> Result<RecordTime, String> {
    RecordTime::parse(text).ok_or_else(|| {
        "write ISO 8601 with an offset, such as 2024-05-01T09:00:00+08:00, or the number of a commit"
            .to_owned()
    })
}

/// Reads an instant on the command line.
pub fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text)
        .map_err(|_| "write ISO 8601 with an offset, such as 2024-05-01T09:00:00+08:00".to_owned())
}
