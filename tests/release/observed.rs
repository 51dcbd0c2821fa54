//! Completeness, and drift between what is declared and what was observed.

use super::{FLOWS, PASSED_ON, check, clean, wherefore, write};

#[test]
fn a_party_that_reports_nothing_is_found_with_the_chain_to_it() {
    let folder = clean();
    write(
        folder.path(),
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    assert_eq!(
        check(folder.path(), &["--format", "json"]).fresh().len(),
        2,
        "the share itself"
    );
    let run = check(folder.path(), &["--require-complete", "--format", "json"]);
    let found = run.json();
    let silent: Vec<_> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["rule"] == "complete")
        .collect();
    assert_eq!(silent.len(), 1, "{}", run.out);
    assert_eq!(silent[0]["processor"], "broker");
    assert_eq!(silent[0]["reason"], "no-flows-reported");
    assert_eq!(
        silent[0]["witness"],
        serde_json::json!(["sign-up", "to-lab", "rate", "pass-on"])
    );
    // A storing is enough of a report; and the key in the file is the option.
    let stored = "  - {id: keep, at: 2025-02-02T00:00:00Z, act: store, by: broker, location: US, subjects: [ana], fields: [score]}\n";
    write(
        folder.path(),
        &[
            ("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}{stored}")),
            (
                "wherefore.yaml",
                &format!("{}require_complete: true\n", super::PROJECT),
            ),
        ],
    );
    assert!(!check(folder.path(), &[]).out.contains("no-flows-reported"));
    write(
        folder.path(),
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    assert!(check(folder.path(), &[]).out.contains("no-flows-reported"));
}

/// A store into which these acts were reported.
#[cfg(feature = "rocksdb")]
fn observed(folder: &std::path::Path, acts: &str) {
    let text = format!(
        "scenario: s\nas_of: {}\ntimezone: UTC\nhome: FR\n{}{acts}",
        super::DAY,
        super::THINGS
    );
    write(folder, &[("observed.yaml", &text)]);
    let done = wherefore(folder, &["import", "observed.yaml", "--store", "store"]);
    assert_eq!(done.code, 0, "{}", done.err);
}

#[cfg(feature = "rocksdb")]
#[test]
fn what_was_observed_and_declared_is_compared_in_every_format() {
    let folder = clean();
    let seen = FLOWS
        .replace("id: ", "id: seen-")
        .lines()
        .filter(|line| !line.contains("seen-rate"))
        .collect::<Vec<_>>()
        .join("\n");
    let twice = PASSED_ON
        .replace("id: pass-on", "id: again")
        .replace("2025-02-01", "2025-03-01");
    observed(folder.path(), &format!("{seen}\n{twice}{PASSED_ON}"));
    let run = check(folder.path(), &["--observed", "store", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let new = run.fresh();
    assert_eq!(new.len(), 2, "{}", run.out);
    let of = |rule: &str| new.iter().find(|finding| finding["rule"] == rule).unwrap();
    let undeclared = of("declared");
    assert_eq!(
        (&undeclared["reason"], &undeclared["event"]),
        (&"undeclared-flow".into(), &"pass-on".into()),
        "the first of the two"
    );
    assert_eq!(undeclared["severity"], "warning");
    assert_eq!(undeclared["fields"], serde_json::json!(["score"]));
    let unused = of("used");
    assert_eq!(
        (&unused["reason"], &unused["event"]),
        (&"declared-unused".into(), &"rate".into())
    );
    assert_eq!(unused["place"], "privacy/flows/shop.yaml:4:5");
    assert_eq!(
        check(folder.path(), &["--observed", "store", "--fail-on", "error"]).code,
        0
    );
    for format in ["text", "sarif", "junit", "github", "gitlab", "markdown"] {
        let run = check(folder.path(), &["--observed", "store", "--format", format]);
        assert!(
            run.out.contains("declaration covers it") && run.out.contains("never seen"),
            "{format}: {}",
            run.out
        );
    }
    // Declared, it is no drift; what is unused still is.
    write(
        folder.path(),
        &[
            ("privacy/flows/more.yaml", &format!("events:\n{PASSED_ON}")),
            (
                "wherefore.yaml",
                &format!("{}observed: store\nfail_on: never\n", super::PROJECT),
            ),
        ],
    );
    let run = check(folder.path(), &[]);
    assert!(
        !run.out.contains("undeclared-flow") && run.out.contains("declared-unused"),
        "{}",
        run.out
    );
    assert_eq!(
        check(folder.path(), &["--observed", "nowhere"]).code,
        2,
        "a store that is not there cannot be compared"
    );
}

#[cfg(feature = "rocksdb")]
#[test]
fn another_field_purpose_or_party_is_no_declared_flow() {
    for (from, to, rule) in [
        (
            "fields: [email], purpose: rating",
            "fields: [email], purpose: orders",
            true,
        ),
        (
            "fields: [email], purpose: rating",
            "fields: [email, score], purpose: rating",
            true,
        ),
        ("from: shop, to: lab", "from: shop, to: broker", true),
        ("2025-01-02", "2025-05-05", false),
    ] {
        let folder = clean();
        let changed = FLOWS.replace(from, to);
        assert_ne!(changed, FLOWS);
        observed(folder.path(), &changed);
        let run = check(folder.path(), &["--observed", "store", "--fail-on", "never"]);
        assert_eq!(
            run.out.contains("undeclared-flow"),
            rule,
            "{from} → {to}: {}{}",
            run.out,
            run.err
        );
    }
}
