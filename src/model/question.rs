//! Questions and answers, as the library, the command line and GraphQL share them.

use super::finding::Step;
use super::id::{CategoryId, FactId, FieldId, ProcessorId, PurposeId, SubjectId};
use super::row::Row;
use super::time::Instant;
use super::word::{Ties, Verdict};

/// A question about one subject's data. Cost: one pass over the acts about the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Did the field, or anything made from it, ever reach the processor?
    Reach(ReachQuestion),
    /// Who holds the field?
    Holders {
        /// Which data.
        field: FieldId,
        /// Whose data.
        subject: SubjectId,
        /// When; absent means `as_of`.
        at: Option<Instant>,
        /// How acts of one instant are taken.
        ties: Ties,
    },
    /// By whom and for which purposes was the field used?
    Purposes {
        /// Which data.
        field: FieldId,
        /// Whose data.
        subject: SubjectId,
    },
    /// What carried the subject's data over the border of home?
    Crossings {
        /// Whose data.
        subject: SubjectId,
    },
    /// What exists downstream of the field as held by the processor?
    Downstream {
        /// At whom.
        from: ProcessorId,
        /// Which data.
        field: FieldId,
        /// Whose data.
        subject: SubjectId,
        /// How acts of one instant are taken.
        ties: Ties,
    },
    /// From what is the field at the processor made, and where was that collected?
    Sources {
        /// At whom.
        processor: ProcessorId,
        /// Which data.
        field: FieldId,
        /// Whose data.
        subject: SubjectId,
        /// How acts of one instant are taken.
        ties: Ties,
    },
    /// Did the field reach the processor lawfully, unlawfully, or both ways?
    Paths(PathsQuestion),
    /// Did the field, or anything made from it, go to anybody unlawfully, and who answers for it?
    Unlawful {
        /// Which data.
        field: FieldId,
        /// Whose data.
        subject: SubjectId,
        /// As held by this processor; absent means by anybody.
        from: Option<ProcessorId>,
        /// Only what came to this processor in the end.
        to: Option<ProcessorId>,
    },
    /// Which flows have no explanation?
    Unexplained {
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
    },
    /// Who could identify de-identified data, and which releases are known not to have been anonymous?
    Reidentification {
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
    },
    /// Which activities rest on one authorization alone, and what breaks when one is withdrawn?
    Withdrawal {
        /// What is withdrawn; absent asks for what is fragile.
        authorization: Option<FactId>,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
        /// When; absent means `as_of`.
        at: Option<Instant>,
    },
    /// Who must act when a subject asks a processor to delete, and by when?
    Erasure {
        /// Who asks.
        subject: SubjectId,
        /// Who is asked.
        processor: ProcessorId,
        /// Which data, and what was made from it; empty means all.
        fields: Vec<FieldId>,
        /// When it is asked; absent means `as_of`.
        at: Option<Instant>,
    },
    /// A breach: whose data, from where, who got it afterwards, who must be told by when?
    Exposure {
        /// Where.
        processor: ProcessorId,
        /// When; without ends at `as_of`.
        during: Window,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
    },
    /// Which fewest acts and relationships brought the field to the processor?
    Cut(PathsQuestion),
    /// Who holds what about a person, and from where?
    Held {
        /// About whom.
        subject: SubjectId,
        /// When; absent means `as_of`.
        at: Option<Instant>,
    },
    /// For which purposes was data used, and was that authorized, and declared?
    Activities {
        /// Which data; absent means all.
        field: Option<FieldId>,
        /// Who acts; absent means anybody.
        processor: Option<ProcessorId>,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
    },
    /// What crossed a border, and under which safeguards?
    Transfers {
        /// Who gave or took; absent means anybody.
        processor: Option<ProcessorId>,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
    },
    /// Who has data of minors, and of people whose age nobody knows?
    Minors {
        /// Who has it; absent means anybody.
        processor: Option<ProcessorId>,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
        /// When; absent means `as_of`.
        at: Option<Instant>,
    },
    /// Which risky activities were not assessed before, or too long ago?
    Assessments {
        /// Who acts; absent means anybody.
        processor: Option<ProcessorId>,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
        /// Days of 24 hours for which an assessment is good; absent means as the rules on record say.
        within_days: Option<i64>,
    },
    /// Does a decision descend from a protected attribute?
    Decisions {
        /// The fields that are decisions.
        fields: Vec<FieldId>,
        /// What is protected, with all below; empty means what the rules on record protect, or else what is sensitive.
        categories: Vec<CategoryId>,
        /// Whose data; absent means everybody's.
        subject: Option<SubjectId>,
    },
}

