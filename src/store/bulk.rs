//! A commit that is too large for memory: its facts come piece by piece, from several threads.
//!
//! Every piece becomes rows at once. Rows of `facts` are in order already and wait as table files; rows of the indexes
//! are put aside in sorted runs. When all pieces have come, the runs are merged into table files, one column on
//! each thread, and the commit is concluded like any other large one. The merge of the names is also where identifiers
//! that stand twice meet, and where uses meet declarations: memory does not grow with the file.

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::append::{self, Made, New, PartRows, rows_of};
use super::codec::{Commit, Touched, encode_fact};
use super::columns::{COUNTED, Column};
use super::entries::{Indexed, Remembered};
use super::error::{AppendError, Conflict, StoreError};
use super::head::{Contents, Digest, content_digest};
use super::keys::{
    FAMILY_ROW_LEN, NAME_LEN, Number, PROCESSOR_FAMILY_ROW_LEN, PROCESSOR_ROW_LEN, log_key, section_code,
    section_of,
};
use super::known::{self, Before};
use super::ledger::{Current, Ledger, Receipt, Writer};
use super::part::{self, Layout, SALT_LEN, SaltKey};
use super::runs::{Merge, Runs};
use super::seam::{Rows, Snapshot, StagedContent, get_one};
use super::state::random;
use crate::model::fact::Stated;
use crate::model::time::Instant;
use crate::model::word::Section;

/// Bytes of a table file before its rows are compressed.
const FILE_BYTES: usize = 16 << 20;
/// Uses that are known to be declared in the store are remembered up to this number.
const REMEMBERED_MAX: usize = 1 << 18;
/// Names asked for at once.
const ASK_ROWS: usize = 4096;

/// What a bulk commit says of itself, as [`super::NewCommit`] does.
#[derive(Clone, Copy, Debug)]
pub struct BulkCommit<'a> {
    /// What every commit of a store must agree on, JSON text.
    pub header: &'a str,
    /// When the store takes it.
    pub recorded: Instant,
    /// Who writes it.
    pub author: &'a str,
    /// The same key again returns the first receipt and writes nothing.
    pub key: Option<&'a str>,
}

/// The use of an identifier that something else declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// Line of the document.
    pub line: u32,
    /// Column there.
    pub column: u32,
    /// Where it should be declared.
    pub section: Section,
    /// Another section that may declare it instead.
    pub or: Option<Section>,
    /// The identifier.
    pub id: Arc<str>,
}

/// What a commit must know of its document as a whole before it ends.
pub struct Whole<'a> {
    /// Of what refuses it at most this many of each kind are told, the first in the document.
    pub limit: usize,
    /// Whether the document declares an identifier in the other section that a use allows.
    pub declares: &'a (dyn Fn(Section, &str) -> bool + Sync),
    /// Identifiers that no fact of this section in the document may have.
    pub reserved: &'a [(Section, &'a str)],
    /// Told how many rows of the indexes are sorted, of how many.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// An identifier that is declared twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twice {
    /// Line of the later declaration.
    pub line: u32,
    /// Column there.
    pub column: u32,
    /// Line of the first declaration.
    pub first_line: u32,
    /// The section.
    pub section: Section,
}

/// How a bulk commit ended.
#[derive(Debug)]
pub enum Outcome {
    /// It is durable, or there was nothing to write.
    Done(Receipt),
    /// Its facts do not fit together; nothing was written. Each list holds the first of its kind in the document,
    /// at most as many as were asked for.
    Refused {
        /// Identifiers declared twice.
        twice: Vec<Twice>,
        /// Uses of identifiers that neither the document nor the store declares.
        unknown: Vec<Use>,
        /// Which of the reserved identifiers are declared, by their place in the list.
        taken: Vec<usize>,
    },
}

/// A bulk commit being made. [`Bulk::take`] may be called from several threads.
pub struct Bulk<'l> {
    ledger: &'l Ledger,
    writer: MutexGuard<'l, Writer>,
    current: Current,
    commit: Commit,
    /// Of a store that has facts.
    snapshot: Option<Arc<dyn Snapshot>>,
    layout: Layout,
    secret: [u8; 32],
    turn: Mutex<Turn>,
    turned: Condvar,
    families: Runs,
    names: Runs,
    by_processor: Runs,
    uses: Runs,
    declared: Mutex<FxHashSet<[u8; NAME_LEN]>>,
    order: Mutex<InOrder>,
    staged: Mutex<Waiting>,
    refused: AtomicBool,
    merged: AtomicU64,
}

