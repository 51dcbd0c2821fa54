//! What is declared for everyone: judged for somebody of age and somebody under age, and as something that goes on.

use super::{PROJECT, check, clean, git, write};

/// The flows of the shop, declared for everyone, resting on consents of this kind.
fn declare(folder: &std::path::Path, consent: &str) {
    let flows = super::FLOWS.replace("subjects: [ana]", "subjects: everyone");
    let grants = super::GRANTS.replace("basis: contract", consent);
    write(
        folder,
        &[
            ("privacy/flows/shop.yaml", &flows),
            ("privacy/grants.yaml", &grants),
        ],
    );
}

#[test]
fn a_flow_is_judged_for_an_adult_and_for_a_minor() {
    let folder = clean();
    declare(folder.path(), "basis: consent, grade: separate");
    let run = check(folder.path(), &["--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let found = run.fresh();
    assert_eq!(found.len(), 3, "each act lacks the guardian: {}", run.out);
    for finding in &found {
        assert_eq!(
            (&finding["reason"], &finding["for"], &finding["subjects"]),
            (
                &"guardian".into(),
                &serde_json::json!(["minor"]),
                &serde_json::json!(["everyone"])
            )
        );
        assert!(
            finding["why"]
                .as_str()
                .unwrap()
                .ends_with("This is so for people under age.")
        );
    }
    for format in ["text", "sarif", "junit", "github", "gitlab", "markdown"] {
        let run = check(folder.path(), &["--format", format]);
        assert!(run.out.contains("for people under age"), "{format}: {}", run.out);
    }
    // A shop that serves adults only says so, in the folder or for once.
    assert_eq!(check(folder.path(), &["--people", "adults"]).code, 0);
    write(
        folder.path(),
        &[("wherefore.yaml", &format!("{PROJECT}adults_only: true\n"))],
    );
    assert_eq!(check(folder.path(), &[]).code, 0);
    assert_eq!(
        check(folder.path(), &["--people", "all"]).code,
        1,
        "the option goes before"
    );
    // With the guardian's consent all is well for both.
    declare(
        folder.path(),
        "basis: consent, grade: separate, given_by: guardian",
    );
    assert_eq!(check(folder.path(), &["--people", "all"]).code, 0);
}

#[test]
fn a_finding_says_whether_it_is_so_for_both() {
    let folder = clean();
    declare(folder.path(), "basis: consent, grade: general");
    let run = check(folder.path(), &["--format", "json"]);
    let found = run.fresh();
    let of = |event: &str| {
        found
            .iter()
            .filter(|finding| finding["event"] == event)
            .map(|finding| (finding["reason"].as_str().unwrap(), finding["for"].clone()))
            .collect::<Vec<_>>()
    };
    // The share needs a separate consent of anybody; of a minor the guardian is missing too, which is two things.
    assert_eq!(
        of("to-lab"),
        [
            ("grade", serde_json::json!(["adult"])),
            ("none", serde_json::json!(["minor"]))
        ],
        "{}",
        run.out
    );
    // A route over the border is missing whatever the age.
    write(
        folder.path(),
        &[(
            "privacy/flows/more.yaml",
            &format!("events:\n{}", super::PASSED_ON.replace("[ana]", "everyone")),
        )],
    );
    let run = check(folder.path(), &["--format", "json"]);
    let route: Vec<_> = run
        .fresh()
        .into_iter()
        .filter(|found| found["rule"] == "route")
        .collect();
    assert_eq!(route.len(), 1);
    assert_eq!(route[0]["for"], serde_json::json!(["adult", "minor"]));
    assert!(!route[0]["why"].as_str().unwrap().contains("age"));
}

#[test]
fn named_people_are_judged_by_their_own_age_only() {
    let folder = clean();
    let grants = super::GRANTS.replace("basis: contract", "basis: consent, grade: separate");
    write(folder.path(), &[("privacy/grants.yaml", &grants)]);
    let run = check(folder.path(), &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(!run.out.contains("\"for\""));
}

#[test]
fn a_declared_flow_goes_on_until_what_permits_it_ends() {
    let folder = clean();
    declare(folder.path(), "basis: contract");
    assert_eq!(check(folder.path(), &[]).code, 0);
    let ending = |day: &str| {
        let grants = super::GRANTS.replace(
            "purposes: [orders, rating], from: 2024-01-01T00:00:00Z}",
            &format!("purposes: [orders, rating], from: 2024-01-01T00:00:00Z, until: {day}}}"),
        );
        assert_ne!(grants, super::GRANTS);
        write(folder.path(), &[("privacy/grants.yaml", &grants)]);
    };
    // It ended after the day of the act and before the release.
    ending("2025-03-01T00:00:00Z");
    let run = check(folder.path(), &["--format", "json"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let found = run.fresh();
    assert_eq!(found.len(), 2, "{}", run.out);
    assert_eq!(
        (&found[1]["event"], &found[1]["reason"], &found[1]["at"]),
        (
            &"to-lab".into(),
            &"expired".into(),
            &"2025-06-01T00:00:00+00:00".into()
        )
    );
    assert_eq!(found[1]["witness"], serde_json::json!(["sign-up", "to-lab"]));
    assert!(
        found[1]["why"]
            .as_str()
            .unwrap()
            .starts_with("If it goes on: shop shared")
    );
    assert_eq!(
        check(folder.path(), &["--horizon", "0d"]).code,
        1,
        "the release itself"
    );

    // It ends in sixty days.
    ending("2025-07-31T00:00:00Z");
    assert_eq!(check(folder.path(), &["--horizon", "0d"]).code, 0);
    assert_eq!(check(folder.path(), &["--horizon", "59d"]).code, 0);
    let run = check(folder.path(), &["--horizon", "60d", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert_eq!(run.fresh()[0]["at"], "2025-07-31T00:00:00+00:00");
    // A folder that had it before has it still: it is known.
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "it ends soon"]);
    let run = check(folder.path(), &["--base-ref", "HEAD"]);
    assert!(run.code == 0 && run.out.contains("0 new, 2 known"), "{}", run.out);
}

#[test]
fn a_fact_file_is_judged_as_it_stands_unless_asked() {
    let folder = clean();
    declare(folder.path(), "basis: consent, grade: separate");
    let files = ["things", "grants", "flows/shop"]
        .map(|name| std::fs::read_to_string(folder.path().join(format!("privacy/{name}.yaml"))).unwrap());
    let one = format!(
        "scenario: s\nas_of: {}\ntimezone: UTC\nhome: FR\n{}",
        super::DAY,
        files.concat()
    );
    write(folder.path(), &[("one.yaml", &one)]);
    let run = check(folder.path(), &["one.yaml", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let run = check(
        folder.path(),
        &["one.yaml", "--people", "all", "--format", "json"],
    );
    assert_eq!((run.code, run.fresh().len()), (1, 3), "{}", run.out);
}

#[test]
fn a_standing_flow_is_wrong_from_the_end_of_what_permits_it() {
    let folder = clean();
    declare(folder.path(), "basis: contract");
    let flows = super::FLOWS
        .replace("subjects: [ana]", "subjects: everyone")
        .replace("at: 2025-01-02T00:00:00Z", "at: {from: 2025-01-02T00:00:00Z}");
    let grants = super::GRANTS.replace(
        "purposes: [orders, rating], from: 2024-01-01T00:00:00Z}",
        "purposes: [orders, rating], from: 2024-01-01T00:00:00Z, until: 2025-07-31T00:00:00Z}",
    );
    write(
        folder.path(),
        &[
            ("privacy/flows/shop.yaml", &flows),
            ("privacy/grants.yaml", &grants),
        ],
    );
    // What stands open is wrong some day; a release answers for as far ahead as it looks.
    let run = check(folder.path(), &["--horizon", "59d"]);
    assert!(
        run.code == 0 && run.out.starts_with("no findings\n"),
        "{}{}",
        run.out,
        run.err
    );
    let run = check(folder.path(), &["--horizon", "60d", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.out);
    let fresh = run.fresh();
    let events: Vec<&str> = fresh.iter().filter_map(|found| found["event"].as_str()).collect();
    assert_eq!(
        events,
        ["sign-up", "to-lab"],
        "what goes on and what stands: {}",
        run.out
    );
    assert_eq!(
        (&fresh[1]["at"], &fresh[1]["during"]),
        (
            &"2025-07-31T00:00:00+00:00".into(),
            &serde_json::json!([["2025-07-31T00:00:00+00:00", null]])
        )
    );
}
