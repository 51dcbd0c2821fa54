//! Stands in for `folder` in a build without a store on disk.

use std::path::Path;

use super::Tuning;
use super::error::StoreError;
use super::head::Head;
use super::seam::Backend;
use super::state::Opened;
use super::verify::Report;

pub fn open_for_writing(_: &Path, _: bool, _: &Tuning) -> Result<Opened, StoreError> {
    Err(StoreError::NoDisk)
}

pub fn open_for_reading(_: &Path, _: &Tuning) -> Result<Opened, StoreError> {
    Err(StoreError::NoDisk)
}

pub fn checkpoint(_: &dyn Backend, _: &Head, _: &Path) -> Result<(), StoreError> {
    Err(StoreError::NoDisk)
}

pub fn verify(_: &Path) -> Result<Report, StoreError> {
    Err(StoreError::NoDisk)
}
