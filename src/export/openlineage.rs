//! OpenLineage events, one a line: each act that carries or ends data is a run of its own.
//!
//! A processor becomes a namespace, what it holds the dataset `data` in it, and a field a column of that. Whose data
//! it was, permissions, duties and rules have no place in OpenLineage and are left out; purpose, recipient and
//! safeguards go into the facet `wherefore`, which this program reads again.

use serde_json::{Map, Value, json};

use super::Record;
use crate::model::fact::{Act, Fact, Processor};
use crate::model::time::{When, print_utc};
use crate::model::word::{ActKind, Carries, Method};

const PRODUCER: &str = "https://wherefore.invalid/export";
const SPEC: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs";
const FACETS: &str = "https://openlineage.io/spec/facets";
/// The dataset that stands for everything a processor holds.
const DATASET: &str = "data";

/// The events.
pub fn events(record: Record<'_>) -> String {
    let processors: Vec<&Processor> = record
        .facts
        .iter()
        .filter_map(|stated| {
            if let Fact::Processor(processor) = &stated.fact {
                Some(processor)
            } else {
                None
            }
        })
        .collect();
    let mut text = String::new();
    for act in record.acts() {
        for event in of_act(act, &processors) {
            text.push_str(&event.to_string());
            text.push('\n');
        }
    }
    text
}

fn of_act(act: &Act, processors: &[&Processor]) -> Vec<Value> {
    let actor = act.actor.as_str();
    let fields: Vec<&str> = act.fields.iter().map(crate::model::id::FieldId::as_str).collect();
    let makes: Vec<&str> = act.makes.iter().map(crate::model::id::FieldId::as_str).collect();
    let lineage = |from: &str, into: Vec<(&str, Vec<&str>)>| lineage(act, from, into);
    let (inputs, outputs) = match act.kind {
        ActKind::Collect => (vec![], vec![dataset(actor, &fields, vec![], processors)]),
        ActKind::Derive => {
            let into = makes.iter().map(|made| (*made, fields.clone())).collect();
            let facets = lineage(actor, into);
            (
                vec![read(dataset(actor, &fields, vec![], processors), &fields)],
                vec![written(act, dataset(actor, &makes, facets, processors))],
            )
        }
        ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign | ActKind::Disclose => {
            let Some(to) = &act.recipient else {
                return Vec::new();
            };
            let into = fields.iter().map(|field| (*field, vec![*field])).collect();
            let facets = lineage(actor, into);
            (
                vec![read(dataset(actor, &fields, vec![], processors), &fields)],
                vec![written(act, dataset(to.as_str(), &fields, facets, processors))],
            )
        }
        ActKind::Use => (
            vec![read(dataset(actor, &fields, vec![], processors), &fields)],
            vec![],
        ),
        // A deletion of some fields is no change of a whole dataset, and the others carry nothing.
        ActKind::Delete | ActKind::Store | ActKind::Correct | ActKind::Restrict => return Vec::new(),
    };
    let mut says = Map::new();
    if let Some(purpose) = &act.purpose {
        says.insert("purpose".to_owned(), purpose.as_str().into());
    }
    if act.kind == ActKind::Use {
        // What reads and writes nothing is otherwise taken for a flow to the job.
        says.insert("party".to_owned(), json!({ "id": actor }));
    }
    if !act.safeguards.is_empty() {
        says.insert(
            "safeguards".to_owned(),
            act.safeguards
                .iter()
                .map(crate::model::id::Safeguard::as_str)
                .collect(),
        );
    }
    let mut facets = Map::new();
    facets.insert(
        "wherefore".to_owned(),
        own_facet("WhereforeJobFacet", Value::Object(says)),
    );
    let event = |state: Option<&str>, at, facets: &Map<String, Value>| {
        let mut event = json!({
            "eventTime": print_utc(at),
            "producer": PRODUCER,
            "schemaURL": format!("{SPEC}/{}", if state.is_some() { "RunEvent" } else { "JobEvent" }),
            "job": {"namespace": "wherefore", "name": act.id.as_str(), "facets": facets},
            "inputs": inputs,
            "outputs": outputs,
        });
        if let Some(state) = state {
            event["eventType"] = state.into();
            event["run"] = json!({"runId": run_id(act.id.as_str()), "facets": {}});
        }
        event
    };
    match act.at {
        When::Instant(at) => vec![event(Some("COMPLETE"), at, &facets)],
        When::Between { earliest, latest, .. } => vec![
            event(Some("START"), earliest, &facets),
            event(Some("COMPLETE"), latest, &facets),
        ],
        standing @ (When::Standing { .. } | When::Stretching { .. }) => {
            let (from, stops) = (standing.start(), standing.standing().and_then(|(_, until)| until));
            let until = standing.end_bounds().map(|(_, latest)| latest).or(stops);
            let kind = json!({"processingType": "STREAMING", "integration": "WHEREFORE", "jobType": act.kind.as_str()});
            facets.insert("jobType".to_owned(), facet("2-0-3/JobTypeJobFacet.json", kind));
            let mut events = vec![event(Some("START"), from, &facets)];
            events.extend(until.map(|until| event(Some("COMPLETE"), until, &facets)));
            events
        }
    }
}

