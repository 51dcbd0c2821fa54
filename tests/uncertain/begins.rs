//! Beginnings of standing acts, and instants in lists of facts (moves, periods of safeguards, remedies, whom an incident was
//! told to), of which only the bounds are known.

use std::collections::BTreeSet;
use std::io::Cursor;

use jiff::Timestamp;
use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Import, Snapshot};
use wherefore::export::{self, Record};
use wherefore::import::pieces::Pieces;
use wherefore::import::{self, Format};

use super::{Wrong, ask, findings, snapshot};
use crate::documents::dice::Dice;
use crate::oracle::placements;

/// A shop that has data of ana from 10 January to 1 May, and exports it to a lab.
fn world(export: &Value) -> Value {
    let data = json!({"subjects": ["ana"], "fields": ["email"], "purpose": "orders"});
    let event = |id: &str, at: &Value, more: &Value| {
        let mut event = data.clone();
        event["id"] = json!(id);
        event["at"] = at.clone();
        for (key, value) in more.as_object().expect("a map") {
            event[key] = value.clone();
        }
        event
    };
    json!({
        "scenario": "small", "as_of": "2025-01-01T00:00:00Z", "home": "FR",
        "subjects": [{"id": "ana"}],
        "categories": [{"id": "contact"}],
        "fields": [{"id": "email", "category": "contact"}],
        "processors": [{"id": "shop", "kind": "controller"}, {"id": "lab", "kind": "controller"},
                       {"id": "corp", "kind": "controller"}],
        "purposes": [{"id": "orders"}],
        "authorizations": [{"id": "az", "basis": "contract", "holder": "shop", "acts": ["collect", "share"],
            "recipients": ["lab"], "fields": ["email"], "purposes": ["orders"],
            "from": "2024-01-01T00:00:00Z", "until": "2024-03-01T00:00:00Z"}],
        "events": [
            event("got", &json!("2024-01-10T00:00:00Z"), &json!({"act": "collect", "to": "shop"})),
            event("export", export, &json!({"act": "share", "from": "shop", "to": "lab"})),
            event("gone", &json!("2024-05-01T00:00:00Z"), &json!({"act": "delete", "by": "shop"})),
        ],
        "rules": [{"id": "auth", "check": "authorized", "clause": "C", "severity": "error"},
                  {"id": "held", "check": "flow-supported", "clause": "C", "severity": "error"}],
    })
}

fn bounds(earliest: &str, latest: &str) -> Value {
    json!({"earliest": format!("2024-{earliest}T00:00:00Z"), "latest": format!("2024-{latest}T00:00:00Z")})
}

fn day(day: &str) -> Value {
    json!(format!("2024-{day}T00:00:00Z"))
}

fn told(file: &Value) -> Vec<Value> {
    let row = |finding: &Value| json!([finding["event"], finding["reason"], finding["certainty"]]);
    findings(&snapshot(file)).iter().map(row).collect()
}

fn reach(file: &Value, to: &str) -> Value {
    let asked = json!({"ask": "reach", "field": "email", "to": to, "subject": "ana"});
    ask(&snapshot(file), &asked)
}

#[test]
fn an_act_that_may_begin_when_nothing_is_left_possibly_carries() {
    let from = |from: Value| world(&json!({"from": from, "until": day("06-01")}));
    assert_eq!(reach(&from(bounds("02-01", "04-01")), "lab")["verdict"], "yes");
    let possible = reach(&from(bounds("04-01", "05-10")), "lab");
    assert_eq!(possible["verdict"], "possible", "{possible:#}");
    let begin: Timestamp = possible["placement"]["events/export.from"]
        .as_str()
        .expect("where it is so")
        .parse()
        .expect("an instant");
    assert!(begin < "2024-05-01T00:00:00Z".parse().expect("an instant"));
    assert_eq!(reach(&from(bounds("05-02", "05-10")), "lab")["verdict"], "no");
    // What begins in the instant of the deletion, and stands before it on record, carries.
    assert_eq!(
        reach(&from(bounds("05-01", "05-10")), "lab")["verdict"],
        "possible"
    );
    // The same without an end, and with one that is uncertain too.
    let open = world(&json!({"from": bounds("04-01", "05-10")}));
    assert_eq!(reach(&open, "lab")["verdict"], "possible");
    let both = world(&json!({"from": bounds("01-01", "01-05"), "until": bounds("01-08", "01-20")}));
    let answer = reach(&both, "lab");
    assert_eq!(answer["verdict"], "possible");
    assert!(
        answer["placement"]["events/export.until"].as_str() > Some("2024-01-10T"),
        "{answer:#}"
    );
}

