//! A view: the store after one commit, for as long as the reader keeps it.
//!
//! Readers never wait for the writer and never see a commit come or go. A view holds a snapshot of the rows
//! and looks away from every row numbered beyond its own commit.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::codec::{Body, CodecError, Record, decode_commit, decode_fact, is_plain_act};
use super::columns::Column;
use super::entries::{ELSEWHERE, INLINE, concerns_everybody};
use super::error::StoreError;
use super::head::{Digest, Head};
use super::keys::{
    Family, Hashing, Number, Side, after_prefix, log_key, processor_side, section_code, time_key,
};
use super::part::Layout;
use super::seam::{KeyRange, Limit, Snapshot};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::time::Instant;
use crate::model::word::Section;

/// Rows asked for at once.
const ASK_ROWS: usize = 1024;

/// The store after one commit.
#[derive(Clone)]
pub struct View {
    pub(super) snapshot: Arc<dyn Snapshot>,
    pub(super) head: Arc<Head>,
    pub(super) header: Option<Arc<str>>,
    pub(super) hashing: Arc<Hashing>,
}

/// A commit, as told to users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its number, from 1.
    pub sequence: u64,
    /// When the store took it.
    pub recorded: Instant,
    /// Who wrote it.
    pub author: String,
    /// Its idempotence key.
    pub key: Option<String>,
    /// Facts written.
    pub facts: u32,
    /// Facts given that were already known.
    pub already_known: u32,
    /// The chain up to it.
    pub head: Digest,
}

/// A piece of the walk over everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Records in the order of their numbers.
    pub records: Vec<Record>,
    /// The number to go on from; `None` at the end.
    pub next: Option<Number>,
}

