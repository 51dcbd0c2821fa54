//! Questions as JSON: `{"ask": "reach", "field": …, "to": …, "subject": …}`.

use serde_json::{Map, Value};

use super::AskError;
use crate::model::question::{PathsQuestion, Question, ReachQuestion, Window};
use crate::model::recorded::RecordTime;
use crate::model::time::Instant;
use crate::model::word::Ties;

/// The kinds of question.
pub const KINDS: &[&str] = &[
    "reach",
    "holders",
    "purposes",
    "crossings",
    "downstream",
    "sources",
    "paths",
    "unlawful",
    "unexplained",
    "withdrawal",
    "erasure",
    "exposure",
    "cut",
    "reidentification",
    "held",
    "activities",
    "transfers",
    "minors",
    "assessments",
    "decisions",
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
#[expect(
    clippy::too_many_lines,
    reason = "one arm for each kind; splitting would hide the list"
)]
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
            from: parameters.id("from")?,
            to: parameters.required("to")?.as_str().into(),
            subject: parameters.id("subject")?,
            through: parameters.list("through")?,
            avoiding: parameters.list("avoiding")?,
            personal_only: parameters.flag("personal_only")?,
            influence: parameters.flag("influence")?,
            held_at: parameters.instant("held_at")?,
            during: parameters.window("during")?,
            ties: parameters.ties()?,
        }),
        "holders" => Question::Holders {
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
            at: parameters.instant("at")?,
            ties: parameters.ties()?,
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
            ties: parameters.ties()?,
        },
        "paths" => Question::Paths(parameters.paths()?),
        "cut" => Question::Cut(parameters.paths()?),
        "reidentification" => Question::Reidentification {
            subject: parameters.id("subject")?,
        },
        "withdrawal" => Question::Withdrawal {
            authorization: parameters.id("authorization")?,
            subject: parameters.id("subject")?,
            at: parameters.instant("at")?,
        },
        "erasure" => Question::Erasure {
            subject: parameters.required("subject")?.as_str().into(),
            processor: parameters.required("processor")?.as_str().into(),
            fields: parameters.list("field")?,
            at: parameters.instant("at")?,
        },
        "exposure" => Question::Exposure {
            processor: parameters.required("processor")?.as_str().into(),
            during: parameters.window("during")?,
            subject: parameters.id("subject")?,
        },
        "unlawful" => Question::Unlawful {
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
            from: parameters.id("from")?,
            to: parameters.id("to")?,
        },
        "held" => Question::Held {
            subject: parameters.required("subject")?.as_str().into(),
            at: parameters.instant("at")?,
        },
        "activities" => Question::Activities {
            field: parameters.id("field")?,
            processor: parameters.id("processor")?,
            subject: parameters.id("subject")?,
        },
        "transfers" => Question::Transfers {
            processor: parameters.id("processor")?,
            subject: parameters.id("subject")?,
        },
        "minors" => Question::Minors {
            processor: parameters.id("processor")?,
            subject: parameters.id("subject")?,
            at: parameters.instant("at")?,
        },
        "assessments" => Question::Assessments {
            processor: parameters.id("processor")?,
            subject: parameters.id("subject")?,
            within_days: parameters.days("within_days")?,
        },
        "decisions" => Question::Decisions {
            fields: parameters.some("field")?,
            categories: parameters.list("category")?,
            subject: parameters.id("subject")?,
        },
        "unexplained" => Question::Unexplained {
            subject: parameters.id("subject")?,
        },
        _ => Question::Sources {
            processor: parameters.required("processor")?.as_str().into(),
            field: parameters.required("field")?.as_str().into(),
            subject: parameters.required("subject")?.as_str().into(),
            ties: parameters.ties()?,
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

    fn id<T: for<'t> From<&'t str>>(&mut self, key: &str) -> Result<Option<T>, AskError> {
        Ok(self.optional(key)?.map(|id| T::from(id.as_str())))
    }

    fn required(&mut self, key: &'static str) -> Result<String, AskError> {
        self.optional(key)?.ok_or(AskError::MissingParameter {
            kind: self.kind,
            parameter: key,
        })
    }

    /// One text, or a list of texts.
    fn list<T: for<'t> From<&'t str>>(&mut self, key: &str) -> Result<Vec<T>, AskError> {
        let bad = |value: &Value| AskError::BadParameter {
            parameter: key.to_owned(),
            value: value.to_string(),
            expected: "write an id or a list of ids".to_owned(),
        };
        match self.map.shift_remove(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.as_str().into()]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(T::from).ok_or_else(|| bad(item)))
                .collect(),
            Some(other) => Err(bad(&other)),
        }
    }

    /// A list that has something in it.
    fn some<T: for<'t> From<&'t str>>(&mut self, key: &'static str) -> Result<Vec<T>, AskError> {
        let list = self.list(key)?;
        if list.is_empty() {
            return Err(AskError::MissingParameter {
                kind: self.kind,
                parameter: key,
            });
        }
        Ok(list)
    }

    /// A whole number of days, as a number or a text.
    fn days(&mut self, key: &str) -> Result<Option<i64>, AskError> {
        /// As many as a rule may give.
        const DAYS_MAX: i64 = 1_000_000;
        let Some(value) = self.map.shift_remove(key).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        number
            .filter(|days| (0..=DAYS_MAX).contains(days))
            .map(Some)
            .ok_or_else(|| AskError::BadParameter {
                parameter: key.to_owned(),
                value: value.to_string(),
                expected: format!("write a whole number of days from 0 to {DAYS_MAX}"),
            })
    }

    /// `FROM/UNTIL`, either side may be `..`: open.
    fn window(&mut self, key: &str) -> Result<Window, AskError> {
        let Some(text) = self.optional(key)? else {
            return Ok(Window::default());
        };
        let bad = |expected: &str| AskError::BadParameter {
            parameter: key.to_owned(),
            value: text.clone(),
            expected: expected.to_owned(),
        };
        let end = |side: &str| {
            match side {
            ".." => Ok(None),
            side => Instant::parse(side).map(Some).map_err(|_| {
                bad("write FROM/UNTIL, two instants with an offset, such as 2024-01-01T00:00:00Z/2024-02-01T00:00:00Z; `..` leaves a side open")
            }),
        }
        };
        let (from, until) = text.split_once('/').unwrap_or((&text, ""));
        let window = Window {
            from: end(from)?,
            until: end(until)?,
        };
        if let (Some(from), Some(until)) = (window.from, window.until)
            && until <= from
        {
            return Err(bad("let it end after it begins"));
        }
        Ok(window)
    }

    fn ties(&mut self) -> Result<Ties, AskError> {
        let Some(text) = self.optional("ties")? else {
            return Ok(Ties::Recorded);
        };
        Ties::parse(&text).ok_or_else(|| AskError::BadParameter {
            parameter: "ties".to_owned(),
            value: text,
            expected: format!("write one of {}", Ties::WORDS.join(", ")),
        })
    }

    fn paths(&mut self) -> Result<PathsQuestion, AskError> {
        Ok(PathsQuestion {
            field: self.required("field")?.as_str().into(),
            to: self.required("to")?.as_str().into(),
            subject: self.required("subject")?.as_str().into(),
            from: self.id("from")?,
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
