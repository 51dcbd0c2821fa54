//! `docs/clauses.md`: every clause, its rules, its tests, and what may be said of it. Written from the packs and the
//! rows; `UPDATE_GOLDEN=1` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use wherefore::packs;

use super::read::{self, Row};

/// The policies whose clauses are measured, and how many clauses each has; then the laws, whose articles that facts
/// cannot show are left out.
const POLICIES: &[(&str, Option<usize>)] = &[
    ("partner-rules", Some(42)),
    ("biometric-guidelines", Some(15)),
    ("zhima-credit", Some(100)),
    ("pipl", None),
    ("gdpr", None),
];

const HEAD: &str = "\
# Clauses

This page is generated from the rule packs (`schema/packs/`) and the tests (`tests/clauses/data/`); the test run
compares it. A clause **works** when facts that violate it give a finding with this clause and its witness, facts that
conform give none, and a test shows both. What can only be recorded is reported as *recorded*, never as verified; a
clause **refused at load** makes the facts unreadable; a clause that is only a word or a report is **reported**.

Of the two laws the page lists the articles that the packs judge. The others are left out: what facts cannot show, and
what it is not settled how to judge.

Paraphrases are ours. The texts themselves decide, and this page is no legal advice.
";

fn status(rows: &[&Row]) -> &'static str {
    let has = |shows: &str| rows.iter().any(|row| row.shows == shows);
    if has("judged") {
        "works"
    } else if has("recorded") {
        "works; recorded only"
    } else if has("refused") {
        "works; refused at load"
    } else if has("reported") {
        "reported"
    } else {
        "not yet"
    }
}

fn page() -> (String, BTreeMap<&'static str, usize>) {
    let rows = read::all();
    let mut out = HEAD.to_owned();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut tables = String::new();
    for (name, total) in POLICIES {
        let (_, text) = packs::BUILT_IN
            .iter()
            .find(|(known, _)| known == name)
            .expect("a pack inside the program");
        let (pack, rules) = packs::sketch(text, name).expect("a pack inside the program can be read");
        if let Some(total) = total {
            assert_eq!(pack.clauses.len(), *total, "clauses of {name}");
        }
        let _ = writeln!(
            tables,
            "\n## {}\n\n{}. Pack `{name}`{}; the facts of its tests: `tests/clauses/data/{name}.yaml`.\n\n| clause | what it asks | rule: check | law | tests | status |\n|---|---|---|---|---|---|",
            pack.title,
            pack.source,
            if pack.voluntary { ", voluntary" } else { "" }
        );
        for clause in &pack.clauses {
            let own: Vec<&Row> = rows.iter().filter(|row| row.clause == clause.id).collect();
            let mut shown: Vec<String> = Vec::new();
            let mut law: Vec<&str> = Vec::new();
            for rule in &rules {
                let is_tested = own.iter().any(|row| row.rule == format!("{name}/{}", rule.id));
                if rule.clause == clause.id || is_tested {
                    shown.push(format!("{}: `{}`", rule.id, rule.check));
                    law.extend(rule.law.iter().map(String::as_str));
                }
            }
            law.sort_unstable();
            law.dedup();
            let mut tests: Vec<String> = Vec::new();
            for (part, word) in [
                ("violates", "violating"),
                ("conforms", "conforming"),
                ("says", "report"),
            ] {
                let count = own.iter().filter(|row| row.value.get(part).is_some()).count();
                if count > 0 {
                    tests.push(format!("{count} {word}"));
                }
            }
            let status = status(&own);
            if total.is_some() {
                *counts.entry(status).or_default() += 1;
            }
            let _ = writeln!(
                tables,
                "| {} | {} | {} | {} | {} | {status} |",
                clause.id,
                clause.text,
                shown.join(", "),
                law.join(", "),
                tests.join(", ")
            );
        }
    }
    let total: usize = counts.values().sum();
    let list: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("| {status} | {count} |"))
        .collect();
    let _ = writeln!(
        out,
        "\nOf the {total} clauses of the three policies:\n\n| status | clauses |\n|---|---|\n{}",
        list.join("\n")
    );
    out.push_str(&tables);
    (out, counts)
}

#[test]
fn the_page_is_that_of_the_packs_and_the_tests() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clauses.md");
    let (page, counts) = page();
    assert_eq!(counts.values().sum::<usize>(), 157);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the page");
    assert!(
        kept == page,
        "docs/clauses.md is not that of the packs and the tests; write it anew with UPDATE_GOLDEN=1"
    );
}

#[test]
fn no_clause_works_without_both_tests() {
    for row in read::all() {
        let has = |part: &str| row.value.get(part).is_some();
        match row.shows.as_str() {
            "judged" | "recorded" => {
                assert!(
                    has("violates") && has("finds") && has("conforms"),
                    "{}",
                    row.clause
                );
            }
            "refused" => assert!(
                has("violates") && has("code") && has("conforms"),
                "{}",
                row.clause
            ),
            "reported" => assert!(has("says"), "{}", row.clause),
            other => panic!("{}: what is `{other}`?", row.clause),
        }
    }
}
