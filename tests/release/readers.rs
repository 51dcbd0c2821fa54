//! The formats read back by tools that others wrote: SARIF against its official schema and by sarif-tools, JUnit by
//! junitparser. `make test` installs them.

use std::path::Path;
use std::process::Command;

use super::{FLOWS, PASSED_ON, clean, git, wherefore, write};

fn outside() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside")
}

fn run(program: &Path, arguments: &[&str]) {
    assert!(
        outside().join("node_modules/@microsoft/jest-sarif").exists()
            && outside().join("venv/bin/python").exists(),
        "the packages of the outside tests are missing; `make test` installs them"
    );
    let done = Command::new(program)
        .args(arguments)
        .current_dir(outside())
        .output()
        .unwrap();
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        done.status.success(),
        "{arguments:?}: {}{}",
        told(&done.stdout),
        told(&done.stderr)
    );
}

/// Checks with all outputs, and has them read.
fn read_back(folder: &Path, arguments: &[&str], code: i32) {
    let outputs = [
        "--output",
        "json=c.json",
        "--output",
        "sarif=c.sarif",
        "--output",
        "junit=c.xml",
        "--quiet",
    ];
    let done = wherefore(folder, &[&["check"], arguments, &outputs].concat());
    assert_eq!(done.code, code, "{}{}", done.out, done.err);
    let file = |name: &str| folder.join(name).display().to_string();
    run(Path::new("node"), &["sarif.mjs", &file("c.sarif")]);
    run(
        &outside().join("venv/bin/python"),
        &[
            "readers.py",
            &file("c.json"),
            &file("c.sarif"),
            &file("c.xml"),
            &code.to_string(),
        ],
    );
}

#[test]
fn the_worked_example_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("examples/zhima-credit.yaml", folder.path().join("facts.yaml")).unwrap();
    read_back(folder.path(), &["facts.yaml"], 1);
}

#[test]
fn a_folder_with_known_suppressed_expired_and_unused_is_read_back() {
    let folder = clean();
    git(folder.path(), &["init", "-q"]);
    write(folder.path(), &[("privacy/grants.yaml", &super::broken())]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one old finding"]);
    let suppressions = "suppressions:
  - {id: s1, rule: route, event: pass-on, until: 2025-07-01T00:00:00Z, by: ana, why: a contract is coming}
  - {id: s2, rule: cover, event: pass-on, until: 2025-05-01T00:00:00Z, by: ana, why: too old}
  - {id: s3, rule: cover, event: nothing, until: 2025-07-01T00:00:00Z, by: ana, why: no use}
";
    write(
        folder.path(),
        &[
            ("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}")),
            ("privacy/suppressions.yaml", suppressions),
        ],
    );
    let day = ["--as-of", super::DAY, "--today", super::DAY];
    read_back(folder.path(), &[&day[..], &["--base-ref", "HEAD"]].concat(), 1);
    read_back(folder.path(), &[&day[..], &["--fail-on", "never"]].concat(), 0);
}

#[test]
fn what_is_declared_for_everyone_is_read_back() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/data/gate/after");
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    read_back(folder.path(), &["--as-of", super::DAY, "--today", super::DAY], 1);
}
