//! What stands of records that were read, and in which order.

use std::sync::{Arc, PoisonError};

use rustc_hash::FxHashSet;

use super::super::DbError;
use super::{AT_ONCE, Origin, Source, stated};
use crate::facts::standing::{Told, in_place};
use crate::model::fact::{Fact, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::time::Instant;
use crate::model::word::Section;
use crate::store::{Body, Number, Record, Slice, StoreError, View};

/// Where a fact of a store stands in the order of the record: behind the record in whose place it stands, then by its own.
pub type Rank = (Number, Number);

/// Facts that stand, in order, and the rank of each.
#[derive(Debug, Default)]
pub struct Ranked {
    /// The facts.
    pub facts: Vec<Stated>,
    /// As many ranks; none where facts have none.
    pub ranks: Vec<Rank>,
}

/// What was read so far.
pub(super) struct Known {
    ranked: Ranked,
    /// When each was recorded, where that matters.
    times: Vec<Option<Instant>>,
    needs_time: bool,
}

impl Ranked {
    /// Keeps those facts.
    pub(super) fn retain(&mut self, keeps: impl Fn(&Fact) -> bool) {
        let all = std::mem::take(&mut self.facts).into_iter();
        let all = all.zip(std::mem::take(&mut self.ranks));
        (self.facts, self.ranks) = all.filter(|(stated, _)| keeps(&stated.fact)).unzip();
    }

    /// Takes these too, in any order.
    pub fn append(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.ranks.extend(other.ranks);
    }

    /// In order, each once.
    #[must_use]
    pub fn in_order(self) -> Self {
        if self.ranks.is_sorted_by(|a, b| a < b) {
            return self;
        }
        let mut order: Vec<(Rank, usize)> = self.ranks.into_iter().zip(0..).collect();
        order.sort_unstable();
        order.dedup_by_key(|(rank, _)| *rank);
        let (ranks, indexes): (Vec<Rank>, Vec<usize>) = order.into_iter().unzip();
        Self {
            facts: pick(self.facts, &indexes),
            ranks,
        }
    }

    /// These and others in order, what is in both once. Cost: that of all.
    pub fn with(self, facts: &[Stated], ranks: &[Rank]) -> Vec<Stated> {
        let mut all = Vec::with_capacity(self.facts.len() + facts.len());
        let mut others = facts.iter().zip(ranks).peekable();
        for (stated, rank) in self.facts.into_iter().zip(self.ranks) {
            while let Some((other, _)) = others.next_if(|(_, other)| **other < rank) {
                all.push(other.clone());
            }
            others.next_if(|(_, other)| **other == rank);
            all.push(stated);
        }
        all.extend(others.map(|(other, _)| other.clone()));
        all
    }
}

impl Source {
    /// What stands of these subjects and cohorts, the facts that name them, and these facts beside, in order; each once. `None`
    /// but of a store as it is. Cost: their families are read.
    pub fn naming(
        &self,
        names: &[&SubjectId],
        beside: (&[Stated], &[Rank]),
    ) -> Result<Option<Vec<Stated>>, DbError> {
        let Origin::Store {
            view, has_changes, ..
        } = &self.origin
        else {
            return Ok(None);
        };
        if !has_changes && !self.needs_times() {
            return self.naming_as_told(view, names, beside, |_| true).map(Some);
        }
        let mut records = Vec::new();
        for name in names {
            records.extend(view.family(name)?);
        }
        records.sort_unstable_by_key(|record| record.number);
        // A fact that names several of them has a row in the family of each.
        records.dedup_by_key(|record| record.number);
        let names: FxHashSet<&SubjectId> = names.iter().copied().collect();
        let names_one = |fact: &Fact| fact.subjects().iter().any(|id| names.contains(id));
        let own = self.ranked_in(records, names_one)?;
        Ok(Some(own.with(beside.0, beside.1)))
    }

    /// The same where nothing was changed, of the records that are `wanted`: families may be large, and each record is done with
    /// when it was read.
    pub(super) fn naming_as_told(
        &self,
        view: &View,
        names: &[&SubjectId],
        (facts, ranks): (&[Stated], &[Rank]),
        wanted: impl Fn(&Record) -> bool,
    ) -> Result<Vec<Stated>, DbError> {
        let mut known = self.nothing_read(facts.len(), false);
        known.ranked.facts.extend_from_slice(facts);
        known.ranked.ranks.extend_from_slice(ranks);
        let mut failure = None;
        for name in names {
            view.each_of_family(name, |record| {
                if failure.is_none() && wanted(&record) {
                    failure = self.read_more(record, &mut known).err();
                }
            })?;
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        known.ranked = known.ranked.in_order();
        Ok(self.standing_of(known).facts)
    }

    /// Calls `each` with every act about everyone that stands, and its rank: by instant, but for those that were changed, which
    /// come last. Nothing is called, and `false` told, where what stands cannot be told act by act, but of a store as it is.
    pub fn each_act_of_everyone(&self, mut each: impl FnMut(&Stated, Rank)) -> Result<bool, DbError> {
        let Origin::Store {
            view, has_changes, ..
        } = &self.origin
        else {
            return Ok(false);
        };
        if self.needs_times() || self.placement.is_some() {
            return Ok(false);
        }
        let changed = if *has_changes {
            view.changed_names(Section::Events)?
        } else {
            FxHashSet::default()
        };
        let is_changed = |record: &Record| {
            record.target().is_some() || record.id.as_ref().is_some_and(|id| changed.contains(id))
        };
        let mut aside = Vec::new();
        let mut failure = None;
        view.each_of_family(&SubjectId::everyone(), |record| {
            if record.section != Section::Events {
                return;
            }
            if is_changed(&record) {
                aside.push(record);
                return;
            }
            let rank = (record.number, record.number);
            match stated(record) {
                Ok(stated) if is_about_everyone(&stated.fact) && self.stands_alone(&stated) => {
                    each(&stated, rank);
                }
                Ok(_) => {}
                Err(error) => failure = failure.take().or(Some(error)),
            }
        })?;
        if let Some(error) = failure {
            return Err(error);
        }
        aside.sort_unstable_by_key(|record| record.number);
        let aside = self.ranked_in(aside, is_about_everyone)?;
        for (stated, rank) in aside.facts.iter().zip(aside.ranks) {
            each(stated, rank);
        }
        Ok(true)
    }

    /// Whether a fact stands that was never changed.
    fn stands_alone(&self, stated: &Stated) -> bool {
        stated.recording.recorded.is_none() || !in_place(&[Told::of(stated, None, self.horizon)]).is_empty()
    }

    /// What stands of each subject and cohort of a slice: the facts that name it. Nothing but of a store as it is. Cost: their
    /// families are read.
    pub fn families_of_slice(&self, slice: Slice) -> Result<Vec<(SubjectId, Ranked)>, DbError> {
        let Origin::Store { view, .. } = &self.origin else {
            return Ok(Vec::new());
        };
        let mut families = Vec::new();
        for (family, mut records) in view.families_of_slice(slice)? {
            let mut names = records.iter().flat_map(|record| {
                let own = record.id.as_deref().map(SubjectId::from);
                let own = own.filter(|_| matches!(record.section, Section::Subjects | Section::Cohorts));
                let named = record.subjects.iter().chain(&record.touched.subjects).cloned();
                own.into_iter().chain(named)
            });
            let Some(name) = names.find(|name| view.family_of(name) == family) else {
                let error = "a family has no record that names whose it is";
                return Err(StoreError::Damaged(error.to_owned()).into());
            };
            drop(names);
            records.sort_unstable_by_key(|record| record.number);
            let names_it = |fact: &Fact| fact.subjects().contains(&name);
            let ranked = self.ranked_in(records, names_it)?;
            families.push((name, ranked));
        }
        Ok(families)
    }

    /// The records and all records that change what they change, and so on; in the order of their numbers. Cost: a look-up for each,
    /// or a scan of all changes where these are fewer.
    pub(super) fn with_changes(&self, records: Vec<Record>) -> Result<Vec<Record>, DbError> {
        let Origin::Store {
            view,
            has_changes: true,
            ..
        } = &self.origin
        else {
            return Ok(records);
        };
        let mut numbers: FxHashSet<Number> = records.iter().map(|record| record.number).collect();
        let mut looked: FxHashSet<(Section, FactId)> = FxHashSet::default();
        // Each record is looked for among the changes, or the changes are read once, whatever are fewer.
        let changed = if view.changes_at_least(records.len())? {
            None
        } else {
            Some(view.changed_names(Section::Events)?)
        };
        let is_as_told = |record: &Record| {
            let is_of_none = |changed: &FxHashSet<Arc<str>>| {
                record.section == Section::Events
                    && record.target().is_none()
                    && record.id.as_ref().is_none_or(|id| !changed.contains(id))
            };
            changed.as_ref().is_some_and(is_of_none)
        };
        let mut all = records;
        let mut next = 0;
        while let Some(record) = all.get(next) {
            if is_as_told(record) {
                next += 1;
                continue;
            }
            let section = record.section;
            let own = record.id.as_deref().map(FactId::from);
            let names: Vec<FactId> = own.into_iter().chain(record.target().cloned()).collect();
            for name in names {
                if looked.insert((section, name.clone())) {
                    let versions = view.versions(section, name.as_str())?;
                    all.extend(
                        versions
                            .into_iter()
                            .filter(|record| numbers.insert(record.number)),
                    );
                }
            }
            next += 1;
        }
        all.sort_unstable_by_key(|record| record.number);
        Ok(all)
    }

    /// What stands of the records of one family, of those facts that belong to it.
    pub(super) fn stand_in(
        &self,
        records: Vec<Record>,
        belongs: impl Fn(&Fact) -> bool,
    ) -> Result<Vec<Stated>, DbError> {
        Ok(self.ranked_in(records, belongs)?.facts)
    }

    /// The same with the rank of each.
    pub(super) fn ranked_in(
        &self,
        records: Vec<Record>,
        belongs: impl Fn(&Fact) -> bool,
    ) -> Result<Ranked, DbError> {
        let is_changed = records.iter().any(|record| record.target().is_some());
        let records = if is_changed {
            // Only what is changed needs to be looked up; the others have no rows there.
            let (changed, plain): (Vec<Record>, Vec<Record>) =
                records.into_iter().partition(|record| record.target().is_some());
            let mut seen: FxHashSet<Number> = FxHashSet::default();
            let mut all: Vec<Record> = self.with_changes(changed)?;
            all.extend(plain);
            all.retain(|record| seen.insert(record.number));
            all.sort_unstable_by_key(|record| record.number);
            all
        } else {
            records
        };
        let mut ranked = self.ranked(records)?;
        ranked.retain(belongs);
        Ok(ranked)
    }

    /// What stands of these records, which hold every change of what they hold.
    pub(super) fn ranked(&self, records: Vec<Record>) -> Result<Ranked, DbError> {
        let is_changed = records.iter().any(|record| record.target().is_some());
        let mut known = self.nothing_read(records.len(), is_changed);
        for record in records {
            self.read_more(record, &mut known)?;
        }
        Ok(self.standing_of(known))
    }

    /// Whether it matters when each record was committed, also where none is changed.
    pub(super) fn needs_times(&self) -> bool {
        matches!(self.horizon, Horizon::Known(RecordTime::At(_)))
    }

    /// Room for facts of so many records, of which none was read; whether some of them change others.
    pub(super) fn nothing_read(&self, records: usize, is_changed: bool) -> Known {
        let needs_time = is_changed || self.needs_times();
        let ranked = Ranked {
            facts: Vec::with_capacity(records),
            ranks: Vec::with_capacity(records),
        };
        Known {
            ranked,
            times: Vec::new(),
            needs_time,
        }
    }

    /// Reads one record more.
    pub(super) fn read_more(&self, record: Record, known: &mut Known) -> Result<(), DbError> {
        known.ranked.ranks.push((record.number, record.number));
        if known.needs_time {
            known.times.push(Some(self.committed(record.number.sequence)?));
        }
        let mut stated = self.read(record)?;
        if let Some(placement) = &self.placement {
            placement.lay(&mut stated);
        }
        known.ranked.facts.push(stated);
        Ok(())
    }

    /// What stands of what was read, which holds every change of what it holds.
    pub(super) fn standing_of(&self, known: Known) -> Ranked {
        let Known {
            ranked,
            mut times,
            needs_time,
        } = known;
        let Ranked { facts, ranks } = &ranked;
        if !needs_time && facts.iter().all(|stated| stated.recording.recorded.is_none()) {
            return ranked;
        }
        times.resize(facts.len(), None);
        let told: Vec<Told<'_>> = facts
            .iter()
            .zip(times)
            .map(|(stated, at)| Told::of(stated, at, self.horizon))
            .collect();
        let stand = in_place(&told);
        let number = |index: usize| ranks[index].0;
        let ranks = stand
            .iter()
            .map(|(place, index)| (number(*place), number(*index)));
        let ranks = ranks.collect();
        let indexes: Vec<usize> = stand.into_iter().map(|(_, index)| index).collect();
        let facts = pick(ranked.facts, &indexes);
        Ranked { facts, ranks }
    }

    /// A record as a fact. Facts of the catalogue are read once: records never change.
    fn read(&self, record: Record) -> Result<Stated, DbError> {
        let Origin::Store { common, .. } = &self.origin else {
            return stated(record);
        };
        if !record.subjects.is_empty() || !matches!(record.body, Body::Item(_)) {
            return stated(record);
        }
        let number = record.number;
        let known = || common.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fact) = known().get(&number) {
            return Ok(fact.clone());
        }
        let fact = stated(record)?;
        known().insert(number, fact.clone());
        Ok(fact)
    }

    /// When the commit was recorded.
    pub(super) fn committed(&self, sequence: u64) -> Result<Instant, DbError> {
        let Origin::Store { view, commits, .. } = &self.origin else {
            return Ok(Instant::from_micros(i64::MIN));
        };
        let known = || commits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = known().get(&sequence) {
            return Ok(*at);
        }
        let mut found = None;
        for commit in view.commits(sequence, AT_ONCE)? {
            found = found.or(Some(commit.recorded));
            known().insert(commit.sequence, commit.recorded);
        }
        found.ok_or_else(|| {
            DbError::Store(StoreError::Damaged(format!(
                "commit {sequence} of a record is missing"
            )))
        })
    }
}

/// Whether it is an act about everyone; re-identifications of others stand in the family of everyone too.
fn is_about_everyone(fact: &Fact) -> bool {
    matches!(fact, Fact::Act(act) if act.subjects.iter().any(SubjectId::is_everyone))
}

/// Those of these indexes, in their order.
fn pick(facts: Vec<Stated>, indexes: &[usize]) -> Vec<Stated> {
    if indexes.len() == facts.len() && indexes.is_sorted() {
        return facts;
    }
    let mut slots: Vec<Option<Stated>> = facts.into_iter().map(Some).collect();
    indexes.iter().filter_map(|index| slots[*index].take()).collect()
}