/// Which piece comes next and what stood before it.
struct Turn {
    piece: u64,
    written: u32,
    already_known: u32,
    /// Names of facts without an identifier.
    nameless: FxHashSet<[u8; NAME_LEN]>,
    failed: bool,
}

/// What must happen in the order of the pieces.
struct InOrder {
    piece: u64,
    waiting: BTreeMap<u64, Piece>,
    facts: Rows,
    /// Digests of the part that is not full yet.
    digests: Vec<u8>,
    parts: u32,
    log: Rows,
    part_digests: Vec<Digest>,
    contents: Contents,
}

/// The rows of a piece that must be written in order.
struct Piece {
    facts: Rows,
    digests: Vec<u8>,
    contents: Vec<u8>,
}

impl<'l> Bulk<'l> {
    pub(super) fn begin(
        ledger: &'l Ledger,
        writer: MutexGuard<'l, Writer>,
        current: Current,
        commit: Commit,
    ) -> Result<Self, StoreError> {
        let backend = &ledger.backend;
        let folder = backend.scratch();
        let snapshot = (current.head.facts > 0).then(|| backend.snapshot()).transpose()?;
        let layout = current.head.layout();
        let processor_row_len = match layout {
            Layout::First => PROCESSOR_FAMILY_ROW_LEN,
            Layout::Second => PROCESSOR_ROW_LEN,
        };
        Ok(Self {
            families: Runs::new(folder, "families.runs", FAMILY_ROW_LEN)?,
            names: Runs::new(folder, "names.runs", NAME_LEN)?,
            by_processor: Runs::new(folder, "by_processor.runs", processor_row_len)?,
            uses: Runs::new(folder, "uses.runs", NAME_LEN)?,
            ledger,
            writer,
            current,
            commit,
            snapshot,
            layout,
            secret: random()?,
            turn: Mutex::new(Turn {
                piece: 0,
                written: 0,
                already_known: 0,
                nameless: FxHashSet::default(),
                failed: false,
            }),
            turned: Condvar::new(),
            declared: Mutex::default(),
            order: Mutex::new(InOrder {
                piece: 0,
                waiting: BTreeMap::new(),
                facts: Rows::default(),
                digests: Vec::new(),
                parts: 0,
                log: Rows::default(),
                part_digests: Vec::new(),
                contents: Contents::default(),
            }),
            staged: Mutex::default(),
            refused: AtomicBool::new(false),
            merged: AtomicU64::new(0),
        })
    }

    /// Takes the facts of piece number `index`, counted from 0 without gaps, and what they use. None of them may change
    /// another record. Returns the facts that contradict the store, in their order. An error ends the commit.
    pub fn take(&self, index: u64, facts: &[Stated], uses: &[Use]) -> Result<Vec<Conflict>, AppendError> {
        let outcome = self.piece(index, facts, uses);
        if outcome.is_err() {
            self.fail();
        }
        outcome
    }

    /// Facts still come, to be compared, but the commit will not be made.
    pub fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Lets nobody wait any more: the commit will not be made.
    pub fn fail(&self) {
        self.refuse();
        let mut turn = lock(&self.turn);
        turn.failed = true;
        self.turned.notify_all();
    }

    fn piece(&self, index: u64, facts: &[Stated], uses: &[Use]) -> Result<Vec<Conflict>, AppendError> {
        let hashing = &*self.ledger.hashing;
        let untouched = Touched::default();
        let names: Vec<[u8; NAME_LEN]> = facts
            .iter()
            .map(|stated| Indexed::new(stated, &untouched).name(hashing))
            .collect();
        let mut keep = vec![true; facts.len()];
        let mut conflicts = Vec::new();
        if let Some(snapshot) = &self.snapshot {
            let count = u32::try_from(facts.len()).map_err(|_| append::too_many(facts.len()))?;
            let mut order: Vec<u32> = (0..count).collect();
            order.sort_unstable_by_key(|at| names[*at as usize]);
            let before = Before {
                snapshot: &**snapshot,
                layout: self.layout,
                next: self.commit.sequence,
            };
            known::compare(before, facts, &names, &order, &mut keep, &mut conflicts)?;
        }
        self.put_uses_aside(uses)?;
        let contents = if self.commit.key.is_some() {
            contents(facts)?
        } else {
            Vec::new()
        };
        let Some(first) = self.wait_for_turn(index, facts, &names, &mut keep)? else {
            return Ok(Vec::new());
        };
        if !conflicts.is_empty() {
            self.refuse();
        }
        let new: Vec<New<'_>> = facts
            .iter()
            .zip(names)
            .zip(keep)
            .filter(|(_, keep)| *keep)
            .map(|((stated, name), _)| New {
                stated,
                name,
                touched: Touched::default(),
            })
            .collect();
        self.put_names_aside(&new, first)?;
        if !self.refused.load(Ordering::Relaxed) {
            self.write(index, first, &new, contents)?;
        }
        conflicts.sort_by_key(|(at, _)| *at);
        Ok(conflicts.into_iter().map(|(_, conflict)| conflict).collect())
    }

