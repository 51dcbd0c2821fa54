//! Suppressions: findings put up with until a day.

use std::path::Path;

use super::{Run, check_in, json, list, text};

/// Two collections without a permission, one of them of two fields, and these suppressions.
fn run_with(suppressions: &str, more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), suppressions, more)
}

fn run_in(folder: &Path, suppressions: &str, more: &[&str]) -> Run {
    let facts = format!(
        "scenario: one\nas_of: 2025-01-01T00:00:00Z\ntimezone: UTC\nhome: FR\nsubjects: [{{id: ana}}]\n\
         categories: [{{id: contact}}]\nfields: [{{id: email, category: contact}}, {{id: phone, category: contact}}]\n\
         processors: [{{id: shop, kind: controller, country: FR}}, {{id: mill, kind: controller, country: FR}}]\n\
         purposes: [{{id: ads}}]\nevents:\n\
         - {{id: e1, at: 2024-02-01T10:00:00Z, act: collect, to: shop, subjects: [ana], fields: [email, phone], purpose: ads}}\n\
         - {{id: e2, at: 2024-03-01T10:00:00Z, act: collect, to: mill, subjects: [ana], fields: [email], purpose: ads}}\n\
         rules:\n- {{id: r, check: authorized, clause: A-1, severity: error}}\nsuppressions:\n{suppressions}\n"
    );
    std::fs::write(folder.join("facts.yaml"), facts).unwrap();
    let mut arguments = vec!["facts.yaml", "--today", "2025-06-01T00:00:00Z"];
    arguments.extend(more);
    check_in(folder, &arguments)
}

fn prints() -> Vec<Vec<String>> {
    let found = json(&run_with("", &["--format", "json"]).out);
    list(&found["findings"])
        .iter()
        .map(|finding| {
            list(&finding["fingerprints"])
                .iter()
                .map(|print| text(print).to_owned())
                .collect()
        })
        .collect()
}

const BOTH: &str = "- {id: s1, rule: r, event: e1, until: 2025-07-01T00:00:00Z, by: ana, why: mended in June}\n\
                    - {id: s2, rule: r, event: e2, until: 2025-08-01T00:00:00Z, by: ben, why: contract signed}";

#[test]
fn suppressed_findings_stay_in_every_format_and_fail_nothing() {
    let run = run_with(BOTH, &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(
        run.out.contains("suppressed F01 error A-1 r event e1 [none]"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("s1, by ana until 2025-07-01T00:00:00+00:00: mended in June")
    );
    assert!(
        run.out
            .contains("2 suppressed as of today, 2025-06-01T00:00:00+00:00")
    );

    let found = json(&run_with(BOTH, &["--format", "json"]).out);
    assert_eq!(found["findings"][0]["suppressed"], "s1");
    assert_eq!(found["suppressed_count"], 2);
    assert_eq!(found["today"], "2025-06-01T00:00:00+00:00");

    let sarif = json(&run_with(BOTH, &["--format", "sarif"]).out);
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["suppressions"][0]["justification"], "mended in June");
    assert_eq!(result["suppressions"][0]["kind"], "external");

    let junit = run_with(BOTH, &["--format", "junit"]);
    assert!(junit.out.contains("failures=\"0\"") && junit.out.contains("F01 suppressed error"));
    assert_eq!(run_with(BOTH, &["--format", "github"]).out, "");
    let gitlab = json(&run_with(BOTH, &["--format", "gitlab"]).out);
    assert_eq!(gitlab[0]["severity"], "info");
    let markdown = run_with(BOTH, &["--format", "markdown"]);
    assert!(
        markdown.out.contains("Suppressed: s1, by ana until")
            && markdown.out.contains("| suppressed error |")
    );
}

#[test]
fn one_suppression_leaves_the_other_finding_to_fail() {
    let one = BOTH.lines().next().unwrap();
    let run = run_with(one, &["--format", "sarif"]);
    assert_eq!(run.code, 1);
    let results = &json(&run.out)["runs"][0]["results"];
    assert_eq!(list(&results[0]["suppressions"]).len(), 1);
    assert_eq!(
        list(&results[1]["suppressions"]).len(),
        0,
        "the key is in all results or in none"
    );
}

#[test]
fn past_its_day_it_covers_nothing_and_is_a_finding() {
    let at_the_end = ["--today", "2025-07-01T00:00:00Z"];
    for (today, code, found) in [("2025-06-30T23:59:59Z", 0, 2), (at_the_end[1], 1, 3)] {
        let folder = tempfile::tempdir().unwrap();
        run_in(folder.path(), BOTH, &[]);
        let run = check_in(
            folder.path(),
            &["facts.yaml", "--today", today, "--format", "json"],
        );
        assert_eq!(run.code, code, "{today}: {}", run.out);
        assert_eq!(json(&run.out)["finding_count"], found, "{today}");
    }
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), BOTH, &[]);
    let run = check_in(
        folder.path(),
        &["facts.yaml", "--today", at_the_end[1], "--format", "json"],
    );
    let value = json(&run.out);
    let expired = list(&value["findings"])
        .iter()
        .find(|f| f["rule"] == "suppressions")
        .unwrap();
    assert_eq!(expired["reason"], "suppression-expired");
    assert_eq!(expired["fact"], "s1");
    assert_eq!(expired["severity"], "warning");
    assert_eq!(expired["at"], "2025-07-01T00:00:00+00:00");
    assert!(text(&expired["place"]).starts_with("facts.yaml:"));
    let junit = check_in(
        folder.path(),
        &["facts.yaml", "--today", at_the_end[1], "--format", "junit"],
    );
    assert!(
        junit.out.contains("name=\"suppressions\""),
        "a demand of the check is a case"
    );
}

