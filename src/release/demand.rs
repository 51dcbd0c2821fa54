//! What the release check demands by itself, beside the rules of facts and packs.

use std::sync::Arc;

use crate::model::finding::{Culprit, Finding, Step, Whom};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::place::Place;
use crate::model::time::Instant;
use crate::model::word::Severity;
use crate::rules;

/// A demand of the check itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// No suppression outlives its day while what it covers is still there.
    Suppressions,
    /// Everybody who received personal data says what became of it.
    Complete,
    /// Every flow that is observed was declared.
    Declared,
    /// Every declaration is of use.
    Used,
}

impl Demand {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Suppressions, Self::Complete, Self::Declared, Self::Used];

    /// The clause of all demands: they come from no law or policy.
    pub const CLAUSE: &str = "release-check";

    /// Its name in findings.
    pub fn id(self) -> &'static str {
        match self {
            Self::Suppressions => "suppressions",
            Self::Complete => "complete",
            Self::Declared => "declared",
            Self::Used => "used",
        }
    }

    /// What must hold.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Suppressions => "No suppression outlives its day while what it covers is still there.",
            Self::Complete => "Everybody who received personal data reports what he does with data.",
            Self::Declared => "Every flow that is observed was declared.",
            Self::Used => "Every declared flow is observed.",
        }
    }

    /// How bad a finding is.
    pub fn severity(self) -> Severity {
        match self {
            Self::Complete => Severity::Error,
            Self::Suppressions | Self::Declared => Severity::Warning,
            Self::Used => Severity::Note,
        }
    }
}

/// What a demand is not met by.
#[derive(Debug)]
pub struct Unmet {
    /// Which demand.
    pub demand: Demand,
    /// In which way.
    pub reason: &'static str,
    /// Since when.
    pub at: Instant,
    /// By what.
    pub culprit: Culprit,
    /// Who answers for it.
    pub processor: ProcessorId,
    /// Whose data.
    pub subjects: Vec<SubjectId>,
    /// Which data.
    pub fields: Vec<FieldId>,
    /// Deciding facts.
    pub because: Vec<String>,
    /// The acts that prove it.
    pub witness: Vec<Step>,
    /// One sentence.
    pub sentence: String,
    /// The organization of the processor at that instant, when that is another.
    pub owner: Option<ProcessorId>,
    /// What names it when ids of acts and instants change.
    pub lasting: Vec<String>,
    /// Where it stands.
    pub place: Option<Place>,
}

impl Unmet {
    /// As a finding, with one fingerprint for each field.
    pub fn finding(self) -> Finding {
        let mut parts: Vec<&str> = vec![self.demand.id(), self.reason, "demand"];
        parts.extend(self.lasting.iter().map(String::as_str));
        parts.push(self.processor.as_str());
        let fields: Vec<&str> = self.fields.iter().map(FieldId::as_str).collect();
        let fingerprints = rules::fingerprints(&parts, &fields);
        Finding {
            between: None,
            certainty: None,
            placement: Vec::new(),
            supposes: Vec::new(),
            during: Vec::new(),
            rule: self.demand.id().into(),
            clause: Demand::CLAUSE.to_owned(),
            severity: self.demand.severity(),
            reason: self.reason.to_owned(),
            at: self.at,
            culprit: self.culprit,
            processor: self.processor,
            owner: self.owner,
            subjects: self.subjects,
            whom: Whom::Unasked,
            fields: self.fields,
            because: self.because,
            witness: self.witness,
            sentence: self.sentence,
            fingerprints,
            place: self.place,
            about: Arc::default(),
        }
    }
}
