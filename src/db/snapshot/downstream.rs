//! What acts with everyone's data can have changed: these acts, and all that made what they take from.

use rustc_hash::FxHashSet;

use super::super::DbError;
use super::super::flows::{After, Search};
use super::large::READ_MAX;
use super::{Snapshot, acts_in};
use crate::model::fact::{Act, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::word::{ActKind, Section};
use crate::rules::scope::Scope;
use crate::store::Number;

/// What some acts can have changed.
pub struct Downstream {
    /// The names of the acts about which another thing may be found, and of those that did it.
    pub acts: FxHashSet<FactId>,
    /// All facts that name nobody or everyone and are no acts; and of everyone's acts all that decide what is found about these, in
    /// order.
    pub facts: Vec<Stated>,
}

impl Snapshot {
    /// What these acts with everyone's data can have changed of what rules find that look so far, with what is found about those acts
    /// about which time may have changed it; `None` where the family is not large, or where it is a large part of it.
    /// Cost: a search forward from the acts and one back from what is found, and reading the acts that they find; where rules look
    /// onward, one back and one forward more.
    pub(in super::super) fn downstream(
        &self,
        changed: &[Act],
        due: &[FactId],
        looks: Scope,
    ) -> Result<Option<Downstream>, DbError> {
        let bottom = self.inner.source.bottom();
        let (Some(view), Some(families), false) = (bottom.view(), bottom.shelf(), bottom.is_placed()) else {
            return Ok(None);
        };
        if self.inner.has_uncertain_nesting || acts_in(&self.inner.catalogue).next().is_some() {
            return Ok(None);
        }
        let everyone = SubjectId::everyone();
        let Some((shelved, later)) =
            families.get(view, &everyone, (self.acts_large.max(1), self.laid_anew_most))?
        else {
            return Ok(None);
        };
        let mut over = later.rest.to_vec();
        // What is laid over the store has no number there; all of it is read in any case.
        let laid = changed.iter().filter(|_| self.inner.source.laid_over().is_some());
        let with_numbers = (0..).zip(laid).map(|(position, act)| {
            let sequence = u64::MAX;
            (Number { sequence, position }, act.clone())
        });
        over.extend(with_numbers);
        let search = shelved.flows.with(later.settled, over);
        if search.has_uncertain() {
            return Ok(None);
        }
        let most = READ_MAX.max(shelved.flows.len() / 4);
        let after = search.after(changed.iter());
        let mut numbers = concerned(&search, changed, &after, looks);
        let due: Vec<&str> = due.iter().map(FactId::as_str).collect();
        numbers.extend(view.acts_named(&due)?);
        let names = [&everyone];
        if looks >= Scope::Onward {
            let candidates = upstream(&search, changed, after);
            if candidates.len() > most {
                return Ok(None);
            }
            let candidates = self.inner.source.acts(&candidates, &names)?;
            let passed_on = acts_in(&candidates).filter(|act| is_to_be_passed_on(act));
            let ids: Vec<&str> = passed_on.map(|act| act.id.as_str()).collect();
            numbers.extend(view.acts_named(&ids)?);
        }
        let numbers = each_once(numbers);
        if numbers.len() > most {
            return Ok(None);
        }
        let judged = self.inner.source.acts(&numbers, &names)?;
        let deciding = deciding(&search, numbers, &judged, looks);
        if deciding.len() > most {
            return Ok(None);
        }
        let acts = changed
            .iter()
            .chain(acts_in(&judged))
            .map(|act| act.id.clone())
            .collect();
        let mut facts = self.inner.catalogue.to_vec();
        facts.extend(self.inner.source.acts(&deciding, &names)?);
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

/// The acts about which another thing may be found, and of those that only lie upstream none.
fn concerned(search: &Search<'_>, changed: &[Act], after: &After, looks: Scope) -> Vec<Number> {
    let mut numbers = after.acts.clone();
    if looks >= Scope::Holding {
        // What is done to a holding is done whether or not something is there, unless an act lasts and waits for it.
        let touched = if search.has_lasting() {
            after.nodes.clone()
        } else {
            let givers = changed.iter().flat_map(|act| search.nodes_of_giver(act));
            each_once(givers.collect())
        };
        numbers.extend(search.at(&touched));
    }
    numbers
}

/// The acts beside all from which something may have come to where the changed ones can have changed anything.
fn upstream(search: &Search<'_>, changed: &[Act], after: After) -> Vec<Number> {
    let mut touched = after.nodes;
    touched.extend(changed.iter().flat_map(|act| search.nodes_of_act(act)));
    search.beside_all(&search.upstream(&each_once(touched)))
}

/// All acts that decide what is found about those that are judged.
fn deciding(search: &Search<'_>, numbers: Vec<Number>, judged: &[Stated], looks: Scope) -> Vec<Number> {
    let mut nodes: Vec<u32> = Vec::new();
    for act in acts_in(judged) {
        if looks >= Scope::Holding {
            nodes.extend(search.nodes_of_act(act));
        } else {
            nodes.extend(search.nodes_of_giver(act));
        }
    }
    if looks >= Scope::Onward {
        let passed_on = acts_in(judged).filter(|act| is_to_be_passed_on(act));
        let begin = passed_on.flat_map(|act| search.nodes_of_giver(act)).collect();
        nodes.extend(search.onward(&each_once(begin)));
    }
    let nodes = each_once(nodes);
    let mut deciding = numbers;
    deciding.extend(search.needed(&nodes));
    if looks >= Scope::Holding {
        deciding.extend(search.at(&nodes));
    }
    each_once(deciding)
}

/// Whether the act ought to reach all to whom what it takes was passed on.
fn is_to_be_passed_on(act: &Act) -> bool {
    matches!(act.kind, ActKind::Delete | ActKind::Correct)
}

/// The list in order, each once.
pub(super) fn each_once<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list.dedup();
    list
}
