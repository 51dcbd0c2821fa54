//! Random files: every witness verifies, every section that can be checked twice is, and how often every reason occurs.

use super::facts::{self, text};
use super::replay::Support;
use super::{findings, generate, generate_wide, hold, questions, replay, witness};
use serde_json::Value;
use std::collections::BTreeMap;

/// Splitmix64: the same bytes for the same seed, everywhere.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut out = Vec::new();
    while out.len() < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        out.extend((z ^ (z >> 31)).to_le_bytes());
    }
    out.truncate(length);
    out
}

/// `missing:A,B` counts as `missing`.
fn family(reason: &str) -> &str {
    reason.split(':').next().expect("a first part")
}

/// Counts the pairs of check and reason in so many files; with `--nocapture` it prints them as in `coverage.md`.
fn count_reasons(files: u64, file: impl Fn(u64) -> Value) -> usize {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut total = 0;
    for seed in 0..files {
        let mut here: Vec<String> = Vec::new();
        for finding in findings::findings(&file(seed)) {
            total += 1;
            let rule = text(&finding, "rule").expect("rule");
            let check = rule.split_once('-').expect("r1-check").1.to_string();
            let reason = text(&finding, "reason").expect("reason");
            here.push(format!("{check} | {}", family(&reason)));
        }
        for key in &here {
            counts.entry(key.clone()).or_default().0 += 1;
        }
        for key in findings::sorted(here) {
            counts.entry(key).or_default().1 += 1;
        }
    }
    println!("{total} findings");
    println!("| check | reason | findings | files |\n|---|---|---|---|");
    let pairs = counts.len();
    for (key, (findings, files)) in counts {
        println!("| {key} | {findings} | {files} |");
    }
    pairs
}

/// Every reason of every check occurs in random files.
#[test]
fn coverage_of_reasons() {
    let pairs = count_reasons(20_000, |seed| generate::fact_file(&bytes(seed, 1_400)));
    assert!(pairs >= 73, "only {pairs} pairs of check and reason occur");
}

/// Of the further checks too: 48 pairs, beside the 73 and what further parameters of these checks bring.
#[test]
fn coverage_of_reasons_of_further_checks() {
    let pairs = count_reasons(10_000, |seed| generate_wide::wide_file(&bytes(seed, 1_600)));
    assert!(pairs >= 124, "only {pairs} pairs of check and reason occur");
}

#[test]
fn every_witness_verifies() {
    for seed in 0..5_000 {
        let file = match seed % 2 {
            0 => generate::fact_file(&bytes(seed, 1_400)),
            _ => generate_wide::wide_file(&bytes(seed, 1_400)),
        };
        for finding in findings::findings(&file) {
            assert_eq!(witness::verify(&file, &finding), Ok(()), "seed {seed}: {finding}");
        }
    }
}

/// The check is no rubber stamp: a witness without one of its acts is nearly always refused.
#[test]
fn a_broken_witness_is_refused() {
    let (mut broken, mut refused) = (0, 0);
    for seed in 0..3_000 {
        let file = generate::fact_file(&bytes(seed, 1_400));
        for finding in findings::findings(&file) {
            let witness = facts::list(&finding, "witness");
            if witness.len() < 3 {
                continue;
            }
            for left_out in 0..witness.len() {
                let mut shorter = witness.clone();
                shorter.remove(left_out);
                let mut claim = finding.clone();
                claim["witness"] = serde_json::json!(shorter);
                broken += 1;
                refused += usize::from(witness::verify(&file, &claim).is_err());
            }
        }
    }
    assert!(
        broken > 1_000 && refused * 100 > broken * 95,
        "{refused} of {broken} refused"
    );
}

#[test]
fn every_reach_answer_verifies() {
    for seed in 0..5_000 {
        let file = generate::fact_file(&bytes(seed, 1_400));
        for ask in generate::questions(&bytes(seed + 1_000_000, 200), &file) {
            let answer = questions::answer(&file, &ask);
            if ask["ask"] == "reach" {
                assert_eq!(
                    witness::verify_reach(&file, &ask, &answer),
                    Ok(()),
                    "seed {seed}: {ask} {answer}"
                );
            }
        }
    }
}

fn contradicts_itself(file: &Value) -> bool {
    let replayed = replay::replay(&facts::read(file));
    let mut pairs = replayed.pairs.iter().flatten();
    pairs.any(|pair| matches!(pair.support, Support::Ineffective(_)))
}

/// The copies and the flood say the same wherever the record does not contradict itself. The flood knows holdings and not
/// when something came to one, so it is asked where no processor lies inside another.
#[test]
fn copies_and_holdings_agree_on_reach() {
    let (mut asked, mut yes, mut contradicted) = (0, 0, 0);
    for seed in 0..20_000 {
        let file = generate::flat_file(&bytes(seed, 1_400));
        for mut ask in generate::questions(&bytes(seed + 2_000_000, 200), &file) {
            if ask["ask"] != "reach" {
                continue;
            }
            let map = ask.as_object_mut().expect("a mapping");
            for key in [
                "through",
                "avoiding",
                "held_at",
                "during",
                "personal_only",
                "as_known_at",
            ] {
                map.remove(key);
            }
            let key = |key: &str| text(&ask, key);
            let (field, to, subject) = (
                key("field").expect("field"),
                key("to").expect("to"),
                key("subject").expect("subject"),
            );
            if contradicts_itself(&questions::of_subject(&file, &subject)) {
                contradicted += 1;
                continue;
            }
            let flood = hold::reached(&file, &field, key("from").as_deref(), &to, &subject);
            let answer = questions::answer(&file, &ask);
            assert_eq!(
                answer["answer"],
                Value::Bool(flood),
                "seed {seed}: {ask} in {file:#}"
            );
            asked += 1;
            yes += usize::from(flood);
        }
    }
    assert!(
        asked > 10_000 && yes > 2_000,
        "{asked} asked, {yes} yes, {contradicted} left out"
    );
}

/// No bytes, few bytes, and bytes of one value give valid files too.
#[test]
fn short_and_flat_bytes_give_small_files() {
    for value in [0, 1, 127, 255] {
        for length in [0, 1, 7, 100, 3_000] {
            let file = generate::fact_file(&vec![value; length]);
            findings::findings(&file);
        }
    }
    let smallest = generate::fact_file(&[]);
    assert_eq!(smallest["events"].as_array().map(Vec::len), Some(2));
    assert_eq!(smallest["rules"].as_array().map(Vec::len), Some(1));
}
