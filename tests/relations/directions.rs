//! Backward finds what forward found: a source is named for a copy exactly when the copy is among what comes of the source;
//! and something reached somebody from somewhere exactly when something of theirs comes of it. The files have no processors
//! inside each other: a question means by a name all that is within it, and its answer names who has the copy.

use serde_json::{Value, json};

use super::{answer, files, ids, pairs, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::generate;

fn list(answer: Option<Value>) -> Vec<Value> {
    let answer = answer.map(|answer| answer["answer"].clone());
    answer
        .and_then(|list| list.as_array().cloned())
        .unwrap_or_default()
}

#[test]
fn what_has_a_source_comes_of_it() {
    let mut dice = Dice(461);
    let (mut up, mut down) = (0, 0);
    for number in 0..files(1_500) {
        let bytes = dice.bytes(1_200);
        let mut file = match number % 3 {
            0 => generate::flat_standing_file(&bytes),
            _ => generate::flat_file(&bytes),
        };
        // Sources are asked of copies that never end: without ends all copies are such.
        let events = file["events"].as_array_mut().expect("events");
        events.retain(|event| event["act"] != "delete" && event["act"] != "assign");
        if events.is_empty() {
            continue;
        }
        let whole = snapshot(&file);
        let processors = ids(&file, "processors");
        let places: Vec<(String, String, String)> = pairs(&file)
            .into_iter()
            .flat_map(|(field, subject)| {
                let at = |p: &String| (p.clone(), field.clone(), subject.clone());
                processors.iter().map(at).collect::<Vec<_>>()
            })
            .collect();
        // (where data was collected, where it is)
        let (mut backward, mut forward) = (Vec::new(), Vec::new());
        let mut collected: Vec<(String, String, String)> = Vec::new();
        for (p, field, subject) in &places {
            let ask = json!({"ask": "sources", "processor": p, "field": field, "subject": subject});
            for source in list(answer(&whole, &ask)) {
                let from = [source[0].clone(), source[1].clone()];
                let text = |value: &Value| value.as_str().expect("an id").to_owned();
                let place = (text(&source[0]), text(&source[1]), subject.clone());
                if !collected.contains(&place) {
                    collected.push(place);
                }
                backward.push(json!([from, [p, field], subject]));
            }
        }
        for (p, field, subject) in &collected {
            let ask = json!({"ask": "downstream", "from": p, "field": field, "subject": subject});
            for place in list(answer(&whole, &ask)) {
                forward.push(json!([[p, field], place, subject]));
            }
        }
        for link in &backward {
            // a copy is a source of itself, and does not come of itself
            assert!(
                link[0] == link[1] || forward.contains(link),
                "{link} is found backward only in {file:#}"
            );
        }
        for link in &forward {
            // what comes of a copy that was not collected there is not of a source there: its sources lie above
            let from = &link[0];
            let is_link = |other: &&Value| other[1] == *from && other[2] == link[2];
            let above: Vec<&Value> = backward.iter().filter(is_link).collect();
            let below: Vec<&Value> = backward
                .iter()
                .filter(|other| other[1] == link[1] && other[2] == link[2])
                .collect();
            assert!(
                above.iter().any(|a| below.iter().any(|b| a[0] == b[0])),
                "{link} is found forward only in {file:#}"
            );
        }
        up += backward.len();
        down += forward.len();
    }
    assert!(up > files(1_500) && down > files(1_500), "{up} up, {down} down");
}

#[test]
fn what_reached_somebody_is_what_comes_of_it_there() {
    let mut dice = Dice(462);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..files(1_500) {
        let bytes = dice.bytes(1_200);
        let mut file = generate::flat_file(&bytes);
        let events = file["events"].as_array_mut().expect("events");
        // Copies passed on after a deletion are in the one and not in the other.
        events.retain(|event| event["act"] != "delete");
        if events.is_empty() {
            continue;
        }
        file["as_of"] = json!("2030-01-01T00:00:00Z"); // after every act
        let whole = snapshot(&file);
        for (field, subject) in pairs(&file) {
            for from in ids(&file, "processors") {
                let ask = json!({"ask": "downstream", "from": from, "field": field, "subject": subject});
                let below = list(answer(&whole, &ask));
                for to in ids(&file, "processors").iter().filter(|to| **to != from) {
                    let ask =
                        json!({"ask": "reach", "field": field, "from": from, "to": to, "subject": subject});
                    let Some(reached) = answer(&whole, &ask) else {
                        continue;
                    };
                    let is_below = below.iter().any(|place| place[0] == to.as_str());
                    assert_eq!(reached["answer"], is_below, "{ask} in {file:#}");
                    yes += usize::from(is_below);
                    no += usize::from(!is_below);
                }
            }
        }
    }
    assert!(yes > files(1_500) && no > files(1_500), "{yes} yes, {no} no");
}
