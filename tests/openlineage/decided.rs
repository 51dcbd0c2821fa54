//! What decides one way or the other in events, case by case: equal instants, two statements about one thing, what is told
//! of a dataset that is emptied, renamed or written twice.

use serde_json::{Value, json};
use wherefore::model::word::Verdict;

use super::meaning::{dataset, facts, gathered, lineage, reach, run, snapshot};
use wherefore::import::mapping::Mapping;
use wherefore::import::openlineage::{self, Unfinished};

fn plain(name: &str, columns: &[&str]) -> Value {
    dataset(name, columns, json!({}))
}

/// A run that copies `x` of one dataset into another.
fn copy(id: &str, minute: u32, from: &str, to: &str, masking: bool) -> Value {
    let way = lineage(&[("x", from, "x", "DIRECT", masking)]);
    run(
        id,
        "COMPLETE",
        minute,
        vec![plain(from, &["x"])],
        vec![dataset(to, &["x"], way)],
    )
}

fn lifecycle(change: &str) -> Value {
    json!({"lifecycleStateChange": {"lifecycleStateChange": change}})
}

fn renamed_from(namespace: &str, name: &str) -> Value {
    json!({"lifecycleStateChange": {"lifecycleStateChange": "RENAME",
        "previousIdentifier": {"namespace": namespace, "name": name}}})
}

fn has(facts: &[String], parts: &[&str]) -> bool {
    facts
        .iter()
        .any(|fact| parts.iter().all(|part| fact.contains(part)))
}

#[test]
fn a_stream_whose_end_is_not_after_its_beginning_stands_open() {
    for end in [3, 5] {
        let mut events = vec![
            run(
                "1",
                "START",
                5,
                vec![plain("a a", &["x"])],
                vec![dataset(
                    "b b",
                    &["x"],
                    lineage(&[("x", "a a", "x", "DIRECT", false)]),
                )],
            ),
            run("1", "COMPLETE", end, vec![], vec![]),
        ];
        for event in &mut events {
            event["job"]["facets"] = json!({"jobType": {"processingType": "STREAMING"}});
        }
        assert!(!has(&facts(&events, ""), &["until"]), "{end}");
        assert_eq!(
            reach(&snapshot(&events, ""), "a/a#x", "b", false).verdict,
            Verdict::Yes
        );
    }
}

#[test]
fn what_is_read_in_the_instant_in_which_it_was_first_written_was_not_there_before() {
    let was_there = |minute| {
        let events = [
            copy("1", 5, "a a", "b b", false),
            copy("2", minute, "b b", "c c", false),
        ];
        has(&facts(&events, ""), &["b/b/there-before"])
    };
    assert!(was_there(4) && !was_there(5) && !was_there(6));
}

#[test]
fn what_is_explained_as_having_no_source_has_none() {
    let explained = json!({"columnLineage": {"fields": {}}});
    let event = |facets| {
        [run(
            "1",
            "COMPLETE",
            1,
            vec![plain("a a", &["x"])],
            vec![dataset("b b", &["x"], facets)],
        )]
    };
    let verdict = |facets| reach(&snapshot(&event(facets), ""), "a/a#x", "b", false).verdict;
    assert_eq!(verdict(explained), Verdict::No);
    assert_eq!(verdict(json!({})), Verdict::Possible);
}

#[test]
fn a_run_on_one_dataset_is_no_flow_unless_it_says_which_columns_it_read() {
    let made = |read: Value| {
        let both = dataset("a a", &["x", "y"], read);
        let events = [run("1", "COMPLETE", 1, vec![both], vec![plain("a a", &["x"])])];
        has(&facts(&events, ""), &["\"act\":\"derive\""])
    };
    assert!(!made(json!({})));
    assert!(made(json!({"wherefore": {"read": ["y"]}})));
}

#[test]
fn of_several_ways_into_a_column_the_one_that_shows_most_counts() {
    // In one run, of one column.
    let both = [
        ("x", "a a", "x", "DIRECT", true),
        ("x", "a a", "x", "DIRECT", false),
    ];
    let to = dataset("b b", &["x"], lineage(&both));
    let stated = facts(
        &[run("1", "COMPLETE", 1, vec![plain("a a", &["x"])], vec![to])],
        "",
    );
    assert!(!has(&stated, &["deidentif"]), "{stated:#?}");
    // In two runs.
    for masked_first in [true, false] {
        let events = [
            copy("1", 1, "a a", "b b", masked_first),
            copy("2", 2, "a a", "b b", !masked_first),
        ];
        let stated = facts(&events, "");
        assert!(
            !has(&stated, &["\"id\":\"b/b#x\"", "deidentified"]),
            "{stated:#?}"
        );
    }
    // In the steps of one way.
    for steps in [[true, false], [false, true], [true, true]] {
        let mut way = lineage(&[("x", "a a", "x", "DIRECT", false)]);
        way["columnLineage"]["fields"]["x"]["inputFields"][0]["transformations"] = steps
            .map(|masking| json!({"type": "DIRECT", "masking": masking}))
            .into();
        let to = dataset("b b", &["x"], way);
        let stated = facts(
            &[run("1", "COMPLETE", 1, vec![plain("a a", &["x"])], vec![to])],
            "",
        );
        assert_eq!(
            has(&stated, &["deidentify"]),
            steps == [true, true],
            "{stated:#?}"
        );
    }
}

