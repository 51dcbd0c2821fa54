//! Reach in large families is asked of the few acts that a search in columns names. The answers are those of the whole
//! family: after every commit, whatever ends, stands, is corrected or taken back in it, for everyone and for a person.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Mode, Snapshot};
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;
use wherefore::question;
use wherefore::report::json as printed;

use crate::documents::dice::Dice;

const RECORDS: usize = 400;

fn as_of() -> Instant {
    Instant::from_micros(1_719_792_000_000_000)
}

fn world() -> Value {
    json!({
        "scenario": "large", "as_of": "2024-07-01T00:00:00Z", "home": "CN",
        "categories": [{"id": "data"}],
        "purposes": [{"id": "service"}],
        "processors": [
            {"id": "p0", "kind": "controller", "country": "CN"},
            {"id": "p1", "kind": "controller", "country": "CN"},
            {"id": "p2", "kind": "controller", "country": "DE"},
            {"id": "p3", "kind": "controller", "country": "CN"},
            {"id": "p4", "kind": "controller", "country": "CN", "inside": "p3"},
            {"id": "p5", "kind": "public"},
            {"id": "p6", "kind": "controller", "country": "CN"}
        ],
        "fields": [
            {"id": "f0", "category": "data"}, {"id": "f1", "category": "data"}, {"id": "f2", "category": "data"}
        ],
        "subjects": [{"id": "ana"}, {"id": "ben"}],
        "cohorts": [{"id": "some", "members": ["ana"]}]
    })
}

fn pick(dice: &mut Dice, of: &[&str]) -> String {
    of[dice.below(of.len())].to_owned()
}

/// An act: instants are few, so that many acts share one.
fn event(dice: &mut Dice, id: &str, kinds: &[&str], days: usize) -> Value {
    let day = 1 + dice.below(days);
    let at = format!("2024-05-{day:02}T00:00:00Z");
    let givers = ["p0", "p1", "p2", "p3", "p4"];
    let (from, to) = (
        pick(dice, &givers),
        pick(dice, &["p0", "p1", "p2", "p3", "p4", "p5", "p6"]),
    );
    let subjects = pick(
        dice,
        &[
            "everyone", "everyone", "everyone", "everyone", "ana", "some", "ben",
        ],
    );
    let mut act = json!({
        "id": id, "at": at, "subjects": [subjects], "fields": [pick(dice, &["f0", "f1", "f2"])], "purpose": "service"
    });
    let kind = pick(dice, kinds);
    let put = |act: &mut Value, key: &str, value: Value| {
        act[key] = value;
    };
    put(&mut act, "act", kind.trim_start_matches("standing ").into());
    match &*kind {
        "collect" => put(&mut act, "to", from.into()),
        "delete" | "use" => put(&mut act, "by", from.into()),
        "derive" => {
            put(&mut act, "by", from.into());
            put(&mut act, "makes", json!([pick(dice, &["f0", "f1", "f2"])]));
        }
        "standing share" => {
            put(&mut act, "from", from.into());
            put(&mut act, "to", to.into());
            let until = (day + 1 + dice.below(5)).min(31);
            put(
                &mut act,
                "at",
                json!({"from": at, "until": format!("2024-05-{until:02}T00:00:00Z")}),
            );
        }
        _ => {
            put(&mut act, "from", from.into());
            put(&mut act, "to", to.into());
        }
    }
    if dice.below(20) == 0 && kind == "share" {
        put(&mut act, "carries", "possible".into());
    }
    act
}

/// Acts in several commits; the later ones correct and take back some of the earlier.
fn commits(dice: &mut Dice, kinds: &[&str], with_changes: bool) -> Vec<Value> {
    let (mut commits, mut known) = (Vec::new(), Vec::<String>::new());
    let days = 3 + dice.below(20);
    for commit in 0..2 + dice.below(3) {
        let mut events = Vec::new();
        for number in 0..=dice.below(30) {
            let id = format!("e{commit}-{number}");
            events.push(event(dice, &id, kinds, days));
            known.push(id);
        }
        let changes = if with_changes && commit > 0 {
            dice.below(4)
        } else {
            0
        };
        for _ in 0..changes {
            let id = known.swap_remove(dice.below(known.len()));
            if id.starts_with(&format!("e{commit}-")) {
                continue;
            }
            events.push(if dice.below(2) == 0 {
                json!({"retracts": id, "why": "it never took place"})
            } else {
                let mut act = event(dice, &id, kinds, days);
                act["corrects"] = id.into();
                act
            });
        }
        let mut file = if commit == 0 {
            world()
        } else {
            json!({"scenario": "large", "as_of": "2024-07-01T00:00:00Z", "home": "CN"})
        };
        file["events"] = events.into();
        commits.push(file);
    }
    commits
}

