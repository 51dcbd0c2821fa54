//! `check`: findings in both forms, and the exit code that a gate relies on.

use serde_json::{Map, Value};
use wherefore::import;

use super::program::{BAD, CLEAN, DEMO, Folder, run, run_with_input};

/// The keys of the expected findings that are compared.
const KEYS: &[&str] = &[
    "id",
    "rule",
    "clause",
    "severity",
    "reason",
    "at",
    "event",
    "fact",
    "processor",
    "subjects",
    "fields",
    "because",
    "witness",
];

fn compared(list: &Value) -> Vec<Value> {
    let of = |finding: &Value| {
        KEYS.iter()
            .filter_map(|key| Some(((*key).to_owned(), finding.get(key)?.clone())))
            .collect::<Map<_, _>>()
            .into()
    };
    list.as_array().expect("a list").iter().map(of).collect()
}

#[test]
fn the_demo_has_its_findings_and_exits_with_1() {
    let ran = run(&["check", DEMO, "--format", "json"]).exits(1);
    let expected =
        std::fs::read_to_string("examples/zhima-credit.expected.yaml").expect("the expected findings");
    let expected = import::yaml_json(&expected).expect("they are YAML");
    let found = ran.json();
    assert_eq!(compared(&found["findings"]), compared(&expected["findings"]));
    assert_eq!(found["finding_count"], 56);
    assert_eq!(found["clauses_violated"], expected["clauses_violated"]);
    assert_eq!(ran.err, "");
}

#[test]
fn the_demo_as_text() {
    let ran = run(&["check", DEMO]).exits(1);
    assert_eq!(ran.err, "");
    insta::assert_snapshot!("check_demo", ran.out);
}

#[test]
fn the_demo_from_standard_input_and_as_of_another_day() {
    let demo = std::fs::read_to_string(DEMO).expect("the demo");
    let piped = run_with_input(&["check", "-", "--format", "json"], &demo).exits(1);
    assert_eq!(piped.json()["finding_count"], 56);
    let early = run(&[
        "check",
        DEMO,
        "--format",
        "json",
        "--as-of",
        "2021-01-01T00:00:00+08:00",
    ])
    .exits(1);
    assert_eq!(early.json()["as_of"], "2021-01-01T00:00:00+08:00");
    assert!(early.json()["finding_count"].as_u64() < Some(56));
}

#[test]
fn clean_facts_exit_with_0() {
    let folder = Folder::new();
    let file = folder.file("clean.yaml", CLEAN);
    let ran = run(&["check", &file]).exits(0);
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("no findings\nas of 2025-01-01T00:00:00+08:00\n", "")
    );
    let ran = run(&["check", &file, "--format", "json"]).exits(0);
    assert_eq!(ran.json()["findings"], serde_json::json!([]));
}

#[test]
fn no_rules_is_told() {
    let folder = Folder::new();
    let rules = CLEAN.find("rules:").expect("rules");
    let ran = run(&["check", &folder.file("none.yaml", &CLEAN[..rules])]).exits(0);
    assert!(ran.err.contains("no rules"), "{ran:?}");
}

#[test]
fn bad_facts_exit_with_2_and_all_places_are_told() {
    let folder = Folder::new();
    let file = folder.file("bad.yaml", BAD);
    for format in ["text", "json"] {
        let ran = run(&["check", &file, "--format", format]).refuses("FACT_DATE_WITHOUT_TIME");
        assert!(ran.err.contains("FACT_DUPLICATE_ID"), "{ran:?}");
        assert!(
            ran.err.contains("bad.yaml:2:8") && ran.err.contains("bad.yaml:3:28"),
            "{ran:?}"
        );
        assert!(ran.err.contains("2 problems"), "{ran:?}");
    }
    run_with_input(&["check", "-"], BAD).refuses("FACT_DATE_WITHOUT_TIME");
    run_with_input(&["check", "-"], "{\"scenario\": ").refuses("FACT_SYNTAX");
    run_with_input(&["check", "-"], "").refuses("FACT_SYNTAX");
}

#[test]
fn what_cannot_be_read_exits_with_2() {
    let folder = Folder::new();
    run(&["check", &folder.text("absent.yaml")]).refuses("CLI_UNREADABLE");
    run(&["check", &folder.text("")]).refuses("wherefore init");
    run(&["check", &folder.file("bytes.yaml", b"scenario: \xff\xfe\n")]).refuses("CLI_UNREADABLE");
    run(&["check"]).refuses("CLI_USAGE");
    run(&["check", DEMO, "--store", "x"]).refuses("cannot be used with");
    run(&["check", DEMO, "--as-of", "2024-01-01"]).refuses("ISO 8601");
    run(&["check", DEMO, "--format", "xml"]).refuses("xml");
    run(&["judge", DEMO]).refuses("judge");
}

#[test]
fn warnings_are_told_and_change_nothing() {
    let folder = Folder::new();
    let ran = run(&["check", &folder.file("mood.yaml", format!("mood: good\n{CLEAN}"))]).exits(0);
    assert!(ran.err.contains("FACT_UNKNOWN_KEY"), "{ran:?}");
    assert!(ran.out.starts_with("no findings"), "{ran:?}");
}

