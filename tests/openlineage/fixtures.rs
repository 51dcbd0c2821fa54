//! Events that real producers emitted, and the examples of the specification.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wherefore::import::openlineage::event::{self, Event};
use wherefore::import::openlineage::file;

/// The folder of fixtures, if this machine has one.
pub fn folder(name: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("WHEREFORE_FIXTURES") else {
        println!("skipped: WHEREFORE_FIXTURES names no folder of fixtures");
        return None;
    };
    Some(Path::new(&root).join(name))
}

/// All JSON files below a folder, sorted.
pub fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of fixtures") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|end| end == "json" || end == "jsonl")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The events that scenarios emitted, each with its JSON.
pub fn emitted() -> Option<Vec<(Event, Value)>> {
    let mut events = Vec::new();
    for path in json_files(&folder("openlineage/scenarios")?) {
        if path.parent().is_some_and(|parent| parent.ends_with("events")) {
            let text = std::fs::read_to_string(&path).expect("a readable fixture");
            for raw in file::split(&text, &path.display().to_string().into()) {
                let value = raw.value.expect("JSON");
                let event = event::event(&value, None)
                    .unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()));
                events.push((event, value));
            }
        }
    }
    Some(events)
}

#[test]
fn every_emitted_event_is_read_and_no_edge_is_lost() {
    let Some(events) = emitted() else { return };
    assert_eq!(events.len(), 74);
    let runs: BTreeSet<_> = events
        .iter()
        .filter_map(|(event, _)| match &event.kind {
            event::Kind::Run { id, .. } => Some(id),
            event::Kind::Job(_) | event::Kind::Dataset => None,
        })
        .collect();
    assert_eq!(runs.len(), 31);
    let mut facets = 0;
    let mut pairs = 0;
    for (event, _) in &events {
        let explained = event.outputs.iter().chain(&event.inputs);
        facets += explained.filter(|seen| seen.is_explained).count();
        let distinct: BTreeSet<_> = event.edges.iter().map(|edge| (&edge.from, &edge.to)).collect();
        pairs += distinct.len();
    }
    assert_eq!((facets, pairs), (20, 92));
}

/// Every example of the specification, as an event.
pub fn examples() -> Option<Vec<Value>> {
    let files = json_files(&folder("openlineage/spec/tests")?);
    assert!(files.len() >= 40, "{}", files.len());
    let events = files.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).expect("a readable fixture");
        let example: Value = serde_json::from_str(&text).expect("JSON");
        if example.get("eventTime").is_some() {
            example
        } else {
            in_an_event(&path, example)
        }
    });
    Some(events.collect())
}

#[test]
fn every_example_of_the_specification_is_read() {
    for event in examples().into_iter().flatten() {
        event::event(&event, None).unwrap_or_else(|refusal| panic!("{refusal}: {event}"));
    }
}

/// A facet alone, put into an event where its kind belongs.
fn in_an_event(path: &Path, facet: Value) -> Value {
    let kind = path
        .parent()
        .expect("a folder")
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let is_of_job =
        kind.ends_with("JobFacet") || (kind == "LineageFacet" && !path.ends_with("dataset-to-dataset.json"));
    let mut dataset = json!({"namespace": "n", "name": "d"});
    let mut job = json!({"namespace": "n", "name": "j"});
    let mut run = json!({"runId": "63f4ea72-3817-41c6-94d8-4b4d1342014a"});
    if is_of_job {
        job["facets"] = facet;
    } else if kind.ends_with("RunFacet") {
        run["facets"] = facet;
    } else if kind.contains("Input") {
        dataset["inputFacets"] = facet;
    } else if kind.contains("Output") {
        dataset["outputFacets"] = facet;
    } else {
        dataset["facets"] = facet;
    }
    json!({"eventTime": "2024-05-01T09:00:00Z", "eventType": "COMPLETE", "producer": "p", "schemaURL": "s",
           "run": run, "job": job, "inputs": [], "outputs": [dataset]})
}
