//! Verify: whether the flows that are kept in files are those that are on record.
//!
//! An answer rests on such a file where that says that nothing came anywhere: then no act is read. A file that fits and says
//! something else than the record is damage; one that does not fit is never used, and made anew when somebody asks.

use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use super::DbError;
use super::flows::Flows;
use super::shelf::{FOLDER, digest, lay_down};
use crate::engine::{Columns, FileError};
use crate::model::id::SubjectId;
use crate::store::{Ledger, Mode, View};

/// What was found about the files of flows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// How many say what is on record.
    pub right: u64,
    /// Those that fit the record and say something else.
    pub altered: Vec<PathBuf>,
    /// Those that are not used, and why.
    pub unused: Vec<(PathBuf, String)>,
}

/// Lays down anew, in memory, what the files of a store say, and compares. Changes nothing. Cost: for each file, reading it and the
/// family it is about.
pub fn verify(store: &Path) -> Result<Copies, DbError> {
    let mut copies = Copies::default();
    let folder = store.join(FOLDER);
    let mut files = match files_of(&folder) {
        Ok(files) => files,
        // Nobody has asked about a large family yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(copies),
        Err(error) => {
            copies.unused.push((folder, error.to_string()));
            return Ok(copies);
        }
    };
    files.sort();
    if files.is_empty() {
        return Ok(copies);
    }
    let view = Ledger::open(store, Mode::Read)?.view()?;
    for file in files {
        match looked_at(&view, &file)? {
            Ok(true) => copies.right += 1,
            Ok(false) => copies.altered.push(file),
            Err(why) => copies.unused.push((file, why)),
        }
    }
    Ok(copies)
}

fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: io::Result<Vec<DirEntry>> = std::fs::read_dir(folder)?.collect();
    let files = entries?.into_iter().map(|entry| entry.path());
    Ok(files
        .filter(|file| file.extension().is_some_and(|extension| extension == "columns"))
        .collect())
}

/// Whether the file says what is on record; or why it is not used.
fn looked_at(view: &View, file: &Path) -> Result<Result<bool, String>, DbError> {
    let Some(family) = family_of(view, file)? else {
        return Ok(Err("it is named after no family on record".to_owned()));
    };
    let (columns, base) = match Columns::open_of(file, |_| Ok(())) {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let stale = || Ok(Err(FileError::Stale(base.sequence, view.sequence()).to_string()));
    let Some(past) = view.past(base.sequence)? else {
        return stale();
    };
    if digest(&past, &family) != base.digest {
        return stale();
    }
    let Some(found) = Flows::of(columns) else {
        return Ok(Err("it is of another version of this program".to_owned()));
    };
    let flows = lay_down(&past, &family)?;
    let is_same = flows.is_some_and(|flows| flows.columns().is_same(found.columns()));
    Ok(Ok(is_same))
}

/// Whose family the file is named after.
fn family_of(view: &View, file: &Path) -> Result<Option<SubjectId>, DbError> {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let number = stem.and_then(|stem| u128::from_str_radix(stem, 16).ok());
    match number.filter(|_| stem.is_some_and(|stem| stem.len() == 32)) {
        Some(number) => Ok(view.subject_of_file(number.to_be_bytes())?),
        None => Ok(None),
    }
}
