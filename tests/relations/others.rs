//! An act about other fields changes nothing: acts about a field that nothing else speaks of leave every finding about
//! other acts, and every answer about other fields, as it was.

use serde_json::{Value, json};

use super::{answer, files, findings, ids, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::{facts, generate, generate_wide};

/// The file with some acts about a field of its own. Anonymized, so that checks over all that somebody holds pass it over.
fn with_other_acts(dice: &mut Dice, file: &Value, state: &str) -> Value {
    let mut more = file.clone();
    let push = |section: &mut Value, item: Value| section.as_array_mut().expect("a list").push(item);
    push(&mut more["categories"], json!({"id": "zz-elsewhere"}));
    push(
        &mut more["fields"],
        json!({"id": "zz-other", "category": "zz-elsewhere", "state": state}),
    );
    let pick = |dice: &mut Dice, all: &[String]| all[dice.below(all.len())].clone();
    let (processors, subjects) = (ids(file, "processors"), ids(file, "subjects"));
    for number in 0..=dice.below(5) {
        let events = more["events"].as_array_mut().expect("events");
        let like = &events[dice.below(events.len())];
        let at = match like["at"].get("from") {
            Some(from) => from.clone(),
            None => like["at"].clone(),
        };
        let mut act = json!({"id": format!("other-{number}"), "at": at, "fields": ["zz-other"]});
        act["subjects"] = json!([pick(dice, &subjects)]);
        act["purpose"] = json!(pick(dice, &ids(file, "purposes")));
        let (one, two) = (pick(dice, &processors), pick(dice, &processors));
        let kind = ["collect", "share", "use", "delete", "store"][dice.below(5)];
        if ["share", "use", "store"].contains(&kind) && dice.below(3) == 0 {
            act["at"] = json!({"from": act["at"]});
        }
        match kind {
            "collect" => {
                act["act"] = json!("collect");
                act["to"] = json!(one);
            }
            "share" => {
                act["act"] = json!("share");
                act["from"] = json!(one);
                act["to"] = json!(two);
            }
            "store" => {
                act["act"] = json!("store");
                act["by"] = json!(one);
                act["location"] = json!("SG");
            }
            kind => {
                act["act"] = json!(kind);
                act["by"] = json!(one);
            }
        }
        let place = dice.below(events.len() + 1);
        events.insert(place, act);
    }
    more
}

/// Without findings about the other acts, and without these in the list of all that happened before a policy was told.
fn of_the_rest(found: Vec<Value>) -> Vec<Value> {
    let is_other = |id: &Value| id.as_str().is_some_and(|id| id.starts_with("other-"));
    let mut rest = found;
    rest.retain(|finding| !is_other(&finding["event"]));
    for finding in &mut rest {
        let reason = facts::text(finding, "reason");
        if reason.as_deref() == Some("effective-before-published")
            && let Some(witness) = finding.get_mut("witness").and_then(Value::as_array_mut)
        {
            witness.retain(|act| !is_other(act));
            if witness.is_empty() {
                finding
                    .as_object_mut()
                    .expect("a mapping")
                    .shift_remove("witness");
            }
        }
    }
    rest
}

#[test]
fn findings_about_other_acts_stay() {
    let mut dice = Dice(451);
    let (mut compared, mut other) = (0, 0);
    for number in 0..files(2_000) {
        let bytes = dice.bytes(1_600);
        let file = match number % 4 {
            0 => generate::standing_file(&bytes),
            1 => generate::fact_file(&bytes),
            _ => generate_wide::wide_file(&bytes),
        };
        let more = with_other_acts(&mut dice, &file, "anonymized");
        let (before, after) = (findings(&file), findings(&more));
        compared += before.len();
        other += after.len();
        assert_eq!(of_the_rest(after), before, "{file:#}\nwith {more:#}");
    }
    assert!(
        compared > files(2_000) && other > compared,
        "{compared} findings, {other} with the other acts"
    );
}

#[test]
fn answers_about_other_fields_stay() {
    let mut dice = Dice(452);
    let mut asked = 0;
    for number in 0..files(2_000) {
        let bytes = dice.bytes(1_600);
        let file = match number % 3 {
            0 => generate::standing_file(&bytes),
            _ => generate::fact_file(&bytes),
        };
        let more = with_other_acts(&mut dice, &file, "identified");
        let (before, after) = (snapshot(&file), snapshot(&more));
        for ask in generate::questions(&bytes[800..], &file) {
            if ask["ask"] == "crossings" {
                continue; // of all fields
            }
            assert_eq!(
                answer(&after, &ask),
                answer(&before, &ask),
                "{ask} in {file:#}\nwith {more:#}"
            );
            asked += 1;
        }
    }
    assert!(asked > files(2_000), "only {asked} questions");
}
