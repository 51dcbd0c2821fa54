//! The processors, purposes, categories and fields that acts of events name, and the legal bases that producers state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::event::{Column, Party};
use super::gather::{Gathered, Told};
use super::world::World;
use crate::import::draft::{self, Item};
use crate::model::place::Place;
use crate::model::time::{Instant, print_utc};
use crate::model::word::Section;

/// What acts have named so far.
#[derive(Debug, Default)]
pub struct Used {
    /// Fields by their identifier.
    pub fields: BTreeMap<String, (Column, Place)>,
    /// Processors.
    pub processors: BTreeMap<Arc<str>, Place>,
    /// Purposes.
    pub purposes: BTreeMap<Arc<str>, Place>,
    /// Subjects that stand for all people of a kind.
    pub subjects: BTreeMap<Arc<str>, Place>,
    /// What identifiers of acts begin with.
    prefixes: FxHashSet<String>,
}

impl Used {
    /// What the identifiers of some acts begin with: this text, or one made from it that others do not begin with. Names
    /// have slashes too, so that job `a`, run `b/c` and job `a/b`, run `c` would be one.
    pub fn prefix(&mut self, text: &str) -> String {
        let mut own = text.to_owned();
        for number in 2_u32.. {
            if self.prefixes.insert(own.clone()) {
                break;
            }
            own = format!("{text}~{number}");
        }
        own
    }

    /// The items of all that was named and is not stated by the mapping.
    pub fn items(&self, world: &World<'_>) -> Vec<Item> {
        let mut items = Vec::new();
        let parties = parties(world.gathered);
        for (id, place) in &self.processors {
            let party = parties.get(id);
            let said = |of: fn(&Party) -> &Option<Arc<str>>| party.and_then(|party| of(party).clone());
            let kind = said(|party| &party.kind).unwrap_or_else(|| "controller".into());
            let country = said(|party| &party.country);
            let keys = vec![
                ("id", Some(draft::text(&**id))),
                ("kind", Some(draft::text(&*kind))),
                ("country", country.map(|country| draft::text(&*country))),
            ];
            add(&mut items, world, Section::Processors, id, place, keys);
        }
        for (id, place) in &self.purposes {
            let keys = vec![("id", Some(draft::text(&**id)))];
            add(&mut items, world, Section::Purposes, id, place, keys);
        }
        for (id, place) in &self.subjects {
            let keys = vec![("id", Some(draft::text(&**id)))];
            add(&mut items, world, Section::Subjects, id, place, keys);
        }
        let mut categories: BTreeMap<Arc<str>, &Place> = BTreeMap::new();
        for (column, place) in self.fields.values() {
            for category in world.kinds(column).categories {
                categories.entry(category).or_insert(place);
            }
        }
        for (id, place) in categories {
            let keys = vec![("id", Some(draft::text(&*id)))];
            add(&mut items, world, Section::Categories, &id, place, keys);
        }
        for (id, (column, place)) in &self.fields {
            let categories = world.kinds(column).categories;
            let state = world.state(column);
            let keys = vec![
                ("id", Some(draft::text(id))),
                (
                    "category",
                    (!categories.is_empty()).then(|| draft::texts(place, &categories)),
                ),
                (
                    "state",
                    (state != crate::model::word::State::Identified).then(|| draft::text(state.as_str())),
                ),
            ];
            add(&mut items, world, Section::Fields, id, place, keys);
        }
        items
    }
}

fn add(
    items: &mut Vec<Item>,
    world: &World<'_>,
    section: Section,
    id: &str,
    place: &Place,
    keys: Vec<(&'static str, Option<crate::facts::node::Value<'static>>)>,
) {
    if !world.mapping.states(section, id) {
        items.push(Item {
            section,
            node: draft::map(place, keys),
            place: place.clone(),
        });
    }
}

/// What producers say about parties. Of two statements the greater counts, so that order means nothing.
fn parties(gathered: &Gathered) -> BTreeMap<Arc<str>, Party> {
    let told = |told: &Told| [told.party.get().cloned(), told.recipient.get().cloned()];
    let all = gathered
        .runs
        .values()
        .flat_map(|run| told(&run.told))
        .chain(gathered.designs.values().flat_map(|design| told(&design.told)))
        .chain(
            gathered
                .datasets
                .values()
                .map(|dataset| dataset.party.get().cloned()),
        )
        .flatten();
    let mut parties: BTreeMap<Arc<str>, Party> = BTreeMap::new();
    for party in all {
        let known = parties
            .entry(Arc::clone(&party.id))
            .or_insert_with(|| party.clone());
        if party > *known {
            *known = party;
        }
    }
    parties
}

/// What a job does on a legal basis that its producer states.
#[derive(Debug)]
pub struct Stated {
    /// Since when it is stated.
    pub from: Instant,
    /// Where.
    pub place: Place,
    /// Who acts.
    pub holders: BTreeSet<Arc<str>>,
    /// With what.
    pub fields: BTreeSet<String>,
}

/// Stated bases by job, basis in the producer's word, and purpose.
pub type Bases = BTreeMap<(String, Arc<str>, Arc<str>), Stated>;

/// Evidence that a basis was stated, or, where the mapping says that producers are to be believed, the permission. A
/// consent is given by people and never by a producer.
pub fn of_bases(bases: &Bases, world: &World<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut names = Used::default();
    for ((job, basis, purpose), stated) in bases {
        let place = &stated.place;
        let ours = match &**basis {
            "contract" => Some("contract"),
            "legal-obligation" | "legal-duty" => Some("legal-duty"),
            "vital-interests" | "emergency" => Some("emergency"),
            "legitimate-interest" | "service-stability" => Some("service-stability"),
            "public-task" | "other-law" => Some("other-law"),
            _ => None,
        };
        let from = draft::text(print_utc(stated.from));
        if let (Some(ours), true) = (ours, world.mapping.basis_authorizes) {
            let acts = ["collect", "derive", "use", "store", "share", "delegate"];
            let id = names.prefix(&format!("{job}/basis/{basis}/{purpose}"));
            let keys = vec![
                ("id", Some(draft::text(id.as_str()))),
                ("basis", Some(draft::text(ours))),
                ("holder", Some(draft::texts(place, &stated.holders))),
                ("acts", Some(draft::texts(place, acts))),
                ("recipients", Some(draft::texts(place, &stated.holders))),
                ("fields", Some(draft::texts(place, &stated.fields))),
                ("purposes", Some(draft::texts(place, [purpose]))),
                ("from", Some(from)),
            ];
            add(&mut items, world, Section::Authorizations, &id, place, keys);
            continue;
        }
        for holder in &stated.holders {
            let id = names.prefix(&format!("{job}/basis/{basis}/{purpose}/{holder}"));
            let keys = vec![
                ("id", Some(draft::text(id.as_str()))),
                ("processor", Some(draft::text(&**holder))),
                (
                    "kind",
                    Some(draft::text(format!("legal basis {basis} for {purpose}"))),
                ),
                ("from", Some(from.clone())),
            ];
            add(&mut items, world, Section::Evidence, &id, place, keys);
        }
    }
    items
}
