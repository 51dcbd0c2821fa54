//! Questions about a large family: which of its acts they need, so that these alone are read and replayed.

use std::sync::{Arc, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::DbError;
use super::super::family::FamilyFacts;
use super::super::flows::{Forward, Search, Settled};
use super::super::reading::Reading;
use super::super::shelf::{Later, Shelved, act_of};
use super::Snapshot;
use super::downstream::each_once;
use crate::graph::{ProcessorNo, moments};
use crate::model::fact::{Act, Stated};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::question::{Question, ReachQuestion};
use crate::model::time::Instant;
use crate::model::word::{ProcessorKind, Section, Ties};
use crate::store::Number;

/// So many facts that name a person or a cohort are not laid over everyone's.
const OVER_MAX: usize = 50_000;
/// So many of the acts that were committed after columns were laid down are laid over them anew for each question, by default.
pub(super) const LAID_ANEW_MAX: usize = 256;
/// So many acts are always read one by one; more only where they are less than a quarter of all.
pub(super) const READ_MAX: usize = 50_000;

/// The part of a family that a question needs, and who surely had the field that it is about; others are seen from the part.
pub(super) type Part = (FamilyFacts, Vec<ProcessorNo>);

/// The numbers of the acts that are needed, and who surely had the field.
type Needed = (Vec<Number>, Vec<ProcessorNo>);

/// A large family in columns, and what is laid over them.
pub(super) struct Large {
    subject: SubjectId,
    shelved: Arc<Shelved>,
    later: Later,
    /// The acts with the data of the subject's other names.
    own: Vec<(Number, Act)>,
    /// Whether what the columns say for sure is so in this state.
    is_sure: bool,
}

/// What questions about many persons have in common, as long as nobody lays down other acts.
pub(super) struct Common {
    shelved: Arc<Shelved>,
    settled: Option<Arc<Settled>>,
    forward: Arc<Forward>,
}

impl Common {
    fn is_of(&self, large: &Large) -> bool {
        let settled = (self.settled.as_ref(), large.later.settled.as_ref());
        let is_same = match settled {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        is_same && Arc::ptr_eq(&self.shelved, &large.shelved)
    }
}

impl Large {
    /// To be searched; `None` where of some instant only the bounds are known. What is known of the question for all is used if it is
    /// of the same acts.
    pub(super) fn search(&self, common: Option<&Common>) -> Option<Search<'_>> {
        let Later { settled, rest, .. } = &self.later;
        let over = rest.iter().chain(&self.own).cloned().collect();
        let search = self.shelved.flows.with(settled.clone(), over);
        let search = match common.filter(|common| common.is_of(self)) {
            Some(common) => search.beyond(&common.forward),
            None => search,
        };
        (!search.has_uncertain()).then_some(search)
    }
}

impl Snapshot {
    /// The large family of a store that the question is about, in columns; `None` where it is small, or is to be read as a whole, or
    /// was under this reading.
    pub(super) fn large(&self, question: &Question, reading: Reading) -> Result<Option<Large>, DbError> {
        let source = &self.inner.source;
        let (Some(view), Some(families), false) = (source.view(), source.shelf(), source.is_placed()) else {
            return Ok(None);
        };
        let has_uncertain = self.inner.has_uncertain_nesting
            || (matches!(question, Question::Crossings { .. }) && self.inner.has_uncertain_crossings);
        if has_uncertain || question.is_judged() || question.ties() != Ties::Recorded {
            return Ok(None);
        }
        let subject = match question.subject() {
            Some(subject) => subject.clone(),
            None if self.speaks_of_everyone_alone()? => SubjectId::everyone(),
            None => return Ok(None),
        };
        let mut kept = self.inner.families.lock().unwrap_or_else(PoisonError::into_inner);
        let is_kept = kept.get(&(subject.clone(), reading)).is_some();
        drop(kept);
        if is_kept || !self.subject_exists(&subject)? {
            return Ok(None);
        }
        let names = self.names_of(&subject);
        let mut base = None;
        for name in names.iter().rev() {
            if let Some(found) = families.get(view, name, (self.acts_large.max(1), self.laid_anew_most))? {
                base = Some((*name, found));
                break;
            }
        }
        let Some((base, (shelved, later))) = base else {
            return Ok(None);
        };
        let mut own = Vec::new();
        for name in names.iter().filter(|name| **name != base) {
            if view.names_at_least(name, OVER_MAX)? {
                return Ok(None);
            }
            let of_name = view.family(name)?.into_iter();
            own.extend(of_name.filter_map(|record| act_of(record, name)));
        }
        let is_sure = !later.has_changes && shelved.sequence() <= view.sequence() && self.known_at.is_none();
        Ok(Some(Large {
            subject,
            shelved,
            later,
            own,
            is_sure,
        }))
    }

    /// What is asked of everyone's acts by questions that differ in the person alone; `None` where these are few, or nothing that is declared
    /// is asked for. Cost: two searches forward.
    pub(super) fn in_common(
        &self,
        reach: &ReachQuestion,
        reading: Reading,
    ) -> Result<Option<Common>, DbError> {
        let question = Question::Reach(ReachQuestion {
            subject: Some(SubjectId::everyone()),
            ..reach.clone()
        });
        let Some(large) = self.large(&question, reading)? else {
            return Ok(None);
        };
        let Large { shelved, later, .. } = &large;
        let from = match &reach.from {
            Some(from) => match self.ever_within(from) {
                Some(from) => Some(from),
                None => return Ok(None),
            },
            None => None,
        };
        let search = shelved.flows.with(later.settled.clone(), Vec::new());
        let search = search.under(reading, large.is_sure);
        let from = from.as_deref().map(|from| self.words(from));
        let sources = search.nodes_with(reach.field.as_str(), from.as_ref());
        Ok(Some(Common {
            forward: Arc::new(search.forward(&sources, self.as_of)),
            shelved: Arc::clone(shelved),
            settled: later.settled.clone(),
        }))
    }

    /// The part of a large family of a store that the question needs; `None` where the whole family is to be read.
    pub(super) fn part_in_store(
        &self,
        question: &Question,
        (large, search): (&Large, &Search<'_>),
        reading: Reading,
    ) -> Result<Option<Part>, DbError> {
        let (source, subject) = (&self.inner.source, &large.subject);
        let search = search.under(reading, large.is_sure);
        let needed = if let Question::Reach(reach) = question {
            self.needed(reach, &search)?
        } else {
            let numbers = self.needed_for(question, &search);
            numbers.map(|numbers| (numbers, Vec::new()))
        };
        let Some((numbers, had)) = needed else {
            return Ok(None);
        };
        if numbers.len() > READ_MAX.max(large.shelved.flows.len() / 4) {
            return Ok(None);
        }
        let mut facts: Vec<Stated> = source
            .fact(Section::Subjects, subject.as_str())?
            .into_iter()
            .collect();
        let names = self.names_of(subject);
        facts.extend(source.acts(&numbers, &names)?);
        let mut family = FamilyFacts::new(&self.inner.things, subject, &names, reading, facts.into_iter());
        family.has_possible |= search.has_possible();
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
        let search = flows
            .with(None, Vec::new())
            .under(Reading::ALL, self.known_at.is_none());
        let Some((numbers, had)) = self.needed(reach, &search)? else {
            return Ok(None);
        };
        let places: Vec<usize> = numbers.iter().map(|number| number.position as usize).collect();
        Ok(Some((whole.of_acts(subject, &places), had)))
    }

    /// The acts that the question needs, and who surely had the field; `None` when it asks for nothing that is declared.
    fn needed(&self, reach: &ReachQuestion, search: &Search<'_>) -> Result<Option<Needed>, DbError> {
        let things = &self.inner.things;
        // What lasts is another hop behind each act of an instant at which something changes, whatever that act does.
        let has_changes = reach.during.from.is_some() || moments::moves(things).next().is_some();
        if has_changes && search.has_lasting() {
            return Ok(None);
        }
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
        let is_one = from.as_ref().is_none_or(|from| from.len() == 1);
        let from = from.as_deref().map(|from| self.words(from));
        let sources = search.nodes_with(reach.field.as_str(), from.as_ref());
        let reached = search.reached(&sources, Some(self.as_of));
        // Where it cannot have come to, nothing has to be read to say that it did not.
        let mut wanted = search.nodes_of(&self.words(&to));
        let may_be_at: FxHashSet<u32> = reached.iter().copied().collect();
        wanted.retain(|node| may_be_at.contains(node));
        let surely = if is_one {
            search.surely_reached(&sources, self.as_of)
        } else {
            Vec::new()
        };
        let number = |node: &u32| things.processors().get(&search.name(*node).0.into());
        let had = each_once(surely.iter().filter_map(number).collect());
        // Who may have it and passes nothing on is where the trail ends, if it has it.
        let mut silent: FxHashMap<ProcessorNo, bool> = FxHashMap::default();
        for node in reached {
            let Some(number) = number(&node).filter(|number| had.binary_search(number).is_err()) else {
                continue;
            };
            let is_silent = match silent.get(&number) {
                Some(is_silent) => *is_silent,
                None => things.processor(number).kind != ProcessorKind::Public && !self.sends(number)?,
            };
            silent.insert(number, is_silent);
            if is_silent {
                wanted.push(node);
            }
        }
        Ok(Some((search.needed(&wanted), had)))
    }

    /// The acts that a question about a field needs: those that tell whether and when it is held; of who uses it also those that do;
    /// and of what something is made from all that made it what it is.
    /// `None` where it asks for nothing that is declared, or for something else.
    fn needed_for(&self, question: &Question, search: &Search<'_>) -> Option<Vec<Number>> {
        let held = |processor: &ProcessorId| Some(self.words(&self.ever_within(processor)?));
        if let Question::Holders { field, .. } = question {
            return Some(search.enough(&search.nodes_with(field.as_str(), None)));
        }
        if let Question::Purposes { field, .. } = question {
            let nodes = search.nodes_with(field.as_str(), None);
            let mut numbers = search.enough(&nodes);
            numbers.extend(search.uses(&nodes));
            return Some(each_once(numbers));
        }
        if let Question::Sources { processor, field, .. } = question {
            return Some(search.needed(&search.nodes_with(field.as_str(), Some(&held(processor)?))));
        }
        if let Question::Downstream { from, field, .. } = question {
            let sources = search.nodes_with(field.as_str(), Some(&held(from)?));
            return Some(search.needed(&search.reached(&sources, None)));
        }
        if let Question::Crossings { .. } = question {
            let [at_home, abroad, movers] = self.sides();
            let (mut numbers, lasting) = search.between(&at_home, &abroad);
            // What a standing act carries, and what a holder has with it when it moves, is what they hold.
            numbers.extend(search.needed(&each_once(lasting)));
            numbers.extend(search.enough(&search.nodes_of(&movers)));
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