#[test]
fn the_older_word_that_a_column_is_masked_counts_with_steps_too() {
    let told = |word: &str| {
        let mut way = lineage(&[("x", "a a", "x", "DIRECT", false)]);
        way["columnLineage"]["fields"]["x"]["transformationType"] = word.into();
        let to = dataset("b b", &["x"], way);
        let events = [run("1", "COMPLETE", 1, vec![plain("a a", &["x"])], vec![to])];
        has(&facts(&events, ""), &["\"id\":\"b/b#x\"", "deidentified"])
    };
    assert!(told("MASKED") && !told("IDENTITY"));
}

#[test]
fn what_is_shown_on_one_way_is_not_masked_however_long_that_is() {
    let events = [
        copy("1", 1, "a a", "b b", true),
        copy("2", 2, "b b", "d d", false),
        copy("3", 3, "c c", "e e", false),
        copy("4", 4, "e e", "d d", false),
    ];
    let stated = facts(&events, "");
    assert!(has(&stated, &["\"id\":\"b/b#x\"", "deidentified"]), "{stated:#?}");
    assert!(
        !has(&stated, &["\"id\":\"d/d#x\"", "deidentified"]),
        "{stated:#?}"
    );
}

#[test]
fn rows_of_what_is_emptied_or_renamed_are_not_new() {
    let collects = |facets: Value| {
        let events = [run(
            "1",
            "COMPLETE",
            1,
            vec![],
            vec![dataset("a a", &["x"], facets)],
        )];
        has(&facts(&events, ""), &["job-1", "\"act\":\"collect\""])
    };
    assert!(collects(json!({})));
    assert!(!collects(lifecycle("TRUNCATE")));
    assert!(!collects(renamed_from("a", "before")));
}

#[test]
fn a_recipient_has_what_is_read_beside_what_becomes_of_it() {
    let event = |facets: Value| {
        let from = dataset("a a", &["x"], json!({"wherefore": {"read": ["x"]}}));
        let way = lineage(&[("x", "a a", "x", "DIRECT", false)]);
        let mut event = run("1", "COMPLETE", 1, vec![from], vec![dataset("b b", &["x"], way)]);
        event["job"]["facets"] = facets;
        [event]
    };
    let mailer = json!({"wherefore": {"recipient": {"id": "mailer"}}});
    let stated = facts(&event(json!({})), "");
    assert!(!has(&stated, &["\"to\":\"mailer\""]), "{stated:#?}");
    assert_eq!(
        reach(&snapshot(&event(mailer), ""), "a/a#x", "mailer", false).verdict,
        Verdict::Yes
    );
}

#[test]
fn columns_that_are_known_under_the_new_name_alone_had_the_old_one_too() {
    let events = [
        copy("1", 1, "a a", "b b", false),
        run(
            "2",
            "COMPLETE",
            2,
            vec![],
            vec![dataset("c c", &["x", "late"], renamed_from("b", "b"))],
        ),
    ];
    let stated = facts(&events, "");
    for column in ["x", "late"] {
        let (from, makes) = (
            format!("\"fields\":[\"b/b#{column}\"]"),
            format!("\"makes\":[\"c/c#{column}\"]"),
        );
        assert!(has(&stated, &[&from, &makes]), "{column}: {stated:#?}");
    }
}

#[test]
fn what_stands_or_is_renamed_just_then_is_met() {
    let bounded = |more: Vec<Value>| {
        let target = dataset("b b", &["x"], lineage(&[("x", "a a", "x", "DIRECT", false)]));
        let reading = vec![
            run("1", "START", 10, vec![plain("a a", &["x"])], vec![]),
            run("1", "COMPLETE", 20, vec![], vec![target]),
        ];
        has(&facts(&[reading, more].concat(), ""), &["earliest", "job-1"])
    };
    let stream = |id: &str, start, end: Option<u32>| {
        let mut all = vec![run(id, "START", start, vec![], vec![plain("a a", &["x"])])];
        all.extend(end.map(|end| run(id, "COMPLETE", end, vec![], vec![])));
        for event in &mut all {
            event["job"]["facets"] = json!({"jobType": {"processingType": "STREAMING"}});
        }
        all
    };
    assert!(bounded(stream("3", 20, None)) && !bounded(stream("3", 21, None)));
    assert!(bounded(stream("3", 1, Some(10))) && !bounded(stream("3", 1, Some(9))));
    // One that began earlier may stand longer.
    let two = |end| [stream("3", 1, end), stream("4", 2, Some(3))].concat();
    assert!(bounded(two(None)) && bounded(two(Some(15))) && !bounded(two(Some(5))));
    let renames = dataset("z z", &["x"], renamed_from("a", "a"));
    assert!(bounded(vec![run("5", "COMPLETE", 15, vec![], vec![renames])]));
}

