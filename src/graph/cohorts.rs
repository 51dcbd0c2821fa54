//! Cohorts: some subjects under one name. Facts name them, judging knows only subjects, findings name them again.

use std::borrow::Cow;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::fact::Fact;
use crate::model::id::SubjectId;

/// The cohorts of a fact set, in the order of the record.
#[derive(Clone, Debug, Default)]
pub struct Cohorts {
    members: Vec<(SubjectId, Vec<SubjectId>)>,
    by_id: FxHashMap<SubjectId, usize>,
    /// The cohorts of each member, by their places, once somebody asks.
    by_member: OnceLock<FxHashMap<SubjectId, Vec<usize>>>,
}

impl Cohorts {
    /// The cohorts among these facts.
    pub fn new<'f>(facts: impl Iterator<Item = &'f Fact>) -> Self {
        let mut cohorts = Self::default();
        for fact in facts {
            if let Fact::Cohort(cohort) = fact {
                cohorts.by_id.insert(cohort.id.clone(), cohorts.members.len());
                cohorts.members.push((cohort.id.clone(), cohort.members.clone()));
            }
        }
        cohorts
    }

    /// Whether there is a cohort of this name.
    pub fn contains(&self, id: &SubjectId) -> bool {
        self.by_id.contains_key(id)
    }

    /// How many members the cohort of this name has; 1 of a subject.
    pub fn size(&self, id: &SubjectId) -> usize {
        self.by_id.get(id).map_or(1, |at| self.members[*at].1.len())
    }

    /// Whether one of them has no members.
    pub fn has_empty(&self) -> bool {
        self.members.iter().any(|(_, members)| members.is_empty())
    }

    /// The cohorts that the subject belongs to, in the order of the record. Cost: all members of all cohorts, the first time.
    pub fn of(&self, subject: &SubjectId) -> Vec<&SubjectId> {
        let by_member = self.by_member.get_or_init(|| {
            let mut by_member: FxHashMap<SubjectId, Vec<usize>> = FxHashMap::default();
            for (at, (_, members)) in self.members.iter().enumerate() {
                for member in members {
                    let cohorts = by_member.entry(member.clone()).or_default();
                    if cohorts.last() != Some(&at) {
                        cohorts.push(at);
                    }
                }
            }
            by_member
        });
        let cohorts = by_member.get(subject).into_iter().flatten();
        cohorts.map(|at| &self.members[*at].0).collect()
    }

    /// The subjects that a list names, each once, in the order of first mention.
    pub fn unfold<'i>(&self, ids: &'i [SubjectId]) -> Cow<'i, [SubjectId]> {
        if self.members.is_empty() || !ids.iter().any(|id| self.contains(id)) {
            return Cow::Borrowed(ids);
        }
        let mut seen: FxHashSet<&SubjectId> = FxHashSet::default();
        ids.iter()
            .flat_map(|id| match self.by_id.get(id) {
                Some(at) => self.members[*at].1.as_slice(),
                None => std::slice::from_ref(id),
            })
            .filter(|id| seen.insert(id))
            .cloned()
            .collect()
    }

    /// A sorted list of subjects with every cohort in place of its members that has all of them in the list. What
    /// lies inside a larger cohort of the list is not named again. Sorted.
    pub fn fold(&self, subjects: Vec<SubjectId>) -> Vec<SubjectId> {
        let is_whole = |members: &&Vec<SubjectId>| {
            members.len() <= subjects.len() && members.iter().all(|id| subjects.binary_search(id).is_ok())
        };
        let mut whole: Vec<&(SubjectId, Vec<SubjectId>)> = self
            .members
            .iter()
            .filter(|(_, members)| is_whole(&members))
            .collect();
        if whole.is_empty() {
            return subjects;
        }
        // The largest first, so that a cohort inside another one adds nobody and is left out; stable for equal ones.
        whole.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
        let mut named: FxHashSet<&SubjectId> = FxHashSet::default();
        let mut folded: Vec<SubjectId> = Vec::new();
        for (id, members) in whole {
            if members.iter().any(|member| !named.contains(member)) {
                named.extend(members);
                folded.push(id.clone());
            }
        }
        folded.extend(subjects.iter().filter(|id| !named.contains(id)).cloned());
        folded.sort_unstable();
        folded
    }
}