#[test]
fn an_act_that_may_begin_after_its_permission_ended_is_possibly_expired_from_the_first() {
    let from = |from: Value| told(&world(&json!({"from": from, "until": day("03-20")})));
    assert_eq!(
        from(bounds("02-01", "03-10")),
        [json!(["export", "expired", "definite"])]
    );
    let never = told(&world(
        &json!({"from": bounds("02-01", "02-10"), "until": day("03-01")}),
    ));
    assert_eq!(never, [] as [Value; 0]);
    let rests = told(&world(
        &json!({"from": bounds("04-20", "05-10"), "until": day("06-01")}),
    ));
    let kinds: BTreeSet<String> = rests.iter().map(|row| format!("{} {}", row[1], row[2])).collect();
    assert!(kinds.contains("\"expired\" \"possible\""), "{kinds:?}");
}

/// Questions to a file, each with its answer but for what only names where in the bounds it is so.
fn answers(file: &Value) -> Vec<Value> {
    let kinds = [
        "holders",
        "crossings",
        "downstream",
        "sources",
        "purposes",
        "reach",
    ];
    let asked = kinds.map(|kind| {
        let mut asked = json!({"ask": kind, "subject": "ana", "field": "email"});
        match kind {
            "reach" => asked["to"] = json!("lab"),
            "downstream" | "sources" => asked["processor"] = json!("lab"),
            _ => {}
        }
        if kind == "crossings" {
            asked = json!({"ask": "crossings", "subject": "ana"});
        }
        asked
    });
    let mut all = Vec::new();
    for asked in asked {
        let Ok(read) = wherefore::question::read(&asked.to_string()) else {
            continue;
        };
        let snapshot = snapshot(file);
        let answer = snapshot.ask(&read.question, None).expect("it can be asked");
        all.push(wherefore::report::json::answer(
            &read.question,
            &answer,
            &super::ground(&snapshot),
        ));
    }
    assert!(all.len() > 3);
    all
}

/// All findings but for their place in the text, and of what order of the facts says so, but for that.
fn bare(snapshot: &Snapshot, keys: &[&str]) -> Vec<Value> {
    let mut all = findings(snapshot);
    for finding in &mut all {
        let finding = finding.as_object_mut().expect("a map");
        for key in keys {
            finding.shift_remove(*key);
        }
    }
    all
}

#[test]
fn equal_bounds_are_an_instant() {
    let same = |instant: &str| bounds(instant, instant);
    let plain = world(&json!({"from": day("02-01"), "until": day("03-20")}));
    let is_same = |plain: &Value, equal: &Value| {
        let of = |file: &Value| bare(&snapshot(file), &["place"]);
        assert!(!of(plain).is_empty());
        assert_eq!(of(plain), of(equal));
        assert_eq!(answers(plain), answers(equal));
    };
    for at in [
        json!({"from": same("02-01"), "until": day("03-20")}),
        json!({"from": day("02-01"), "until": same("03-20")}),
        json!({"from": same("02-01"), "until": same("03-20")}),
    ] {
        is_same(&plain, &world(&at));
    }
    is_same(&listed(&day, &Value::Null), &listed(&same, &Value::Null));
}

/// A file with an entry of each list; `other` stands for one of the instants where it is given.
fn listed(at: &dyn Fn(&str) -> Value, other: &Value) -> Value {
    let mut file = world(&day("02-01"));
    file["processors"][1] = json!({"id": "lab", "kind": "controller", "country": "FR", "moves": [
        {"at": at("02-10"), "country": "US"},
        {"at": at("03-10"), "inside": "corp"}]});
    file["processors"][2]["safeguard_periods"] =
        json!([{"safeguard": "dpo", "from": at("01-05"), "until": at("06-05")}]);
    file["requests"] = json!([{"id": "rq", "subject": "ana", "processor": "shop", "at": at("03-01"),
        "answered": at("03-08"), "verified": at("03-07"), "outcome": "done"}]);
    file["incidents"] = json!([{"id": "leak", "processor": "shop", "known": day("04-01"), "fields": ["email"],
        "subjects": ["ana"], "subjects_told": [{"subject": "ana", "at": at("04-04")}]}]);
    file["audits"] = json!([{"id": "au", "by": "corp", "of": "lab", "at": day("04-01"), "remedies": [
        {"id": "fix", "due": at("05-01"), "done": at("05-08")}]}]);
    if !other.is_null() {
        file["processors"][1]["moves"][1]["at"] = other.clone();
    }
    let rules = [
        json!({"id": "deadline", "check": "request-deadline", "working_days": 3}),
        json!({"id": "verified", "check": "identity-verified"}),
        json!({"id": "told", "check": "incident-notice", "subject_hours": 48}),
        json!({"id": "remedied", "check": "audit-remedied", "notice_days": 3}),
    ];
    for mut rule in rules {
        rule["clause"] = json!("C");
        rule["severity"] = json!("error");
        file["rules"].as_array_mut().expect("a list").push(rule);
    }
    file
}

