//! Two thousand damaged copies of the demo: each is refused at a place inside it, or read. Always soon, and never a panic.

use std::time::{Duration, Instant};

use wherefore::db::Snapshot;
use wherefore::import::{self, Format, diagnostic};

use super::dice::Dice;

const DEMO: &str = include_str!("../../examples/zhima-credit.yaml");

/// Texts that replace a word.
const WORDS: &[&str] = &[
    "null",
    "[]",
    "{}",
    "''",
    "true",
    "9999-12-31T23:59:59Z",
    "-1",
    "99999999999999999999",
    "*a",
    "&a x",
    "- ",
    "\t",
    "é\u{2028}漢",
    "share",
    "zhima",
    "lin",
    "id",
    "- {",
    "\"",
    "'",
    "#",
    "|",
    "!!binary x",
    "2024-02-30",
    "2024-02-30T00:00:00+25:00",
    "\u{0}",
    "%",
];

fn mutant(dice: &mut Dice, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(3) {
        let (i, j) = (dice.below(lines.len()), dice.below(lines.len()));
        match dice.below(9) {
            0 => drop(lines.remove(i)),
            1 => lines.swap(i, j),
            2 => {
                let line = lines[i].clone();
                lines.insert(j, line);
            }
            3 => lines.truncate(i + 1),
            4 => {
                let line: Vec<char> = lines[i].chars().collect();
                let cut = dice.below(line.len());
                lines[i] = line[..cut].iter().collect();
            }
            5 => {
                let mut line: Vec<char> = lines[i].chars().collect();
                if !line.is_empty() {
                    line.remove(dice.below(line.len()));
                }
                lines[i] = line.into_iter().collect();
            }
            6 => {
                let mut line: Vec<char> = lines[i].chars().collect();
                let (a, b) = (dice.below(line.len()), dice.below(line.len()));
                if !line.is_empty() {
                    line.swap(a, b);
                }
                lines[i] = line.into_iter().collect();
            }
            7 => {
                let mut line: Vec<char> = lines[i].chars().collect();
                let at = dice.below(line.len() + 1);
                let more = [':', ',', '[', ']', '{', '}', '"', ' ', '-', '\u{1}'][dice.below(10)];
                line.insert(at, more);
                lines[i] = line.into_iter().collect();
            }
            _ => {
                let words: Vec<&str> = lines[i].split_inclusive(' ').collect();
                let word = dice.below(words.len());
                let replaced: Vec<&str> = words
                    .iter()
                    .enumerate()
                    .map(|(k, old)| {
                        if k == word {
                            WORDS[dice.below(WORDS.len())]
                        } else {
                            *old
                        }
                    })
                    .collect();
                lines[i] = replaced.join("");
            }
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
    }
    lines.join("\n")
}

/// The place is one of the text, or its end.
fn is_inside(text: &str, line: u32, column: u32) -> bool {
    let lines: Vec<&str> = text.split('\n').collect();
    let Some(index) = line.checked_sub(1).and_then(|line| usize::try_from(line).ok()) else {
        return false;
    };
    let width = lines.get(index).map(|line| line.chars().count());
    let is_end = index == lines.len() && column == 1;
    is_end || width.is_some_and(|width| (1..=width + 1).contains(&usize::try_from(column).expect("a column")))
}

/// Reads one damaged text; gives whether it was taken.
fn read(text: &str, format: Format) -> bool {
    let begun = Instant::now();
    let taken = match import::read_alone(text, "mutant", format) {
        Ok(document) => {
            let snapshot = Snapshot::of_document(document);
            snapshot
                .findings(None)
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
            true
        }
        Err(problems) => {
            assert!(
                problems.iter().any(|problem| !problem.is_warning()),
                "refused without a reason\n{text}"
            );
            for problem in &problems {
                let place = &problem.place;
                assert!(
                    is_inside(text, place.line, place.column),
                    "{problem} is outside\n{text}"
                );
                assert!(problem.code.as_str().starts_with("FACT_"));
                assert_eq!(&*place.file, "mutant");
            }
            assert!(problems.is_sorted_by_key(|problem| &problem.place));
            assert!(!diagnostic::draw(&problems, "mutant", text, false).is_empty());
            false
        }
    };
    let spent = begun.elapsed();
    assert!(spent < Duration::from_secs(2), "{spent:?} for\n{text}");
    taken
}

#[test]
fn damaged_copies_of_the_demo_are_refused_at_their_places_or_read() {
    let mut dice = Dice(20_250_630);
    let mut taken = 0;
    for _ in 0..2_000 {
        taken += usize::from(read(&mutant(&mut dice, DEMO), Format::Yaml));
    }
    assert!(
        (200..1_800).contains(&taken),
        "{taken} of 2,000 taken: the damage is one-sided"
    );
}

#[test]
fn damaged_copies_in_json_too() {
    let demo = format!("{:#}", import::yaml_json(DEMO).expect("the demo is YAML"));
    let mut dice = Dice(7);
    let taken: usize = (0..500)
        .map(|_| usize::from(read(&mutant(&mut dice, &demo), Format::Json)))
        .sum();
    assert!((1..500).contains(&taken), "{taken} of 500 taken");
}

#[test]
fn damaged_lines_too() {
    let demo = import::yaml_json(DEMO).expect("the demo is YAML");
    let mut lines = vec![String::new()];
    let mut header = serde_json::Map::new();
    for (key, value) in demo.as_object().expect("a map") {
        match value.as_array() {
            Some(items) => lines.extend(
                items
                    .iter()
                    .map(|item| serde_json::json!({key: item}).to_string()),
            ),
            None => drop(header.insert(key.clone(), value.clone())),
        }
    }
    lines[0] = serde_json::Value::from(header).to_string();
    let text = lines.join("\n");
    let mut dice = Dice(11);
    let taken: usize = (0..500)
        .map(|_| usize::from(read(&mutant(&mut dice, &text), Format::Ndjson)))
        .sum();
    assert!((1..500).contains(&taken), "{taken} of 500 taken");
}
