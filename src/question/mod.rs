//! What people ask: one file for each question. Pure: no disk, no clock, no async.
//!
//! [`ask`] answers any question that acts alone decide, from the history of one subject. [`judge`] answers those that
//! other facts decide too, authorizations above all.

mod activities;
mod assessments;
mod crossings;
mod cut;
mod decisions;
mod erasure;
mod error;
mod exposure;
mod held;
mod holders;
mod judged;
mod lineage;
mod minors;
mod paths;
mod purposes;
mod reach;
mod read;
mod reidentification;
mod transfers;
mod unexplained;
mod unlawful;
mod withdrawal;

pub use error::AskError;
pub use judged::Judged;
pub use reach::together;
pub use read::{Asked, KINDS, read};

use crate::graph::{History, ProcessorNo, Replay};
use crate::model::alike::nearest;
use crate::model::fact::{self, Mechanism};
use crate::model::id::{CategoryId, FieldId, ProcessorId, SubjectId};
use crate::model::plural::counted;
use crate::model::question::{Answer, Question};
use crate::model::recorded::RecordTime;
use crate::model::time::{Instant, Zone};

/// What a question is asked of.
pub struct Scope<'a> {
    /// The acts about the subject.
    pub history: &'a History,
    /// The copies they make.
    pub replay: &'a Replay,
    /// The same acts as facts, for the checker of witnesses; none where facts other than acts decide too, since
    /// [`Judged`] has them.
    pub record: Record<'a>,
    /// Anonymized fields and when somebody re-identified them, about any subject.
    pub defeated: &'a [(FieldId, Instant)],
    /// The transfer mechanisms on record.
    pub mechanisms: &'a [&'a Mechanism],
    /// The instant asked for.
    pub as_of: Instant,
    /// The moment of the record up to which the facts are known, when the question says so.
    pub known_at: Option<RecordTime>,
    /// For printing.
    pub zone: &'a Zone,
    /// Whether a processor ever gave data to anybody, about any subject.
    pub sends: &'a dyn Fn(ProcessorNo) -> bool,
    /// When the acts are only those that one question of reach needs: who is known to have had what it asks about beside
    /// those of whom these acts say so.
    pub had: &'a [ProcessorNo],
    /// Who stands for others.
    pub alike: Option<&'a Alike>,
}

/// The acts as the checker of witnesses wants them, which knows no numbers.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// As facts, in order.
    Facts(&'a [&'a fact::Act]),
    /// Those of many persons: the acts about one of them are made facts again when they are needed.
    Numbered(&'a History),
}

/// A person who stands for others who have the same, and who are not in the history.
#[derive(Clone, Debug)]
pub struct Alike {
    /// Who is in the history: the first declared of them.
    pub first: SubjectId,
    /// How many others there are.
    pub others: usize,
}

/// Answers a judged question.
pub fn judge(judged: &Judged<'_>, question: &Question) -> Result<Answer, AskError> {
    match question {
        Question::Paths(question) => paths::answer(judged, question),
        Question::Unlawful {
            field,
            subject,
            from,
            to,
        } => unlawful::answer(judged, field, subject, from.as_ref(), to.as_ref()),
        Question::Unexplained { subject } => unexplained::answer(judged, subject.as_ref()),
        Question::Reidentification { subject } => reidentification::answer(judged, subject.as_ref()),
        Question::Withdrawal {
            authorization,
            subject,
            at,
        } => withdrawal::answer(judged, authorization.as_ref(), subject.as_ref(), *at),
        Question::Erasure {
            subject,
            processor,
            fields,
            at,
        } => erasure::answer(judged, subject, processor, fields, *at),
        Question::Exposure {
            processor,
            during,
            subject,
        } => exposure::answer(judged, processor, *during, subject.as_ref()),
        Question::Cut(question) => cut::answer(judged, question),
        Question::Held { subject, at } => held::answer(judged, subject, *at),
        Question::Activities {
            field,
            processor,
            subject,
        } => activities::answer(
            judged,
            activities::Of {
                field: field.as_ref(),
                processor: processor.as_ref(),
                subject: subject.as_ref(),
            },
        ),
        Question::Transfers { processor, subject } => {
            transfers::answer(judged, processor.as_ref(), subject.as_ref())
        }
        Question::Minors {
            processor,
            subject,
            at,
        } => minors::answer(judged, processor.as_ref(), subject.as_ref(), *at),
        Question::Assessments {
            processor,
            subject,
            within_days,
        } => assessments::answer(judged, processor.as_ref(), subject.as_ref(), *within_days),
        Question::Decisions {
            fields,
            categories,
            subject,
        } => decisions::answer(judged, fields, categories, subject.as_ref()),
        Question::Reach(_)
        | Question::Holders { .. }
        | Question::Purposes { .. }
        | Question::Crossings { .. }
        | Question::Downstream { .. }
        | Question::Sources { .. } => ask(judged.scope, question),
    }
}

