//! Malformed events: each is refused with a code and a path into its JSON.

use serde_json::{Value, json};
use wherefore::import::openlineage::{event, file};

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

#[test]
fn a_key_that_stands_twice_is_refused_unless_it_says_one_thing_or_nobody_reads_it() {
    let good = good().to_string();
    let doubled = |at: &str, by: &str| {
        assert_eq!(good.matches(at).count(), 1, "{at}");
        good.replace(at, by)
    };
    let path = |text: &str| {
        let alone = file::one(text, None)
            .map(|_| ())
            .map_err(|refusal| (refusal.code.as_str(), refusal.path));
        let raw = file::split(text, &"events.json".into());
        assert_eq!(raw.len(), 1, "{text}");
        let filed = raw[0]
            .event(None)
            .map(|_| ())
            .map_err(|refusal| (refusal.code.as_str(), refusal.path));
        assert_eq!(alone, filed, "over the wire and in a file");
        alone
    };
    assert_eq!(path(&good), Ok(()));
    let refused = |path: &str| Err(("OPENLINEAGE_DOUBLED_KEY", path.to_owned()));
    let time = "\"eventTime\":\"2024-05-01T09:00:00Z\"";
    assert_eq!(
        path(&doubled(
            time,
            &format!("{time},\"eventTime\":\"2024-05-01T10:00:00Z\"")
        )),
        refused("/eventTime")
    );
    assert_eq!(
        path(&doubled(time, &format!("{time},{time}"))),
        Ok(()),
        "it says one thing"
    );
    assert_eq!(
        path(&doubled("\"field\":\"y\"", "\"field\":\"y\",\"field\":\"z\"")),
        refused("/outputs/0/facets/columnLineage/fields/x/inputFields/0/field")
    );
    let run = "\"run\":{\"runId\":\"r\"";
    let facet = |name: &str| format!("{run},\"facets\":{{\"{name}\":{{\"a/b\":[{{\"k\":1,\"k\":2}}]}}}}");
    assert_eq!(
        path(&doubled(run, &facet("spark_properties"))),
        Ok(()),
        "nobody reads it"
    );
    assert_eq!(
        path(&doubled(run, &facet("wherefore"))),
        refused("/run/facets/wherefore/a~1b/0/k")
    );
}

#[test]
fn what_is_no_json_is_told_with_its_line_and_column() {
    let told = |text: &str| {
        let raw = file::split(text, &"events.ndjson".into());
        let refused = raw
            .iter()
            .filter_map(|one| Some((one.event(None).err()?, one.place.clone())));
        refused
            .map(|(refusal, place)| (place.line, place.column, refusal.message))
            .collect::<Vec<_>>()
    };
    let good = good().to_string();
    let lines = told(&format!("{good}\n\nnonsense\n{good}\n"));
    assert_eq!(lines, [(3, 2, "this is not JSON: expected ident".to_owned())]);
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(&good).expect("JSON")).expect("text");
    assert_eq!(told(&format!("\n{pretty}\n{pretty}\n")), []);
    // A list that breaks off is one problem, where it ends, and not one for each of its lines.
    let list = format!("[\n{pretty},\n{}", &pretty[..pretty.len() / 2]);
    let broken = told(&list);
    assert_eq!(broken.len(), 1, "{broken:?}");
    let ends_at = u32::try_from(list.matches('\n').count() + 1).expect("few lines");
    assert_eq!(broken[0].0, ends_at);
}
