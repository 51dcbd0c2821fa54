//! `DataHub` metadata change proposals as events: `upstreamLineage` with its fine-grained lineages, schemas, terms, tags.
//!
//! Other aspects and entities are counted and kept nowhere: the file is the source of the facts, and stays with whoever
//! exported it.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds of a JSON value are what they are"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::read::{At, Refusal};
use crate::model::place::ProblemCode;

/// Whether a document is a proposal, or begins with one.
pub fn is_proposals(document: &Value) -> bool {
    let first = document.as_array().map_or(Some(document), |all| all.first());
    first.is_some_and(|first| first.get("entityUrn").is_some() && first.get("aspectName").is_some())
}

/// Proposals as OpenLineage events, and how many say something else, by entity or aspect. `at` stands for proposals that
/// have no time of their own.
pub fn events(proposals: &[Value], at: &str) -> Result<(Vec<Value>, BTreeMap<String, u64>), Refusal> {
    let mut events = Vec::new();
    let mut left: BTreeMap<String, u64> = BTreeMap::new();
    for (index, value) in proposals.iter().enumerate() {
        match proposal(value, at) {
            Ok(Read::Event(event)) => events.push(event),
            Ok(Read::Other(what)) => *left.entry(what).or_default() += 1,
            Err(refusal) => {
                return Err(Refusal {
                    path: format!("/{index}{}", refusal.path),
                    ..refusal
                });
            }
        }
    }
    Ok((events, left))
}

enum Read {
    Event(Value),
    /// The entity or aspect that says nothing about where data went.
    Other(String),
}

fn proposal(value: &Value, at: &str) -> Result<Read, Refusal> {
    let proposal = At::root(value);
    let urn = proposal.need("entityUrn")?.text()?;
    let name = proposal.need("aspectName")?.text()?;
    let Some(mut dataset) = dataset(urn) else {
        let kind = urn.strip_prefix("urn:li:").unwrap_or(urn).split(':').next();
        return Ok(Read::Other(kind.unwrap_or(urn).to_owned()));
    };
    let reads: fn(&At<'_, '_>) -> Result<Value, Refusal> = match name {
        "upstreamLineage" => lineage,
        "schemaMetadata" => schema,
        "editableSchemaMetadata" => edited,
        "glossaryTerms" | "globalTags" => whole,
        other => return Ok(Read::Other(other.to_owned())),
    };
    let aspect = proposal.need("aspect")?;
    // The value may stand as JSON, or as a text that is JSON.
    let inner = ["json", "value"].iter().find_map(|key| aspect.get(key));
    let inner = inner.unwrap_or(aspect);
    let parsed: Value = match inner.value {
        Value::String(text) => serde_json::from_str(text).map_err(|error| {
            inner.refuse(
                ProblemCode::EventSyntax,
                format!("this is not JSON: {error}"),
                "the value of an aspect is JSON as a text",
            )
        })?,
        other => other.clone(),
    };
    dataset["facets"] = reads(&At::root(&parsed))?;
    let time = value["systemMetadata"]["lastObserved"]
        .as_i64()
        .and_then(|millis| millis.checked_mul(1000))
        .filter(|micros| *micros > 0)
        .map(|micros| crate::model::time::print_utc(crate::model::time::Instant::from_micros(micros)));
    let at = time.as_deref().unwrap_or(at);
    Ok(Read::Event(
        json!({"eventTime": at, "producer": "datahub", "dataset": dataset}),
    ))
}

/// `urn:li:dataset:(urn:li:dataPlatform:PLATFORM,NAME,ENVIRONMENT)`; other entities are no datasets.
fn dataset(urn: &str) -> Option<Value> {
    let inner = urn.strip_prefix("urn:li:dataset:(")?.strip_suffix(')')?;
    let (platform, rest) = inner.split_once(',')?;
    let (name, environment) = rest.rsplit_once(',')?;
    let platform = platform.rsplit(':').next()?;
    Some(json!({"namespace": format!("{platform}:{environment}"), "name": name}))
}

