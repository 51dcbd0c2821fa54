//! The front door: open a store or a fact file, commit facts, take a snapshot, ask.
//!
//! A [`Snapshot`] is one state of the facts and never changes; every answer says which. A fact file is a snapshot
//! without a store behind it.

mod bulk;
mod catalogue;
mod compare;
mod copies;
mod correction;
mod error;
mod family;
mod flows;
mod header;
mod kept;
mod laid;
mod possible;
mod processors;
mod reading;
mod shelf;
mod snapshot;
mod told;
mod uncertain;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::broadcast;

pub use crate::store::{CommitInfo, FORMAT, Mode, Report, Trouble};
pub use bulk::{Import, Imported, Progress};
pub use copies::Copies;
pub use error::{CommitError, DbError};
pub use laid::Over;
pub use snapshot::hex;
pub use snapshot::{Counts, Snapshot};
use told::Common;
pub use told::Version;

use crate::facts::Reference;
use crate::import::{self, Document, Format};
use crate::model::fact::{Fact, Header, Stated};
use crate::model::id::SubjectId;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::time::Instant;
use crate::model::word::Section;
use crate::store::{self, AppendError, Conflict, Ledger, NewCommit, View};

/// For which instant questions are answered that name none.
#[derive(Clone, Copy, Debug)]
pub enum AsOf {
    /// Always for this one.
    Fixed(Instant),
    /// For the present, told by this clock. It is read anew when it is more than a minute old, so that findings can
    /// be kept meanwhile; every answer prints it.
    Now(fn() -> Instant),
}

/// A store that is open.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    ledger: Ledger,
    as_of: AsOf,
    common: Arc<Common>,
    newest: RwLock<Snapshot>,
    /// Held while a commit is checked and written, so that what it was checked against still holds.
    committing: Mutex<()>,
    announce: broadcast::Sender<Committed>,
}

/// Facts to be committed together.
#[derive(Debug)]
pub struct Batch {
    /// The facts.
    pub document: Document,
    /// Who commits them.
    pub author: Option<String>,
    /// The same key again does nothing and returns the first receipt.
    pub key: Option<String>,
}

impl Batch {
    /// Reads a document whose format is not known from its name.
    pub fn read(text: &str, name: &str) -> Result<Self, Vec<Problem>> {
        Ok(Self::of(import::read(text, name, Format::guess(text), &|_| ())?))
    }

    /// The facts of a document.
    pub fn of(document: Document) -> Self {
        Self {
            document,
            author: None,
            key: None,
        }
    }
}

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its number; of the last one before, when there was nothing new to write.
    pub sequence: u64,
    /// The hash chain up to it, 64 hexadecimal digits.
    pub head: String,
    /// When it was recorded.
    pub recorded: Instant,
    /// Facts written, acts among them.
    pub facts: u64,
    /// Acts given.
    pub acts: u64,
    /// Facts given that were on record already.
    pub already_known: u64,
    /// No commit was made: the key was used before and this is what its commit did, or everything was known.
    pub repeated: bool,
}

/// A commit, announced to whoever listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its number.
    pub sequence: u64,
    /// When it was recorded.
    pub recorded: Instant,
    /// Facts written, acts among them.
    pub facts: u64,
    /// Acts given.
    pub acts: u64,
}

/// Commits that listeners may lag behind before they miss some.
const ANNOUNCED_MAX: usize = 1024;

impl Db {
    /// Opens the store in a folder. Cost: the catalogue is read into memory, acts are not.
    pub fn open(folder: &Path, mode: Mode, as_of: AsOf) -> Result<Self, DbError> {
        Self::of(Ledger::open(folder, mode)?, as_of, Common::of_store_in(folder))
    }

    /// A store in memory, gone when it is dropped.
    pub fn in_memory(as_of: AsOf) -> Result<Self, DbError> {
        Self::of(Ledger::in_memory()?, as_of, Common::default())
    }

    fn of(ledger: Ledger, as_of: AsOf, common: Common) -> Result<Self, DbError> {
        let common = Arc::new(common);
        let snapshot = Snapshot::of_view(ledger.view()?, as_of.instant(), &common, None)?;
        Ok(Self {
            inner: Arc::new(Inner {
                ledger,
                as_of,
                common,
                newest: RwLock::new(snapshot),
                committing: Mutex::new(()),
                announce: broadcast::channel(ANNOUNCED_MAX).0,
            }),
        })
    }

