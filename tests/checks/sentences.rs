//! The sentence of every reason, as people read it: one line each in `sentences.txt`, from the first case or row of clauses that
//! has the reason. `WHEREFORE_GOLDEN=write` writes the file anew.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{cases, codes, judged};
use crate::clauses::{read, rows};

/// `check reason` and the sentence. Of a check the part of a reason behind the colon does not count.
fn sentences() -> BTreeMap<String, String> {
    let mut sentences = BTreeMap::new();
    let mut take = |check: &str, findings: Vec<Value>| {
        for finding in findings {
            let reason = codes::family(finding["reason"].as_str().expect("a reason"));
            let why = finding["why"].as_str().expect("a sentence");
            sentences
                .entry(format!("{check} {reason}"))
                .or_insert_with(|| why.to_owned());
        }
    };
    for case in cases::all() {
        for finding in judged::judged(&case) {
            let check = case.check_of(&finding["rule"]).to_owned();
            take(&check, vec![finding]);
        }
    }
    let check_of = read::checks();
    for row in rows::judged() {
        take(&check_of[&row.rule], rows::found(&row, "violates"));
    }
    sentences
}

#[test]
fn every_reason_has_the_sentence_on_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks/sentences.txt");
    let found: Vec<String> = sentences()
        .into_iter()
        .map(|(reason, sentence)| format!("{reason}: {sentence}\n"))
        .collect();
    let found = found.concat();
    if std::env::var_os("WHEREFORE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, &found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap();
    for (found, wanted) in found.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted);
    }
    assert!(found == wanted, "a reason is missing at the end of one of them");
}