#[test]
fn instants_in_lists_of_facts_decide() {
    let around = |instant: &str| {
        let days = match instant {
            "04-04" => ("04-02", "04-04"),
            "05-08" => ("04-28", "05-08"),
            "05-01" => ("05-01", "05-01"),
            other => (other, other),
        };
        bounds(days.0, days.1)
    };
    let file = listed(&around, &Value::Null);
    let told = findings(&snapshot(&file));
    let of = |name: &str| {
        let found = told.iter().filter(|finding| finding["rule"] == name);
        found
            .map(|finding| format!("{} {}", finding["certainty"], finding["placement"]))
            .collect::<Vec<_>>()
    };
    for (rule, name) in [
        ("told", "incidents/leak.subjects_told[0].at"),
        ("remedied", "audits/au.remedies[0].done"),
    ] {
        let found = of(rule);
        assert!(
            found
                .iter()
                .any(|one| one.starts_with("\"possible\"") && one.contains(name)),
            "{rule}: {found:?} of {told:#?}"
        );
    }
    let to = |to: &str, moved: Value| reach(&listed(&day, &moved), to);
    // The export of 1 February reached the lab before it joined; it has to have joined by then.
    assert_eq!(to("corp", day("03-10"))["verdict"], "no");
    let first = |at: Value| {
        let mut file = listed(&day, &Value::Null);
        file["processors"][1]["moves"] = json!([{"at": at, "inside": "corp"}]);
        reach(&file, "corp")
    };
    assert_eq!(first(bounds("01-20", "01-30"))["verdict"], "yes");
    let possible = first(bounds("01-20", "02-10"));
    assert_eq!(possible["verdict"], "possible", "{possible:#}");
    assert!(
        possible["placement"]["processors/lab.moves[0].at"].is_string(),
        "{possible:#}"
    );
    assert_eq!(first(bounds("02-02", "02-10"))["verdict"], "no");
    // Beyond the limit it stays open, since who lies inside whom is not relaxed.
    let mut file = listed(&day, &Value::Null);
    file["processors"][1]["moves"] = json!([{"at": bounds("01-20", "02-10"), "inside": "corp"}]);
    let asked = json!({"ask": "reach", "field": "email", "to": "corp", "subject": "ana"});
    let answer = ask(&snapshot(&file).placing_at_most(1), &asked);
    assert!(
        ["possible", "unknown"].contains(&answer["verdict"].as_str().expect("a word")),
        "{answer:#}"
    );
}

#[test]
fn a_crossing_is_possible_where_the_recipient_may_have_moved_abroad() {
    let crossings = |moved: Value| {
        let mut file = world(&day("02-01"));
        file["processors"][0]["country"] = json!("FR");
        file["processors"][1] = json!({"id": "lab", "kind": "controller", "country": "FR", "moves": [{"at": moved, "country": "US"}]});
        ask(&snapshot(&file), &json!({"ask": "crossings", "subject": "ana"}))
    };
    let share = |answer: &Value| answer["answer"].to_string().contains("export");
    assert!(share(&crossings(bounds("01-20", "01-30"))));
    let possible = crossings(bounds("01-20", "02-10"));
    assert!(
        !share(&possible) && possible["possible"].to_string().contains("export"),
        "{possible:#}"
    );
}

