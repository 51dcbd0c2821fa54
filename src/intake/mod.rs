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

pub mod declared;
mod journal;
mod refused;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use self::journal::Journal;
use self::refused::Refused;
use crate::db::{Batch, CommitError, Db, Receipt};
use crate::facts::Reading;
use crate::facts::node::{Node, Value};
use crate::import::draft::{self, Item};
use crate::import::mapping::Mapping;
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
    clock: fn() -> Instant,
    mapping: Mapping,
    journal: Journal,
    refused: Refused,
    seen: Mutex<FxHashSet<[u8; 16]>>,
    /// Events that are in the journal and not yet gathered.
    arrived: Mutex<Vec<(Event, Place)>>,
    state: Mutex<State>,
    repeated: AtomicU64,
    bell: Mutex<Bell>,
    rung: Condvar,
}

/// Facts by section and identifier, with digests of their items.
type Told = FxHashMap<(Section, String), [u8; 16]>;

#[derive(Default)]
struct State {
    gathered: Gathered,
    /// Events gathered.
    events: u64,
    /// Of these, how many have become facts.
    applied: u64,
    /// What the store was told, by section and identifier.
    told: Told,
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
        let folder = folder.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(|cause| IntakeError::Io {
            path: folder.clone(),
            cause,
        })?;
        let mut state = State::default();
        let mut seen = FxHashSet::default();
        let applied = last_applied(&db)?;
        let journal = Journal::open(&folder.join("events.ndjson"), |number, text| {
            state.replay(number, text, applied, &mapping, &mut seen);
        })?;
        let refused = Refused::open(&folder.join("refused.ndjson"))?;
        Ok(Self {
            db,
            clock,
            mapping,
            journal,
            refused,
            seen: Mutex::new(seen),
            arrived: Mutex::default(),
            state: Mutex::new(state),
            repeated: AtomicU64::new(0),
            bell: Mutex::default(),
            rung: Condvar::new(),
        })
    }

    /// Takes a body: one event, or a list of them. Returns when all that are well formed are durable; the others are
    /// refused one by one.
    pub fn accept(&self, body: &[u8]) -> Result<Vec<Fate>, IntakeError> {
        match serde_json::from_slice::<Json>(body) {
            Ok(Json::Array(values)) => self.accept_all(values.into_iter().map(Ok).collect()),
            Ok(value) => self.accept_all(vec![Ok(value)]),
            Err(error) => {
                let text = String::from_utf8_lossy(body).into_owned();
                self.accept_all(vec![Err((file::syntax(&error), text))])
            }
        }
    }

    /// As [`Self::accept`], for events that were split before; with a refusal stands the text that was refused.
    pub fn accept_all(&self, values: Vec<Result<Json, (Refusal, String)>>) -> Result<Vec<Fate>, IntakeError> {
        let offset = self.mapping.offset.as_deref();
        let mut read = Vec::with_capacity(values.len());
        for value in values {
            read.push(value.and_then(|value| match event::event(&value, offset) {
                Ok(event) => Ok((event, file::digest(&value), value.to_string())),
                Err(refusal) => Err((refusal, value.to_string())),
            }));
        }
        let mut fates = Vec::with_capacity(read.len());
        let (mut texts, mut events) = (Vec::new(), Vec::new());
        let first;
        let last = {
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
                    Err((refusal, text)) => {
                        self.refused.keep((self.clock)(), &refusal, &text)?;
                        Fate::Refused(refusal)
                    }
                });
            }
            first = self.journal.give(&texts);
            self.journal.given()
        };
        // Also an event that came before may still be on its way to the disk.
        self.journal.wait(last)?;
        if !events.is_empty() {
            let name: Arc<str> = NAME.into();
            let numbered = (first..).zip(events);
            lock(&self.arrived)
                .extend(numbered.map(|(number, event)| (event, draft::place(&name, line(number)))));
            lock(&self.bell).is_rung = true;
            self.rung.notify_all();
        }
        Ok(fates)
    }

    /// Makes facts of all events that have come and commits what is new or changed. Cost: linear in what is known.
    ///
    /// Of a run that may still be going on, nothing is stated yet unless `unfinished` says so: its end will say more.
    pub fn apply(&self, unfinished: Unfinished) -> Result<Applied, IntakeError> {
        let mut state = lock(&self.state);
        let arrived = std::mem::take(&mut *lock(&self.arrived));
        for (event, place) in arrived {
            state.gathered.add(event, &place);
            state.events += 1;
        }
        if state.gathered.last.is_none() {
            return Ok(Applied::default());
        }
        let events = state.events;
        let (applied, told) = changes(&self.db, &state, &self.mapping, unfinished)?;
        let items: Vec<Item> = changed_items(&applied);
        if items.is_empty() {
            state.applied = events;
            state.told = told;
            return Ok(applied);
        }
        let place = draft::place(&NAME.into(), 1);
        let own = openlineage::header(&state.gathered, &self.mapping, NAME, &place);
        let as_of = state.gathered.last.map_or_else(String::new, print_utc);
        let header = header(&self.db, own, NAME, as_of);
        let document =
            draft::document(&header, &items, Reading::new(NAME), false).map_err(IntakeError::Facts)?;
        let mut batch = Batch::of(document);
        batch.author = Some(author(events));
        let receipt = self.db.commit(batch, (self.clock)())?;
        state.told = told;
        state.applied = events;
        Ok(Applied {
            receipt: Some(receipt),
            ..applied
        })
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
        loop {
            {
                let mut bell = lock(&self.bell);
                while !bell.is_rung && !bell.is_over {
                    bell = self.rung.wait(bell).unwrap_or_else(PoisonError::into_inner);
                }
                if !bell.is_rung {
                    return;
                }
                bell.is_rung = false;
            }
            let begun = std::time::Instant::now();
            if let Err(error) = self.apply(Unfinished::Awaited) {
                tracing::error!(code = error.code(), %error, "events wait in the journal");
            }
            let rest = (begun.elapsed() * REST_FACTOR).max(REST_MIN);
            let bell = lock(&self.bell);
            let _ = self.rung.wait_timeout_while(bell, rest, |bell| !bell.is_over);
        }
    }

    /// Ends [`Self::run`] when all that has come is applied.
    pub fn close(&self) {
        lock(&self.bell).is_over = true;
        self.rung.notify_all();
    }
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