/// The same about everyone alone.
fn without_persons(file: &mut Value) {
    for section in ["subjects", "cohorts"] {
        file.as_object_mut().expect("a file").shift_remove(section);
    }
    for event in file["events"].as_array_mut().into_iter().flatten() {
        if event.get("subjects").is_some() {
            event["subjects"] = json!(["everyone"]);
        }
    }
}

fn asks(dice: &mut Dice) -> Vec<Value> {
    let all = ["p0", "p1", "p2", "p3", "p4", "p5", "p6"];
    (0..12)
        .map(|_| {
            let mut ask = json!({
                "ask": "reach",
                "field": pick(dice, &["f0", "f1", "f2"]),
                "to": pick(dice, &all),
                "subject": pick(dice, &["everyone", "everyone", "ana", "ben"]),
            });
            if dice.below(8) == 0 {
                ask.as_object_mut().expect("a map").shift_remove("subject");
            }
            if dice.below(3) > 0 {
                ask["from"] = pick(dice, &all).into();
            }
            if dice.below(6) == 0 {
                ask["held_at"] = "2024-05-10T00:00:00Z".into();
            }
            if dice.below(6) == 0 {
                ask["avoiding"] = json!([pick(dice, &["p0", "p1"])]);
            }
            ask
        })
        .collect()
}

fn answers(snapshot: &Snapshot, asks: &[Value]) -> Vec<Value> {
    let ground = crate::ground::ground(snapshot);
    asks.iter()
        .map(|ask| {
            let asked = question::read(&ask.to_string()).expect("a question");
            match snapshot.ask(&asked.question, None) {
                Ok(answer) => printed::answer(&asked.question, &answer, &ground),
                Err(error) => error.to_string().into(),
            }
        })
        .collect()
}

fn committed(db: &Db, file: &Value) -> bool {
    let batch =
        Batch::read(&file.to_string(), "large.json").unwrap_or_else(|problems| panic!("{problems:?}"));
    db.commit(batch, as_of()).is_ok()
}

const PLAIN: [&str; 4] = ["collect", "share", "share", "derive"];
const ALL: [&str; 12] = [
    "collect",
    "collect",
    "share",
    "share",
    "share",
    "share",
    "derive",
    "delete",
    "assign",
    "delegate",
    "standing share",
    "use",
];

#[test]
fn after_every_commit_answers_from_columns_are_those_of_the_whole_family() {
    let mut dice = Dice(77);
    let (mut states, mut yes, mut contradicted, mut ended) = (0, 0, 0, 0);
    for record in 0..RECORDS {
        let kinds: &[&str] = if record % 3 == 0 { &PLAIN } else { &ALL };
        let (columns, whole) = (
            Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory"),
            Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory"),
        );
        let mut commits = commits(&mut dice, kinds, record % 2 == 1);
        if record % 5 == 0 {
            for commit in &mut commits {
                without_persons(commit);
            }
        }
        for commit in &commits {
            if !committed(&columns, commit) {
                continue;
            }
            assert!(committed(&whole, commit));
            let asks = asks(&mut dice);
            let (columns, whole) = (
                columns.snapshot().in_columns_from(1),
                whole.snapshot().in_columns_from(usize::MAX),
            );
            let expected = answers(&whole, &asks);
            for ((ask, found), expected) in asks.iter().zip(answers(&columns, &asks)).zip(&expected) {
                assert_eq!(&found, expected, "{ask} in {commits:#?}");
                yes += usize::from(found["answer"] == true);
                contradicted += usize::from(
                    found["contradicted"]
                        .as_array()
                        .is_some_and(|acts| !acts.is_empty()),
                );
                ended += usize::from(
                    found["boundary"]
                        .as_array()
                        .is_some_and(|names| !names.is_empty()),
                );
            }
            states += 1;
        }
        let last = columns.snapshot().sequence();
        for moment in 1..=last {
            let known = |db: &Db| {
                db.snapshot()
                    .known_at(Some(RecordTime::Number(moment)))
                    .expect("a commit")
            };
            let asks = asks(&mut dice);
            assert_eq!(
                answers(&known(&columns).in_columns_from(1), &asks),
                answers(&known(&whole).in_columns_from(usize::MAX), &asks),
                "as known at {moment} in {commits:#?}"
            );
        }
    }
    assert!(states > 400, "{states} states");
    assert!(yes > 500, "{yes} are a yes");
    assert!(
        contradicted > 20,
        "{contradicted} have arrivals that contradict the record"
    );
    assert!(ended > 200, "{ended} trails end");
}