#[test]
fn a_fingerprint_covers_one_field() {
    let prints = prints();
    assert_eq!(prints[0].len(), 2);
    let one = |number: usize, print: &str| {
        format!("- {{id: s{number}, fingerprint: {print}, until: 2025-07-01T00:00:00Z, by: ana, why: w}}\n")
    };
    let first = one(1, &prints[0][0]);
    let value = json(&run_with(&first, &["--format", "json"]).out);
    assert_eq!(
        value["findings"][0].get("suppressed"),
        None,
        "the other field is not covered"
    );
    assert_eq!(value.get("notes"), None, "it matches all the same");
    let both = first + &one(2, &prints[0][1].to_uppercase());
    let value = json(&run_with(&both, &["--format", "json"]).out);
    assert_eq!(
        value["findings"][0]["suppressed"],
        serde_json::json!(["s1", "s2"])
    );
}

#[test]
fn reason_and_processor_narrow_it() {
    for (more, code) in [
        ("reason: none", 0),
        ("reason: expired", 1),
        ("processor: shop", 0),
        ("processor: mill", 1),
    ] {
        let lines = BOTH.replace("event: e1,", &format!("event: e1, {more},"));
        assert_eq!(run_with(&lines, &[]).code, code, "{more}");
    }
}

#[test]
fn what_matches_nothing_is_noted_and_fails_nothing() {
    let old =
        format!("{BOTH}\n- {{id: s3, rule: r, event: gone, until: 2020-01-01T00:00:00Z, by: ana, why: w}}");
    let run = run_with(&old, &[]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(
        run.out.contains("note: the suppression `s3` matches no finding")
            && run.out.contains("[SUPPRESSION_UNUSED]")
    );
    let value = json(&run_with(&old, &["--format", "json"]).out);
    assert_eq!(value["notes"][0]["code"], "SUPPRESSION_UNUSED");
    let sarif = json(&run_with(&old, &["--format", "sarif"]).out);
    let notes = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes[0]["level"], "note");
    let github = run_with(&old, &["--format", "github"]);
    assert!(
        github.out.starts_with("::notice file=facts.yaml,line="),
        "{}",
        github.out
    );
}

#[test]
fn a_suppression_says_what_it_is_about_in_one_way() {
    for (wrong, code) in [
        ("until: 2025-07-01T00:00:00Z, by: a, why: w", "FACT_MISSING_KEY"),
        (
            "rule: r, until: 2025-07-01T00:00:00Z, by: a, why: w",
            "FACT_MISSING_KEY",
        ),
        (
            "rule: r, event: e1, fact: x, until: 2025-07-01T00:00:00Z, by: a, why: w",
            "FACT_MISSING_KEY",
        ),
        (
            "fingerprint: 0123, until: 2025-07-01T00:00:00Z, by: a, why: w",
            "FACT_BAD_WORD",
        ),
        ("rule: r, event: e1, by: a, why: w", "FACT_MISSING_KEY"),
        (
            "rule: r, event: e1, until: 2025-07-01, by: a, why: w",
            "FACT_DATE_WITHOUT_TIME",
        ),
        (
            "rule: r, event: e1, until: 2025-07-01T00:00:00Z, why: w",
            "FACT_MISSING_KEY",
        ),
        (
            "rule: r, event: e1, until: 2025-07-01T00:00:00Z, by: a",
            "FACT_MISSING_KEY",
        ),
    ] {
        let run = run_with(&format!("- {{id: s1, {wrong}}}"), &[]);
        assert_eq!(run.code, 2, "{wrong}");
        assert!(run.err.contains(code), "{wrong}: {}", run.err);
    }
}

#[cfg(feature = "rocksdb")]
#[test]
fn a_store_keeps_them_as_facts() {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), BOTH, &[]);
    let import = std::process::Command::new(env!("CARGO_BIN_EXE_wherefore"))
        .args(["import", "facts.yaml", "--store", "store"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        import.status.success(),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );
    let run = check_in(
        folder.path(),
        &["--store", "store", "--today", "2025-06-01T00:00:00Z"],
    );
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("2 suppressed as of today"));
}
