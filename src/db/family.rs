//! The facts of one family, replayed, and the few that were asked about last.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::graph::{Cohorts, History, Replay};
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::SubjectId;

/// Everything about one subject, ready to be asked.
#[derive(Debug)]
pub struct FamilyFacts {
    /// The acts about the subject, in order.
    pub record: Vec<Act>,
    /// The same, numbered.
    pub history: History,
    /// The copies they make.
    pub replay: Replay,
}

impl FamilyFacts {
    /// Replays the acts among the facts about one subject; facts come in the order of the record. Only the subject
    /// is kept of the lists that acts have.
    pub fn new<'f>(
        things: &Arc<crate::graph::Things>,
        subject: &SubjectId,
        cohorts: &Cohorts,
        facts: impl Iterator<Item = &'f Stated>,
    ) -> Self {
        let names: Vec<&SubjectId> = std::iter::once(subject).chain(cohorts.of(subject)).collect();
        let own: Vec<Stated> = facts
            .filter(|stated| stated.fact.subjects().iter().any(|id| names.contains(&id)))
            .map(|stated| {
                let mut stated = stated.clone();
                if let Fact::Act(act) = &mut stated.fact {
                    act.subjects = vec![subject.clone()];
                }
                stated
            })
            .collect();
        let history = History::new(Arc::clone(things), own.iter());
        let replay = Replay::new(&history);
        let mut record: Vec<Act> = own
            .into_iter()
            .filter_map(|stated| {
                if let Fact::Act(act) = stated.fact {
                    Some(act)
                } else {
                    None
                }
            })
            .collect();
        record.sort_by_key(|act| act.at.start());
        Self {
            record,
            history,
            replay,
        }
    }
}

/// Families that were asked about last.
#[derive(Debug, Default)]
pub struct Families {
    kept: VecDeque<(SubjectId, Arc<FamilyFacts>)>,
}

/// How many families are kept.
const KEPT_MAX: usize = 64;
/// Families with more acts than this are kept alone.
const ACTS_MAX: usize = 200_000;

impl Families {
    /// The family, if it is kept; it becomes the last one asked about.
    pub fn get(&mut self, subject: &SubjectId) -> Option<Arc<FamilyFacts>> {
        let at = self.kept.iter().position(|(kept, _)| kept == subject)?;
        let entry = self.kept.remove(at)?;
        let family = Arc::clone(&entry.1);
        self.kept.push_back(entry);
        Some(family)
    }

    /// Keeps a family and lets the oldest go.
    pub fn keep(&mut self, subject: SubjectId, family: Arc<FamilyFacts>) {
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
