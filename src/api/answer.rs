//! Answers, one type for each question. Each carries its verdict, the reasons, and the state of the facts that
//! it was given from, so that it can be asked for again.

use async_graphql::SimpleObject;

use super::moment::RecordMoment;
use super::step::{Reason, Step, texts};
use super::time::{DateTime, Placed};
use super::words::Verdict;
use crate::db::Snapshot;
use crate::model::question::{self, Answer};

/// What every answer says. It is flattened into each.
#[derive(SimpleObject)]
pub struct Ground {
    /// Yes or no; for questions about lists, yes when there is at least one entry.
    verdict: Verdict,
    /// Why.
    reasons: Vec<Reason>,
    /// Entries of the list, or arrivals, that are there for some instants inside the bounds of acts of uncertain times and
    /// not for all, by name; sorted.
    possible: Vec<String>,
    /// Of a possible answer: where it takes acts of uncertain times to be. The witness proves it there.
    placement: Vec<Placed>,
    /// The instant that the question was answered for.
    as_of: DateTime,
    /// The moment of the record up to which the answer knows the facts, when one was asked for.
    as_known_at: Option<RecordMoment>,
    /// The number of the newest commit that the answer knows.
    sequence: u64,
    /// The hash chain of the facts at that commit: the same head means the same facts.
    head: String,
}

impl Ground {
    /// What this answer, given from this snapshot, says beside its entries.
    pub fn of(answer: &mut Answer, snapshot: &Snapshot) -> Self {
        Self {
            verdict: answer.verdict.into(),
            reasons: std::mem::take(&mut answer.reasons)
                .into_iter()
                .map(Into::into)
                .collect(),
            possible: std::mem::take(&mut answer.unsure.possible),
            placement: Placed::all(&answer.unsure.placement, snapshot.zone()),
            as_of: DateTime::new(answer.as_of, snapshot.zone()),
            as_known_at: snapshot
                .knows_until()
                .map(|moment| RecordMoment::new(moment, snapshot.zone())),
            sequence: snapshot.sequence(),
            head: snapshot.head(),
        }
    }
}

/// Whether data, or anything made from it, ever reached a party.
#[derive(SimpleObject)]
pub struct ReachAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// The shortest chain of acts that proves a yes, in order; empty for a no.
    pub witness: Vec<Step>,
    /// Whether the order of the acts of the witness is on record: not if two of them fall into one instant that is taken in
    /// any order.
    pub order_proven: bool,
    /// The ids of the acts by which it arrived, sorted.
    pub arrivals: Vec<String>,
    /// The ids of acts that would have carried it although the record says that it was deleted before, sorted.
    /// They contradict the record and are no part of the verdict.
    pub contradicted: Vec<String>,
    /// Parties that hold the data, or something made from it, and report no outgoing flow at all: beyond them
    /// nothing is on record. Sorted.
    pub boundary: Vec<String>,
}

impl ReachAnswer {
    /// The details of a reach answer, in GraphQL.
    pub fn new(ground: Ground, reached: &question::Reached, snapshot: &Snapshot) -> Self {
        Self {
            ground,
            witness: Step::all(&reached.witness, snapshot.zone()),
            order_proven: reached.is_order_proven,
            arrivals: texts(&reached.arrivals),
            contradicted: texts(&reached.contradicted),
            boundary: texts(&reached.boundary),
        }
    }
}

/// Who holds data.
#[derive(SimpleObject)]
pub struct HoldersAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// The processors that hold it, sorted.
    pub holders: Vec<String>,
}

/// A processor used data for a purpose.
#[derive(SimpleObject)]
pub struct Use {
    /// Who used it.
    pub processor: String,
    /// What for.
    pub purpose: String,
}

/// For which purposes data was used.
#[derive(SimpleObject)]
pub struct UsesAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// Who used it for what, sorted by processor and purpose.
    pub uses: Vec<Use>,
}

/// Something that carried data over the border of the home country: an act, or a holder that moved abroad with
/// the data in its hands.
#[derive(SimpleObject)]
pub struct Crossing {
    /// When.
    at: DateTime,
    /// The act that did it; null when a holder moved.
    act: Option<Step>,
    /// Who gave the data, or who moved.
    processor: Option<String>,
    /// Who received the data; null when it was stored or moved.
    recipient: Option<String>,
    /// Which data.
    fields: Vec<String>,
    /// The country it came from; null when a holder moved.
    from_country: Option<String>,
    /// The country it went to.
    to_country: Option<String>,
    /// The mechanisms that were valid at that instant and cover it; always empty for a store and for a move.
    mechanisms: Vec<String>,
}

impl Crossing {
    fn new(position: usize, crossing: &question::Crossing, snapshot: &Snapshot) -> Self {
        let zone = snapshot.zone();
        match crossing {
            question::Crossing::Act { step, mechanisms } => Self {
                at: DateTime::new(step.at, zone),
                act: Some(Step::new(position, step, zone)),
                processor: step.actor.as_ref().map(ToString::to_string),
                recipient: step.recipient.as_ref().map(ToString::to_string),
                fields: texts(&step.fields),
                from_country: step.crossing.as_ref().map(|(from, _)| from.to_string()),
                to_country: step.crossing.as_ref().map(|(_, to)| to.to_string()),
                mechanisms: texts(mechanisms),
            },
            question::Crossing::Move {
                processor,
                country,
                at,
                fields,
            } => Self {
                at: DateTime::new(*at, zone),
                act: None,
                processor: Some(processor.to_string()),
                recipient: None,
                fields: texts(fields),
                from_country: None,
                to_country: Some(country.to_string()),
                mechanisms: Vec::new(),
            },
        }
    }
}

/// What carried a subject's data over the border of the home country.
#[derive(SimpleObject)]
pub struct CrossingsAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// Acts in order, then moves of holders in the order of the processors.
    pub crossings: Vec<Crossing>,
}

impl CrossingsAnswer {
    /// The crossings, in GraphQL.
    pub fn new(ground: Ground, crossings: &[question::Crossing], snapshot: &Snapshot) -> Self {
        Self {
            ground,
            crossings: (1..)
                .zip(crossings)
                .map(|(position, crossing)| Crossing::new(position, crossing, snapshot))
                .collect(),
        }
    }
}

/// Data at a processor.
#[derive(SimpleObject)]
pub struct Holding {
    /// Who has it.
    pub processor: String,
    /// Which data.
    pub field: String,
}

/// What exists downstream of data.
#[derive(SimpleObject)]
pub struct DownstreamAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// The data, and everything made from it, wherever it is; sorted by processor and field.
    pub holdings: Vec<Holding>,
}

/// Where data came from at first.
#[derive(SimpleObject)]
pub struct Source {
    /// Who collected it.
    pub processor: String,
    /// Which data.
    pub field: String,
    /// The id of the act that collected it.
    pub act: String,
}

/// From what data was made.
#[derive(SimpleObject)]
pub struct SourcesAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// The first acquisitions that it descends from, sorted by processor, field and act.
    pub sources: Vec<Source>,
}
