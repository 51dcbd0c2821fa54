//! What judging found, kept so that only what a commit can have changed is judged anew.
//!
//! A commit touches the families of the subjects that its facts name, and of those that the facts it corrects named.
//! With them goes whoever is named together with them by some act, and so on: these are judged alone, under all facts
//! that speak of them or of nobody, and what is found takes the place of what was found about them before. So do
//! subjects for whom a deadline has passed since. A fact about nobody in particular (a rule, a policy, an authorization
//! for everybody) may change what is found about everybody: then everything is judged, as it is when too many are
//! touched. Where all is about everyone, an act touches what it can have changed: the acts downstream of it. What
//! `rules::scope` says of each check is what this rests on.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use super::snapshot::Downstream;
use super::{DbError, Snapshot};
use crate::graph::History;
use crate::model::fact::{Act, Fact, Header, Stated};
use crate::model::finding::{Culprit, Finding};
use crate::model::id::{FactId, SubjectId};
use crate::model::rule::Rule;
use crate::model::time::Instant;
use crate::model::word::Carries;
use crate::rules::gather::{self, Lacking, Piece, Whole};
use crate::rules::index::Kinds;
use crate::rules::later::Next;
use crate::rules::scope::{Scope, furthest, scope};
use crate::rules::{self, Apart, Case, Whose};