    /// The newest state. Readers keep theirs for as long as they like.
    pub fn snapshot(&self) -> Snapshot {
        const KEPT: i64 = 60_000_000;
        let newest = self
            .inner
            .newest
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let now = self.inner.as_of.instant();
        if now.micros() - newest.as_of().micros() <= KEPT && now >= newest.as_of() {
            return newest;
        }
        // A store that cannot be read now will say so when it is asked.
        let Ok(renewed) = newest.at(now) else {
            return newest;
        };
        let mut kept = self.inner.newest.write().unwrap_or_else(PoisonError::into_inner);
        if kept.sequence() == renewed.sequence() {
            *kept = renewed.clone();
        }
        renewed
    }

    /// Commits facts: all of them, or none and every problem with its place. `recorded` is the present.
    #[expect(clippy::needless_pass_by_value, reason = "a batch is committed once")]
    pub fn commit(&self, batch: Batch, recorded: Instant) -> Result<Receipt, CommitError> {
        let _committing = self
            .inner
            .committing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let document = &batch.document;
        let before = self.inner.ledger.view()?;
        // The record's clock never goes back: corrections count in its order.
        let last = before.commits(before.sequence(), 1)?.pop();
        let recorded = last.map_or(recorded, |last| recorded.max(last.recorded));
        let mut problems = unknown_references(&before, &document.open)?;
        problems.extend(correction::problems(
            &before,
            self.snapshot().catalogue(),
            &document.facts,
        )?);
        problems.extend(names_taken(&before, &self.snapshot(), document)?);
        if !problems.is_empty() {
            problems.sort_by(|a, b| a.place.cmp(&b.place));
            return Err(CommitError::Invalid(problems));
        }
        let header = header::compared(&document.header);
        let new = NewCommit {
            facts: &document.facts,
            header: &header,
            recorded,
            author: batch.author.as_deref().unwrap_or("unknown"),
            key: batch.key.as_deref(),
        };
        let receipt = self
            .inner
            .ledger
            .append(new)
            .map_err(|error| refusal(error, document))?;
        let acts = document
            .facts
            .iter()
            .filter(|stated| matches!(stated.fact, Fact::Act(_)))
            .count();
        // A number that was there before tells of a commit that was made before.
        let repeated = receipt.sequence <= before.sequence();
        self.tell(&receipt, recorded, acts, repeated, &before)
    }

    /// Makes a commit known to everybody, and gives its receipt as users see it.
    fn tell(
        &self,
        receipt: &store::Receipt,
        recorded: Instant,
        acts: usize,
        repeated: bool,
        before: &View,
    ) -> Result<Receipt, CommitError> {
        let first = if repeated {
            before.commits(receipt.sequence, 1)?.into_iter().next()
        } else {
            None
        };
        let receipt = Receipt {
            sequence: receipt.sequence,
            head: snapshot::hex(&receipt.head),
            recorded: first.map_or(recorded, |commit| commit.recorded),
            facts: receipt.written.into(),
            acts: u64::try_from(acts).unwrap_or(u64::MAX),
            already_known: receipt.already_known.into(),
            repeated,
        };
        if !receipt.repeated {
            let newest = || {
                self.inner
                    .newest
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone()
            };
            let view = self.inner.ledger.view()?;
            let (as_of, common) = (self.inner.as_of.instant(), &self.inner.common);
            let snapshot =
                Snapshot::of_view(view, as_of, common, Some(&newest())).map_err(CommitError::AfterCommit)?;
            *self.inner.newest.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
            // Nobody listening is no failure.
            let _ = self.inner.announce.send(Committed {
                sequence: receipt.sequence,
                recorded,
                facts: receipt.facts,
                acts: receipt.acts,
            });
        }
        Ok(receipt)
    }

    /// The facts of these names that stand, whenever they were recorded.
    pub fn stated(&self, names: &[(Section, &str)]) -> Result<Vec<Option<Stated>>, DbError> {
        let all = Horizon::Known(RecordTime::Number(u64::MAX));
        let source = told::Source::of_view(self.inner.ledger.view()?, all, Arc::clone(&self.inner.common))?;
        names
            .iter()
            .map(|(section, id)| source.fact(*section, id))
            .collect()
    }

    /// Whether anything was ever recorded under these names, also what was taken back.
    pub fn were_stated(&self, names: &[(Section, &str)]) -> Result<Vec<bool>, DbError> {
        let view = self.inner.ledger.view()?;
        names
            .iter()
            .map(|(section, id)| Ok(view.record(*section, id)?.is_some()))
            .collect()
    }

    /// Every commit from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Committed> {
        self.inner.announce.subscribe()
    }

    /// Up to `limit` commits from number `from` on.
    pub fn commits(&self, from: u64, limit: usize) -> Result<Vec<CommitInfo>, DbError> {
        Ok(self.inner.ledger.view()?.commits(from, limit)?)
    }
}

