//! Verify: whether the flows that are kept in files are those that are on record.
//!
//! An answer rests on such a file where that says that nothing came anywhere: then no act is read. A file that fits and says
//! something else than the record is damage; one that does not fit is never used, and made anew when somebody asks.

use std::path::{Path, PathBuf};

use super::DbError;
use super::shelf::{FOLDER, digest, lay_down};
use crate::engine::{Base, Columns, FileError};
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
    let Ok(folder) = std::fs::read_dir(store.join(FOLDER)) else {
        return Ok(copies);
    };
    let mut files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "columns"));
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

/// Whether the file says what is on record; or why it is not used.
fn looked_at(view: &View, file: &Path) -> Result<Result<bool, String>, DbError> {
    let Some(family) = family_of(view, file)? else {
        return Ok(Err("it is named after no family on record".to_owned()));
    };
    let mut of_base: Option<Base> = None;
    let opened = Columns::open_of(file, |base| {
        of_base = Some(base);
        Ok(())
    });
    let columns = match opened {
        Ok((columns, _)) => columns,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let stale = |base: Base| Ok(Err(FileError::Stale(base.sequence, view.sequence()).to_string()));
    let Some(base) = of_base else {
        return Ok(Err("it is of no state".to_owned()));
    };
    let Some(past) = view.past(base.sequence)? else {
        return stale(base);
    };
    if digest(&past, &family) != base.digest {
        return stale(base);
    }
    let flows = lay_down(&past, &family)?;
    Ok(Ok(flows.is_some_and(|flows| flows.columns().is_same(&columns))))
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
