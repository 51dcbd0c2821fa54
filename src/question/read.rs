//! Questions as JSON: `{"ask": "reach", "field": …, "to": …, "subject": …}`.

use serde_json::{Map, Value};

use super::AskError;
use crate::model::question::{Question, ReachQuestion};
use crate::model::recorded::RecordTime;
use crate::model::time::Instant;

/// The kinds of question.
pub const KINDS: &[&str] = &[
    "reach",
    "holders",
    "purposes",
    "crossings",
    "downstream",
    "sources",
];

/// A question, and how much of the record it may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// Only what was recorded up to this moment; absent means all that is on record.
    pub as_known_at: Option<RecordTime>,
}

/// Reads a question. Unknown parameters are refused: a misspelled one would change the answer.
pub fn read(text: &str) -> Result<Asked, AskError> {
    let bad = |expected: &str| AskError::BadParameter {
        parameter: "question".to_owned(),
        value: text.to_owned(),
        expected: expected.to_owned(),
    };
    let Ok(Value::Object(map)) = serde_json::from_str(text) else {
        return Err(bad(
            "write a JSON object such as {\"ask\": \"holders\", \"field\": …, \"subject\": …}",
        ));
    };
    let Some(Value::String(name)) = map.get("ask") else {
        return Err(bad("say what is asked: {\"ask\": \"reach\", …}"));
    };
    let Some(kind) = KINDS.iter().copied().find(|kind| kind == name) else {
        return Err(AskError::UnknownKind { kind: name.clone() });
    };
    let mut parameters = Parameters { kind, map };
    parameters.map.shift_remove("ask");
    let as_known_at = parameters.moment("as_known_at")?;
    let question = match kind {
        "reach" => Question::Reach(ReachQuestion {
            field: parameters.required("field")?.as_str().into(),
            from: parameters.optional("from")?.map(|id| id.as_str().into()),
            to: parameters.required("to")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
            through: parameters.optional("through")?.map(|id| id.as_str().into()),
            personal_only: parameters.flag("personal_only")?,
        }),
        "holders" => Question::Holders {
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
            at: parameters.instant("at")?,
        },
        "purposes" => Question::Purposes {
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
        },
        "crossings" => Question::Crossings {
            subject: parameters.required("subject")?.as_str().into(),
        },
        "downstream" => Question::Downstream {
            from: parameters.required("from")?.as_str().into(),
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
        },
        _ => Question::Sources {
            processor: parameters.required("processor")?.as_str().into(),
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
        },
    };
    match parameters.map.keys().next() {
        None => Ok(Asked {
            question,
            as_known_at,
        }),
        Some(unknown) => Err(AskError::UnknownParameter {
            kind,
            parameter: unknown.clone(),
        }),
    }
}

struct Parameters {
    kind: &'static str,
    map: Map<String, Value>,
}

impl Parameters {
    fn optional(&mut self, key: &str) -> Result<Option<String>, AskError> {
        match self.map.shift_remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(AskError::BadParameter {
                parameter: key.to_owned(),
                value: other.to_string(),
                expected: "write a text".to_owned(),
            }),
        }
    }

    fn required(&mut self, key: &'static str) -> Result<String, AskError> {
        self.optional(key)?.ok_or(AskError::MissingParameter {
            kind: self.kind,
            parameter: key,
        })
    }

    fn flag(&mut self, key: &str) -> Result<bool, AskError> {
        match self.map.shift_remove(key) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(Value::String(text)) if text == "true" || text == "false" => Ok(text == "true"),
            Some(other) => Err(AskError::BadParameter {
                parameter: key.to_owned(),
                value: other.to_string(),
                expected: "write true or false".to_owned(),
            }),
        }
    }

    /// An instant or a number; a number may be written as one.
    fn moment(&mut self, key: &str) -> Result<Option<RecordTime>, AskError> {
        if let Some(Value::Number(number)) = self.map.get(key) {
            let text = number.to_string();
            self.map.insert(key.to_owned(), text.into());
        }
        let Some(text) = self.optional(key)? else {
            return Ok(None);
        };
        RecordTime::parse(&text)
            .map(Some)
            .ok_or_else(|| AskError::BadParameter {
                parameter: key.to_owned(),
                value: text,
                expected: "write an instant such as 2024-05-01T09:00:00+08:00, or the number of a commit"
                    .to_owned(),
            })
    }

    fn instant(&mut self, key: &str) -> Result<Option<Instant>, AskError> {
        let Some(text) = self.optional(key)? else {
            return Ok(None);
        };
        Instant::parse(&text)
            .map(Some)
            .map_err(|_| AskError::BadParameter {
                parameter: key.to_owned(),
                value: text,
                expected: "write ISO 8601 with an offset, such as 2024-05-01T09:00:00+08:00".to_owned(),
            })
    }
}
