//! `DataHub` metadata change proposals as events: `upstreamLineage` with its fine-grained lineages, schemas, terms, tags.
//!
//! Other aspects are kept nowhere: the file is the source of the facts, and stays with whoever exported it.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds of a JSON value are what they are"
)]

use serde_json::{Value, json};

use super::read::{At, Refusal};

/// Whether a document is a proposal, or begins with one.
pub fn is_proposals(document: &Value) -> bool {
    let first = document.as_array().map_or(Some(document), |all| all.first());
    first.is_some_and(|first| first.get("entityUrn").is_some() && first.get("aspectName").is_some())
}

/// Proposals as OpenLineage events. `at` stands for proposals that have no time of their own.
pub fn events(proposals: &[Value], at: &str) -> Result<Vec<Value>, Refusal> {
    let mut events = Vec::new();
    for value in proposals {
        let proposal = At::root(value);
        let urn = proposal.need("entityUrn")?;
        let Some(mut dataset) = dataset(urn.text()?) else {
            continue;
        };
        let aspect = proposal.need("aspect")?;
        // The value may stand as JSON, or as a text that is JSON.
        let inner = aspect
            .value
            .get("json")
            .or_else(|| aspect.value.get("value"))
            .unwrap_or(aspect.value);
        let parsed: Value = match inner {
            Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            other => other.clone(),
        };
        let root = At::root(&parsed);
        let facets = match proposal.need("aspectName")?.text()? {
            "upstreamLineage" => lineage(&root)?,
            "schemaMetadata" => {
                let mut fields = Vec::new();
                root.each("fields", |field| {
                    fields.push(json!({"name": plain(field.need("fieldPath")?.text()?)}));
                    Ok(())
                })?;
                json!({"schema": {"fields": fields}})
            }
            "glossaryTerms" => tags(&root, "terms", "urn", "term")?,
            "globalTags" => tags(&root, "tags", "tag", "tag")?,
            _ => continue,
        };
        dataset["facets"] = facets;
        let time = value["systemMetadata"]["lastObserved"]
            .as_i64()
            .and_then(|millis| millis.checked_mul(1000))
            .filter(|micros| *micros > 0)
            .map(|micros| crate::model::time::print_utc(crate::model::time::Instant::from_micros(micros)));
        events.push(
            json!({"eventTime": time.as_deref().unwrap_or(at), "producer": "datahub", "dataset": dataset}),
        );
    }
    Ok(events)
}

/// `urn:li:dataset:(urn:li:dataPlatform:PLATFORM,NAME,ENVIRONMENT)`; other entities are no datasets.
fn dataset(urn: &str) -> Option<Value> {
    let inner = urn.strip_prefix("urn:li:dataset:(")?.strip_suffix(')')?;
    let (platform, rest) = inner.split_once(',')?;
    let (name, environment) = rest.rsplit_once(',')?;
    let platform = platform.rsplit(':').next()?;
    Some(json!({"namespace": format!("{platform}:{environment}"), "name": name}))
}

/// `urn:li:schemaField:(DATASET,COLUMN)`.
fn column(urn: &str) -> Option<(Value, String)> {
    let inner = urn.strip_prefix("urn:li:schemaField:(")?.strip_suffix(')')?;
    let (of, path) = inner.rsplit_once(',')?;
    Some((dataset(of)?, plain(path)))
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
                from["field"] = name.into();
                from["transformations"] = json!([{"type": "DIRECT", "masking": masking}]);
                sources.push(from);
            }
            Ok(())
        })?;
        fine.each("downstreams", |at| {
            if let Some((_, name)) = column(at.text()?) {
                let known = fields[&name]["inputs"].as_array().cloned().unwrap_or_default();
                fields[name] =
                    json!({"inputs": known.into_iter().chain(sources.iter().cloned()).collect::<Vec<_>>()});
            }
            Ok(())
        })
    })?;
    Ok(json!({"lineage": {"inputs": inputs, "fields": fields}}))
}

/// Terms and tags: the last part of their names.
fn tags(root: &At<'_, '_>, list: &str, key: &str, kind: &str) -> Result<Value, Refusal> {
    let mut tags = Vec::new();
    root.each(list, |at| {
        let urn = at.need(key)?.text()?;
        let name = urn.rsplit(':').next().unwrap_or(urn);
        tags.push(json!({"key": kind, "value": name}));
        Ok(())
    })?;
    Ok(json!({"tags": {"tags": tags}}))
}
