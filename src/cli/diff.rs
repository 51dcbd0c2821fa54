//! `wherefore diff`: what a change of the facts adds to the findings, and what it mends.

use std::path::{Path, PathBuf};

use clap::Args;

use super::check;
use super::exit::Exit;
use super::judging::{self, Against, How, State};
use super::project::Settings;
use super::source::Failure;
use crate::db::Snapshot;

/// Compare the findings of two states of the facts.
///
/// Both are judged for the same instant. A finding that the first state has already is known and fails nothing; findings
/// are compared by what they are about, not by the ids and instants of acts. BASE and HEAD are fact files or folders
/// with a `wherefore.yaml`; with --store, numbers of commits. Exits as `wherefore check` does.
#[derive(Debug, Args)]
pub struct Diff {
    /// The state before.
    base: Option<String>,
    /// The state after; with --base-ref, the folder [default: the present one]; with --store, the newest commit.
    head: Option<String>,
    /// BASE and HEAD are commits of this store.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// The state before is the folder at this revision of git.
    #[arg(long, value_name = "REVISION", conflicts_with = "store")]
    base_ref: Option<String>,
    #[command(flatten)]
    how: How,
}

impl Diff {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let (base, head) = self.states()?;
        judging::run(&head, &Against::State(Box::new(base)), &self.how)
    }

    fn states(&self) -> Result<(State, State), Failure> {
        let as_of = self.how.as_of;
        let (base, head) = (self.base.as_deref(), self.head.as_deref());
        if let Some(store) = &self.store {
            let newest = check::of_store(store, as_of)?;
            let base = base.ok_or_else(|| {
                Failure::Usage("say from which commit on: wherefore diff --store DIR BASE".into())
            })?;
            return at_commits(&newest, base, head);
        }
        if let Some(revision) = &self.base_ref {
            if head.is_some() {
                return Err(Failure::Usage("with --base-ref name one folder only".into()));
            }
            let folder = base.map_or(Path::new("."), Path::new);
            let head = check::of_path(Some(folder), as_of)?;
            let base = check::of_revision(folder, revision, head.snapshot.as_of())?;
            return Ok((base, head));
        }
        let (Some(base), Some(head)) = (base, head) else {
            return Err(Failure::Usage(
                "name two states: BASE and HEAD, or --base-ref REVISION, or --store DIR with commits".into(),
            ));
        };
        let head = check::of_path(Some(Path::new(head)), as_of)?;
        let base = check::of_path(Some(Path::new(base)), Some(head.snapshot.as_of()))?;
        Ok((base, head))
    }
}

/// The store as it was after two commits, for the same instant; without the second, as it is.
fn at_commits(newest: &State, base: &str, head: Option<&str>) -> Result<(State, State), Failure> {
    let last = newest.snapshot.sequence();
    let no_commit = |number: &str| {
        Failure::Usage(format!(
            "`{number}` is no commit of the store; its commits are 1 to {last} (`wherefore log`)"
        ))
    };
    let sequence = |number: &str| {
        let number = number.parse().ok();
        number.filter(|sequence| (1..=last).contains(sequence))
    };
    let from = sequence(base).ok_or_else(|| no_commit(base))?;
    let to = match head {
        Some(head) => Some(sequence(head).ok_or_else(|| no_commit(head))?),
        None => None,
    };
    let Some((before, after)) = newest.snapshot.after_commits(from, to)? else {
        return Err(no_commit(base));
    };
    let state = |snapshot: Snapshot| State {
        snapshot,
        settings: Settings::default(),
    };
    Ok((state(before), state(after)))
}
