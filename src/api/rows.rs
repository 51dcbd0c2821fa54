//! Rows of judged answers.

use async_graphql::SimpleObject;

use super::answer::Ground;
use super::step::{Step, texts};
use super::time::{Bounds, DateTime, Placed};
use super::words::Certainty;
use crate::db::Snapshot;
use crate::model::row;

/// One row of a judged answer. What does not apply is null or empty.
#[derive(SimpleObject)]
pub struct Row {
    /// What kind of row it is; the question's description lists the codes.
    code: String,
    /// One sentence, for people.
    text: String,
    /// When; at the earliest, where only the bounds of that are known.
    at: Option<DateTime>,
    /// The bounds of that instant, where only they are known.
    between: Option<Bounds>,
    /// How sure it is; null where all instants are known.
    certainty: Option<Certainty>,
    /// Of a possible row: where it takes acts of uncertain times to be.
    placement: Vec<Placed>,
    /// Of several acts: when the last of them was; `at` is the first.
    last: Option<DateTime>,
    /// Of several acts: how many.
    count: Option<u32>,
    /// The id of the act that it is about.
    act: Option<String>,
    /// Who acted, holds, or has to act.
    processor: Option<String>,
    /// Who received.
    recipient: Option<String>,
    /// What for.
    purpose: Option<String>,
    /// Whose data, sorted.
    subjects: Vec<String>,
    /// Which data, sorted.
    fields: Vec<String>,
    /// The ids of the facts that decide it: authorizations, agreements, rules.
    because: Vec<String>,
    /// By when something has to be done; at the earliest, where only the bounds of that are known.
    due: Option<DateTime>,
    /// The bounds of the deadline, where only they are known.
    due_between: Option<Bounds>,
    /// Who has the data by way of it, sorted.
    parties: Vec<String>,
    /// The acts that prove it, in order.
    witness: Vec<Step>,
    /// Where two chains prove it together, the other one.
    also: Vec<Step>,
}

/// A judged answer.
#[derive(SimpleObject)]
pub struct RowsAnswer {
    #[graphql(flatten)]
    pub ground: Ground,
    /// What was found.
    pub rows: Vec<Row>,
}

impl RowsAnswer {
    /// The rows, in GraphQL.
    pub fn new(ground: Ground, rows: &[row::Row], snapshot: &Snapshot) -> Self {
        let zone = snapshot.zone();
        let text = |id: &Option<_>| id.as_ref().map(ToString::to_string);
        let rows = rows.iter().map(|row| Row {
            code: row.code.clone(),
            text: row.text.clone(),
            at: row.at.map(|at| DateTime::new(at, zone)),
            between: row.between.map(|bounds| Bounds::new(bounds, zone)),
            certainty: row.certainty.map(Into::into),
            placement: Placed::all(&row.placement, zone),
            last: row.last.map(|at| DateTime::new(at, zone)),
            count: row.count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
            act: row.act.as_ref().map(ToString::to_string),
            processor: text(&row.processor),
            recipient: text(&row.recipient),
            purpose: row.purpose.as_ref().map(ToString::to_string),
            subjects: texts(&row.subjects),
            fields: texts(&row.fields),
            because: row.because.clone(),
            due: row.due.map(|due| DateTime::new(due, zone)),
            due_between: row.due_between.map(|bounds| Bounds::new(bounds, zone)),
            parties: texts(&row.parties),
            witness: Step::all(&row.witness, zone),
            also: Step::all(&row.also, zone),
        });
        Self {
            ground,
            rows: rows.collect(),
        }
    }
}
