//! The files of a folder, as they lie there or as they were at a revision of git.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::Failure;

/// Where files are read from. Paths inside are relative, with `/` between names.
#[derive(Clone, Debug)]
pub enum Tree {
    /// A folder.
    Folder(PathBuf),
    /// The same folder at a commit.
    Revision {
        /// The folder.
        folder: PathBuf,
        /// As the user named it.
        named: String,
        /// The commit, in full.
        commit: String,
    },
}

impl Tree {
    /// The folder at a revision: a branch, a tag, a commit.
    pub fn at_revision(folder: &Path, named: &str) -> Result<Self, Failure> {
        let revision = format!("{named}^{{commit}}");
        let found = git(
            folder,
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &revision],
        )?;
        let Some(commit) = found else {
            return Err(Failure::Other {
                code: "CLI_GIT_REVISION",
                message: format!(
                    "git knows no revision `{named}` in `{}`; fetch it first (a checkout of a pipeline is often shallow: \
                     `git fetch origin BRANCH`, or `fetch-depth: 0`)",
                    folder.display()
                ),
            });
        };
        Ok(Self::Revision {
            folder: folder.to_owned(),
            named: named.to_owned(),
            commit: commit.trim().to_owned(),
        })
    }

    /// The text of a file; `None` if there is no such file.
    pub fn read(&self, path: &str) -> Result<Option<String>, Failure> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(path);
                match std::fs::read_to_string(&path) {
                    Ok(text) => Ok(Some(text)),
                    Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(cause) => Err(Failure::Unreadable { path, cause }),
                }
            }
            Self::Revision { folder, commit, .. } => {
                let object = format!("{commit}:./{path}");
                if git(folder, &["cat-file", "-e", &object])?.is_none() {
                    return Ok(None);
                }
                git(folder, &["cat-file", "blob", &object])
            }
        }
    }

    /// All files, sorted. Hidden folders are passed over, among them that of git.
    pub fn files(&self) -> Result<Vec<String>, Failure> {
        let mut files = Vec::new();
        match self {
            Self::Folder(folder) => walk(folder, "", &mut files)?,
            Self::Revision { folder, commit, .. } => {
                let all = git(folder, &["ls-tree", "-r", "-z", "--name-only", commit])?.unwrap_or_default();
                let names = all.split('\0').filter(|name| !name.is_empty());
                files.extend(names.map(str::to_owned));
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// A path of the folder as it lies there now, from where the user is.
    pub fn here(&self, path: &str) -> String {
        let (Self::Folder(folder) | Self::Revision { folder, .. }) = self;
        folder.join(path).display().to_string()
    }

    /// A file as it stands in messages and reports: from where the user is.
    pub fn shown(&self, path: &str) -> String {
        let (Self::Folder(folder) | Self::Revision { folder, .. }) = self;
        let clean = folder.strip_prefix(".").unwrap_or(folder);
        let path = if clean.as_os_str().is_empty() {
            path.to_owned()
        } else {
            clean.join(path).display().to_string()
        };
        match self {
            Self::Folder(_) => path,
            Self::Revision { named, .. } => format!("{named}:{path}"),
        }
    }
}

fn walk(folder: &Path, inside: &str, files: &mut Vec<String>) -> Result<(), Failure> {
    let path = folder.join(inside);
    let unreadable = |cause| Failure::Unreadable {
        path: path.clone(),
        cause,
    };
    for entry in std::fs::read_dir(&path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if inside.is_empty() {
            name.clone()
        } else {
            format!("{inside}/{name}")
        };
        // The type of the entry itself: a link to a folder above must not be followed for ever.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            if !name.starts_with('.') {
                walk(folder, &below, files)?;
            }
        } else {
            files.push(below);
        }
    }
    Ok(())
}

/// What git prints; `None` when it says no.
fn git(folder: &Path, arguments: &[&str]) -> Result<Option<String>, Failure> {
    let failure = |message: String| Failure::Other {
        code: "CLI_GIT",
        message,
    };
    let done = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|cause| failure(format!("git cannot be run: {cause}")))?;
    if done.status.success() {
        let text = String::from_utf8(done.stdout)
            .map_err(|_| failure(format!("`git {}` gives no UTF-8", arguments.join(" "))))?;
        return Ok(Some(text));
    }
    // Asked whether something exists, git says no with 1 or 128 and nothing on standard output.
    if matches!(arguments, ["rev-parse", ..] | ["cat-file", "-e", ..]) && is_repository(folder) {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(failure(format!(
        "`git {}` failed: {}",
        arguments.join(" "),
        said.trim()
    )))
}

fn is_repository(folder: &Path) -> bool {
    let asked = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["rev-parse", "--git-dir"])
        .output();
    asked.is_ok_and(|done| done.status.success())
}
