//! What is found about everyone's data, judged anew where acts can have changed it.

use std::sync::{Arc, Mutex};

use super::super::snapshot::Downstream;
use super::super::{DbError, Snapshot};
use super::{Kept, entry, possible};
use crate::graph::History;
use crate::model::fact::{Act, Header, Stated};
use crate::model::findings::Anew;
use crate::model::id::{FactId, SubjectId};
use crate::rules::scope::{Scope, furthest};
use crate::rules::{self, Case};

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
        let due: Vec<FactId> = self.deadlines.acts_due(later.as_of()).cloned().collect();
        let Some(Downstream { acts, facts }) = later.downstream(changed, &due, looks)? else {
            return Ok(None);
        };
        let history = History::new(Arc::clone(later.things()), facts.iter());
        if later.has_to_place(&history) {
            return Ok(None);
        }
        let case = Case::new(header, later.as_of(), history, &facts);
        // About facts everything is found anew.
        let anew = Anew::Acts(&acts);
        let fresh = rules::judge_apart(&case, &rules);
        let entries = fresh.findings.into_iter().map(entry);
        let entries = entries.filter(|entry| entry.is_in(anew)).collect();
        Ok(Some(Self {
            as_of: later.as_of(),
            packs: self.packs.clone(),
            findings: Arc::new(self.findings.renewed(anew, entries)),
            has_possible: self.has_possible || case.facts(possible).next().is_some(),
            and_more: Mutex::default(),
            pieces: Vec::new(),
            wholes: Vec::new(),
            deadlines: self.deadlines.with_acts(&acts, later.as_of(), fresh.next),
            kinds,
            is_mixed: false,
            is_placed: false,
        }))
    }
}

/// Whether the fact names everyone beside others.
fn names_others_too(stated: &Stated) -> bool {
    let subjects = stated.fact.subjects();
    subjects.len() > 1 && subjects.iter().any(SubjectId::is_everyone)
}
