//! The same findings and answers, byte for byte, from a fact file, a store in memory, a new store on disk, and that store
//! opened again.

use serde_json::Value;
use wherefore::db::{AsOf, Batch, Db, Mode, Snapshot};
use wherefore::import::{self, Document, Format};
use wherefore::model::time::Instant;
use wherefore::question;
use wherefore::report::json;

use super::program::Folder;
use crate::documents::dice::Dice;
use crate::oracle::generate;

const DEMO: &str = include_str!("../../examples/zhima-credit.yaml");
const EXPECTED: &str = include_str!("../../examples/zhima-credit.expected.yaml");

/// Random files beside the demo.
const FILES: usize = 300;

/// All that a snapshot says.
fn told(snapshot: &Snapshot, questions: &[Value]) -> String {
    let ground = crate::ground::ground(snapshot);
    let mut all = json::findings(
        &snapshot.findings(None).expect("the facts can be judged").to_vec(),
        &ground,
    )
    .to_string();
    for ask in questions {
        let mut ask = ask.clone();
        // A file's facts count as recorded when they happened, a store's with their commit.
        ask.as_object_mut().expect("a map").remove("as_known_at");
        let asked = question::read(&ask.to_string()).expect("a question").question;
        let answer = snapshot
            .ask(&asked, None)
            .unwrap_or_else(|error| panic!("{error}: {ask}"));
        all.push('\n');
        all.push_str(&json::answer(&asked, &answer, &ground).to_string());
    }
    all
}

fn same_through_all_doors(read: &dyn Fn() -> Document, questions: &[Value], what: &str) {
    let as_of = read().header.as_of;
    let recorded = Instant::from_micros(0);
    let of_file = told(&Snapshot::of_document(read()), questions);
    let memory = Db::in_memory(AsOf::Fixed(as_of)).expect("a store in memory");
    memory
        .commit(Batch::of(read()), recorded)
        .expect("the facts are committed");
    assert_eq!(told(&memory.snapshot(), questions), of_file, "in memory: {what}");
    let folder = Folder::new();
    let path = folder.path("store");
    let fresh = Db::open(&path, Mode::Create, AsOf::Fixed(as_of)).expect("a new store");
    fresh
        .commit(Batch::of(read()), recorded)
        .expect("the facts are committed");
    assert_eq!(told(&fresh.snapshot(), questions), of_file, "on disk: {what}");
    drop(fresh);
    let reopened = Db::open(&path, Mode::Read, AsOf::Fixed(as_of)).expect("the store");
    assert_eq!(
        told(&reopened.snapshot(), questions),
        of_file,
        "opened again: {what}"
    );
}

#[test]
fn the_demo_is_the_same_through_every_door() {
    let expected = import::yaml_json(EXPECTED).expect("the expected results are YAML");
    let questions: Vec<Value> = expected["queries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|query| query["ask"].clone())
        .collect();
    assert_eq!(questions.len(), 14);
    let read = || import::read_alone(DEMO, "demo", Format::Yaml).expect("the demo is valid");
    same_through_all_doors(&read, &questions, "the demo");
}

#[test]
fn random_files_are_the_same_through_every_door() {
    let mut dice = Dice(300);
    for number in 0..FILES {
        let bytes = dice.bytes(1_400);
        let file = generate::fact_file(&bytes[..1_200]);
        let questions = generate::questions(&bytes[1_200..], &file);
        let text = file.to_string();
        let read = || import::read_alone(&text, "random", Format::Json).expect("a random file is valid");
        same_through_all_doors(&read, &questions, &format!("file {number}: {text}"));
    }
}
