//! What the command line tells whoever imports events, and what it leaves alone then.

use serde_json::json;

use super::meaning::{dataset, lineage, run};
use crate::commands::program::{self, Folder};

fn event(id: &str) -> String {
    let to = dataset("wh t", &["y"], lineage(&[("y", "crm p", "x", "DIRECT", false)]));
    run(
        id,
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({}))],
        vec![to],
    )
    .to_string()
}

#[test]
fn a_mapping_that_names_what_nothing_declares_is_refused_and_leaves_no_store() {
    let folder = Folder::new();
    let events = folder.file("e.ndjson", event("1"));
    let text = |processors: &str| {
        format!("mapping: 1\n{processors}datasets:\n  - {{match: {{namespace: wh}}, processor: warehous}}\n")
    };
    let declared = "processors: [{id: warehouse, kind: controller, country: DE}]\n";
    let mapping = folder.file("m.yaml", text(declared));
    let store = folder.text("store");
    let import = |more: &[&str]| {
        let all = [
            &["import", &events, "--store", &store, "--mapping", &mapping],
            more,
        ]
        .concat();
        program::run(&all)
    };
    for more in [&[][..], &["--dry-run"]] {
        let refused = import(more).refuses("FACT_UNKNOWN_REFERENCE");
        assert!(refused.err.contains("warehouse"), "{}", refused.err);
        assert!(!folder.path("store").exists());
    }
    // What a store knows need not stand in the mapping.
    let facts = "scenario: s\nas_of: 2025-01-01T00:00:00Z\ntimezone: UTC\nprocessors: [{id: warehous, kind: controller, country: FR}]\n";
    let facts = folder.file("f.yaml", facts);
    program::run(&["import", &facts, "--store", &store]).exits(0);
    import(&[]).exits(0);
}

#[test]
fn a_dry_run_tells_what_would_be_refused() {
    let folder = Folder::new();
    let events = folder.file("e.ndjson", format!("{}\n{{\"eventTime\": 1}}\n", event("1")));
    let store = folder.text("store");
    let tried = program::run(&[
        "import",
        &events,
        "--store",
        &store,
        "--dry-run",
        "--skip-refused",
    ])
    .exits(2);
    assert!(
        tried
            .out
            .contains("would be refused: OPENLINEAGE_SHAPE at `/eventTime`"),
        "{}",
        tried.out
    );
    assert!(
        tried.out.contains("\n+ processors {\"id\":\"crm\""),
        "{}",
        tried.out
    );
    assert!(!folder.path("store").exists());
}

#[test]
fn events_on_standard_input_are_told_apart_from_facts() {
    let folder = Folder::new();
    let store = folder.text("store");
    let refused =
        program::run_with_input(&["import", "-", "--store", &store], &event("1")).refuses("CLI_USAGE");
    assert!(refused.err.contains("--format openlineage"), "{}", refused.err);
    assert!(!folder.path("store").exists());
    program::run_with_input(
        &["import", "-", "--format", "openlineage", "--store", &store],
        &event("1"),
    )
    .exits(0);
}

#[test]
fn a_watch_of_nothing_is_refused_and_leaves_no_store() {
    let folder = Folder::new();
    let (store, missing) = (folder.text("store"), folder.text("nowhere"));
    program::run(&["import", "--watch", &missing, "--store", &store]).refuses("CLI_UNREADABLE");
    assert!(!folder.path("store").exists());
    program::run(&["import", "--watch", &missing, "--store", &store, "--dry-run"]).exits(2);
}

#[test]
fn what_is_kept_and_not_read_is_named() {
    let folder = Folder::new();
    let mut one = run(
        "1",
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({"ownership": {}}))],
        vec![],
    );
    one["run"]["facets"] = json!({"spark_properties": {}});
    let events = folder.file("e.json", one.to_string());
    let told = program::run(&["import", &events, "--store", &folder.text("store")])
        .exits(0)
        .out;
    let wanted = "2 facets of 2 kinds are kept and not read: dataset.ownership (1), run.spark_properties (1)";
    assert!(told.contains(wanted), "{told}");
}
