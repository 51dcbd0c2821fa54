//! What can go wrong at the front door.

use crate::model::place::Problem;
use crate::store::{AppendError, StoreError};

/// Why a store could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored fact cannot be read by this version.
    #[error("the stored fact `{id}` of `{section}` cannot be read: {problem}; run `wherefore verify`")]
    Fact {
        /// The section.
        section: &'static str,
        /// Its identifier.
        id: String,
        /// The first problem.
        problem: String,
    },
    /// The stored header cannot be read by this version.
    #[error("the header of the store cannot be read: {problem}; run `wherefore verify`")]
    Header {
        /// The first problem.
        problem: String,
    },
    /// The store has no facts yet, so there is no header to answer under.
    #[error("the store is empty; import a fact file first")]
    Empty,
    /// The question cannot be answered.
    #[error(transparent)]
    Ask(#[from] crate::question::AskError),
}

impl DbError {
    /// Whether it means that the store is damaged, as opposed to absent, locked or unreadable for another reason.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_damage(),
            Self::Fact { .. } | Self::Header { .. } => true,
            Self::Empty | Self::Ask(_) => false,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Fact { .. } => "DB_STORED_FACT",
            Self::Header { .. } => "DB_STORED_HEADER",
            Self::Empty => "DB_EMPTY",
            Self::Ask(error) => error.code(),
        }
    }
}

/// Why nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The facts do not fit: every problem with its place.
    #[error("the facts have {} problems; nothing was committed", .0.len())]
    Invalid(Vec<Problem>),
    /// The document could not be read to its end; nothing was committed.
    #[error("cannot read the document: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The commit as such is refused.
    #[error(transparent)]
    Refused(AppendError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] DbError),
    /// The commit is durable, but the new state could not be read back.
    #[error("the facts are committed, but the store cannot be read: {0}")]
    AfterCommit(#[source] DbError),
}

impl From<crate::store::StoreError> for CommitError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl CommitError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "FACT_INVALID",
            Self::Unreadable(_) => "DB_UNREADABLE",
            Self::Refused(error) => error.code(),
            Self::Store(error) | Self::AfterCommit(error) => error.code(),
        }
    }
}
