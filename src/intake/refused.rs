//! The list of events that were refused: `lineage/refused.ndjson`, one line each with the code, the path and the event.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::IntakeError;
use crate::import::openlineage::Refusal;
use crate::model::time::{Instant, print_utc};

/// Of a refused event this many characters are kept.
const KEPT_MAX: usize = 65_536;

/// The list.
pub struct Refused {
    path: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    counts: BTreeMap<String, u64>,
}

impl Refused {
    /// Opens the list, or begins it. Lines that cannot be read are counted under `unreadable`.
    pub fn open(path: &Path) -> Result<Self, IntakeError> {
        let io = |cause| IntakeError::Io {
            path: path.to_owned(),
            cause,
        };
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(io)?;
        let mut counts = BTreeMap::new();
        for line in BufReader::new(&file).lines() {
            let line = line.map_err(io)?;
            let value: Option<Value> = serde_json::from_str(&line).ok();
            let code = value.as_ref().and_then(|value| value.get("code")?.as_str());
            *counts.entry(code.unwrap_or("unreadable").to_owned()).or_default() += 1;
        }
        Ok(Self {
            path: path.to_owned(),
            inner: Mutex::new(Inner { file, counts }),
        })
    }

    /// Keeps a refusal. It is written before the refusal is told, and not synced: the sender has the event still.
    pub fn keep(&self, at: Instant, refusal: &Refusal, event: &str) -> Result<(), IntakeError> {
        let kept: String = event.chars().take(KEPT_MAX).collect();
        let line = json!({
            "at": print_utc(at),
            "code": refusal.code.as_str(),
            "path": refusal.path,
            "message": refusal.message,
            "is_whole": kept.len() == event.len(),
            "event": kept,
        });
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner
            .file
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|cause| IntakeError::Io {
                path: self.path.clone(),
                cause,
            })?;
        *inner.counts.entry(refusal.code.as_str().to_owned()).or_default() += 1;
        Ok(())
    }

    /// Refusals by code.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .counts
            .clone()
    }
}
