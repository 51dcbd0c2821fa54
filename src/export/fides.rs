//! Fides manifests, as JSON, which is YAML too.
//!
//! What came from manifests goes out as it came. Everything else is translated: processors are systems, what one does
//! for a purpose is a privacy declaration, what it gives is an egress, and the fields it had are a dataset. People,
//! times, permissions, duties and rules have no place there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Record;
use crate::model::fact::{Act, Category, Fact, Field, Purpose, Stated};
use crate::model::id::SubjectId;
use crate::model::word::{ActKind, Carries, ProcessorKind};

/// The key under which a fact carries its manifest.
const CARRIED: &str = "manifest";

/// The manifest.
pub fn json(record: Record<'_>) -> String {
    let mut writer = Writer::new(record);
    for stated in record.facts {
        writer.take(stated);
    }
    let mut text = serde_json::to_string_pretty(&writer.manifest()).unwrap_or_default();
    text.push('\n');
    text
}

/// A system on its way out.
#[derive(Default)]
struct System {
    entry: Map<String, Value>,
    declarations: Vec<Value>,
    /// What it does, by purpose: kinds of data, and kinds of people.
    does: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>,
    /// To and from whom, by key: kinds of data, and whether anything may flow.
    egress: BTreeMap<String, BTreeSet<String>>,
    ingress: BTreeMap<String, BTreeSet<String>>,
    /// Fields it had.
    fields: BTreeMap<String, BTreeSet<String>>,
}

struct Writer<'a> {
    categories: BTreeMap<&'a str, String>,
    purposes: BTreeMap<&'a str, String>,
    fields: BTreeMap<&'a str, &'a Field>,
    /// Kinds of people that manifests name.
    people: BTreeSet<&'a str>,
    /// Fields that stand in a dataset, or for a kind of data, of a manifest.
    told: BTreeSet<&'a str>,
    systems: BTreeMap<String, System>,
    /// The systems, in the order of the record.
    order: Vec<String>,
    lists: BTreeMap<&'static str, Vec<Value>>,
    /// Policies with their rules, in the order of the record.
    policies: Vec<(Value, Vec<Value>)>,
}

/// The keys of an item.
fn item(stated: &Stated) -> Map<String, Value> {
    serde_json::from_str(&stated.item).unwrap_or_default()
}

/// What a fact carries of a manifest, by the kind of its entry.
fn carried(item: &Map<String, Value>, kind: &str) -> Option<Value> {
    item.get(CARRIED)?.get(kind).cloned()
}

