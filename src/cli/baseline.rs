//! Reads a baseline from a file.

use std::path::Path;

use super::source::{self, Failure};
use crate::import;
use crate::report::baseline::Baseline;

/// What a person can do about a file that is no baseline.
const ADVICE: &str = "make one with `wherefore check … --output json=FILE` and keep it with the facts";

/// Reads it. A broken baseline stops the check: to judge without it would fail on old findings, to take it for empty
/// would hide why.
pub fn read(path: &Path) -> Result<Baseline, Failure> {
    of_text(path, &source::text(path)?)
}

/// Reads its text.
pub fn of_text(path: &Path, text: &str) -> Result<Baseline, Failure> {
    let refuse = |why: String| Failure::Other {
        code: "CLI_BASELINE",
        message: format!("`{}` is no baseline: {why}; {ADVICE}", path.display()),
    };
    let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let value = if is_yaml {
        import::yaml_json(text).map_err(|problems| {
            refuse(
                problems
                    .first()
                    .map_or_else(|| "it is not YAML".to_owned(), ToString::to_string),
            )
        })?
    } else {
        serde_json::from_str(text).map_err(|error| refuse(format!("it is not JSON: {error}")))?
    };
    Baseline::read(&value).map_err(|error| refuse(error.to_string()))
}
