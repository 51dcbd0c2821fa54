//! Large families are asked of the few acts that a search in columns names. The answers are those of the whole
//! family: after every commit, whatever ends, stands, is corrected or taken back in it, for everyone and for a person.

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::import::{self, Format};
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;
use wherefore::question;
use wherefore::report::json as printed;

use crate::documents::dice::Dice;

const RECORDS: usize = 500;

pub fn as_of() -> Instant {
    Instant::from_micros(1_719_792_000_000_000)
}

pub fn world() -> Value {
    json!({
        "scenario": "large", "as_of": "2024-07-01T00:00:00Z", "home": "CN",
        "categories": [{"id": "data"}],
        "purposes": [{"id": "service"}],
        "processors": [
            {"id": "p0", "kind": "controller", "country": "CN"},
            {"id": "p1", "kind": "controller", "country": "CN",
             "moves": [{"at": "2024-05-09T00:00:00Z", "country": "US"}]},
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
    if dice.below(6) == 0 {
        // Two of them, of which one may be there and the other not.
        act["fields"] = json!(if dice.below(2) == 0 {
            ["f0", "f1"]
        } else {
            ["f1", "f0"]
        });
    }
    let put = |act: &mut Value, key: &str, value: Value| {
        act[key] = value;
    };
    put(&mut act, "act", kind.trim_start_matches("standing ").into());
    match &*kind {
        "collect" => put(&mut act, "to", from.into()),
        "delete" | "use" => put(&mut act, "by", from.into()),
        "store" => {
            put(&mut act, "by", from.into());
            put(&mut act, "location", pick(dice, &["CN", "DE"]).into());
        }
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
    if dice.below(8) == 0 && matches!(&*kind, "share" | "collect" | "derive") {
        put(&mut act, "carries", pick(dice, &["possible", "influence"]).into());
    }
    act
}

/// Acts in several commits; the later ones correct and take back some of the earlier, and some do nothing else.
pub fn commits(dice: &mut Dice, kinds: &[&str], with_changes: bool) -> Vec<Value> {
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

/// The same state, asked in columns; what was committed later is laid over them for all questions, for each anew, or both; and who names
/// nobody is answered of all persons at once, or of one after the other.
fn in_columns(state: &Snapshot, dice: &mut Dice) -> Snapshot {
    let anew = [0, 1, 4, 16, usize::MAX][dice.below(5)];
    let together = [0, usize::MAX][dice.below(2)];
    let state = state.in_columns_from(1).laying_anew_at_most(anew);
    state.following_together(together)
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
pub fn without_persons(file: &mut Value) {
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
pub type Asked = (Value, Option<Instant>);

pub fn asks(dice: &mut Dice) -> Vec<Asked> {
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
            if dice.below(2) == 0 {
                let (field, subject) = (ask["field"].clone(), ask["subject"].clone());
                let who = pick(dice, &all);
                let mut ask = match dice.below(7) {
                    0 | 5 | 6 => json!({"ask": "holders"}),
                    4 => return (json!({"ask": "crossings", "subject": subject}), as_of),
                    1 => json!({"ask": "purposes"}),
                    2 => json!({"ask": "downstream", "from": who}),
                    _ => json!({"ask": "sources", "processor": who}),
                };
                (ask["field"], ask["subject"]) = (field, subject);
                if ask["ask"] == "holders" && dice.below(2) == 0 {
                    ask["at"] = format!("2024-05-{:02}T12:00:00Z", 1 + dice.below(25)).into();
                }
                return (ask, as_of);
            }
            if dice.below(4) == 0 {
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
            if dice.below(5) == 0 {
                ask["influence"] = true.into();
            }
            (ask, as_of)
        })
        .collect()
}

pub fn answers(snapshot: &Snapshot, asks: &[Asked]) -> Vec<Value> {
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

/// How many crossings of an answer, if it lists any, are acts of the kind, or moves.
fn crossings(answer: &Value, kind: &str) -> usize {
    let all = answer["crossings"].as_array();
    let of_kind = |crossing: &&Value| match crossing.get("act") {
        Some(act) => act == kind,
        None => kind == "move",
    };
    all.map_or(0, |all| all.iter().filter(of_kind).count())
}

pub fn committed(db: &Db, file: &Value) -> bool {
    let batch =
        Batch::read(&file.to_string(), "large.json").unwrap_or_else(|problems| panic!("{problems:?}"));
    db.commit(batch, as_of()).is_ok()
}

const PLAIN: [&str; 6] = ["collect", "share", "share", "derive", "use", "store"];
const DELETING: [&str; 8] = [
    "collect", "share", "share", "share", "share", "derive", "delete", "delete",
];
pub const ALL: [&str; 13] = [
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
    "store",
];

#[test]
fn after_every_commit_answers_from_columns_are_those_of_the_whole_family() {
    let mut dice = Dice(77);
    let (mut states, mut yes, mut contradicted, mut ended, mut listed) = (0, 0, 0, 0, 0);
    let mut crossed = [0; 3];
    for record in 0..RECORDS {
        let kinds: &[&str] = [&PLAIN as &[&str], &DELETING, &ALL][record % 3];
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
                in_columns(&columns.snapshot(), &mut dice),
                whole.snapshot().in_columns_from(usize::MAX),
            );
            let expected = answers(&whole, &asks);
            for ((ask, found), expected) in asks.iter().zip(answers(&columns, &asks)).zip(&expected) {
                assert_eq!(&found, expected, "{ask:?} in {commits:#?}");
                yes += usize::from(found["answer"] == true);
                for (count, kind) in crossed.iter_mut().zip(["share", "store", "move"]) {
                    *count += crossings(&found, kind);
                }
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
                answers(&in_columns(state, &mut dice), asks),
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
                let found = answers(&in_columns(&known(db), &mut dice), &asks);
                assert_eq!(found, expected, "as known at {moment} in {commits:#?}");
            }
        }
    }
    assert!(states > 400, "{states} states");
    assert!(
        crossed.iter().all(|count| *count > 100),
        "{crossed:?} crossings by giving, placing and moving"
    );
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
        let found = answers(&in_columns(&snapshot, &mut dice), &asks);
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
