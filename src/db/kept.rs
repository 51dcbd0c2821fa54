//! What judging found, kept so that only what a commit can have changed is judged anew.
//!
//! What is asked for first is judged whole, or of a large store in parts (`parts`).
//!
//! A commit touches the families of the subjects that its facts name, and of those that the facts it corrects named.
//! With them goes whoever is named together with them by some act, and so on: these are judged alone, under all facts
//! that speak of them or of nobody, and what is found takes the place of what was found about them before. So do
//! subjects for whom a deadline has passed since. A fact about nobody in particular (a rule, a policy, an authorization
//! for everybody) may change what is found about everybody: then everything is judged, as it is when too many are
//! touched. Everyone is one further person, but with very many acts mostly: there an act touches what it can have
//! changed, the acts downstream of it. What `rules::scope` says of each check is what this rests on.

mod deadlines;
mod downstream;
mod families;
mod parts;
mod together;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use deadlines::Deadlines;

use super::told::Touched;
use super::{DbError, Snapshot};
use crate::graph;
use crate::model::fact::{Act, Fact};
use crate::model::finding::Finding;
use crate::model::findings::{Entry, Findings, Whose};
use crate::model::id::SubjectId;
use crate::model::rule::Rule;
use crate::model::time::Instant;
use crate::model::word::Carries;
use crate::rules::gather::{self, Piece, Whole};
use crate::rules::index::Kinds;
use crate::rules::later::Next;
use crate::rules::{self, Apart, Case, Single};

/// So many records are looked through at most for whom they touch.
pub const RECORDS_MAX: usize = 20_000;

/// The findings of a store for one instant and one choice of packs, ready to be brought up to date.
#[derive(Debug)]
pub struct Kept {
    /// What they were judged for.
    pub as_of: Instant,
    /// The choice of packs.
    pub packs: String,
    /// All findings in order.
    pub findings: Arc<Findings>,
    /// Whether there may be acts that only may have carried.
    pub has_possible: bool,
    /// The same with more that somebody looked for.
    and_more: Mutex<Option<Arc<Findings>>>,
    pieces: Vec<Piece>,
    wholes: Vec<Whole>,
    deadlines: Deadlines,
    /// The kinds of acts with everyone's data on record, and maybe others.
    kinds: Kinds,
    /// Whether an act names everyone beside others, so that what happens to one is found with the other.
    is_mixed: bool,
    /// Whether acts of uncertain times had to be placed: then nothing is brought up to date, since any of them may decide about
    /// anything.
    is_placed: bool,
}

/// For which instant and choice of packs, and in which chunks findings are kept.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The instant.
    pub as_of: Instant,
    /// The choice of packs.
    pub packs: &'a str,
    /// So many findings lie in a chunk at most.
    pub a_chunk: usize,
}

impl Kept {
    /// What is found where there are no facts.
    pub fn nothing(asked: Asked<'_>) -> Self {
        Self::of(asked, Vec::new(), Vec::new(), Vec::new(), Next::default())
    }

    /// What is found where acts of uncertain times have to be placed, in order.
    pub fn placed(asked: Asked<'_>, findings: Vec<Finding>, has_possible: bool) -> Self {
        let entries = findings
            .into_iter()
            .map(|finding| Entry::new(Arc::new(finding), Whose::Many));
        Self {
            findings: Arc::new(Findings::new(entries.collect(), asked.a_chunk)),
            has_possible,
            is_placed: true,
            ..Self::nothing(asked)
        }
    }

    /// The findings with what `find` finds besides, which is looked for once; who comes meanwhile waits.
    pub fn and_more<E>(
        &self,
        find: impl FnOnce(&Findings) -> Result<Vec<Finding>, E>,
    ) -> Result<Arc<Findings>, E> {
        let mut known = self.and_more.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = &*known {
            return Ok(Arc::clone(found));
        }
        let more = find(&self.findings)?;
        let found = if more.is_empty() {
            Arc::clone(&self.findings)
        } else {
            let more = more.into_iter().map(Arc::new);
            Arc::new(Findings::clone(&self.findings).and_more(more))
        };
        *known = Some(Arc::clone(&found));
        Ok(found)
    }

    /// The findings alone.
    pub fn into_findings(self) -> Vec<Finding> {
        let Self {
            findings,
            wholes,
            and_more,
            ..
        } = self;
        drop((wholes, and_more));
        Arc::unwrap_or_clone(findings).into_vec()
    }

