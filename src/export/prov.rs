//! PROV-JSON (W3C): processors are agents, acts are activities, fields at processors are entities.
//!
//! Permissions, duties, rules and subjects are left out. Names are kept whole: what PROV does not take in a qualified
//! name is percent-encoded, and the label has it as it was.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Record;
use super::flows::of_act;
use crate::model::fact::{Act, Fact};
use crate::model::time::{When, print_utc};

/// The document.
pub fn json(record: Record<'_>) -> String {
    let mut document = Document::default();
    for stated in record.facts {
        if let Fact::Processor(processor) = &stated.fact {
            document.agent(processor.id.as_str());
        }
    }
    for act in record.acts() {
        document.act(act);
    }
    document.write()
}

#[derive(Default)]
struct Document {
    agents: Map<String, Value>,
    entities: Map<String, Value>,
    activities: Map<String, Value>,
    relations: Vec<(&'static str, Value)>,
}

impl Document {
    fn agent(&mut self, processor: &str) -> String {
        let name = qualified("processor", &[processor]);
        self.agents
            .entry(name.clone())
            .or_insert_with(|| json!({ "prov:label": processor }));
        name
    }

    fn entity(&mut self, processor: &str, field: &str) -> String {
        let name = qualified("held", &[processor, field]);
        if !self.entities.contains_key(&name) {
            let label = format!("{field} at {processor}");
            self.entities.insert(name.clone(), json!({ "prov:label": label }));
            let agent = self.agent(processor);
            self.relations.push((
                "wasAttributedTo",
                json!({"prov:entity": name, "prov:agent": agent}),
            ));
        }
        name
    }

    fn act(&mut self, act: &Act) {
        let name = qualified("act", &[act.id.as_str()]);
        let (start, end) = match act.at {
            When::Instant(at) => (Some(at), Some(at)),
            When::Standing { from, until } => (Some(from), until),
            When::Between { earliest, latest, .. } => (Some(earliest), Some(latest)),
            When::Stretching { from, until } => (Some(from.earliest), until.map(|end| end.latest)),
        };
        let mut activity = json!({"prov:label": act.id.as_str(), "wf:act": act.kind.as_str()});
        for (key, at) in [("prov:startTime", start), ("prov:endTime", end)] {
            if let Some(at) = at {
                activity[key] = print_utc(at).into();
            }
        }
        if let Some(purpose) = &act.purpose {
            activity["wf:purpose"] = purpose.as_str().into();
        }
        if act.carries != crate::model::word::Carries::Surely {
            activity["wf:carries"] = act.carries.as_str().into();
        }
        if let Some(value) = &act.value {
            activity["wf:value"] = value.as_str().into();
        }
        if act.lifts {
            activity["wf:lift"] = true.into();
        }
        self.activities.insert(name.clone(), activity);
        let agent = self.agent(act.actor.as_str());
        self.relations.push((
            "wasAssociatedWith",
            json!({"prov:activity": name, "prov:agent": agent}),
        ));
        for field in &act.fields {
            if act.kind != crate::model::word::ActKind::Collect {
                let entity = self.entity(act.actor.as_str(), field.as_str());
                let relation = if act.kind == crate::model::word::ActKind::Delete {
                    "wasInvalidatedBy"
                } else {
                    "used"
                };
                self.relations
                    .push((relation, json!({"prov:activity": name, "prov:entity": entity})));
            }
        }
        let mut made = std::collections::BTreeSet::new();
        for edge in of_act(act) {
            let to = self.entity(edge.to.processor, edge.to.field);
            if made.insert(to.clone()) {
                self.relations.push((
                    "wasGeneratedBy",
                    json!({"prov:entity": to, "prov:activity": name}),
                ));
            }
            if let Some(from) = edge.from {
                let from = self.entity(from.processor, from.field);
                self.relations.push((
                    "wasDerivedFrom",
                    json!({"prov:generatedEntity": to, "prov:usedEntity": from, "prov:activity": name}),
                ));
            }
        }
    }

    fn write(self) -> String {
        let mut all = Map::new();
        all.insert(
            "prefix".to_owned(),
            json!({
                "wf": "https://wherefore.invalid/ns#",
                "processor": "https://wherefore.invalid/processor/",
                "held": "https://wherefore.invalid/held/",
                "act": "https://wherefore.invalid/act/",
            }),
        );
        for (key, map) in [
            ("entity", self.entities),
            ("activity", self.activities),
            ("agent", self.agents),
        ] {
            if !map.is_empty() {
                all.insert(key.to_owned(), Value::Object(map));
            }
        }
        for (number, (relation, value)) in (1..).zip(self.relations) {
            let named = all.entry(relation).or_insert_with(|| Value::Object(Map::new()));
            named[format!("_:r{number}")] = value;
        }
        let mut text = serde_json::to_string_pretty(&Value::Object(all)).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// A name with a prefix; parts are told apart by a slash, which stands in none of them.
fn qualified(prefix: &str, parts: &[&str]) -> String {
    let mut name = format!("{prefix}:");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            name.push('/');
        }
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                name.push(char::from(byte));
            } else {
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    name
}
