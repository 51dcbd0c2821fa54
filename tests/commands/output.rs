//! A result that cannot be delivered does not look delivered.

use std::fs::OpenOptions;
use std::process::Stdio;

use super::program::{DEMO, command};

/// Commands with a result.
const COMMANDS: &[&[&str]] = &[
    &["check", DEMO],
    &["check", DEMO, "--format", "json"],
    &["ask", "crossings", "--subject", "lin", "--facts", DEMO],
    &["completions", "bash"],
    &["schema", "facts"],
    &["--help"],
];

#[test]
fn a_reader_that_goes_away_ends_the_program_without_a_word() {
    for arguments in COMMANDS {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command()
            .args(*arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("the program starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), err.as_ref()),
            (Some(2), ""),
            "{arguments:?}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_exits_with_2() {
    for arguments in COMMANDS {
        let full = OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a full disk");
        let output = command()
            .args(*arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .expect("the program starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(!err.contains("panicked"), "{err}");
        let is_told = err.contains("CLI_OUTPUT");
        assert!(is_told || *arguments == ["--help"], "{arguments:?}: {err}");
    }
}
