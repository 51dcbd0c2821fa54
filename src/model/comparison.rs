//! What changed between two states of the facts.

use super::finding::Finding;
use super::id::{FactId, FieldId, ProcessorId, SubjectId};
use super::recorded::RecordTime;
use super::time::Instant;
use super::word::Role;

/// Which state: what held at an instant, by what was on record at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What held then.
    pub as_of: Instant,
    /// What was known then; absent means all that is on record.
    pub known_at: Option<RecordTime>,
}

/// What is in one of two lists only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<T> {
    /// In the later state only, in its order.
    pub added: Vec<T>,
    /// In the earlier state only, in its order.
    pub removed: Vec<T>,
}

impl<T> Difference<T> {
    /// Whether both lists are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// A copy that somebody held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeldCopy {
    /// Who held it.
    pub processor: ProcessorId,
    /// Which data.
    pub field: FieldId,
    /// Whose data.
    pub subject: SubjectId,
    /// The act by which it was acquired: its witness.
    pub via: FactId,
    /// In which role.
    pub role: Role,
    /// Since when.
    pub since: Instant,
}

/// What changed between two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The state that is compared with.
    pub before: Moment,
    /// The state that is compared.
    pub after: Moment,
    /// Copies that were held, sorted.
    pub copies: Difference<HeldCopy>,
    /// Authorizations that were in force, in the order of the record. One that says something else is in both lists.
    pub authorizations: Difference<FactId>,
    /// What was wrong by then, with the acts that prove it.
    pub findings: Difference<Finding>,
}

impl Comparison {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.copies.is_empty() && self.authorizations.is_empty() && self.findings.is_empty()
    }
}
