//! DPV 2.3 (W3C Data Privacy Vocabulary) as JSON-LD: what is processed, by whom, what for, on which basis, with whom
//! it is shared. One `dpv:Process` for each actor and purpose.
//!
//! Single acts, their times and subjects, duties and rules are left out. Only terms of DPV 2.3 are used under its
//! namespace. Words of ours that it lacks (grounds of the PIPL, our own identifiers) stand under the namespace of this
//! program, prefix `wf`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Record;
use crate::model::fact::{Act, Authorization, Fact, Field, Processor};
use crate::model::id::{CategoryId, FieldId, ProcessorId, PurposeId, Safeguard};
use crate::model::word::{ActKind, Basis, Method, ProcessorKind, State};

/// What one actor does for one purpose.
#[derive(Default)]
struct Activity<'a> {
    kinds: BTreeSet<&'static str>,
    fields: BTreeSet<&'a str>,
    recipients: BTreeSet<&'a str>,
    safeguards: BTreeSet<&'a str>,
    bases: BTreeSet<String>,
}

/// The document.
pub fn json(record: Record<'_>) -> String {
    let mut graph = Vec::new();
    let mut activities: BTreeMap<(&str, &str), Activity<'_>> = BTreeMap::new();
    for act in record.acts() {
        let purpose = act.purpose.as_ref().map_or("", |purpose| purpose.as_str());
        let activity = activities.entry((act.actor.as_str(), purpose)).or_default();
        activity.kinds.insert(processing(act));
        activity
            .fields
            .extend(act.fields.iter().chain(&act.makes).map(FieldId::as_str));
        activity
            .recipients
            .extend(act.recipient.iter().map(ProcessorId::as_str));
        activity
            .safeguards
            .extend(act.safeguards.iter().map(Safeguard::as_str));
    }
    for stated in record.facts {
        graph.extend(described(&stated.fact));
        if let Fact::Authorization(authorization) = &stated.fact {
            for ((actor, purpose), activity) in &mut activities {
                let holds = authorization
                    .holders
                    .iter()
                    .any(|holder| holder.as_str() == *actor);
                let names = authorization
                    .purposes
                    .iter()
                    .any(|named| named.as_str() == *purpose);
                if holds && names {
                    activity.bases.insert(authorization.id.to_string());
                }
            }
        }
    }
    for ((actor, purpose), activity) in &activities {
        graph.push(process(actor, purpose, activity));
    }
    let document = json!({
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "wf": "https://wherefore.invalid/ns#",
        },
        "@graph": graph,
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// A thing or a permission; other facts have no place here.
fn described(fact: &Fact) -> Option<Value> {
    let tree = |kind: &str, id: &str, class: &str, parent: Option<&str>| {
        let mut node = node(kind, id, class);
        if let Some(parent) = parent {
            node.insert("skos:broader".to_owned(), reference(kind, parent));
        }
        Value::Object(node)
    };
    if let Fact::Processor(processor) = fact {
        Some(entity(processor))
    } else if let Fact::Purpose(purpose) = fact {
        let parent = purpose.parent.as_ref().map(PurposeId::as_str);
        Some(tree("purpose", purpose.id.as_str(), "dpv:Purpose", parent))
    } else if let Fact::Field(field) = fact {
        Some(data(field))
    } else if let Fact::Category(category) = fact {
        let class = if category.sensitive {
            "dpv:SensitivePersonalData"
        } else {
            "dpv:PersonalData"
        };
        let parent = category.parent.as_ref().map(CategoryId::as_str);
        Some(tree("category", category.id.as_str(), class, parent))
    } else if let Fact::Authorization(authorization) = fact {
        Some(basis(authorization))
    } else {
        None
    }
}

fn process(actor: &str, purpose: &str, activity: &Activity<'_>) -> Value {
    let mut node = node("process", &format!("{actor}/{purpose}"), "dpv:Process");
    let mut put = |key: &str, value: Value| {
        node.insert(key.to_owned(), value);
    };
    put("dpv:isImplementedByEntity", reference("processor", actor));
    if !purpose.is_empty() {
        put("dpv:hasPurpose", reference("purpose", purpose));
    }
    let kinds: Vec<Value> = activity.kinds.iter().map(|kind| json!({ "@id": kind })).collect();
    put("dpv:hasProcessing", kinds.into());
    let all =
        |kind: &str, ids: &BTreeSet<&str>| -> Value { ids.iter().map(|id| reference(kind, id)).collect() };
    put("dpv:hasPersonalData", all("field", &activity.fields));
    if !activity.recipients.is_empty() {
        put("dpv:hasRecipient", all("processor", &activity.recipients));
    }
    if !activity.bases.is_empty() {
        let bases: Value = activity
            .bases
            .iter()
            .map(|id| reference("authorization", id))
            .collect();
        put("dpv:hasLegalBasis", bases);
    }
    let measures: Vec<Value> = activity
        .safeguards
        .iter()
        .map(|safeguard| match *safeguard {
            "encrypted-in-transit" => json!({"@id": "dpv:EncryptionInTransfer"}),
            "encrypted-at-rest" => json!({"@id": "dpv:EncryptionAtRest"}),
            other => reference("safeguard", other),
        })
        .collect();
    if !measures.is_empty() {
        put("dpv:hasTechnicalOrganisationalMeasure", measures.into());
    }
    Value::Object(node)
}

/// The term for what an act does.
fn processing(act: &Act) -> &'static str {
    match (act.kind, act.method) {
        (ActKind::Derive, Some(Method::Deidentify)) => "dpv:Pseudonymise",
        (ActKind::Derive, Some(Method::Anonymize)) => "dpv:Anonymise",
        (ActKind::Derive, Some(Method::Reidentify)) => "dpv:Combine",
        (ActKind::Derive, None) => "dpv:Derive",
        (ActKind::Collect, _) => "dpv:Collect",
        (ActKind::Use, _) => "dpv:Use",
        (ActKind::Store, _) => "dpv:Store",
        (ActKind::Share, _) => "dpv:Share",
        (ActKind::Verify, _) => "dpv:Match",
        (ActKind::Disclose, _) => "dpv:Disclose",
        (ActKind::Delegate, _) => "dpv:Transmit",
        (ActKind::Assign, _) => "dpv:Transfer",
        (ActKind::Correct, _) => "dpv:Modify",
        (ActKind::Restrict, _) => "dpv:Restrict",
        (ActKind::Delete, _) => "dpv:Erase",
    }
}

fn entity(processor: &Processor) -> Value {
    let kind = match processor.kind {
        ProcessorKind::Controller => "dpv:DataController",
        ProcessorKind::Delegate => "dpv:DataProcessor",
        ProcessorKind::Verifier => "dpv:ThirdParty",
        ProcessorKind::Authority => "dpv:Authority",
        ProcessorKind::Public => "dpv:Recipient",
        ProcessorKind::Group => "dpv:Organisation",
    };
    let mut node = node("processor", processor.id.as_str(), kind);
    if let Some(country) = &processor.country {
        let country = json!({"@type": "dpv:Country", "skos:notation": country.as_str()});
        node.insert("dpv:hasCountry".to_owned(), country);
    }
    Value::Object(node)
}

fn data(field: &Field) -> Value {
    let kind = match field.state {
        State::Identified => "dpv:PersonalData",
        State::Deidentified => "dpv:PseudonymisedData",
        State::Anonymized => "dpv:AnonymisedData",
    };
    let mut node = node("field", field.id.as_str(), kind);
    let categories: Vec<Value> = field
        .categories
        .iter()
        .map(|category| reference("category", category.as_str()))
        .collect();
    if !categories.is_empty() {
        node.insert("skos:broader".to_owned(), categories.into());
    }
    Value::Object(node)
}

/// A ground. Those that DPV has no term for keep our own word, of which `docs/export.md` has a table.
fn basis(authorization: &Authorization) -> Value {
    let kind = match authorization.basis {
        Basis::Consent => "dpv:Consent",
        Basis::Contract => "dpv:Contract",
        Basis::LegalDuty => "dpv:LegalObligation",
        Basis::Emergency => "dpv:VitalInterest",
        Basis::SelfDisclosed => "dpv:DataPublishedByDataSubject",
        Basis::LawfullyDisclosed => "dpv:PublicDataSource",
        Basis::ServiceStability | Basis::LegitimateInterest => "dpv:LegitimateInterest",
        Basis::PublicTask => "dpv:PublicInterest",
        Basis::NationalSecurity | Basis::Justice | Basis::OtherLaw | Basis::Press => "dpv:LegalBasis",
    };
    let mut node = node("authorization", authorization.id.as_str(), kind);
    node.insert(
        "wf:basis".to_owned(),
        json!({"@id": format!("wf:{}", authorization.basis)}),
    );
    Value::Object(node)
}

fn node(kind: &str, id: &str, class: &str) -> Map<String, Value> {
    let mut node = Map::new();
    node.insert("@id".to_owned(), iri(kind, id).into());
    node.insert("@type".to_owned(), class.into());
    node.insert("skos:prefLabel".to_owned(), id.into());
    node
}

fn reference(kind: &str, id: &str) -> Value {
    json!({ "@id": iri(kind, id) })
}

fn iri(kind: &str, id: &str) -> String {
    let mut iri = format!("https://wherefore.invalid/{kind}/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
            iri.push(char::from(byte));
        } else {
            let _ = write!(iri, "%{byte:02X}");
        }
    }
    iri
}
