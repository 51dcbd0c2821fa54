//! A draft: what a check has found, in numbers. `finding` makes it readable.

use super::gather::Gather;
use crate::flow::Policy;
use crate::graph::{Act, ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::finding::Culprit;
use crate::model::place::Place;
use crate::model::time::{Instant, Stretch};

/// What a check has found.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Reason code.
    pub reason: String,
    /// Since when.
    pub at: Instant,
    /// The act, when it is about one.
    pub act: Option<ActNo>,
    /// When it is wrong, if that is not one instant.
    pub during: Vec<Stretch>,
    /// The act or fact.
    pub culprit: Culprit,
    /// Where it stands.
    pub place: Option<Place>,
    /// Who answers for it.
    pub processor: ProcessorNo,
    /// Whose data, in any order, doubles allowed.
    pub subjects: Vec<SubjectNo>,
    /// Which data, in any order, doubles allowed.
    pub fields: Vec<FieldNo>,
    /// Deciding facts, in any order, doubles allowed.
    pub because: Vec<String>,
    /// The acts that prove it.
    pub witness: Vec<ActNo>,
    /// The flow policy that decided, when one did.
    pub decided_by: Option<Box<Policy>>,
    /// It is what one subject adds to a finding about many.
    pub gather: Option<Gather>,
}

impl Draft {
    /// Something wrong with an act, at its instant, about all its subjects and fields.
    pub fn of_act(number: ActNo, act: &Act, processor: ProcessorNo, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            at: act.at,
            act: Some(number),
            during: Vec::new(),
            culprit: Culprit::Event(act.id.clone()),
            place: Some(act.place.clone()),
            processor,
            subjects: act.subjects.to_vec(),
            fields: act.fields.to_vec(),
            because: Vec::new(),
            witness: Vec::new(),
            decided_by: None,
            gather: None,
        }
    }

    /// Something wrong with a fact, about nobody's data yet.
    pub fn of_fact(
        name: impl Into<String>,
        place: Option<&Place>,
        at: Instant,
        processor: ProcessorNo,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            reason: reason.into(),
            at,
            act: None,
            during: Vec::new(),
            culprit: Culprit::Fact(name.into()),
            place: place.cloned(),
            processor,
            subjects: Vec::new(),
            fields: Vec::new(),
            because: Vec::new(),
            witness: Vec::new(),
            decided_by: None,
            gather: None,
        }
    }

    /// With these subjects.
    #[must_use]
    pub fn subjects(mut self, subjects: Vec<SubjectNo>) -> Self {
        self.subjects = subjects;
        self
    }

    /// With these fields.
    #[must_use]
    pub fn fields(mut self, fields: Vec<FieldNo>) -> Self {
        self.fields = fields;
        self
    }

    /// With these deciding facts.
    #[must_use]
    pub fn because(mut self, because: impl IntoIterator<Item = impl ToString>) -> Self {
        self.because = because.into_iter().map(|name| name.to_string()).collect();
        self
    }

    /// With this witness.
    #[must_use]
    pub fn witness(mut self, witness: Vec<ActNo>) -> Self {
        self.witness = witness;
        self
    }

    /// As what this subject adds to a finding about many.
    #[must_use]
    pub fn gathered(mut self, how: Gather, subject: SubjectNo) -> Self {
        self.subjects = vec![subject];
        self.gather = Some(how);
        self
    }

    /// Of a standing act, all the time that it is active.
    #[must_use]
    pub fn all_along(mut self, act: &Act) -> Self {
        self.during.extend(act.when.standing());
        self
    }

    /// At another instant.
    #[must_use]
    pub fn at(mut self, at: Instant) -> Self {
        self.at = at;
        self
    }
}
