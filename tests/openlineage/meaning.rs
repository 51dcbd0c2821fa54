//! What events mean: facts, answers, and that the order of arrival means nothing.

use std::sync::Arc;

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::draft;
use wherefore::import::mapping::Mapping;
use wherefore::import::openlineage::{self, Gathered, Unfinished, event};
use wherefore::model::question::{Answer, Found, Question, ReachQuestion};
use wherefore::model::word::{Ties, Verdict};

/// A dataset with columns, the first word being its namespace.
pub fn dataset(name: &str, columns: &[&str], facets: Value) -> Value {
    let (namespace, name) = name.split_once(' ').expect("namespace and name");
    let fields: Vec<Value> = columns.iter().map(|column| json!({ "name": column })).collect();
    let mut all = json!({"schema": {"fields": fields}});
    let Value::Object(facets) = facets else {
        panic!("facets are an object: {facets}");
    };
    for (key, value) in facets {
        all[key] = value;
    }
    json!({"namespace": namespace, "name": name, "facets": all})
}

/// Column lineage: column, source dataset, source column, kind, masking.
pub fn lineage(edges: &[(&str, &str, &str, &str, bool)]) -> Value {
    let mut fields = json!({});
    for (column, from, field, kind, masking) in edges {
        let (namespace, name) = from.split_once(' ').expect("namespace and name");
        let input = json!({"namespace": namespace, "name": name, "field": field,
                           "transformations": [{"type": kind, "subtype": "", "masking": masking}]});
        if fields.get(column).is_none() {
            fields[*column] = json!({"inputFields": []});
        }
        fields[*column]["inputFields"]
            .as_array_mut()
            .expect("a list")
            .push(input);
    }
    json!({"columnLineage": {"fields": fields}})
}

pub fn run(id: &str, state: &str, minute: u32, inputs: Vec<Value>, outputs: Vec<Value>) -> Value {
    json!({"eventTime": format!("2024-05-01T09:{minute:02}:00Z"), "eventType": state, "producer": "p", "schemaURL": "s",
           "run": {"runId": id}, "job": {"namespace": "jobs", "name": format!("job-{id}")},
           "inputs": Value::Array(inputs), "outputs": Value::Array(outputs)})
}

pub fn gathered(events: &[Value]) -> Gathered {
    let mut gathered = Gathered::default();
    let name: Arc<str> = "events".into();
    for value in events {
        let event = event::event(value, None).unwrap_or_else(|refusal| panic!("{refusal}: {value}"));
        gathered.add(event, &draft::place(&name, 1));
    }
    gathered
}

pub fn snapshot(events: &[Value], mapping: &str) -> Snapshot {
    let mapping = mapping_of(mapping);
    let document = openlineage::document(&gathered(events), &mapping, "events", true)
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    Snapshot::of_document(document)
}

fn mapping_of(text: &str) -> Mapping {
    if text.is_empty() {
        return Mapping::default();
    }
    Mapping::read(text, "mapping.yaml")
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
        .0
}

pub fn facts(events: &[Value], mapping: &str) -> Vec<String> {
    let items = openlineage::facts(&gathered(events), &mapping_of(mapping), Unfinished::Stated);
    items
        .iter()
        .map(|item| format!("{} {}", item.section, item.node.to_json()))
        .collect()
}

pub fn reach(snapshot: &Snapshot, field: &str, to: &str, influence: bool) -> Answer {
    let question = ReachQuestion {
        influence,
        ..ReachQuestion::new(field.into(), to.into(), "everyone".into())
    };
    snapshot.ask(&Question::Reach(question), None).expect("an answer")
}

/// crm.people → wh.hashed (masked), wh.joined (filter only) → out.mails, with column lineage throughout.
fn chain() -> Vec<Value> {
    let people = || dataset("crm people", &["email", "city"], json!({}));
    let stage = dataset(
        "wh stage",
        &["email", "hash", "n"],
        lineage(&[
            ("email", "crm people", "email", "DIRECT", false),
            ("hash", "crm people", "email", "DIRECT", true),
            ("n", "crm people", "city", "INDIRECT", false),
        ]),
    );
    let mails = dataset(
        "out mails",
        &["to"],
        lineage(&[("to", "wh stage", "email", "DIRECT", false)]),
    );
    let counts = dataset(
        "stats counts",
        &["n"],
        lineage(&[("n", "wh stage", "n", "DIRECT", false)]),
    );
    vec![
        run("1", "START", 0, vec![people()], vec![]),
        run("1", "COMPLETE", 1, vec![], vec![stage]),
        run(
            "2",
            "COMPLETE",
            2,
            vec![dataset("wh stage", &[], json!({}))],
            vec![mails],
        ),
        run(
            "3",
            "COMPLETE",
            3,
            vec![dataset("wh stage", &[], json!({}))],
            vec![counts],
        ),
    ]
}

