//! Why a pack cannot be used.

use super::BUILT_IN;
use crate::model::place::Problem;

/// Why a pack cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PackError {
    /// Not of the form that names a pack.
    #[error("`{text}` names no pack; write NAME, or NAME:parameter=value,parameter=value")]
    Spec {
        /// As given.
        text: String,
    },
    /// No pack of this name.
    #[error("there is no pack `{name}`; the packs inside the program are {}", names())]
    Unknown {
        /// As given.
        name: String,
    },
    /// One pack twice.
    #[error("the pack `{name}` is named twice; name it once, with all values of its parameters")]
    Twice {
        /// The pack.
        name: String,
    },
    /// The text of a pack is wrong.
    #[error("the pack `{name}` cannot be read: {}", first(problems))]
    Invalid {
        /// The pack.
        name: String,
        /// Its text.
        text: String,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// A parameter that must be bound is not.
    #[error("the pack `{pack}` must be told `{parameter}`: {wants}, {about}; write {pack}:{parameter}=ID")]
    Unbound {
        /// The pack.
        pack: String,
        /// The parameter.
        parameter: String,
        /// What its values are.
        wants: &'static str,
        /// What it stands for.
        about: String,
    },
    /// A parameter that the pack does not have.
    #[error(
        "the pack `{pack}` has no parameter `{parameter}`; {}",
        if known.is_empty() { "it has none".to_owned() } else { format!("its parameters are {}", known.join(", ")) }
    )]
    UnknownParameter {
        /// The pack.
        pack: String,
        /// As given.
        parameter: String,
        /// What it has.
        known: Vec<String>,
    },
    /// Two values where one is wanted.
    #[error("`{parameter}` of the pack `{pack}` takes one value")]
    OneOnly {
        /// The pack.
        pack: String,
        /// The parameter.
        parameter: String,
    },
    /// A value that the facts do not know.
    #[error("`{parameter}` of the pack `{pack}` is `{value}`, but nothing in `{section}` is called so")]
    NotInFacts {
        /// The pack.
        pack: String,
        /// The parameter.
        parameter: String,
        /// Its value.
        value: String,
        /// Where it should be declared.
        section: &'static str,
    },
}

impl PackError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Spec { .. } => "PACK_SPELLING",
            Self::Unknown { .. } => "PACK_UNKNOWN",
            Self::Twice { .. } => "PACK_TWICE",
            Self::Invalid { .. } => "PACK_INVALID",
            Self::Unbound { .. } => "PACK_UNBOUND",
            Self::UnknownParameter { .. } => "PACK_UNKNOWN_PARAMETER",
            Self::OneOnly { .. } => "PACK_ONE_VALUE",
            Self::NotInFacts { .. } => "PACK_NOT_IN_FACTS",
        }
    }
}

fn names() -> String {
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, ToString::to_string)
}
