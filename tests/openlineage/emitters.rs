//! Events in the shapes that emitters send them in: `data/emitters.ndjson`, written for this test after what Debezium,
//! Flink, Trino, Spark, Airflow, Dagster, Great Expectations, dbt, Hive, Feast and Marquez' samples look like.

use serde_json::Value;
use wherefore::import::openlineage::file;
use wherefore::model::word::Verdict;

use super::meaning::{facts, gathered, reach, snapshot};

fn events() -> Vec<Value> {
    let text = include_str!("data/emitters.ndjson");
    let raw = file::split(text, &"emitters.ndjson".into());
    raw.into_iter().map(|one| one.value.expect("JSON")).collect()
}

#[test]
fn every_shape_is_taken_and_nothing_of_it_is_lost() {
    let events = events();
    assert_eq!(events.len(), 22);
    let gathered = gathered(&events);
    assert_eq!(gathered.runs.len(), 11);
    assert_eq!(gathered.designs.len(), 1);
    for (facet, count) in [
        ("run.checkpoints", 3),
        ("job.ownership", 3),
        ("dataset.dataQualityAssertions", 1),
        ("job.feast_featureView", 1),
        ("dataset.dataSource", 1),
    ] {
        assert_eq!(
            gathered.unread.get(facet),
            Some(&count),
            "{facet}: {:?}",
            gathered.unread
        );
    }
    let aborted = &gathered.runs["scheduled__2021-03-01T05:00:00+00:00"];
    assert!(aborted.failed.is_some() && aborted.parent.get().is_some());
}

#[test]
fn each_emitter_gives_the_flows_that_it_tells() {
    let snapshot = snapshot(&events(), "");
    let asked = |field: &str, to: &str| reach(&snapshot, field, to, false).verdict;
    for (field, to, wanted) in [
        // Change data: nobody says which column is where, nested or not; on through Flink.
        (
            "postgres://db:5432/inventory.public.customers#address.zip",
            "kafka://broker:9092",
            Verdict::Possible,
        ),
        // A check of quality may have given it to the job that ran it.
        (
            "postgres://db:5432/inventory.public.customers#email",
            "job:ge/suite.warning",
            Verdict::Possible,
        ),
        // A run that was stopped may have written.
        (
            "mysql://shop:3306/shop.orders#*",
            "redshift://wh:5439",
            Verdict::Possible,
        ),
        ("food_delivery/public.menus#*", "food_delivery", Verdict::Yes),
    ] {
        assert_eq!(asked(field, to), wanted, "{field} to {to}");
    }
    let all = facts(&events(), "");
    let has = |parts: &[&str]| {
        all.iter()
            .any(|fact| parts.iter().all(|part| fact.contains(part)))
    };
    assert!(has(&[
        "\"derive\"",
        "hive.crm.contacts#e-mail",
        "\"makes\":[\"trino://coordinator:443/hive.marts.mails#to\"]"
    ]));
    assert!(has(&[
        "\"derive\"",
        "día 1#user id",
        "/marts/visitors#user_hash",
        "deidentify"
    ]));
    assert!(has(&[
        "\"derive\"",
        "día 1#user id",
        "/marts/visitors#visits",
        "influence"
    ]));
    assert!(!has(&["\"derive\"", "día 1#url", "/marts/visitors#user_hash"]));
    // Overwritten from itself: nothing is deleted, and a column that lineage gives no source has none.
    assert!(!has(&["\"delete\"", "crm.people"]));
    assert!(has(&["\"collect\"", "crm.people#day", "insert_overwrite_people"]));
    // Declarations stand; what streams has no end.
    assert!(has(&[
        "feast/driver_source#rides",
        "feast/driver_stats#rides",
        "\"from\":\"2025-06-26T22:00:00Z\""
    ]));
    assert!(has(&["\"from\":\"2025-06-26T17:00:00Z\"", "enriched#email"]));
    // Flags as tags name no category; nor do tags without a value.
    assert!(!all.iter().any(|fact| fact.starts_with("categories")));
}