#[test]
fn column_lineage_is_followed_column_by_column() {
    let snapshot = snapshot(&chain(), "");
    let yes = reach(&snapshot, "crm/people#email", "out", false);
    assert_eq!(yes.verdict, Verdict::Yes, "{yes:?}");
    assert_eq!(
        reach(&snapshot, "crm/people#city", "out", false).verdict,
        Verdict::No
    );
    assert_eq!(
        reach(&snapshot, "wh/stage#hash", "out", false).verdict,
        Verdict::No
    );
}

#[test]
fn influence_counts_only_when_it_is_asked_for() {
    let snapshot = snapshot(&chain(), "");
    assert_eq!(
        reach(&snapshot, "crm/people#city", "stats", false).verdict,
        Verdict::No
    );
    assert_eq!(
        reach(&snapshot, "crm/people#city", "stats", true).verdict,
        Verdict::Yes
    );
}

#[test]
fn masked_columns_are_deidentified_and_never_anonymized() {
    let facts = facts(&chain(), "");
    let hash = facts
        .iter()
        .find(|fact| fact.starts_with("fields") && fact.contains("wh/stage#hash"));
    assert!(
        hash.is_some_and(|fact| fact.contains("\"deidentified\"")),
        "{facts:#?}"
    );
    let derived = facts
        .iter()
        .any(|fact| fact.contains("\"makes\":[\"wh/stage#hash\"]") && fact.contains("deidentify"));
    assert!(derived, "{facts:#?}");
    assert!(!facts.iter().any(|fact| fact.contains("anonym")));
}

#[test]
fn what_is_known_of_whole_datasets_only_is_possible_and_says_so() {
    let events = [run(
        "1",
        "COMPLETE",
        1,
        vec![dataset("crm people", &["email", "city"], json!({}))],
        vec![dataset("out mails", &["to"], json!({}))],
    )];
    let answer = reach(&snapshot(&events, ""), "crm/people#city", "out", false);
    assert_eq!(answer.verdict, Verdict::Possible);
    assert_eq!(answer.reasons[0].code, "possible");
}

#[test]
fn a_run_that_fails_or_never_ends_may_have_carried() {
    for state in ["FAIL", "START"] {
        let mut events = chain();
        events[2]["eventType"] = state.into();
        let answer = reach(&snapshot(&events, ""), "crm/people#email", "out", false);
        assert_eq!(answer.verdict, Verdict::Possible, "{state}");
    }
}

#[test]
fn a_run_that_writes_nothing_is_a_sink_that_stays() {
    let people = dataset("crm people", &["email"], json!({}));
    let events = [run("9", "COMPLETE", 1, vec![people.clone()], vec![])];
    let answer = reach(
        &snapshot(&events, ""),
        "crm/people#email",
        "job:jobs/job-9",
        false,
    );
    assert_eq!(
        answer.verdict,
        Verdict::Possible,
        "which columns it read is not told"
    );
    let told = dataset(
        "crm people",
        &["email"],
        json!({"wherefore": {"read": ["email"]}}),
    );
    let mut event = run("9", "COMPLETE", 1, vec![told], vec![]);
    event["job"]["facets"] =
        json!({"wherefore": {"recipient": {"id": "mailer", "country": "US"}, "purpose": "newsletter"}});
    let answer = reach(&snapshot(&[event], ""), "crm/people#email", "mailer", false);
    assert_eq!(answer.verdict, Verdict::Yes);
}

