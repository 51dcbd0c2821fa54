//! The ledger: a store as the rest of the program sees it. Append commits, take views.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::append::{self, Plan, refuse};
use super::bulk::{Bulk, BulkCommit, Waiting};
use super::changes;
use super::codec::{Commit, encode_fact};
use super::columns::Column;
use super::error::{AppendError, StoreError};
use super::folder;
use super::head::{Digest, Head, content_digest};
use super::keys::{Hashing, Number, log_key};
use super::known::{Before, same_json, sort_out};
use super::memory::Memory;
use super::orphans;
use super::seam::{Backend, get_one};
use super::side::SideFile;
use super::state::{Opened, State, first_batch, random};
use super::verify::{Report, verify_rows};
use super::view::{View, commit_row};
use super::{Tuning, codec};
use crate::model::fact::Stated;
use crate::model::time::Instant;

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Read and write; a store is made where there is none.
    Create,
    /// Read and write what is there.
    Write,
    /// Read only; nothing in the folder is changed, and a writer may work beside it.
    Read,
}

/// Facts to be written together.
#[derive(Clone, Copy, Debug)]
pub struct NewCommit<'a> {
    /// The facts, in the order of their positions.
    pub facts: &'a [Stated],
    /// What every commit of a store must agree on: zone, home, minor age, calendar. JSON text.
    pub header: &'a str,
    /// When the store takes them.
    pub recorded: Instant,
    /// Who writes them.
    pub author: &'a str,
    /// The same key again returns the first receipt and writes nothing.
    pub key: Option<&'a str>,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the commit; of the last one before, if there was nothing to write.
    pub sequence: u64,
    /// Facts written.
    pub written: u32,
    /// Facts known before with the same content.
    pub already_known: u32,
    /// The chain up to `sequence`.
    pub head: Digest,
}

/// An open store.
pub struct Ledger {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) hashing: Arc<Hashing>,
    tuning: Tuning,
    current: RwLock<Current>,
    writer: Mutex<Writer>,
}

/// What the last commit left.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) head: Arc<Head>,
    header: Option<Arc<str>>,
}

/// Whoever holds it may write.
pub(super) struct Writer {
    /// Opened for reading.
    read_only: bool,
    /// A write failed: what is on disk is not known.
    stopped: bool,
    /// `None` in memory.
    side: Option<SideFile>,
    /// Keeps other processes from writing; released when dropped.
    _lock: Option<File>,
}

impl Ledger {
    /// Opens the store in `folder`. All checks come before anything is changed: see `folder`. A store with a
    /// million acts opens in a fraction of a second.
    pub fn open(folder: &Path, mode: Mode) -> Result<Self, StoreError> {
        Self::open_with(folder, mode, &Tuning::default())
    }

    /// Opens with other sizes than the usual ones.
    pub fn open_with(folder: &Path, mode: Mode, tuning: &Tuning) -> Result<Self, StoreError> {
        let opened = match mode {
            Mode::Create => folder::open_for_writing(folder, true, tuning)?,
            Mode::Write => folder::open_for_writing(folder, false, tuning)?,
            Mode::Read => folder::open_for_reading(folder, tuning)?,
        };
        Ok(Self::of(opened, mode == Mode::Read, tuning))
    }

