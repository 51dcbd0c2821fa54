//! Every format byte for byte: of the worked example, and of a folder held against an earlier state in which a finding is
//! known, one suppressed, one mended, one beyond the horizon, one for people under age only. `WHEREFORE_GOLDEN=write`
//! writes the files anew.

use std::path::Path;

use super::{DEMO, Run, check, run};

/// Formats and the ends of their files.
const FORMATS: &[(&str, &str)] = &[
    ("text", "txt"),
    ("json", "json"),
    ("sarif", "sarif"),
    ("junit", "junit.xml"),
    ("github", "github.txt"),
    ("gitlab", "gitlab.json"),
    ("markdown", "md"),
];

/// Two folders of one shop.
const GATE: [&str; 2] = ["tests/formats/data/gate/before", "tests/formats/data/gate/after"];

const DAY: &str = "2025-06-01T00:00:00Z";

fn gate(format: &str) -> Run {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    run(
        folder,
        &[
            &["diff"],
            &GATE[..],
            &["--as-of", DAY, "--today", DAY, "--format", format],
        ]
        .concat(),
    )
}

fn is_golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/formats/golden")
        .join(name);
    if std::env::var_os("WHEREFORE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap();
    let first = found
        .lines()
        .zip(wanted.lines())
        .find(|(found, wanted)| found != wanted);
    assert_eq!(
        first, None,
        "{name} differs; WHEREFORE_GOLDEN=write takes the new one"
    );
    assert!(found == wanted, "{name} has another length or other line ends");
}

#[test]
fn the_demo_prints_the_golden_files() {
    for (format, end) in FORMATS {
        let run = check(&[DEMO, "--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.err);
        is_golden(&format!("demo.{end}"), &run.out);
    }
}

#[test]
fn all_that_a_gate_can_tell_prints_the_golden_files() {
    for (format, end) in FORMATS {
        let run = gate(format);
        assert_eq!(run.code, 1, "{format}: {}", run.err);
        is_golden(&format!("gate.{end}"), &run.out);
        if *format != "json" {
            assert!(
                run.out.contains("Ask for a permission"),
                "{format} tells the advice"
            );
        }
        assert!(run.out.contains("P-1"), "{format} tells the clause");
    }
}

#[test]
fn two_runs_write_the_same_bytes_to_files_as_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec![DEMO.to_owned(), "--quiet".to_owned()];
    for (format, end) in FORMATS {
        let path = folder.path().join(end);
        arguments.extend(["--output".to_owned(), format!("{format}={}", path.display())]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = check(&arguments);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(
        run.out,
        "56 findings: 49 errors, 7 warnings, 0 notes; 37 clauses violated\n"
    );
    for (format, end) in FORMATS {
        let written = std::fs::read_to_string(folder.path().join(end)).unwrap();
        assert!(!written.is_empty());
        assert!(check(&[DEMO, "--format", format]).out == written, "{format}");
    }
}
