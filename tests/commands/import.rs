//! `import`, `log` and `query`: facts into a store, and what became of them.
#![cfg(feature = "rocksdb")]

use super::program::{BAD, CLEAN, DEMO, Folder, bytes_below, run, run_with_input};

fn head_in(text: &str) -> String {
    let (_, rest) = text.split_once("head ").expect("a head");
    rest.chars().take(64).collect()
}

#[test]
fn a_new_store_is_made_and_a_second_import_changes_nothing() {
    let folder = Folder::new();
    let store = folder.text("new/store");
    let first = run(&["import", DEMO, "--store", &store, "--author", "me", "--key", "k1"]).exits(0);
    assert!(
        first.out.starts_with(&format!("{DEMO}: commit 1, ")) && first.out.contains(" 0 known already"),
        "{first:?}"
    );
    let again = run(&["import", DEMO, "--store", &store]).exits(0);
    assert!(again.out.contains("nothing new"), "{again:?}");
    let log = run(&["log", "--store", &store]).exits(0);
    assert_eq!(log.out.lines().count(), 2, "{log:?}");
    assert!(
        log.out.starts_with("1  ") && log.out.contains("by me, key k1"),
        "{log:?}"
    );
    assert_eq!(head_in(&log.out), head_in(&first.out));
    let found = run(&[
        "check",
        "--store",
        &store,
        "--as-of",
        "2025-06-30T00:00:00+08:00",
        "--format",
        "json",
    ])
    .exits(1);
    assert_eq!(found.json()["finding_count"], 56);
}

#[test]
fn facts_in_two_commits_are_told_by_the_log() {
    let folder = Folder::new();
    let store = folder.text("store");
    let clean = folder.file("clean.yaml", CLEAN);
    let more = CLEAN
        .replace("id: e1", "id: e2")
        .replace("act: collect, to:", "act: use, by:");
    let both = run(&[
        "import",
        &clean,
        &folder.file("more.yaml", more),
        "--store",
        &store,
    ])
    .exits(0);
    assert_eq!(both.out.lines().count(), 2, "{both:?}");
    assert!(
        both.out
            .lines()
            .last()
            .is_some_and(|line| line.contains("commit 2, 1 facts written, 6 known already")),
        "{both:?}"
    );
    assert_eq!(run(&["log", "--store", &store]).exits(0).out.lines().count(), 4);
    assert!(
        run(&["log", "--store", &store, "--from", "2"])
            .exits(0)
            .out
            .starts_with("2  ")
    );
    assert!(
        run(&["log", "--store", &store, "--limit", "1"])
            .exits(0)
            .out
            .starts_with("1  ")
    );
    run(&["import", &clean, DEMO, "--store", &store, "--key", "k"]).refuses("CLI_USAGE");
}

#[test]
fn facts_from_standard_input() {
    let folder = Folder::new();
    let ran = run_with_input(&["import", "-", "--store", &folder.text("store")], CLEAN).exits(0);
    assert!(ran.out.starts_with("-: commit 1, 7 facts written"), "{ran:?}");
}

#[test]
fn a_bad_file_leaves_no_folder_behind() {
    let folder = Folder::new();
    let unknown = CLEAN.replace("subjects: [ana]", "subjects: [bo]");
    for (name, content, code) in [
        ("bad.yaml", BAD.as_bytes(), "FACT_DUPLICATE_ID"),
        ("unknown.yaml", unknown.as_bytes(), "FACT_UNKNOWN_REFERENCE"),
        ("empty.yaml", b"", "FACT_SYNTAX"),
        ("bytes.yaml", b"\xff", "CLI_UNREADABLE"),
        ("broken.ndjson", b"{\"scenario\"", "FACT_SYNTAX"),
    ] {
        run(&[
            "import",
            &folder.file(name, content),
            "--store",
            &folder.text("store"),
        ])
        .refuses(code);
        assert!(!folder.path("store").exists(), "{name} left a store behind");
    }
    run(&[
        "import",
        &folder.text("absent.yaml"),
        "--store",
        &folder.text("store"),
    ])
    .refuses("CLI_UNREADABLE");
    assert!(!folder.path("store").exists());
}

#[test]
fn a_bad_file_leaves_a_store_byte_for_byte() {
    let folder = Folder::new();
    let store = folder.demo_store();
    let before = bytes_below(&folder.path("store"));
    run(&["import", &folder.file("bad.yaml", BAD), "--store", &store]).refuses("FACT_DUPLICATE_ID");
    assert!(
        bytes_below(&folder.path("store")) == before,
        "the store has changed"
    );
}