/// The parameters of a question about the paths to a processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathsQuestion {
    /// Which data.
    pub field: FieldId,
    /// Whom it may have reached.
    pub to: ProcessorId,
    /// Whose data.
    pub subject: SubjectId,
    /// As held by this processor; absent means by anybody.
    pub from: Option<ProcessorId>,
}

/// The parameters of a reach question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachQuestion {
    /// Which data.
    pub field: FieldId,
    /// As held by this processor; absent means by anybody.
    pub from: Option<ProcessorId>,
    /// Whom it may have reached.
    pub to: ProcessorId,
    /// Whose data; absent: anybody's.
    pub subject: Option<SubjectId>,
    /// Only by way of all of these processors: each had it before its last holder.
    pub through: Vec<ProcessorId>,
    /// Only by ways that none of these processors is part of.
    pub avoiding: Vec<ProcessorId>,
    /// Only as personal data: anonymized copies end the way.
    pub personal_only: bool,
    /// Also by what carried no values and had a say in what came out: filters, joins, groups.
    pub influence: bool,
    /// Only copies that the processor still held at this instant.
    pub held_at: Option<Instant>,
    /// Only what arrived in this window.
    pub during: Window,
    /// How acts of one instant are taken.
    pub ties: Ties,
}

impl ReachQuestion {
    /// Did the field of the subject ever reach the processor, from anywhere, in any way?
    pub fn new(field: FieldId, to: ProcessorId, subject: SubjectId) -> Self {
        Self {
            field,
            from: None,
            to,
            subject: Some(subject),
            through: Vec::new(),
            avoiding: Vec::new(),
            personal_only: false,
            influence: false,
            held_at: None,
            during: Window::default(),
            ties: Ties::Recorded,
        }
    }
}

/// A stretch of time, half-open: `from <= t < until`. A missing end is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// From here on, it included.
    pub from: Option<Instant>,
    /// Until here, it excluded.
    pub until: Option<Instant>,
}

impl Window {
    /// Whether the instant lies in it.
    pub fn contains(self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

impl Question {
    /// The name of the question, as `ask` takes it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Reach(_) => "reach",
            Self::Holders { .. } => "holders",
            Self::Purposes { .. } => "purposes",
            Self::Crossings { .. } => "crossings",
            Self::Downstream { .. } => "downstream",
            Self::Sources { .. } => "sources",
            Self::Paths(_) => "paths",
            Self::Unlawful { .. } => "unlawful",
            Self::Unexplained { .. } => "unexplained",
            Self::Reidentification { .. } => "reidentification",
            Self::Withdrawal { .. } => "withdrawal",
            Self::Erasure { .. } => "erasure",
            Self::Exposure { .. } => "exposure",
            Self::Cut(_) => "cut",
            Self::Held { .. } => "held",
            Self::Activities { .. } => "activities",
            Self::Transfers { .. } => "transfers",
            Self::Minors { .. } => "minors",
            Self::Assessments { .. } => "assessments",
            Self::Decisions { .. } => "decisions",
        }
    }

    /// Whose data it is about; `None` for everybody's.
    pub fn subject(&self) -> Option<&SubjectId> {
        match self {
            Self::Reach(question) => question.subject.as_ref(),
            Self::Paths(question) | Self::Cut(question) => Some(&question.subject),
            Self::Holders { subject, .. }
            | Self::Purposes { subject, .. }
            | Self::Crossings { subject }
            | Self::Downstream { subject, .. }
            | Self::Sources { subject, .. }
            | Self::Unlawful { subject, .. }
            | Self::Erasure { subject, .. }
            | Self::Held { subject, .. } => Some(subject),
            Self::Unexplained { subject }
            | Self::Reidentification { subject }
            | Self::Withdrawal { subject, .. }
            | Self::Exposure { subject, .. }
            | Self::Activities { subject, .. }
            | Self::Transfers { subject, .. }
            | Self::Minors { subject, .. }
            | Self::Assessments { subject, .. }
            | Self::Decisions { subject, .. } => subject.as_ref(),
        }
    }

    /// How many places a chain is asked to have passed.
    pub fn places(&self) -> usize {
        if let Self::Reach(question) = self {
            1 + question.through.len()
        } else {
            1
        }
    }