/// What follows from the events and is not on record, or not so.
fn changes(
    db: &Db,
    state: &State,
    mapping: &Mapping,
    unfinished: Unfinished,
) -> Result<(Applied, Told), IntakeError> {
    let items = openlineage::facts(&state.gathered, mapping, unfinished);
    let mut told = Told::default();
    let mut unsure = Vec::new();
    for item in items {
        let Some(id) = id_of(&item) else {
            unsure.push((item, None));
            continue;
        };
        let key = (item.section, id);
        let digest = file::digest(&item.node.to_json());
        let is_told = state.told.get(&key) == Some(&digest);
        told.insert(key.clone(), digest);
        if !is_told {
            unsure.push((item, Some(key.1)));
        }
    }
    let mut applied = Applied::default();
    let asked: Vec<(Section, &str)> = unsure
        .iter()
        .filter_map(|(item, id)| Some((item.section, id.as_deref()?)))
        .collect();
    let mut known = db.stated(&asked).map_err(CommitError::Store)?.into_iter();
    for (item, id) in unsure {
        let known = id.and_then(|_| known.next().flatten());
        match known {
            None => applied.new.push(item),
            Some(known) => {
                if draft::fact(&item) != Some(known.fact) {
                    applied.corrected.push(item);
                }
            }
        }
    }
    applied.retracted = state
        .told
        .keys()
        .filter(|key| !told.contains_key(*key))
        .cloned()
        .collect();
    applied.retracted.sort();
    Ok((applied, told))
}

/// What taking events into the store in `folder` would do; nothing is written.
pub fn preview(folder: &Path, db: &Db, mapping: &Mapping, events: &[Json]) -> Result<Applied, IntakeError> {
    let path = folder.join(FOLDER).join("events.ndjson");
    let (mut state, mut seen) = (State::default(), FxHashSet::default());
    if path.exists() {
        let applied = last_applied(db)?;
        Journal::read(&path, |number, text| {
            state.replay(number, text, applied, mapping, &mut seen);
        })?;
    }
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
    /// Takes a line of the journal.
    fn replay(
        &mut self,
        number: u64,
        text: &str,
        applied: u64,
        mapping: &Mapping,
        seen: &mut FxHashSet<[u8; 16]>,
    ) {
        let Ok(value) = serde_json::from_str::<Json>(text) else {
            return;
        };
        seen.insert(file::digest(&value));
        self.events = number;
        if let Ok(event) = event::event(&value, mapping.offset.as_deref()) {
            self.gathered
                .add(event, &draft::place(&NAME.into(), line(number)));
        }
        if number == applied {
            // With more of them than were committed nothing that has to be taken back is missed.
            self.told = told(&openlineage::facts(&self.gathered, mapping, Unfinished::Stated));
            self.applied = applied;
        }
    }
}

/// All items of a commit.
fn changed_items(applied: &Applied) -> Vec<Item> {
    let mut items: Vec<Item> = applied.new.clone();
    items.extend(applied.corrected.iter().map(|item| {
        let mut item = item.clone();
        if let (Some(id), Value::Map(keys)) = (id_of(&item), &mut item.node.value) {
            let mark = item.node.mark;
            keys.push(draft::entry("corrects", draft::text(id), mark));
        }
        item
    }));
    items.extend(applied.retracted.iter().map(|(section, id)| {
        let place = draft::place(&NAME.into(), 1);
        Item {
            section: *section,
            node: draft::map(&place, vec![("retracts", Some(draft::text(id)))]),
            place,
        }
    }));
    items
}

/// Who commits facts from events; the number says how many of the journal are in them.
fn author(events: u64) -> String {
    format!("{NAME} {events}")
}

/// How many events of the journal the last commit of events has in it.
fn last_applied(db: &Db) -> Result<u64, IntakeError> {
    const AT_ONCE: u64 = 256;
    let mut until = db.snapshot().sequence();
    while until > 0 {
        let from = until.saturating_sub(AT_ONCE - 1).max(1);
        let count = usize::try_from(until - from + 1).unwrap_or(usize::MAX);
        let commits = db.commits(from, count).map_err(CommitError::Store)?;
        let numbers = commits.iter().rev().filter_map(|commit| {
            let (name, number) = commit.author.split_once(' ')?;
            (name == NAME).then(|| number.parse().ok()).flatten()
        });
        if let Some(number) = numbers.into_iter().next() {
            return Ok(number);
        }
        until = from - 1;
    }
    Ok(0)
}

/// The facts by section and identifier.
fn told(items: &[Item]) -> Told {
    let named = items
        .iter()
        .filter_map(|item| Some(((item.section, id_of(item)?), file::digest(&item.node.to_json()))));
    named.collect()
}

fn id_of(item: &Item) -> Option<String> {
    match &item.node.get("id")?.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn line(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
