//! What is sure of a large family is enough to answer from, and no more is taken for sure than is: small records, each of which one
//! rule decides.

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db};
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::Instant;

use super::large::{answers, as_of, without_persons, world};

/// The answers of a store of these acts of everyone's, from columns and as a whole.
fn both_ways(file: &Value, ask: &Value) -> [Value; 2] {
    both_ways_of(&[(as_of(), file)], 1, None, ask)
}

/// The same of commits at their instants, the columns laid down after so many of them, as known at some instant.
fn both_ways_of(
    commits: &[(Instant, &Value)],
    laid_after: usize,
    known_at: Option<Instant>,
    ask: &Value,
) -> [Value; 2] {
    [1, usize::MAX].map(|from| {
        // Each of a store of its own, since what one laid down would serve the other.
        let db = Db::in_memory(AsOf::Fixed(as_of())).expect("a store in memory");
        let asks = [(ask.clone(), None)];
        for (number, (at, file)) in (1..).zip(commits) {
            let batch = Batch::read(&file.to_string(), "large.json").expect("facts");
            db.commit(batch, *at).expect("a commit");
            if number == laid_after {
                answers(&db.snapshot().in_columns_from(from), &asks);
            }
        }
        let snapshot = db.snapshot().known_at(known_at.map(RecordTime::At));
        let state = snapshot.expect("an instant").in_columns_from(from);
        let answer = answers(&state, &asks).remove(0);
        // The same once what came later is laid over for all questions.
        assert_eq!(answers(&state.laying_anew_at_most(0), &asks).remove(0), answer);
        answer
    })
}

/// An act of everyone's on a day.
fn on(day: usize, id: &str, act: &Value) -> Value {
    let mut event = json!({
        "id": id, "at": format!("2024-05-{day:02}T00:00:00Z"), "subjects": ["everyone"], "purpose": "service", "fields": ["f0"]
    });
    let event_map = event.as_object_mut().expect("a map");
    event_map.extend(act.as_object().expect("a map").clone());
    event
}

/// The world with these acts of everyone's, or what comes to it later.
fn told(events: Value, is_first: bool) -> Value {
    let mut file = world();
    without_persons(&mut file);
    if !is_first {
        file = json!({"scenario": "large", "as_of": "2024-07-01T00:00:00Z", "home": "CN"});
    }
    file["events"] = events;
    file
}

fn share(from: &str, to: &str) -> Value {
    json!({"act": "share", "from": from, "to": to})
}

#[test]
fn what_was_handed_over_or_deleted_is_not_passed_on_by_acts_of_which_the_giver_once_had_it() {
    let collect = || on(1, "e1", &json!({"act": "collect", "to": "p0"}));
    let standing = json!({
        "act": "derive", "by": "p0", "makes": ["f1"], "at": {"from": "2024-05-04T00:00:00Z", "until": "2024-05-08T00:00:00Z"}
    });
    let assign = |to: &str| json!({"act": "assign", "from": "p0", "to": to});
    let delete = json!({"act": "delete", "by": "p0"});
    let derive = json!({"act": "derive", "by": "p0", "makes": ["f1"]});
    let handed_over = told(
        json!([
            collect(),
            on(2, "e2", &share("p0", "p1")),
            on(3, "e3", &assign("p3")),
            on(4, "e4", &share("p0", "p2")),
        ]),
        true,
    );
    let deleted = told(
        json!([
            collect(),
            on(2, "e2", &share("p0", "p1")),
            on(3, "e3", &delete),
            on(4, "e4", &standing)
        ]),
        true,
    );
    let made = told(
        json!([collect(), on(2, "e2", &share("p0", "p1")), on(5, "e5", &derive)]),
        true,
    );
    let handed_over_later = told(json!([on(4, "e4", &assign("p3"))]), false);
    let waiting = json!({
        "act": "share", "from": "p0", "to": "p1", "at": {"from": "2024-05-01T00:00:00Z", "until": "2024-05-09T00:00:00Z"}
    });
    let waited_for = told(
        json!([
            on(1, "e1", &waiting),
            on(5, "e5", &json!({"act": "collect", "to": "p0"}))
        ]),
        true,
    );
    let now = as_of();
    for (commits, field, expected) in [
        (vec![(now, &handed_over)], "f0", json!(["p1", "p3"])),
        (vec![(now, &waited_for)], "f0", json!(["p0", "p1"])),
        (vec![(now, &deleted)], "f1", json!([])),
        (vec![(now, &made)], "f1", json!(["p0"])),
        (vec![(now, &made), (now, &handed_over_later)], "f1", json!([])),
    ] {
        let ask = json!({"ask": "holders", "field": field, "subject": "everyone"});
        let [found, whole] = both_ways_of(&commits, 1, None, &ask);
        assert_eq!((&found, &found["answer"]), (&whole, &expected), "of {commits:#?}");
    }
}