/// The facet of column lineage. Datasets without it may carry anything: so an act that possibly carries says nothing.
fn lineage(act: &Act, from: &str, into: Vec<(&str, Vec<&str>)>) -> Vec<(&'static str, Value)> {
    let kind = match act.carries {
        Carries::Surely => "DIRECT",
        Carries::Influence => "INDIRECT",
        Carries::Possible => return Vec::new(),
    };
    let masking = act.method == Some(Method::Deidentify);
    let columns: Map<String, Value> = into
        .into_iter()
        .map(|(column, sources)| {
            let inputs: Vec<Value> = sources
                .iter()
                .map(|source| {
                    json!({"namespace": from, "name": DATASET, "field": source,
                           "transformations": [{"type": kind, "masking": masking}]})
                })
                .collect();
            (column.to_owned(), json!({ "inputFields": inputs }))
        })
        .collect();
    let told = facet(
        "1-2-0/ColumnLineageDatasetFacet.json",
        json!({ "fields": columns }),
    );
    vec![("columnLineage", told)]
}

fn dataset(
    processor: &str,
    columns: &[&str],
    more: Vec<(&'static str, Value)>,
    processors: &[&Processor],
) -> Value {
    let fields: Vec<Value> = columns.iter().map(|column| json!({ "name": column })).collect();
    let mut facets = Map::new();
    facets.insert(
        "schema".to_owned(),
        facet("1-2-0/SchemaDatasetFacet.json", json!({ "fields": fields })),
    );
    let mut party = json!({ "id": processor });
    if let Some(known) = processors.iter().find(|known| known.id.as_str() == processor) {
        party["kind"] = known.kind.as_str().into();
        if let Some(country) = &known.country {
            party["country"] = country.as_str().into();
        }
    }
    facets.insert(
        "wherefore".to_owned(),
        own_facet("WhereforeDatasetFacet", json!({ "party": party })),
    );
    for (name, value) in more {
        facets.insert(name.to_owned(), value);
    }
    json!({"namespace": processor, "name": DATASET, "facets": facets})
}

/// The dataset, with the columns that were read.
fn read(mut dataset: Value, columns: &[&str]) -> Value {
    dataset["facets"]["wherefore"]["read"] = columns.to_vec().into();
    dataset
}

/// The dataset as this act writes it. If the act brings nothing for certain, nothing may be there: without a word about
/// that a reader would take what it shows for new.
fn written(act: &Act, mut dataset: Value) -> Value {
    if act.carries != Carries::Surely {
        dataset["facets"]["wherefore"]["onlyInputs"] = true.into();
    }
    dataset
}

fn facet(file: &str, value: Value) -> Value {
    with_head(value, format!("{FACETS}/{file}"))
}

fn own_facet(name: &str, value: Value) -> Value {
    with_head(
        value,
        format!("https://wherefore.invalid/schema/facets/{name}.json"),
    )
}

fn with_head(mut value: Value, schema: String) -> Value {
    value["_producer"] = PRODUCER.into();
    value["_schemaURL"] = schema.into();
    value
}

/// A UUID (version 8) made from the name of an act, so that the same act is the same run.
fn run_id(act: &str) -> String {
    let hash = blake3::hash(act.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = bytes.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
