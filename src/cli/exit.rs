//! Exit codes. A gate that cannot check must not look clean.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `check`, no findings; for `verify`, no damage.
    Clean,
    /// `check` has findings; `verify` found damage.
    Findings,
    /// The command could not do what it was asked: bad arguments, unreadable or refused input, damaged store.
    CouldNot,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::CouldNot => 2,
        })
    }
}
