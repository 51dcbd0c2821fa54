//! Events that pipelines emit, on their way into a store.
//!
//! ```text
//! event ──► journal, synced ──► acknowledged          lineage/events.ndjson
//!    │
//!    └─ malformed ──► refused, kept, counted          lineage/refused.ndjson
//!
//! journal ──► gathered by run ──► facts ──► commit     [`Intake::apply`]
//! ```
//!
//! An event is acknowledged when it is durable in the journal; its facts follow. After a crash the journal is read
//! again and what is missing is committed. Facts follow from the events alone: an event that comes late changes facts
//! by correction and retraction, so that the order of arrival means nothing to what holds in the end.

mod changes;
pub mod declared;
mod journal;
pub mod kept;
mod refused;
mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};

use rustc_hash::FxHashSet;
use serde_json::Value as Json;

use self::changes::{Told, changed_items, changes};
use self::journal::Journal;
use self::refused::Refused;
use self::replay::{Replay, author};
use crate::db::{Batch, CommitError, Db, Receipt};
use crate::facts::Reading;
use crate::facts::node::{Node, Value};
use crate::import::draft::{self, Item};
use crate::import::mapping::{Mapping, Source};
use crate::import::openlineage::event::{self, Event};
use crate::import::openlineage::{self, Gathered, Refusal, Unfinished, file};
use crate::model::place::{Place, Problem};
use crate::model::time::{Instant, print_utc};
use crate::model::word::Section;

/// The folder beside the store's own files.
const FOLDER: &str = "lineage";
/// The name under which facts from events are committed, and their place.
const NAME: &str = openlineage::WIRE;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The journal or the list of refusals cannot be read or written.
    #[error("cannot read or write `{}`: {cause}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The journal was altered.
    #[error("line {line} of `{}` was altered, or a line before it is missing; restore the file", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The first line that is wrong.
        line: u64,
    },
    /// A write failed before; nothing more is taken.
    #[error("writing failed, so nothing more is taken until the store is opened again: {0}")]
    Stopped(String),
    /// The facts of the events could not be made or committed.
    #[error("the events are kept, but their facts cannot be committed: {}", first(.0))]
    Facts(Vec<Problem>),
    /// The store refuses.
    #[error("the events are kept, but their facts cannot be committed: {0}")]
    Commit(#[from] CommitError),
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, ToString::to_string)
}

impl IntakeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "LINEAGE_IO",
            Self::Damaged { .. } => "LINEAGE_DAMAGED",
            Self::Stopped(_) => "LINEAGE_STOPPED",
            Self::Facts(_) => "LINEAGE_FACTS",
            Self::Commit(error) => error.code(),
        }
    }
}

/// What became of one event.
#[derive(Debug)]
pub enum Fate {
    /// It is durable.
    Taken,
    /// It was there already.
    Repeated,
    /// It was refused; the refusal is on record.
    Refused(Refusal),
}

/// How much came in, since the journal began; refusals since the list of them began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events taken, all durable.
    pub events: u64,
    /// Of these, how many have become facts.
    pub applied: u64,
    /// Events that came again, since the process began.
    pub repeated: u64,
    /// Runs known.
    pub runs: u64,
    /// Runs that have neither completed nor failed.
    pub open_runs: u64,
    /// Datasets known.
    pub datasets: u64,
    /// Datasets and jobs that hold data and that nobody has said the processor of.
    pub unmapped: u64,
    /// Facets that are kept and not read, by name: in how many events.
    pub unread_facets: BTreeMap<String, u64>,
    /// Events refused, by code.
    pub refused: BTreeMap<String, u64>,
}

/// Takes events for one store.
pub struct Intake {
    db: Db,
    /// The folder of the store.
    folder: PathBuf,
    clock: fn() -> Instant,
    mapping: Mapping,
    journal: Journal,
    refused: Refused,
    seen: Mutex<FxHashSet<[u8; 16]>>,
    arrivals: Arc<Arrivals>,
    state: Mutex<State>,
    repeated: AtomicU64,
}

/// Events that are in the journal and not yet gathered, and the bell that says so.
#[derive(Default)]
struct Arrivals {
    events: Mutex<Vec<(Event, Place)>>,
    bell: Mutex<Bell>,
    rung: Condvar,
}

