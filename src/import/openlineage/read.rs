//! Walking JSON with the path at hand, so that every refusal says where in the event it found what.

use serde_json::{Map, Value};

use crate::model::place::ProblemCode;

/// Why an event is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: ProblemCode,
    /// Where in the event, as a JSON pointer: `/inputs/0/namespace`; empty for the event as a whole.
    pub path: String,
    /// What is wrong, in a clause without a capital or a full stop.
    pub message: String,
    /// What was expected.
    pub help: &'static str,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} at `{}`: {} ({})",
            self.code.as_str(),
            self.path,
            self.message,
            self.help
        )
    }
}

/// A value and the way to it.
#[derive(Clone, Copy)]
pub struct At<'v, 'p> {
    /// The value.
    pub value: &'v Value,
    path: Path<'p>,
}

#[derive(Clone, Copy)]
enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Root => {}
            Self::Key(parent, key) => {
                parent.write(out);
                out.push('/');
                out.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Self::Index(parent, index) => {
                parent.write(out);
                out.push('/');
                out.push_str(&index.to_string());
            }
        }
    }
}

/// Names longer than this, in bytes, are refused: they would stand in identifiers of facts.
const NAME_MAX: usize = 4096;

impl<'v> At<'v, '_> {
    /// The event itself.
    pub fn root(value: &'v Value) -> Self {
        Self {
            value,
            path: Path::Root,
        }
    }

    /// A refusal of this value.
    pub fn refuse(&self, code: ProblemCode, message: impl Into<String>, help: &'static str) -> Refusal {
        let mut path = String::new();
        self.path.write(&mut path);
        Refusal {
            code,
            path,
            message: message.into(),
            help,
        }
    }

    fn wrong(&self, wanted: &'static str, help: &'static str) -> Refusal {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a flag",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.refuse(
            ProblemCode::EventShape,
            format!("{wanted} is expected, found {found}"),
            help,
        )
    }

    /// The object that must stand here.
    pub fn object(&self) -> Result<&'v Map<String, Value>, Refusal> {
        self.value
            .as_object()
            .ok_or_else(|| self.wrong("an object", "see the OpenLineage specification"))
    }

    /// The value under a key; `null` counts as absent.
    pub fn get<'a>(&'a self, key: &'a str) -> Option<At<'v, 'a>> {
        let value = self.value.as_object()?.get(key)?;
        (!value.is_null()).then_some(At {
            value,
            path: Path::Key(&self.path, key),
        })
    }

    /// The value that must stand under a key.
    pub fn need<'a>(&'a self, key: &'a str) -> Result<At<'v, 'a>, Refusal> {
        self.object()?;
        self.get(key).ok_or_else(|| {
            self.refuse(
                ProblemCode::EventMissingKey,
                format!("the key `{key}` is missing"),
                "the OpenLineage specification demands it",
            )
        })
    }

    /// The text that must stand here.
    pub fn text(&self) -> Result<&'v str, Refusal> {
        self.value
            .as_str()
            .ok_or_else(|| self.wrong("a text", "write it in quotes"))
    }

    /// A name: a text that is not empty and can stand in an identifier.
    pub fn name(&self) -> Result<&'v str, Refusal> {
        let text = self.text()?;
        let is_name =
            !text.trim().is_empty() && text.len() <= NAME_MAX && !text.chars().any(char::is_control);
        if is_name {
            Ok(text)
        } else {
            Err(self.refuse(
                ProblemCode::EventBadName,
                "this is no name",
                "write a text of 1 to 4096 bytes without control characters",
            ))
        }
    }

    /// The flag under a key; absent means no.
    pub fn flag(&self, key: &str) -> Result<bool, Refusal> {
        match self.get(key) {
            None => Ok(false),
            Some(at) => at
                .value
                .as_bool()
                .ok_or_else(|| at.wrong("a flag", "write true or false")),
        }
    }

    /// What is done with each entry of the list under a key; an absent list is empty.
    pub fn each(
        &self,
        key: &str,
        mut with: impl FnMut(At<'v, '_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let Some(list) = self.get(key) else {
            return Ok(());
        };
        let Some(values) = list.value.as_array() else {
            return Err(list.wrong("a list", "write it in brackets"));
        };
        for (index, value) in values.iter().enumerate() {
            with(At {
                value,
                path: Path::Index(&list.path, index),
            })?;
        }
        Ok(())
    }

    /// What is done with each entry of the object under a key; an absent object is empty.
    pub fn entries(
        &self,
        key: &str,
        mut with: impl FnMut(&'v str, At<'v, '_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let Some(object) = self.get(key) else {
            return Ok(());
        };
        for (key, value) in object.object()? {
            if !value.is_null() {
                with(
                    key,
                    At {
                        value,
                        path: Path::Key(&object.path, key),
                    },
                )?;
            }
        }
        Ok(())
    }
}