/// So many subjects are judged alone at most; with more, everything is.
const SUBJECTS_MAX: usize = 1_000;
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
    /// The kinds of acts on record, and maybe others.
    kinds: Kinds,
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
        let due = self.next.of_subject.iter().filter(|(_, at)| has_come(at));
        let due = due.map(|(subject, _)| subject.clone());
        let mut touched = later.touched_since(sequence, RECORDS_MAX)?;
        if let Some(touched) = &mut touched {
            touched.extend(due);
        }
        let of_some = touched.filter(|touched| !touched.iter().any(SubjectId::is_everyone));
        let Some(mut touched) = of_some else {
            return self.brought_downstream(later, header, sequence);
        };
        // With nobody, all facts about everyone would be read, where these may be all there is.
        if touched.is_empty()
            && let Some(judged) = self.brought_downstream(later, header, sequence)?
        {
            return Ok(Some(judged));
        }
        loop {
            let Some(families) = later.named_together(touched, SUBJECTS_MAX)? else {
                return Ok(None);
            };
            match self.renewed(later, header, &families)? {
                Ok(judged) => return Ok(Some(judged)),
                Err(Lacking::Order) => return Ok(None),
                Err(Lacking::Chains(more)) => {
                    touched = families;
                    touched.extend(more);
                }
            }
        }
    }

    /// With what is found about these families now in place of what was found before.
    fn renewed(
        &self,
        later: &Snapshot,
        header: &Header,
        families: &BTreeSet<SubjectId>,
    ) -> Result<Result<Self, Lacking>, DbError> {
        let facts = later.facts_of(families)?;
        let history = later.history_of(families, &facts)?;
        let is_uncertain = later.has_to_place(&history);
        let case = Case::new(header, later.as_of(), history, &facts);
        let rules = later.rules();
        if is_uncertain
            || rules
                .iter()
                .any(|rule| scope(&case, &rule.check, Kinds::ALL) == Scope::Everything)
        {
            return Ok(Err(Lacking::Order));
        }
        let fresh = rules::judge_apart(&case, &rules);
        let is_kept = |subject: &SubjectId| !families.contains(subject);
        let mut pieces: Vec<Piece> = self
            .pieces
            .iter()
            .filter(|piece| is_kept(&piece.subject))
            .cloned()
            .collect();
        pieces.extend(fresh.pieces.into_iter().filter(|piece| !is_kept(&piece.subject)));
        let wholes = match gather::put_together(&case, &rules, &pieces, &self.wholes) {
            Ok(wholes) => wholes,
            Err(lacking) => return Ok(Err(lacking)),
        };
        let fresh_own = fresh
            .findings
            .into_iter()
            .map(own)
            .filter(|own| own.is_of(families));
        let own = self.own_with(fresh_own.collect(), |own| !own.is_of(families));
        let mut next = self.next.clone();
        next.of_subject.retain(|subject, _| is_kept(subject));
        // Some acts are about somebody.
        next.of_act = None;
        let fresh_next = fresh.next.of_subject.into_iter();
        next.of_subject
            .extend(fresh_next.filter(|(subject, _)| !is_kept(subject)));
        // Not every deadline of all is seen from a few families.
        next.of_all = next.of_all.into_iter().chain(fresh.next.of_all).min();
        Ok(Ok(Self {
            // Whether one was taken back is not looked for: whoever is told of it looks at all of them.
            has_possible: self.has_possible || case.facts(possible).next().is_some(),
            kinds: self.kinds.or(kinds(&case)),
            ..Self::of(later.as_of(), &self.packs, own, pieces, wholes, next)
        }))
    }

    /// With what is found now about facts, and about acts that what came with everyone's data can have changed, in place of what
    /// was found before; `None` where everything has to be judged.
    fn brought_downstream(
        &self,
        later: &Snapshot,
        header: &Header,
        sequence: u64,
    ) -> Result<Option<Self>, DbError> {
        let of_act = self.next.of_act.as_ref().filter(|_| self.pieces.is_empty());
        let (Some(of_act), Some(changed)) = (of_act, later.acts_of_everyone_since(sequence)?) else {
            return Ok(None);
        };
        let kinds = changed.iter().fold(self.kinds, |kinds, act| kinds.with(act.kind));
        let rules = later.rules();
        // Told from facts alone, before anything is searched or read.
        let without_acts = History::new(Arc::clone(later.things()), std::iter::empty());
        let without_acts = Case::new(header, later.as_of(), without_acts, later.catalogue());
        let looks = furthest(&without_acts, &rules, kinds);
        if looks > Scope::Holding {
            return Ok(None);
        }
        let (due, to_come) = of_act.split_at(of_act.partition_point(|(at, _)| *at <= later.as_of()));
        let due: Vec<FactId> = due.iter().map(|(_, act)| act.clone()).collect();
        let Some(Downstream { acts, facts }) = later.downstream(&changed, &due, looks)? else {
            return Ok(None);
        };
        let history = History::new(Arc::clone(later.things()), facts.iter());
        if later.has_to_place(&history) {
            return Ok(None);
        }
        let case = Case::new(header, later.as_of(), history, &facts);
        let is_anew = |own: &Own| match &own.finding.culprit {
            Culprit::Event(act) => acts.contains(act),
            Culprit::Fact(_) => true,
        };
        let fresh = rules::judge_apart(&case, &rules);
        let fresh_own = fresh.findings.into_iter().map(own).filter(is_anew);
        let own = self.own_with(fresh_own.collect(), |own| !is_anew(own));
        // About facts everything was found anew.
        let stays = to_come.iter().filter(|(_, act)| !acts.contains(act));
        let fresh_next = fresh.next.of_act.into_iter().flatten();
        let fresh_next = fresh_next.filter(|(_, act)| acts.contains(act));
        let mut of_act: Vec<(Instant, FactId)> = stays.cloned().chain(fresh_next).collect();
        of_act.sort();
        let mut of_subject = fresh.next.of_subject;
        if let Some((at, _)) = of_act.first() {
            let first = of_subject.entry(SubjectId::everyone()).or_insert(*at);
            *first = (*at).min(*first);
        }
        let next = Next {
            of_subject,
            of_act: Some(of_act),
            of_all: self.next.of_all.into_iter().chain(fresh.next.of_all).min(),
        };
        Ok(Some(Self {
            has_possible: self.has_possible || case.facts(possible).next().is_some(),
            kinds,
            ..Self::of(later.as_of(), &self.packs, own, Vec::new(), Vec::new(), next)
        }))
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

/// The kinds of the acts of the case.
fn kinds(case: &Case<'_>) -> Kinds {
    let acts = case.history.acts().iter();
    acts.fold(Kinds::NONE, |kinds, act| kinds.with(act.kind))
}

fn own((finding, whose): (Arc<Finding>, Whose)) -> Own {
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

impl Snapshot {
    /// The subjects and all who are named together with them by some act, and so on; `None` when they are more than so
    /// many, or everyone is among them. Cost: the families of all of them are read.
    fn named_together(
        &self,
        subjects: BTreeSet<SubjectId>,
        subjects_max: usize,
    ) -> Result<Option<BTreeSet<SubjectId>>, DbError> {
        let mut together = subjects.clone();
        let mut open: Vec<SubjectId> = subjects.into_iter().collect();
        while !open.is_empty() {
            if together.len() > subjects_max || together.iter().any(SubjectId::is_everyone) {
                return Ok(None);
            }
            let names = self.names_of_all(open.iter());
            let facts = self.source().family(&names.iter().copied().collect::<Vec<_>>())?;
            let theirs: BTreeSet<SubjectId> = facts
                .iter()
                .filter_map(|stated| act_about(stated, &names))
                .flat_map(|act| self.unfolded(&act.subjects))
                .collect();
            open = theirs.difference(&together).cloned().collect();
            together.extend(open.iter().cloned());
        }
        Ok(Some(together))
    }

    /// All facts that name one of the subjects, a cohort of one, everyone or nobody, in the order of the record; and
    /// whoever re-identified.
    fn facts_of(&self, families: &BTreeSet<SubjectId>) -> Result<Vec<Stated>, DbError> {
        let names = self.names_of_all(families.iter());
        let concerns = |fact: &Fact| {
            fact.subjects().is_empty()
                || fact
                    .subjects()
                    .iter()
                    .any(|id| id.is_everyone() || names.contains(id))
                || matches!(fact, Fact::Act(_))
        };
        self.source()
            .about(&names.iter().copied().collect::<Vec<_>>(), concerns)
    }

    /// The acts among the facts that name one of the subjects. Whoever else the facts name is known by name.
    fn history_of(&self, families: &BTreeSet<SubjectId>, facts: &[Stated]) -> Result<History, DbError> {
        let names = self.names_of_all(families.iter());
        let is_theirs =
            |stated: &&Stated| !matches!(stated.fact, Fact::Act(_)) || act_about(stated, &names).is_some();
        let mut history = History::new(Arc::clone(self.things()), facts.iter().filter(is_theirs));
        for stated in facts.iter().filter(|stated| !matches!(stated.fact, Fact::Act(_))) {
            for subject in self.unfolded(stated.fact.subjects()) {
                if history.subjects().get(&subject).is_none() && self.subject_exists(&subject)? {
                    history.know(&subject);
                }
            }
        }
        Ok(history)
    }

    /// Under which names acts are about the subjects: their own and those of their cohorts.
    fn names_of_all<'s>(&'s self, subjects: impl Iterator<Item = &'s SubjectId>) -> FxHashSet<&'s SubjectId> {
        subjects
            .flat_map(|subject| self.cohorts_of(subject).into_iter().chain([subject]))
            .collect()
    }
}

/// The act, if the fact is one about somebody of one of these names.
fn act_about<'f>(stated: &'f Stated, names: &FxHashSet<&SubjectId>) -> Option<&'f Act> {
    let Fact::Act(act) = &stated.fact else { return None };
    act.subjects.iter().any(|id| names.contains(id)).then_some(act)
}
