//! Events over HTTP: acknowledged when durable, refused with code and path, counted, and never lost.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use wherefore::api;
use wherefore::db::{AsOf, Db, Mode};
use wherefore::import::mapping::Mapping;
use wherefore::import::openlineage::Unfinished;
use wherefore::intake::Intake;
use wherefore::model::fact::Fact;
use wherefore::model::time::Instant;
use wherefore::server::LineageDoor;

use super::meaning::{dataset, lineage, run};
use crate::graphql::client::{Reply, send};
use crate::graphql::fixture::Server;

fn clock() -> Instant {
    Instant::parse("2025-01-01T00:00:00Z").expect("an instant")
}

pub fn intake(folder: &Path) -> (Db, Arc<Intake>) {
    let store = folder.join("store");
    let db = Db::open(&store, Mode::Create, AsOf::Now(clock)).expect("a store");
    let intake = Intake::open(&store, db.clone(), clock, Mapping::default()).expect("an intake");
    (db, Arc::new(intake))
}

pub fn server(db: Db, intake: &Arc<Intake>, key: Option<&str>) -> Server {
    let door = LineageDoor {
        intake: Arc::clone(intake),
        key: key.map(Into::into),
    };
    let schema = api::schema(db, clock).data(Arc::clone(intake));
    Server::with(schema, |options| options.lineage = Some(door))
}

pub fn post(server: &Server, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    send(server.address, "POST", "/api/v1/lineage", &all, body)
}

pub fn counts(server: &Server) -> Value {
    send(server.address, "GET", "/api/v1/lineage", &[], b"").json()
}

fn good(id: &str) -> Value {
    let out = dataset("wh t", &["y"], lineage(&[("y", "crm p", "x", "DIRECT", false)]));
    run(
        id,
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({}))],
        vec![out],
    )
}

#[test]
fn an_event_is_taken_once_and_its_facts_follow() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, intake) = intake(folder.path());
    let server = server(db.clone(), &intake, None);
    let body = good("1").to_string();
    let reply = post(&server, &[], body.as_bytes());
    assert_eq!(
        (reply.status, &reply.json()["taken"]),
        (201, &json!(1)),
        "{reply:?}"
    );
    let again = post(&server, &[], format!("[{body}, {}]", good("2")).as_bytes());
    assert_eq!(
        (&again.json()["taken"], &again.json()["repeated"]),
        (&json!(1), &json!(1))
    );
    let applied = intake.apply(Unfinished::Awaited).expect("facts");
    assert!(applied.receipt.is_some());
    assert!(
        db.snapshot()
            .fields()
            .iter()
            .any(|field| field.id.as_str() == "wh/t#y")
    );
    assert!(
        intake
            .apply(Unfinished::Awaited)
            .expect("nothing")
            .receipt
            .is_none()
    );
    let counts = counts(&server);
    assert_eq!(
        (&counts["events"], &counts["applied"], &counts["runs"]),
        (&json!(2), &json!(2), &json!(2))
    );
}

#[test]
fn packed_bodies_keys_and_wrong_methods() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, intake) = intake(folder.path());
    let server = server(db, &intake, Some("sesame"));
    let body = good("1").to_string();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body.as_bytes()).expect("packed");
    let packed = encoder.finish().expect("packed");
    let key = ("authorization", "Bearer sesame");
    assert_eq!(post(&server, &[], body.as_bytes()).code(), "UNAUTHORIZED");
    assert_eq!(
        post(&server, &[("authorization", "Bearer sesam")], body.as_bytes()).status,
        401
    );
    assert_eq!(
        post(&server, &[key, ("content-encoding", "gzip")], &packed).status,
        201
    );
    assert_eq!(post(&server, &[key], body.as_bytes()).json()["repeated"], 1);
    assert_eq!(
        post(&server, &[key, ("content-encoding", "br")], body.as_bytes()).status,
        415
    );
    assert_eq!(
        send(server.address, "PUT", "/api/v1/lineage", &[key], b"{}").status,
        405
    );
    let plain = send(
        server.address,
        "POST",
        "/api/v1/lineage",
        &[key, ("content-type", "text/plain")],
        b"{}",
    );
    assert_eq!(plain.status, 415);
    // The name of a coding has no case.
    assert_eq!(
        post(&server, &[key, ("content-encoding", "GZip")], &packed).status,
        201
    );
}

