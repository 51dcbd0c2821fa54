//! Flows of large families that are laid down: in memory, and in files in the store's folder.
//!
//! A file is a copy of what is on record. When it is missing, damaged, of another store or of another version it is made
//! again; when it cannot be written, it is made by each program that asks. What was committed after it is laid over it, until
//! that is much.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use super::DbError;
use super::flows::{Building, Flows, Settled, Told};
use super::snapshot::hex;
use crate::engine::{Base, Columns, FileError};
use crate::model::fact::Act;
use crate::model::id::SubjectId;
use crate::model::word::Section;
use crate::store::{self, Body, Number, Record, View};

/// The folder of the files, inside that of the store.
pub const FOLDER: &str = "flows";
/// So many families are kept in memory.
const KEPT_MAX: usize = 4;
/// When so many acts were committed after what is laid down, it is laid down anew.
const LATER_MAX: usize = 20_000;
/// Records read at once.
const WALK_ROWS: usize = 4096;

/// The flows of one family up to some commit.
#[derive(Debug)]
pub struct Shelved {
    /// The flows that are laid down.
    pub flows: Flows,
    sequence: u64,
    later: Mutex<Later>,
}

/// What was committed after what is laid down.
#[derive(Clone, Debug)]
pub struct Later {
    /// The acts with the family's data, in the order of the record: those that are laid over the flows already.
    pub settled: Option<Arc<Settled>>,
    /// And those that came then.
    pub rest: Arc<Vec<(Number, Act)>>,
    /// Whether a record changes one of the family's acts.
    pub has_changes: bool,
    /// The last commit that was read.
    sequence: u64,
}

impl Later {
    /// All of them.
    pub fn acts(&self) -> impl Iterator<Item = &(Number, Act)> {
        let settled = self.settled.iter().flat_map(|settled| settled.acts());
        settled.chain(&*self.rest)
    }

    fn len(&self) -> usize {
        self.settled.as_ref().map_or(0, |settled| settled.acts().len()) + self.rest.len()
    }

    fn last(&self) -> Option<Number> {
        let settled = self.settled.as_ref().and_then(|settled| settled.acts().last());
        let last = self.rest.last().or(settled);
        last.map(|(number, _)| *number)
    }
}

/// The flows of the families that were asked about last.
#[derive(Debug, Default)]
pub struct Shelf {
    folder: Option<PathBuf>,
    kept: Mutex<Vec<(SubjectId, Arc<Shelved>)>>,
}

impl Shelf {
    /// That of a store in a folder.
    pub fn in_folder(store: &Path) -> Self {
        Self {
            folder: Some(store.join(FOLDER)),
            kept: Mutex::default(),
        }
    }

    /// The flows of the family of this name and what was committed after they were laid down, when so many facts or more
    /// name it; of the former at most so many that have still to be laid over. Cost: mostly what was committed since somebody asked
    /// last; at times laying over all that was committed since they were laid down; else opening the file; else the family is read.
    pub fn get(
        &self,
        view: &View,
        name: &SubjectId,
        (facts_least, rest_most): (usize, usize),
    ) -> Result<Option<(Arc<Shelved>, Later)>, DbError> {
        // Whoever asks meanwhile waits: what is laid down is for all.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shelved) = self.at_hand(&mut kept, view, name)? {
            let later = shelved.later(view, name, rest_most)?;
            if later.len() <= LATER_MAX {
                return Ok(Some((shelved, later)));
            }
        } else if !view.names_at_least(name, facts_least)? {
            return Ok(None);
        }
        let Some(shelved) = self.laid_down(view, name)? else {
            return Ok(None);
        };
        let shelved = Arc::new(shelved);
        put(&mut kept, name, &shelved);
        let later = shelved.later(view, name, rest_most)?;
        Ok(Some((shelved, later)))
    }

    /// The records of the family of everyone that are no plain acts, and whether there are such acts, if its flows are laid
    /// down; nothing where very much was committed since. Cost: these records are read, and what was committed since.
    pub fn without_acts(&self, view: &View) -> Result<Option<(Vec<Record>, bool)>, DbError> {
        // Flows may be laid down just now, which takes long; a commit does not wait for that.
        let shelved = match self.kept.try_lock() {
            Ok(mut kept) => self.at_hand(&mut kept, view, &SubjectId::everyone())?,
            Err(TryLockError::Poisoned(kept)) => {
                self.at_hand(&mut kept.into_inner(), view, &SubjectId::everyone())?
            }
            Err(TryLockError::WouldBlock) => None,
        };
        let Some(shelved) = shelved else { return Ok(None) };
        let mut numbers: Vec<Number> = shelved.flows.others().collect();
        numbers.retain(|number| number.sequence <= view.sequence());
        numbers.sort_unstable();
        let mut records = view.records(&numbers)?;
        let mut has_acts = shelved.flows.len() > 0;
        let first = Number {
            sequence: shelved.sequence + 1,
            position: 0,
        };
        if shelved.sequence < view.sequence() {
            let walk = view.facts_from(Some(first), LATER_MAX)?;
            if walk.next.is_some() {
                return Ok(None);
            }
            for record in walk.records.into_iter().filter(store::is_of_everyone) {
                if store::is_plain(&record) {
                    has_acts = true;
                } else {
                    records.push(record);
                }
            }
        }
        Ok(Some((records, has_acts)))
    }

    /// What is in memory, or in a file of this store.
    fn at_hand(
        &self,
        kept: &mut Vec<(SubjectId, Arc<Shelved>)>,
        view: &View,
        name: &SubjectId,
    ) -> Result<Option<Arc<Shelved>>, DbError> {
        let known = kept.iter().find(|(own, _)| own == name);
        let shelved = match known {
            Some((_, shelved)) => Some(Arc::clone(shelved)),
            None => self.opened(view, name)?.map(Arc::new),
        };
        if let Some(shelved) = &shelved {
            put(kept, name, shelved);
        }
        Ok(shelved)
    }

    fn file(&self, view: &View, name: &SubjectId) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("{}.columns", hex(&view.file_name(name)))))
    }

    fn opened(&self, view: &View, name: &SubjectId) -> Result<Option<Shelved>, DbError> {
        let Some(path) = self.file(view, name) else {
            return Ok(None);
        };
        let mut failed = None;
        let opened = Columns::open_of(&path, |base| {
            let is_ours = view
                .past(base.sequence)
                .map(|past| past.is_some_and(|past| digest(&past, name) == base.digest));
            match is_ours {
                Ok(true) => Ok(()),
                Ok(false) => Err(FileError::Stale(base.sequence, view.sequence())),
                Err(error) => {
                    failed = Some(error);
                    Err(FileError::Stale(base.sequence, view.sequence()))
                }
            }
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        let (columns, base) = match opened {
            Ok(opened) => opened,
            Err(FileError::Missing(_)) => return Ok(None),
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "flows are laid down anew");
                return Ok(None);
            }
        };
        Ok(Flows::of(columns).map(|flows| Shelved::new(flows, base.sequence)))
    }

    fn laid_down(&self, view: &View, name: &SubjectId) -> Result<Option<Shelved>, DbError> {
        let Some(flows) = lay_down(view, name)? else {
            return Ok(None);
        };
        if let Some(path) = self.file(view, name) {
            let base = Base {
                sequence: view.sequence(),
                digest: digest(view, name),
            };
            let folder = path.parent().unwrap_or(Path::new("."));
            let saved = std::fs::create_dir_all(folder)
                .map_err(|error| FileError::Io(folder.to_owned(), error))
                .and_then(|()| flows.columns().save(&path, base));
            if let Err(error) = saved {
                tracing::warn!(%error, "flows cannot be kept for the next time");
            }
        }
        Ok(Some(Shelved::new(flows, view.sequence())))
    }
}