    /// Waits until all earlier pieces have said how many facts they write; gives the position of this one's first.
    fn wait_for_turn(
        &self,
        index: u64,
        facts: &[Stated],
        names: &[[u8; NAME_LEN]],
        keep: &mut [bool],
    ) -> Result<Option<u32>, AppendError> {
        let mut turn = lock(&self.turn);
        while turn.piece != index && !turn.failed {
            turn = self.turned.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        if turn.failed {
            return Ok(None);
        }
        // A fact without an identifier is named by what it says: stated twice it is kept once.
        for ((stated, name), keep) in facts.iter().zip(names).zip(&mut *keep) {
            if stated.fact.id().is_none() && *keep {
                *keep = turn.nameless.insert(*name);
            }
        }
        let written = keep.iter().filter(|keep| **keep).count();
        let add = |sum: u32, more: usize| {
            u32::try_from(more)
                .ok()
                .and_then(|more| sum.checked_add(more))
                .ok_or_else(|| append::too_many(more))
        };
        let first = turn.written;
        turn.written = add(first, written)?;
        turn.already_known = add(turn.already_known, facts.len() - written)?;
        turn.piece += 1;
        self.turned.notify_all();
        Ok(Some(first))
    }

    /// Names with their places, so that what stands twice can be told.
    fn put_names_aside(&self, new: &[New<'_>], first: u32) -> Result<(), StoreError> {
        let mut rows = Rows::default();
        for (new, position) in new.iter().zip(first..) {
            let place = &new.stated.place;
            rows.push_with(&new.name, |bytes| {
                for number in [position, place.line, place.column] {
                    bytes.extend_from_slice(&number.to_be_bytes());
                }
            });
        }
        rows.sort();
        self.names.add(&rows)
    }

    /// Uses that the store does not answer wait for the names of this commit.
    fn put_uses_aside(&self, uses: &[Use]) -> Result<(), StoreError> {
        let hashing = &*self.ledger.hashing;
        let mut open: Vec<([u8; NAME_LEN], &Use)> = uses
            .iter()
            .map(|used| (hashing.name(used.section, &used.id), used))
            .collect();
        if let Some(snapshot) = &self.snapshot {
            {
                let declared = lock(&self.declared);
                open.retain(|(name, _)| !declared.contains(name));
            }
            let mut unknown = Vec::new();
            for some in open.chunks(ASK_ROWS) {
                let keys: Vec<&[u8]> = some.iter().map(|(name, _)| name.as_slice()).collect();
                let found = snapshot.get(Column::Names, &keys)?;
                let mut declared = lock(&self.declared);
                for (open, found) in some.iter().zip(found) {
                    let or = open.1.or.map(|or| hashing.name(or, &open.1.id));
                    let is_known = found.is_some()
                        || match or {
                            Some(or) => get_one(&**snapshot, Column::Names, &or)?.is_some(),
                            None => false,
                        };
                    if !is_known {
                        unknown.push(*open);
                    } else if declared.len() < REMEMBERED_MAX {
                        declared.insert(open.0);
                    }
                }
            }
            open = unknown;
        }
        let mut rows = Rows::default();
        for (name, used) in open {
            rows.push_with(&name, |bytes| {
                for number in [used.line, used.column] {
                    bytes.extend_from_slice(&number.to_be_bytes());
                }
                bytes.push(used.or.map_or(0, section_code));
                bytes.extend_from_slice(used.id.as_bytes());
            });
        }
        rows.sort();
        self.uses.add(&rows)
    }

    /// Makes the rows of a piece.
    fn write(&self, index: u64, first: u32, new: &[New<'_>], contents: Vec<u8>) -> Result<(), AppendError> {
        let salts = self.salts(first, new.len());
        let hashing = Remembered::new(&self.ledger.hashing);
        let mut rows = PartRows::default();
        // About what an act takes; more is found when needed.
        for (column, bytes) in [
            (Column::Facts, 128),
            (Column::Families, 160),
            (Column::Names, 32),
            (Column::ByProcessor, 2 * PROCESSOR_ROW_LEN),
        ] {
            rows[column.index()] = Rows::with_room(new.len(), bytes);
        }
        let mut digests = Vec::with_capacity(new.len() * 32);
        let mut proved = Vec::new();
        for ((new, salt), position) in new.iter().zip(salts.chunks_exact(SALT_LEN)).zip(first..) {
            let number = Number {
                sequence: self.commit.sequence,
                position,
            };
            digests.extend_from_slice(&rows_of(
                self.layout,
                &hashing,
                number,
                new,
                salt,
                &mut rows,
                &mut proved,
            )?);
        }
        let [_, facts, mut families, names, mut by_processor] = rows;
        {
            let mut staged = lock(&self.staged);
            for (column, rows) in [
                (Column::Facts, &facts),
                (Column::Families, &families),
                (Column::Names, &names),
                (Column::ByProcessor, &by_processor),
            ] {
                staged.0.rows[column.index()] += rows.len() as u64;
            }
        }
        drop(names);
        families.sort();
        self.families.add(&families)?;
        drop(families);
        by_processor.sort();
        self.by_processor.add(&by_processor)?;
        drop(by_processor);
        self.hand_in(
            index,
            Piece {
                facts,
                digests,
                contents,
            },
        )?;
        Ok(())
    }

    /// The salts of the records from this position on, which may lie in several parts.
    fn salts(&self, first: u32, count: usize) -> Vec<u8> {
        let per_part = self.commit.facts_per_part;
        let mut salts = Vec::with_capacity(count * SALT_LEN);
        let mut position = first;
        while salts.len() < count * SALT_LEN {
            let place = position % per_part;
            let left = count - salts.len() / SALT_LEN;
            let here = left.min((per_part - place) as usize);
            salts.extend(SaltKey::new(&self.secret, position / per_part).salts(place, here));
            position = position.saturating_add(per_part - place);
        }
        salts
    }

    /// Hands in what must be written in order; whoever closes a gap writes all that waited for it.
    fn hand_in(&self, index: u64, piece: Piece) -> Result<(), StoreError> {
        let mut full = Vec::new();
        {
            let mut order = lock(&self.order);
            order.waiting.insert(index, piece);
            while let Some(piece) = order.next_piece() {
                order.piece += 1;
                order.contents.add(&piece.contents);
                order.facts.append(&piece.facts);
                if order.facts.byte_len() >= FILE_BYTES {
                    full.push((Column::Facts, std::mem::take(&mut order.facts)));
                }
                order.digests.extend(piece.digests);
                let part_len = self.commit.facts_per_part as usize * 32;
                while order.digests.len() >= part_len {
                    order.close_part(self.layout, &self.secret, self.commit.sequence, part_len);
                }
                if order.log.byte_len() >= FILE_BYTES {
                    full.push((Column::Log, std::mem::take(&mut order.log)));
                }
            }
        }
        for (column, rows) in full {
            self.stage(column, rows)?;
        }
        Ok(())
    }

    fn stage(&self, column: Column, rows: Rows) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let staged = self.ledger.backend.stage(column, rows)?;
        lock(&self.staged).0.staged[column.index()].push(staged);
        Ok(())
    }

    /// Ends the commit.
    pub fn finish(mut self, whole: &Whole<'_>) -> Result<Outcome, AppendError> {
        let turn = lock(&self.turn);
        let (written, already_known, failed) = (turn.written, turn.already_known, turn.failed);
        drop(turn);
        if failed {
            return Ok(Outcome::Refused {
                twice: Vec::new(),
                unknown: Vec::new(),
                taken: Vec::new(),
            });
        }
        let sequence = self.commit.sequence;
        let names = std::mem::take(&mut self.names);
        let uses = std::mem::take(&mut self.uses);
        let families = std::mem::take(&mut self.families);
        let by_processor = std::mem::take(&mut self.by_processor);
        let settled = std::thread::scope(|scope| -> Result<_, StoreError> {
            let refused = self.refused.load(Ordering::Relaxed);
            let others = (!refused).then(|| {
                let this = &self;
                scope.spawn(move || this.merge_column(Column::ByProcessor, by_processor, whole.progress))
            });
            let settled = self.settle(names, uses, whole);
            let refused = match &settled {
                Ok(found) => !found.is_empty(),
                Err(_) => true,
            };
            if refused {
                self.refuse();
            } else if others.is_some() {
                self.merge_column(Column::Families, families, whole.progress)?;
            }
            if let Some(others) = others {
                others.join().unwrap_or_else(|_| {
                    Err(StoreError::Engine {
                        doing: "sort the rows of a commit",
                        detail: "a thread of the import panicked".to_owned(),
                    })
                })?;
            }
            settled
        });
        let found = settled?;
        if self.refused.load(Ordering::Relaxed) {
            return Ok(Outcome::Refused {
                twice: found.twice,
                unknown: found.unknown,
                taken: found.taken,
            });
        }
        let mut order = self.order.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !order.digests.is_empty() {
            let rest = order.digests.len();
            order.close_part(self.layout, &self.secret, sequence, rest);
        }
        let mut commit = self.commit;
        commit.parts = order.parts;
        commit.facts = written;
        commit.already_known = already_known;
        commit.content = commit.key.as_ref().map(|_| order.contents.digest());
        let mut waiting = self.staged.into_inner().unwrap_or_else(PoisonError::into_inner);
        let made = &mut waiting.0;
        made.rows[Column::Log.index()] = u64::from(order.parts);
        for (column, rows) in [(Column::Facts, order.facts), (Column::Log, order.log)] {
            if !rows.is_empty() {
                made.staged[column.index()].push(self.ledger.backend.stage(column, rows)?);
            }
        }
        made.digests = order.part_digests;
        self.ledger
            .conclude_bulk(self.writer, &self.current, &commit, &mut waiting)
            .map(Outcome::Done)
    }

    /// Merges the names: makes their rows unless the commit is refused, and finds what refuses it.
    fn settle(&self, names: Runs, uses: Runs, whole: &Whole<'_>) -> Result<Found, StoreError> {
        let mut twice = First::new(whole.limit);
        let mut unknown = First::new(whole.limit);
        let is_unknown = |open: &Use| !open.or.is_some_and(|or| (whole.declares)(or, &open.id));
        let reserved: FxHashMap<[u8; NAME_LEN], usize> = whole
            .reserved
            .iter()
            .enumerate()
            .map(|(place, (section, id))| (self.ledger.hashing.name(*section, id), place))
            .collect();
        let mut taken = Vec::new();
        let mut uses = uses.merge()?;
        let mut pending = next_use(&mut uses)?;
        let mut names = names.merge()?;
        let mut rows = Rows::default();
        let mut last: Option<([u8; NAME_LEN], (u32, u32))> = None;
        while let Some((key, value)) = names.step()? {
            let key: [u8; NAME_LEN] = key.try_into().map_err(|_| broken())?;
            let [position, line, column] = numbers(value).ok_or_else(broken)?;
            while let Some((name, open)) = pending.take_if(|(name, _)| *name <= key) {
                if name < key && is_unknown(&open) {
                    unknown.add(open);
                }
                pending = next_use(&mut uses)?;
            }
            // Runs are added out of order; lines and columns tell which declaration is the first.
            let place = (line, column);
            if let Some((name, first)) = &mut last
                && *name == key
            {
                let later = place.max(*first);
                *first = place.min(*first);
                twice.add(Twice {
                    line: later.0,
                    column: later.1,
                    first_line: first.0,
                    section: section_of(key[0]).ok_or_else(broken)?,
                });
                continue;
            }
            last = Some((key, place));
            taken.extend(reserved.get(&key));
            let number = Number {
                sequence: self.commit.sequence,
                position,
            };
            rows.push(&key, &number.to_key());
            if rows.byte_len() >= FILE_BYTES {
                self.stage_merged(Column::Names, &mut rows, whole.progress)?;
            }
        }
        while let Some((_, open)) = pending {
            if is_unknown(&open) {
                unknown.add(open);
            }
            pending = next_use(&mut uses)?;
        }
        self.stage_merged(Column::Names, &mut rows, whole.progress)?;
        taken.sort_unstable();
        Ok(Found {
            twice: twice.sorted(),
            unknown: unknown.sorted(),
            taken,
        })
    }

    fn merge_column(
        &self,
        column: Column,
        runs: Runs,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), StoreError> {
        let mut merge = runs.merge()?;
        let mut rows = Rows::default();
        while let Some((key, value)) = merge.step()? {
            rows.push(key, value);
            if rows.byte_len() >= FILE_BYTES {
                self.stage_merged(column, &mut rows, progress)?;
            }
        }
        self.stage_merged(column, &mut rows, progress)
    }

    /// Stages merged rows, or drops them when the commit is refused.
    fn stage_merged(
        &self,
        column: Column,
        rows: &mut Rows,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), StoreError> {
        let rows = std::mem::take(rows);
        let more = rows.len() as u64;
        let sorted = self.merged.fetch_add(more, Ordering::Relaxed) + more;
        let counts = lock(&self.staged).0.rows;
        let all = [Column::Families, Column::Names, Column::ByProcessor].map(|column| counts[column.index()]);
        progress(sorted, all.iter().sum());
        if self.refused.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.stage(column, rows)
    }
}

/// What the merge of the names found.
struct Found {
    twice: Vec<Twice>,
    unknown: Vec<Use>,
    taken: Vec<usize>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.twice.is_empty() && self.unknown.is_empty() && self.taken.is_empty()
    }
}

impl InOrder {
    fn next_piece(&mut self) -> Option<Piece> {
        self.waiting.remove(&self.piece)
    }

