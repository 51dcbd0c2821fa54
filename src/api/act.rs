//! An act in GraphQL, and the place of a fact in a document.

use async_graphql::{ID, SimpleObject};

use super::global;
use super::step::texts;
use super::time::{Bounds, DateTime, Stretch};
use super::words::{ActKind, Method};
use crate::model::time::Zone;
use crate::model::{fact, place};

/// A place in a document.
#[derive(SimpleObject)]
pub struct Place {
    /// The file, as it was named when it was read.
    file: String,
    /// The line, from 1.
    line: u32,
    /// The column in characters, from 1.
    column: u32,
}

impl From<&place::Place> for Place {
    fn from(place: &place::Place) -> Self {
        Self {
            file: place.file.to_string(),
            line: place.line,
            column: place.column,
        }
    }
}

/// Something done with data, about exactly the listed subjects and fields.
#[derive(SimpleObject)]
pub struct Act {
    /// Names the act in this API.
    pub id: ID,
    /// Its id in the facts.
    key: String,
    /// When it happened; of a standing act, when it begins; of an act of an uncertain time, the earliest it may have been.
    at: DateTime,
    /// The bounds of that instant, where only they are known.
    between: Option<Bounds>,
    /// Of a standing act: all the time that it is active; where only bounds are known, from and until the earliest.
    active: Option<Stretch>,
    /// Of a standing act: the bounds of its beginning, where only they are known.
    begins_between: Option<Bounds>,
    /// Of a standing act: the bounds of its end, where only they are known.
    ends_between: Option<Bounds>,
    /// What was done.
    kind: ActKind,
    /// How, if it is a derive act with a method.
    method: Option<Method>,
    /// Who acted; of a collect act, who collected.
    actor: String,
    /// Who received; of a collect act, nobody besides the actor.
    recipient: Option<String>,
    /// Of a collect act: where the data came from, if that is known.
    source: Option<String>,
    /// Whose data.
    subjects: Vec<String>,
    /// Which data; of a derive act, what it was made from.
    fields: Vec<String>,
    /// What a derive act made.
    makes: Vec<String>,
    /// What for.
    purpose: Option<String>,
    /// Of a store act: the country.
    location: Option<String>,
    /// Of a correct act: the right value that it wrote, if it has a name.
    value: Option<String>,
    /// Whether it is a restrict act that lifts a restriction.
    lifts: bool,
    /// The safeguards of this act.
    safeguards: Vec<String>,
    /// Where it stands, when it came from a document.
    place: Option<Place>,
}

impl Act {
    /// The act, with instants in this zone.
    pub fn new(act: &fact::Act, place: Option<&place::Place>, zone: &Zone) -> Self {
        let text = ToString::to_string;
        Self {
            id: global::id(global::Kind::Act, act.id.as_str()),
            key: act.id.to_string(),
            at: DateTime::new(act.at.start(), zone),
            between: act.at.bounds().map(|bounds| Bounds::new(bounds, zone)),
            active: act.at.standing().map(|standing| Stretch::new(standing, zone)),
            begins_between: act.at.begin_bounds().map(|bounds| Bounds::new(bounds, zone)),
            ends_between: act.at.end_bounds().map(|bounds| Bounds::new(bounds, zone)),
            kind: act.kind.into(),
            method: act.method.map(Into::into),
            actor: act.actor.to_string(),
            recipient: act.recipient.as_ref().map(text),
            source: act.source.as_ref().map(text),
            subjects: texts(&act.subjects),
            fields: texts(&act.fields),
            makes: texts(&act.makes),
            purpose: act.purpose.as_ref().map(ToString::to_string),
            location: act.location.as_ref().map(ToString::to_string),
            value: act.value.as_ref().map(ToString::to_string),
            lifts: act.lifts,
            safeguards: texts(&act.safeguards),
            place: place.map(Into::into),
        }
    }
}
