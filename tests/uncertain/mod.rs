//! Acts of which only the bounds of their instant are known: what is definite, what is possible, and how it is told.

mod begins;
mod directed;
mod ends;
mod places;
mod random;
mod requests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::question;
use wherefore::report::json as printed;

use crate::ground::ground;

fn snapshot(file: &Value) -> Snapshot {
    let document = import::read_alone(&file.to_string(), "uncertain", Format::Json)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{file:#}"));
    Snapshot::of_document(document)
}

/// All findings as they are printed.
fn findings(snapshot: &Snapshot) -> Vec<Value> {
    let found = snapshot.findings(None).expect("a valid file can be judged");
    let found = printed::findings(&found.to_vec(), &ground(snapshot));
    found["findings"].as_array().expect("a list").clone()
}

/// The answer as it is printed.
fn ask(snapshot: &Snapshot, ask: &Value) -> Value {
    let asked = question::read(&ask.to_string()).expect("a question").question;
    let answer = snapshot
        .ask(&asked, None)
        .unwrap_or_else(|error| panic!("{error}: {ask}"));
    printed::answer(&asked, &answer, &ground(snapshot))
}

/// Where something printed takes acts to be.
fn placement(printed: &Value) -> BTreeMap<String, Timestamp> {
    let acts = printed["placement"].as_object().into_iter().flatten();
    acts.map(|(act, at)| {
        let at = at.as_str().expect("an instant");
        (act.clone(), at.parse().expect("an instant"))
    })
    .collect()
}

/// What did not hold; a run tells the first few of all.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    fn end(self) {
        let few: Vec<String> = self.0.iter().take(3).cloned().collect();
        assert!(self.0.is_empty(), "{} times:\n{}", self.0.len(), few.join("\n\n"));
    }
}
