//! One more flow never takes a holding away; one more end never adds one: in records that do not contradict themselves.

use serde_json::{Value, json};
use std::collections::HashMap;

use super::{files, held, ids, persons};
use crate::documents::dice::Dice;
use crate::oracle::replay::{Support, replay};
use crate::oracle::{facts, generate};

/// One more act at a place and an instant of the file.
fn with_act(dice: &mut Dice, file: &Value, is_flow: bool) -> Value {
    let mut more = file.clone();
    let events = file["events"].as_array().expect("events");
    let like = &events[dice.below(events.len())]["at"];
    let at = like.get("from").unwrap_or(like).clone(); // of a standing act the beginning
    let pick = |dice: &mut Dice, all: Vec<String>| all[dice.below(all.len())].clone();
    let from = pick(dice, ids(file, "processors"));
    let to = pick(dice, ids(file, "processors"));
    let mut act = json!({
        "id": "one-more",
        "at": at,
        "subjects": [pick(dice, persons(file))],
        "fields": [pick(dice, ids(file, "fields"))],
    });
    let purpose = json!(pick(dice, ids(file, "purposes")));
    match (is_flow, dice.below(4)) {
        (false, _) => {
            act["act"] = json!("delete");
            act["by"] = json!(from);
        }
        (true, 0) => {
            act["act"] = json!("collect");
            act["to"] = json!(to);
            act["purpose"] = purpose;
        }
        (true, 1) => {
            act["act"] = json!("derive");
            act["by"] = json!(from);
            act["makes"] = json!([pick(dice, ids(file, "fields"))]);
            act["purpose"] = purpose;
        }
        (true, more) => {
            act["act"] = json!(["share", "delegate"][more - 2]);
            act["from"] = json!(from);
            act["to"] = json!(to);
            act["purpose"] = purpose;
        }
    }
    let place = dice.below(events.len() + 1);
    more["events"].as_array_mut().expect("events").insert(place, act);
    more
}

/// Somebody does something with what they have deleted. What is made from it then is there although nothing was held.
fn contradicts_itself(file: &Value) -> bool {
    let replayed = replay(&facts::read(file));
    let mut pairs = replayed.pairs.iter().flatten();
    pairs.any(|pair| matches!(pair.support, Support::Ineffective(_)))
}

/// What is held in the one is held in the other. Gives how many answers differ.
fn compare(less: &Value, more: &Value) -> usize {
    let of_more: HashMap<String, Value> = held(more)
        .into_iter()
        .map(|(ask, answer)| (ask.to_string(), answer))
        .collect();
    let mut differ = 0;
    for (ask, answer) in held(less) {
        let Some(other) = of_more.get(&ask.to_string()) else {
            continue; // nothing was said of everyone in the other file
        };
        assert!(
            answer == false || *other == true,
            "{ask}: {answer} and {other}\nless {less:#}\nmore {more:#}"
        );
        differ += usize::from(answer != *other);
    }
    differ
}

#[test]
fn one_more_flow_takes_nothing_away() {
    let mut dice = Dice(411);
    let mut grew = 0;
    for number in 0..files(1_000) {
        let bytes = dice.bytes(1_200);
        let file = match number % 3 {
            0 => generate::standing_file(&bytes),
            _ => generate::fact_file(&bytes),
        };
        let more = with_act(&mut dice, &file, true);
        if !contradicts_itself(&file) && !contradicts_itself(&more) {
            grew += compare(&file, &more);
        }
    }
    assert!(grew > files(1_000), "only {grew} answers grew");
}

#[test]
fn one_more_end_adds_nothing() {
    let mut dice = Dice(412);
    let mut fell = 0;
    for number in 0..files(1_000) {
        let bytes = dice.bytes(1_200);
        let file = match number % 3 {
            0 => generate::standing_file(&bytes),
            _ => generate::fact_file(&bytes),
        };
        let less = with_act(&mut dice, &file, false);
        if !contradicts_itself(&file) && !contradicts_itself(&less) {
            fell += compare(&less, &file);
        }
    }
    assert!(fell > files(1_000) / 20, "only {fell} answers fell");
}
