//! What judged questions, and those about nobody in particular, are asked of: the acts about somebody, or all, numbered and replayed, and the facts that decide.
//!
//! To read and replay everything takes far longer than most of these questions. So that of the last one that was about all facts,
//! or about everyone's, is kept: whoever asks another one of the same state waits for that alone.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::super::DbError;
use super::super::told::Rank;
use super::Snapshot;
use super::inner::Inner;
use crate::graph::{Cohorts, History, Replay, Things};
use crate::model::fact::{Fact, Stated};
use crate::model::id::SubjectId;
use crate::model::word::Carries;
use crate::store;

/// Facts that were read, and the copies that their acts make.
pub(super) struct Replayed {
    /// Those that are no acts, and re-identifications.
    pub(super) facts: Vec<Stated>,
    /// The acts.
    pub(super) history: History,
    /// Their copies.
    pub(super) replay: Replay,
    /// Whether there are acts that only may have carried.
    pub(super) has_possible: bool,
}

/// What was asked about last of what is kept, by all states that come from one commit: mostly it takes the memory of all acts.
pub(super) type Last = Arc<Mutex<Option<Asked>>>;

/// Which state was asked, and about whom.
pub(super) struct Asked {
    state: Weak<Inner>,
    subject: Option<SubjectId>,
    replayed: Arc<Replayed>,
}

impl Snapshot {
    /// What a judged question about the subject, or about everybody, is asked of; `None` where acts of uncertain times have to be
    /// placed first. Cost: all that is read is replayed, unless it is kept.
    pub(super) fn replayed(&self, subject: Option<&SubjectId>) -> Result<Option<Arc<Replayed>>, DbError> {
        // A person's acts are few, and of each placement every question is asked once.
        if subject.is_some_and(|subject| !subject.is_everyone()) || self.inner.source.is_placed() {
            return Ok(self.replay_anew(subject)?.map(Arc::new));
        }
        // Who comes meanwhile waits.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let state = Arc::downgrade(&self.inner);
        let is_it = |last: &&Asked| last.state.ptr_eq(&state) && last.subject.as_ref() == subject;
        if let Some(last) = last.as_ref().filter(is_it) {
            return Ok(Some(Arc::clone(&last.replayed)));
        }
        // It goes before the next one needs the room.
        *last = None;
        let Some(replayed) = self.replay_anew(subject)?.map(Arc::new) else {
            return Ok(None);
        };
        *last = Some(Asked {
            state,
            subject: subject.cloned(),
            replayed: Arc::clone(&replayed),
        });
        Ok(Some(replayed))
    }

    fn replay_anew(&self, subject: Option<&SubjectId>) -> Result<Option<Replayed>, DbError> {
        let mut reading = self.read(subject)?;
        if reading.has_uncertain && !self.inner.source.is_placed() {
            return Ok(None);
        }
        reading.history.settle(&reading.ranks);
        let replay = Replay::new(&reading.history);
        Ok(Some(Replayed {
            facts: reading.facts,
            history: reading.history,
            replay,
            has_possible: reading.has_possible,
        }))
    }

    fn read(&self, subject: Option<&SubjectId>) -> Result<Reading, DbError> {
        let mut reading = Reading::new(&self.inner.things, &self.inner.cohorts);
        let Some(subject) = subject else {
            self.inner.source.each(|stated| reading.take(stated))?;
            return Ok(reading);
        };
        if subject.is_everyone()
            && let Some(reading) = self.read_everyone()?
        {
            return Ok(reading);
        }
        for stated in &self.facts_about(subject)? {
            reading.take(stated);
        }
        Ok(reading)
    }

    /// The facts about everyone, read act by act; `None` where what stands cannot be told so.
    fn read_everyone(&self) -> Result<Option<Reading>, DbError> {
        let mut reading = Reading::new(&self.inner.things, &self.inner.cohorts);
        let is_meant = |stated: &&Stated| {
            let subjects = stated.fact.subjects();
            let is_about_all = subjects.is_empty() || subjects.iter().any(SubjectId::is_everyone);
            is_about_all && !matches!(stated.fact, Fact::Act(_))
        };
        let catalogue = self.inner.catalogue.iter();
        catalogue.filter(is_meant).for_each(|stated| reading.take(stated));
        let is_read = self.inner.source.each_act_of_everyone(|stated, rank| {
            if stated.fact.subjects().len() > 1 {
                let mut alone = stated.clone();
                if let Fact::Act(act) = &mut alone.fact {
                    act.subjects = vec![SubjectId::everyone()];
                }
                reading.take(&alone);
            } else {
                reading.take(stated);
            }
            // What only may have carried is no act of the history.
            reading.ranks.resize(reading.history.acts().len(), rank);
        })?;
        Ok(is_read.then_some(reading))
    }
}

/// Facts that are read one after the other, of acts what the history keeps.
struct Reading {
    facts: Vec<Stated>,
    history: History,
    /// The ranks of the acts, where they are not read in the order of the record.
    ranks: Vec<Rank>,
    has_uncertain: bool,
    has_possible: bool,
}

impl Reading {
    fn new(things: &Arc<Things>, cohorts: &Cohorts) -> Self {
        Self {
            facts: Vec::new(),
            history: History::empty(Arc::clone(things), cohorts.clone()),
            ranks: Vec::new(),
            has_uncertain: false,
            has_possible: false,
        }
    }

    fn take(&mut self, stated: &Stated) {
        self.has_uncertain |= stated.is_uncertain();
        self.has_possible |= matches!(&stated.fact, Fact::Act(act) if act.carries == Carries::Possible);
        self.history.take(stated);
        if !matches!(&stated.fact, Fact::Act(act) if !store::concerns_everybody(act)) {
            self.facts.push(stated.clone());
        }
    }
}