#[test]
fn what_a_store_refuses_leaves_its_facts_as_they_were() {
    let folder = Folder::new();
    let store = folder.text("store");
    let clean = folder.file("clean.yaml", CLEAN);
    run(&["import", &clean, "--store", &store]).exits(0);
    let before = run(&["log", "--store", &store]).exits(0).out;
    let refused = |name: &str, content: String, code: &str| {
        let ran = run(&["import", &folder.file(name, content), "--store", &store]).refuses(code);
        assert!(ran.err.contains(name), "the place is not told: {ran:?}");
        assert_eq!(run(&["log", "--store", &store]).exits(0).out, before);
        run(&["verify", "--store", &store]).exits(0);
    };
    refused(
        "conflict.yaml",
        CLEAN.replace("kind: controller", "kind: verifier"),
        "FACT_CONFLICT",
    );
    refused(
        "zone.yaml",
        format!("timezone: Europe/Berlin\n{CLEAN}"),
        "FACT_HEADER_MISMATCH",
    );
    refused("home.yaml", format!("home: DE\n{CLEAN}"), "FACT_HEADER_MISMATCH");
    refused(
        "age.yaml",
        format!("minor_age: 16\n{CLEAN}"),
        "FACT_HEADER_MISMATCH",
    );
    refused(
        "days.yaml",
        format!("calendar: {{holidays: [2024-01-01]}}\n{CLEAN}"),
        "FACT_HEADER_MISMATCH",
    );
    refused(
        "unknown.yaml",
        CLEAN
            .replace("id: e1", "id: e2")
            .replace("subjects: [ana]", "subjects: [bo]"),
        "FACT_UNKNOWN_REFERENCE",
    );
}

#[test]
fn a_folder_that_is_no_store_is_left_alone() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("home")).expect("a folder");
    folder.file("home/letter.txt", "dear");
    let store = folder.text("home");
    run(&["import", DEMO, "--store", &store]).exits(2);
    for command in ["log", "verify", "check"] {
        let ran = run(&[command, "--store", &store]).exits(2);
        assert_eq!(ran.out, "", "{command}: {ran:?}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.path("home/letter.txt")).expect("the letter"),
        "dear"
    );
    for command in ["log", "verify", "check"] {
        run(&[command, "--store", &folder.text("absent")]).exits(2);
        assert!(!folder.path("absent").exists(), "{command} made a folder");
    }
}

#[test]
#[cfg(feature = "server")]
fn a_query_is_answered_from_a_store_and_from_a_file() {
    let folder = Folder::new();
    let store = folder.demo_store();
    let count = folder.file(
        "count.graphql",
        "query Count($first: Int!) { findings(first: $first) { totalCount } }\nquery Other { __typename }\n",
    );
    let of_file = run(&[
        "query",
        &count,
        "--facts",
        DEMO,
        "--variables",
        "{\"first\": 1}",
        "--operation",
        "Count",
    ])
    .exits(0);
    assert_eq!(
        of_file.json()["data"]["findings"]["totalCount"],
        56,
        "{of_file:?}"
    );
    let of_store = run(&[
        "query",
        &count,
        "--store",
        &store,
        "--variables",
        "{\"first\": 1}",
        "--operation",
        "Count",
    ])
    .exits(0);
    assert!(
        of_store.json()["data"]["findings"]["totalCount"].as_u64() >= Some(50),
        "{of_store:?}"
    );
    let other = run(&[
        "query",
        &count,
        "--facts",
        DEMO,
        "--variables",
        "{\"first\": 1}",
        "--operation",
        "Other",
    ])
    .exits(0);
    assert_eq!(other.json()["data"]["__typename"], "Query");
    let piped = run_with_input(&["query", "-", "--facts", DEMO], "{ __typename }").exits(0);
    assert_eq!(piped.json()["data"]["__typename"], "Query");
    let wrong = run_with_input(&["query", "-", "--facts", DEMO], "{ mood }").exits(2);
    assert!(
        wrong.json()["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("mood")),
        "{wrong:?}"
    );
    run(&["query", &count, "--facts", DEMO, "--variables", "{"]).refuses("CLI_USAGE");
    run(&["query", &count]).refuses("--store");
    run(&["query", &folder.text("absent"), "--facts", DEMO]).refuses("CLI_UNREADABLE");
}

#[test]
fn the_format_says_what_a_file_holds() {
    let folder = Folder::new();
    let event = r#"{"eventTime":"2025-01-01T00:00:00Z","eventType":"COMPLETE","producer":"https://example.com","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","run":{"runId":"0193f4c0-0000-7000-8000-000000000001"},"job":{"namespace":"jobs","name":"copy"},"inputs":[],"outputs":[{"namespace":"db","name":"people"}]}"#;
    let store = folder.text("events");
    let taken = run_with_input(
        &["import", "-", "--format", "openlineage", "--store", &store],
        event,
    )
    .exits(0);
    assert!(taken.out.contains("1 events taken"), "{taken:?}");
    // The same file as facts is refused with a place, and nothing is written.
    let file = folder.file("event.json", event);
    let store = folder.text("facts");
    let refused = run(&["import", &file, "--format", "json", "--store", &store]).exits(2);
    assert!(refused.err.contains("event.json"), "{refused:?}");
    assert!(!std::path::Path::new(&store).exists());
    let unknown = run(&["import", &file, "--format", "xml", "--store", &store]).exits(2);
    assert!(
        unknown.err.contains("[possible values: facts, yaml"),
        "{unknown:?}"
    );
}