#[test]
fn one_column_that_feeds_a_whole_dataset_is_a_filter() {
    let from = json!({"type": "DATASET", "namespace": "a", "name": "a", "field": "x"});
    let event = |from: Value| {
        let to = dataset("b b", &["y"], json!({"lineage": {"inputs": [from]}}));
        [run("1", "COMPLETE", 1, vec![plain("a a", &["x"])], vec![to])]
    };
    let verdict = |from, influence| reach(&snapshot(&event(from), ""), "a/a#x", "b", influence).verdict;
    assert_eq!(verdict(from.clone(), false), Verdict::No);
    assert_eq!(verdict(from.clone(), true), Verdict::Yes);
    let mut values = from;
    values["transformations"] = json!([{"type": "DIRECT"}]);
    assert_eq!(verdict(values, false), Verdict::Possible);
}

#[test]
fn a_run_that_completes_twice_is_done_the_second_time() {
    for minutes in [[1, 5], [5, 1]] {
        let events = minutes.map(|minute| copy("1", minute, "a a", "b b", false));
        let stated = facts(&events, "");
        assert!(has(&stated, &["\"act\":\"derive\"", "09:05:00"]), "{stated:#?}");
        assert!(!has(&stated, &["\"act\":\"derive\"", "09:01:00"]), "{stated:#?}");
    }
}

#[test]
fn an_end_is_awaited_for_less_than_a_day() {
    let stated = |last: &str| {
        let mut other = copy("2", 1, "c c", "d d", false);
        other["eventTime"] = last.into();
        let mut first = copy("1", 0, "a a", "b b", false);
        first["eventType"] = "START".into();
        let all = gathered(&[first, other]);
        let items = openlineage::facts(&all, &Mapping::default(), Unfinished::Awaited);
        items
            .iter()
            .any(|item| item.node.to_json().to_string().contains("job-1"))
    };
    assert!(!stated("2024-05-02T08:59:59Z"));
    assert!(stated("2024-05-02T09:00:00Z"));
}

#[test]
fn own_categories_stand_before_inherited_ones() {
    let about = |category: &str| json!({"wherefore": {"categories": {"x": category}}});
    let mut way = lineage(&[("x", "a a", "x", "DIRECT", false)]);
    way["wherefore"] = about("ours")["wherefore"].clone();
    let events = [
        run(
            "1",
            "COMPLETE",
            1,
            vec![dataset("a a", &["x"], about("theirs"))],
            vec![dataset("b b", &["x"], way)],
        ),
        copy("2", 2, "b b", "c c", false),
    ];
    let stated = facts(&events, "");
    for (id, own, other) in [
        ("a/a#x", "theirs", "ours"),
        ("b/b#x", "ours", "theirs"),
        ("c/c#x", "ours", "theirs"),
    ] {
        let id = format!("\"id\":\"{id}\"");
        assert!(has(&stated, &["fields", &id, own]), "{stated:#?}");
        assert!(!has(&stated, &["fields", &id, other]), "{stated:#?}");
    }
}

#[test]
fn a_purpose_comes_from_whoever_started_what_started_a_run() {
    let mut events = ["1", "2", "3"].map(|id| copy(id, 1, "a a", "b b", false));
    for (number, parent) in [(0, "2"), (1, "3")] {
        events[number]["run"]["facets"] =
            json!({"parent": {"run": {"runId": parent}, "job": {"namespace": "n", "name": "x"}}});
    }
    events[2]["job"]["facets"] = json!({"processing": {"purpose": "billing", "legal_basis": "contract"}});
    let stated = facts(&events, "");
    assert!(
        has(&stated, &["job-1/1/", "\"purpose\":\"billing\""]),
        "{stated:#?}"
    );
}

#[test]
fn data_that_is_said_to_be_of_everyone_among_others_is_of_everyone() {
    let whose = |kinds: &[&str]| {
        let from = dataset("a a", &["x"], json!({"wherefore": {"subjects": kinds}}));
        facts(&[run("1", "COMPLETE", 1, vec![from], vec![])], "")
    };
    let of_some = whose(&["customer"]);
    assert!(has(&of_some, &["there-before", "[\"customer\"]"]), "{of_some:#?}");
    let of_all = whose(&["customer", "everyone"]);
    assert!(
        has(&of_all, &["there-before", "\"subjects\":\"everyone\""]),
        "{of_all:#?}"
    );
}

#[test]
fn of_two_statements_about_a_party_the_greater_counts() {
    for countries in [["CN", "US"], ["US", "CN"]] {
        let mut events = ["1", "2"].map(|id| copy(id, 1, "a a", "b b", false));
        for (event, country) in events.iter_mut().zip(countries) {
            event["job"]["facets"] =
                json!({"wherefore": {"recipient": {"id": "mailer", "country": country}}});
        }
        let stated = facts(&events, "");
        assert!(
            has(&stated, &["processors", "\"id\":\"mailer\"", "US"]),
            "{stated:#?}"
        );
    }
}
