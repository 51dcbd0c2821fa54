//! Every format of the worked example, byte for byte. `WHEREFORE_GOLDEN=write` writes the files anew.

use std::path::Path;

use super::{DEMO, check};

const FORMATS: &[(&str, &str)] = &[
    ("text", "demo.txt"),
    ("json", "demo.json"),
    ("sarif", "demo.sarif"),
    ("junit", "demo.junit.xml"),
    ("github", "demo.github.txt"),
    ("gitlab", "demo.gitlab.json"),
    ("markdown", "demo.md"),
];

#[test]
fn the_demo_prints_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/golden");
    let writes = std::env::var_os("WHEREFORE_GOLDEN").is_some_and(|value| value == "write");
    for (format, name) in FORMATS {
        let run = check(&[DEMO, "--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.err);
        let path = folder.join(name);
        if writes {
            std::fs::write(&path, &run.out).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap();
        let first = run
            .out
            .lines()
            .zip(wanted.lines())
            .find(|(found, wanted)| found != wanted);
        assert_eq!(
            first, None,
            "{name} differs; WHEREFORE_GOLDEN=write takes the new one"
        );
        assert!(run.out == wanted, "{name} has another length or other line ends");
    }
}

#[test]
fn two_runs_write_the_same_bytes_to_files_as_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec![DEMO.to_owned(), "--quiet".to_owned()];
    for (format, name) in FORMATS {
        let path = folder.path().join(name);
        arguments.extend(["--output".to_owned(), format!("{format}={}", path.display())]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = check(&arguments);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(
        run.out,
        "56 findings: 49 errors, 7 warnings, 0 notes; 37 clauses violated\n"
    );
    for (format, name) in FORMATS {
        let written = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(!written.is_empty());
        assert!(check(&[DEMO, "--format", format]).out == written, "{format}");
    }
}
