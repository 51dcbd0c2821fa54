//! What a check tells beside its findings: what is recorded but cannot be verified, who answers, and what left.

use std::collections::{BTreeMap, BTreeSet};

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

impl Appendix {
    /// Together with what is told of other acts and findings; evidence of the one, then of the other.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut answers: BTreeMap<ProcessorId, (usize, usize)> = BTreeMap::new();
        for row in self.answers.into_iter().chain(other.answers) {
            let counts = answers.entry(row.processor).or_default();
            counts.0 += row.own;
            counts.1 += row.by_delegates;
        }
        let mut leaving: BTreeMap<(ProcessorId, ProcessorId), (BTreeSet<FieldId>, usize)> = BTreeMap::new();
        for row in self.leaving.into_iter().chain(other.leaving) {
            let hop = leaving.entry((row.from, row.to)).or_default();
            hop.0.extend(row.fields);
            hop.1 += row.acts;
        }
        let mut volunteered = self.volunteered;
        for row in other.volunteered {
            match volunteered.iter_mut().find(|own| own.field == row.field) {
                Some(own) => {
                    own.collected += row.collected;
                    own.of += row.of;
                }
                None => volunteered.push(row),
            }
        }
        let mut recorded = self.recorded;
        recorded.extend(other.recorded);
        Self {
            recorded,
            answers: answers
                .into_iter()
                .map(|(processor, (own, by_delegates))| Answers {
                    processor,
                    own,
                    by_delegates,
                })
                .collect(),
            leaving: leaving
                .into_iter()
                .map(|((from, to), (fields, acts))| Leaving {
                    from,
                    to,
                    fields: fields.into_iter().collect(),
                    acts,
                })
                .collect(),
            volunteered,
        }
    }
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