/// One of so many slices of all subjects and cohorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Which, from 0.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl View {
    /// The chain up to this view's commit; zeros before the first.
    pub fn head(&self) -> &Digest {
        &self.head.chain
    }

    /// All that is known of the store as a whole.
    pub fn state(&self) -> &Head {
        &self.head
    }

    /// The number of this view's commit; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.head.sequence
    }

    /// Facts in the store.
    pub fn facts(&self) -> u64 {
        self.head.facts
    }

    /// The header, JSON text as first given; `None` before the first commit.
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// Which of these identifiers the section has. About 1 µs each.
    pub fn knows(&self, section: Section, ids: &[&str]) -> Result<Vec<bool>, StoreError> {
        Ok(self.numbers(section, ids)?.iter().map(Option::is_some).collect())
    }

    /// The acts of these identifiers, those that there are.
    pub fn acts_named(&self, ids: &[&str]) -> Result<Vec<Number>, StoreError> {
        let numbers = self.numbers(Section::Events, ids)?;
        Ok(numbers.into_iter().flatten().collect())
    }

    /// The fact of this identifier.
    pub fn record(&self, section: Section, id: &str) -> Result<Option<Record>, StoreError> {
        let Some(number) = self.numbers(section, &[id])?.pop().flatten() else {
            return Ok(None);
        };
        Ok(self.records(&[number])?.pop())
    }

    /// Every fact that names no subject, acts among them, in the order of their numbers. Costs a scan of
    /// them.
    pub fn catalogue(&self) -> Result<Vec<Record>, StoreError> {
        let mut records = self.family_records(Family::EVERYONE, |_| Ok(true))?;
        records.sort_unstable_by_key(|record| record.number);
        Ok(records)
    }

    /// The same but for acts that change no other record and re-identify nobody; and whether there is any such act. Costs
    /// a scan of all, in which acts are looked at and not read.
    pub fn catalogue_without_acts(&self) -> Result<(Vec<Record>, bool), StoreError> {
        let mut has_acts = false;
        let mut records = self.family_records(Family::EVERYONE, |stored| {
            let is_act = is_plain_act(stored)?;
            has_acts |= is_act;
            Ok(!is_act)
        })?;
        records.retain(|record| {
            let is_act = is_plain(record);
            has_acts |= is_act;
            !is_act
        });
        records.sort_unstable_by_key(|record| record.number);
        Ok((records, has_acts))
    }

    /// Every fact that names this subject, those without an instant first, then by instant, commit and
    /// position. One prefix scan, and a batch of gets for facts that name others too.
    pub fn family(&self, subject: &SubjectId) -> Result<Vec<Record>, StoreError> {
        self.family_records(self.hashing.subject(subject.as_str()), |_| Ok(true))
    }

    /// Calls `each` with every fact that names this subject, as [`family`](Self::family) has them. Memory does not grow
    /// with the family.
    pub fn each_of_family(&self, subject: &SubjectId, each: impl FnMut(Record)) -> Result<(), StoreError> {
        let family = self.hashing.subject(subject.as_str());
        self.walk_family(family, |_| Ok(true), each)
    }

    /// The records of every subject and cohort of one of so many slices of them, family by family. In which slice somebody is
    /// follows from the name; the slices have about as many each.
    pub fn families_of_slice(&self, slice: Slice) -> Result<Vec<(Family, Vec<Record>)>, StoreError> {
        let from = Family::first_of_slice(slice.number, slice.of);
        let until = Family::first_of_slice(slice.number + 1, slice.of);
        let mut families: Vec<(Family, Vec<Record>)> = Vec::new();
        self.walk_families(
            &from,
            Some(&until),
            |_| Ok(true),
            |family, record| match families.last_mut() {
                Some((last, records)) if *last == family => records.push(record),
                _ => families.push((family, vec![record])),
            },
        )?;
        Ok(families)
    }

    /// Whether so many facts name the subject. Cost: a scan of so many.
    pub fn names_at_least(&self, subject: &SubjectId, facts: usize) -> Result<bool, StoreError> {
        let family = self.hashing.subject(subject.as_str());
        self.has_so_many(&family.0, facts)
    }

    /// Whether so many records change others. Cost: a scan of so many.
    pub fn changes_at_least(&self, changes: usize) -> Result<bool, StoreError> {
        self.has_so_many(&Family::ALL_CHANGES, changes)
    }

    /// Whether families whose keys begin so have so many rows.
    fn has_so_many(&self, prefix: &[u8], rows: usize) -> Result<bool, StoreError> {
        let until = after_prefix(prefix);
        let mut from = prefix.to_vec();
        let mut missing = rows;
        while missing > 0 {
            let range = KeyRange {
                from: &from,
                until: until.as_deref(),
            };
            let chunk = self.snapshot.scan(Column::Families, range, Limit::BULK)?;
            for (key, _) in chunk.rows.iter() {
                if Number::at_end(Column::Families, key)?.sequence <= self.sequence() {
                    missing = missing.saturating_sub(1);
                }
            }
            match chunk.next {
                Some(next) => from = next,
                None => break,
            }
        }
        Ok(missing == 0)
    }

    /// The family of the subject or cohort.
    pub fn family_of(&self, subject: &SubjectId) -> Family {
        self.hashing.subject(subject.as_str())
    }

    /// A name for files about the subject, which tells nobody who it is.
    pub fn file_name(&self, subject: &SubjectId) -> [u8; 16] {
        self.family_of(subject).0
    }

    /// The subject or cohort whose family has this name, if acts speak of it. Cost: the family is read.
    pub fn subject_of_file(&self, name: [u8; 16]) -> Result<Option<SubjectId>, StoreError> {
        let mut found = None;
        self.walk_family(
            Family(name),
            |_| Ok(true),
            |record| {
                if let (None, Body::Act(act)) = (&found, &record.body) {
                    let mut theirs = act.subjects.iter();
                    found = theirs.find(|subject| self.file_name(subject) == name).cloned();
                }
            },
        )?;
        Ok(found)
    }

    /// The records that change the fact of this name, in the order of their numbers.
    pub(super) fn changes(&self, section: Section, id: &str) -> Result<Vec<Record>, StoreError> {
        let mut records = self.family_records(self.hashing.changes(section, id), |_| Ok(true))?;
        // Two names may share a hash, in theory.
        records.retain(|record| {
            record.section == section && record.target().is_some_and(|target| target.as_str() == id)
        });
        Ok(records)
    }

    /// The names of the section's facts that some record changes. Cost: a scan of such records.
    pub fn changed_names(&self, section: Section) -> Result<FxHashSet<Arc<str>>, StoreError> {
        let until = after_prefix(&Family::ALL_CHANGES);
        let mut names = FxHashSet::default();
        self.walk_families(
            &Family::ALL_CHANGES,
            until.as_deref(),
            |_| Ok(true),
            |_, record| {
                if record.section == section {
                    names.extend(record.target().map(|target| Arc::from(target.as_str())));
                }
            },
        )?;
        Ok(names)
    }

    /// Whether any record changes another. One seek.
    pub fn has_changes(&self) -> Result<bool, StoreError> {
        let until = after_prefix(&Family::ALL_CHANGES);
        self.has_row(Column::Families, &Family::ALL_CHANGES, until.as_deref())
    }

    /// Whether the section ever had a fact with an identifier, in this view's commits or later ones. One seek.
    pub fn has_named(&self, section: Section) -> Result<bool, StoreError> {
        let prefix = [section_code(section)];
        let until = after_prefix(&prefix);
        let range = KeyRange {
            from: &prefix,
            until: until.as_deref(),
        };
        let one = Limit {
            rows: 1,
            ..Limit::BULK
        };
        Ok(!self.snapshot.scan(Column::Names, range, one)?.rows.is_empty())
    }

    /// Whether the source of any record says that it recorded it after this instant. One seek.
    pub fn has_dated_after(&self, at: Instant) -> Result<bool, StoreError> {
        let mut from = Family::DATED.0.to_vec();
        from.extend(time_key(Some(Instant::from_micros(
            at.micros().saturating_add(1),
        ))));
        let until = after_prefix(&Family::DATED.0);
        self.has_row(Column::Families, &from, until.as_deref())
    }

    /// The store as it was after an earlier commit; `None` for a commit that is not there yet, or for the time before
    /// the first.
    pub fn past(&self, sequence: u64) -> Result<Option<Self>, StoreError> {
        if sequence == 0 || sequence > self.sequence() {
            return Ok(None);
        }
        let Some(commit) = self.commits(sequence, 1)?.pop() else {
            return Ok(None);
        };
        Ok(Some(Self {
            head: Arc::new(Head {
                sequence,
                chain: commit.head,
                ..(*self.head).clone()
            }),
            ..self.clone()
        }))
    }

    /// The acts by which the processor gave data to another one, in the order of their time, until `enough` says so.
    /// Cost: a get for each.
    pub fn any_given(
        &self,
        processor: &ProcessorId,
        mut enough: impl FnMut(Record) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let prefix = processor_side(self.hashing.processor(processor.as_str()), Side::Giver);
        let until = after_prefix(&prefix);
        let mut from = prefix.to_vec();
        // Mostly the first decides.
        let mut rows = 1;
        loop {
            let range = KeyRange {
                from: &from,
                until: until.as_deref(),
            };
            let limit = Limit {
                rows,
                bytes: Limit::BULK.bytes,
            };
            let chunk = self.snapshot.scan(Column::ByProcessor, range, limit)?;
            for (key, _) in chunk.rows.iter() {
                let number = Number::at_end(Column::ByProcessor, key)?;
                if number.sequence <= self.sequence() {
                    for record in self.records(&[number])? {
                        if enough(record)? {
                            return Ok(true);
                        }
                    }
                }
            }
            match chunk.next {
                Some(next) => from = next,
                None => return Ok(false),
            }
            rows = Limit::BULK.rows;
        }
    }

    /// Up to `limit` facts from `from` on, in the order of their numbers.
    pub fn facts_from(&self, from: Option<Number>, limit: usize) -> Result<Walk, StoreError> {
        let first = from.map(Number::to_key);
        let end = log_key(self.sequence() + 1, 0);
        let range = KeyRange {
            from: first.as_ref().map_or(&[], <[u8; 12]>::as_slice),
            until: Some(&end),
        };
        let limit = Limit {
            rows: limit,
            bytes: usize::MAX,
        };
        let chunk = self.snapshot.scan(Column::Facts, range, limit)?;
        let mut records = Vec::with_capacity(chunk.rows.len());
        for (key, value) in chunk.rows.iter() {
            records.push(fact_row(self.head.layout(), key, value)?);
        }
        let next = match chunk.next {
            Some(key) => Some(fact_number(&key)?),
            None => None,
        };
        Ok(Walk { records, next })
    }

    /// Whether each processor ever gave data to another one, in any act with both. One seek each.
    pub fn sends(&self, processors: &[ProcessorId]) -> Result<Vec<bool>, StoreError> {
        processors
            .iter()
            .map(|processor| {
                let hash = self.hashing.processor(processor.as_str());
                let prefix = processor_side(hash, Side::Giver);
                self.has_row(Column::ByProcessor, &prefix, after_prefix(&prefix).as_deref())
            })
            .collect()
    }

    /// Up to `limit` commits from `from` on, in order.
    pub fn commits(&self, from: u64, limit: usize) -> Result<Vec<CommitInfo>, StoreError> {
        let last = self.sequence();
        let mut infos = Vec::new();
        let mut sequence = from.max(1);
        while sequence <= last && infos.len() < limit {
            let count = ASK_ROWS.min(limit - infos.len());
            let keys: Vec<[u8; 12]> = (sequence..=last)
                .take(count)
                .map(|sequence| log_key(sequence, 0))
                .collect();
            let asked: Vec<&[u8]> = keys.iter().map(<[u8; 12]>::as_slice).collect();
            for (key, value) in keys.iter().zip(self.snapshot.get(Column::Log, &asked)?) {
                let value =
                    value.ok_or_else(|| StoreError::corrupt(Column::Log, key, "the commit is missing"))?;
                infos.push(commit_row(key, &value)?);
                sequence += 1;
            }
        }
        Ok(infos)
    }

    fn numbers(&self, section: Section, ids: &[&str]) -> Result<Vec<Option<Number>>, StoreError> {
        let mut numbers = Vec::with_capacity(ids.len());
        for some in ids.chunks(ASK_ROWS) {
            let keys: Vec<_> = some.iter().map(|id| self.hashing.name(section, id)).collect();
            let asked: Vec<&[u8]> = keys.iter().map(<[u8; 17]>::as_slice).collect();
            for (key, value) in keys.iter().zip(self.snapshot.get(Column::Names, &asked)?) {
                let number = value
                    .map(|bytes| {
                        Number::from_key(&bytes).ok_or_else(|| {
                            StoreError::corrupt(Column::Names, key, "the number has another length")
                        })
                    })
                    .transpose()?;
                numbers.push(number.filter(|number| number.sequence <= self.sequence()));
            }
        }
        Ok(numbers)
    }

    /// The records of these numbers; each must be there.
    pub fn records(&self, numbers: &[Number]) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::with_capacity(numbers.len());
        for some in numbers.chunks(ASK_ROWS) {
            let keys: Vec<_> = some.iter().map(|number| number.to_key()).collect();
            let asked: Vec<&[u8]> = keys.iter().map(<[u8; 12]>::as_slice).collect();
            for (key, value) in keys.iter().zip(self.snapshot.get(Column::Facts, &asked)?) {
                let value = value.ok_or_else(|| {
                    StoreError::corrupt(Column::Facts, key, "a row that an index points to is missing")
                })?;
                records.push(fact_row(self.head.layout(), key, &value)?);
            }
        }
        Ok(records)
    }

    /// The records of a family; of those that stand in its own rows, the ones that are `wanted`.
    fn family_records(
        &self,
        family: Family,
        wanted: impl FnMut(&[u8]) -> Result<bool, CodecError>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        self.walk_family(family, wanted, |record| records.push(record))?;
        Ok(records)
    }

    /// The same, one after the other. Memory does not grow with the family.
    fn walk_family(
        &self,
        family: Family,
        wanted: impl FnMut(&[u8]) -> Result<bool, CodecError>,
        mut each: impl FnMut(Record),
    ) -> Result<(), StoreError> {
        let until = after_prefix(&family.0);
        self.walk_families(&family.0, until.as_deref(), wanted, |_, record| each(record))
    }

    /// The records of all families whose keys lie in the range, family by family.
    fn walk_families(
        &self,
        from: &[u8],
        until: Option<&[u8]>,
        mut wanted: impl FnMut(&[u8]) -> Result<bool, CodecError>,
        mut each: impl FnMut(Family, Record),
    ) -> Result<(), StoreError> {
        let mut from = from.to_vec();
        loop {
            let range = KeyRange { from: &from, until };
            let chunk = self.snapshot.scan(Column::Families, range, Limit::BULK)?;
            let mut slots: Vec<(Family, Option<Record>)> = Vec::new();
            let mut elsewhere: Vec<(usize, Number)> = Vec::new();
            for (key, value) in chunk.rows.iter() {
                let number = Number::at_end(Column::Families, key)?;
                if number.sequence > self.sequence() {
                    continue;
                }
                let corrupt = |error: String| StoreError::corrupt(Column::Families, key, error);
                let family =
                    Family::at_begin(key).ok_or_else(|| corrupt("the key is too short".to_owned()))?;
                match value {
                    [INLINE, stored @ ..] => {
                        if wanted(stored).map_err(|error| corrupt(error.to_string()))? {
                            let record = decode_fact(number, stored);
                            slots.push((family, Some(record.map_err(|error| corrupt(error.to_string()))?)));
                        }
                    }
                    [ELSEWHERE] => {
                        elsewhere.push((slots.len(), number));
                        slots.push((family, None));
                    }
                    _ => return Err(corrupt("the row has another form".to_owned())),
                }
            }
            let numbers: Vec<Number> = elsewhere.iter().map(|(_, number)| *number).collect();
            for ((at, _), record) in elsewhere.iter().zip(self.records(&numbers)?) {
                slots[*at].1 = Some(record);
            }
            for (family, record) in slots {
                if let Some(record) = record {
                    each(family, record);
                }
            }
            match chunk.next {
                Some(next) => from = next,
                None => return Ok(()),
            }
        }
    }

    /// Whether there is a row of this view's commits in the range.
    fn has_row(&self, column: Column, from: &[u8], until: Option<&[u8]>) -> Result<bool, StoreError> {
        let mut from = from.to_vec();
        // One row decides, unless it belongs to a later commit.
        let mut rows = 1;
        loop {
            let range = KeyRange { from: &from, until };
            let limit = Limit {
                rows,
                bytes: Limit::BULK.bytes,
            };
            let chunk = self.snapshot.scan(column, range, limit)?;
            for (key, _) in chunk.rows.iter() {
                if Number::at_end(column, key)?.sequence <= self.sequence() {
                    return Ok(true);
                }
            }
            match chunk.next {
                Some(next) => from = next,
                None => return Ok(false),
            }
            rows = Limit::BULK.rows;
        }
    }
}

