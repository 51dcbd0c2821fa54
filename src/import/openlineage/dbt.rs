//! dbt manifests (v7 to v12), with the catalog beside them, as declarations: which model is made from which, what
//! columns there are, who the exposures are for.
//!
//! A manifest says which datasets a model reads and not which columns go where, so its flows are possible; what
//! `dbt-ol` emits says more. A test or an analysis makes no dataset and is left out.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds of a JSON value are what they are"
)]

use serde_json::{Map, Value, json};

use super::read::{At, Refusal};
use crate::model::place::ProblemCode;

/// Versions of the manifest that are read.
const VERSIONS: std::ops::RangeInclusive<u32> = 7..=12;

/// Whether a document is a dbt manifest.
pub fn is_manifest(document: &Value) -> bool {
    version(document, "manifest").is_some()
}

/// Whether a document is a dbt catalog.
pub fn is_catalog(document: &Value) -> bool {
    version(document, "catalog").is_some()
}

fn version(document: &Value, kind: &str) -> Option<u32> {
    let text = document.get("metadata")?.get("dbt_schema_version")?.as_str()?;
    let (_, file) = text.split_once(&format!("/dbt/{kind}/v"))?;
    file.strip_suffix(".json")?.parse().ok()
}

/// The manifest as OpenLineage events about jobs and datasets.
pub fn events(manifest: &Value, catalog: Option<&Value>) -> Result<Vec<Value>, Refusal> {
    let root = At::root(manifest);
    let known = version(manifest, "manifest").filter(|version| VERSIONS.contains(version));
    if known.is_none() {
        return Err(root.refuse(
            ProblemCode::EventKind,
            "this is no dbt manifest of a version that is known",
            "versions 7 to 12 are read; `dbt parse` writes target/manifest.json",
        ));
    }
    let metadata = root.need("metadata")?;
    let at = metadata.need("generated_at")?.text()?.to_owned();
    let adapter = metadata.get("adapter_type").map_or(Ok("dbt"), |at| at.text())?;
    let project = metadata.get("project_name").map_or(Ok("dbt"), |at| at.text())?;
    let from = Manifest {
        manifest,
        catalog,
        namespace: format!("{adapter}:{project}"),
        project,
        at,
    };
    let mut events = Vec::new();
    for section in ["sources", "nodes"] {
        root.entries(section, |id, node| {
            node.object()?;
            if let Some(dataset) = from.dataset(id) {
                events.push(from.event(json!({ "dataset": dataset })));
                events.extend(from.job(id, &node));
            }
            Ok(())
        })?;
    }
    root.entries("exposures", |id, node| {
        node.object()?;
        events.push(from.exposure(id, &node)?);
        Ok(())
    })?;
    Ok(events)
}

#[allow(
    clippy::struct_field_names,
    reason = "dbt calls the document itself a manifest"
)]
struct Manifest<'a> {
    manifest: &'a Value,
    catalog: Option<&'a Value>,
    namespace: String,
    project: &'a str,
    at: String,
}

