//! When something has to be judged again although no fact changed: a deadline passes.

use std::sync::atomic::{AtomicI64, Ordering};

use rustc_hash::FxHashMap;

use crate::graph::SubjectNo;
use crate::graph::number::Number as _;
use crate::model::id::SubjectId;
use crate::model::time::Instant;

/// The next instant for each subject. Checks note it while they judge.
#[derive(Debug)]
pub struct Later {
    of_subject: Vec<AtomicI64>,
    of_all: AtomicI64,
}

/// The same by name, to be kept.
#[derive(Clone, Debug, Default)]
pub struct Next {
    /// The next instant at which what is found about a subject may be another thing; nothing if that never comes.
    pub of_subject: FxHashMap<SubjectId, Instant>,
    /// The same of what is found about everybody.
    pub of_all: Option<Instant>,
}

const NEVER: i64 = i64::MAX;

impl Later {
    /// Nothing is noted yet.
    pub fn new(subjects: usize) -> Self {
        Self {
            of_subject: (0..subjects).map(|_| AtomicI64::new(NEVER)).collect(),
            of_all: AtomicI64::new(NEVER),
        }
    }

    /// From this instant on it may be another thing, about these subjects; about everybody, if there are none.
    pub fn note(&self, at: Instant, whose: &[SubjectNo]) {
        if whose.is_empty() {
            self.of_all.fetch_min(at.micros(), Ordering::Relaxed);
        }
        for subject in whose {
            self.of_subject[subject.index()].fetch_min(at.micros(), Ordering::Relaxed);
        }
    }

    /// What was noted, by name.
    pub fn next<'s>(&self, id: impl Fn(SubjectNo) -> &'s SubjectId) -> Next {
        let instant = |noted: &AtomicI64| match noted.load(Ordering::Relaxed) {
            NEVER => None,
            micros => Some(Instant::from_micros(micros)),
        };
        Next {
            of_subject: self
                .of_subject
                .iter()
                .enumerate()
                .filter_map(|(i, noted)| Some((id(SubjectNo::from_index(i)?).clone(), instant(noted)?)))
                .collect(),
            of_all: instant(&self.of_all),
        }
    }
}
