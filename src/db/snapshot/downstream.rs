//! What acts with everyone's data can have changed, of a store that speaks of nobody else: these acts, and all that made what
//! they take from.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::DbError;
use super::super::kept::RECORDS_MAX;
use super::large::READ_MAX;
use super::{Snapshot, acts_in};
use crate::model::fact::{Act, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::word::Section;
use crate::store::Number;

/// What some acts can have changed.
pub struct Downstream {
    /// The names of the acts about which another thing may be found, and of those that did it.
    pub acts: FxHashSet<FactId>,
    /// All facts that are no acts; and of the acts all that decide what is found about these, in order.
    pub facts: Vec<Stated>,
}

impl Snapshot {
    /// The acts with everyone's data that came, changed or went since this commit; `None` where anything else did.
    pub(super) fn acts_of_everyone_since(&self, sequence: u64) -> Result<Option<Vec<Act>>, DbError> {
        if !self.speaks_of_everyone_alone()? {
            return Ok(None);
        }
        self.inner.source.acts_of_everyone_since(sequence, RECORDS_MAX)
    }

    /// What can have changed since this commit, where nothing but acts with everyone's data came; `None` where anything else
    /// did, where the family is not large, or where it is a large part of it. Cost: a search forward from these acts and one
    /// back from what is found, and reading the acts that they find.
    pub(in super::super) fn downstream(&self, sequence: u64) -> Result<Option<Downstream>, DbError> {
        let bottom = self.inner.source.bottom();
        let (Some(view), Some(families), false) = (bottom.view(), bottom.shelf(), bottom.is_placed()) else {
            return Ok(None);
        };
        if self.inner.has_uncertain_nesting || acts_in(&self.inner.catalogue).next().is_some() {
            return Ok(None);
        }
        let Some(changed) = self.acts_of_everyone_since(sequence)? else {
            return Ok(None);
        };
        let everyone = SubjectId::everyone();
        let Some((shelved, later)) = families.get(view, &everyone, self.acts_large.max(1))? else {
            return Ok(None);
        };
        let mut over = later.acts;
        // What is laid over the store has no number there; all of it is read in any case.
        let laid = changed.iter().filter(|_| self.inner.source.laid_over().is_some());
        let with_numbers = (0..).zip(laid).map(|(position, act)| {
            let sequence = u64::MAX;
            (Number { sequence, position }, act.clone())
        });
        Arc::make_mut(&mut over).extend(with_numbers);
        if shelved.flows.has_uncertain() || over.iter().any(|(_, act)| act.at.is_uncertain()) {
            return Ok(None);
        }
        let most = READ_MAX.max(shelved.flows.len() / 4);
        let search = shelved.flows.with(&over);
        let mut numbers = search.after(changed.iter());
        if numbers.len() > most {
            return Ok(None);
        }
        let names = [&everyone];
        let judged = self.inner.source.acts(&numbers, &names)?;
        let mut nodes: Vec<u32> = acts_in(&judged)
            .flat_map(|act| search.nodes_of_giver(act))
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        numbers.extend(search.needed(&nodes));
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() > most {
            return Ok(None);
        }
        let acts = changed
            .iter()
            .chain(acts_in(&judged))
            .map(|act| act.id.clone())
            .collect();
        let mut facts = self.inner.catalogue.to_vec();
        facts.extend(self.inner.source.acts(&numbers, &names)?);
        Ok(Some(Downstream { acts, facts }))
    }

    /// Whether all facts are about everyone, as where nothing but the lineage of tables is on record: then a question about
    /// all persons is one about everyone. Cost: two seeks.
    pub(super) fn speaks_of_everyone_alone(&self) -> Result<bool, DbError> {
        let view = self
            .inner
            .source
            .bottom()
            .view()
            .filter(|_| self.inner.everyone.is_some());
        let Some(view) = view else { return Ok(false) };
        Ok(!view.has_named(Section::Subjects)? && !view.has_named(Section::Cohorts)?)
    }
}
