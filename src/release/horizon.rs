//! Looking ahead: when something in force ends soon, the facts are judged for that day too, and for the day before,
//! on which there is still time to act.

use std::collections::BTreeSet;

use crate::db::{DbError, Snapshot};
use crate::model::fact::{Agreement, Authorization, Fact, Stated};
use crate::model::finding::{Culprit, Finding};
use crate::model::id::{FieldId, SubjectId};
use crate::model::time::Instant;
use crate::rules;

/// At most this many instants are judged in one check.
pub const INSTANTS_MAX: usize = 200;

/// Why a check cannot look ahead.
#[derive(Debug, thiserror::Error)]
pub enum AheadError {
    /// Too many ends.
    #[error(
        "{count} instants would have to be judged up to the horizon, more than {INSTANTS_MAX}; shorten it"
    )]
    TooMany {
        /// Instants.
        count: usize,
    },
    /// The facts cannot be judged.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl AheadError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "CHECK_HORIZON",
            Self::Db(error) => error.code(),
        }
    }
}

/// The instants to judge: the release, and for each authorization, agreement and mechanism that ends after it and no
/// later than `days` days on, the day before and the end. Sorted.
pub fn instants(facts: &[Stated], release: Instant, days: i64) -> Vec<Instant> {
    let last = release.plus_days(days);
    let mut all = BTreeSet::from([release]);
    for end in facts.iter().filter_map(|stated| end(&stated.fact)) {
        if end > release && end <= last {
            all.insert(end.plus_days(-1).max(release));
            all.insert(end);
        }
    }
    all.into_iter().collect()
}

fn end(fact: &Fact) -> Option<Instant> {
    match fact {
        Fact::Authorization(Authorization { until, withdrawn, .. }) => {
            [*until, *withdrawn].into_iter().flatten().min()
        }
        Fact::Agreement(Agreement::Delegation(agreement)) => agreement.until,
        Fact::Agreement(Agreement::Confidentiality(agreement) | Agreement::Partner(agreement)) => {
            agreement.until
        }
        Fact::Agreement(Agreement::Joint(agreement)) => agreement.until,
        Fact::Mechanism(mechanism) => mechanism.until,
        Fact::Subject(_)
        | Fact::Cohort(_)
        | Fact::Category(_)
        | Fact::Field(_)
        | Fact::Processor(_)
        | Fact::Purpose(_)
        | Fact::Choice(_)
        | Fact::Assessment(_)
        | Fact::RetentionPeriod(_)
        | Fact::Notice(_)
        | Fact::Policy(_)
        | Fact::Request(_)
        | Fact::Closure(_)
        | Fact::Incident(_)
        | Fact::Audit(_)
        | Fact::Termination(_)
        | Fact::Evidence(_)
        | Fact::Act(_)
        | Fact::Rule(_)
        | Fact::Retraction(_)
        | Fact::Suppression(_) => None,
    }
}

/// What makes two findings of two instants one.
type Same<'f> = (&'f str, &'f str, &'f Culprit, &'f str, Vec<&'f str>, Vec<&'f str>);

fn same(finding: &Finding) -> Same<'_> {
    (
        finding.rule.as_str(),
        &finding.reason,
        &finding.culprit,
        finding.processor.as_str(),
        finding.subjects.iter().map(SubjectId::as_str).collect(),
        finding.fields.iter().map(FieldId::as_str).collect(),
    )
}

/// The findings of all these instants, each once, as the first of them tells it; in the order of findings. Cost: one
/// judging for each instant.
pub fn findings(snapshot: &Snapshot, instants: &[Instant]) -> Result<Vec<Finding>, AheadError> {
    if instants.len() > INSTANTS_MAX {
        return Err(AheadError::TooMany {
            count: instants.len(),
        });
    }
    let mut all: Vec<Finding> = Vec::new();
    for at in instants {
        let found = snapshot.findings(Some(*at))?;
        let fresh: Vec<Finding> = {
            let known: BTreeSet<Same<'_>> = all.iter().map(same).collect();
            found
                .iter()
                .filter(|finding| !known.contains(&same(finding)))
                .cloned()
                .collect()
        };
        all.extend(fresh);
    }
    rules::sort(&mut all);
    Ok(all)
}
