//! `wherefore check`: judge the facts against their rules.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::judging::{self, Against, How, State};
use super::project::{self, Settings};
use super::source::{self, Failure};
use super::tree::Tree;
use crate::db::{AsOf, Db, Mode, Snapshot};
use crate::import::{Document, Format};
use crate::model::recorded::RecordTime;
use crate::model::time::Instant;
use crate::release::{change, project as file};

/// Judge facts against their rules and print the findings.
///
/// The facts come from a fact file, from a folder with a `wherefore.yaml` (the present one if nothing is named), or from
/// a store. Every finding names the rule and the clause it breaks, since when, the act or fact that is wrong, whose
/// data, the facts that decide it, and the chain of acts that proves it. Exits 0 without findings, 1 with findings, 2
/// when it could not check. `--fail-on`, `--baseline`, `--base-ref` and suppressions say which findings count.
#[derive(Debug, Args)]
pub struct Check {
    /// Fact file (YAML, JSON or NDJSON by its ending; `-` reads standard input), or a folder with a `wherefore.yaml`.
    facts: Option<PathBuf>,
    /// Judge the facts of this store instead.
    #[arg(long, value_name = "DIR", conflicts_with = "facts")]
    store: Option<PathBuf>,
    /// Findings of an earlier check, as `--format json` prints them: those are known and fail nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    baseline: Option<PathBuf>,
    /// Judge the same folder at this revision of git too: what is found there already is known and fails nothing.
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["baseline", "store"])]
    base_ref: Option<String>,
    /// What if: lay these facts over those named, and let only what they add fail. Nothing is written.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "base_ref"])]
    change: Option<PathBuf>,
    /// Judge by what was recorded up to then: an instant, or the number of a commit [default: all that is on record].
    #[arg(long, value_name = "MOMENT", value_parser = source::moment, conflicts_with_all = ["base_ref", "change"])]
    as_known_at: Option<RecordTime>,
    #[command(flatten)]
    how: How,
}

impl Check {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let as_of = self.how.as_of;
        let mut state = match &self.store {
            Some(store) => of_store(store, as_of)?,
            None => of_path(self.facts.as_deref(), as_of)?,
        };
        state.snapshot = state.snapshot.known_at(self.as_known_at)?;
        if let Some(path) = &self.change {
            let changed = changed(&state, path)?;
            return judging::run(&changed, &Against::State(Box::new(state)), &self.how);
        }
        let against = match (&self.baseline, &self.base_ref) {
            (Some(path), _) => Against::File(path),
            (None, Some(revision)) => {
                let folder = self.facts.as_deref().unwrap_or(Path::new("."));
                Against::State(Box::new(of_revision(folder, revision, state.snapshot.as_of())?))
            }
            (None, None) => Against::Nothing,
        };
        judging::run(&state, &against, &self.how)
    }
}

/// The state of a fact file, or of a folder; of the present folder if nothing is named.
pub fn of_path(path: Option<&Path>, as_of: Option<Instant>) -> Result<State, Failure> {
    match path {
        Some(path) if path.is_dir() => of_folder(path, as_of),
        Some(path) if path.file_name().is_some_and(|name| name == file::FILE) => {
            of_folder(path.parent().unwrap_or(Path::new("")), as_of)
        }
        Some(path) => Ok(State {
            snapshot: source::snapshot(Some(path), None, as_of)?,
            settings: Settings::default(),
        }),
        None if Path::new(file::FILE).is_file() => of_folder(Path::new("."), as_of),
        None => Err(Failure::Usage(format!(
            "name a fact file, a folder with a {}, or --store DIR; `wherefore init` begins a folder",
            file::FILE
        ))),
    }
}

fn of_folder(folder: &Path, as_of: Option<Instant>) -> Result<State, Failure> {
    match project::read(&Tree::Folder(folder.to_owned()), as_of)? {
        Some((document, settings)) => Ok(of_document(document, settings)),
        None => Err(Failure::Usage(format!(
            "`{}` has no {}; `wherefore init` writes one",
            folder.display(),
            file::FILE
        ))),
    }
}

/// The folder at a revision. A folder that was not checked there has no findings there: all of today are new.
pub fn of_revision(folder: &Path, revision: &str, as_of: Instant) -> Result<State, Failure> {
    let folder = match folder.file_name() {
        Some(name) if name == file::FILE => folder.parent().unwrap_or(Path::new("")),
        _ => folder,
    };
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    if !here.is_dir() {
        let message = format!(
            "--base-ref goes with a folder, and `{}` is none",
            folder.display()
        );
        return Err(Failure::Usage(message));
    }
    let tree = Tree::at_revision(here, revision)?;
    if let Some((document, settings)) = project::read(&tree, Some(as_of))? {
        return Ok(of_document(document, settings));
    }
    eprintln!(
        "note: `{revision}` has no {} here, so everything found is new",
        file::FILE
    );
    Ok(State {
        snapshot: Db::in_memory(AsOf::Fixed(as_of))?.snapshot(),
        settings: Settings::default(),
    })
}

fn of_document(document: Document, mut settings: Settings) -> State {
    settings.horizon_days.get_or_insert(file::HORIZON_DAYS);
    State {
        snapshot: Snapshot::of_document(document),
        settings,
    }
}

/// The newest state of a store.
pub fn of_store(store: &Path, as_of: Option<Instant>) -> Result<State, Failure> {
    let as_of = as_of.map_or(AsOf::Now(source::now), AsOf::Fixed);
    Ok(State {
        snapshot: Db::open(store, Mode::Read, as_of)?.snapshot(),
        settings: Settings::default(),
    })
}

/// The state with a change laid over it.
fn changed(state: &State, path: &Path) -> Result<State, Failure> {
    let text = source::text(path)?;
    let name = path.display().to_string();
    let refuse = |problems: Vec<_>| source::refusal(&problems, &name, &text);
    let format = if path.as_os_str() == "-" {
        Format::guess(&text)
    } else {
        Format::of(path)
    };
    let change = change::read(&text, &name, format).map_err(refuse)?;
    source::warn(&change.warnings, &name, &text);
    let snapshot = match change::laid(&state.snapshot, change) {
        Ok(snapshot) => snapshot,
        Err(change::Refusal::Problems(problems)) => return Err(refuse(problems)),
        Err(change::Refusal::Db(error)) => return Err(error.into()),
    };
    Ok(State {
        snapshot,
        settings: state.settings.clone(),
    })
}
