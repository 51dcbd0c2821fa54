//! When something has to be judged again although no fact changed: a deadline passes.

use std::sync::atomic::{AtomicI64, Ordering};

use rustc_hash::FxHashMap;

use crate::graph::number::Number as _;
use crate::graph::{ActNo, SubjectNo};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;

/// The next instant for each subject, and for each act where all is about everyone. Checks note it while they judge.
#[derive(Debug)]
pub struct Later {
    subjects: Vec<AtomicI64>,
    /// Empty where acts are not told apart.
    acts: Vec<AtomicI64>,
    all: AtomicI64,
}

/// The same by name, to be kept.
#[derive(Clone, Debug, Default)]
pub struct Next {
    /// The next instant at which what is found about a subject may be another thing; nothing if that never comes.
    pub of_subject: FxHashMap<SubjectId, Instant>,
    /// The same of what is found about an act, in order; for everyone it stands among those of subjects too. `None` where acts
    /// were not told apart.
    pub of_act: Option<Vec<(Instant, FactId)>>,
    /// The same of what is found about everybody.
    pub of_all: Option<Instant>,
}

const NEVER: i64 = i64::MAX;

impl Later {
    /// Nothing is noted yet. Acts are told apart when there are any.
    pub fn new(subjects: usize, acts: usize) -> Self {
        let never = |count| (0..count).map(|_| AtomicI64::new(NEVER)).collect();
        Self {
            subjects: never(subjects),
            acts: never(acts),
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
        if let Some(noted) = self.acts.get(act.index()) {
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
            of_act: (!self.acts.is_empty()).then_some(of_act),
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
