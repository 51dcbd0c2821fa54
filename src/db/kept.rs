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

mod downstream;
mod families;
mod parts;
mod together;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::told::Touched;
use super::{DbError, Snapshot};
use crate::graph;
use crate::model::fact::{Act, Fact};
use crate::model::finding::Finding;
use crate::model::id::SubjectId;
use crate::model::rule::Rule;
use crate::model::time::Instant;
use crate::model::word::Carries;
use crate::rules::gather::{self, Piece, Whole};
use crate::rules::index::Kinds;
use crate::rules::later::Next;
use crate::rules::{self, Apart, Case, Single, Whose};

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
    pub findings: Arc<Vec<Arc<Finding>>>,
    /// Whether there may be acts that only may have carried.
    pub has_possible: bool,
    /// The same with more that somebody looked for.
    and_more: Mutex<Option<Arc<Vec<Arc<Finding>>>>>,
    own: Vec<Own>,
    pieces: Vec<Piece>,
    wholes: Vec<Whole>,
    next: Next,
    /// The kinds of acts with everyone's data on record, and maybe others.
    kinds: Kinds,
    /// Whether an act names everyone beside others, so that what happens to one is found with the other.
    is_mixed: bool,
    /// Whether acts of uncertain times had to be placed: then nothing is brought up to date, since any of them may decide about
    /// anything.
    is_placed: bool,
}

/// A finding and in whose families it was found.
#[derive(Clone, Debug)]
struct Own {
    finding: Arc<Finding>,
    whose: Whose,
}

impl Own {
    /// Whether it has to be found anew with these families.
    fn is_of(&self, families: &BTreeSet<SubjectId>) -> bool {
        match &self.whose {
            Whose::Facts => true,
            Whose::Families(subjects) => subjects.iter().any(|subject| families.contains(subject)),
        }
    }
}

impl Kept {
    /// What is found where there are no facts.
    pub fn nothing(as_of: Instant, packs: &str) -> Self {
        Self::of(as_of, packs, Vec::new(), Vec::new(), Vec::new(), Next::default())
    }

    /// What is found where acts of uncertain times have to be placed, in order.
    pub fn placed(as_of: Instant, findings: Vec<Finding>, has_possible: bool, packs: &str) -> Self {
        Self {
            findings: Arc::new(findings.into_iter().map(Arc::new).collect()),
            has_possible,
            is_placed: true,
            ..Self::nothing(as_of, packs)
        }
    }

    /// The findings with what `find` adds to them, which is looked for once; who comes meanwhile waits.
    pub fn and_more<E>(
        &self,
        find: impl FnOnce(&[Arc<Finding>]) -> Result<Option<Vec<Finding>>, E>,
    ) -> Result<Arc<Vec<Arc<Finding>>>, E> {
        let mut known = self.and_more.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = &*known {
            return Ok(Arc::clone(found));
        }
        let found = match find(&self.findings)? {
            Some(found) => Arc::new(found.into_iter().map(Arc::new).collect()),
            None => Arc::clone(&self.findings),
        };
        *known = Some(Arc::clone(&found));
        Ok(found)
    }

    /// The findings alone.
    pub fn into_findings(self) -> Vec<Finding> {
        let Self {
            findings,
            own,
            wholes,
            and_more,
            ..
        } = self;
        drop((own, wholes, and_more));
        let findings = Arc::unwrap_or_clone(findings);
        findings.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// Judges everything in the case.
    pub fn everything(case: &Case<'_>, rules: &[&Rule], packs: &str) -> Self {
        let Apart {
            findings,
            pieces,
            next,
        } = rules::judge_apart(case, rules);
        // Each piece has its chain as long as the case is there.
        let wholes = gather::put_together(case, rules, &pieces, &[]).unwrap_or_default();
        let own = findings.into_iter().map(own).collect();
        Self {
            has_possible: case.facts(possible).next().is_some(),
            kinds: kinds(case),
            is_mixed: case.history.acts().iter().any(|act| is_mixed(case, act)),
            ..Self::of(case.as_of, packs, own, pieces, wholes, next)
        }
    }

    fn of(
        as_of: Instant,
        packs: &str,
        own: Vec<Own>,
        mut pieces: Vec<Piece>,
        wholes: Vec<Whole>,
        next: Next,
    ) -> Self {
        for piece in &mut pieces {
            piece.forget_case();
        }
        let mut many: Vec<Arc<Finding>> = wholes.iter().map(|whole| Arc::clone(&whole.finding)).collect();
        many.sort_by(|a, b| rules::order(a, b));
        let findings = merged(own.iter().map(|own| Arc::clone(&own.finding)), many);
        Self {
            as_of,
            packs: packs.to_owned(),
            findings: Arc::new(findings),
            has_possible: false,
            and_more: Mutex::default(),
            own,
            pieces,
            wholes,
            next,
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
        let has_come = |at: &Instant| *at <= later.as_of();
        // What was hidden until some instant may be known by now.
        if self.next.of_all.as_ref().is_some_and(has_come) || !later.is_same_at(self.as_of)? {
            return Ok(None);
        }
        let Some(Touched { mut subjects, acts }) = later.touched_since(sequence, RECORDS_MAX)? else {
            return Ok(None);
        };
        let due = self.next.of_subject.iter().filter(|(_, at)| has_come(at));
        subjects.extend(due.map(|(subject, _)| subject.clone()));
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

    /// The findings that stay, and the fresh ones, in order.
    fn own_with(&self, fresh: Vec<Own>, stays: impl Fn(&Own) -> bool) -> Vec<Own> {
        let mut all = Vec::with_capacity(self.own.len() + fresh.len());
        let mut fresh = fresh.into_iter().peekable();
        for kept in self.own.iter().filter(|own| stays(own)) {
            while let Some(next) = fresh.next_if(|next| rules::order(&next.finding, &kept.finding).is_lt()) {
                all.push(next);
            }
            all.push(kept.clone());
        }
        all.extend(fresh);
        all
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

fn own(Single { finding, whose, .. }: Single) -> Own {
    Own { finding, whose }
}

/// Two lists in order as one; of equal findings those of the first stand before.
fn merged(first: impl Iterator<Item = Arc<Finding>>, second: Vec<Arc<Finding>>) -> Vec<Arc<Finding>> {
    let mut all = Vec::with_capacity(first.size_hint().0 + second.len());
    let mut second = second.into_iter().peekable();
    for finding in first {
        while let Some(next) = second.next_if(|next| rules::order(next, &finding).is_lt()) {
            all.push(next);
        }
        all.push(finding);
    }
    all.extend(second);
    all
}