/// A name that Fides takes as a key.
fn key(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-<>".contains(c);
    name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

impl<'a> Writer<'a> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts name no term")]
    fn new(record: Record<'a>) -> Self {
        let (mut categories, mut purposes) = (BTreeMap::new(), BTreeMap::new());
        let (mut fields, mut people, mut told) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for stated in record.facts {
            let is_carried = || item(stated).contains_key(CARRIED);
            let fides = || {
                item(stated)
                    .get("fides")
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            match &stated.fact {
                Fact::Category(Category { id, parent, .. }) => {
                    let parent = parent.as_ref().map(crate::model::id::CategoryId::as_str);
                    categories.insert(id.as_str(), (parent, fides()));
                }
                Fact::Purpose(Purpose { id, parent, .. }) => {
                    let parent = parent.as_ref().map(crate::model::id::PurposeId::as_str);
                    purposes.insert(id.as_str(), (parent, fides()));
                }
                Fact::Field(field) => {
                    fields.insert(field.id.as_str(), field);
                    if is_carried() {
                        told.insert(field.id.as_str());
                    }
                }
                Fact::Subject(subject) if is_carried() => {
                    people.insert(subject.id.as_str());
                }
                _ => {}
            }
        }
        Self {
            categories: paths(&categories),
            purposes: paths(&purposes),
            fields,
            people,
            told,
            systems: BTreeMap::new(),
            order: Vec::new(),
            lists: BTreeMap::new(),
            policies: Vec::new(),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most facts have no place in a manifest"
    )]
    fn take(&mut self, stated: &'a Stated) {
        if let Fact::Act(act) = &stated.fact {
            // Most acts have no item beside them.
            let item = if stated.item.is_empty() {
                Map::new()
            } else {
                item(stated)
            };
            return self.act(act, &item);
        }
        let item = item(stated);
        let mut put = |list: &'static str, entry: Value| self.lists.entry(list).or_default().push(entry);
        let is_entry = |kind: &str| carried(&item, kind).filter(Value::is_object);
        match &stated.fact {
            Fact::Category(category) => {
                if let Some(entry) = is_entry("data_category") {
                    put("data_category", entry);
                } else if !item.contains_key("fides") {
                    let above = category
                        .parent
                        .as_ref()
                        .and_then(|id| self.categories.get(id.as_str()));
                    put(
                        "data_category",
                        term(&self.categories[category.id.as_str()], above),
                    );
                }
            }
            Fact::Purpose(purpose) => {
                if let Some(entry) = is_entry("data_use") {
                    put("data_use", entry);
                } else if !item.contains_key("fides") && !item.contains_key(CARRIED) {
                    let above = purpose
                        .parent
                        .as_ref()
                        .and_then(|id| self.purposes.get(id.as_str()));
                    put("data_use", term(&self.purposes[purpose.id.as_str()], above));
                }
            }
            Fact::Subject(_) => {
                if let Some(entry) = is_entry("data_subject") {
                    put("data_subject", entry);
                }
            }
            Fact::Processor(processor) => {
                if let Some(entry) = is_entry("organization") {
                    put("organization", entry);
                } else if let Some(entry) = is_entry("dataset") {
                    put("dataset", entry);
                } else if let Some(Value::Object(entry)) = is_entry("system") {
                    self.system(processor.id.as_str(), entry);
                } else if !item.contains_key(CARRIED) {
                    let name = item
                        .get("name")
                        .and_then(Value::as_str)
                        .unwrap_or(processor.id.as_str());
                    let mut entry = Map::new();
                    entry.insert("fides_key".to_owned(), key(processor.id.as_str()).into());
                    entry.insert("name".to_owned(), name.into());
                    entry.insert("system_type".to_owned(), "System".into());
                    if processor.kind == ProcessorKind::Delegate {
                        entry.insert("responsibility".to_owned(), json!(["Processor"]));
                    }
                    self.system(processor.id.as_str(), entry);
                }
            }
            Fact::Rule(_) => {
                let (Some(policy), Some(rule)) = (is_entry("policy"), is_entry("rule")) else {
                    return;
                };
                match self.policies.iter_mut().find(|(known, _)| *known == policy) {
                    Some((_, rules)) => rules.push(rule),
                    None => self.policies.push((policy, vec![rule])),
                }
            }
            _ => {}
        }
    }

    fn system(&mut self, id: &str, entry: Map<String, Value>) {
        self.order.push(id.to_owned());
        self.systems.entry(id.to_owned()).or_default().entry = entry;
    }

    fn act(&mut self, act: &'a Act, item: &Map<String, Value>) {
        let actor = act.actor.to_string();
        if let Some(entry) = carried(item, "declaration") {
            self.systems.entry(actor).or_default().declarations.push(entry);
            return;
        }
        if item.contains_key(CARRIED) {
            return;
        }
        let kinds: BTreeSet<String> = act
            .fields
            .iter()
            .chain(&act.makes)
            .flat_map(|id| self.kinds_of(id.as_str()))
            .collect();
        let people = act.subjects.iter().map(SubjectId::as_str);
        let people: Vec<String> = people.filter(|id| self.people.contains(id)).map(key).collect();
        for id in act
            .fields
            .iter()
            .chain(&act.makes)
            .filter(|id| !self.told.contains(id.as_str()))
        {
            let of = self.kinds_of(id.as_str());
            for holder in std::iter::once(&act.actor).chain(&act.recipient) {
                let system = self.systems.entry(holder.to_string()).or_default();
                system
                    .fields
                    .insert(key(id.as_str()).replace('.', "_"), of.clone());
            }
        }
        if let Some(to) = &act.recipient {
            // What flows only perhaps is not told.
            let told = if act.carries == Carries::Surely {
                kinds.clone()
            } else {
                BTreeSet::new()
            };
            let giver = self.systems.entry(actor.clone()).or_default();
            giver
                .egress
                .entry(key(to.as_str()))
                .or_default()
                .extend(told.iter().cloned());
            let taker = self.systems.entry(to.to_string()).or_default();
            taker.ingress.entry(key(&actor)).or_default().extend(told);
        }
        let is_done = !matches!(act.kind, ActKind::Correct | ActKind::Restrict | ActKind::Delete);
        if let (Some(purpose), true) = (&act.purpose, is_done) {
            let purpose = self.purposes.get(purpose.as_str()).cloned().unwrap_or_default();
            let does = self
                .systems
                .entry(actor)
                .or_default()
                .does
                .entry(purpose)
                .or_default();
            does.0.extend(kinds);
            does.1.extend(people);
        }
    }

    fn kinds_of(&self, field: &str) -> BTreeSet<String> {
        let field = self.fields.get(field);
        field
            .iter()
            .flat_map(|field| &field.categories)
            .filter_map(|id| self.categories.get(id.as_str()).cloned())
            .collect()
    }

    fn manifest(mut self) -> Value {
        // What is in no order is a dataset of a manifest that something else speaks of as well.
        for id in &self.order {
            let system = self.systems.remove(id).unwrap_or_default();
            let of_it = key(id);
            if !system.fields.is_empty() {
                let fields: Vec<Value> = system
                    .fields
                    .iter()
                    .map(|(name, kinds)| json!({"name": name, "data_categories": kinds}))
                    .collect();
                let collection = json!({"name": "fields", "fields": fields});
                let dataset = json!({"fides_key": format!("{of_it}.fields"), "name": format!("Fields at {id}"), "collections": [collection]});
                self.lists.entry("dataset").or_default().push(dataset);
            }
            let entry = system.whole();
            self.lists.entry("system").or_default().push(entry);
        }
        for (mut policy, rules) in self.policies {
            policy["rules"] = rules.into();
            self.lists.entry("policy").or_default().push(policy);
        }
        self.lists
            .into_iter()
            .map(|(list, entries)| (list.to_owned(), Value::from(entries)))
            .collect()
    }
}

impl System {
    fn whole(self) -> Value {
        let mut entry = self.entry;
        for (list, flows) in [("egress", self.egress), ("ingress", self.ingress)] {
            let mut all = entry
                .get(list)
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            all.extend(flows.into_iter().map(|(key, kinds)| {
                let mut flow = json!({"fides_key": key, "type": "system"});
                if !kinds.is_empty() {
                    flow["data_categories"] = kinds.into_iter().collect();
                }
                flow
            }));
            if !all.is_empty() {
                entry.insert(list.to_owned(), all.into());
            }
        }
        let mut declarations = self.declarations;
        declarations.extend(self.does.into_iter().map(|(data_use, (kinds, people))| {
            json!({"name": data_use, "data_categories": kinds, "data_use": data_use, "data_subjects": people})
        }));
        entry.insert("privacy_declarations".to_owned(), declarations.into());
        entry.into()
    }
}

/// The definition of a term that fideslang lacks.
fn term(key: &str, above: Option<&String>) -> Value {
    let mut entry = json!({"fides_key": key, "name": key});
    if let Some(above) = above {
        entry["parent_key"] = above.as_str().into();
    }
    entry
}

/// Keys of terms: that of fideslang, else the name below the key of the term above it, since keys are paths.
fn paths<'a>(terms: &BTreeMap<&'a str, (Option<&'a str>, Option<String>)>) -> BTreeMap<&'a str, String> {
    fn path(id: &str, terms: &BTreeMap<&str, (Option<&str>, Option<String>)>) -> String {
        match terms.get(id) {
            Some((_, Some(own))) => own.clone(),
            Some((Some(above), None)) => {
                let above_key = path(above, terms);
                let last = id.strip_prefix(&format!("{above}.")).unwrap_or(id);
                format!("{above_key}.{}", key(last).replace('.', "_"))
            }
            Some((None, None)) | None => key(id).replace('.', "_"),
        }
    }
    terms.keys().map(|id| (*id, path(id, terms))).collect()
}
