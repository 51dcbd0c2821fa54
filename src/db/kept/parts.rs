//! Everything judged some families at a time.
//!
//! Families that no act names together are judged apart: so memory grows with what is found, not with what is on record,
//! and the processors of the machine share reading and replaying too. Mostly an act names one person. Whoever is in a cohort,
//! or is named together with others, is put off until it is known with whom. Everyone is one further person.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::super::processors::on_all_processors;
use super::super::snapshot::acts_in;
use super::super::told::Ranked;
use super::super::{DbError, Snapshot};
use super::together::Together;
use super::{Asked, Kept, entry, kinds, possible};
use crate::graph::History;
use crate::model::appendix::Appendix;
use crate::model::fact::{Act, Header, Stated};
use crate::model::findings::{Entry, Whose};
use crate::model::id::SubjectId;
use crate::model::rule::Rule;
use crate::rules::gather::{self, Piece};
use crate::rules::index::Kinds;
use crate::rules::later::Next;
use crate::rules::scope::{Scope, scope};
use crate::rules::{self, Case, Single};
use crate::store::Slice;

/// Families are read in so many slices for each part, so that parts are about as large as they should be.
const SLICES_A_PART: u64 = 4;
/// All facts about nobody are judged with each part: parts are so many times as large as there are so many of these.
const CATALOGUE_A_PART: usize = 16_384;
/// Where facts name more people than this on the average, everything is judged as a whole: such a fact is read with each of them.
const NAMED_MOST: u64 = 4;

impl Kept {
    /// What judging everything finds, some families at a time, and what packs want told beside it, if that can be told; `None`
    /// where it cannot be judged in parts. Cost: everything is read once, and the families of whoever is named together with
    /// others twice.
    pub fn in_parts(
        state: &Snapshot,
        header: &Header,
        asked: Asked<'_>,
    ) -> Result<Option<(Self, Option<Appendix>)>, DbError> {
        let rules = state.rules();
        // What names a cohort without members names nobody, and yet is no fact about nobody in particular.
        if state.has_empty_cohort() || lists_acts(state, header, &rules) {
            return Ok(None);
        }
        let has_packs = rules.iter().any(|rule| rule.about.pack.is_some());
        let facts = state.counts()?.facts;
        let part = u64::try_from(state.facts_a_part()).unwrap_or(u64::MAX).max(1);
        let of = u32::try_from(facts.saturating_mul(SLICES_A_PART) / part)
            .unwrap_or(u32::MAX)
            .max(1);
        let parts = Parts {
            state,
            header,
            rules,
            facts_least: state
                .facts_a_part()
                .saturating_mul((state.catalogue().len() / CATALOGUE_A_PART).max(1)),
            named_most: facts.saturating_mul(NAMED_MOST),
            named: AtomicU64::new(0),
            gave_up: AtomicBool::new(false),
            others: Mutex::default(),
        };
        let slice = AtomicUsize::new(0);
        let alone = on_all_processors(|| parts.alone(of, &slice))?;
        let mut together = Together::default();
        for found in &alone {
            for (subjects, facts) in &found.put_off {
                together.join(subjects, *facts);
            }
        }
        together.join(&[SubjectId::everyone()], 0);
        let batches = together.batches(parts.facts_least);
        let batch = AtomicUsize::new(0);
        let others = on_all_processors(|| parts.batches(&batches, &batch))?;
        if parts.has_given_up() {
            return Ok(None);
        }
        let mut all = Found::default();
        alone.into_iter().chain(others).for_each(|found| all.take(found));
        gather::sort(&mut all.pieces);
        let first = all.pieces.first().map(|piece| piece.subject.clone());
        let appendix = std::mem::take(&mut all.appendix);
        let kept = all.into_kept(asked);
        let Some(first) = first else {
            return Ok(Some((kept, Some(appendix))));
        };
        // Chains are shown by a case in which the acts have numbers. Who answers for what was found about many is not told here.
        let kept = kept.with_families(state, header, BTreeSet::from([first]))?;
        let told = (!has_packs).then_some(appendix);
        Ok(kept.map(|kept| (kept, told)))
    }
}