#[test]
fn what_was_deleted_is_held_again_since_the_first_act_that_brings_it() {
    let first = |more: Value| {
        let mut events = json!([
            on(1, "e1", &json!({"act": "collect", "to": "p0"})),
            on(2, "e2", &share("p0", "p1")),
            on(3, "e3", &json!({"act": "delete", "by": "p1"}))
        ]);
        let list = events.as_array_mut().expect("a list");
        list.extend(more.as_array().expect("a list").clone());
        told(events, true)
    };
    let never = first(json!([]));
    let by_nobody = first(json!([on(4, "e4", &share("p2", "p1"))]));
    let by_somebody = first(json!([
        on(4, "e4", &share("p2", "p1")),
        on(6, "e6", &share("p0", "p1")),
        on(7, "e7", &share("p0", "p1"))
    ]));
    let twice = first(json!([
        on(4, "e4", &share("p0", "p1")),
        on(6, "e6", &share("p0", "p1"))
    ]));
    let taken_back = told(json!([{"retracts": "e4", "why": "it never took place"}]), false);
    let later = told(json!([on(5, "e5", &share("p0", "p1"))]), false);
    let by_whom_it_came_later = first(json!([
        on(5, "e5", &share("p2", "p1")),
        on(9, "e9", &share("p0", "p2"))
    ]));
    let earlier = told(json!([on(4, "e4", &share("p0", "p2"))]), false);
    let deleted_later = told(json!([on(8, "e8", &json!({"act": "delete", "by": "p1"}))]), false);
    // The deletion takes place on another day, and keeps its place on record before what comes that day.
    let on_that_day = first(json!([on(6, "e6", &share("p0", "p1"))]));
    let moved = json!({"act": "delete", "by": "p1", "corrects": "e3"});
    let moved = told(json!([on(6, "e3", &moved)]), false);
    let derive = |from: &str| json!({"act": "derive", "by": "p0", "fields": [from], "makes": ["f1"]});
    let collect = json!({"act": "collect", "to": "p0", "fields": ["f2"]});
    let made_again = told(
        json!([
            on(1, "e1", &json!({"act": "collect", "to": "p0"})),
            on(2, "e2", &derive("f0")),
            on(3, "e3", &json!({"act": "delete", "by": "p0", "fields": ["f1"]})),
            on(5, "e5", &derive("f2")),
            on(9, "e9", &collect)
        ]),
        true,
    );
    let collected_earlier = told(json!([on(4, "e4", &collect)]), false);
    let now = as_of();
    for (commits, laid_after, day, field, expected) in [
        (vec![&never], 1, 10, "f0", json!(["p0"])),
        (vec![&by_nobody], 1, 10, "f0", json!(["p0"])),
        (vec![&by_somebody], 1, 5, "f0", json!(["p0"])),
        (vec![&by_somebody], 1, 10, "f0", json!(["p0", "p1"])),
        (vec![&by_somebody, &deleted_later], 1, 10, "f0", json!(["p0"])),
        (vec![&twice, &taken_back], 2, 5, "f0", json!(["p0"])),
        (vec![&twice, &taken_back], 2, 10, "f0", json!(["p0", "p1"])),
        (vec![&never, &later], 1, 10, "f0", json!(["p0", "p1"])),
        (
            vec![&by_whom_it_came_later, &earlier],
            1,
            8,
            "f0",
            json!(["p0", "p1", "p2"]),
        ),
        (vec![&on_that_day, &moved], 2, 10, "f0", json!(["p0", "p1"])),
        (vec![&made_again, &collected_earlier], 1, 8, "f1", json!(["p0"])),
    ] {
        let at = format!("2024-05-{day:02}T12:00:00Z");
        let ask = json!({"ask": "holders", "field": field, "subject": "everyone", "at": at});
        let commits: Vec<(Instant, &Value)> = commits.into_iter().map(|file| (now, file)).collect();
        let [found, whole] = both_ways_of(&commits, laid_after, None, &ask);
        assert_eq!(
            (&found, &found["answer"]),
            (&whole, &expected),
            "on day {day} of {commits:#?}"
        );
    }
}