/// Whether it is an act that changes no other record and re-identifies nobody.
pub fn is_plain(record: &Record) -> bool {
    record.target().is_none() && matches!(&record.body, Body::Act(act) if !concerns_everybody(act))
}

fn fact_number(key: &[u8]) -> Result<Number, StoreError> {
    Number::from_key(key).ok_or_else(|| StoreError::corrupt(Column::Facts, key, "the key has another length"))
}

/// The record of a row of `facts`.
pub fn fact_row(layout: Layout, key: &[u8], value: &[u8]) -> Result<Record, StoreError> {
    let number = fact_number(key)?;
    let stored = layout
        .record(value)
        .ok_or_else(|| StoreError::corrupt(Column::Facts, key, "the row is too short"))?;
    decode_fact(number, stored).map_err(|error| StoreError::corrupt(Column::Facts, key, error.to_string()))
}

/// The commit of a first row of `log`.
pub fn commit_row(key: &[u8], value: &[u8]) -> Result<CommitInfo, StoreError> {
    let (head, stored) = value
        .split_first_chunk::<32>()
        .ok_or_else(|| StoreError::corrupt(Column::Log, key, "the row is too short"))?;
    let commit =
        decode_commit(stored).map_err(|error| StoreError::corrupt(Column::Log, key, error.to_string()))?;
    Ok(CommitInfo {
        sequence: commit.sequence,
        recorded: commit.recorded,
        author: commit.author,
        key: commit.key,
        facts: commit.facts,
        already_known: commit.already_known,
        head: *head,
    })
}
