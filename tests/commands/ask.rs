//! `ask`: the kinds of question, two forms of asking.

use super::program::{DEMO, Folder, Ran, run};

/// A question by options, and the same as JSON.
const QUESTIONS: &[(&[&str], &str)] = &[
    (
        &[
            "reach",
            "--field",
            "ride-fulfilment",
            "--to",
            "bank-east",
            "--subject",
            "lin",
        ],
        r#"{"ask": "reach", "field": "ride-fulfilment", "to": "bank-east", "subject": "lin"}"#,
    ),
    (
        &[
            "reach",
            "--field",
            "ride-fulfilment",
            "--to",
            "bank-east",
            "--subject",
            "lin",
            "--through",
            "zhima",
            "--personal-only",
            "--as-known-at",
            "2024-01-01T00:00:00Z",
        ],
        r#"{"ask": "reach", "field": "ride-fulfilment", "to": "bank-east", "subject": "lin", "through": "zhima", "personal_only": true, "as_known_at": "2024-01-01T00:00:00Z"}"#,
    ),
    (
        &[
            "reach",
            "--field",
            "zhima-score",
            "--to",
            "bank-east",
            "--subject",
            "lin",
            "--avoiding",
            "stats-lab",
            "--avoiding",
            "alipay",
            "--held-at",
            "2024-01-01T00:00:00Z",
            "--during",
            "2023-01-01T00:00:00Z/..",
        ],
        r#"{"ask": "reach", "field": "zhima-score", "to": "bank-east", "subject": "lin", "avoiding": ["stats-lab", "alipay"], "held_at": "2024-01-01T00:00:00Z", "during": "2023-01-01T00:00:00Z/.."}"#,
    ),
    (
        &[
            "holders",
            "--field",
            "mobile",
            "--subject",
            "lin",
            "--at",
            "2024-01-01T00:00:00Z",
        ],
        r#"{"ask": "holders", "field": "mobile", "subject": "lin", "at": "2024-01-01T00:00:00Z"}"#,
    ),
    (
        &["purposes", "--field", "mobile", "--subject", "lin"],
        r#"{"ask": "purposes", "field": "mobile", "subject": "lin"}"#,
    ),
    (
        &[
            "paths",
            "--field",
            "zhima-score",
            "--to",
            "bank-east",
            "--subject",
            "lin",
        ],
        r#"{"ask": "paths", "field": "zhima-score", "to": "bank-east", "subject": "lin"}"#,
    ),
    (
        &[
            "unlawful",
            "--field",
            "zhima-score",
            "--subject",
            "lin",
            "--to",
            "bank-east",
        ],
        r#"{"ask": "unlawful", "field": "zhima-score", "subject": "lin", "to": "bank-east"}"#,
    ),
    (
        &[
            "cut",
            "--field",
            "zhima-score",
            "--to",
            "bank-east",
            "--subject",
            "lin",
        ],
        r#"{"ask": "cut", "field": "zhima-score", "to": "bank-east", "subject": "lin"}"#,
    ),
    (
        &[
            "withdrawal",
            "--subject",
            "lin",
            "--authorization",
            "az-credit",
            "--at",
            "2023-01-01T00:00:00Z",
        ],
        r#"{"ask": "withdrawal", "subject": "lin", "authorization": "az-credit", "at": "2023-01-01T00:00:00Z"}"#,
    ),
    (&["withdrawal"], r#"{"ask": "withdrawal"}"#),
    (
        &["erasure", "--subject", "lin", "--processor", "zhima"],
        r#"{"ask": "erasure", "subject": "lin", "processor": "zhima"}"#,
    ),
    (
        &[
            "erasure",
            "--subject",
            "bo",
            "--processor",
            "zhima",
            "--field",
            "name",
            "--at",
            "2024-07-01T00:00:00Z",
        ],
        r#"{"ask": "erasure", "subject": "bo", "processor": "zhima", "field": ["name"], "at": "2024-07-01T00:00:00Z"}"#,
    ),
    (
        &[
            "exposure",
            "--processor",
            "zhima",
            "--during",
            "2023-05-01T00:00:00Z/2023-06-01T00:00:00Z",
        ],
        r#"{"ask": "exposure", "processor": "zhima", "during": "2023-05-01T00:00:00Z/2023-06-01T00:00:00Z"}"#,
    ),
    (
        &["unexplained", "--subject", "lin"],
        r#"{"ask": "unexplained", "subject": "lin"}"#,
    ),
    (&["unexplained"], r#"{"ask": "unexplained"}"#),
    (
        &["crossings", "--subject", "lin"],
        r#"{"ask": "crossings", "subject": "lin"}"#,
    ),
    (
        &[
            "downstream",
            "--from",
            "zhima",
            "--field",
            "mobile",
            "--subject",
            "lin",
        ],
        r#"{"ask": "downstream", "from": "zhima", "field": "mobile", "subject": "lin"}"#,
    ),
    (
        &[
            "sources",
            "--processor",
            "zhima",
            "--field",
            "zhima-score",
            "--subject",
            "lin",
        ],
        r#"{"ask": "sources", "processor": "zhima", "field": "zhima-score", "subject": "lin"}"#,
    ),
];

fn ask(arguments: &[&str], more: &[&str]) -> Ran {
    run(&[&["ask"], arguments, more].concat())
}

#[test]
fn both_forms_of_all_kinds_give_the_same_answer() {
    for (options, question) in QUESTIONS {
        let by_options = ask(options, &["--facts", DEMO, "--format", "json"]).exits(0);
        let by_json = ask(&[DEMO], &["--question", question, "--format", "json"]).exits(0);
        let by_both = ask(&["--facts", DEMO], &["--question", question, "--format", "json"]).exits(0);
        assert_eq!(by_options.json()["ask"], options[0]);
        assert_eq!(by_options.out, by_json.out, "{question}");
        assert_eq!(by_options.out, by_both.out, "{question}");
        assert_eq!(by_options.err, "", "{question}");
    }
}

#[test]
fn answers_as_text() {
    let told: Vec<String> = QUESTIONS
        .iter()
        .map(|(options, _)| ask(options, &["--facts", DEMO]).exits(0).out)
        .collect();
    insta::assert_snapshot!("ask_demo", told.join("\n"));
}

#[test]
#[cfg(feature = "rocksdb")]
fn a_store_gives_the_same_answers() {
    let folder = Folder::new();
    let store = folder.demo_store();
    for (options, question) in QUESTIONS {
        // A store came to know everything with its commit.
        if question.contains("as_known_at") {
            continue;
        }
        let of_file = ask(options, &["--facts", DEMO, "--format", "json"])
            .exits(0)
            .json();
        let as_of = of_file["as_of"].as_str().expect("an instant").to_owned();
        for ran in [
            ask(
                options,
                &["--store", &store, "--as-of", &as_of, "--format", "json"],
            ),
            ask(
                &["--store", &store],
                &["--question", question, "--as-of", &as_of, "--format", "json"],
            ),
        ] {
            let mut of_store = ran.exits(0).json();
            let map = of_store.as_object_mut().expect("a map");
            assert_eq!(map.shift_remove("sequence"), Some(1.into()));
            assert!(
                map.shift_remove("head")
                    .is_some_and(|head| head.as_str().map(str::len) == Some(64))
            );
            assert_eq!(of_store, of_file, "{question}");
        }
    }
}

#[test]
fn what_cannot_be_answered_exits_with_2() {
    let lin = ["--subject", "lin"];
    let facts = ["--facts", DEMO];
    let asked = |arguments: &[&str]| ask(arguments, &facts);
    let ran = asked(&["holders", "--field", "mobil", "--subject", "lin"]).refuses("ASK_UNKNOWN_FIELD");
    assert!(ran.err.contains("did you mean `mobile`?"), "{ran:?}");
    let ran = asked(&["reach", "--field", "mobile", "--to", "zima", "--subject", "lin"])
        .refuses("ASK_UNKNOWN_PROCESSOR");
    assert!(ran.err.contains("did you mean `zhima`?"), "{ran:?}");
    let ran = asked(&["crossings", "--subject", "lim"]).refuses("ASK_UNKNOWN_SUBJECT");
    assert!(!ran.err.contains("lin"), "names of people are not told: {ran:?}");
    let ran = ask(
        &["holdres", "--field", "mobile"],
        &[&lin[..], &facts[..]].concat(),
    )
    .refuses("ASK_UNKNOWN_KIND");
    assert!(ran.err.contains("holders"), "{ran:?}");
    asked(&["holders", "--subject", "lin"]).refuses("ASK_MISSING_PARAMETER");
    asked(&["crossings", "--subject", "lin", "--field", "mobile"]).refuses("ASK_UNKNOWN_PARAMETER");
    asked(&[
        "holders",
        "--field",
        "mobile",
        "--subject",
        "lin",
        "--at",
        "2024-01-01",
    ])
    .refuses("ASK_BAD_PARAMETER");
    ask(&[DEMO], &[]).refuses("CLI_USAGE");
    ask(&["crossings", "--subject", "lin"], &[]).refuses("CLI_USAGE");
    asked(&["crossings", "--subject", "lin", "--question", "{}"]).refuses("CLI_USAGE");
}

#[test]
fn a_question_that_is_no_question() {
    for (question, code) in [
        ("", "ASK_BAD_PARAMETER"),
        ("{", "ASK_BAD_PARAMETER"),
        ("[]", "ASK_BAD_PARAMETER"),
        ("{}", "ASK_BAD_PARAMETER"),
        (r#"{"ask": 1}"#, "ASK_BAD_PARAMETER"),
        (r#"{"ask": "Reach"}"#, "ASK_UNKNOWN_KIND"),
        (r#"{"ask": "crossings", "subject": ["lin"]}"#, "ASK_BAD_PARAMETER"),
        (
            r#"{"ask": "crossings", "subject": "lin", "objekt": "x"}"#,
            "ASK_UNKNOWN_PARAMETER",
        ),
        (
            r#"{"ask": "reach", "field": "mobile", "to": "zhima", "subject": "lin", "personal_only": "yes"}"#,
            "ASK_BAD_PARAMETER",
        ),
    ] {
        ask(&[DEMO], &["--question", question]).refuses(code);
    }
}

#[test]
fn data_and_its_key_identify_and_a_defeated_release_is_told() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/commands/data/joint.yaml");
    let rows = |as_of: &str| -> Vec<serde_json::Value> {
        let ran = ask(
            &["reidentification", "--facts", file],
            &["--format", "json", "--as-of", as_of],
        )
        .exits(0);
        let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        answer["rows"].as_array().expect("rows").clone()
    };
    let all = rows("2024-12-01T00:00:00Z");
    let codes: Vec<&serde_json::Value> = all.iter().map(|row| &row["code"]).collect();
    // The agency dropped the data before it got the key, and the shop has the number itself: both are left out.
    assert_eq!(codes, ["joint", "known-since", "released-after"]);
    assert_eq!(all[0]["processor"], "lab");
    assert_eq!(all[0]["at"], "2024-03-01T00:00:00+00:00");
    assert_eq!(
        all[0]["witness"],
        serde_json::json!(["take", "hash", "hash-to-lab"])
    );
    assert_eq!(
        all[0]["also"],
        serde_json::json!(["take", "salt-to-agency", "salt-to-lab"])
    );
    assert_eq!(all[1]["event"], "early");
    // Before the re-identification nothing was known of it; before the key came, the lab could identify nobody.
    assert_eq!(rows("2024-04-15T00:00:00Z").len(), 1);
    assert!(rows("2024-02-15T00:00:00Z").is_empty());
}

#[test]
fn ways_that_cannot_be_asked_for() {
    let reach = ["reach", "--field", "mobile", "--to", "zhima", "--subject", "lin"];
    ask(&reach, &["--avoiding", "zhima", "--facts", DEMO]).refuses("ASK_BAD_PARAMETER");
    ask(&reach, &["--ties", "some", "--facts", DEMO]).refuses("ASK_BAD_PARAMETER");
    ask(&reach, &["--during", "2024-01-01T00:00:00Z", "--facts", DEMO]).refuses("ASK_BAD_PARAMETER");
    let five = ["tmall", "alipay", "court", "xianyu", "newco"].map(|id| ["--through", id]);
    let five: Vec<&str> = five.as_flattened().to_vec();
    ask(&reach, &[&five[..], &["--facts", DEMO]].concat()).refuses("ASK_BAD_PARAMETER");
    ask(
        &["withdrawal", "--authorization", "az-nobody"],
        &["--facts", DEMO],
    )
    .refuses("ASK_UNKNOWN_AUTHORIZATION");
}

#[test]
fn a_misspelled_kind_without_facts_is_a_misspelled_kind() {
    let ran = ask(
        &["reech", "--field", "mobile", "--to", "zhima", "--subject", "lin"],
        &["--store", "nowhere"],
    )
    .refuses("ASK_UNKNOWN_KIND");
    assert!(ran.err.contains("reach"), "{ran:?}");
}

#[test]
fn facts_that_are_bad_or_absent_exit_with_2() {
    let folder = Folder::new();
    let bad = folder.file("bad.yaml", super::program::BAD);
    ask(&["crossings", "--subject", "ana"], &["--facts", &bad]).refuses("FACT_DUPLICATE_ID");
    ask(
        &["crossings", "--subject", "ana"],
        &["--facts", &folder.text("absent")],
    )
    .refuses("CLI_UNREADABLE");
}
