//! The entries of Fides manifests. Keys that mean nothing here are kept with their entry and counted.

use std::collections::BTreeMap;

use crate::facts::node::{Mark, Node, Value};
use crate::facts::{Entry, Reading};
use crate::import::draft;
use crate::model::place::{Place, Problem, ProblemCode};

/// The lists that a manifest may have.
pub const LISTS: &[&str] = &[
    "organization",
    "data_category",
    "data_use",
    "data_subject",
    "dataset",
    "system",
    "policy",
];

/// Keys whose entries have facts of their own.
const APART: &[&str] = &["privacy_declarations", "rules"];

/// What is common to all entries.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its key.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// All of it, as it stands, but for what has facts of its own.
    pub whole: Node<'static>,
}

/// A kind of data, a use or a kind of people that the manifest defines.
#[derive(Debug)]
pub struct Term {
    /// The entry.
    pub thing: Thing,
    /// The term above, when the manifest says so.
    pub parent: Option<String>,
}

/// A system.
#[derive(Debug)]
pub struct System {
    /// The entry.
    pub thing: Thing,
    /// The organization it belongs to.
    pub organization: String,
    /// `controller` or `delegate`.
    pub kind: &'static str,
    /// Where its data goes.
    pub egress: Vec<Flow>,
    /// Where its data comes from.
    pub ingress: Vec<Flow>,
    /// What it does.
    pub declarations: Vec<Declaration>,
}

/// One end of a flow, seen from a system.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The other end.
    pub key: String,
    /// Where that is said.
    pub place: Place,
    /// What flows; empty says nothing.
    pub categories: Vec<String>,
}

/// What a system does with data, and what for.
#[derive(Debug)]
pub struct Declaration {
    /// Its name in identifiers of facts, unique in the system.
    pub label: String,
    /// Where it stands.
    pub place: Place,
    /// All of it.
    pub whole: Node<'static>,
    /// With which kinds of data.
    pub categories: Vec<String>,
    /// What for.
    pub data_use: String,
    /// Whose data.
    pub subjects: Vec<String>,
    /// From which datasets.
    pub datasets: Vec<(String, Place)>,
    /// Where this data goes.
    pub egress: Vec<(String, Place)>,
    /// Where this data comes from.
    pub ingress: Vec<(String, Place)>,
    /// The legal basis that is claimed.
    pub legal_basis: Option<String>,
    /// With whom data is shared.
    pub third_parties: Option<String>,
    /// What is shared with them.
    pub shared: Vec<String>,
}

/// A store of data.
#[derive(Debug)]
pub struct Dataset {
    /// The entry.
    pub thing: Thing,
    /// The organization it belongs to.
    pub organization: String,
    /// Its fields with the categories of all that is around them.
    pub fields: Vec<DataField>,
}

/// A field of a dataset.
#[derive(Debug)]
pub struct DataField {
    /// `dataset.collection.field`, with the names of fields around it in between; `dataset.*` and
    /// `dataset.collection.*` stand for what has no fields.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// Its kinds, those of the dataset and the collection first.
    pub categories: Vec<String>,
}

/// One rule of a policy: forbidden when all three match.
#[derive(Debug)]
pub struct PolicyRule {
    /// The policy.
    pub policy: Thing,
    /// Its name in identifiers, unique in the policy.
    pub label: String,
    /// Where it stands.
    pub place: Place,
    /// All of it.
    pub whole: Node<'static>,
    /// Kinds of data, uses, kinds of people.
    pub matches: [Matches; 3],
}

/// Which of the terms of a declaration a rule is about.
#[derive(Clone, Debug)]
pub struct Matches {
    /// How they are compared.
    pub how: How,
    /// With these terms and what is below them.
    pub values: Vec<String>,
}

/// How terms are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// One of them is at or under a listed one.
    Any,
    /// All of them are.
    All,
    /// None of them is.
    None,
    /// One of them is not.
    Other,
}

impl How {
    const WORDS: &[&str] = &["ANY", "ALL", "NONE", "OTHER"];

    fn parse(text: &str) -> Option<Self> {
        match text {
            "ANY" => Some(Self::Any),
            "ALL" => Some(Self::All),
            "NONE" => Some(Self::None),
            "OTHER" => Some(Self::Other),
            _ => None,
        }
    }
}

