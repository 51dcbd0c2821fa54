//! The columns of large families in their files, and what is committed after them: by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use wherefore::db::{self, AsOf, Batch, Db, Mode, Snapshot};
use wherefore::engine::{Base, Columns};
use wherefore::model::time::Instant;

use super::large::{ALL, Asked, answers, as_of, asks, commits, committed, world};
use crate::commands::program::run;
use crate::documents::dice::Dice;

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

#[test]
fn a_file_that_fits_and_says_something_else_than_the_record_is_found() {
    let mut dice = Dice(6);
    let place = tempfile::tempdir().expect("a folder");
    let store = place.path().join("store");
    let mut commits = std::iter::repeat_with(|| commits(&mut dice, &ALL, true))
        .find(|commits| commits.len() > 2)
        .expect("some commits");
    // Whose file it is is seen from acts that name others first.
    let all = commits
        .iter_mut()
        .flat_map(|file| file["events"].as_array_mut().expect("acts"));
    for event in all.filter(|event| event["subjects"] == json!(["everyone"])) {
        event["subjects"] = json!(["ana", "everyone"]);
    }
    let asks: Vec<Asked> = asks(&mut dice);
    let db = opened(&store, Mode::Create);
    for (number, commit) in commits.iter().enumerate() {
        assert!(committed(&db, commit));
        if number == 0 {
            answers(&db.snapshot().in_columns_from(1), &asks);
        }
    }
    drop(db);
    let files = files(&store);
    // What was laid down after the first commit is compared with what was on record then.
    let copies = db::verify_copies(&store).expect("looked at");
    assert_eq!(copies.right, files.len() as u64);
    assert!(
        copies.altered.is_empty() && copies.unused.is_empty(),
        "{copies:?}"
    );

    let folder = store.to_string_lossy().into_owned();
    let verify = || run(&["verify", "--store", &folder]);
    assert!(verify().exits(0).out.contains("of flows as on record"));

    for file in &files {
        let whole = fs::read(file).expect("a file");
        let (columns, base) = Columns::open_of(file, |_| Ok(())).expect("columns");
        let mut beside = columns.beside().to_vec();
        let at = beside.len() / 2;
        beside[at] ^= 1;
        columns.with_beside(beside).save(file, base).expect("written");
        let copies = db::verify_copies(&store).expect("looked at");
        assert_eq!((&copies.altered, copies.unused.len()), (&vec![file.clone()], 0));
        let told = verify().exits(1).out;
        assert!(
            told.contains("[VERIFY_FLOWS_ALTERED]") && !told.contains("as it was"),
            "{told}"
        );

        // Of a state that never was: not used, whatever it says.
        let (columns, _) = Columns::open_of(file, |_| Ok(())).expect("columns");
        let digest = [7; 32];
        columns.save(file, Base { digest, ..base }).expect("written");
        let copies = db::verify_copies(&store).expect("looked at");
        assert_eq!((copies.altered.len(), copies.unused.len()), (0, 1));

        // Of another layout, as another version of the program writes it: that is no damage.
        fs::write(file, &whole).expect("written");
        let (columns, base) = Columns::open_of(file, |_| Ok(())).expect("columns");
        let mut beside = columns.beside().to_vec();
        beside[0] += 1;
        columns.with_beside(beside).save(file, base).expect("written");
        let copies = db::verify_copies(&store).expect("looked at");
        assert_eq!((copies.altered.len(), copies.unused.len()), (0, 1));

        let mut damaged = whole.clone();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        fs::write(file, damaged).expect("written");
        assert!(
            verify()
                .exits(0)
                .out
                .contains("is not used, and made anew when needed")
        );
        let copies = db::verify_copies(&store).expect("looked at");
        assert_eq!((copies.altered.len(), copies.unused.len()), (0, 1));
        fs::write(file, whole).expect("written");
    }
    let strange = store.join("flows/00ff.columns");
    fs::write(&strange, "nothing").expect("written");
    let copies = db::verify_copies(&store).expect("looked at");
    assert_eq!(copies.right, files.len() as u64);
    assert_eq!(copies.unused[0].0, strange);
}