    /// The first `len` bytes of the digests are a part.
    fn close_part(&mut self, layout: Layout, secret: &[u8; 32], sequence: u64, len: usize) {
        let rest = self.digests.split_off(len);
        let digests = std::mem::replace(&mut self.digests, rest);
        let (row, digest) = part::row(layout, &SaltKey::new(secret, self.parts), &digests);
        self.parts += 1;
        self.part_digests.push(digest);
        self.log.push(&log_key(sequence, self.parts), &row);
    }
}

/// Rows that wait; those that nobody took in the end leave no file behind.
#[derive(Default)]
pub struct Waiting(pub Made);

impl Drop for Waiting {
    fn drop(&mut self) {
        for staged in self.0.staged.iter().flatten() {
            if let StagedContent::File(path) = &staged.content {
                // What cannot be removed now is removed when the store is next opened for writing.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// The least few of many.
struct First<T> {
    limit: usize,
    heap: BinaryHeap<T>,
}

impl<T: Ord> First<T> {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            heap: BinaryHeap::new(),
        }
    }

    fn add(&mut self, item: T) {
        self.heap.push(item);
        if self.heap.len() > self.limit {
            self.heap.pop();
        }
    }

    fn sorted(self) -> Vec<T> {
        self.heap.into_sorted_vec()
    }
}

fn next_use(uses: &mut Merge) -> Result<Option<([u8; NAME_LEN], Use)>, StoreError> {
    let Some((key, value)) = uses.step()? else {
        return Ok(None);
    };
    let name: [u8; NAME_LEN] = key.try_into().map_err(|_| broken())?;
    let (places, rest) = value.split_at_checked(8).ok_or_else(broken)?;
    let (or, id) = rest.split_first().ok_or_else(broken)?;
    let [line, column] = numbers(places).ok_or_else(broken)?;
    let section = section_of(name[0]).ok_or_else(broken)?;
    let id = std::str::from_utf8(id).map_err(|_| broken())?;
    Ok(Some((
        name,
        Use {
            line,
            column,
            section,
            or: section_of(*or),
            id: id.into(),
        },
    )))
}

fn numbers<const N: usize>(bytes: &[u8]) -> Option<[u32; N]> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    let numbers: [[u8; 4]; N] = numbers.try_into().ok()?;
    rest.is_empty().then(|| numbers.map(u32::from_be_bytes))
}

fn broken() -> StoreError {
    StoreError::Engine {
        doing: "sort the rows of a commit",
        detail: "what was put aside came back altered".to_owned(),
    }
}

/// The digest of what each fact says.
fn contents(facts: &[Stated]) -> Result<Vec<u8>, AppendError> {
    let mut digests = Vec::with_capacity(facts.len() * 32);
    let mut bytes = Vec::new();
    for fact in facts {
        bytes.clear();
        let content = encode_fact(fact, &mut bytes)
            .map_err(|error| append::refuse(&format!("the fact at {}", fact.place), &error))?;
        digests.extend(content_digest(&bytes[..content]));
    }
    Ok(digests)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const _: () = assert!(COUNTED == 5, "a piece makes rows for four columns and the log");