/// What manifests say, together.
#[derive(Debug, Default)]
pub struct Manifest {
    /// Organizations.
    pub organizations: Vec<Thing>,
    /// Kinds of data that they define.
    pub categories: Vec<Term>,
    /// Uses that they define.
    pub uses: Vec<Term>,
    /// Kinds of people that they define.
    pub subjects: Vec<Term>,
    /// Datasets.
    pub datasets: Vec<Dataset>,
    /// Systems.
    pub systems: Vec<System>,
    /// Rules of policies.
    pub rules: Vec<PolicyRule>,
    /// How often which key was kept and not read.
    pub kept: BTreeMap<String, u64>,
}

impl Manifest {
    /// Takes a manifest; problems are noted in `reading`.
    pub fn read(&mut self, node: &Node<'_>, reading: &mut Reading) {
        let Value::Map(keys) = &node.value else {
            reading.problem(
                ProblemCode::Shape,
                node.mark,
                format!("a Fides manifest is a map, found {}", node.shape()),
                "write its lists side by side: dataset, system, policy",
            );
            return;
        };
        reading.refuse_double_keys(keys);
        for (key, value) in keys {
            let Some(list) = LISTS.iter().find(|list| **list == key.text) else {
                *self.kept.entry(key.text.to_string()).or_default() += 1;
                continue;
            };
            let items: &[Node<'_>] = match &value.value {
                Value::Null => &[],
                Value::List(items) => items,
                Value::Map(_) => std::slice::from_ref(value),
                Value::Text(_) => {
                    reading.problem(
                        ProblemCode::Shape,
                        value.mark,
                        format!("`{list}` must be a list, found a text"),
                        "write it as a list of entries: - fides_key: …",
                    );
                    continue;
                }
            };
            for item in items {
                self.entry(list, item, reading);
            }
        }
    }

    fn entry(&mut self, list: &str, node: &Node<'_>, reading: &mut Reading) {
        match list {
            "organization" => {
                let thing = self.thing(node, &["fides_key"], "an organization", reading);
                self.organizations.extend(thing);
            }
            "data_category" | "data_use" | "data_subject" => {
                let Some(thing) = self.thing(node, &["fides_key", "parent_key"], "a term", reading) else {
                    return;
                };
                let term = Term {
                    parent: text_at(node, "parent_key"),
                    thing,
                };
                match list {
                    "data_category" => self.categories.push(term),
                    "data_use" => self.uses.push(term),
                    _ => self.subjects.push(term),
                }
            }
            "dataset" => self.dataset(node, reading),
            "system" => self.system(node, reading),
            _ => self.policy(node, reading),
        }
    }

