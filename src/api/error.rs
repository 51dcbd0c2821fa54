//! Errors on their way out: the only place that turns errors into GraphQL errors.
//!
//! Code, message and hint go out. Causes, paths and keys stay in the log, under a number that the message names.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::{Error, ErrorExtensions as _, Value};

use crate::db::{CommitError, DbError};
use crate::model::place::Problem;
use crate::packs::PackError;

/// At most this many problems of one document are told; the message says how many there are.
const PROBLEMS_MAX: usize = 100;

/// A question could not be answered.
pub fn db(error: &DbError) -> Error {
    match error {
        DbError::Ask(_) | DbError::Empty => coded(error.code(), error.to_string()),
        DbError::Store(_) | DbError::Fact { .. } | DbError::Header { .. } => internal(error),
    }
}

/// Facts could not be committed.
pub fn commit(error: &CommitError) -> Error {
    match error {
        CommitError::Invalid(problems) => invalid(problems),
        CommitError::Store(_) | CommitError::AfterCommit(_) | CommitError::Unreadable(_) => internal(error),
        CommitError::Refused(refusal) => coded(refusal.code(), refusal.to_string()),
    }
}

/// A rule pack cannot be used.
pub fn pack(error: &PackError) -> Error {
    coded(error.code(), error.to_string())
}

/// The document has problems.
pub fn invalid(problems: &[Problem]) -> Error {
    let all = problems.len();
    let noun = if all == 1 { "problem" } else { "problems" };
    let told: Vec<Value> = problems.iter().take(PROBLEMS_MAX).map(problem).collect();
    coded(
        "FACT_INVALID",
        format!("the facts have {all} {noun}; nothing was committed"),
    )
    .extend_with(|_, extensions| extensions.set("problems", Value::List(told)))
}

/// An argument has a value that it cannot have.
pub fn input(message: impl Into<String>) -> Error {
    coded("BAD_USER_INPUT", message.into())
}

/// What was asked for by name does not exist.
pub fn not_found(what: &str, name: &str) -> Error {
    coded("NOT_FOUND", format!("there is no {what} `{name}`"))
}

/// Something failed that the caller can do nothing about.
pub fn internal(error: &dyn StdError) -> Error {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    tracing::error!(number, error = %chain(error), "an operation failed");
    coded(
        "INTERNAL",
        format!("internal error a{number}; the log of the server says more"),
    )
}

fn coded(code: &str, message: String) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn problem(problem: &Problem) -> Value {
    let entries = [
        ("code", Value::from(problem.code.as_str())),
        ("message", Value::from(problem.message.as_str())),
        ("help", Value::from(problem.help.as_str())),
        ("line", Value::from(problem.place.line)),
        ("column", Value::from(problem.place.column)),
    ];
    Value::Object(
        entries
            .into_iter()
            .map(|(name, value)| (async_graphql::Name::new(name), value))
            .collect(),
    )
}
