//! Questions about a large family: which of its acts they need, so that these alone are read and replayed.

use std::sync::{Arc, PoisonError};

use rustc_hash::FxHashSet;

use super::super::DbError;
use super::super::family::{FamilyFacts, Reading};
use super::super::flows::Search;
use super::super::shelf::act_of;
use super::Snapshot;
use super::downstream::each_once;
use crate::graph::ProcessorNo;
use crate::model::fact::Stated;
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::question::{Question, ReachQuestion};
use crate::model::time::Instant;
use crate::model::word::{ProcessorKind, Section};
use crate::store::Number;

/// So many facts that name a person or a cohort are not laid over everyone's.
const OVER_MAX: usize = 50_000;
/// So many acts are always read one by one; more only where they are less than a quarter of all.
pub(super) const READ_MAX: usize = 50_000;

/// The part of a family that a question needs, and who had the field that it is about; the latter is seen from the part
/// where nobody is named.
pub(super) type Part = (FamilyFacts, Option<Vec<ProcessorNo>>);

/// The numbers of the acts that are needed, and who had the field.
type Needed = (Vec<Number>, Option<Vec<ProcessorNo>>);

impl Snapshot {
    /// The part of a large family of a store that the question needs; `None` where the whole family is to be read.
    pub(super) fn part_in_store(
        &self,
        question: &Question,
        subject: &SubjectId,
        reading: Reading,
    ) -> Result<Option<Part>, DbError> {
        if matches!(question, Question::Crossings { .. }) && self.inner.has_uncertain_crossings {
            return Ok(None);
        }
        let source = &self.inner.source;
        let (Some(view), Some(families), false) = (source.view(), source.shelf(), source.is_placed()) else {
            return Ok(None);
        };
        let kept = || self.inner.families.lock().unwrap_or_else(PoisonError::into_inner);
        if self.inner.has_uncertain_nesting
            || kept().get(&(subject.clone(), reading)).is_some()
            || !self.subject_exists(subject)?
        {
            return Ok(None);
        }
        let names = self.names_of(subject);
        let mut base = None;
        for name in names.iter().rev() {
            if let Some(found) = families.get(view, name, self.acts_large.max(1))? {
                base = Some((*name, found));
                break;
            }
        }
        let Some((base, (shelved, later))) = base else {
            return Ok(None);
        };
        let mut over = later.acts;
        for name in names.iter().filter(|name| **name != base) {
            if view.names_at_least(name, OVER_MAX)? {
                return Ok(None);
            }
            let own = view
                .family(name)?
                .into_iter()
                .filter_map(|record| act_of(record, name));
            Arc::make_mut(&mut over).extend(own);
        }
        let is_uncertain = shelved.flows.has_uncertain() || over.iter().any(|(_, act)| act.at.is_uncertain());
        if is_uncertain {
            return Ok(None);
        }
        let search = shelved.flows.with(&over);
        let is_exact = !later.has_changes && shelved.sequence() <= view.sequence();
        let is_exact = is_exact && search.is_exact() && self.known_at.is_none();
        let needed = if let Question::Reach(reach) = question {
            self.needed(reach, &search, is_exact)?
        } else {
            let numbers = self.needed_for(question, &search, is_exact);
            numbers.map(|numbers| (numbers, None))
        };
        let Some((numbers, had)) = needed else {
            return Ok(None);
        };
        if numbers.len() > READ_MAX.max(shelved.flows.len() / 4) {
            return Ok(None);
        }
        let mut facts: Vec<Stated> = source
            .fact(Section::Subjects, subject.as_str())?
            .into_iter()
            .collect();
        facts.extend(source.acts(&numbers, &names)?);
        let family = FamilyFacts::new(&self.inner.things, subject, &names, reading, facts.into_iter());
        Ok(Some((family, had)))
    }

    /// The part of a large family that is in memory.
    pub(super) fn part_of(
        &self,
        reach: &ReachQuestion,
        subject: &SubjectId,
        whole: &FamilyFacts,
    ) -> Result<Option<Part>, DbError> {
        let Some(flows) = whole.flows(self.acts_large) else {
            return Ok(None);
        };
        let search = flows.with(&[]);
        let is_exact = search.is_exact() && self.known_at.is_none();
        let Some((numbers, had)) = self.needed(reach, &search, is_exact)? else {
            return Ok(None);
        };
        let places: Vec<usize> = numbers.iter().map(|number| number.position as usize).collect();
        Ok(Some((whole.of_acts(subject, &places), had)))
    }