/// Answers a question that acts alone decide. Cost: linear in the acts about the subject.
pub fn ask(scope: &Scope<'_>, question: &Question) -> Result<Answer, AskError> {
    match question {
        Question::Reach(question) => reach::answer(scope, question),
        Question::Holders {
            field, subject, at, ..
        } => holders::answer(scope, field, subject, *at),
        Question::Purposes { field, subject } => purposes::answer(scope, field, subject),
        Question::Crossings { subject } => crossings::answer(scope, subject),
        Question::Downstream {
            from, field, subject, ..
        } => lineage::downstream(scope, from, field, subject),
        Question::Sources {
            processor,
            field,
            subject,
            ..
        } => lineage::sources(scope, processor, field, subject),
        Question::Paths(_)
        | Question::Unlawful { .. }
        | Question::Unexplained { .. }
        | Question::Reidentification { .. }
        | Question::Withdrawal { .. }
        | Question::Erasure { .. }
        | Question::Exposure { .. }
        | Question::Cut(_)
        | Question::Held { .. }
        | Question::Activities { .. }
        | Question::Transfers { .. }
        | Question::Minors { .. }
        | Question::Assessments { .. }
        | Question::Decisions { .. } => Err(AskError::NeedsJudging {
            kind: question.kind(),
        }),
    }
}

impl Scope<'_> {
    /// What reach looks at: what arrived up to the moment that is known, or else up to the instant asked for.
    fn limit(&self) -> Instant {
        match self.known_at {
            Some(RecordTime::At(at)) => at,
            Some(RecordTime::Number(_)) | None => self.as_of,
        }
    }

    fn field(&self, id: &FieldId) -> Result<crate::graph::FieldNo, AskError> {
        let fields = self.history.things.fields();
        fields.get(id).ok_or_else(|| AskError::UnknownField {
            id: id.to_string(),
            near: nearest(id.as_str(), fields.ids().iter().map(FieldId::as_str)).map(str::to_owned),
        })
    }

    fn processor(&self, id: &ProcessorId) -> Result<ProcessorNo, AskError> {
        let processors = self.history.things.processors();
        processors.get(id).ok_or_else(|| AskError::UnknownProcessor {
            id: id.to_string(),
            near: nearest(id.as_str(), processors.ids().iter().map(ProcessorId::as_str)).map(str::to_owned),
        })
    }

    fn category(&self, id: &CategoryId) -> Result<(), AskError> {
        let categories = self.history.things.categories();
        let known = categories.get(id).map(|_| ());
        known.ok_or_else(|| AskError::UnknownCategory {
            id: id.to_string(),
            near: nearest(id.as_str(), categories.ids().iter().map(CategoryId::as_str)).map(str::to_owned),
        })
    }

    fn processors(&self, ids: &[ProcessorId]) -> Result<Vec<ProcessorNo>, AskError> {
        ids.iter().map(|id| self.processor(id)).collect()
    }

    fn subject(&self, id: &SubjectId) -> Result<crate::graph::SubjectNo, AskError> {
        self.history
            .subjects()
            .get(id)
            .ok_or_else(|| AskError::UnknownSubject { id: id.to_string() })
    }
}
