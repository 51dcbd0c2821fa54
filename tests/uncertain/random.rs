//! Random files against the oracle, which tries every placement on a fine grid.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use wherefore::import::{self, Format};
use wherefore::model::place::Problem;

use super::{Wrong, ask, findings, placement, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::{self, facts, generate, generate_wide, placements, questions};

const FILES: usize = 250;
/// Bounds lie on this grid around instants that other facts share, so three acts find room in each order beside one.
const STEP: SignedDuration = SignedDuration::from_mins(15);
/// Steps to a side of the instant that a file was drawn with, if there are any: fewer leave no such room.
const SIDE: usize = 4;

/// Bounds around an instant of the file, or none.
fn bounds(dice: &mut Dice, at: Timestamp) -> Option<Value> {
    let steps = |dice: &mut Dice| i32::try_from(dice.below(4).min(1) * SIDE).expect("small");
    let (before, after) = (steps(dice), steps(dice));
    (before + after > 0).then(|| {
        json!({
            "earliest": (at - STEP * before).to_string(),
            "latest": (at + STEP * after).to_string(),
        })
    })
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// The same of another instant of the file: an edge of an act that stands, or one of another fact or of an entry of it. As it
/// was where the bounds would not be taken.
fn also_uncertain(dice: &mut Dice, mut file: Value) -> Value {
    let pointers = match dice.below(4) {
        0 => edges(&file),
        1 => listed(&file),
        _ => Vec::new(),
    };
    let pointers = if pointers.is_empty() {
        others(dice, &file)
    } else {
        pointers
    };
    if pointers.is_empty() {
        return file;
    }
    let pointer = &pointers[dice.below(pointers.len())];
    let at = file.pointer(pointer).and_then(instant);
    let Some(known) = at.and_then(|at| bounds(dice, at)) else {
        return file;
    };
    let plain = file.clone();
    *file.pointer_mut(pointer).expect("it was there") = known;
    if is_taken(&file) { file } else { plain }
}

/// Whether the file is read; bounds may overlap, or let processors lie inside each other.
fn is_taken(file: &Value) -> bool {
    let Err(problems) = import::read_alone(&file.to_string(), "uncertain", Format::Json) else {
        return true;
    };
    let codes = ["FACT_INVERTED_INTERVAL", "FACT_CYCLE"];
    let is_meant = |problem: &Problem| codes.contains(&problem.code.as_str()) || problem.is_warning();
    assert!(problems.iter().all(is_meant), "{problems:?}\n{file:#}");
    false
}

/// Beginnings and ends of standing acts, as pointers into the file.
fn edges(file: &Value) -> Vec<String> {
    let events = file["events"].as_array().into_iter().flatten().enumerate();
    let edges = events.flat_map(|(number, event)| {
        ["from", "until"]
            .into_iter()
            .filter(|key| event["at"].get(key).is_some())
            .map(move |key| format!("/events/{number}/at/{key}"))
    });
    edges.collect()
}

/// Instants of entries of lists of facts.
fn listed(file: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (section, list, keys) in placements::LISTS {
        let items = file[*section].as_array().into_iter().flatten().enumerate();
        for (number, item) in items {
            let entries = item[*list].as_array().into_iter().flatten().enumerate();
            for (place, entry) in entries {
                let keys = keys.iter().filter(|key| entry.get(**key).is_some());
                found.extend(keys.map(|key| format!("/{section}/{number}/{list}/{place}/{key}")));
            }
        }
    }
    found
}

/// Instants of the facts of one section, under one key.
fn others(dice: &mut Dice, file: &Value) -> Vec<String> {
    let has = |(section, _): &&(&str, &[&str])| file[*section].as_array().is_some_and(|all| !all.is_empty());
    let others: Vec<&(&str, &[&str])> = placements::OTHERS.iter().filter(has).collect();
    let (section, keys) = others[dice.below(others.len())];
    let key = keys[dice.below(keys.len())];
    let items = file[*section].as_array().into_iter().flatten().enumerate();
    let there = items.filter(|(_, item)| item.get(key).is_some());
    there
        .map(|(number, _)| format!("/{section}/{number}/{key}"))
        .collect()
}

/// A random file, the instants of one to three of its acts known by bounds only.
fn uncertain(dice: &mut Dice, drawn: &Value) -> Value {
    let mut file = drawn.clone();
    let plain = facts::read(drawn);
    let events = file["events"].as_array_mut().expect("events");
    for _ in 0..=dice.below(3) {
        let number = dice.below(events.len());
        if events[number]["at"].is_object() {
            continue;
        }
        let id = events[number]["id"].as_str().expect("an id");
        let at = plain
            .events
            .iter()
            .find(|event| event.id == id)
            .expect("an event")
            .at;
        let at = Timestamp::from_microsecond(at).expect("an instant");
        if let Some(known) = bounds(dice, at) {
            events[number]["at"] = known;
        }
    }
    if dice.below(2) == 0 {
        also_uncertain(dice, file)
    } else {
        file
    }
}

#[test]
fn definite_is_what_every_placement_has_and_possible_what_some_have() {
    let mut dice = Dice(311);
    let (mut definite, mut possible, mut narrowed, mut beyond) = (0, 0, 0, 0);
    let mut wrong = Wrong::default();
    for _ in 0..FILES * 3 {
        let bytes = dice.bytes(1_200);
        // The oracle spells standing acts out at every instant, so there are fewer of these files.
        let drawn = match dice.below(8) {
            0 | 1 => generate::standing_file(&bytes),
            2 | 3 => generate_wide::wide_file(&bytes),
            _ => generate::fact_file(&bytes),
        };
        let file = uncertain(&mut dice, &drawn);
        let of_each: Vec<BTreeSet<String>> = placements::all(&file, STEP)
            .iter()
            .map(|plain| said(plain, &oracle::findings::findings(plain)))
            .collect();
        let (all, any) = placements::all_and_any(&of_each);
        let found = findings(&snapshot(&file));
        let (mut sure, mut maybe) = (BTreeSet::new(), BTreeSet::new());
        for finding in &found {
            let statements = placements::statements(&file, finding);
            match finding["certainty"].as_str() {
                Some("definite") => sure.extend(statements),
                Some("possible") => {
                    let plain = placements::at(&file, &placement(finding));
                    let there = said(&plain, &oracle::findings::findings(&plain));
                    let holds = statements.is_subset(&there);
                    wrong.unless(holds, || format!("not so there: {finding:#} in {plain:#}"));
                    maybe.extend(statements);
                }
                _ => assert!(placements::uncertain(&file).is_empty(), "{finding:#} in {file:#}"),
            }
        }
        if placements::uncertain(&file).is_empty() {
            continue;
        }
        let only_some: BTreeSet<String> = any.difference(&all).cloned().collect();
        // Beyond the limit of placements something definite may be told as possible.
        let told: BTreeSet<String> = sure.union(&maybe).cloned().collect();
        if sure.len() < all.len() && sure.is_subset(&all) && maybe.is_disjoint(&sure) && told == any {
            beyond += 1;
            continue;
        }
        for (word, found, wanted) in [("definite", &sure, &all), ("possible", &maybe, &only_some)] {
            let more: Vec<&String> = found.difference(wanted).collect();
            let less: Vec<&String> = wanted.difference(found).collect();
            wrong.unless(found == wanted, || {
                format!("{word}: also {more:#?}, lacks {less:#?} in {file:#}")
            });
        }
        definite += sure.len();
        possible += maybe.len();
        narrowed += usize::from(found.iter().any(|finding| finding["at"].is_object()));
    }
    wrong.end();
    println!(
        "{definite} definite, {possible} possible; {narrowed} files with a finding at bounds, {beyond} beyond the limit"
    );
    assert!(definite > 1_000 && possible > 300 && narrowed > 50 && beyond <= FILES / 50);
}

fn said(file: &Value, findings: &[Value]) -> BTreeSet<String> {
    findings
        .iter()
        .flat_map(|finding| placements::statements(file, finding))
        .collect()
}

fn entries(answer: &Value) -> BTreeSet<String> {
    let list = answer["answer"].as_array().into_iter().flatten();
    list.map(Value::to_string).collect()
}

#[test]
fn answers_are_yes_in_every_placement_or_possible_in_some() {
    let mut dice = Dice(312);
    let (mut yes, mut possible, mut no, mut lists) = (0, 0, 0, 0);
    let mut wrong = Wrong::default();
    for _ in 0..FILES {
        let bytes = dice.bytes(1_400);
        let drawn = if dice.below(4) == 0 {
            generate::standing_file(&bytes[..1_200])
        } else {
            generate::fact_file(&bytes[..1_200])
        };
        let file = uncertain(&mut dice, &drawn);
        if placements::uncertain(&file).is_empty() {
            continue;
        }
        let plain = placements::all(&file, STEP);
        let snapshot = snapshot(&file);
        for mut asked in generate::questions(&bytes[1_200..], &file_at_earliest(&file)) {
            asked.as_object_mut().expect("a map").shift_remove("as_known_at");
            let wanted: Vec<Value> = plain.iter().map(|file| questions::answer(file, &asked)).collect();
            let is_yes = |answer: &Value| answer["answer"] == true || !entries(answer).is_empty();
            let verdict = match wanted.iter().filter(|answer| is_yes(answer)).count() {
                0 => "no",
                count if count == wanted.len() => "yes",
                _ => "possible",
            };
            let answer = ask(&snapshot, &asked);
            let told = &answer["verdict"];
            wrong.unless(told == verdict, || {
                format!("{told}, not {verdict}: {asked} in {file:#}")
            });
            match verdict {
                "yes" => yes += 1,
                "no" => no += 1,
                _ => possible += 1,
            }
            if asked["ask"] == "reach" {
                if answer["verdict"] == "possible" {
                    let plain = placements::at(&file, &placement(&answer));
                    let mut there = questions::answer(&plain, &asked);
                    let is_so = there["answer"] == true;
                    wrong.unless(is_so, || format!("not so there: {asked} in {plain:#}"));
                    there["witness"] = answer["witness"].clone();
                    if let Err(why) = oracle::witness::verify_reach(&plain, &asked, &there) {
                        wrong.unless(false, || format!("{why}: {asked} in {plain:#}"));
                    }
                }
                continue;
            }
            let (all, any) = placements::all_and_any(&wanted.iter().map(entries).collect::<Vec<_>>());
            let (told, more) = (
                entries(&answer),
                answer["possible"].as_array().map_or(0, Vec::len),
            );
            let holds = told == all && more == any.len() - all.len();
            wrong.unless(holds, || {
                format!("{answer:#}, not {all:?} of {any:?}: {asked} in {file:#}")
            });
            lists += usize::from(more > 0);
        }
    }
    wrong.end();
    println!("{yes} yes, {possible} possible, {no} no, {lists} lists with possible entries");
    assert!(yes > 100 && possible > 30 && no > 100 && lists > 10);
}

fn file_at_earliest(file: &Value) -> Value {
    placements::at(file, &std::collections::BTreeMap::new())
}

#[test]
fn beyond_the_limit_nothing_is_said_that_is_not_so() {
    let mut dice = Dice(313);
    let (mut yes, mut no, mut possible, mut unknown, mut open) = (0, 0, 0, 0, 0);
    let mut wrong = Wrong::default();
    for _ in 0..FILES {
        let bytes = dice.bytes(1_400);
        let drawn = if dice.below(4) == 0 {
            generate::standing_file(&bytes[..1_200])
        } else {
            generate::fact_file(&bytes[..1_200])
        };
        let file = uncertain(&mut dice, &drawn);
        if placements::uncertain(&file).is_empty() {
            continue;
        }
        let plain = placements::all(&file, STEP);
        let snapshot = snapshot(&file).placing_at_most(1);
        let of_each: Vec<BTreeSet<String>> = plain
            .iter()
            .map(|plain| said(plain, &oracle::findings::findings(plain)))
            .collect();
        let (all, any) = placements::all_and_any(&of_each);
        for finding in findings(&snapshot) {
            let (word, statements) = (&finding["certainty"], placements::statements(&file, &finding));
            let within = if word == "definite" { &all } else { &any };
            wrong.unless(statements.is_subset(within), || {
                format!("{finding:#} in {file:#}")
            });
            open += usize::from(word == "possible" && statements.is_subset(&all));
        }
        for mut asked in generate::questions(&bytes[1_200..], &file_at_earliest(&file)) {
            asked.as_object_mut().expect("a map").shift_remove("as_known_at");
            if asked["ask"] != "reach" {
                continue;
            }
            let so = plain
                .iter()
                .filter(|file| questions::answer(file, &asked)["answer"] == true)
                .count();
            let answer = ask(&snapshot, &asked);
            let told = answer["verdict"].as_str().expect("a word");
            let holds = match told {
                "yes" => so == plain.len(),
                "possible" => so > 0,
                "no" => so == 0,
                _ => true,
            };
            wrong.unless(holds, || {
                format!("{told}, {so} of {}: {asked} in {file:#}", plain.len())
            });
            match told {
                "yes" => yes += 1,
                "no" => no += 1,
                "possible" => possible += 1,
                "unknown" => unknown += 1,
                _ => {}
            }
        }
    }
    wrong.end();
    println!(
        "{yes} yes, {no} no, {possible} possible, {unknown} unknown; {open} findings definite and not known to be"
    );
    assert!(yes > 10 && no > 100 && possible > 10 && open > 10);
}
