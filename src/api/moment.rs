//! Moments of the record in GraphQL.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::model::recorded::RecordTime;
use crate::model::time::Zone;

/// A moment of the record and how it is written.
#[derive(Clone, Debug)]
pub struct RecordMoment {
    moment: RecordTime,
    value: Value,
}

impl RecordMoment {
    /// The moment, an instant to be printed in this zone.
    pub fn new(moment: RecordTime, zone: &Zone) -> Self {
        let value = match moment {
            RecordTime::At(at) => Value::from(zone.print(at)),
            RecordTime::Number(number) => Value::from(number),
        };
        Self { moment, value }
    }
}

/// A moment of the record: an instant as `DateTime` has it, or the number of a commit, such as `12`.
#[Scalar]
impl ScalarType for RecordMoment {
    fn parse(value: Value) -> InputValueResult<Self> {
        let moment = match &value {
            Value::Number(number) => number.as_u64().map(RecordTime::Number),
            Value::String(text) => RecordTime::parse(text),
            Value::Null
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_)
            | Value::List(_)
            | Value::Object(_) => return Err(InputValueError::expected_type(value)),
        };
        match moment {
            Some(moment) => Ok(Self { moment, value }),
            None => Err(InputValueError::custom(
                "it is no moment of the record; write an instant like `2024-05-01T00:00:00+08:00`, or the number of a \
                 commit",
            )),
        }
    }

    fn to_value(&self) -> Value {
        self.value.clone()
    }
}

/// The moment of an argument that may be absent.
pub fn moment(argument: Option<&RecordMoment>) -> Option<RecordTime> {
    argument.map(|argument| argument.moment)
}