/// Whether a rule lists acts of all families in one finding; told from facts alone.
fn lists_acts(state: &Snapshot, header: &Header, rules: &[&Rule]) -> bool {
    let without_acts = History::new(Arc::clone(state.things()), std::iter::empty());
    let case = Case::new(header, state.as_of(), without_acts, state.catalogue());
    let mut rules = rules.iter();
    rules.any(|rule| scope(&case, &rule.check, Kinds::ALL) == Scope::Everything)
}

/// What was found in some parts.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    pieces: Vec<Piece>,
    next: Next,
    has_possible: bool,
    kinds: Option<Kinds>,
    is_mixed: bool,
    appendix: Appendix,
    /// Who is named together by some act and has not been judged, with so many facts.
    put_off: Vec<(Vec<SubjectId>, usize)>,
}

impl Found {
    fn take(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.pieces.extend(other.pieces);
        self.next.of_subject.extend(other.next.of_subject);
        self.next.of_act.extend(other.next.of_act);
        self.next.of_all = self.next.of_all.into_iter().chain(other.next.of_all).min();
        self.has_possible |= other.has_possible;
        self.is_mixed |= other.is_mixed;
        self.appendix = std::mem::take(&mut self.appendix).with(other.appendix);
        self.kinds = self.kinds.into_iter().chain(other.kinds).reduce(Kinds::or);
    }

    fn into_kept(self, asked: Asked<'_>) -> Kept {
        // Equal ones are of one part and stay in its order.
        let entries = rules::in_order(self.entries, |entry| &entry.finding);
        Kept {
            has_possible: self.has_possible,
            kinds: self.kinds.unwrap_or(Kinds::NONE),
            is_mixed: self.is_mixed,
            ..Kept::of(asked, entries, self.pieces, Vec::new(), self.next)
        }
    }
}

/// What is judged apart.
struct Parts<'s> {
    state: &'s Snapshot,
    header: &'s Header,
    rules: Vec<&'s Rule>,
    facts_least: usize,
    /// How many people facts name, each time that one is read.
    named: AtomicU64,
    named_most: u64,
    /// Something was met that has to be judged with everything.
    gave_up: AtomicBool,
    /// Whom facts name that are judged in other parts, and whether they are there. The same ones come with many parts.
    others: Mutex<FxHashMap<SubjectId, bool>>,
}

