//! What can go wrong in a store, each with a stable code and what to do next.

use std::path::PathBuf;

use super::columns::Column;
use crate::model::place::Place;
use crate::model::word::Section;

/// Why a store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder holds no store.
    #[error("`{}` is not a store; create one or name another folder", .0.display())]
    NotAStore(PathBuf),
    /// A new store was asked for where something already is.
    #[error("`{}` is not empty and not a store; name an empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// Written by an older version whose format is no longer read.
    #[error("the store has format {found}, older than {oldest}, the oldest that is read; migrate it first")]
    TooOld {
        /// Format of the store.
        found: u16,
        /// Oldest format that this version reads.
        oldest: u16,
    },
    /// Written by a newer version.
    #[error(
        "the store has format {found}, newer than {newest}, the newest that is read; use a newer version"
    )]
    TooNew {
        /// Format of the store.
        found: u16,
        /// Newest format that this version reads.
        newest: u16,
    },
    /// Another process writes to it.
    #[error("`{}` is in use by another process; ask that process or wait until it ends", .0.display())]
    Locked(PathBuf),
    /// The parts of the store contradict each other. Nothing was changed.
    #[error("the store is damaged: {0}; nothing was changed: keep the folder, restore a backup, run verify")]
    Damaged(String),
    /// A stored row is unreadable.
    #[error("column `{column}`, key {key}: {detail}; run verify and restore a backup")]
    Corruption {
        /// The column.
        column: Column,
        /// The key in hexadecimal digits; `?` when the engine does not tell which.
        key: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A write to a store that was opened for reading.
    #[error("the store was opened for reading; open it for writing")]
    ReadOnly,
    /// A write after a write that failed: what is on disk is known again only after opening.
    #[error("the store stopped writing after a failed write; close it and open it again")]
    Stopped,
    /// The disk is full.
    #[error("no space is left on the disk; free some and open the store again")]
    NoSpace,
    /// A precondition of a batch did not hold: somebody else wrote.
    #[error("column `{column}`, key {key} was changed by another writer; open the store again")]
    Precondition {
        /// The column.
        column: Column,
        /// The key in hexadecimal digits.
        key: String,
    },
    /// The file system refused.
    #[error("could not {doing} `{}`", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The storage engine refused for another reason.
    #[error("the storage engine could not {doing}: {detail}")]
    Engine {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        detail: String,
    },
    /// This build has no store on disk.
    #[error("this build has no store on disk; build it with the feature `rocksdb`")]
    NoDisk,
}

impl StoreError {
    /// Whether it means that what was written is not there as it was.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Corruption { .. })
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAStore(_) => "STORE_NOT_A_STORE",
            Self::NotEmpty(_) => "STORE_NOT_EMPTY",
            Self::TooOld { .. } => "STORE_TOO_OLD",
            Self::TooNew { .. } => "STORE_TOO_NEW",
            Self::Locked(_) => "STORE_LOCKED",
            Self::Damaged(_) => "STORE_DAMAGED",
            Self::Corruption { .. } => "STORE_CORRUPTION",
            Self::ReadOnly => "STORE_READ_ONLY",
            Self::Stopped => "STORE_STOPPED",
            Self::NoSpace => "STORE_NO_SPACE",
            Self::Precondition { .. } => "STORE_PRECONDITION",
            Self::Io { .. } => "STORE_IO",
            Self::Engine { .. } => "STORE_ENGINE",
            Self::NoDisk => "STORE_NO_DISK",
        }
    }

    /// An unreadable row.
    pub(crate) fn corrupt(column: Column, key: &[u8], detail: impl Into<String>) -> Self {
        Self::Corruption {
            column,
            key: hex(key),
            detail: detail.into(),
        }
    }

    /// A function that names the file system's error.
    pub(crate) fn io(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| {
            if source.kind() == std::io::ErrorKind::StorageFull {
                Self::NoSpace
            } else {
                Self::Io { doing, path, source }
            }
        }
    }
}

/// A fact that the store, or the commit itself, holds with other content under the same identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its section.
    pub section: Section,
    /// Its identifier.
    pub id: String,
    /// Where the new one stands.
    pub place: Place,
    /// Where the one that was there first stands.
    pub first: Place,
}

/// Why a commit was refused. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Identifiers that are taken by facts with other content; all of them, in the order of the commit.
    #[error("{} identifiers are taken by facts with other content, the first is `{}` at {}; correct the fact or choose another identifier", .0.len(), .0[0].id, .0[0].first)]
    Conflicts(Vec<Conflict>),
    /// The store was begun with another header.
    #[error("the store was begun with the header {stored}, not {given}; use another store for these facts")]
    Header {
        /// The store's header, JSON text.
        stored: String,
        /// The commit's header, JSON text.
        given: String,
    },
    /// The header is no JSON text.
    #[error("the header of the commit is no JSON text; give a JSON object")]
    HeaderSyntax,
    /// The idempotence key belongs to a commit with other content.
    #[error("the idempotence key `{key}` belongs to commit {sequence} with other content; use a new key")]
    KeyReused {
        /// The key.
        key: String,
        /// The commit that has it.
        sequence: u64,
    },
    /// A fact or text beyond a limit.
    #[error("{what} has {size} bytes, more than the limit of {limit}; make it smaller")]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The store itself.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AppendError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflicts(_) => "STORE_CONFLICT",
            Self::Header { .. } => "STORE_HEADER_MISMATCH",
            Self::HeaderSyntax => "STORE_HEADER_SYNTAX",
            Self::KeyReused { .. } => "STORE_KEY_REUSED",
            Self::TooLarge { .. } => "STORE_TOO_LARGE",
            Self::Store(inner) => inner.code(),
        }
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