/// Recomputes the hash chain and every index of the store in a folder from its stored bytes, and compares. Changes
/// nothing. Cost: every stored byte is read.
pub fn verify(folder: &Path) -> Result<Report, DbError> {
    Ok(crate::store::verify(folder)?)
}

/// Compares the flows that a store keeps in files with those on record; they are copies, of which [`verify`] knows nothing. Changes
/// nothing. Cost: for each file, reading it and the family it is about.
pub fn verify_copies(folder: &Path) -> Result<Copies, DbError> {
    copies::verify(folder)
}

/// What all documents of a store must agree on, as JSON text with the keys of a header.
pub fn header_text(header: &Header) -> String {
    header::compared(header)
}

impl AsOf {
    fn instant(self) -> Instant {
        match self {
            Self::Fixed(at) => at,
            Self::Now(clock) => clock(),
        }
    }
}

/// The references that neither the document nor the store declares.
fn unknown_references(view: &View, open: &[(Reference, Place)]) -> Result<Vec<Problem>, DbError> {
    let mut problems = Vec::new();
    for section in Section::ALL {
        let theirs: Vec<&(Reference, Place)> = open
            .iter()
            .filter(|(reference, _)| reference.section == *section)
            .collect();
        if theirs.is_empty() {
            continue;
        }
        let mut ids: Vec<&str> = theirs.iter().map(|(reference, _)| &*reference.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let known = view.knows(*section, &ids)?;
        for (reference, place) in theirs {
            let is_known = ids
                .binary_search(&&*reference.id)
                .is_ok_and(|i| known.get(i).copied().unwrap_or(false))
                || match reference.or {
                    Some(other) => view.knows(other, &[&reference.id])?.first() == Some(&true),
                    None => false,
                };
            if !is_known {
                problems.push(import::unknown_reference(reference, place));
            }
        }
    }
    Ok(problems)
}

/// Subjects called like a cohort of the store, and cohorts called like a subject of it.
fn names_taken(view: &View, before: &Snapshot, document: &Document) -> Result<Vec<Problem>, DbError> {
    let mut problems = Vec::new();
    for stated in &document.facts {
        let (id, other) = if let Fact::Subject(subject) = &stated.fact
            && before.has_cohort(&subject.id)
        {
            (&subject.id, Section::Cohorts)
        } else if let Fact::Cohort(cohort) = &stated.fact
            && view.knows(Section::Subjects, &[cohort.id.as_str()])? == [true]
        {
            (&cohort.id, Section::Subjects)
        } else {
            continue;
        };
        problems.push(name_taken(id, other, stated.place.clone()));
    }
    Ok(problems)
}

fn name_taken(id: &SubjectId, other: Section, place: Place) -> Problem {
    Problem {
        code: ProblemCode::DuplicateId,
        place,
        message: format!("`{id}` is on record in `{other}`"),
        help: "a subject and a cohort cannot have the same id; take another one".to_owned(),
    }
}

/// A refusal by the ledger, with places where it is about facts.
fn refusal(error: AppendError, document: &Document) -> CommitError {
    match error {
        AppendError::Conflicts(conflicts) => {
            CommitError::Invalid(conflicts.into_iter().map(conflict_problem).collect())
        }
        AppendError::Header { stored, given } => {
            let file = document
                .facts
                .first()
                .map_or_else(|| "".into(), |stated| Arc::clone(&stated.place.file));
            CommitError::Invalid(vec![header_problem(file, &stored, &given)])
        }
        AppendError::Store(error) => CommitError::Store(error.into()),
        other
        @ (AppendError::HeaderSyntax | AppendError::KeyReused { .. } | AppendError::TooLarge { .. }) => {
            CommitError::Refused(other)
        }
    }
}

fn conflict_problem(conflict: Conflict) -> Problem {
    Problem {
        code: ProblemCode::Conflict,
        message: format!(
            "`{}` of `{}` is on record with other content, from {}",
            conflict.id, conflict.section, conflict.first
        ),
        place: conflict.place,
        help: format!(
            "facts are never overwritten; give the new fact another id, or correct this one: add `corrects: {}`",
            conflict.id
        ),
    }
}

fn header_problem(file: Arc<str>, stored: &str, given: &str) -> Problem {
    Problem {
        code: ProblemCode::HeaderMismatch,
        place: Place {
            file,
            line: 1,
            column: 1,
        },
        message: format!("the store was begun with the header {stored}, this document has {given}"),
        help: "use the store's time zone, home, minor age and calendar, or another store".to_owned(),
    }
}