impl Parts<'_> {
    fn has_given_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Judges whoever is alone in the slices that nobody else takes.
    fn alone(&self, of: u32, next: &AtomicUsize) -> Result<Found, DbError> {
        let mut found = Found::default();
        let (mut families, mut facts) = (BTreeSet::new(), Ranked::default());
        while let Ok(number) = u32::try_from(next.fetch_add(1, Ordering::Relaxed))
            && number < of
            && !self.has_given_up()
        {
            for (name, own) in self.state.source().families_of_slice(Slice { number, of })? {
                self.count(&own.facts);
                if self.has_given_up() {
                    return Ok(found);
                }
                if let Some(subjects) = self.named_with(&name, &own.facts) {
                    found.put_off.push((subjects, own.facts.len()));
                } else {
                    families.insert(name);
                    facts.append(own);
                }
            }
            if facts.facts.len() >= self.facts_least {
                self.judge_alone(&families, std::mem::take(&mut facts), &mut found)?;
                families.clear();
            }
        }
        self.judge_alone(&families, facts, &mut found)?;
        Ok(found)
    }

    fn judge_alone(
        &self,
        families: &BTreeSet<SubjectId>,
        facts: Ranked,
        found: &mut Found,
    ) -> Result<(), DbError> {
        if families.is_empty() {
            return Ok(());
        }
        let facts = facts.in_order().with(self.state.catalogue(), self.state.ranks());
        let history = self
            .state
            .history_of(families, &facts, &|subject| self.exists(subject))?;
        self.judge(families, history, &facts, found);
        Ok(())
    }

    /// Judges the batches that nobody else takes.
    fn batches(&self, batches: &[BTreeSet<SubjectId>], next: &AtomicUsize) -> Result<Found, DbError> {
        let mut found = Found::default();
        while let Some(families) = batches.get(next.fetch_add(1, Ordering::Relaxed))
            && !self.has_given_up()
        {
            let everyones = families.len() == 1 && families.contains(&SubjectId::everyone());
            if everyones
                && let Some((history, has_possible)) =
                    self.state.history_of_everyone(&|subject| self.exists(subject))?
            {
                found.has_possible |= has_possible;
                self.judge(families, history, self.state.catalogue(), &mut found);
            } else {
                let facts = self.state.facts_of(families)?;
                let history = self
                    .state
                    .history_of(families, &facts, &|subject| self.exists(subject))?;
                self.judge(families, history, &facts, &mut found);
            }
        }
        Ok(found)
    }

    fn exists(&self, subject: &SubjectId) -> Result<bool, DbError> {
        let known = || self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(exists) = known().get(subject) {
            return Ok(*exists);
        }
        let exists = self.state.subject_exists(subject)?;
        known().insert(subject.clone(), exists);
        Ok(exists)
    }

    /// Gives up where facts name very many people.
    fn count(&self, facts: &[Stated]) {
        let named = facts
            .iter()
            .map(|stated| self.state.count_named(stated.fact.subjects()));
        let named = u64::try_from(named.sum::<usize>()).unwrap_or(u64::MAX);
        if self.named.fetch_add(named, Ordering::Relaxed) > self.named_most {
            self.gave_up.store(true, Ordering::Relaxed);
        }
    }

    /// With whom whoever has this name, a subject or a cohort, has to be judged, if not alone.
    fn named_with(&self, name: &SubjectId, facts: &[Stated]) -> Option<Vec<SubjectId>> {
        let state = self.state;
        let acts = || acts_in(facts);
        let is_alone = |act: &Act| act.subjects.iter().all(|subject| subject == name);
        if !state.has_cohort(name) && state.cohorts_of(name).is_empty() && acts().all(is_alone) {
            return None;
        }
        let mut named: BTreeSet<&SubjectId> = acts().flat_map(|act| &act.subjects).collect();
        // A cohort that no act names binds nobody.
        named.extend(Some(name).filter(|name| !state.has_cohort(name)));
        let named: Vec<SubjectId> = named.into_iter().cloned().collect();
        Some(state.unfolded(&named))
    }

    /// What is found about these families and nobody else; of nobody in particular what is found where everyone is judged.
    fn judge(&self, families: &BTreeSet<SubjectId>, history: History, facts: &[Stated], found: &mut Found) {
        if self.state.has_to_place(&history) {
            self.gave_up.store(true, Ordering::Relaxed);
            return;
        }
        let case = Case::new(self.header, self.state.as_of(), history, facts);
        let fresh = rules::judge_apart(&case, &self.rules);
        let has_everyone = families.contains(&SubjectId::everyone());
        let is_ours = |single: &Single| match &single.whose {
            Whose::Facts | Whose::Many => has_everyone,
            // What is found about a fact that names several is found with each of them.
            Whose::Families(subjects) => {
                let first = subjects.iter().min();
                first.is_some_and(|first| families.contains(first))
            }
        };
        let ours: Vec<Single> = fresh.findings.into_iter().filter(is_ours).collect();
        let mut told = rules::appendix(
            &case,
            &self.rules,
            ours.iter().map(|single| (&*single.finding, single.act)),
        );
        // Evidence is told of facts alone.
        if !has_everyone {
            told.recorded.clear();
        }
        found.appendix = std::mem::take(&mut found.appendix).with(told);
        found.entries.extend(ours.into_iter().map(entry));
        for mut piece in fresh.pieces {
            if families.contains(&piece.subject) {
                piece.forget_case();
                found.pieces.push(piece);
            }
        }
        let next = &mut found.next;
        next.of_all = next.of_all.into_iter().chain(fresh.next.of_all).min();
        let of_subject = fresh.next.of_subject.into_iter();
        next.of_subject
            .extend(of_subject.filter(|(subject, _)| families.contains(subject)));
        found.has_possible |= case.facts(possible).next().is_some();
        if has_everyone {
            next.of_act = fresh.next.of_act;
            found.kinds = Some(kinds(&case));
            found.is_mixed = case.history.acts().iter().any(|act| super::is_mixed(&case, act));
        }
    }
}