    /// The key of an entry and what else it says; `taken` are the keys that are read.
    fn thing(
        &mut self,
        node: &Node<'_>,
        taken: &[&'static str],
        what: &'static str,
        reading: &mut Reading,
    ) -> Option<Thing> {
        let mut entry = Entry::open(node, what, reading)?;
        let key = entry.text_required("fides_key", "the name that others call it by");
        let key = key.map(str::to_owned);
        let place = reading.place(node.mark);
        if key
            .as_deref()
            .is_some_and(|key| key.is_empty() || key.chars().any(char::is_control))
        {
            reading.problem(
                ProblemCode::BadWord,
                node.mark,
                "this `fides_key` is no name".to_owned(),
                "write letters, digits, dots, dashes and underscores",
            );
            return None;
        }
        self.count(node, taken);
        let mut whole = draft::owned(node);
        if let Value::Map(keys) = &mut whole.value {
            keys.retain(|(key, _)| !APART.contains(&&*key.text));
        }
        Some(Thing {
            key: key?,
            place,
            whole,
        })
    }

    /// Counts the keys of a map that are not read.
    fn count(&mut self, node: &Node<'_>, taken: &[&str]) {
        let Value::Map(entries) = &node.value else { return };
        for (key, _) in entries.iter().filter(|(key, _)| !taken.contains(&&*key.text)) {
            *self.kept.entry(key.text.to_string()).or_default() += 1;
        }
    }

    fn dataset(&mut self, node: &Node<'_>, reading: &mut Reading) {
        let taken = &[
            "fides_key",
            "organization_fides_key",
            "data_categories",
            "collections",
        ];
        let Some(thing) = self.thing(node, taken, "a dataset", reading) else {
            return;
        };
        let own = categories(node, "a dataset", reading);
        let mut fields = Vec::new();
        for collection in maps(node, "collections", reading) {
            let Some(mut entry) = Entry::open(collection, "a collection", reading) else {
                continue;
            };
            let Some(name) = entry
                .text_required("name", "its name in the dataset")
                .map(str::to_owned)
            else {
                continue;
            };
            let theirs = categories(collection, "a collection", reading);
            let around: Vec<String> = own.iter().chain(&theirs).cloned().collect();
            let before = fields.len();
            let prefix = format!("{}.{name}", thing.key);
            self.fields(collection, &prefix, &around, &mut fields, reading);
            if fields.len() == before && !theirs.is_empty() {
                fields.push(whole(&prefix, around, collection, reading));
            }
            self.count(collection, &["name", "data_categories", "fields"]);
        }
        if fields.is_empty() && !own.is_empty() {
            fields.push(whole(&thing.key, own, node, reading));
        }
        self.datasets.push(Dataset {
            organization: organization(node),
            fields,
            thing,
        });
    }

    /// The fields of a collection, or inside a field; names are joined with dots.
    fn fields(
        &mut self,
        node: &Node<'_>,
        prefix: &str,
        around: &[String],
        all: &mut Vec<DataField>,
        reading: &mut Reading,
    ) {
        for field in maps(node, "fields", reading) {
            let Some(mut entry) = Entry::open(field, "a field", reading) else {
                continue;
            };
            let Some(name) = entry
                .text_required("name", "its name in the collection")
                .map(str::to_owned)
            else {
                continue;
            };
            let id = format!("{prefix}.{name}");
            let mut categories_of_it = around.to_vec();
            for category in categories(field, "a field", reading) {
                if !categories_of_it.contains(&category) {
                    categories_of_it.push(category);
                }
            }
            let before = all.len();
            self.fields(field, &id, &categories_of_it, all, reading);
            self.count(field, &["name", "data_categories", "fields"]);
            // What has fields inside holds nothing itself, unless it says what.
            if all.len() == before || !categories(field, "a field", reading).is_empty() {
                all.push(DataField {
                    id,
                    place: reading.place(field.mark),
                    categories: categories_of_it,
                });
            }
        }
    }

    fn system(&mut self, node: &Node<'_>, reading: &mut Reading) {
        let taken = &[
            "fides_key",
            "organization_fides_key",
            "data_responsibility_title",
            "responsibility",
            "egress",
            "ingress",
            "dataset_references",
            "privacy_declarations",
        ];
        let Some(thing) = self.thing(node, taken, "a system", reading) else {
            return;
        };
        let egress = flows(node, "egress", reading);
        let mut ingress = flows(node, "ingress", reading);
        if let Some(mut entry) = Entry::open(node, "a system", reading) {
            let datasets = entry.texts("dataset_references", false);
            ingress.extend(datasets.into_iter().map(|(key, mark)| Flow {
                key: key.to_owned(),
                place: reading.place(mark),
                categories: Vec::new(),
            }));
        }
        let mut declarations: Vec<Declaration> = Vec::new();
        for at in maps(node, "privacy_declarations", reading) {
            if let Some(mut declaration) = self.declaration(at, reading) {
                let same = |other: &&Declaration| {
                    other.label == declaration.label
                        || other.label.starts_with(&format!("{}#", declaration.label))
                };
                let before = declarations.iter().filter(same).count();
                if before > 0 {
                    declaration.label = format!("{}#{}", declaration.label, before + 1);
                }
                declarations.push(declaration);
            }
        }
        let title = text_at(node, "data_responsibility_title").or_else(|| {
            let Value::List(titles) = &node.get("responsibility")?.value else {
                return None;
            };
            text_of(titles.first()?)
        });
        let kind = match title.as_deref() {
            Some("Processor" | "Sub-Processor") => "delegate",
            Some(_) | None => "controller",
        };
        self.systems.push(System {
            thing,
            organization: organization(node),
            kind,
            egress,
            ingress,
            declarations,
        });
    }

    fn declaration(&mut self, node: &Node<'_>, reading: &mut Reading) -> Option<Declaration> {
        const TAKEN: &[&str] = &[
            "name",
            "data_categories",
            "data_use",
            "data_subjects",
            "dataset_references",
            "egress",
            "ingress",
            "legal_basis_for_processing",
            "third_parties",
            "shared_categories",
        ];
        let mut entry = Entry::open(node, "a privacy declaration", reading)?;
        let data_use = entry.text_required("data_use", "what the data is used for");
        let data_use = data_use.map(str::to_owned);
        let name = entry
            .text("name")
            .map(str::to_owned)
            .filter(|name| !name.is_empty());
        let legal_basis = entry.text("legal_basis_for_processing").map(str::to_owned);
        let third_parties = entry
            .text("third_parties")
            .map(str::to_owned)
            .filter(|text| !text.is_empty());
        let mut list = |key: &str| -> Vec<(String, Mark)> {
            let all = entry.texts(key, false).into_iter();
            all.map(|(text, mark)| (text.to_owned(), mark)).collect()
        };
        let texts = |all: Vec<(String, Mark)>| all.into_iter().map(|(text, _)| text).collect();
        let categories = texts(list("data_categories"));
        let subjects = texts(list("data_subjects"));
        let shared = texts(list("shared_categories"));
        let [datasets, egress, ingress] = ["dataset_references", "egress", "ingress"].map(&mut list);
        let placed = |all: Vec<(String, Mark)>, reading: &Reading| {
            all.into_iter()
                .map(|(text, mark)| (text, reading.place(mark)))
                .collect()
        };
        self.count(node, TAKEN);
        let data_use = data_use?;
        Some(Declaration {
            label: name.unwrap_or_else(|| data_use.clone()),
            place: reading.place(node.mark),
            whole: draft::owned(node),
            categories,
            data_use,
            subjects,
            datasets: placed(datasets, reading),
            egress: placed(egress, reading),
            ingress: placed(ingress, reading),
            legal_basis,
            third_parties,
            shared,
        })
    }

    fn policy(&mut self, node: &Node<'_>, reading: &mut Reading) {
        let Some(policy) = self.thing(node, &["fides_key", "rules"], "a policy", reading) else {
            return;
        };
        let before = self.rules.len();
        for at in maps(node, "rules", reading) {
            let Some(mut entry) = Entry::open(at, "a rule of a policy", reading) else {
                continue;
            };
            let name = entry
                .text("fides_key")
                .or_else(|| entry.text("name"))
                .unwrap_or("rule");
            let mut label = name.to_owned();
            let [data, uses, people] = ["data_categories", "data_uses", "data_subjects"]
                .map(|key| entry.node(key).map(|node| (key, node)));
            let mark = entry.mark();
            let same =
                |rule: &&PolicyRule| rule.label == label || rule.label.starts_with(&format!("{label}#"));
            let count = self.rules[before..].iter().filter(same).count();
            if count > 0 {
                label = format!("{label}#{}", count + 1);
            }
            let [Some(data), Some(uses), Some(people)] = [data, uses, people] else {
                reading.problem(
                    ProblemCode::MissingKey,
                    mark,
                    "a rule of a policy lacks one of `data_categories`, `data_uses`, `data_subjects`"
                        .to_owned(),
                    "add it: {matches: ANY, values: […]}",
                );
                continue;
            };
            let read = [data, uses, people].map(|(_, node)| matches(node, reading));
            let [Some(data), Some(uses), Some(people)] = read else {
                continue;
            };
            self.rules.push(PolicyRule {
                policy: policy.clone(),
                label,
                place: reading.place(mark),
                whole: draft::owned(at),
                matches: [data, uses, people],
            });
        }
    }

    /// Keys that are given twice, and keys that entries name and nobody has.
    pub fn unknown(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut seen: BTreeMap<(&str, &str), &Place> = BTreeMap::new();
        let named = |list: &'static str, thing: &'_ Thing| (list, thing.key.clone(), thing.place.clone());
        let all: Vec<(&str, String, Place)> = (self
            .organizations
            .iter()
            .map(|thing| named("organization", thing)))
        .chain(
            self.categories
                .iter()
                .map(|term| named("data_category", &term.thing)),
        )
        .chain(self.uses.iter().map(|term| named("data_use", &term.thing)))
        .chain(
            self.subjects
                .iter()
                .map(|term| named("data_subject", &term.thing)),
        )
        .chain(self.datasets.iter().map(|set| named("dataset", &set.thing)))
        .chain(self.systems.iter().map(|system| named("system", &system.thing)))
        .collect();
        for (list, key, place) in &all {
            if let Some(first) = seen.insert((list, key), place) {
                problems.push(Problem {
                    code: ProblemCode::DuplicateId,
                    place: place.clone(),
                    message: format!("`{key}` is given twice in `{list}`"),
                    help: format!("it stands in {first} already; keep one of the two"),
                });
            }
        }
        let mut need = |lists: [&str; 2], key: &str, place: &Place| {
            if !lists.iter().any(|list| seen.contains_key(&(*list, key))) {
                problems.push(Problem {
                    code: ProblemCode::UnknownReference,
                    place: place.clone(),
                    message: format!("nothing in `{}` is called `{key}`", lists[0]),
                    help: "correct the spelling, or name the manifest that has it as well".to_owned(),
                });
            }
        };
        for system in &self.systems {
            for flow in system.egress.iter().chain(&system.ingress) {
                need(["system", "dataset"], &flow.key, &flow.place);
            }
            for declaration in &system.declarations {
                for (key, place) in &declaration.datasets {
                    need(["dataset", "dataset"], key, place);
                }
                for (key, place) in declaration.egress.iter().chain(&declaration.ingress) {
                    need(["system", "dataset"], key, place);
                }
            }
        }
        problems
    }
}

fn text_of(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::Text(text) if !text.is_empty() => Some(text.to_string()),
        Value::Text(_) | Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn text_at(node: &Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(text_of)
}

/// The organization that an entry belongs to; Fides has one for those that name none.
fn organization(node: &Node<'_>) -> String {
    text_at(node, "organization_fides_key").unwrap_or_else(|| "default_organization".to_owned())
}

/// The maps of a list that may be absent.
fn maps<'n, 't>(node: &'n Node<'t>, key: &str, reading: &mut Reading) -> Vec<&'n Node<'t>> {
    Entry::open(node, "an entry", reading).map_or_else(Vec::new, |mut entry| entry.maps(key).iter().collect())
}

fn categories(node: &Node<'_>, what: &'static str, reading: &mut Reading) -> Vec<String> {
    let Some(mut entry) = Entry::open(node, what, reading) else {
        return Vec::new();
    };
    let texts = entry.texts("data_categories", false);
    texts.into_iter().map(|(text, _)| text.to_owned()).collect()
}

/// What stands for all that a dataset or a collection holds.
fn whole(prefix: &str, categories: Vec<String>, node: &Node<'_>, reading: &Reading) -> DataField {
    DataField {
        id: format!("{prefix}.*"),
        place: reading.place(node.mark),
        categories,
    }
}

/// The flows of a system to and from others; what goes to the people themselves or comes from them goes nowhere else.
fn flows(node: &Node<'_>, list: &'static str, reading: &mut Reading) -> Vec<Flow> {
    let mut all = Vec::new();
    for at in maps(node, list, reading) {
        let Some(mut entry) = Entry::open(at, "a flow", reading) else {
            continue;
        };
        let key = entry.text_required("fides_key", "the system or dataset at its other end");
        let is_user = entry.text("type") == Some("user");
        let categories = entry.texts("data_categories", false);
        let categories = categories.into_iter().map(|(text, _)| text.to_owned()).collect();
        if let (Some(key), false) = (key, is_user) {
            all.push(Flow {
                key: key.to_owned(),
                place: reading.place(at.mark),
                categories,
            });
        }
    }
    all
}

fn matches(node: &Node<'_>, reading: &mut Reading) -> Option<Matches> {
    let mut entry = Entry::open(node, "what a rule matches", reading)?;
    let how = entry.word_required("matches", How::parse, How::WORDS);
    let values = entry.texts("values", false);
    Some(Matches {
        how: how?,
        values: values.into_iter().map(|(text, _)| text.to_owned()).collect(),
    })
}
