//! The check that stops a release: folders, revisions of git, changes, looking ahead. Run as a user runs it.

mod ahead;
mod beside;
mod change;
mod design;
mod diff;
mod folder;
mod git;
mod observed;
mod readers;
mod ways;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The day of every check here, unless a test says another.
const DAY: &str = "2025-06-01T00:00:00Z";

/// What a run of the program did.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// What counts: neither known nor suppressed nor later.
    fn fresh(&self) -> Vec<Value> {
        let excused = |finding: &Value| {
            ["known", "suppressed", "later"]
                .iter()
                .any(|key| finding.get(key).is_some())
        };
        let found = self.json();
        found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| !excused(finding))
            .cloned()
            .collect()
    }
}

/// Runs the program in a folder.
fn wherefore(folder: &Path, arguments: &[&str]) -> Run {
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

/// Runs `wherefore check` for the day.
fn check(folder: &Path, arguments: &[&str]) -> Run {
    wherefore(
        folder,
        &[&["check", "--as-of", DAY, "--today", DAY], arguments].concat(),
    )
}

/// Writes files, making folders on the way.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t.example",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

const PROJECT: &str = "header: {timezone: UTC, home: FR}\nfacts: [privacy/**/*.yaml]\n";

/// Who there is, in a file of its own.
const THINGS: &str = "\
subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}, {id: score, category: contact}]
processors:
  - {id: shop, kind: controller, country: FR}
  - {id: lab, kind: controller, country: FR}
  - {id: broker, kind: controller, country: US}
purposes: [{id: orders}, {id: rating}]
rules:
  - {id: cover, check: authorized, clause: P-1, severity: error}
  - {id: route, check: transfer-mechanism, clause: P-2, severity: error}
";

/// What may be done: the shop collects, and shares with the lab, which may make and keep scores.
const GRANTS: &str = "\
authorizations:
  - {id: az-shop, basis: contract, holder: shop, acts: [collect, share, use], recipients: [lab], fields: [email], purposes: [orders, rating], from: 2024-01-01T00:00:00Z}
  - {id: az-lab, basis: contract, holder: lab, acts: [derive, use], fields: [email, score], purposes: [rating], from: 2024-01-01T00:00:00Z}
";

const FLOWS: &str = "\
events:
  - {id: sign-up, at: 2025-01-01T00:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: to-lab, at: 2025-01-02T00:00:00Z, act: share, from: shop, to: lab, subjects: [ana], fields: [email], purpose: rating}
  - {id: rate, at: 2025-01-03T00:00:00Z, act: derive, by: lab, subjects: [ana], fields: [email], makes: [score], purpose: rating}
";

/// A folder with a project in which all is well.
fn clean() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("wherefore.yaml", PROJECT),
            ("privacy/things.yaml", THINGS),
            ("privacy/grants.yaml", GRANTS),
            ("privacy/flows/shop.yaml", FLOWS),
        ],
    );
    folder
}

/// One line more: the lab passes the score on, to a broker abroad.
const PASSED_ON: &str = "  - {id: pass-on, at: 2025-02-01T00:00:00Z, act: share, from: lab, to: broker, subjects: [ana], fields: [score], purpose: rating}\n";

/// The grants without the one recipient: the share with the lab is not covered any more.
fn broken() -> String {
    let broken = GRANTS.replace("recipients: [lab], ", "");
    assert_ne!(broken, GRANTS);
    broken
}