#[test]
fn rows_dropped_are_held_no_longer() {
    let holders = |events: &[Value]| {
        let question = Question::Holders {
            field: "wh/stage#email".into(),
            subject: "everyone".into(),
            at: None,
            ties: Ties::Recorded,
        };
        let answer = snapshot(events, "").ask(&question, None).expect("an answer");
        let Found::Holders(holders) = answer.found else {
            panic!("{:?}", answer.found);
        };
        holders.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let mut events = chain();
    assert_eq!(holders(&events), ["crm", "wh"], "made where its source lies");
    for change in ["DROP", "TRUNCATE"] {
        let change = json!({"lifecycleStateChange": {"lifecycleStateChange": change}});
        let mut events = events.clone();
        events.push(run(
            "4",
            "COMPLETE",
            4,
            vec![],
            vec![dataset("wh stage", &[], change)],
        ));
        assert_eq!(holders(&events), ["crm"]);
    }
    let change = json!({"lifecycleStateChange": {"lifecycleStateChange": "OVERWRITE"}});
    events.push(run(
        "4",
        "COMPLETE",
        4,
        vec![],
        vec![dataset("wh stage", &["email"], change)],
    ));
    assert_eq!(holders(&events), ["crm", "wh"], "new rows have come");
}

#[test]
fn a_ring_of_plain_copies_is_not_masked() {
    let ring = |to: &str, from: &str, masking| {
        let minute = 1;
        run(
            to,
            "COMPLETE",
            minute,
            vec![],
            vec![dataset(
                &format!("r {to}"),
                &["x"],
                lineage(&[("x", &format!("r {from}"), "x", "DIRECT", masking)]),
            )],
        )
    };
    let plain = facts(&[ring("a", "b", false), ring("b", "a", false)], "");
    assert!(
        !plain.iter().any(|fact| fact.contains("deidentified")),
        "{plain:#?}"
    );
    let masked = facts(&[ring("a", "b", true), ring("c", "a", false)], "");
    let is_masked = |name: &str| {
        masked
            .iter()
            .any(|fact| fact.contains(&format!("\"id\":\"r/{name}#x\"")) && fact.contains("deidentified"))
    };
    assert!(is_masked("a") && is_masked("c") && !is_masked("b"), "{masked:#?}");
}

#[test]
fn renamed_data_goes_on_under_its_new_name() {
    let mut events = chain();
    let rename = json!({"lifecycleStateChange": {"lifecycleStateChange": "RENAME",
        "previousIdentifier": {"namespace": "wh", "name": "stage"}}});
    events.push(run(
        "4",
        "COMPLETE",
        4,
        vec![],
        vec![dataset("wh renamed", &["email"], rename)],
    ));
    events.push(run(
        "5",
        "COMPLETE",
        5,
        vec![dataset("wh renamed", &[], json!({}))],
        vec![dataset(
            "late copy",
            &["x"],
            lineage(&[("x", "wh renamed", "email", "DIRECT", false)]),
        )],
    ));
    assert_eq!(
        reach(&snapshot(&events, ""), "crm/people#email", "late", false).verdict,
        Verdict::Yes
    );
}

#[test]
fn the_order_of_arrival_and_repetition_mean_nothing() {
    let Some(emitted) = super::fixtures::emitted() else {
        return;
    };
    let mut events: Vec<Value> = emitted.into_iter().map(|(_, value)| value).collect();
    events.extend(chain());
    let sorted = facts(&events, "");
    // A shuffle that is the same every time.
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..20 {
        for at in (1..events.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let other = usize::try_from(state % (u64::try_from(at).unwrap() + 1)).unwrap();
            events.swap(at, other);
        }
        assert!(facts(&events, "") == sorted, "another order gave other facts");
    }
    let twice: Vec<Value> = events.iter().chain(&events).cloned().collect();
    assert!(facts(&twice, "") == sorted, "the same again gave other facts");
}

#[test]
fn facts_of_emitted_events_are_a_document() {
    let Some(emitted) = super::fixtures::emitted() else {
        return;
    };
    let events: Vec<Value> = emitted.into_iter().map(|(_, value)| value).collect();
    let snapshot = snapshot(&events, "");
    let answer = reach(&snapshot, "file//tmp/cll_test/cll_source1#b", "file", false);
    assert_eq!(answer.verdict, Verdict::Yes, "{answer:?}");
}

#[test]
fn a_purpose_comes_from_the_run_that_started_it() {
    let mut parent = run("p", "COMPLETE", 9, vec![], vec![]);
    parent["job"]["facets"] = json!({"processing": {"purpose": "billing", "legal_basis": "contract"}});
    let mut events = chain();
    events[2]["run"]["facets"] =
        json!({"parent": {"run": {"runId": "p"}, "job": {"namespace": "n", "name": "x"}}});
    events.push(parent);
    let facts = facts(&events, "");
    assert!(
        facts
            .iter()
            .any(|fact| fact.contains("job-2/2/") && fact.contains("\"purpose\":\"billing\"")),
        "{facts:#?}"
    );
}

#[test]
fn a_purpose_comes_from_the_job_that_started_a_run_when_that_sends_no_events() {
    let mut events = chain();
    events[2]["run"]["facets"] = json!({"parent": {"run": {"runId": "unseen"}, "job": {"namespace": "dags", "name": "billing_daily"}}});
    let mapping = "mapping: 1\njobs: [{match: {name: 'billing_*'}, purpose: billing}]\n";
    let stated = facts(&events, mapping);
    let is_told = |fact: &&String| fact.contains("job-2/2/") && fact.contains("\"purpose\":\"billing\"");
    assert!(stated.iter().any(|fact| is_told(&fact)), "{stated:#?}");
}

#[test]
fn kinds_of_people_that_a_dataset_is_about_go_along_with_its_lineage() {
    let about = |name: &str, columns: &[&str], kinds: &[&str]| {
        dataset(name, columns, json!({"wherefore": {"subjects": kinds}}))
    };
    let copy = |id: &str, from: Value, to: &str, edges: &[(&str, &str, &str, &str, bool)]| {
        let columns: Vec<&str> = edges.iter().map(|edge| edge.0).collect();
        run(
            id,
            "COMPLETE",
            id.parse().expect("a number"),
            vec![from],
            vec![dataset(to, &columns, lineage(edges))],
        )
    };
    let events = [
        copy(
            "1",
            about("crm p", &["mail"], &["customer"]),
            "wh t",
            &[("m", "crm p", "mail", "DIRECT", false)],
        ),
        copy(
            "2",
            about("hr q", &["mail"], &["employee"]),
            "wh u",
            &[("m", "hr q", "mail", "DIRECT", true)],
        ),
        copy(
            "3",
            dataset("wh t", &["m"], json!({})),
            "mart v",
            &[
                ("m", "wh t", "m", "DIRECT", false),
                ("m", "wh u", "m", "DIRECT", false),
            ],
        ),
        copy(
            "4",
            dataset("web w", &["m"], json!({})),
            "mart z",
            &[
                ("m", "web w", "m", "DIRECT", false),
                ("m", "wh u", "m", "DIRECT", false),
            ],
        ),
    ];
    let known = snapshot(&events, "");
    let verdict = |field: &str, to: &str, subject: &str| {
        let question = Question::Reach(ReachQuestion::new(field.into(), to.into(), subject.into()));
        known.ask(&question, None).expect("an answer").verdict
    };
    assert_eq!(verdict("crm/p#mail", "mart", "customer"), Verdict::Yes);
    assert_eq!(verdict("crm/p#mail", "mart", "employee"), Verdict::No);
    assert_eq!(verdict("hr/q#mail", "mart", "employee"), Verdict::Yes);
    assert_eq!(verdict("hr/q#mail", "wh", "everyone"), Verdict::No);
    // Beside data of everyone it is everyone's.
    for subject in ["everyone", "customer"] {
        assert_eq!(verdict("web/w#m", "mart", subject), Verdict::Yes, "{subject}");
    }
    let stated = facts(&events, "");
    let subjects = |job: &str| {
        let act = stated
            .iter()
            .find(|fact| fact.contains(&format!("{job}/")) && fact.contains("\"act\":\"derive\""));
        let act = act.unwrap_or_else(|| panic!("{job}: {stated:#?}"));
        act.split("\"subjects\":")
            .nth(1)
            .and_then(|rest| rest.split(",\"by\"").next())
            .map(str::to_owned)
    };
    assert_eq!(subjects("job-1/1").as_deref(), Some("[\"customer\"]"));
    assert_eq!(
        subjects("job-3/3").as_deref(),
        Some("[\"customer\",\"employee\"]")
    );
    assert_eq!(subjects("job-4/4").as_deref(), Some("\"everyone\""));
}

#[test]
fn what_happens_to_a_dataset_counts_among_inputs_too_and_a_renaming_without_the_old_name_is_counted() {
    let of = |state: &str| json!({"lifecycleStateChange": {"lifecycleStateChange": state}});
    let mut events = chain();
    events.push(run(
        "9",
        "COMPLETE",
        9,
        vec![dataset("wh stage", &[], of("TRUNCATE"))],
        vec![],
    ));
    let stated = facts(&events, "");
    let is_deleted = |fact: &&String| fact.contains("job-9/9/") && fact.contains("\"act\":\"delete\"");
    assert!(stated.iter().any(|fact| is_deleted(&fact)), "{stated:#?}");
    events.push(run(
        "10",
        "COMPLETE",
        10,
        vec![],
        vec![dataset("wh other", &["x"], of("RENAME"))],
    ));
    let unread = gathered(&events).unread;
    assert_eq!(unread.get("dataset.lifecycleStateChange"), Some(&1), "{unread:?}");
}

#[test]
fn a_stated_basis_is_evidence_and_permits_only_if_producers_are_believed() {
    let Some(folder) = super::fixtures::folder("art30") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("art30-emit-0.1.0.events.jsonl")).expect("a fixture");
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let recorded = facts(&events, "");
    assert!(
        recorded
            .iter()
            .any(|fact| fact.starts_with("evidence") && fact.contains("legal basis contract")),
        "{recorded:#?}"
    );
    assert!(!recorded.iter().any(|fact| fact.starts_with("authorizations")));
    let believed = facts(&events, "mapping: 1\nlegal_basis: authorizes\n");
    assert!(
        believed
            .iter()
            .any(|fact| fact.starts_with("authorizations") && fact.contains("\"basis\":\"contract\""))
    );
    assert!(
        recorded
            .iter()
            .any(|fact| fact.starts_with("fields") && fact.contains("\"category\":[\"contact\"]"))
    );
}
