//! Large families are asked of the few acts that a search in columns names. The answers are those of the whole
//! family: after every commit, whatever ends, stands, is corrected or taken back in it, for everyone and for a person.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Mode, Snapshot};
use wherefore::import::{self, Format};
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
            {"id": "f0", "category": "data"}, {"id": "f1", "category": "data"},
            {"id": "f2", "category": "data", "state": "anonymized"}
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
            if dice.below(12) == 0 {
                put(&mut act, "fields", json!(["f2"]));
                put(&mut act, "method", "reidentify".into());
            }
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

/// Acts in several commits; the later ones correct and take back some of the earlier, and some do nothing else.
fn commits(dice: &mut Dice, kinds: &[&str], with_changes: bool) -> Vec<Value> {
    let (mut commits, mut known) = (Vec::new(), Vec::<String>::new());
    let days = 3 + dice.below(20);
    for commit in 0..2 + dice.below(3) {
        let mut events = Vec::new();
        let changes_alone = with_changes && commit > 0 && dice.below(4) == 0;
        let new = if changes_alone { 0 } else { 1 + dice.below(30) };
        for number in 0..new {
            let id = format!("e{commit}-{number}");
            events.push(event(dice, &id, kinds, days));
            known.push(id);
        }
        let changes = if with_changes && commit > 0 {
            dice.below(4)
        } else {
            0
        };
        for _ in 0..changes.min(known.len()) {
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

/// Later commits bring to the catalogue: a holder that has an act of its own, and where another one lies.
fn with_things(dice: &mut Dice, commits: &mut [Value], with_changes: bool) {
    for (number, file) in commits.iter_mut().enumerate().skip(1) {
        let new = format!("n{number}");
        let mut things = vec![json!({"id": new, "kind": "controller", "country": "CN"})];
        if dice.below(2) == 0 {
            things[0]["inside"] = "p3".into();
        }
        if with_changes && dice.below(2) == 0 {
            let country = ["CN", "DE", "FR", "US"][number % 4];
            things.push(json!({
                "id": "p6", "kind": "controller", "country": country, "inside": pick(dice, &["p1", "p3"]), "corrects": "p6"
            }));
        }
        file["processors"] = things.into();
        if dice.below(2) == 0 {
            let mut act = event(dice, &format!("to-{new}"), &["share"], 5);
            act["to"] = new.into();
            file["events"].as_array_mut().expect("acts").push(act);
        }
    }
}

/// Some acts say when they were recorded, a few of them not before what is asked about.
fn dated(dice: &mut Dice, commits: &mut [Value]) {
    for event in events(commits) {
        if dice.below(8) == 0 {
            event["recorded"] = pick(
                dice,
                &[
                    "2024-05-08T00:00:00Z",
                    "2024-06-15T00:00:00Z",
                    "2024-08-01T00:00:00Z",
                ],
            )
            .into();
        }
    }
}

/// Of one act or two, only the bounds of the instant are known.
fn blurred(dice: &mut Dice, commits: &mut [Value]) {
    for _ in 0..=dice.below(2) {
        let mut all: Vec<&mut Value> = events(commits).filter(|event| event["at"].is_string()).collect();
        if all.is_empty() {
            return;
        }
        let chosen = dice.below(all.len());
        let at = &mut all[chosen]["at"];
        let first: usize = at.as_str().map_or(1, |at| at[8..10].parse().expect("a day"));
        *at =
            json!({"earliest": at, "latest": format!("2024-05-{:02}T00:00:00Z", first + 1 + dice.below(3))});
    }
}

/// A holder moves into another one; of when, perhaps only the bounds are known.
fn moved(dice: &mut Dice, commits: &mut [Value]) {
    let day = |day: usize| json!(format!("2024-05-{day:02}T00:00:00Z"));
    let first = 2 + dice.below(10);
    let at = if dice.below(2) == 0 {
        day(first)
    } else {
        json!({"earliest": day(first), "latest": day(first + 1 + dice.below(8))})
    };
    commits[0]["processors"][6]["moves"] = json!([{"at": at, "inside": "p3"}]);
}

fn events(commits: &mut [Value]) -> impl Iterator<Item = &mut Value> {
    commits
        .iter_mut()
        .flat_map(|file| file["events"].as_array_mut().expect("acts"))
}

/// What these commits say, in one file.
fn together(commits: &[&Value]) -> Snapshot {
    let mut file = commits[0].clone();
    for commit in &commits[1..] {
        for section in ["processors", "events"] {
            let more = commit.get(section).and_then(Value::as_array);
            let own = file[section].as_array_mut().expect("a section");
            own.extend(more.into_iter().flatten().cloned());
        }
    }
    let document = import::read_alone(&file.to_string(), "large.json", Format::Json);
    Snapshot::of_document(document.unwrap_or_else(|problems| panic!("{problems:?}")))
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

/// A question, and for which instant it is asked, if not for the present.
type Asked = (Value, Option<Instant>);

fn asks(dice: &mut Dice) -> Vec<Asked> {
    let all = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "n1"];
    (0..20)
        .map(|_| {
            let mut ask = json!({
                "ask": "reach",
                "field": pick(dice, &["f0", "f1", "f2"]),
                "to": pick(dice, &all),
                "subject": pick(dice, &["everyone", "everyone", "ana", "ben"]),
            });
            // An instant of acts, so that some of them take place just then.
            let first: i64 = 1_714_521_600_000_000;
            let days = i64::try_from(dice.below(30)).expect("few");
            let at = Instant::from_micros(first + days * 86_400_000_000);
            let as_of = (dice.below(5) == 0).then_some(at);
            if dice.below(3) == 0 {
                let (field, subject) = (ask["field"].clone(), ask["subject"].clone());
                let who = pick(dice, &all);
                let mut ask = match dice.below(4) {
                    0 => json!({"ask": "holders"}),
                    1 => json!({"ask": "purposes"}),
                    2 => json!({"ask": "downstream", "from": who}),
                    _ => json!({"ask": "sources", "processor": who}),
                };
                (ask["field"], ask["subject"]) = (field, subject);
                if ask["ask"] == "holders" && dice.below(3) == 0 {
                    ask["at"] = "2024-05-10T00:00:00Z".into();
                }
                return (ask, as_of);
            }
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
            if dice.below(10) == 0 {
                ask["personal_only"] = true.into();
            }
            (ask, as_of)
        })
        .collect()
}

fn answers(snapshot: &Snapshot, asks: &[Asked]) -> Vec<Value> {
    let ground = crate::ground::ground(snapshot);
    asks.iter()
        .map(|(ask, as_of)| {
            let asked = question::read(&ask.to_string()).expect("a question");
            match snapshot.ask(&asked.question, *as_of) {
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
    let (mut states, mut yes, mut contradicted, mut ended, mut listed) = (0, 0, 0, 0, 0);
    for record in 0..RECORDS {
        let kinds: &[&str] = if record % 3 == 0 { &PLAIN } else { &ALL };
        let in_memory = || Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory");
        let (columns, whole, late) = (in_memory(), in_memory(), in_memory());
        let mut commits = commits(&mut dice, kinds, record % 2 == 1);
        match record % 8 {
            1 | 3 => with_things(&mut dice, &mut commits, true),
            2 => dated(&mut dice, &mut commits),
            4 if record % 16 == 4 => blurred(&mut dice, &mut commits),
            6 => moved(&mut dice, &mut commits),
            _ => {}
        }
        if record % 5 == 0 {
            for commit in &mut commits {
                without_persons(commit);
            }
        }
        let (mut taken, mut before) = (Vec::new(), Vec::new());
        for commit in &commits {
            if !committed(&columns, commit) {
                continue;
            }
            assert!(committed(&whole, commit) && committed(&late, commit));
            taken.push(commit);
            let asks = asks(&mut dice);
            let (columns, whole) = (
                columns.snapshot().in_columns_from(1),
                whole.snapshot().in_columns_from(usize::MAX),
            );
            let expected = answers(&whole, &asks);
            for ((ask, found), expected) in asks.iter().zip(answers(&columns, &asks)).zip(&expected) {
                assert_eq!(&found, expected, "{ask:?} in {commits:#?}");
                yes += usize::from(found["answer"] == true);
                listed += usize::from(found["answer"].as_array().is_some_and(|list| !list.is_empty()));
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
            let of_file = together(&taken).in_columns_from(usize::MAX);
            assert_eq!(
                answers(&of_file, &asks),
                expected,
                "a file of {taken:#?} asked {asks:#?}"
            );
            before.push((late.snapshot(), asks, expected));
            states += 1;
        }
        // What is laid down late, with all that was changed by then, serves states before it too.
        for (state, asks, expected) in before.iter().rev() {
            assert_eq!(
                answers(&state.in_columns_from(1), asks),
                *expected,
                "at {} of {commits:#?} asked {asks:#?}",
                state.sequence()
            );
        }
        let last = columns.snapshot().sequence();
        for moment in 1..=last {
            let known = |db: &Db| {
                db.snapshot()
                    .known_at(Some(RecordTime::Number(moment)))
                    .expect("a commit")
            };
            let asks = asks(&mut dice);
            let expected = answers(&known(&whole).in_columns_from(usize::MAX), &asks);
            for db in [&columns, &late] {
                let found = answers(&known(db).in_columns_from(1), &asks);
                assert_eq!(found, expected, "as known at {moment} in {commits:#?}");
            }
        }
    }
    assert!(states > 400, "{states} states");
    assert!(yes > 500, "{yes} are a yes");
    assert!(listed > 2_000, "{listed} lists have something in them");
    assert!(
        contradicted > 20,
        "{contradicted} have arrivals that contradict the record"
    );
    assert!(ended > 200, "{ended} trails end");
}

/// The same without what only may have carried, and with nothing in place of what is corrected.
fn certain(commits: &mut [Value]) {
    for event in events(commits) {
        event.as_object_mut().expect("a map").shift_remove("carries");
        if let Some(corrected) = event.get("corrects").cloned() {
            *event = json!({"retracts": corrected, "why": "it never took place"});
        }
    }
}

#[test]
fn who_had_the_field_is_seen_from_what_stands_alone() {
    let mut dice = Dice(91);
    let (mut taken_back, mut hidden) = (0, 0);
    for record in 0..RECORDS / 2 {
        let is_dated = record % 2 == 0;
        let mut commits = commits(&mut dice, &PLAIN, !is_dated);
        certain(&mut commits);
        if is_dated {
            dated(&mut dice, &mut commits);
        }
        if record % 4 < 2 {
            commits.iter_mut().for_each(without_persons);
        }
        let db = Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory");
        commits.retain(|commit| committed(&db, commit));
        let asks = asks(&mut dice);
        let snapshot = db.snapshot();
        let found = answers(&snapshot.in_columns_from(1), &asks);
        let whole = together(&commits.iter().collect::<Vec<_>>());
        assert_eq!(
            found,
            answers(&whole.in_columns_from(usize::MAX), &asks),
            "{commits:#?} asked {asks:#?}"
        );
        for event in events(&mut commits) {
            taken_back += usize::from(event.get("retracts").is_some());
            hidden += usize::from(event["recorded"] == "2024-08-01T00:00:00Z");
        }
    }
    assert!(taken_back > 100 && hidden > 100, "{taken_back} and {hidden}");
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
    let asks: Vec<Asked> = std::iter::repeat_with(|| asks(&mut dice))
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

/// A file of a few acts about these persons, each of whom has data at a place of their own.
fn of_persons(persons: [&str; 2]) -> Value {
    let mut file = world();
    let mut events = Vec::new();
    for (person, to) in persons.iter().zip(["p1", "p2"]) {
        let act = |id: &str, act: &str| {
            json!({"id": format!("{person}-{id}"), "at": "2024-05-01T00:00:00Z", "act": act,
            "subjects": [person], "fields": ["f0"], "purpose": "service"})
        };
        let (mut got, mut given) = (act("got", "collect"), act("given", "share"));
        got["to"] = "p0".into();
        (given["from"], given["to"]) = ("p0".into(), to.into());
        events.extend([got, given]);
    }
    file["events"] = events.into();
    file
}

fn reached(snapshot: &Snapshot, subject: &str, to: &str) -> bool {
    let ask = json!({"ask": "reach", "field": "f0", "to": to, "subject": subject});
    let answers = answers(&snapshot.in_columns_from(1), &[(ask, None)]);
    answers[0]["answer"]
        .as_bool()
        .unwrap_or_else(|| panic!("{answers:?}"))
}

#[test]
fn the_file_of_one_person_is_not_taken_for_that_of_another() {
    let place = tempfile::tempdir().expect("a folder");
    let db = opened(place.path(), Mode::Create);
    assert!(committed(&db, &of_persons(["ana", "ben"])));
    let check = |snapshot: &Snapshot| {
        for (person, own, other) in [("ana", "p1", "p2"), ("ben", "p2", "p1")] {
            assert!(
                reached(snapshot, person, own) && !reached(snapshot, person, other),
                "{person}"
            );
        }
    };
    check(&db.snapshot());
    drop(db);
    let files = files(place.path());
    let [one, other] = &files[..] else {
        panic!("{files:?}");
    };
    let (of_one, of_other) = (fs::read(one).expect("a file"), fs::read(other).expect("a file"));
    fs::write(one, of_other).expect("written");
    fs::write(other, of_one).expect("written");
    check(&opened(place.path(), Mode::Read).snapshot());
}

/// So many acts that share data of everyone between two of the processors.
fn many(count: usize, section: &str) -> Value {
    let item = |number: usize| {
        if section == "processors" {
            json!({"id": format!("m{number}"), "kind": "controller"})
        } else {
            json!({"id": format!("m{number}"), "at": "2024-05-01T00:00:00Z", "act": "share", "from": "p1", "to": "p2",
                   "subjects": ["everyone"], "fields": ["f1"], "purpose": "service"})
        }
    };
    let mut file = later();
    file[section] = (0..count).map(item).collect();
    file
}

fn later() -> Value {
    json!({"scenario": "large", "as_of": "2024-07-01T00:00:00Z", "home": "CN"})
}

/// Brings the field from `from` to a holder that is told of just then.
fn at_last(from: &str, holder: &str) -> Value {
    let mut file = later();
    file["processors"] = json!([{"id": holder, "kind": "controller"}]);
    file["events"] = json!([{"id": format!("to-{holder}"), "at": "2024-05-02T00:00:00Z", "act": "share", "from": from,
        "to": holder, "subjects": ["everyone"], "fields": ["f0"], "purpose": "service"}]);
    file
}

#[test]
fn much_that_was_committed_since_is_laid_over_or_laid_down_anew() {
    let place = tempfile::tempdir().expect("a folder");
    let db = opened(place.path(), Mode::Create);
    let mut first = of_persons(["everyone", "ben"]);
    first["events"].as_array_mut().expect("acts").truncate(2);
    assert!(committed(&db, &first));
    assert!(reached(&db.snapshot(), "everyone", "p1"));
    let written = || {
        let files = files(place.path());
        let [file] = &files[..] else { panic!("{files:?}") };
        fs::read(file).expect("a file")
    };
    let little = written();

    // More than is read at once, of acts and of what is in the catalogue.
    let mut some = many(5_000, "events");
    some["processors"] = many(5_000, "processors")["processors"].take();
    let last = at_last("p1", "n1");
    for section in ["processors", "events"] {
        let own = some[section].as_array_mut().expect("a section");
        own.extend(last[section].as_array().expect("a section").iter().cloned());
    }
    assert!(committed(&db, &some));
    assert!(reached(&db.snapshot(), "everyone", "n1"));
    assert_eq!(written(), little, "not laid down anew for so little");

    // So much that a store which is opened then does not look at each of it.
    let mut more = many(20_000, "events");
    for event in more["events"].as_array_mut().expect("acts") {
        event["id"] = format!("again-{}", event["id"].as_str().expect("a name")).into();
    }
    assert!(committed(&db, &more));
    assert!(committed(&db, &at_last("n1", "n2")));
    drop(db);
    let db = opened(place.path(), Mode::Write);
    assert!(reached(&db.snapshot(), "ana", "n2"));
    let much = written();
    assert_ne!(much, little, "laid down anew");

    // What comes behind that is laid over it again, also where the store is opened first.
    assert!(committed(&db, &at_last("n2", "n3")));
    assert!(reached(&db.snapshot(), "everyone", "n3"));
    drop(db);
    let db = opened(place.path(), Mode::Read);
    assert!(reached(&db.snapshot(), "everyone", "n3"));
    assert_eq!(written(), much);
}

#[test]
fn a_question_about_somebody_who_is_not_on_record_is_refused() {
    let db = Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory");
    let mut first = of_persons(["everyone", "ben"]);
    first["events"].as_array_mut().expect("acts").truncate(2);
    assert!(committed(&db, &first));
    let ask = json!({"ask": "reach", "field": "f0", "to": "p1", "subject": "carl"});
    let asks = [(ask, None)];
    let told = answers(&db.snapshot().in_columns_from(1), &asks);
    assert_eq!(told, answers(&db.snapshot().in_columns_from(usize::MAX), &asks));
    assert!(
        told[0].as_str().is_some_and(|refusal| refusal.contains("carl")),
        "{told:?}"
    );
}

static NOW: AtomicI64 = AtomicI64::new(0);

fn now() -> Instant {
    Instant::from_micros(NOW.load(Ordering::SeqCst))
}

#[test]
fn what_comes_to_the_catalogue_counts_as_long_as_it_stands() {
    let noon = |day: &str| NOW.store(instant(day).micros(), Ordering::SeqCst);
    noon("2024-07-01");
    let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
    let tell = |file: &Value| {
        let batch = Batch::read(&file.to_string(), "large.json").expect("a file");
        db.commit(batch, now()).expect("a commit");
    };
    let is_personal = |what: &str, expected: bool| {
        let ask =
            json!({"ask": "reach", "field": "f2", "to": "p1", "subject": "everyone", "personal_only": true});
        let snapshot = db.snapshot();
        for acts in [1, usize::MAX] {
            let answers = answers(&snapshot.in_columns_from(acts), &[(ask.clone(), None)]);
            assert_eq!(answers[0]["answer"], expected, "{what}: {answers:?}");
        }
        assert!(reached(&snapshot, "everyone", "p1"), "{what}");
    };
    let mut first = of_persons(["everyone", "ben"]);
    let events = first["events"].as_array_mut().expect("acts");
    events.truncate(2);
    for number in 0..2 {
        let mut anonymous = events[number].clone();
        anonymous["id"] = format!("anonymous-{number}").into();
        anonymous["fields"] = json!(["f2"]);
        events.push(anonymous);
    }
    tell(&first);
    is_personal("nobody found out", false);

    // About a person alone, and known from some day on.
    let found_out = |id: &str, more: Value| {
        let mut file = later();
        let mut act = json!({"id": id, "at": "2024-05-03T00:00:00Z", "act": "derive", "by": "p0", "subjects": ["ana"],
            "fields": ["f2"], "makes": ["f1"], "purpose": "service", "method": "reidentify"});
        for (key, value) in more.as_object().expect("a map") {
            act[key] = value.clone();
        }
        if act["method"].is_null() {
            act.as_object_mut().expect("a map").shift_remove("method");
        }
        file["events"] = json!([act]);
        file
    };
    tell(&found_out("found", json!({"recorded": "2024-07-15T00:00:00Z"})));
    is_personal("told of later", false);
    noon("2024-08-01");
    let mut holder = later();
    holder["processors"] = json!([{"id": "n1", "kind": "controller"}]);
    tell(&holder);
    is_personal("told of by now", true);

    tell(&found_out("found", json!({"corrects": "found", "method": null})));
    is_personal("corrected", false);
    tell(&found_out("again", json!({})));
    is_personal("found out again", true);
    let mut back = later();
    back["events"] = json!([{"retracts": "again", "why": "nobody did"}]);
    tell(&back);
    is_personal("taken back", false);
    tell(&found_out("of-all", json!({"subjects": ["everyone"]})));
    is_personal("found out of everyone", true);
}

fn instant(day: &str) -> Instant {
    Instant::parse(&format!("{day}T00:00:00Z")).expect("an instant")
}

#[test]
fn a_question_about_anybody_is_not_one_about_everyone_where_persons_are_on_record() {
    let db = Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory");
    let mut file = of_persons(["everyone", "ben"]);
    file.as_object_mut().expect("a file").shift_remove("cohorts");
    assert!(committed(&db, &file));
    let asks = ["p1", "p2", "p3"].map(|to| (json!({"ask": "reach", "field": "f0", "to": to}), None));
    let told = answers(&db.snapshot().in_columns_from(1), &asks);
    assert_eq!(told, answers(&db.snapshot().in_columns_from(usize::MAX), &asks));
    let told: Vec<&Value> = told.iter().map(|answer| &answer["answer"]).collect();
    assert_eq!(told, [true, true, false]);
}

#[test]
fn acts_with_the_data_of_everyone_come_with_any_commit_and_stay() {
    let db = Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory");
    assert!(committed(&db, &of_persons(["ana", "ben"])));
    assert!(committed(&db, &at_last("p0", "n1")));
    assert!(reached(&db.snapshot(), "ben", "n1"));
    let mut holder = later();
    holder["processors"] = json!([{"id": "n2", "kind": "controller"}]);
    assert!(committed(&db, &holder));
    assert!(reached(&db.snapshot(), "ben", "n1"));
}
