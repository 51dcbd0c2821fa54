//! The order of rows does not matter where it is not what tells acts apart: acts at instants of their own in any order,
//! and one file cut into commits that arrive in any order.

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db};
use wherefore::model::findings::Findings;
use wherefore::model::time::Instant;
use wherefore::report::json as printed;

use super::{answer, files, findings, snapshot};
use crate::documents::dice::Dice;
use crate::ground::ground;
use crate::oracle::lookups::print_instant;
use crate::oracle::{facts, generate, generate_wide};

/// The file with every act at an instant of its own: the acts of one instant follow each other by a second, as they stand.
fn apart(file: &Value) -> Value {
    let mut file = file.clone();
    let zone = facts::read(&file).timezone;
    let mut seconds = 0;
    for event in file["events"].as_array_mut().expect("events") {
        let at = facts::instant(event, "at").expect("an instant");
        seconds += 1;
        event["at"] = json!(print_instant(&zone, at + seconds * 1_000_000));
    }
    file
}

fn shuffle(dice: &mut Dice, items: &mut [Value]) {
    for place in (1..items.len()).rev() {
        items.swap(place, dice.below(place + 1));
    }
}

#[test]
fn acts_at_instants_of_their_own_may_stand_in_any_order() {
    let mut dice = Dice(441);
    let mut compared = 0;
    for _ in 0..files(2_000) {
        let bytes = dice.bytes(1_600);
        let file = apart(&generate_wide::wide_file(&bytes));
        let mut other = file.clone();
        shuffle(&mut dice, other["events"].as_array_mut().expect("events"));
        let wanted = findings(&file);
        assert_eq!(findings(&other), wanted, "{file:#}\nshuffled {other:#}");
        let (whole, shuffled) = (snapshot(&file), snapshot(&other));
        for ask in generate::questions(&bytes[800..], &file) {
            assert_eq!(answer(&shuffled, &ask), answer(&whole, &ask), "{ask} in {file:#}");
        }
        compared += wanted.len();
    }
    assert!(compared > files(2_000), "only {compared} findings");
}

#[test]
fn commits_in_any_order_give_what_one_commit_gives() {
    let mut dice = Dice(442);
    let mut compared = 0;
    for _ in 0..files(500) {
        let bytes = dice.bytes(1_600);
        let file = apart(&generate_wide::wide_file(&bytes));
        let whole = snapshot(&file);
        let db = Db::in_memory(AsOf::Fixed(whole.as_of())).expect("a store in memory");
        let mut first = file.clone();
        let mut acts = first["events"].as_array().expect("events").clone();
        shuffle(&mut dice, &mut acts);
        let header: serde_json::Map<String, Value> = file
            .as_object()
            .expect("a mapping")
            .iter()
            .filter(|(_, value)| !value.is_array())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        first["events"] = json!([]);
        let mut commits = vec![first];
        while !acts.is_empty() {
            let mut commit = header.clone();
            let count = (1 + dice.below(4)).min(acts.len());
            commit.insert("events".to_owned(), acts.drain(..count).collect());
            commits.push(commit.into());
        }
        let answers = generate::questions(&bytes[800..], &file);
        for commit in &commits {
            let batch = Batch::read(&commit.to_string(), "random.json");
            let batch = batch.unwrap_or_else(|problems| panic!("{problems:?} in {commit:#}"));
            db.commit(batch, Instant::from_micros(-i64::MAX / 2))
                .unwrap_or_else(|error| panic!("{error} in {commit:#}"));
            // What is kept up from commit to commit is asked now and then on the way.
            if dice.below(2) == 0 {
                db.snapshot().findings(None).expect("judged");
            }
        }
        let store = db.snapshot();
        let print = |found: &Findings| {
            let printed = printed::findings(&found.to_vec(), &ground(&whole));
            let mut all = printed["findings"].as_array().expect("a list").clone();
            for finding in &mut all {
                finding.as_object_mut().expect("a mapping").shift_remove("place");
            }
            all
        };
        let wanted = print(&whole.findings(None).expect("judged"));
        let found = print(&store.findings(None).expect("judged"));
        assert_eq!(found, wanted, "{file:#}\nin commits {commits:#?}");
        for mut ask in answers {
            ask.as_object_mut()
                .expect("a mapping")
                .shift_remove("as_known_at");
            assert_eq!(answer(&store, &ask), answer(&whole, &ask), "{ask} in {file:#}");
        }
        compared += wanted.len();
    }
    assert!(compared > files(500), "only {compared} findings");
}