    /// The acts that the question needs and, where the search says what was and nothing more, who had the field; `None` when
    /// it asks for nothing that is declared.
    fn needed(
        &self,
        reach: &ReachQuestion,
        search: &Search<'_>,
        is_exact: bool,
    ) -> Result<Option<Needed>, DbError> {
        let things = &self.inner.things;
        let (Some(to), from) = (
            self.ever_within(&reach.to),
            reach.from.as_ref().map(|from| self.ever_within(from)),
        ) else {
            return Ok(None);
        };
        let from = match from {
            Some(None) => return Ok(None),
            Some(Some(from)) => Some(from),
            None => None,
        };
        let is_exact = is_exact && from.as_ref().is_none_or(|from| from.len() == 1);
        let from = from.as_deref().map(|from| self.words(from));
        let until = is_exact.then_some(self.as_of);
        let reached = search.reached(reach.field.as_str(), from.as_ref(), until);
        // Where it cannot have come to, nothing has to be read to say that it did not.
        let mut wanted = search.nodes_of(&self.words(&to));
        let may_be_at: FxHashSet<u32> = reached.iter().copied().collect();
        wanted.retain(|node| may_be_at.contains(node));
        if is_exact {
            let number = |node: &u32| things.processors().get(&search.name(*node).0.into());
            let mut had: Vec<ProcessorNo> = reached.iter().filter_map(number).collect();
            had.sort_unstable();
            had.dedup();
            return Ok(Some((search.needed(&wanted), Some(had))));
        }
        // Who may have it and passes nothing on is where the trail ends, if it has it.
        let mut silent: FxHashSet<&str> = FxHashSet::default();
        let mut others: FxHashSet<&str> = FxHashSet::default();
        for node in reached {
            let name = search.name(node).0;
            if !silent.contains(name) && !others.contains(name) {
                let Some(number) = things.processors().get(&name.into()) else {
                    continue;
                };
                let is_public = things.processor(number).kind == ProcessorKind::Public;
                if is_public || self.sends(number)? {
                    others.insert(name);
                } else {
                    silent.insert(name);
                }
            }
            if silent.contains(name) {
                wanted.push(node);
            }
        }
        Ok(Some((search.needed(&wanted), None)))
    }

    /// The acts that a question about a field needs: all that made what is held of it what it is, where the search says what was and
    /// nothing more those that first did; and of who uses it also those that do.
    /// `None` where it asks for nothing that is declared, or for something else.
    fn needed_for(&self, question: &Question, search: &Search<'_>, is_exact: bool) -> Option<Vec<Number>> {
        let held = |processor: &ProcessorId| Some(self.words(&self.ever_within(processor)?));
        let since_when = |nodes: &[u32]| {
            if is_exact {
                search.first(nodes)
            } else {
                search.needed(nodes)
            }
        };
        if let Question::Holders { field, .. } = question {
            return Some(since_when(&search.nodes_with(field.as_str(), None)));
        }
        if let Question::Purposes { field, .. } = question {
            let nodes = search.nodes_with(field.as_str(), None);
            let mut numbers = since_when(&nodes);
            numbers.extend(search.uses(&nodes));
            return Some(each_once(numbers));
        }
        if let Question::Sources { processor, field, .. } = question {
            return Some(search.needed(&search.nodes_with(field.as_str(), Some(&held(processor)?))));
        }
        if let Question::Downstream { from, field, .. } = question {
            let reached = search.reached(field.as_str(), Some(&held(from)?), None);
            return Some(search.needed(&reached));
        }
        if let Question::Crossings { .. } = question {
            let [at_home, abroad, movers] = self.sides();
            let (mut numbers, lasting) = search.between(&at_home, &abroad);
            // What a standing act carries, and what a holder has with it when it moves, is what they hold.
            numbers.extend(search.needed(&each_once(lasting)));
            numbers.extend(since_when(&search.nodes_of(&movers)));
            return Some(each_once(numbers));
        }
        None
    }

    /// The processors that are ever at home, those that are ever known to be elsewhere, and those that move to somewhere else.
    fn sides(&self) -> [FxHashSet<&str>; 3] {
        let things = &self.inner.things;
        let mut sides: [FxHashSet<&str>; 3] = Default::default();
        for processor in things.processors().all() {
            let name = things.processors().id(processor).as_str();
            let first = things.country_at(processor, Instant::from_micros(i64::MIN));
            let moves = things.relocations(processor);
            for country in first.into_iter().chain(moves.iter().map(|change| change.to)) {
                sides[usize::from(!things.is_home(country))].insert(name);
            }
            if moves.iter().any(|change| !things.is_home(change.to)) {
                sides[2].insert(name);
            }
        }
        sides
    }

    /// The processor and all that ever lies within it.
    fn ever_within(&self, processor: &ProcessorId) -> Option<Vec<ProcessorNo>> {
        let things = &self.inner.things;
        let number = things.processors().get(processor)?;
        Some(things.ever_within(number))
    }

    fn words(&self, processors: &[ProcessorNo]) -> FxHashSet<&str> {
        let all = self.inner.things.processors();
        processors.iter().map(|number| all.id(*number).as_str()).collect()
    }
}