#[test]
fn addresses_joined_with_a_slash_too_many_are_taken_and_others_are_told_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, intake) = intake(folder.path());
    let server = server(db, &intake, Some("sesame"));
    let body = good("1").to_string();
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer sesame"),
    ];
    let at =
        |path: &str, headers: &[(&str, &str)]| send(server.address, "POST", path, headers, body.as_bytes());
    for path in ["/api/v1/lineage/", "//api/v1/lineage"] {
        assert_eq!(at(path, &headers).status, 201, "{path}");
        assert_eq!(at(path, &headers[..1]).code(), "UNAUTHORIZED", "{path}");
        // A page elsewhere is kept out there too.
        let foreign = [headers[0], headers[1], ("sec-fetch-site", "cross-site")];
        assert_eq!(at(path, &foreign).code(), "FORBIDDEN", "{path}");
    }
    for path in ["/api/v1/", "/api/v2/lineage", "/api/v1/lineage/batch"] {
        let told = at(path, &headers);
        assert_eq!((told.status, told.code().as_ref()), (404, "NOT_FOUND"), "{path}");
        let message = told.json()["errors"][0]["message"].to_string();
        assert!(message.contains("/api/v1/lineage"), "{message}");
    }
    let doubled = body.replacen("\"eventType\"", "\"eventType\":\"START\",\"eventType\"", 1);
    let refused = send(
        server.address,
        "POST",
        "/api/v1/lineage",
        &headers,
        doubled.as_bytes(),
    );
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["errors"][0]["extensions"]["path"], "/eventType");
    let counted = send(server.address, "GET", "/api/v1/lineage", &headers[1..], b"").json();
    assert_eq!(counted["refused"]["OPENLINEAGE_DOUBLED_KEY"], 1, "{counted}");
}

#[test]
fn refusals_are_counted_the_same_over_http_and_graphql() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, intake) = intake(folder.path());
    let server = server(db, &intake, None);
    let mut without_time = good("1");
    without_time["eventTime"] = json!(7);
    let bad = json!([without_time, 7, {"eventTime": "2024-05-01T09:00:00Z"}, "x"]);
    let reply = post(&server, &[], bad.to_string().as_bytes());
    assert_eq!((reply.status, &reply.json()["refused"]), (400, &json!(4)));
    let refused = counts(&server)["refused"].clone();
    let query = json!({"query": "{ lineage { events refused { name count } } }"});
    let headers = [("content-type", "application/json")];
    let told = send(
        server.address,
        "POST",
        "/graphql",
        &headers,
        query.to_string().as_bytes(),
    )
    .json();
    let told = &told["data"]["lineage"];
    assert_eq!(told["events"], 0, "{told}");
    let told = told["refused"].as_array().expect("codes");
    assert_eq!(told.len(), 3, "{told:?}");
    for one in told {
        assert_eq!(
            one["count"],
            refused[one["name"].as_str().expect("a code")],
            "{one}"
        );
    }
}

#[test]
fn what_was_acknowledged_is_there_after_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let (_, intake) = intake(folder.path());
        intake.accept(good("1").to_string().as_bytes()).expect("taken");
        // Nothing is applied: as if the process had ended here.
    }
    let (db, intake) = intake(folder.path());
    assert_eq!(intake.counts().events, 1);
    assert!(
        intake
            .apply(Unfinished::Awaited)
            .expect("facts")
            .receipt
            .is_some()
    );
    assert!(
        db.snapshot()
            .fields()
            .iter()
            .any(|field| field.id.as_str() == "wh/t#y")
    );
    drop((db, intake));
    let (_, intake) = intake_again(folder.path());
    assert!(
        intake
            .apply(Unfinished::Awaited)
            .expect("nothing")
            .receipt
            .is_none(),
        "twice"
    );
}

