//! Rows of judged answers: what was found, who answers for it, and the acts that prove it.

use super::finding::{Certainty, Step};
use super::id::{FactId, FieldId, ProcessorId, PurposeId, SubjectId};
use super::time::Instant;

/// One row. What does not apply is left empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What kind of row it is; the codes are those of the question.
    pub code: String,
    /// One sentence for people.
    pub text: String,
    /// When; at the earliest, where only the bounds of that are known.
    pub at: Option<Instant>,
    /// The bounds of that instant, both included, where only they are known.
    pub between: Option<(Instant, Instant)>,
    /// How sure it is; nothing where all instants are known.
    pub certainty: Option<Certainty>,
    /// Of a possible row: where it takes acts of uncertain times to be.
    pub placement: Vec<(FactId, Instant)>,
    /// Of several acts: when the last of them was; `at` is the first.
    pub last: Option<Instant>,
    /// Of several acts: how many.
    pub count: Option<usize>,
    /// The act it is about.
    pub act: Option<FactId>,
    /// Who acted, holds or has to act.
    pub processor: Option<ProcessorId>,
    /// Who received.
    pub recipient: Option<ProcessorId>,
    /// What for.
    pub purpose: Option<PurposeId>,
    /// Whose data, sorted.
    pub subjects: Vec<SubjectId>,
    /// Which data, sorted.
    pub fields: Vec<FieldId>,
    /// The facts that decide it: authorizations, agreements, rules.
    pub because: Vec<String>,
    /// By when something has to be done; at the earliest, where only the bounds of that are known.
    pub due: Option<Instant>,
    /// The bounds of the deadline, both included, where only they are known.
    pub due_between: Option<(Instant, Instant)>,
    /// Who has the data by way of it, sorted.
    pub parties: Vec<ProcessorId>,
    /// The acts that prove it, in order.
    pub witness: Vec<Step>,
    /// Where two chains prove it together, the other one.
    pub also: Vec<Step>,
}

impl Row {
    /// A row with a code and a sentence, all else empty.
    pub fn new(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            text: text.into(),
            at: None,
            between: None,
            certainty: None,
            placement: Vec::new(),
            last: None,
            count: None,
            act: None,
            processor: None,
            recipient: None,
            purpose: None,
            subjects: Vec::new(),
            fields: Vec::new(),
            because: Vec::new(),
            due: None,
            due_between: None,
            parties: Vec::new(),
            witness: Vec::new(),
            also: Vec::new(),
        }
    }
}
