//! Keys of fideslang as categories, purposes and subjects.
//!
//! Their dots are a tree. A mapping may have terms of its own for them: those whose `fides` is the key stand for it.

use std::collections::{BTreeMap, BTreeSet};

use super::item;
use super::manifest::{Manifest, Term, Thing};
use crate::facts::node::Value;
use crate::import::draft::{self, Item};
use crate::import::mapping::Mapping;
use crate::model::place::Place;
use crate::model::word::Section;

/// Keys of fideslang whose data is sensitive, with everything below them.
const SENSITIVE: &[&str] = &[
    "user.authorization",
    "user.biometric",
    "user.demographic.political_opinion",
    "user.demographic.race_ethnicity",
    "user.demographic.religious_belief",
    "user.demographic.sexual_orientation",
    "user.financial.bank_account",
    "user.financial.credit_card",
    "user.health_and_medical",
    "user.location.precise",
];

/// What is said when nobody said what for.
pub const UNSTATED: &str = "unstated";

/// The terms that manifests use.
pub struct Terms<'m> {
    categories: Tree<'m>,
    uses: Tree<'m>,
    subjects: BTreeMap<String, (Place, Option<&'m Thing>)>,
}

/// Terms of one kind, by their key.
struct Tree<'m> {
    section: Section,
    /// Where each is used first, and how it is defined.
    used: BTreeMap<String, (Place, Option<&'m Term>)>,
    /// Identifiers of the mapping that stand for keys.
    ours: BTreeMap<String, String>,
}

impl<'m> Terms<'m> {
    /// All terms that the manifests name.
    pub fn new(manifest: &'m Manifest, mapping: &Mapping) -> Self {
        let mut categories = Tree::new(Section::Categories, &manifest.categories, mapping);
        let mut uses = Tree::new(Section::Purposes, &manifest.uses, mapping);
        let mut subjects: BTreeMap<String, (Place, Option<&Thing>)> = manifest
            .subjects
            .iter()
            .map(|term| {
                (
                    term.thing.key.clone(),
                    (term.thing.place.clone(), Some(&term.thing)),
                )
            })
            .collect();
        let mut person = |key: &String, place: &Place| {
            subjects
                .entry(key.clone())
                .or_insert_with(|| (place.clone(), None));
        };
        for field in manifest.datasets.iter().flat_map(|dataset| &dataset.fields) {
            categories.add_all(&field.categories, &field.place);
        }
        for system in &manifest.systems {
            for flow in system.egress.iter().chain(&system.ingress) {
                categories.add_all(&flow.categories, &flow.place);
            }
            for declaration in &system.declarations {
                categories.add_all(&declaration.categories, &declaration.place);
                categories.add_all(&declaration.shared, &declaration.place);
                uses.add(&declaration.data_use, &declaration.place);
                declaration
                    .subjects
                    .iter()
                    .for_each(|key| person(key, &declaration.place));
            }
        }
        for rule in &manifest.rules {
            let [data, what_for, people] = &rule.matches;
            categories.add_all(&data.values, &rule.place);
            uses.add_all(&what_for.values, &rule.place);
            people.values.iter().for_each(|key| person(key, &rule.place));
        }
        Self {
            categories,
            uses,
            subjects,
        }
    }

    /// The category that a key stands for.
    pub fn category(&self, key: &str) -> String {
        self.categories.id(key)
    }

    /// The purpose that a key stands for.
    pub fn purpose(&self, key: &str) -> String {
        self.uses.id(key)
    }

    /// The keys of categories that are used, sorted.
    pub fn category_keys(&self) -> impl Iterator<Item = &str> {
        self.categories.used.keys().map(String::as_str)
    }

    /// Whether a category is a listed one or lies under one.
    pub fn is_category_under(&self, key: &str, listed: &[String]) -> bool {
        self.categories.is_under(key, listed)
    }

    /// Categories, purposes and subjects.
    pub fn items(&self) -> Vec<Item> {
        let mut items = self.categories.items();
        items.extend(self.uses.items());
        for (key, (place, thing)) in &self.subjects {
            let said = [("data_subject", thing.map(|thing| &thing.whole))];
            let keys = vec![("id", Some(draft::text(key)))];
            items.push(item(Section::Subjects, place, keys, &said));
        }
        items
    }
}

impl<'m> Tree<'m> {
    fn new(section: Section, defined: &'m [Term], mapping: &Mapping) -> Self {
        let text = |item: &Item, key: &str| match item.node.get(key).map(|node| &node.value) {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let ours = mapping
            .items
            .iter()
            .filter(|item| item.section == section)
            .filter_map(|item| Some((text(item, "fides")?, text(item, "id")?)))
            .rev()
            .collect();
        let mut tree = Self {
            section,
            used: BTreeMap::new(),
            ours,
        };
        for term in defined {
            let said = (term.thing.place.clone(), Some(term));
            tree.used.insert(term.thing.key.clone(), said);
        }
        for term in defined {
            tree.add(&term.thing.key, &term.thing.place);
        }
        tree
    }

    fn add_all(&mut self, keys: &[String], place: &Place) {
        for key in keys {
            self.add(key, place);
        }
    }

    /// Notes a key and all above it.
    fn add(&mut self, key: &str, place: &Place) {
        let mut seen = BTreeSet::new();
        let mut next = Some(key.to_owned());
        while let Some(key) = next {
            self.used
                .entry(key.clone())
                .or_insert_with(|| (place.clone(), None));
            next = self.parent(&key).filter(|_| seen.insert(key.clone()));
        }
    }

    /// The key above: as it is defined, else by its dots.
    fn parent(&self, key: &str) -> Option<String> {
        let defined = self.used.get(key).and_then(|(_, term)| term.as_ref());
        let said = defined.and_then(|term| term.parent.clone());
        said.or_else(|| key.rsplit_once('.').map(|(above, _)| above.to_owned()))
    }

    fn is_under(&self, key: &str, listed: &[String]) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = Some(key.to_owned());
        while let Some(key) = next {
            if listed.contains(&key) {
                return true;
            }
            next = self.parent(&key).filter(|_| seen.insert(key.clone()));
        }
        false
    }

    fn id(&self, key: &str) -> String {
        self.ours.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    fn items(&self) -> Vec<Item> {
        let kind = if self.section == Section::Categories {
            "data_category"
        } else {
            "data_use"
        };
        let own = self.used.iter().filter(|(key, _)| !self.ours.contains_key(*key));
        own.map(|(key, (place, term))| {
            let is_sensitive = self.section == Section::Categories && SENSITIVE.contains(&key.as_str());
            let keys = vec![
                ("id", Some(draft::text(key))),
                (
                    "parent",
                    self.parent(key).map(|above| draft::text(self.id(&above))),
                ),
                ("sensitive", is_sensitive.then(|| draft::text("true"))),
                ("fides", Some(draft::text(key))),
            ];
            item(
                self.section,
                place,
                keys,
                &[(kind, term.map(|term| &term.thing.whole))],
            )
        })
        .collect()
    }
}