    /// An empty store that is gone when it is dropped.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::in_memory_with(&Tuning::default())
    }

    /// An empty store in memory with other sizes than the usual ones.
    pub fn in_memory_with(tuning: &Tuning) -> Result<Self, StoreError> {
        let hash_key = random()?;
        let mut store = [0; 16];
        store.copy_from_slice(&random()?[..16]);
        let head = Head::empty(store, &hash_key);
        let backend = Memory::default();
        backend.write(first_batch(&head, &hash_key), &[])?;
        let opened = Opened {
            backend: Arc::new(backend),
            state: State {
                head,
                hashing: Hashing::new(&hash_key),
                header: None,
            },
            side: None,
            lock: None,
        };
        Ok(Self::of(opened, false, tuning))
    }

    fn of(opened: Opened, read_only: bool, tuning: &Tuning) -> Self {
        Self {
            backend: opened.backend,
            hashing: Arc::new(opened.state.hashing),
            tuning: *tuning,
            current: RwLock::new(Current {
                head: Arc::new(opened.state.head),
                header: opened.state.header,
            }),
            writer: Mutex::new(Writer {
                read_only,
                stopped: false,
                side: opened.side,
                _lock: opened.lock,
            }),
        }
    }

    /// The store after its last commit. Never waits for a commit that is being written.
    pub fn view(&self) -> Result<View, StoreError> {
        // The head first: a later commit in the snapshot is looked away from, a missing one could not be.
        let current = self.current();
        Ok(View {
            snapshot: self.backend.snapshot()?,
            head: current.head,
            header: current.header,
            hashing: self.hashing.clone(),
        })
    }

    /// Writes a commit: all of it, durable when this returns, or nothing.
    ///
    /// Facts that the store knows with the same content are counted, not written; if there is nothing to
    /// write and no idempotence key to keep, there is no commit. After an error of the store itself (not a
    /// refusal) the ledger writes nothing more: whether the commit is durable is known when it is opened
    /// again.
    pub fn append(&self, new: NewCommit<'_>) -> Result<Receipt, AppendError> {
        let mut writer = self.writer()?;
        let current = self.current();
        let header = check_header(current.header.as_deref(), new.header)?;
        let content = new.key.map(|_| content_of(new.facts)).transpose()?;
        if let (Some(key), Some(content)) = (new.key, content)
            && let Some(receipt) = self.receipt_of(key, &content, &current.head)?
        {
            return Ok(receipt);
        }
        let snapshot = self.backend.snapshot()?;
        let before = (current.head.facts > 0).then_some(Before {
            snapshot: &*snapshot,
            layout: current.head.layout(),
            next: current.head.sequence + 1,
        });
        let mut facts = sort_out(before, &self.hashing, new.facts)?;
        if facts.iter().any(|new| new.stated.target().is_some()) {
            let before = View {
                snapshot,
                head: Arc::clone(&current.head),
                header: current.header.clone(),
                hashing: Arc::clone(&self.hashing),
            };
            changes::touch(&before, &mut facts)?;
        }
        let written = u32::try_from(facts.len()).unwrap_or(u32::MAX);
        let already_known = u32::try_from(new.facts.len() - facts.len()).unwrap_or(u32::MAX);
        if facts.is_empty() && new.key.is_none() && header.is_none() {
            return Ok(Receipt {
                sequence: current.head.sequence,
                written,
                already_known,
                head: current.head.chain,
            });
        }
        let commit = Commit {
            sequence: current.head.sequence + 1,
            recorded: new.recorded,
            author: new.author.to_owned(),
            key: new.key.map(str::to_owned),
            content,
            facts: written,
            already_known,
            parts: 0,
            facts_per_part: 0,
            previous: current.head.chain,
            header: header.clone(),
        };
        let plan = Plan {
            facts,
            commit,
            key_name: new.key.map(|key| self.hashing.commit_key(key)),
        };
        // A panic or an error from here on leaves the disk in a state that only opening can tell.
        writer.stopped = true;
        let outcome = append::write(&*self.backend, &self.hashing, &self.tuning, &current.head, plan);
        let head = match outcome {
            Ok(head) => head,
            Err(error) => {
                // A refusal comes before any row is visible.
                writer.stopped = matches!(error, AppendError::Store(_));
                return Err(error);
            }
        };
        self.acknowledge(&mut writer, head, header)?;
        Ok(self.receipt(written, already_known))
    }

    /// Begins a commit whose facts come piece by piece: see [`Bulk`]. No other commit can be made meanwhile.
    pub fn bulk(&self, new: BulkCommit<'_>) -> Result<Bulk<'_>, AppendError> {
        let writer = self.writer()?;
        let current = self.current();
        let commit = Commit {
            sequence: current.head.sequence + 1,
            recorded: new.recorded,
            author: new.author.to_owned(),
            key: new.key.map(str::to_owned),
            content: None,
            facts: 0,
            already_known: 0,
            parts: 0,
            facts_per_part: self.tuning.facts_per_part.max(1),
            previous: current.head.chain,
            header: check_header(current.header.as_deref(), new.header)?,
        };
        Ok(Bulk::begin(self, writer, current, commit)?)
    }

    /// Ends a bulk commit whose rows all wait to be seen.
    pub(super) fn conclude_bulk(
        &self,
        mut writer: MutexGuard<'_, Writer>,
        current: &Current,
        commit: &Commit,
        waiting: &mut Waiting,
    ) -> Result<Receipt, AppendError> {
        let (written, already_known) = (commit.facts, commit.already_known);
        if let (Some(key), Some(content)) = (&commit.key, &commit.content)
            && let Some(receipt) = self.receipt_of(key, content, &current.head)?
        {
            return Ok(receipt);
        }
        if written == 0 && commit.key.is_none() && commit.header.is_none() {
            return Ok(self.receipt(written, already_known));
        }
        let key_name = commit.key.as_deref().map(|key| self.hashing.commit_key(key));
        let stored = append::stored(commit)?;
        writer.stopped = true;
        let made = std::mem::take(&mut waiting.0);
        let head = append::conclude(
            &*self.backend,
            &current.head,
            commit,
            &stored,
            key_name.as_ref(),
            made,
        )?;
        self.acknowledge(&mut writer, head, commit.header.clone())?;
        Ok(self.receipt(written, already_known))
    }

    /// The last step of a commit: the side file, then new views.
    fn acknowledge(&self, writer: &mut Writer, head: Head, header: Option<String>) -> Result<(), StoreError> {
        if let Some(side) = &mut writer.side {
            side.write(&head)?;
        }
        writer.stopped = false;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.head = Arc::new(head);
        if let Some(header) = header {
            current.header = Some(header.into());
        }
        Ok(())
    }

    /// The receipt of the last commit.
    fn receipt(&self, written: u32, already_known: u32) -> Receipt {
        let head = self.current().head;
        Receipt {
            sequence: head.sequence,
            written,
            already_known,
            head: head.chain,
        }
    }

    /// Copies the store as it is now into the new folder `to`. Waits for a commit that is being written;
    /// files are linked where the file system can.
    pub fn checkpoint(&self, to: &Path) -> Result<(), StoreError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        folder::checkpoint(&*self.backend, &self.current().head, to)
    }

    /// Verifies what is there now, row by row, without the side file: see [`super::verify`].
    pub fn verify(&self) -> Result<Report, StoreError> {
        let current = self.current();
        let state = State {
            head: (*current.head).clone(),
            hashing: (*self.hashing).clone(),
            header: current.header,
        };
        let snapshot = self.backend.snapshot()?;
        let orphans = orphans::find(&*snapshot, &state)?;
        let mut report = Report::default();
        verify_rows(&*snapshot, &state, &orphans, &mut report)?;
        Ok(report)
    }

    fn current(&self) -> Current {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.read_only {
            Err(StoreError::ReadOnly)
        } else if writer.stopped {
            Err(StoreError::Stopped)
        } else {
            Ok(writer)
        }
    }

    /// The receipt of the commit that has this idempotence key.
    fn receipt_of(&self, key: &str, content: &Digest, head: &Head) -> Result<Option<Receipt>, AppendError> {
        let snapshot = self.backend.snapshot()?;
        let name = self.hashing.commit_key(key);
        let Some(value) = get_one(&*snapshot, Column::Names, &name)? else {
            return Ok(None);
        };
        let number = Number::from_key(&value)
            .ok_or_else(|| StoreError::corrupt(Column::Names, &name, "the number has another length"))?;
        if number.sequence > head.sequence {
            return Ok(None);
        }
        let at = log_key(number.sequence, 0);
        let missing = || StoreError::corrupt(Column::Log, &at, "the commit is missing");
        let row = get_one(&*snapshot, Column::Log, &at)?.ok_or_else(missing)?;
        let info = commit_row(&at, &row)?;
        let commit = codec::decode_commit(&row[32..])
            .map_err(|error| StoreError::corrupt(Column::Log, &at, error.to_string()))?;
        if commit.key.as_deref() != Some(key) || commit.content != Some(*content) {
            return Err(AppendError::KeyReused {
                key: key.to_owned(),
                sequence: number.sequence,
            });
        }
        Ok(Some(Receipt {
            sequence: number.sequence,
            written: commit.facts,
            already_known: commit.already_known,
            head: info.head,
        }))
    }
}

/// The header to be kept, if the store has none yet.
fn check_header(stored: Option<&str>, given: &str) -> Result<Option<String>, AppendError> {
    match stored {
        Some(stored) if same_json(stored, given) => Ok(None),
        Some(stored) => Err(AppendError::Header {
            stored: stored.to_owned(),
            given: given.to_owned(),
        }),
        None if serde_json::from_str::<serde_json::Value>(given).is_ok_and(|value| value.is_object()) => {
            Ok(Some(given.to_owned()))
        }
        None => Err(AppendError::HeaderSyntax),
    }
}

/// The digest of what the facts say, without their places: a retry from another file is the same request.
fn content_of(facts: &[Stated]) -> Result<Digest, AppendError> {
    let mut digests = Vec::with_capacity(facts.len() * 32);
    let mut bytes = Vec::new();
    for fact in facts {
        bytes.clear();
        let content = encode_fact(fact, &mut bytes)
            .map_err(|error| refuse(&format!("the fact at {}", fact.place), &error))?;
        digests.extend(content_digest(&bytes[..content]));
    }
    Ok(content_digest(&digests))
}
