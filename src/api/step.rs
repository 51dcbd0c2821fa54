//! Acts as links of a chain, and what answers are made of.

use async_graphql::SimpleObject;

use super::time::{Bounds, DateTime, Stretch};
use super::words::{ActKind, Method};
use crate::model::time::Zone;
use crate::model::{finding, question};

/// Why an answer is what it is.
#[derive(SimpleObject)]
pub struct Reason {
    /// A stable code, for programs.
    code: &'static str,
    /// One sentence, for people.
    text: String,
}

impl From<question::Reason> for Reason {
    fn from(reason: question::Reason) -> Self {
        Self {
            code: reason.code,
            text: reason.text,
        }
    }
}

/// A border that an act carried data over.
#[derive(SimpleObject)]
pub struct Border {
    /// The country of the giver at that instant.
    from: String,
    /// The country of the recipient, or of the place, at that instant.
    to: String,
}

/// One act of a witness. The steps of a witness are in order, and each works with what the steps before brought.
#[derive(SimpleObject)]
pub struct Step {
    /// Its place in the witness, from 1.
    position: usize,
    /// The id of the act in the facts.
    act: String,
    /// When it happened; of a standing act, when it begins; of an act of an uncertain time, when it is taken to be.
    at: DateTime,
    /// The bounds of that instant, where only they are known.
    between: Option<Bounds>,
    /// Of a standing act: all the time that it is active.
    active: Option<Stretch>,
    /// What was done.
    kind: ActKind,
    /// How, if the act is a derive act with a method.
    method: Option<Method>,
    /// Who acted; of a collect act the source, if one is known.
    actor: Option<String>,
    /// Who received.
    recipient: Option<String>,
    /// Whose data it was.
    subjects: Vec<String>,
    /// Which data it was; of a derive act, what it was made from.
    fields: Vec<String>,
    /// What a derive act made.
    makes: Vec<String>,
    /// What for.
    purpose: Option<String>,
    /// The border of the home country that the act carried data over, if it did.
    border: Option<Border>,
}

impl Step {
    /// The step at this place, counted from 1.
    pub fn new(position: usize, step: &finding::Step, zone: &Zone) -> Self {
        Self {
            position,
            act: step.act.to_string(),
            at: DateTime::new(step.at, zone),
            between: step.between.map(|bounds| Bounds::new(bounds, zone)),
            active: step.standing.map(|standing| Stretch::new(standing, zone)),
            kind: step.kind.into(),
            method: step.method.map(Into::into),
            actor: step.actor.as_ref().map(ToString::to_string),
            recipient: step.recipient.as_ref().map(ToString::to_string),
            subjects: texts(&step.subjects),
            fields: texts(&step.fields),
            makes: texts(&step.makes),
            purpose: step.purpose.as_ref().map(ToString::to_string),
            border: step.crossing.as_ref().map(|(from, to)| Border {
                from: from.to_string(),
                to: to.to_string(),
            }),
        }
    }

    /// All steps of a witness.
    pub fn all(steps: &[finding::Step], zone: &Zone) -> Vec<Self> {
        (1..)
            .zip(steps)
            .map(|(position, step)| Self::new(position, step, zone))
            .collect()
    }
}

/// The ids as texts.
pub fn texts<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