/// A well-formed event, the digest that it is known by, and its text in one line.
type Read = (Event, [u8; 16], String);

#[derive(Default)]
struct State {
    gathered: Gathered,
    /// Events gathered.
    events: u64,
    /// Of these, how many have become facts.
    applied: u64,
    /// What the store was told, by section and identifier.
    told: Told,
    /// The mapping under which it was told that; nothing before the first time.
    #[expect(
        clippy::option_option,
        reason = "no mapping is another thing than nothing told yet"
    )]
    told_under: Option<Option<Source>>,
    /// Names of all mappings that it was told anything under.
    mappings: BTreeSet<String>,
}

#[derive(Default)]
struct Bell {
    is_rung: bool,
    is_over: bool,
}

/// What a commit of events did, or would do.
#[derive(Debug, Default)]
pub struct Applied {
    /// The receipt; absent if there was nothing to do.
    pub receipt: Option<Receipt>,
    /// Facts that are new.
    pub new: Vec<Item>,
    /// Facts that are stated anew.
    pub corrected: Vec<Item>,
    /// Facts that no longer follow from the events: section and identifier.
    pub retracted: Vec<(Section, String)>,
}

impl Intake {
    /// Opens the intake of the store in `folder`. Cost: the journal is read.
    pub fn open(
        folder: &Path,
        db: Db,
        clock: fn() -> Instant,
        mapping: Mapping,
    ) -> Result<Self, IntakeError> {
        let own = folder.join(FOLDER);
        std::fs::create_dir_all(&own).map_err(|cause| IntakeError::Io {
            path: own.clone(),
            cause,
        })?;
        let mut replay = Replay::begin(folder, &db, &mapping)?;
        let journal = Journal::open(&own.join("events.ndjson"), |number, text| {
            replay.line(number, text);
        })?;
        let (state, seen) = replay.end();
        let refused = Refused::open(&own.join("refused.ndjson"))?;
        Ok(Self {
            db,
            folder: folder.to_owned(),
            clock,
            mapping,
            journal,
            refused,
            seen: Mutex::new(seen),
            arrivals: Arc::default(),
            state: Mutex::new(state),
            repeated: AtomicU64::new(0),
        })
    }

    /// Takes a body: one event, or a list of them. Returns when all that are well formed are durable; the others are
    /// refused one by one.
    pub fn accept(&self, body: &[u8]) -> Result<Vec<Fate>, IntakeError> {
        wait(|told| self.submit(body, told))
    }

    /// As [`Self::accept`], without waiting for the disk: what becomes of each event is known at once, and `told` is
    /// called when they are durable, or cannot become so. Until then nothing may be acknowledged.
    pub fn submit(
        &self,
        body: &[u8],
        told: impl FnOnce(Result<(), IntakeError>) + Send + 'static,
    ) -> Result<Vec<Fate>, IntakeError> {
        let offset = self.mapping.offset.as_deref();
        let read = match file::texts(body) {
            Ok(texts) => texts
                .into_iter()
                .map(|text| read(text, offset).map_err(|refusal| (refusal, text.to_owned())))
                .collect(),
            Err(refusal) => vec![Err((refusal, String::from_utf8_lossy(body).into_owned()))],
        };
        self.take(read, told)
    }

    /// As [`Self::accept`], for events that were split before; with a refusal stands the text that was refused.
    pub fn accept_all(&self, values: Vec<Result<Json, (Refusal, String)>>) -> Result<Vec<Fate>, IntakeError> {
        let offset = self.mapping.offset.as_deref();
        let read = values.into_iter().map(|value| {
            value.and_then(|value| match event::event(&value, offset) {
                Ok(event) => Ok((event, file::digest(&value), value.to_string())),
                Err(refusal) => Err((refusal, value.to_string())),
            })
        });
        let read = read.collect();
        wait(|told| self.take(read, told))
    }

