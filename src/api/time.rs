//! Instants in GraphQL.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};

use crate::model::id::FactId;
use crate::model::time::{self, Instant, InstantError, Zone};

/// An instant and how it is written.
#[derive(Clone, Debug)]
pub struct DateTime {
    at: Instant,
    text: String,
}

impl DateTime {
    /// The instant, to be printed in this zone.
    pub fn new(at: Instant, zone: &Zone) -> Self {
        Self {
            at,
            text: zone.print(at),
        }
    }

    /// The instant.
    pub fn instant(&self) -> Instant {
        self.at
    }
}

/// A stretch of time. One that ends where it begins is that instant.
#[derive(SimpleObject)]
pub struct Stretch {
    /// Its first instant.
    from: DateTime,
    /// The first instant behind it; null when it has no end.
    until: Option<DateTime>,
}

impl Stretch {
    /// The stretch, with instants in this zone.
    pub fn new((from, until): time::Stretch, zone: &Zone) -> Self {
        Self {
            from: DateTime::new(from, zone),
            until: until.map(|until| DateTime::new(until, zone)),
        }
    }
}

/// The bounds of an instant that is not known better, both included.
#[derive(SimpleObject)]
pub struct Bounds {
    /// Not before this.
    earliest: DateTime,
    /// Not after this.
    latest: DateTime,
}

impl Bounds {
    /// The bounds, with instants in this zone.
    pub fn new((earliest, latest): (Instant, Instant), zone: &Zone) -> Self {
        Self {
            earliest: DateTime::new(earliest, zone),
            latest: DateTime::new(latest, zone),
        }
    }
}

/// Where an act of an uncertain time, or another uncertain instant, is taken to be.
#[derive(SimpleObject)]
pub struct Placed {
    /// The id of the act; of any other instant section, id and key, such as `events/nightly.until`.
    act: String,
    /// An instant inside its bounds.
    at: DateTime,
}

impl Placed {
    /// All of a placement, with instants in this zone.
    pub fn all(acts: &[(FactId, Instant)], zone: &Zone) -> Vec<Self> {
        acts.iter()
            .map(|(act, at)| Self {
                act: act.to_string(),
                at: DateTime::new(*at, zone),
            })
            .collect()
    }
}

/// An instant as RFC 3339 has it, with an offset, to the microsecond: `2024-05-01T00:00:00+08:00`. Answers print
/// it in the time zone of the facts.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else {
            return Err(InputValueError::expected_type(value));
        };
        let advice = match Instant::parse(&text) {
            Ok(at) => return Ok(Self { at, text }),
            Err(InstantError::DateWithoutTime) => "the time and the offset are missing",
            Err(InstantError::NoOffset) => "the offset is missing",
            Err(InstantError::TooFine) => "no more than six digits of a second are kept",
            Err(InstantError::NotIso) => "it is no instant",
        };
        Err(InputValueError::custom(format!(
            "{advice}; write it like `2024-05-01T00:00:00+08:00`"
        )))
    }

    fn to_value(&self) -> Value {
        Value::String(self.text.clone())
    }
}

/// The instant of an argument that may be absent.
pub fn instant(argument: Option<&DateTime>) -> Option<Instant> {
    argument.map(DateTime::instant)
}
