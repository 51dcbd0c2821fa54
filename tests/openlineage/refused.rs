//! Malformed events: each is refused with a code and a path into its JSON.

use serde_json::{Value, json};
use wherefore::import::openlineage::event;

fn good() -> Value {
    json!({
        "eventTime": "2024-05-01T09:00:00Z", "eventType": "COMPLETE", "producer": "p", "schemaURL": "s",
        "run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"},
        "inputs": [{"namespace": "n", "name": "a"}],
        "outputs": [{"namespace": "n", "name": "b", "facets": {
            "schema": {"fields": [{"name": "x"}]},
            "columnLineage": {"fields": {"x": {"inputFields": [
                {"namespace": "n", "name": "a", "field": "y", "transformations": [{"type": "DIRECT"}]}]}}}
        }}]
    })
}

/// The good event with one value replaced; `null` takes it away.
fn with(path: &str, value: Value) -> Value {
    let mut event = good();
    let (parent, key) = path.rsplit_once('/').expect("a path");
    let parent = event.pointer_mut(parent).expect("the path exists");
    match (parent, value) {
        (Value::Object(map), Value::Null) => drop(map.remove(key)),
        (Value::Object(map), value) => {
            map.insert(key.to_owned(), value);
        }
        (other, value) => other[key.parse::<usize>().expect("an index")] = value,
    }
    event
}

#[test]
fn each_mistake_has_its_code_and_its_path() {
    assert!(event::event(&good(), None).is_ok());
    let deep = (0..40).fold(
        json!({"name": "x"}),
        |inner, _| json!({"name": "x", "fields": [inner]}),
    );
    let cases = [
        (json!([]), "OPENLINEAGE_NOT_AN_EVENT", ""),
        (
            json!({"eventTime": "2024-05-01T09:00:00Z"}),
            "OPENLINEAGE_KIND",
            "",
        ),
        (with("/eventTime", Value::Null), "OPENLINEAGE_MISSING_KEY", ""),
        (
            with("/eventTime", json!("yesterday")),
            "OPENLINEAGE_BAD_TIME",
            "/eventTime",
        ),
        (
            with("/eventTime", json!("2024-05-01")),
            "OPENLINEAGE_BAD_TIME",
            "/eventTime",
        ),
        (
            with("/eventTime", json!("2024-05-01T09:00:00")),
            "OPENLINEAGE_NO_OFFSET",
            "/eventTime",
        ),
        (
            with("/eventType", json!("DONE")),
            "OPENLINEAGE_BAD_WORD",
            "/eventType",
        ),
        (with("/run", json!("r")), "OPENLINEAGE_SHAPE", "/run"),
        (
            with("/run/runId", json!("  ")),
            "OPENLINEAGE_BAD_NAME",
            "/run/runId",
        ),
        (
            with("/job/name", json!("a\nb")),
            "OPENLINEAGE_BAD_NAME",
            "/job/name",
        ),
        (
            with("/job/namespace", json!("n".repeat(5000))),
            "OPENLINEAGE_BAD_NAME",
            "/job/namespace",
        ),
        (with("/inputs", json!({})), "OPENLINEAGE_SHAPE", "/inputs"),
        (
            with("/inputs/0/name", json!(7)),
            "OPENLINEAGE_SHAPE",
            "/inputs/0/name",
        ),
        (
            with("/outputs/0/facets", json!([])),
            "OPENLINEAGE_SHAPE",
            "/outputs/0/facets",
        ),
        (
            with(
                "/outputs/0/facets/columnLineage/fields/x/inputFields/0/field",
                Value::Null,
            ),
            "OPENLINEAGE_MISSING_KEY",
            "/outputs/0/facets/columnLineage/fields/x/inputFields/0",
        ),
        (
            with("/outputs/0/facets/columnLineage/fields", json!({"a/b~c": {}})),
            "OPENLINEAGE_MISSING_KEY",
            "/outputs/0/facets/columnLineage/fields/a~1b~0c",
        ),
        (
            with(
                "/outputs/0/facets/columnLineage/fields/x/inputFields/0/transformations/0/masking",
                json!("no"),
            ),
            "OPENLINEAGE_SHAPE",
            "/outputs/0/facets/columnLineage/fields/x/inputFields/0/transformations/0/masking",
        ),
        (
            with("/outputs/0/facets/schema/fields/0", deep),
            "OPENLINEAGE_LIMIT",
            "",
        ),
    ];
    for (event, code, path) in cases {
        let refusal = event::event(&event, None).expect_err(code);
        assert_eq!(refusal.code.as_str(), code, "{refusal}");
        if code != "OPENLINEAGE_LIMIT" {
            assert_eq!(refusal.path, path, "{refusal}");
        }
    }
}

#[test]
fn an_offset_is_assumed_only_when_somebody_says_so_and_finer_digits_are_cut() {
    let at = |text: &str, offset| {
        let event = event::event(&with("/eventTime", json!(text)), offset).expect("an instant");
        wherefore::model::time::print_utc(event.at)
    };
    assert_eq!(at("2024-05-01T09:00:00", Some("+02:00")), "2024-05-01T07:00:00Z");
    assert_eq!(at("2024-05-01T09:00:00Z", Some("+02:00")), "2024-05-01T09:00:00Z");
    assert_eq!(
        at("2021-11-03T10:53:52.427343999Z", None),
        "2021-11-03T10:53:52.427343Z"
    );
    for same in [
        "2021-11-03T10:53:52,427343999Z",
        "2021-11-03 11:53:52.4273439+01:00",
        "2021-11-03t10:53:52.427343z",
        "2021-11-03T10:53:52.427343+0000",
        "2021-11-03T10:53:52.427343Z[UTC]",
    ] {
        assert_eq!(at(same, None), "2021-11-03T10:53:52.427343Z", "{same}");
    }
}