    fn take(
        &self,
        read: Vec<Result<Read, (Refusal, String)>>,
        told: impl FnOnce(Result<(), IntakeError>) + Send + 'static,
    ) -> Result<Vec<Fate>, IntakeError> {
        // Before anything is known as seen: when a refusal cannot be kept, all of it can be sent again.
        for (refusal, text) in read.iter().filter_map(|one| one.as_ref().err()) {
            self.refused.keep((self.clock)(), refusal, text)?;
        }
        let mut fates = Vec::with_capacity(read.len());
        let (mut texts, mut events) = (Vec::new(), Vec::new());
        let arrivals = Arc::clone(&self.arrivals);
        // The lock is held until the journal has them: an event that comes again waits for the first.
        let mut seen = lock(&self.seen);
        for one in read {
            fates.push(match one {
                Ok((event, digest, text)) => {
                    if seen.insert(digest) {
                        texts.push(text);
                        events.push(event);
                        Fate::Taken
                    } else {
                        self.repeated.fetch_add(1, Ordering::Relaxed);
                        Fate::Repeated
                    }
                }
                Err((refusal, _)) => Fate::Refused(refusal),
            });
        }
        self.journal.give(texts, move |first, written| {
            if written.is_ok() {
                arrivals.add(first, events);
            }
            told(written);
        });
        Ok(fates)
    }

    /// Makes facts of all events that have come and commits what is new or changed. Cost: linear in what is known.
    ///
    /// Of a run that may still be going on, nothing is stated yet unless `unfinished` says so: its end will say more.
    pub fn apply(&self, unfinished: Unfinished) -> Result<Applied, IntakeError> {
        let mut state = lock(&self.state);
        let arrived = std::mem::take(&mut *lock(&self.arrivals.events));
        for (event, place) in arrived {
            state.gathered.add(event, &place);
            state.events += 1;
        }
        if state.gathered.last.is_none() {
            return Ok(Applied::default());
        }
        let (applied, told) = changes(&self.db, &state, &self.mapping, unfinished)?;
        let items: Vec<Item> = changed_items(&applied);
        if items.is_empty() {
            self.has_told(&mut state, told)?;
            return Ok(applied);
        }
        let events = state.events;
        let place = draft::place(&NAME.into(), 1);
        let own = openlineage::header(&state.gathered, &self.mapping, NAME, &place);
        let as_of = state.gathered.last.map_or_else(String::new, print_utc);
        let header = header(&self.db, own, NAME, as_of);
        let document =
            draft::document(&header, &items, Reading::new(NAME), false).map_err(IntakeError::Facts)?;
        let mut batch = Batch::of(document);
        batch.author = Some(author(events));
        let receipt = self.db.commit(batch, (self.clock)())?;
        self.has_told(&mut state, told)?;
        Ok(Applied {
            receipt: Some(receipt),
            ..applied
        })
    }

    /// The store has been told all that is gathered.
    fn has_told(&self, state: &mut State, told: Told) -> Result<(), IntakeError> {
        state.told = told;
        state.applied = state.events;
        if state.told_under.as_ref() != Some(&self.mapping.source) {
            let source = self.mapping.source.clone();
            state
                .mappings
                .extend(source.as_ref().map(|source| source.name.clone()));
            kept::keep(&self.folder, source.as_ref(), &state.mappings)?;
            state.told_under = Some(source);
        }
        Ok(())
    }

    /// The mapping that facts are made under.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// How much came in.
    pub fn counts(&self) -> Counts {
        let state = lock(&self.state);
        let gathered = &state.gathered;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let is_open = |run: &&openlineage::gather::Run| run.complete.is_none() && run.failed.is_none();
        Counts {
            events: self.journal.durable(),
            applied: state.applied,
            repeated: self.repeated.load(Ordering::Relaxed),
            runs: count(gathered.runs.len()),
            open_runs: count(gathered.runs.values().filter(is_open).count()),
            datasets: count(gathered.datasets.len()),
            unmapped: count(openlineage::unmapped(gathered, &self.mapping).len()),
            unread_facets: gathered.unread.clone(),
            refused: self.refused.counts(),
        }
    }