    /// How acts of one instant are taken.
    pub fn ties(&self) -> Ties {
        match self {
            Self::Reach(question) => question.ties,
            Self::Holders { ties, .. } | Self::Downstream { ties, .. } | Self::Sources { ties, .. } => *ties,
            Self::Purposes { .. }
            | Self::Crossings { .. }
            | Self::Paths(_)
            | Self::Unlawful { .. }
            | Self::Unexplained { .. }
            | Self::Reidentification { .. }
            | Self::Withdrawal { .. }
            | Self::Erasure { .. }
            | Self::Exposure { .. }
            | Self::Cut(_)
            | Self::Held { .. }
            | Self::Activities { .. }
            | Self::Transfers { .. }
            | Self::Minors { .. }
            | Self::Assessments { .. }
            | Self::Decisions { .. } => Ties::Recorded,
        }
    }

    /// Whether it asks of single hops, if each was lawful or could be missing.
    pub fn is_about_hops(&self) -> bool {
        matches!(self, Self::Paths(_) | Self::Unlawful { .. } | Self::Cut(_))
    }

    /// Whether facts other than acts decide it, authorizations above all.
    pub fn is_judged(&self) -> bool {
        match self {
            Self::Reach(_)
            | Self::Holders { .. }
            | Self::Purposes { .. }
            | Self::Crossings { .. }
            | Self::Downstream { .. }
            | Self::Sources { .. } => false,
            Self::Paths(_)
            | Self::Unlawful { .. }
            | Self::Unexplained { .. }
            | Self::Reidentification { .. }
            | Self::Withdrawal { .. }
            | Self::Erasure { .. }
            | Self::Exposure { .. }
            | Self::Cut(_)
            | Self::Held { .. }
            | Self::Activities { .. }
            | Self::Transfers { .. }
            | Self::Minors { .. }
            | Self::Assessments { .. }
            | Self::Decisions { .. } => true,
        }
    }
}

/// Why an answer is what it is: a stable code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: &'static str,
    /// One sentence for people.
    pub text: String,
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes or no for reach; for lists, yes when there is at least one entry.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What was found.
    pub found: Found,
    /// What hangs on times that are not known.
    pub unsure: Unsure,
    /// The instant it was asked for.
    pub as_of: Instant,
}

impl Answer {
    /// A list of rows: yes when there is at least one.
    pub fn of_rows(rows: Vec<Row>, reasons: Vec<Reason>, as_of: Instant) -> Self {
        Self {
            verdict: if rows.is_empty() {
                Verdict::No
            } else {
                Verdict::Yes
            },
            reasons,
            found: Found::Rows(rows),
            unsure: Unsure::default(),
            as_of,
        }
    }
}

/// What hangs on the times of acts of which only the bounds are known. Empty where all instants are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsure {
    /// Of a possible answer: where it takes these acts to be. The witness proves it there.
    pub placement: Vec<(FactId, Instant)>,
    /// Entries of the list, or arrivals, that are there for some instants inside the bounds and not for all, by name;
    /// sorted.
    pub possible: Vec<String>,
}

/// What was found, by kind of question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Of a reach question.
    Reach(Reached),
    /// Processors, sorted.
    Holders(Vec<ProcessorId>),
    /// Processor and purpose, sorted.
    Purposes(Vec<(ProcessorId, PurposeId)>),
    /// Acts in order, then moves of holders in the order of the processors.
    Crossings(Vec<Crossing>),
    /// Processor and field, sorted.
    Downstream(Vec<(ProcessorId, FieldId)>),
    /// Processor, field and the act that acquired it, sorted.
    Sources(Vec<(ProcessorId, FieldId, FactId)>),
    /// Of a judged question.
    Rows(Vec<Row>),
}

/// Something that carried data over the border of home.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most are acts, and answers hold few of either"
)]
pub enum Crossing {
    /// A flow abroad, or a store abroad.
    Act {
        /// The act.
        step: Step,
        /// Mechanisms that were valid at that instant; always empty for a store.
        mechanisms: Vec<FactId>,
    },
    /// A holder moved abroad with the data in its hands.
    Move {
        /// Who moved.
        processor: ProcessorId,
        /// Where to.
        country: super::id::Country,
        /// When.
        at: Instant,
        /// Which of the subject's fields it held.
        fields: Vec<FieldId>,
    },
}

/// The details of a reach answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The shortest chain of acts that proves a yes; empty for a no.
    pub witness: Vec<Step>,
    /// When it arrived by that chain.
    pub arrived: Option<Instant>,
    /// Whether the order of the witness's acts is on record.
    pub is_order_proven: bool,
    /// The acts by which it arrived, sorted.
    pub arrivals: Vec<FactId>,
    /// Acts that would have carried it although the record says it was deleted before: contradictions, not part
    /// of the verdict. Sorted.
    pub contradicted: Vec<FactId>,
    /// Processors that hold the data, or something made from it, and report no outgoing flow at all: beyond
    /// them nothing is on record. Sorted.
    pub boundary: Vec<ProcessorId>,
}
