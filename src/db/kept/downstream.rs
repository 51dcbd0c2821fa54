//! What is found about everyone's data, judged anew where acts can have changed it.

use std::sync::Arc;

use super::super::snapshot::Downstream;
use super::super::{DbError, Snapshot};
use super::{Kept, Own, own, possible};
use crate::graph::History;
use crate::model::fact::{Act, Header, Stated};
use crate::model::finding::Culprit;
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;
use crate::rules::later::Next;
use crate::rules::scope::{Scope, furthest};
use crate::rules::{self, Case, Whose};

impl Kept {
    /// With what is found now about facts, and about acts that the changed ones with everyone's data can have changed, in place
    /// of what was found before; `None` where that cannot be told from these alone.
    pub(super) fn brought_downstream(
        &self,
        later: &Snapshot,
        header: &Header,
        changed: &[Act],
    ) -> Result<Option<Self>, DbError> {
        if self.is_mixed || !self.pieces.is_empty() || later.catalogue().iter().any(names_others_too) {
            return Ok(None);
        }
        let kinds = changed.iter().fold(self.kinds, |kinds, act| kinds.with(act.kind));
        let rules = later.rules();
        // Told from facts alone, before anything is searched or read.
        let without_acts = History::new(Arc::clone(later.things()), std::iter::empty());
        let without_acts = Case::new(header, later.as_of(), without_acts, later.catalogue());
        let looks = furthest(&without_acts, &rules, kinds);
        if looks > Scope::Onward {
            return Ok(None);
        }
        let of_act = &self.next.of_act;
        let (due, to_come) = of_act.split_at(of_act.partition_point(|(at, _)| *at <= later.as_of()));
        let due: Vec<FactId> = due.iter().map(|(_, act)| act.clone()).collect();
        let Some(Downstream { acts, facts }) = later.downstream(changed, &due, looks)? else {
            return Ok(None);
        };
        let history = History::new(Arc::clone(later.things()), facts.iter());
        if later.has_to_place(&history) {
            return Ok(None);
        }
        let case = Case::new(header, later.as_of(), history, &facts);
        let is_anew = |own: &Own| match (&own.whose, &own.finding.culprit) {
            (Whose::Families(subjects), _) if !subjects.iter().any(SubjectId::is_everyone) => false,
            (Whose::Families(_), Culprit::Event(act)) => acts.contains(act),
            (Whose::Families(_), Culprit::Fact(_)) | (Whose::Facts, _) => true,
        };
        let fresh = rules::judge_apart(&case, &rules);
        let fresh_own = fresh.findings.into_iter().map(own).filter(is_anew);
        let own = self.own_with(fresh_own.collect(), |own| !is_anew(own));
        // About facts everything was found anew.
        let stays = to_come.iter().filter(|(_, act)| !acts.contains(act));
        let fresh_next = fresh.next.of_act.into_iter();
        let fresh_next = fresh_next.filter(|(_, act)| acts.contains(act));
        let mut of_act: Vec<(Instant, FactId)> = stays.cloned().chain(fresh_next).collect();
        of_act.sort();
        let everyone = SubjectId::everyone();
        let mut of_subject = self.next.of_subject.clone();
        of_subject.remove(&everyone);
        let soonest = of_act.first().map(|(at, _)| *at);
        let of_facts = fresh.next.of_subject.get(&everyone).copied();
        if let Some(first) = soonest.into_iter().chain(of_facts).min() {
            of_subject.insert(everyone, first);
        }
        let next = Next {
            of_subject,
            of_act,
            of_all: self.next.of_all.into_iter().chain(fresh.next.of_all).min(),
        };
        Ok(Some(Self {
            has_possible: self.has_possible || case.facts(possible).next().is_some(),
            kinds,
            ..Self::of(later.as_of(), &self.packs, own, Vec::new(), Vec::new(), next)
        }))
    }
}

/// Whether the fact names everyone beside others.
fn names_others_too(stated: &Stated) -> bool {
    let subjects = stated.fact.subjects();
    subjects.len() > 1 && subjects.iter().any(SubjectId::is_everyone)
}