    /// Applies events as they come until [`Self::close`]; blocks. Between two commits it rests for several times as
    /// long as the last one took, so that a flood of events is committed in ever larger groups.
    pub fn run(&self) {
        const REST_MIN: std::time::Duration = std::time::Duration::from_millis(20);
        const REST_FACTOR: u32 = 4;
        let Arrivals { bell, rung, .. } = &*self.arrivals;
        loop {
            {
                let mut bell = lock(bell);
                while !bell.is_rung && !bell.is_over {
                    bell = rung.wait(bell).unwrap_or_else(PoisonError::into_inner);
                }
                if !bell.is_rung {
                    return;
                }
                bell.is_rung = false;
            }
            let begun = std::time::Instant::now();
            match catch_unwind(AssertUnwindSafe(|| self.apply(Unfinished::Awaited))) {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::error!(code = error.code(), %error, "events wait in the journal");
                }
                Err(_) => {
                    // What is gathered may be half: facts come from the journal, whole, at the next start.
                    tracing::error!(
                        "making facts panicked; events are still kept, and become facts after a new start"
                    );
                    return;
                }
            }
            let rest = (begun.elapsed() * REST_FACTOR).max(REST_MIN);
            let _ = rung.wait_timeout_while(lock(bell), rest, |bell| !bell.is_over);
        }
    }

    /// Ends [`Self::run`] when all that has come is applied.
    pub fn close(&self) {
        lock(&self.arrivals.bell).is_over = true;
        self.arrivals.rung.notify_all();
    }
}

impl Arrivals {
    /// Adds events whose lines in the journal begin with this number.
    fn add(&self, first: u64, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let name: Arc<str> = NAME.into();
        let numbered = (first..).zip(events);
        lock(&self.events).extend(numbered.map(|(number, event)| (event, draft::place(&name, line(number)))));
        lock(&self.bell).is_rung = true;
        self.rung.notify_all();
    }
}

/// Does what is told of later, and waits until it is.
fn wait<T>(begin: impl FnOnce(journal::Told) -> Result<T, IntakeError>) -> Result<T, IntakeError> {
    let (tell, told) = mpsc::channel();
    let started = begin(Box::new(move |written| {
        // Nobody waits any more: then nobody is told.
        let _ = tell.send(written);
    }))?;
    told.recv()
        .map_err(|_| IntakeError::Stopped("the journal is closed".to_owned()))??;
    Ok(started)
}

/// Reads the text of an event.
fn read(text: &str, offset: event::AssumedOffset<'_>) -> Result<Read, Refusal> {
    let (value, event) = file::one(text, offset)?;
    Ok((event, file::digest(&value), file::one_line(text)))
}

/// The store's own header if it has one, under this name and instant; otherwise the one given.
fn header(db: &Db, own: Node<'static>, name: &str, as_of: String) -> Node<'static> {
    let snapshot = db.snapshot();
    let Ok(header) = snapshot.header() else { return own };
    let text = crate::db::header_text(header);
    let mut reading = Reading::new(name);
    let Some(mut node) = crate::import::json_line(&text, &mut reading).map(|node| draft::owned(&node)) else {
        return own;
    };
    if let Value::Map(keys) = &mut node.value {
        for (key, text) in [("scenario", name.to_owned()), ("as_of", as_of)] {
            keys.push(draft::entry(key, draft::text(text), node.mark));
        }
    }
    node
}

/// What taking events into the store in `folder` would do; nothing is written.
pub fn preview(folder: &Path, db: &Db, mapping: &Mapping, events: &[Json]) -> Result<Applied, IntakeError> {
    let path = folder.join(FOLDER).join("events.ndjson");
    let mut replay = Replay::begin(folder, db, mapping)?;
    if path.exists() {
        Journal::read(&path, |number, text| replay.line(number, text))?;
    }
    let (mut state, mut seen) = replay.end();
    for value in events {
        if seen.insert(file::digest(value))
            && let Ok(event) = event::event(value, mapping.offset.as_deref())
        {
            state.gathered.add(event, &draft::place(&NAME.into(), 1));
        }
    }
    Ok(changes(db, &state, mapping, Unfinished::Stated)?.0)
}

impl State {
    /// Whether a fact that stands here was stated from events or by their mapping.
    fn is_ours(&self, place: &Place) -> bool {
        &*place.file == NAME || self.mappings.contains(&*place.file)
    }
}

fn line(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