#[test]
fn narrower_bounds_never_make_less_definite_or_more_possible() {
    let mut dice = Dice(421);
    let mut wrong = Wrong::default();
    let mut changed = 0;
    for _ in 0..60 {
        let mut days: Vec<usize> = (0..6).map(|_| 1 + dice.below(140)).collect();
        days.sort_unstable();
        let print = |day: usize| {
            let first: Timestamp = "2024-01-01T00:00:00Z".parse().expect("an instant");
            (first + jiff::SignedDuration::from_hours(24 * i64::try_from(day).expect("few"))).to_string()
        };
        let between = |from: usize, to: usize| json!({"earliest": print(from), "latest": print(to)});
        let until = print(days[5] + 1);
        let wide = json!({"from": between(days[0], days[5]), "until": until});
        let narrow = json!({"from": between(days[2], days[3]), "until": until});
        let of = |at: &Value, word: &str| -> BTreeSet<String> {
            let file = world(at);
            let found = findings(&snapshot(&file));
            let meant = found
                .iter()
                .filter(|finding| word.is_empty() || finding["certainty"] == word);
            meant
                .flat_map(|finding| placements::statements(&file, finding))
                .collect()
        };
        let (definite, any) = (of(&wide, "definite"), of(&wide, ""));
        let (narrow_definite, narrow_any) = (of(&narrow, "definite"), of(&narrow, ""));
        wrong.unless(
            definite.is_subset(&any) && narrow_definite.is_subset(&narrow_any),
            || format!("{wide}"),
        );
        let holds = definite.is_subset(&narrow_definite) && narrow_any.is_subset(&any);
        wrong.unless(holds, || {
            format!("{definite:?} of {any:?}, {narrow_definite:?} of {narrow_any:?}: {wide} {narrow}")
        });
        changed += usize::from(definite.len() < narrow_definite.len());
    }
    wrong.end();
    assert!(changed > 5, "{changed}");
}

fn read(text: &str, format: Format) -> Snapshot {
    let read =
        import::read_alone(text, "small", format).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    Snapshot::of_document(read)
}

#[test]
fn formats_and_a_store_keep_the_bounds() {
    let around = |instant: &str| match instant {
        "03-08" => bounds("03-04", "03-08"),
        "03-10" => bounds("03-10", "03-12"),
        "04-04" => bounds("04-02", "04-04"),
        known => day(known),
    };
    for at in [
        json!({"from": bounds("02-01", "03-10")}),
        json!({"from": bounds("02-01", "03-10"), "until": day("03-20")}),
        json!({"from": bounds("02-01", "03-10"), "until": bounds("03-11", "03-20")}),
    ] {
        let mut file = listed(&around, &Value::Null);
        file["events"][1]["at"] = at;
        // As every format has them: what is done, and then what is judged, comes last.
        for section in ["events", "rules"] {
            let moved = file.as_object_mut().expect("a map").shift_remove(section);
            file[section] = moved.expect("a section");
        }
        let text = file.to_string();
        let document = import::read_alone(&text, "small", Format::Json).expect("valid");
        let as_of = document.header.as_of;
        let record = Record {
            header: &document.header,
            facts: &document.facts,
        };
        // In which order a placement is told hangs on that of the facts.
        let of = |snapshot: &Snapshot| bare(snapshot, &["place", "why"]);
        let wanted = of(&read(&text, Format::Json));
        assert!(
            wanted
                .iter()
                .any(|finding| finding["placement"].get("events/export.from").is_some()),
            "{wanted:#?}"
        );
        assert_eq!(of(&read(&export::facts::json(record), Format::Json)), wanted);
        assert_eq!(of(&read(&export::facts::ndjson(record), Format::Ndjson)), wanted);
        let table = export::table::csv(record).expect("a table");
        let store = |file: &Value| {
            let document = import::read_alone(&file.to_string(), "small", Format::Json).expect("valid");
            let db = Db::in_memory(AsOf::Fixed(as_of)).expect("opened");
            db.commit(Batch::of(document), as_of).expect("committed");
            db
        };
        let export = |db: &Db| db.snapshot().act("export").expect("read").expect("there").0.at;
        let whole = store(&file);
        assert_eq!(of(&whole.snapshot()), wanted);
        file["events"] = json!([]);
        let rest = store(&file);
        let pieces = Pieces::of_csv(Box::new(Cursor::new(table)), "acts.csv", 3_000);
        let with = Import {
            name: "acts.csv",
            header: None,
            author: "tester",
            key: None,
            recorded: as_of,
            progress: &|_| (),
        };
        let pieces = pieces.unwrap_or_else(|_| panic!("a table"));
        rest.import(pieces, &with).expect("imported");
        assert_eq!(export(&rest), export(&whole));
        assert!(export(&whole).begin_bounds().is_some());
        assert_eq!(of(&rest.snapshot()), wanted);
    }
}

