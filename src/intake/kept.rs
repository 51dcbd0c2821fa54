//! The mapping that the facts of events were committed under last: `lineage/mapping.json`, its name and its text, and
//! the names of all before it.
//!
//! With it the facts that were stated can be made again, so that another mapping takes back what no longer follows;
//! and whoever names no mapping goes on under this one.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::{FOLDER, IntakeError};
use crate::import::mapping::{Mapping, Source};

const FILE: &str = "mapping.json";

/// What is kept.
#[derive(Debug)]
pub struct Kept {
    /// The mapping.
    pub mapping: Mapping,
    /// Names of this and earlier mappings: facts that stand in them come from there.
    pub names: BTreeSet<String>,
}

/// What is kept in the folder of a store, if anything is. A mapping that cannot be read any more is told of in the log.
pub fn read(store: &Path) -> Result<Option<Kept>, IntakeError> {
    let path = store.join(FOLDER).join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(IntakeError::Io { path, cause }),
    };
    let kept: Value = serde_json::from_str(&text).unwrap_or_default();
    let text_of = |key: &str| kept.get(key).and_then(Value::as_str);
    let mapping = match (text_of("name"), text_of("text")) {
        (Some(name), Some(text)) => Mapping::read(text, name).ok().map(|(mapping, _)| mapping),
        _ => kept.get("text").map(|_| Mapping::default()),
    };
    let Some(mapping) = mapping else {
        tracing::warn!(path = %path.display(), "the mapping of before cannot be read; facts that it alone gave stay");
        return Ok(None);
    };
    let names = kept.get("names").and_then(Value::as_array).into_iter().flatten();
    Ok(Some(Kept {
        mapping,
        names: names.filter_map(Value::as_str).map(str::to_owned).collect(),
    }))
}

/// Keeps a mapping, whole or not at all.
pub fn keep(store: &Path, source: Option<&Source>, names: &BTreeSet<String>) -> Result<(), IntakeError> {
    let folder = store.join(FOLDER);
    let path = folder.join(FILE);
    let kept = json!({
        "name": source.map(|source| &source.name),
        "text": source.map(|source| &source.text),
        "names": names,
    });
    let new = folder.join("mapping.json.new");
    std::fs::write(&new, format!("{kept}\n"))
        .and_then(|()| std::fs::File::open(&new)?.sync_all())
        .and_then(|()| std::fs::rename(&new, &path))
        .map_err(|cause| IntakeError::Io { path, cause })
}
