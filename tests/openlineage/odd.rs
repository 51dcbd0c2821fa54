//! Shapes that emitters send besides what the examples of the specification show.

use serde_json::{Value, json};
use wherefore::import::openlineage::{event, file};
use wherefore::model::word::Verdict;

use super::meaning::{dataset, lineage, reach, run, snapshot};

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

#[test]
fn a_column_called_like_a_key_of_facts_makes_no_facts_of_events() {
    let event = run(
        "1",
        "COMPLETE",
        1,
        vec![dataset("a b", &["as_of"], json!({}))],
        vec![],
    );
    assert!(file::looks_like_events(event.to_string().as_bytes()).expect("read"));
}

#[test]
fn two_datasets_that_share_a_name_that_nobody_uses_are_the_same_data() {
    let with_name = |name: &str, column: &str| {
        let mut dataset = dataset(name, &[column], json!({}));
        dataset["facets"]["symlinks"] = json!({"identifiers": [{"namespace": "arn:aws:glue:eu-west-1:1", "name": "table/shop/people", "type": "TABLE"}]});
        dataset
    };
    let way = lineage(&[("email", "crm p", "x", "DIRECT", false)]);
    let mut written = with_name("s3://lake people", "email");
    written["facets"]["columnLineage"] = way["columnLineage"].clone();
    let on = lineage(&[("to", "s3a://lake people", "email", "DIRECT", false)]);
    let events = [
        run(
            "1",
            "COMPLETE",
            1,
            vec![dataset("crm p", &["x"], json!({}))],
            vec![written],
        ),
        run(
            "2",
            "COMPLETE",
            2,
            vec![with_name("s3a://lake people", "email")],
            vec![dataset("mail out", &["to"], on)],
        ),
    ];
    let snapshot = snapshot(&events, "");
    assert_eq!(reach(&snapshot, "crm/p#x", "mail", false).verdict, Verdict::Yes);
}

#[test]
fn thousands_of_inputs_without_lineage_are_one_possible_act_each_way() {
    let inputs: Vec<Value> = (0..3_000)
        .map(|number| dataset(&format!("lake t{number}"), &["a", "b", "c", "d", "e"], json!({})))
        .collect();
    let columns: Vec<String> = (0..300).map(|number| format!("c{number}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let event = run(
        "1",
        "COMPLETE",
        1,
        inputs,
        vec![dataset("wh wide", &columns, json!({}))],
    );
    let gathered = super::meaning::gathered(&[event]);
    let items = wherefore::import::openlineage::facts(
        &gathered,
        &wherefore::import::mapping::Mapping::default(),
        wherefore::import::openlineage::Unfinished::Stated,
    );
    let derived: Vec<Value> = items
        .iter()
        .map(|item| item.node.to_json())
        .filter(|json| json["act"] == "derive")
        .collect();
    assert_eq!(derived.len(), 1);
    assert_eq!(derived[0]["carries"], "possible");
    let count = |key: &str| derived[0][key].as_array().map(Vec::len);
    assert_eq!((count("fields"), count("makes")), (Some(15_000), Some(300)));
}

#[test]
fn what_an_event_about_a_dataset_says_has_happened_happens_once() {
    let told = |state: &str, more: Value| {
        let mut change = json!({"lifecycleStateChange": state});
        for (key, value) in more.as_object().expect("an object") {
            change[key] = value.clone();
        }
        let facets = json!({"schema": {"fields": [{"name": "c"}]}, "lifecycleStateChange": change});
        json!({"eventTime": "2024-05-01T10:00:00Z", "producer": "p", "schemaURL": "s",
               "dataset": {"namespace": "wh", "name": "t", "facets": facets}})
    };
    let written = run(
        "1",
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({}))],
        vec![dataset(
            "wh t",
            &["c"],
            lineage(&[("c", "crm p", "x", "DIRECT", false)]),
        )],
    );
    let of = |event: Value, act: &str| -> Vec<Value> {
        super::meaning::facts(&[written.clone(), event], "")
            .iter()
            .filter_map(|fact| serde_json::from_str::<Value>(fact.split_once(' ')?.1).ok())
            .filter(|fact| fact["act"] == act && fact["at"] == "2024-05-01T10:00:00Z")
            .collect()
    };
    for state in ["DROP", "TRUNCATE"] {
        assert_eq!(of(told(state, json!({})), "delete").len(), 1, "{state}");
        assert!(of(told(state, json!({})), "collect").is_empty(), "{state}");
    }
    assert_eq!(of(told("OVERWRITE", json!({})), "delete").len(), 1);
    assert_eq!(of(told("OVERWRITE", json!({})), "collect").len(), 1);
    let renamed = told(
        "RENAME",
        json!({"previousIdentifier": {"namespace": "wh", "name": "old"}}),
    );
    let derived = of(renamed.clone(), "derive");
    assert_eq!(
        derived.len(),
        1,
        "an instant, so that the old name can be used again"
    );
    assert_eq!(derived[0]["makes"], json!(["wh/t#c"]));
    let gone = of(renamed, "delete");
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0]["fields"], json!(["wh/old#*"]));
    for state in ["ALTER", "CREATE"] {
        assert!(of(told(state, json!({})), "delete").is_empty(), "{state}");
    }
}