#[test]
fn a_chain_that_was_told_later_proves_nothing_of_what_was_known_before() {
    let first = told(
        json!([
            on(1, "e1", &json!({"act": "collect", "to": "p0"})),
            on(5, "e2", &share("p0", "p2"))
        ]),
        true,
    );
    let later = told(json!([on(3, "e3", &share("p0", "p2"))]), false);
    let day = 86_400_000_000;
    let at = |days: i64| Instant::from_micros(as_of().micros() + days * day);
    let ask = json!({"ask": "holders", "field": "f0", "subject": "everyone"});
    let [found, whole] = both_ways_of(&[(at(0), &first), (at(2), &later)], 2, Some(at(1)), &ask);
    assert_eq!((&found, &found["answer"]), (&whole, &json!(["p0", "p2"])));
}

#[test]
fn what_is_made_of_one_of_two_fields_is_held_since_that_one_is_there() {
    // The other one comes later, though it was spoken of before.
    let events = json!([
        on(1, "u0", &json!({"act": "use", "by": "p0"})),
        on(1, "u1", &json!({"act": "use", "by": "p1", "fields": ["f1"]})),
        on(1, "e1", &json!({"act": "collect", "to": "p0", "fields": ["f1"]})),
        on(
            2,
            "e2",
            &json!({"act": "derive", "by": "p0", "fields": ["f0", "f1"], "makes": ["f2"]})
        ),
        on(3, "e3", &json!({"act": "collect", "to": "p0"})),
        on(4, "e4", &json!({"act": "collect", "to": "p1"})),
        on(
            5,
            "e5",
            &json!({"act": "derive", "by": "p1", "fields": ["f0", "f1"], "makes": ["f2"]})
        ),
        on(6, "e6", &json!({"act": "collect", "to": "p1", "fields": ["f1"]}))
    ]);
    let file = told(events, true);
    for (day, expected) in [(1, json!([])), (2, json!(["p0"])), (5, json!(["p0", "p1"]))] {
        let at = format!("2024-05-{day:02}T12:00:00Z");
        let ask = json!({"ask": "holders", "field": "f2", "subject": "everyone", "at": at});
        let [found, whole] = both_ways(&file, &ask);
        assert_eq!((&found, &found["answer"]), (&whole, &expected), "on day {day}");
    }
}

#[test]
fn where_the_day_of_a_move_abroad_is_uncertain_everything_is_asked() {
    let mut file = world();
    without_persons(&mut file);
    let between = json!({"earliest": "2024-05-01T00:00:00Z", "latest": "2024-05-20T00:00:00Z"});
    file["processors"][3]["moves"] = json!([{"at": between, "country": "US"}]);
    file["events"] = json!([
        {"id": "e1", "at": "2024-04-02T00:00:00Z", "act": "collect", "to": "p0", "subjects": ["everyone"], "fields": ["f0"],
         "purpose": "service"},
        {"id": "e2", "at": "2024-05-10T00:00:00Z", "act": "share", "from": "p0", "to": "p3", "subjects": ["everyone"],
         "fields": ["f0"], "purpose": "service"}
    ]);
    let [found, whole] = both_ways(&file, &json!({"ask": "crossings", "subject": "everyone"}));
    assert_eq!(found, whole);
    assert!(found["possible"].to_string().contains("e2"), "{found:#}");
}
