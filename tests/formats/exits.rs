//! Exit codes and arguments that do not go together.

use super::{DEMO, check, check_in, json, list, run};

/// One act without a permission, under one rule of this severity.
fn facts(severity: &str) -> String {
    format!(
        "scenario: one\nas_of: 2025-01-01T00:00:00Z\ntimezone: UTC\nhome: FR\nsubjects: [{{id: ana}}]\n\
         categories: [{{id: contact}}]\nfields: [{{id: email, category: contact}}]\n\
         processors: [{{id: shop, kind: controller, country: FR}}]\npurposes: [{{id: ads}}]\nevents:\n\
         - {{id: e1, at: 2024-02-01T10:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email], purpose: ads}}\n\
         rules:\n- {{id: r, check: authorized, clause: A-1, severity: {severity}}}\n"
    )
}

#[test]
fn fail_on_decides_which_severity_fails() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("error", [("error", 1), ("warning", 1), ("note", 1), ("never", 0)]),
        (
            "warning",
            [("error", 0), ("warning", 1), ("note", 1), ("never", 0)],
        ),
        ("note", [("error", 0), ("warning", 0), ("note", 1), ("never", 0)]),
    ];
    for (severity, row) in table {
        std::fs::write(folder.path().join("facts.yaml"), facts(severity)).unwrap();
        for (least, code) in row {
            let run = check_in(folder.path(), &["facts.yaml", "--fail-on", least]);
            assert_eq!(run.code, code, "{severity} {least}: {}{}", run.out, run.err);
            assert!(
                run.out.contains("1 finding: "),
                "what fails nothing is told all the same"
            );
            let junit = check_in(
                folder.path(),
                &["facts.yaml", "--fail-on", least, "--format", "junit"],
            );
            assert_eq!(
                junit.out.contains("<failure "),
                code == 1,
                "the report says what the code says"
            );
            assert_eq!(junit.code, code);
        }
        assert_eq!(
            check_in(folder.path(), &["facts.yaml"]).code,
            1,
            "every finding counts by default"
        );
    }
}

#[test]
fn without_findings_every_format_is_whole_and_the_code_is_zero() {
    let folder = tempfile::tempdir().unwrap();
    let clean = facts("error").replace("authorized,", "optout,");
    std::fs::write(folder.path().join("facts.yaml"), clean).unwrap();
    for (format, wanted) in [
        ("text", "no findings\n"),
        ("json", "\"finding_count\": 0"),
        ("sarif", "\"results\": []"),
        ("junit", "tests=\"1\" failures=\"0\""),
        ("github", ""),
        ("gitlab", "[]\n"),
        ("markdown", "No findings under 1 rule,"),
    ] {
        let run = check_in(folder.path(), &["facts.yaml", "--format", format]);
        assert_eq!(run.code, 0, "{format}: {}", run.err);
        assert!(run.out.contains(wanted), "{format}: {}", run.out);
    }
}

#[test]
fn what_cannot_be_done_exits_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("sarif={}/no/such/folder/x", folder.path().display());
    let file = folder.path().join("x");
    let (one, two) = (
        format!("sarif={}", file.display()),
        format!("junit={}", file.display()),
    );
    for (arguments, wanted) in [
        (vec![DEMO, "--output", &nowhere], "CLI_UNWRITABLE"),
        (
            vec![DEMO, "--output", &one, "--output", &two],
            "two outputs go to",
        ),
        (
            vec![DEMO, "--format", "text", "--output", "sarif=-"],
            "two outputs go to standard output",
        ),
        (vec![DEMO, "--output", "sarif"], "write FORMAT=FILE"),
        (vec![DEMO, "--output", "sarif="], "name a file"),
        (vec![DEMO, "--output", "pdf=x"], "choose one of text, json, sarif"),
        (vec![DEMO, "--fail-on", "worst"], "invalid value"),
        (vec!["no-such-file.yaml"], "CLI_UNREADABLE"),
        (vec!["no-such-file.yaml", "--fail-on", "never"], "CLI_UNREADABLE"),
    ] {
        let run = check(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(wanted), "{arguments:?}: {}", run.err);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn the_same_flow_twice_is_two_issues_of_code_quality() {
    let folder = tempfile::tempdir().unwrap();
    let once = facts("error");
    let act = once.lines().find(|line| line.contains("id: e1")).unwrap();
    let again = act.replace("id: e1", "id: e2").replace("2024-02", "2024-03");
    std::fs::write(
        folder.path().join("facts.yaml"),
        once.replace(act, &format!("{act}\n{again}")),
    )
    .unwrap();
    let issues = json(&check_in(folder.path(), &["./facts.yaml", "--format", "gitlab"]).out);
    let [first, second] = list(&issues) else {
        panic!("{issues}")
    };
    assert_ne!(
        first["fingerprint"], second["fingerprint"],
        "GitLab would drop one"
    );
    assert_eq!(
        first["location"]["path"], "facts.yaml",
        "GitLab matches paths without `./`"
    );
}

/// Whatever keeps a check from judging all that it was asked to, it ends with 2, also when nothing shall fail it.
#[cfg(feature = "rocksdb")]
#[test]
fn a_damaged_or_missing_store_is_not_green() {
    let folder = tempfile::tempdir().unwrap();
    let clean = facts("error").replace("authorized,", "optout,");
    std::fs::write(folder.path().join("facts.yaml"), clean).unwrap();
    let import = run(folder.path(), &["import", "facts.yaml", "--store", "store"]);
    assert_eq!(import.code, 0, "{}", import.err);
    let of_store = |store: &str| check_in(folder.path(), &["--store", store, "--fail-on", "never"]);
    assert_eq!(of_store("store").code, 0);
    let run = of_store("nowhere");
    assert!(run.code == 2 && !run.err.is_empty(), "{}", run.err);
    // A byte of every file that holds records is turned round.
    let mut damaged = 0;
    for entry in std::fs::read_dir(folder.path().join("store/db")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() && [".log", ".sst"].iter().any(|end| name.ends_with(end)) {
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 0xff;
                damaged += 1;
            }
            std::fs::write(&path, bytes).unwrap();
        }
    }
    assert!(damaged > 0);
    let run = of_store("store");
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("STORE_DAMAGED"), "{}", run.err);
}

#[test]
fn a_limit_reached_is_not_green() {
    let folder = tempfile::tempdir().unwrap();
    let deep = format!("{}title: {}x\n", facts("error"), "[".repeat(200));
    std::fs::write(folder.path().join("facts.yaml"), deep).unwrap();
    let run = check_in(folder.path(), &["facts.yaml", "--fail-on", "never"]);
    assert!(run.code == 2 && run.err.contains("FACT_LIMIT"), "{}", run.err);
    for facts in ["fields: [{id: phone, category: nothing}]", "events: ["] {
        std::fs::write(folder.path().join("facts.yaml"), facts).unwrap();
        assert_eq!(
            check_in(folder.path(), &["facts.yaml", "--fail-on", "never"]).code,
            2,
            "{facts}"
        );
    }
}