fn intake_again(folder: &Path) -> (Db, Arc<Intake>) {
    intake(folder)
}

#[test]
fn a_fact_over_the_wire_points_at_the_line_that_maps_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "mapping: 1\ndatasets:\n  - {match: {namespace: crm}, processor: shop}\n  - {match: {namespace: wh}, processor: depot}\n";
    let (mapping, _) = Mapping::read(text, "mapping.yaml").expect("a mapping");
    let store = folder.path().join("store");
    let db = Db::open(&store, Mode::Create, AsOf::Now(clock)).expect("a store");
    let intake = Intake::open(&store, db.clone(), clock, mapping).expect("an intake");
    intake.accept(good("1").to_string().as_bytes()).expect("taken");
    intake.apply(Unfinished::Awaited).expect("facts");
    let facts = db.snapshot().facts().expect("facts");
    let flow = facts
        .iter()
        .find(|stated| matches!(&stated.fact, Fact::Act(act) if act.recipient.is_some()))
        .expect("a flow from one to the other");
    let place = flow.place.to_string();
    assert!(
        ["mapping.yaml:3:", "mapping.yaml:4:"]
            .iter()
            .any(|line| place.starts_with(line)),
        "{place}"
    );
}

#[test]
fn what_comes_late_corrects_and_takes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, intake) = intake(folder.path());
    let reader = |minute| {
        let out = dataset(
            "late copy",
            &["z"],
            lineage(&[("z", "wh t", "y", "DIRECT", false)]),
        );
        let mut event = run("2", "COMPLETE", minute, vec![], vec![out]);
        event["job"]["name"] = "reader".into();
        event
    };
    intake.accept(reader(2).to_string().as_bytes()).expect("taken");
    let first = intake.apply(Unfinished::Awaited).expect("facts");
    assert!(
        first
            .new
            .iter()
            .any(|item| item.node.to_json().to_string().contains("wh/t/there-before"))
    );
    // Now it turns out that a run wrote it before, with another column beside.
    let masked = dataset(
        "wh t",
        &["y", "more"],
        lineage(&[("y", "crm p", "x", "DIRECT", true)]),
    );
    let writer = run(
        "1",
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({}))],
        vec![masked],
    );
    intake.accept(writer.to_string().as_bytes()).expect("taken");
    let second = intake.apply(Unfinished::Awaited).expect("facts");
    assert!(
        second
            .retracted
            .iter()
            .any(|(_, id)| id.starts_with("wh/t/there-before")),
        "{:?}",
        second.retracted
    );
    assert!(
        !second.corrected.is_empty(),
        "what is made of a masked column is masked"
    );
    let fields = db.snapshot().fields();
    let state = |id: &str| {
        fields
            .iter()
            .find(|field| field.id.as_str() == id)
            .expect("a field")
            .state
    };
    assert_eq!(state("late/copy#z").as_str(), "deidentified");
    // The same events in the other order give the same facts.
    let other = tempfile::tempdir().expect("a folder");
    let (again, swapped) = self::intake(other.path());
    for event in [writer, reader(2)] {
        swapped.accept(event.to_string().as_bytes()).expect("taken");
    }
    swapped.apply(Unfinished::Awaited).expect("facts");
    let stated = |db: &Db| {
        let mut facts: Vec<String> = db
            .snapshot()
            .facts()
            .expect("facts")
            .iter()
            .map(|one| format!("{:?}", one.fact))
            .collect();
        facts.sort();
        facts
    };
    assert_eq!(stated(&db), stated(&again));
    assert!(
        intake
            .apply(Unfinished::Awaited)
            .expect("nothing")
            .receipt
            .is_none()
    );
    drop((db, intake));
    let (_, reopened) = intake_again(folder.path());
    let nothing = reopened.apply(Unfinished::Awaited).expect("nothing");
    assert!(
        nothing.receipt.is_none(),
        "{:?} {:?}",
        nothing.corrected,
        nothing.retracted
    );
}