fn put(kept: &mut Vec<(SubjectId, Arc<Shelved>)>, name: &SubjectId, shelved: &Arc<Shelved>) {
    kept.retain(|(own, _)| own != name);
    if kept.len() >= KEPT_MAX {
        kept.remove(0);
    }
    kept.push((name.clone(), Arc::clone(shelved)));
}

/// Lays the flows of a family down; nothing when they are more than the engine counts. Cost: the family is read.
pub fn lay_down(view: &View, name: &SubjectId) -> Result<Option<Flows>, DbError> {
    let mut building = Building::default();
    let changed = view.changed_names(Section::Events)?;
    view.each_of_family(name, |record| {
        if !store::is_plain(&record) {
            building.note(record.number);
        }
        if let Body::Act(act) = &record.body
            && act.subjects.contains(name)
        {
            let told = Told {
                is_settled: record.target().is_none() && record.recording.recorded.is_none(),
                is_changed: record.id.as_ref().is_some_and(|id| changed.contains(id)),
            };
            building.add(record.number, act, told);
        }
    })?;
    Ok(building.finish())
}

/// Tells a family of a state of the record from all others.
pub fn digest(view: &View, name: &SubjectId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"flows of a family");
    hasher.update(view.head());
    hasher.update(&view.file_name(name));
    *hasher.finalize().as_bytes()
}

impl Shelved {
    fn new(flows: Flows, sequence: u64) -> Self {
        Self {
            flows,
            sequence,
            later: Mutex::new(Later {
                settled: None,
                rest: Arc::default(),
                has_changes: false,
                sequence,
            }),
        }
    }

    /// The commit up to which the flows are laid down.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What was committed since, up to this state of the store or a later one.
    fn later(&self, view: &View, name: &SubjectId, rest_most: usize) -> Result<Later, DbError> {
        let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        let mut from = Some(Number {
            sequence: later.sequence + 1,
            position: 0,
        });
        while let Some(first) = from.filter(|_| later.sequence < view.sequence()) {
            let walk = view.facts_from(Some(first), WALK_ROWS)?;
            for record in walk.records {
                later.has_changes |= changes_act_of(&record, name);
                let is_known = later.last().is_some_and(|last| last >= record.number);
                if !is_known && let Some(own) = act_of(record, name) {
                    Arc::make_mut(&mut later.rest).push(own);
                }
            }
            from = walk.next;
        }
        later.sequence = later.sequence.max(view.sequence());
        if later.rest.len() > rest_most && later.len() <= LATER_MAX {
            let acts = later.acts().cloned().collect();
            later.settled = Some(Arc::new(Settled::new(&self.flows, acts)));
            later.rest = Arc::default();
        }
        Ok(later.clone())
    }
}

/// Whether the record changes an act with data of this name, or makes one such.
fn changes_act_of(record: &Record, name: &SubjectId) -> bool {
    let names = |subjects: &[SubjectId]| subjects.contains(name);
    let is_of_act = record.section == Section::Events && record.target().is_some();
    is_of_act && (names(&record.subjects) || names(&record.touched.subjects))
}

/// The record as an act with data of this name.
pub fn act_of(record: Record, name: &SubjectId) -> Option<(Number, Act)> {
    match record.body {
        Body::Act(act) if act.subjects.contains(name) => Some((record.number, act)),
        Body::Act(_) | Body::Item(_) => None,
    }
}