/// Email goes to the shop, possibly to the mailer, and on from there.
const POSSIBLE: &str = "\
scenario: possible
as_of: 2025-01-01T00:00:00+08:00
subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: mailer, kind: controller}, {id: agency, kind: controller}]
purposes: [{id: orders}]
authorizations:
  - {id: a1, basis: contract, subjects: [ana], holder: [shop], acts: [collect, use], recipients: [shop], fields: [email], purposes: [orders], from: 2024-01-01T00:00:00+08:00}
events:
  - {id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: share, from: shop, to: mailer, subjects: [ana], fields: [email], purpose: orders, carries: possible}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: mailer, to: agency, subjects: [ana], fields: [email], purpose: orders, carries: possible}
rules:
  - {id: shared, check: authorized, clause: W-1, severity: error, when: {acts: [share]}}
";

#[test]
fn a_key_that_was_misspelled_is_told_with_the_one_that_is_missing() {
    let folder = Folder::new();
    let misspelled = folder.file("facts.yaml", CLEAN.replace("subjects: [ana]", "subject: [ana]"));
    let ran = run(&["check", &misspelled]).exits(2);
    assert!(ran.err.contains("an event lacks the key `subjects`"), "{ran:?}");
    assert!(ran.err.contains("did you mean `subjects`?"), "{ran:?}");
}

#[test]
fn what_only_may_have_flowed_is_noted_and_fails_nothing() {
    let folder = Folder::new();
    let facts = folder.file("possible.yaml", POSSIBLE);
    let ran = run(&["check", &facts, "--format", "json"]).exits(0);
    let json = ran.json();
    assert_eq!(json["finding_count"], 0, "{ran:?}");
    let note = &json["notes"][0];
    assert_eq!(note["code"], "POSSIBLE_FINDINGS", "{ran:?}");
    let text = note["text"].as_str().expect("a text");
    assert!(text.contains("2 findings more"), "{text}");
    assert!(
        text.contains("shared at e2 (none), shared at e3 (none)"),
        "{text}"
    );
    for format in ["text", "sarif", "junit", "github", "markdown"] {
        let ran = run(&["check", &facts, "--format", format]).exits(0);
        assert!(ran.out.contains("2 findings more"), "{format}: {ran:?}");
    }
    // Listed, they stand with what they rest on; they count only where that is asked for.
    let ran = run(&["check", &facts, "--format", "json", "--possible", "list"]).exits(0);
    let json = ran.json();
    assert_eq!(json["finding_count"], 2, "{ran:?}");
    for (found, event, supposes) in [
        (&json["findings"][0], "e2", serde_json::json!(["e2"])),
        (&json["findings"][1], "e3", serde_json::json!(["e2", "e3"])),
    ] {
        assert_eq!(found["event"], event, "{ran:?}");
        assert_eq!(found["certainty"], "possible", "{ran:?}");
        assert_eq!(found["supposes"], supposes, "{ran:?}");
    }
    assert_eq!(json["notes"][0]["code"], "POSSIBLE_FINDINGS", "{ran:?}");
    let sarif = run(&["check", &facts, "--format", "sarif", "--possible", "list"])
        .exits(0)
        .json();
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert!(results.iter().all(|result| result["level"] == "note"), "{sarif}");
    let told = run(&["check", &facts, "--possible", "list"]).exits(0);
    assert!(
        told.out.contains("F02 error possible W-1 shared event e3"),
        "{told:?}"
    );
    assert!(
        told.out.contains("it is so if data went with e2, e3."),
        "{told:?}"
    );
    let ran = run(&["check", &facts, "--format", "json", "--possible", "fail"]).exits(1);
    assert!(ran.json().get("notes").is_none(), "{ran:?}");
    // A baseline that knows them as possible knows them so, and not as certain.
    let known = folder.file("known.json", &ran.out);
    let with_known = ["--format", "json", "--possible", "fail", "--baseline", &known];
    run(&[&["check", &facts], &with_known[..]].concat()).exits(0);
    let certain = folder.file("certain.yaml", POSSIBLE.replace(", carries: possible", ""));
    run(&[&["check", &certain], &with_known[..]].concat()).exits(1);
    // What is put up with as certain may be less than that.
    let ran = run(&["check", &certain, "--format", "json"]).exits(1);
    let known = folder.file("certain.json", &ran.out);
    let with_known = ["--format", "json", "--possible", "fail", "--baseline", &known];
    let ran = run(&[&["check", &facts], &with_known[..]].concat()).exits(0);
    assert_eq!(
        ran.json()["baseline"],
        serde_json::json!({"new": 0, "known": 2, "gone": 0}),
        "{ran:?}"
    );
    // In a folder the file says it, and the option goes before.
    let gate = Folder::new();
    gate.file("possible.yaml", POSSIBLE);
    let said = gate.file(
        "wherefore.yaml",
        "facts: possible.yaml\nas_of: 2025-01-01T00:00:00Z\npossible: fail\n",
    );
    run(&["check", &said]).exits(1);
    run(&["check", &said, "--possible", "list"]).exits(0);
    // What surely flows is a finding, and then nothing is left to note.
    let sure = folder.file("sure.yaml", POSSIBLE.replace(", carries: possible", ""));
    let ran = run(&["check", &sure, "--format", "json"]).exits(1);
    assert_eq!(ran.json()["finding_count"], 2, "{ran:?}");
    assert!(ran.json().get("notes").is_none(), "{ran:?}");
}
