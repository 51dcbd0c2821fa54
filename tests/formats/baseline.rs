//! Against a baseline: old findings are known, new ones fail.

use std::path::Path;

use serde_json::Value;

use super::{DEMO, Run, check, check_in, json, list, text};

/// A folder with the facts of the demo, changed, and a baseline of the demo, changed.
fn against(facts: impl Fn(String) -> String, baseline: impl Fn(&mut Value), more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let demo = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DEMO)).unwrap();
    std::fs::write(folder.path().join("facts.yaml"), facts(demo)).unwrap();
    let mut old = json(&check(&[DEMO, "--format", "json"]).out);
    baseline(&mut old);
    std::fs::write(folder.path().join("old.json"), old.to_string()).unwrap();
    let mut arguments = vec!["facts.yaml", "--baseline", "old.json"];
    arguments.extend(more);
    check_in(folder.path(), &arguments)
}

fn same(facts: String) -> String {
    facts
}

/// Replaces what must be there.
fn replaced(facts: &str, old: &str, new: &str) -> String {
    assert!(facts.contains(old), "the demo has no {old}");
    facts.replace(old, new)
}

#[test]
fn old_findings_are_known_and_fail_nothing() {
    let run = against(same, |_| {}, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out
            .contains("against the baseline: 0 new, 56 known; 0 fingerprints of it are gone")
    );
    assert_eq!(run.out.matches("known F").count(), 56);
}

#[test]
fn a_finding_that_the_baseline_lacks_is_new() {
    let forget = |old: &mut Value| {
        old["findings"].as_array_mut().unwrap().remove(20);
    };
    let run = against(same, forget, &["--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let found = json(&run.out);
    assert_eq!(
        found["baseline"],
        serde_json::json!({"new": 1, "known": 55, "gone": 0})
    );
    for (position, finding) in list(&found["findings"]).iter().enumerate() {
        assert_eq!(finding.get("known").is_some(), position != 20, "{finding}");
    }
    let run = against(same, forget, &["--format", "json", "--fail-on", "never"]);
    assert_eq!(run.code, 0);

    let sarif = json(&against(same, forget, &["--format", "sarif"]).out);
    for (position, result) in list(&sarif["runs"][0]["results"]).iter().enumerate() {
        let wanted = if position == 20 { "new" } else { "unchanged" };
        assert_eq!(text(&result["baselineState"]), wanted);
    }
    let github = against(same, forget, &["--format", "github"]);
    assert_eq!(github.out.lines().count(), 1, "known findings are not annotated");
    let junit = against(same, forget, &["--format", "junit"]);
    assert_eq!(junit.out.matches("<failure ").count(), 1);
    let markdown = against(same, forget, &["--format", "markdown"]);
    assert!(markdown.out.contains("Against the baseline: 1 new, 55 known"));
}

#[test]
fn renamed_acts_and_shifted_instants_stay_known() {
    let change = |facts: String| {
        let facts = replaced(&facts, "id: newco-mailing,", "id: another-name,");
        let facts = replaced(&facts, "2025-02-10T09:00:00+08:00", "2025-03-11T10:30:00+08:00");
        replaced(&facts, "id: winners-raw,", "id: renamed-too,")
    };
    let run = against(change, |_| {}, &[]);
    assert!(
        run.out.contains("another-name") && run.out.contains("renamed-too"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("0 new, 56 known; 0 fingerprints of it are gone"),
        "{}",
        run.out
    );
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn a_finding_that_grows_by_a_field_is_new() {
    let grow = |facts: String| {
        let line = facts
            .lines()
            .find(|line| line.contains("id: newco-mailing,"))
            .unwrap();
        let grown = replaced(line, "fields: [name]", "fields: [name, mobile]");
        replaced(&facts, line, &grown)
    };
    let run = against(grow, |_| {}, &["--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let found = json(&run.out);
    let new: Vec<&Value> = list(&found["findings"])
        .iter()
        .filter(|finding| finding.get("known").is_none())
        .collect();
    assert!(!new.is_empty());
    assert!(
        new.iter().all(|finding| finding["event"] == "newco-mailing"),
        "{new:?}"
    );
}

#[test]
fn a_finding_is_known_only_with_all_its_fingerprints() {
    let forget = |old: &mut Value| {
        let findings = old["findings"].as_array_mut().unwrap();
        let prints = findings
            .iter_mut()
            .filter_map(|finding| finding["fingerprints"].as_array_mut())
            .find(|prints| prints.len() > 1)
            .unwrap();
        prints.pop();
    };
    let run = against(same, forget, &["--quiet"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("1 new, 55 known; 0 fingerprints of it are gone"),
        "{}",
        run.out
    );
}

#[test]
fn what_has_disappeared_is_counted() {
    let mend = |facts: String| {
        let line = facts
            .lines()
            .find(|line| line.contains("id: newco-mailing,"))
            .unwrap();
        replaced(&facts, line, "")
    };
    let run = against(mend, |_| {}, &["--quiet"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.contains("0 new, 55 known; 1 fingerprints of it are gone"),
        "{}",
        run.out
    );
}

#[test]
fn a_file_that_is_no_baseline_stops_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    for (file, wanted) in [
        (
            "examples/zhima-credit.expected.yaml".to_owned(),
            "finding 1 has no `fingerprints`",
        ),
        (path("a.json", "{"), "not JSON"),
        (path("b.json", "[]"), "no list `findings`"),
        (
            path("c.json", r#"{"findings": [{"fingerprints": []}]}"#),
            "finding 1 has no `fingerprints`",
        ),
        (
            path(
                "d.json",
                r#"{"findings": [{"fingerprints": ["a"]}, {"fingerprints": [1]}]}"#,
            ),
            "finding 2",
        ),
    ] {
        let run = check(&[DEMO, "--baseline", &file]);
        assert_eq!(run.code, 2, "{file}: {}", run.err);
        assert!(
            run.err.contains("CLI_BASELINE") && run.err.contains(wanted),
            "{file}: {}",
            run.err
        );
        assert!(
            run.err.contains("--output json=FILE"),
            "it says how to make one: {}",
            run.err
        );
        assert_eq!(run.out, "");
    }
    assert_eq!(check(&[DEMO, "--baseline", "no-such.json"]).code, 2);
    let empty = path("empty.json", r#"{"findings": []}"#);
    let run = check(&[DEMO, "--baseline", &empty, "--quiet"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("56 new, 0 known"));
}