    /// Judges everything in the case.
    pub fn everything(case: &Case<'_>, rules: &[&Rule], asked: Asked<'_>) -> Self {
        let Apart {
            findings,
            pieces,
            next,
        } = rules::judge_apart(case, rules);
        // Each piece has its chain as long as the case is there.
        let wholes = gather::put_together(case, rules, &pieces, &[]).unwrap_or_default();
        let entries = findings.into_iter().map(entry).collect();
        Self {
            has_possible: case.facts(possible).next().is_some(),
            kinds: kinds(case),
            is_mixed: case.history.acts().iter().any(|act| is_mixed(case, act)),
            ..Self::of(asked, entries, pieces, wholes, next)
        }
    }

    /// What was found: about many in pieces and put together, all else in order.
    fn of(asked: Asked<'_>, entries: Vec<Entry>, pieces: Vec<Piece>, wholes: Vec<Whole>, next: Next) -> Self {
        let findings = Findings::new(entries, asked.a_chunk).and_more(findings_of(&wholes));
        Self {
            as_of: asked.as_of,
            packs: asked.packs.to_owned(),
            findings: Arc::new(findings),
            has_possible: false,
            and_more: Mutex::default(),
            pieces: without_case(pieces),
            wholes,
            deadlines: Deadlines::new(next, asked.a_chunk),
            kinds: Kinds::NONE,
            is_mixed: false,
            is_placed: false,
        }
    }

    /// The findings of a later state, judged as little as possible; `None` when everything has to be judged. `sequence`
    /// is the last commit that this one knows.
    pub fn brought_to(&self, later: &Snapshot, sequence: u64) -> Result<Option<Self>, DbError> {
        let Some(header) = later.header().ok().filter(|_| self.as_of <= later.as_of()) else {
            return Ok(None);
        };
        // What names a cohort without members names nobody, and yet is no fact about nobody in particular.
        if self.is_placed || later.has_empty_cohort() {
            return Ok(None);
        }
        // What was hidden until some instant may be known by now.
        if self.deadlines.all.is_some_and(|at| at <= later.as_of()) || !later.is_same_at(self.as_of)? {
            return Ok(None);
        }
        let Some(Touched { mut subjects, acts }) = later.touched_since(sequence, RECORDS_MAX)? else {
            return Ok(None);
        };
        subjects.extend(self.deadlines.subjects_due(later.as_of()).cloned());
        let everyone = SubjectId::everyone();
        if !subjects.remove(&everyone) && acts.is_empty() {
            return self.with_families(later, header, subjects);
        }
        let mut of_persons = None;
        if !subjects.is_empty() {
            of_persons = self.with_families(later, header, subjects)?;
            if of_persons.is_none() {
                return Ok(None);
            }
        }
        let before = of_persons.as_ref().unwrap_or(self);
        match before.brought_downstream(later, header, &acts)? {
            Some(judged) => Ok(Some(judged)),
            None => before.with_families(later, header, BTreeSet::from([everyone])),
        }
    }
}

/// An act that only may have carried.
fn possible(fact: &Fact) -> Option<&Act> {
    if let Fact::Act(act) = fact {
        (act.carries == Carries::Possible).then_some(act)
    } else {
        None
    }
}

/// The kinds of the acts of the case with everyone's data.
fn kinds(case: &Case<'_>) -> Kinds {
    let Some(everyone) = case.subject(&SubjectId::everyone()) else {
        return Kinds::NONE;
    };
    let acts = case.history.acts().iter();
    let acts = acts.filter(|act| act.subjects.contains(&everyone));
    acts.fold(Kinds::NONE, |kinds, act| kinds.with(act.kind))
}

/// Whether the act names everyone beside others.
fn is_mixed(case: &Case<'_>, act: &graph::Act) -> bool {
    let everyone = case.subject(&SubjectId::everyone());
    act.subjects.len() > 1 && everyone.is_some_and(|everyone| act.subjects.contains(&everyone))
}

fn entry(Single { finding, whose, .. }: Single) -> Entry {
    Entry::new(finding, whose)
}

fn findings_of(wholes: &[Whole]) -> impl Iterator<Item = Arc<Finding>> {
    wholes.iter().map(|whole| Arc::clone(&whole.finding))
}

/// Pieces to be kept when the case is gone in which they were found.
fn without_case(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.iter_mut().for_each(Piece::forget_case);
    pieces
}
