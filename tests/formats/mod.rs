//! The outputs of `wherefore check`: formats, exit codes, the baseline. Run as a user runs them, through the program.

mod baseline;
mod exits;
mod explain;
mod golden;
mod hostile;
mod sarif;
mod suppressed;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const DEMO: &str = "examples/zhima-credit.yaml";

/// What a run of the program did.
struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `wherefore check` in a folder.
fn check_in(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, &[&["check"], arguments].concat())
}

/// Runs the program in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Run {
    let done = Command::new(env!("CARGO_BIN_EXE_wherefore"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    Run {
        code: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Runs it where the examples are.
fn check(arguments: &[&str]) -> Run {
    check_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
