//! What a check tells beside its findings: what is recorded but cannot be verified, who answers, and what left.

use super::id::{FactId, FieldId, ProcessorId};
use super::time::Instant;

/// What is told beside the findings when facts are held to rule packs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appendix {
    /// Evidence that is in force, by rule, processor and kind.
    pub recorded: Vec<Recorded>,
    /// Who answers for the findings, sorted by name.
    pub answers: Vec<Answers>,
    /// Who gave data to somebody outside its own group, sorted by both names.
    pub leaving: Vec<Leaving>,
    /// Fields that people volunteered, in the order of the record.
    pub volunteered: Vec<Volunteered>,
}

/// Evidence on record, in force at the instant of the check. What it says is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The rule that asks for it.
    pub rule: FactId,
    /// The clause of the rule.
    pub clause: String,
    /// Whose evidence.
    pub processor: ProcessorId,
    /// Of what kind.
    pub kind: String,
    /// The evidence.
    pub id: FactId,
    /// When it expires; `None`: never.
    pub until: Option<Instant>,
}

/// How many findings a processor answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Who.
    pub processor: ProcessorId,
    /// Findings about its own doing.
    pub own: usize,
    /// Findings about what others did on its behalf.
    pub by_delegates: usize,
}

/// Data that left a group of companies: the last hop that its rules reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Who gave.
    pub from: ProcessorId,
    /// Who received.
    pub to: ProcessorId,
    /// Which fields, sorted.
    pub fields: Vec<FieldId>,
    /// In how many acts.
    pub acts: usize,
}

/// A field that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volunteered {
    /// The field.
    pub field: FieldId,
    /// Collections of it.
    pub collected: usize,
    /// Collections of any field.
    pub of: usize,
}
