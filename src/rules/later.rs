//! When something has to be judged again although no fact changed: a deadline passes.

use std::sync::atomic::{AtomicI64, Ordering};

use rustc_hash::FxHashMap;

use crate::graph::number::Number as _;
use crate::graph::{ActNo, SubjectNo};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;

/// The next instant for each subject, and for each act with everyone's data. Checks note it while they judge.
#[derive(Debug)]
pub struct Later {
    subjects: Vec<AtomicI64>,
    /// Everyone, and each act; no acts where nothing is about everyone.
    everyone: Option<SubjectNo>,
    acts: Vec<AtomicI64>,
    all: AtomicI64,
}

/// The same by name, to be kept.
#[derive(Clone, Debug, Default)]
pub struct Next {
    /// The next instant at which what is found about a subject may be another thing; nothing if that never comes.
    pub of_subject: FxHashMap<SubjectId, Instant>,
    /// The same of what is found about an act with everyone's data, in order; the first stands among those of subjects too.
    pub of_act: Vec<(Instant, FactId)>,
    /// The same of what is found about everybody.
    pub of_all: Option<Instant>,
}

const NEVER: i64 = i64::MAX;

impl Later {
    /// Nothing is noted yet, of so many subjects and acts.
    pub fn new(subjects: usize, everyone: Option<SubjectNo>, acts: usize) -> Self {
        let never = |count| (0..count).map(|_| AtomicI64::new(NEVER)).collect();
        Self {
            subjects: never(subjects),
            acts: never(everyone.map_or(0, |_| acts)),
            everyone,
            all: AtomicI64::new(NEVER),
        }
    }

    /// From this instant on it may be another thing, about these subjects; about everybody, if there are none.
    pub fn note(&self, at: Instant, whose: &[SubjectNo]) {
        if whose.is_empty() {
            self.all.fetch_min(at.micros(), Ordering::Relaxed);
        }
        for subject in whose {
            self.subjects[subject.index()].fetch_min(at.micros(), Ordering::Relaxed);
        }
    }

    /// The same of what is found about this act, whose data it is.
    pub fn note_act(&self, at: Instant, act: ActNo, whose: &[SubjectNo]) {
        self.note(at, whose);
        let is_everyones = self.everyone.is_some_and(|everyone| whose.contains(&everyone));
        if let Some(noted) = self.acts.get(act.index()).filter(|_| is_everyones) {
            noted.fetch_min(at.micros(), Ordering::Relaxed);
        }
    }

    /// What was noted, by name.
    pub fn next<'s>(
        &self,
        id: impl Fn(SubjectNo) -> &'s SubjectId,
        act_id: impl Fn(ActNo) -> &'s FactId,
    ) -> Next {
        let instant = |noted: &AtomicI64| match noted.load(Ordering::Relaxed) {
            NEVER => None,
            micros => Some(Instant::from_micros(micros)),
        };
        let act = |(i, noted)| Some((instant(noted)?, act_id(ActNo::from_index(i)?).clone()));
        let mut of_act: Vec<_> = self.acts.iter().enumerate().filter_map(act).collect();
        of_act.sort_unstable();
        Next {
            of_act,
            of_subject: self
                .subjects
                .iter()
                .enumerate()
                .filter_map(|(i, noted)| Some((id(SubjectNo::from_index(i)?).clone(), instant(noted)?)))
                .collect(),
            of_all: instant(&self.all),
        }
    }
}