impl Manifest<'_> {
    /// A source, model, seed or snapshot as a dataset; ephemeral models have none.
    fn dataset(&self, id: &str) -> Option<Value> {
        let node = self.manifest["sources"]
            .get(id)
            .or_else(|| self.manifest["nodes"].get(id))?;
        let kind = node["resource_type"].as_str().unwrap_or("source");
        let is_ephemeral = node["config"]["materialized"] == "ephemeral";
        if !matches!(kind, "source" | "model" | "seed" | "snapshot") || is_ephemeral {
            return None;
        }
        let alias = ["identifier", "alias", "name"]
            .iter()
            .find_map(|key| node[*key].as_str())?;
        let parts = [node["database"].as_str(), node["schema"].as_str(), Some(alias)];
        let name: Vec<&str> = parts.into_iter().flatten().collect();
        let mut columns: Vec<String> = Vec::new();
        let mut tags = Vec::new();
        let mut tag = |column: Option<&str>, meta: &Value| {
            for (key, value) in meta.as_object().into_iter().flatten() {
                let values = match value {
                    Value::Array(values) => values.clone(),
                    other => vec![other.clone()],
                };
                for value in values {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    tags.push(json!({"key": key, "value": text, "field": column}));
                }
            }
        };
        tag(None, meta(node));
        for (column, about) in node["columns"].as_object().into_iter().flatten() {
            columns.push(column.clone());
            tag(Some(column), meta(about));
        }
        let found = self.catalog.and_then(|catalog| {
            let of = |section: &str| catalog.get(section)?.get(id)?.get("columns")?.as_object();
            of("nodes").or_else(|| of("sources"))
        });
        for column in found.into_iter().flat_map(Map::keys) {
            if !columns.iter().any(|known| known.eq_ignore_ascii_case(column)) {
                columns.push(column.clone());
            }
        }
        let fields: Vec<Value> = columns.iter().map(|column| json!({ "name": column })).collect();
        Some(json!({"namespace": self.namespace, "name": name.join("."),
                    "facets": {"schema": {"fields": fields}, "tags": {"tags": tags}}}))
    }

    /// The datasets that a node reads, through ephemeral models to what those read.
    fn inputs(&self, id: &str, seen: &mut Vec<String>) -> Vec<Value> {
        let node = self.manifest["nodes"]
            .get(id)
            .or_else(|| self.manifest["exposures"].get(id));
        let parents = node.and_then(|node| node["depends_on"]["nodes"].as_array());
        let mut inputs = Vec::new();
        for parent in parents.into_iter().flatten().filter_map(Value::as_str) {
            if seen.iter().any(|known| known == parent) {
                continue;
            }
            seen.push(parent.to_owned());
            match self.dataset(parent) {
                Some(dataset) => inputs.push(dataset),
                None => inputs.extend(self.inputs(parent, seen)),
            }
        }
        inputs
    }

    fn job(&self, id: &str, node: &At<'_, '_>) -> Option<Value> {
        let inputs = self.inputs(id, &mut Vec::new());
        if inputs.is_empty() {
            return None;
        }
        let job = json!({"namespace": format!("dbt:{}", self.project), "name": id,
                         "facets": {"wherefore": purpose(meta(node.value))}});
        Some(self.event(json!({"job": job, "inputs": inputs, "outputs": [self.dataset(id)]})))
    }

    /// A dashboard, a model of machine learning or another use: its owner receives what it reads.
    fn exposure(&self, id: &str, node: &At<'_, '_>) -> Result<Value, Refusal> {
        let meta = meta(node.value);
        let mut says = purpose(meta);
        let recipient = ["recipient", "processor", "party"]
            .iter()
            .find_map(|key| meta.get(key));
        let owner = &node.value["owner"];
        let recipient = recipient
            .or_else(|| owner.get("name"))
            .or_else(|| owner.get("email"));
        says["recipient"] = match recipient {
            Some(Value::Null) | None => node.need("name")?.text()?.into(),
            Some(recipient) => recipient.clone(),
        };
        let job =
            json!({"namespace": format!("dbt:{}", self.project), "name": id, "facets": {"wherefore": says}});
        let inputs = self.inputs(id, &mut Vec::new());
        Ok(self.event(json!({"job": job, "inputs": inputs, "outputs": []})))
    }

    fn event(&self, mut about: Value) -> Value {
        about["eventTime"] = self.at.as_str().into();
        about["producer"] = "dbt".into();
        about
    }
}

/// `meta` of a node or column; newer versions have it under `config` only.
fn meta(node: &Value) -> &Value {
    match &node["meta"] {
        Value::Object(meta) if !meta.is_empty() => &node["meta"],
        _ => &node["config"]["meta"],
    }
}

fn purpose(meta: &Value) -> Value {
    let mut says = json!({});
    for key in ["purpose", "basis"] {
        if let Some(text) = meta.get(key).and_then(Value::as_str) {
            says[key] = text.into();
        }
    }
    says
}