fn files(store: &Path) -> Vec<PathBuf> {
    let folder = store.join("flows");
    let entries = fs::read_dir(folder).expect("the folder of the flows");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn opened(store: &Path, mode: Mode) -> Db {
    Db::open(store, mode, AsOf::Fixed(as_of())).expect("a store")
}

#[test]
fn flows_are_kept_in_a_file_that_may_be_missing_stale_damaged_or_of_another_store() {
    let mut dice = Dice(5);
    let place = tempfile::tempdir().expect("a folder");
    let (store, other) = (place.path().join("store"), place.path().join("other"));
    let mut four = || {
        std::iter::repeat_with(|| commits(&mut dice, &ALL, false))
            .find(|commits| commits.len() == 4)
            .expect("four commits")
    };
    let (commits, of_other) = (four(), four());
    let asks: Vec<Value> = std::iter::repeat_with(|| asks(&mut dice))
        .take(5)
        .flatten()
        .collect();
    let check = |db: &Db| {
        let found = answers(&db.snapshot().in_columns_from(1), &asks);
        assert_eq!(found, answers(&db.snapshot().in_columns_from(usize::MAX), &asks));
        found
    };
    let db = opened(&store, Mode::Create);
    for commit in &commits[..2] {
        assert!(committed(&db, commit));
    }
    let first = check(&db);
    drop(db);
    let everyone = files(&store);
    assert!(!everyone.is_empty(), "the flows of everyone at least");
    let bytes = |path: &Path| fs::read(path).expect("a file");
    let whole: Vec<Vec<u8>> = everyone.iter().map(|path| bytes(path)).collect();

    // As it is, and from another program that only reads.
    assert_eq!(check(&opened(&store, Mode::Read)), first);
    assert_eq!(
        everyone.iter().map(|path| bytes(path)).collect::<Vec<_>>(),
        whole,
        "nothing is written anew"
    );

    // Damaged: each is made again.
    for path in &everyone {
        let mut damaged = bytes(path);
        let at = damaged.len() / 2;
        damaged[at] ^= 1;
        fs::write(path, damaged).expect("written");
    }
    assert_eq!(check(&opened(&store, Mode::Read)), first);
    assert_eq!(
        everyone.iter().map(|path| bytes(path)).collect::<Vec<_>>(),
        whole,
        "made again"
    );

    // Missing.
    fs::remove_dir_all(store.join("flows")).expect("removed");
    assert_eq!(check(&opened(&store, Mode::Read)), first);

    // Behind the record: what came later is laid over it, and the file stays.
    let db = opened(&store, Mode::Write);
    for commit in &commits[2..] {
        assert!(committed(&db, commit));
        check(&db);
    }
    drop(db);
    assert_eq!(
        everyone.iter().map(|path| bytes(path)).collect::<Vec<_>>(),
        whole,
        "not made anew for so little"
    );
    check(&opened(&store, Mode::Read));

    // The files of another store, under the names of its own.
    let db = opened(&other, Mode::Create);
    for commit in &of_other {
        assert!(committed(&db, commit));
    }
    let last = check(&db);
    drop(db);
    for (own, foreign) in files(&other).iter().zip(&whole) {
        fs::write(own, foreign).expect("written");
    }
    assert_eq!(check(&opened(&other, Mode::Read)), last);

    // A file where the folder should be: nothing can be kept, and the answers are the same.
    fs::remove_dir_all(other.join("flows")).expect("removed");
    fs::write(other.join("flows"), "in the way").expect("written");
    assert_eq!(check(&opened(&other, Mode::Read)), last);
    assert!(
        wherefore::db::verify(&store)
            .expect("verified")
            .troubles
            .is_empty()
    );
}
