//! Looking ahead: when something in force ends soon, the facts are judged for that day too, and for the day before,
//! on which there is still time to act.

use std::collections::BTreeSet;

use crate::db::DbError;
use crate::model::fact::{Agreement, Authorization, Fact};
use crate::model::time::Instant;

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
pub fn instants<'f>(
    facts: impl Iterator<Item = &'f Fact>,
    release: Instant,
    days: i64,
) -> Result<Vec<Instant>, AheadError> {
    let last = release.plus_days(days);
    let mut all = BTreeSet::from([release]);
    for end in facts.filter_map(end) {
        if end > release && end <= last {
            all.insert(end.plus_days(-1).max(release));
            all.insert(end);
        }
    }
    if all.len() > INSTANTS_MAX {
        return Err(AheadError::TooMany { count: all.len() });
    }
    Ok(all.into_iter().collect())
}

/// When something stops to permit what it permits.
pub fn end(fact: &Fact) -> Option<Instant> {
    if let Fact::Authorization(Authorization { until, withdrawn, .. }) = fact {
        [*until, *withdrawn].into_iter().flatten().min()
    } else if let Fact::Agreement(agreement) = fact {
        match agreement {
            Agreement::Delegation(agreement) => agreement.until,
            Agreement::Confidentiality(agreement) | Agreement::Partner(agreement) => agreement.until,
            Agreement::Joint(agreement) => agreement.until,
        }
    } else if let Fact::Mechanism(mechanism) = fact {
        mechanism.until
    } else {
        None
    }
}
