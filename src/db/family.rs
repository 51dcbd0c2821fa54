//! The facts of one family, replayed, and the few that were asked about last.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use super::flows::Flows;
use super::reading::Reading;
use crate::graph::{Cohorts, History, Replay, Things};
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::SubjectId;
use crate::model::recorded::Recording;
use crate::model::word::Carries;
use crate::store::Number;

/// Everything about one subject, ready to be asked.
#[derive(Debug)]
pub struct FamilyFacts {
    /// The acts about the subject, in order.
    pub record: Vec<Act>,
    /// The same, numbered.
    pub history: History,
    /// The copies they make, once somebody needs them all.
    replay: OnceLock<Replay>,
    /// The flows in columns, once a question is asked of a large family; nothing when they do not fit.
    flows: OnceLock<Option<Flows>>,
    /// Whether there are acts that only may have carried.
    pub has_possible: bool,
    /// Whether there are acts of which only the bounds of their instant are known, counted or not.
    pub has_uncertain: bool,
}

impl FamilyFacts {
    /// Numbers the acts among the facts about one subject, under whichever of its names; facts come in the order of the
    /// record. Only the subject
    /// is kept of the lists that acts have. Acts that count under the reading become sure, others are left out.
    pub fn new(
        things: &Arc<Things>,
        subject: &SubjectId,
        names: &[&SubjectId],
        reading: Reading,
        facts: impl Iterator<Item = Stated>,
    ) -> Self {
        let mut gathering = Gathering::new(things, reading);
        for stated in facts {
            if stated.fact.subjects().iter().any(|id| names.contains(&id)) {
                gathering.take(stated, subject);
            }
        }
        let mut family = gathering.finish();
        family.history.know(subject);
        family
    }

    /// The copies that the acts make. Cost: linear in the acts, the first time.
    pub fn replay(&self) -> &Replay {
        self.replay.get_or_init(|| Replay::new(&self.history))
    }

    /// The flows in columns, acts numbered by their places; when there are at least so many acts and they fit.
    pub fn flows(&self, acts_least: usize) -> Option<&Flows> {
        if self.record.len() < acts_least.max(1) || self.record.len() != self.history.acts().len() {
            return None;
        }
        let number = |position| Number {
            sequence: 0,
            position,
        };
        let acts = || (0..).map(number).zip(&self.record);
        self.flows.get_or_init(|| Flows::of_acts(acts())).as_ref()
    }

    /// The family of the subject with some of the acts, by their places in the history, in order.
    pub fn of_acts(&self, subject: &SubjectId, acts: &[usize]) -> Self {
        let record: Vec<Act> = acts.iter().map(|at| self.record[*at].clone()).collect();
        let stated: Vec<Stated> = acts
            .iter()
            .zip(&record)
            .map(|(at, act)| Stated {
                fact: Fact::Act(act.clone()),
                place: self.history.acts()[*at].place.clone(),
                item: Box::default(),
                recording: Recording::default(),
                bounded: Box::default(),
            })
            .collect();
        let mut history = History::new(Arc::clone(&self.history.things), stated.iter());
        history.know(subject);
        Self {
            record,
            history,
            replay: OnceLock::new(),
            flows: OnceLock::new(),
            has_possible: self.has_possible,
            has_uncertain: self.has_uncertain,
        }
    }
}

/// Facts that become a family one after the other, so that each is held once.
struct Gathering {
    reading: Reading,
    record: Vec<Act>,
    history: History,
    has_possible: bool,
    has_uncertain: bool,
}

impl Gathering {
    fn new(things: &Arc<Things>, reading: Reading) -> Self {
        Self {
            reading,
            record: Vec::new(),
            history: History::empty(Arc::clone(things), Cohorts::default()),
            has_possible: false,
            has_uncertain: false,
        }
    }

    /// A fact more; an act that counts is taken to be about the subject alone.
    fn take(&mut self, mut stated: Stated, subject: &SubjectId) {
        if let Fact::Act(act) = &mut stated.fact {
            self.has_possible |= act.carries == Carries::Possible;
            self.has_uncertain |= act.at.is_uncertain();
            if !self.reading.counts(act.carries) {
                return;
            }
            act.carries = Carries::Surely;
            act.subjects = vec![subject.clone()];
        }
        self.history.take(&stated);
        if let Fact::Act(act) = stated.fact {
            self.record.push(act);
        }
    }

    fn finish(mut self) -> FamilyFacts {
        self.history.settle::<()>(&[]);
        self.record.sort_by_key(|act| act.at.start());
        FamilyFacts {
            record: self.record,
            history: self.history,
            replay: OnceLock::new(),
            flows: OnceLock::new(),
            has_possible: self.has_possible,
            has_uncertain: self.has_uncertain,
        }
    }
}

/// Families that were asked about last.
#[derive(Debug, Default)]
pub struct Families {
    kept: VecDeque<((SubjectId, Reading), Arc<FamilyFacts>)>,
}

/// How many families are kept.
const KEPT_MAX: usize = 64;
/// Families with more acts than this are kept alone.
const ACTS_MAX: usize = 200_000;

impl Families {
    /// The family, if it is kept; it becomes the last one asked about.
    pub fn get(&mut self, subject: &(SubjectId, Reading)) -> Option<Arc<FamilyFacts>> {
        let at = self.kept.iter().position(|(kept, _)| kept == subject)?;
        let entry = self.kept.remove(at)?;
        let family = Arc::clone(&entry.1);
        self.kept.push_back(entry);
        Some(family)
    }

    /// Keeps a family and lets the oldest go.
    pub fn keep(&mut self, subject: (SubjectId, Reading), family: Arc<FamilyFacts>) {
        // Two questions at once may have read the same family.
        self.kept.retain(|(kept, _)| *kept != subject);
        if family.record.len() > ACTS_MAX {
            self.kept.clear();
        }
        if self.kept.len() >= KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back((subject, family));
    }
}
