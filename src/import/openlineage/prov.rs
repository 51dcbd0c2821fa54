//! PROV-JSON as events: activities are runs, entities are data, agents hold it.
//!
//! `wasDerivedFrom` says what went into what. An activity that used and generated entities without it may have put any
//! of the one into any of the other. Bundles and the other relations of PROV say nothing about where data went.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::read::{At, Refusal};

/// The one column of an entity.
const VALUE: &str = "value";
/// The namespace of entities that are attributed to nobody.
const NOBODY: &str = "prov";

/// Whether a document is PROV-JSON.
pub fn is_prov(document: &Value) -> bool {
    document.get("entity").is_some_and(Value::is_object)
        && ["activity", "wasDerivedFrom", "wasGeneratedBy", "used", "agent"]
            .iter()
            .any(|key| document.get(key).is_some_and(Value::is_object))
}

/// The document as OpenLineage events. `at` stands for activities without a time.
pub fn events(document: &Value, at: &str) -> Result<Vec<Value>, Refusal> {
    let root = At::root(document);
    let mut holders: BTreeMap<String, String> = BTreeMap::new();
    relations(&root, "wasAttributedTo", |relation| {
        let entity = relation.need("prov:entity")?.text()?.to_owned();
        holders.insert(entity, relation.need("prov:agent")?.text()?.to_owned());
        Ok(())
    })?;
    let mut runs: BTreeMap<Option<String>, Run> = BTreeMap::new();
    let activity_of = |relation: &At<'_, '_>| -> Result<Option<String>, Refusal> {
        relation
            .get("prov:activity")
            .map(|at| at.text().map(str::to_owned))
            .transpose()
    };
    relations(&root, "used", |relation| {
        if let Some(entity) = relation.get("prov:entity") {
            let run = runs.entry(activity_of(relation)?).or_default();
            run.inputs.insert(entity.text()?.to_owned());
        }
        Ok(())
    })?;
    relations(&root, "wasGeneratedBy", |relation| {
        let entity = relation.need("prov:entity")?.text()?.to_owned();
        runs.entry(activity_of(relation)?)
            .or_default()
            .outputs
            .entry(entity)
            .or_default();
        Ok(())
    })?;
    relations(&root, "wasDerivedFrom", |relation| {
        let made = relation.need("prov:generatedEntity")?.text()?.to_owned();
        let from = relation.need("prov:usedEntity")?.text()?.to_owned();
        let run = runs.entry(activity_of(relation)?).or_default();
        run.inputs.insert(from.clone());
        run.outputs.entry(made).or_default().insert(from);
        Ok(())
    })?;
    let label = |entity: &str| {
        let holder = holders.get(entity).map_or(NOBODY, String::as_str);
        json!({"namespace": holder, "name": entity, "facets": {"schema": {"fields": [{"name": VALUE}]}}})
    };
    let mut events = Vec::new();
    for (activity, run) in runs {
        let about = activity.as_ref().and_then(|id| document["activity"].get(id));
        let time = |key: &str| about.and_then(|about| about.get(key)?.as_str());
        let name = activity.as_deref().unwrap_or("derivations without an activity");
        let inputs: Vec<Value> = run.inputs.iter().map(|entity| label(entity)).collect();
        let outputs: Vec<Value> = run
            .outputs
            .iter()
            .map(|(made, sources)| {
                let mut dataset = label(made);
                if !sources.is_empty() {
                    let from: Vec<Value> = sources
                        .iter()
                        .map(|source| {
                            let mut input = label(source);
                            input["field"] = VALUE.into();
                            input["transformations"] = json!([{"type": "DIRECT"}]);
                            input
                        })
                        .collect();
                    let mut fields = Map::new();
                    fields.insert(VALUE.to_owned(), json!({ "inputFields": from }));
                    dataset["facets"]["columnLineage"] = json!({ "fields": fields });
                }
                dataset
            })
            .collect();
        events.push(json!({
            "eventTime": time("prov:endTime").or_else(|| time("prov:startTime")).unwrap_or(at),
            "eventType": "COMPLETE",
            "producer": "prov",
            "run": {"runId": name},
            "job": {"namespace": "prov", "name": name},
            "inputs": inputs,
            "outputs": outputs,
        }));
    }
    Ok(events)
}

#[derive(Default)]
struct Run {
    inputs: BTreeSet<String>,
    outputs: BTreeMap<String, BTreeSet<String>>,
}

/// Each relation of a kind; several may share a name as a list.
fn relations(
    root: &At<'_, '_>,
    kind: &str,
    mut with: impl FnMut(&At<'_, '_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    root.entries(kind, |_, relation| {
        if let Some(all) = relation.value.as_array() {
            for one in all {
                with(&At::root(one))?;
            }
            return Ok(());
        }
        relation.object()?;
        with(&relation)
    })
}
