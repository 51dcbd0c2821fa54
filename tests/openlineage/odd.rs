//! Shapes that emitters send besides what the examples of the specification show.

use serde_json::{Value, json};
use wherefore::import::openlineage::{event, file};
use wherefore::model::word::Verdict;

use super::meaning::{dataset, reach, run, snapshot};

#[test]
fn names_with_quotes_brackets_lists_of_hosts_and_other_scripts_are_names() {
    let lineage = json!({"columnLineage": {"fields": {"c": {"inputFields": [
        {"namespace": "trino://h:8080", "name": "hive.\"odd schema\".\"t.a\"", "field": "\"q\"",
         "transformations": [{"type": "INDIRECT", "subtype": "FILTER"}, {"type": "DIRECT", "subtype": "TRANSFORMATION"}]}]}}}});
    let events = [run(
        "q",
        "COMPLETE",
        1,
        vec![
            json!({"namespace": "trino://h:8080", "name": "hive.\"odd schema\".\"t.a\"",
                    "facets": {"schema": {"fields": [{"name": "\"q\""}, {"name": "städte"}]}}}),
        ],
        vec![dataset("kafka://b1:9092,b2:9092 out", &["c"], lineage)],
    )];
    let snapshot = snapshot(&events, "mapping: 1");
    let asked = |column: &str| {
        reach(
            &snapshot,
            &format!("trino://h:8080/hive.\"odd schema\".\"t.a\"#{column}"),
            "kafka://b1:9092,b2:9092",
            false,
        )
    };
    assert_eq!(asked("\"q\"").verdict, Verdict::Yes);
    assert_eq!(asked("städte").verdict, Verdict::No);
}

#[test]
fn nulls_empty_facets_deleted_facets_and_keys_of_nobody_are_taken() {
    let mut bare = run(
        "1",
        "OTHER",
        1,
        vec![],
        vec![json!({"namespace": "n", "name": "d", "facets": null, "outputFacets": {}})],
    );
    bare["inputs"] = Value::Null;
    bare["of nobody"] = json!({"a": [1, 2]});
    let empty = run(
        "2",
        "COMPLETE",
        2,
        vec![json!({"namespace": "n", "name": "d", "facets": {"schema": {"fields": []}}})],
        vec![json!({"namespace": "n", "name": "d2", "facets": {"schema": {}}})],
    );
    let deleted = run(
        "3",
        "COMPLETE",
        3,
        vec![json!({"namespace": "n", "name": "d", "facets": {"columnLineage": {"_deleted": true}}})],
        vec![
            json!({"namespace": "n", "name": "d2", "facets": {"columnLineage": {"_deleted": true}, "schema": {"_deleted": true}}}),
        ],
    );
    let stateless = {
        let mut event = run("4", "COMPLETE", 4, vec![], vec![]);
        event
            .as_object_mut()
            .expect("an object")
            .shift_remove("eventType");
        event
    };
    for event in [bare, empty, deleted, stateless] {
        event::event(&event, None).unwrap_or_else(|refusal| panic!("{refusal}: {event}"));
    }
}

#[test]
fn facets_of_megabytes_and_columns_in_columns_are_taken() {
    let plan: Vec<Value> = (0..5_000)
        .map(|number| json!({"class": "Project", "text": format!("{number:0>200}")}))
        .collect();
    let nested = json!({"schema": {"fields": [
        {"name": "after", "type": "struct", "fields": [{"name": "email", "type": "string"}]}, {"name": "op"}]}});
    let mut event = run(
        "1",
        "COMPLETE",
        1,
        vec![],
        vec![dataset("kafka://b:9092 customers", &[], nested)],
    );
    event["run"]["facets"] = json!({"spark.logicalPlan": {"plan": plan}});
    assert!(event.to_string().len() > 1_000_000);
    let gathered = super::meaning::gathered(std::slice::from_ref(&event));
    assert_eq!(gathered.unread.get("run.spark.logicalPlan"), Some(&1));
    let snapshot = snapshot(&[event], "mapping: 1");
    let names: Vec<String> = snapshot
        .fields()
        .iter()
        .map(|field| field.id.to_string())
        .collect();
    assert!(
        names.iter().any(|name| name.ends_with("#after.email")),
        "{names:?}"
    );
}

#[test]
fn a_file_of_events_without_times_is_refused_as_events() {
    let mut event = run("1", "COMPLETE", 1, vec![], vec![]);
    event
        .as_object_mut()
        .expect("an object")
        .shift_remove("eventTime");
    assert!(file::looks_like_events(event.to_string().as_bytes()).expect("read"));
    let facts = json!({"scenario": "s", "as_of": "2025-01-01T00:00:00Z", "events": []});
    assert!(!file::looks_like_events(facts.to_string().as_bytes()).expect("read"));
}