/// `urn:li:schemaField:(DATASET,COLUMN)`, or the whole of a dataset.
fn column(urn: &str) -> Option<(Value, Option<String>)> {
    if let Some(whole) = dataset(urn) {
        return Some((whole, None));
    }
    let inner = urn.strip_prefix("urn:li:schemaField:(")?.strip_suffix(')')?;
    let (of, path) = inner.split_once("),")?;
    Some((dataset(&format!("{of})"))?, Some(plain(path))))
}

/// A path without the type annotations of version 2: `[version=2.0].[type=struct].address.[type=string].zip`.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('.')
        .filter(|part| !part.starts_with('[') && !part.ends_with(']'))
        .collect();
    parts.join(".")
}

fn lineage(root: &At<'_, '_>) -> Result<Value, Refusal> {
    let mut inputs = Vec::new();
    root.each("upstreams", |upstream| {
        if let Some(mut from) = dataset(upstream.need("dataset")?.text()?) {
            from["type"] = "DATASET".into();
            inputs.push(from);
        }
        Ok(())
    })?;
    let mut fields = json!({});
    root.each("fineGrainedLineages", |fine| {
        let operation = fine
            .get("transformOperation")
            .map(|at| at.text())
            .transpose()?
            .unwrap_or_default();
        let upper = operation.to_ascii_uppercase();
        let masking = ["HASH", "MASK", "TOKENI", "ENCRYPT"]
            .iter()
            .any(|word| upper.contains(word));
        let mut sources = Vec::new();
        fine.each("upstreams", |at| {
            if let Some((mut from, name)) = column(at.text()?) {
                from["type"] = "DATASET".into();
                if let Some(name) = name {
                    from["field"] = name.into();
                }
                from["transformations"] = json!([{"type": "DIRECT", "masking": masking}]);
                sources.push(from);
            }
            Ok(())
        })?;
        fine.each("downstreams", |at| {
            if let Some((_, Some(name))) = column(at.text()?) {
                let known = fields[&name]["inputs"].as_array().cloned().unwrap_or_default();
                fields[name] =
                    json!({"inputs": known.into_iter().chain(sources.iter().cloned()).collect::<Vec<_>>()});
            }
            Ok(())
        })
    })?;
    Ok(json!({"lineage": {"inputs": inputs, "fields": fields}}))
}

fn schema(root: &At<'_, '_>) -> Result<Value, Refusal> {
    let (mut fields, mut all) = (Vec::new(), Vec::new());
    root.each("fields", |field| {
        let name = plain(field.need("fieldPath")?.text()?);
        of_column(&field, &name, &mut all)?;
        fields.push(json!({ "name": name }));
        Ok(())
    })?;
    Ok(json!({"schema": {"fields": fields}, "tags": {"tags": all}}))
}

/// What people added to columns.
fn edited(root: &At<'_, '_>) -> Result<Value, Refusal> {
    let mut all = Vec::new();
    root.each("editableSchemaFieldInfo", |field| {
        let name = plain(field.need("fieldPath")?.text()?);
        of_column(&field, &name, &mut all)
    })?;
    Ok(json!({"tags": {"tags": all}}))
}

fn of_column(field: &At<'_, '_>, name: &str, all: &mut Vec<Value>) -> Result<(), Refusal> {
    for key in ["glossaryTerms", "globalTags"] {
        if let Some(at) = field.get(key) {
            tags(&at, Some(name), all)?;
        }
    }
    Ok(())
}

/// Terms or tags of the whole dataset.
fn whole(root: &At<'_, '_>) -> Result<Value, Refusal> {
    let mut all = Vec::new();
    tags(root, None, &mut all)?;
    Ok(json!({"tags": {"tags": all}}))
}

/// Terms and tags by their names.
fn tags(root: &At<'_, '_>, column: Option<&str>, all: &mut Vec<Value>) -> Result<(), Refusal> {
    for (list, key, kind, prefix) in [
        ("terms", "urn", "term", "urn:li:glossaryTerm:"),
        ("tags", "tag", "tag", "urn:li:tag:"),
    ] {
        root.each(list, |at| {
            let urn = at.need(key)?.text()?;
            let name = urn.strip_prefix(prefix).unwrap_or(urn);
            all.push(json!({"key": kind, "value": name, "field": column}));
            Ok(())
        })?;
    }
    Ok(())
}