#[test]
fn beginnings_that_make_no_sense_are_refused() {
    let codes = |file: &Value| -> Vec<String> {
        let problems = import::read_alone(&file.to_string(), "small", Format::Json).expect_err("refused");
        problems
            .iter()
            .map(|problem| problem.code.as_str().to_owned())
            .collect()
    };
    let inverted = ["FACT_INVERTED_INTERVAL"];
    let act = |at: Value| codes(&world(&at));
    assert_eq!(
        act(json!({"from": bounds("02-01", "03-10"), "until": day("03-10")})),
        inverted
    );
    assert_eq!(
        act(json!({"from": bounds("02-01", "03-10"), "until": bounds("03-01", "03-20")})),
        inverted
    );
    assert_eq!(act(json!({"from": bounds("03-10", "02-01")})), inverted);
    assert_eq!(
        act(json!({"from": {"earliest": day("02-01")}})),
        ["FACT_MISSING_KEY"]
    );
    assert_eq!(
        act(json!({"from": {"earliest": day("02-01"), "latest": day("02-02"), "skew": 3}, "until": "soon"})),
        ["FACT_UNKNOWN_KEY", "FACT_BAD_INSTANT"]
    );
    let moves = |first: Value, second: Value| {
        let mut file = world(&day("02-01"));
        file["processors"][1]["moves"] =
            json!([{"at": first, "country": "US"}, {"at": second, "country": "FR"}]);
        file
    };
    assert_eq!(
        codes(&moves(bounds("02-01", "03-01"), bounds("02-20", "03-10"))),
        inverted
    );
    assert_eq!(codes(&moves(bounds("02-01", "03-01"), day("02-20"))), inverted);
    snapshot(&moves(bounds("02-01", "03-01"), bounds("03-01", "03-10")));
    let period = {
        let mut file = world(&day("02-01"));
        file["processors"][1]["safeguard_periods"] =
            json!([{"safeguard": "dpo", "from": bounds("02-01", "03-01"), "until": day("02-20")}]);
        file
    };
    assert_eq!(codes(&period), inverted);
}

/// Three processors that move in and out of each other.
fn nesting(dice: &mut Dice) -> Value {
    let names = ["a", "b", "c"];
    let processors: Vec<Value> = names
        .iter()
        .map(|id| {
            let mut processor = json!({"id": id, "kind": "controller"});
            if dice.below(4) == 0 {
                processor["inside"] = json!(names[dice.below(3)]);
            }
            let mut next = 1 + dice.below(3);
            let mut moves = Vec::new();
            for _ in 0..dice.below(3) {
                let print = |hour: usize| json!(format!("2024-01-01T{hour:02}:00:00Z"));
                let wide = dice.below(4);
                let at = if wide == 0 {
                    print(next)
                } else {
                    json!({"earliest": print(next), "latest": print(next + wide)})
                };
                let mut change = json!({"at": at, "inside": names[dice.below(3)]});
                if dice.below(5) == 0 {
                    change["country"] = json!("US");
                    change.as_object_mut().expect("a map").shift_remove("inside");
                }
                moves.push(change);
                next += wide + dice.below(3);
            }
            if !moves.is_empty() {
                processor["moves"] = json!(moves);
            }
            processor
        })
        .collect();
    json!({"scenario": "nested", "as_of": "2025-01-01T00:00:00Z", "processors": processors})
}

#[test]
fn what_may_lie_inside_itself_is_refused_and_nothing_else() {
    let mut dice = Dice(431);
    let (mut refused, mut taken) = (0, 0);
    let mut wrong = Wrong::default();
    let is_cycle = |file: &Value| match import::read_alone(&file.to_string(), "nested", Format::Json) {
        Ok(_) => false,
        Err(problems) => {
            let all = problems
                .iter()
                .all(|problem| problem.code.as_str() == "FACT_CYCLE");
            assert!(all, "{problems:?}");
            true
        }
    };
    for _ in 0..2_000 {
        let file = nesting(&mut dice);
        if placements::uncertain(&file).is_empty() {
            continue;
        }
        let plain = placements::all(&file, jiff::SignedDuration::from_mins(30));
        let wanted = plain.iter().any(is_cycle);
        wrong.unless(is_cycle(&file) == wanted, || format!("{wanted}: {file:#}"));
        refused += usize::from(wanted);
        taken += usize::from(!wanted);
    }
    wrong.end();
    println!("{refused} refused, {taken} taken");
    assert!(refused > 100 && taken > 100);
}
