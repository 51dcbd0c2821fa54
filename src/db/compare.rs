//! What changed between two instants, and between two moments of the record.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{DbError, Snapshot};
use crate::graph::{History, Replay};
use crate::model::comparison::{Comparison, Difference, HeldCopy, Moment};
use crate::model::fact::{Authorization, Fact, Stated};
use crate::model::finding::{Culprit, Finding};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;

impl Snapshot {
    /// What changed from one state to another: copies held at the instant, authorizations in force at it, findings
    /// judged at it that are wrong by then. With a subject, only what is about it. Cost: all facts are read and judged
    /// at both.
    pub fn compare(
        &self,
        before: Moment,
        after: Moment,
        subject: Option<&SubjectId>,
    ) -> Result<Comparison, DbError> {
        if let Some(subject) = subject
            && !self.subject_exists(subject)?
        {
            return Err(crate::question::AskError::UnknownSubject {
                id: subject.to_string(),
            }
            .into());
        }
        let (one, other) = (self.state_at(before, subject)?, self.state_at(after, subject)?);
        Ok(Comparison {
            before,
            after,
            copies: difference(one.copies, other.copies, Clone::clone),
            authorizations: Difference {
                added: named(&other.authorizations, &one.authorizations),
                removed: named(&one.authorizations, &other.authorizations),
            },
            findings: difference(one.findings, other.findings, key),
        })
    }

    fn state_at(&self, moment: Moment, subject: Option<&SubjectId>) -> Result<State, DbError> {
        let state = self.known_at(moment.known_at)?.at(moment.as_of)?;
        let facts = state.facts()?;
        if let Some(act) = crate::placing::Uncertain::among(&facts).first() {
            return Err(crate::question::AskError::UncertainTime {
                act: act.id.to_string(),
                what: "a comparison of two states".to_owned(),
            }
            .into());
        }
        let history = History::new(std::sync::Arc::clone(state.things()), facts.iter());
        let names = subject.map(|subject| {
            let cohorts = state.cohorts_of(subject).into_iter().cloned();
            std::iter::once(subject.clone())
                .chain(cohorts)
                .collect::<Vec<_>>()
        });
        let findings = state.findings(None)?;
        Ok(State {
            copies: copies(&history, moment.as_of, subject),
            authorizations: authorizations(&facts, moment.as_of, names.as_deref()),
            findings: findings
                .iter()
                .filter(|finding| finding.at <= moment.as_of)
                .filter(|finding| {
                    names
                        .as_ref()
                        .is_none_or(|names| finding.subjects.iter().any(|id| names.contains(id)))
                })
                .map(|finding| Finding::clone(finding))
                .collect(),
        })
    }
}

struct State {
    copies: Vec<HeldCopy>,
    authorizations: Vec<Authorization>,
    findings: Vec<Finding>,
}

/// The copies held at the instant, sorted.
fn copies(history: &History, at: Instant, subject: Option<&SubjectId>) -> Vec<HeldCopy> {
    let replay = Replay::new(history);
    let mut held: Vec<HeldCopy> = replay
        .copies()
        .filter(|(_, copy)| copy.start <= at && replay.end_of(copy).is_none_or(|end| end.at > at))
        .map(|(_, copy)| {
            let holding = replay.holding_of(copy);
            HeldCopy {
                processor: history.things.processors().id(holding.processor).clone(),
                field: history.things.fields().id(holding.field).clone(),
                subject: history.subjects().id(holding.subject).clone(),
                via: history.act(copy.via).id.clone(),
                role: copy.role,
                since: copy.start,
            }
        })
        .filter(|copy| subject.is_none_or(|subject| copy.subject == *subject))
        .collect();
    held.sort_unstable();
    held.dedup();
    held
}

/// The authorizations in force at the instant, in the order of the record; of one subject, those for it or for all.
fn authorizations(facts: &[Stated], at: Instant, names: Option<&[SubjectId]>) -> Vec<Authorization> {
    let is_in_force = |authorization: &&Authorization| {
        authorization.from <= at
            && authorization.until.is_none_or(|until| at < until)
            && authorization.withdrawn.is_none_or(|withdrawn| at < withdrawn)
    };
    let is_about = |authorization: &&Authorization| {
        let subjects = &authorization.subjects;
        names.is_none_or(|names| subjects.is_empty() || subjects.iter().any(|id| names.contains(id)))
    };
    facts
        .iter()
        .filter_map(|stated| {
            if let Fact::Authorization(authorization) = &stated.fact {
                Some(authorization)
            } else {
                None
            }
        })
        .filter(is_in_force)
        .filter(is_about)
        .cloned()
        .collect()
}

/// The names of those in the first list that the second does not have with the same content.
fn named(these: &[Authorization], others: &[Authorization]) -> Vec<FactId> {
    let known: FxHashMap<&FactId, &Authorization> = others.iter().map(|one| (&one.id, one)).collect();
    these
        .iter()
        .filter(|one| known.get(&one.id) != Some(one))
        .map(|one| one.id.clone())
        .collect()
}

/// What makes a finding the same in two states: all that is compared of it, but not how it is proved.
type Key = (
    FactId,
    String,
    Instant,
    Culprit,
    String,
    Vec<SubjectId>,
    Vec<String>,
    Vec<String>,
);

fn key(finding: &Finding) -> Key {
    (
        finding.rule.clone(),
        finding.reason.clone(),
        finding.at,
        finding.culprit.clone(),
        finding.processor.to_string(),
        finding.subjects.clone(),
        finding.fields.iter().map(ToString::to_string).collect(),
        finding.because.clone(),
    )
}

fn difference<T, K: Eq + std::hash::Hash>(
    before: Vec<T>,
    after: Vec<T>,
    key: impl Fn(&T) -> K,
) -> Difference<T> {
    let keys = |list: &[T]| list.iter().map(&key).collect::<FxHashSet<K>>();
    let (old, new) = (keys(&before), keys(&after));
    Difference {
        added: after
            .into_iter()
            .filter(|item| !old.contains(&key(item)))
            .collect(),
        removed: before
            .into_iter()
            .filter(|item| !new.contains(&key(item)))
            .collect(),
    }
}
