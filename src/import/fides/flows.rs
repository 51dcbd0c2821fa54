//! Where data lies and what it is used for, as standing acts.
//!
//! A declaration is a use; what it reads from a dataset is shared by the dataset. A flow between systems that says which
//! data is certain; one that does not may carry anything the giver has, and is possible. Data that comes from nowhere
//! known is collected where it lies.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{Declaration, Flow, Manifest, System};
use super::terms::{Terms, UNSTATED};
use super::{Said, TOLD, item};
use crate::facts::node::Value;
use crate::import::draft::{self, Item};
use crate::model::place::Place;
use crate::model::time::{Instant, print_utc};
use crate::model::word::Section;

type Names = BTreeSet<String>;

/// Data of some people at a processor.
type Held = (String, String, String);

/// What flows from one to another.
#[derive(Default)]
struct Between {
    place: Option<Place>,
    /// Keys that are told.
    categories: Names,
    /// A declaration says what flows.
    is_declared: bool,
}

/// A certain flow.
struct Share {
    id: String,
    from: String,
    to: String,
    fields: Names,
    people: Names,
}

impl Share {
    /// What it carries, at one of its ends.
    fn of<'s>(&'s self, end: &'s str) -> impl Iterator<Item = Held> + 's {
        self.fields.iter().flat_map(move |field| {
            let people = self.people.iter();
            people.map(move |subject| (end.to_owned(), field.clone(), subject.clone()))
        })
    }
}

struct Acts<'m> {
    manifest: &'m Manifest,
    terms: &'m Terms<'m>,
    at: Instant,
    items: Vec<Item>,
    /// What somebody must have, and where that is said first.
    needed: BTreeMap<Held, Place>,
    /// Certain flows, giver to taker.
    surely: Vec<Share>,
}

/// Fields, organizations, systems, datasets and third parties.
pub fn things(manifest: &Manifest, terms: &Terms<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut seen = Names::new();
    for (key, place) in keys(manifest) {
        if seen.insert(key.clone()) {
            let of = vec![
                ("id", Some(draft::text(&key))),
                ("category", Some(draft::texts(&place, [terms.category(&key)]))),
            ];
            items.push(item(Section::Fields, &place, of, TOLD));
        }
    }
    for field in manifest.datasets.iter().flat_map(|dataset| &dataset.fields) {
        let categories = field.categories.iter().map(|key| terms.category(key));
        let of = vec![
            ("id", Some(draft::text(&field.id))),
            (
                "category",
                (!field.categories.is_empty()).then(|| draft::texts(&field.place, categories)),
            ),
        ];
        if seen.insert(field.id.clone()) {
            items.push(item(Section::Fields, &field.place, of, TOLD));
        }
    }
    let mut processor = |id: &str, kind, group: Option<&str>, place: &Place, rest: Said<'_>| {
        let of = vec![
            ("id", Some(draft::text(id))),
            ("kind", Some(draft::text(kind))),
            ("group", group.map(draft::text)),
        ];
        items.push(item(Section::Processors, place, of, rest));
    };
    for thing in &manifest.organizations {
        let rest: Said<'_> = &[("organization", Some(&thing.whole))];
        processor(&thing.key, "controller", Some(&thing.key), &thing.place, rest);
    }
    for system in &manifest.systems {
        let thing = &system.thing;
        let rest: Said<'_> = &[("system", Some(&thing.whole))];
        processor(
            &thing.key,
            system.kind,
            Some(&system.organization),
            &thing.place,
            rest,
        );
    }
    for dataset in &manifest.datasets {
        let thing = &dataset.thing;
        let rest: Said<'_> = &[("dataset", Some(&thing.whole))];
        let id = dataset_id(manifest, &thing.key);
        processor(&id, "controller", Some(&dataset.organization), &thing.place, rest);
    }
    let mut others = Names::new();
    for declaration in declarations(manifest) {
        if let Some(name) = &declaration.third_parties
            && others.insert(name.clone())
        {
            processor(name, "controller", None, &declaration.place, TOLD);
        }
    }
    items
}

/// What is collected, used and given on. Collections come first: all is of one instant.
pub fn acts(manifest: &Manifest, terms: &Terms<'_>, at: Instant) -> Vec<Item> {
    let mut acts = Acts {
        manifest,
        terms,
        at,
        items: Vec::new(),
        needed: BTreeMap::new(),
        surely: Vec::new(),
    };
    for system in &manifest.systems {
        for declaration in &system.declarations {
            acts.declaration(system, declaration);
        }
    }
    for ((from, to), between) in between(manifest) {
        acts.flow(&from, &to, &between);
    }
    for dataset in &manifest.datasets {
        // What no declaration names is there all the same.
        let id = dataset_id(manifest, &dataset.thing.key);
        let unread: Names = dataset
            .fields
            .iter()
            .map(|field| field.id.clone())
            .filter(|field| !acts.is_needed(&id, field))
            .collect();
        acts.need(&id, &unread, &everyone(), &dataset.thing.place);
    }
    let (mut items, held) = acts.collections();
    items.extend(acts.in_order(held));
    items
}

/// Keys of data that systems name without a dataset: each is a field of its own.
fn keys(manifest: &Manifest) -> Vec<(String, Place)> {
    let mut all = Vec::new();
    for system in &manifest.systems {
        for flow in system.egress.iter().chain(&system.ingress) {
            all.extend(
                flow.categories
                    .iter()
                    .map(|key| (key.clone(), flow.place.clone())),
            );
        }
        for declaration in &system.declarations {
            let both = declaration.categories.iter().chain(&declaration.shared);
            all.extend(both.map(|key| (key.clone(), declaration.place.clone())));
        }
    }
    all
}

fn declarations(manifest: &Manifest) -> impl Iterator<Item = &Declaration> {
    manifest.systems.iter().flat_map(|system| &system.declarations)
}

/// A dataset as a processor; a system of the same key keeps the name.
fn dataset_id(manifest: &Manifest, key: &str) -> String {
    if manifest.systems.iter().any(|system| system.thing.key == key) {
        format!("{key}/dataset")
    } else {
        key.to_owned()
    }
}

/// The processor at the other end of a flow: a system, or else a dataset.
fn end(manifest: &Manifest, key: &str) -> String {
    if manifest.systems.iter().any(|system| system.thing.key == key) {
        key.to_owned()
    } else {
        dataset_id(manifest, key)
    }
}

/// The flows between systems and datasets, each told by one of its ends or by both.
fn between(manifest: &Manifest) -> BTreeMap<(String, String), Between> {
    let mut all: BTreeMap<(String, String), Between> = BTreeMap::new();
    for system in &manifest.systems {
        let own = &system.thing.key;
        let mut note = |from: String, to: String, flow: &Flow| {
            let between = all.entry((from, to)).or_default();
            between.place.get_or_insert_with(|| flow.place.clone());
            between.categories.extend(flow.categories.iter().cloned());
        };
        for flow in &system.egress {
            note(own.clone(), end(manifest, &flow.key), flow);
        }
        for flow in &system.ingress {
            note(end(manifest, &flow.key), own.clone(), flow);
        }
    }
    for system in &manifest.systems {
        let own = &system.thing.key;
        for declaration in &system.declarations {
            let out = declaration
                .egress
                .iter()
                .map(|(key, _)| (own.clone(), end(manifest, key)));
            let into = declaration
                .ingress
                .iter()
                .map(|(key, _)| (end(manifest, key), own.clone()));
            for ends in out.chain(into).collect::<Vec<_>>() {
                all.entry(ends).or_default().is_declared = true;
            }
        }
    }
    all
}

fn everyone() -> Names {
    Names::from(["everyone".to_owned()])
}

fn people(subjects: &[String]) -> Names {
    if subjects.is_empty() {
        everyone()
    } else {
        subjects.iter().cloned().collect()
    }
}

impl Acts<'_> {
    fn declaration(&mut self, system: &System, declaration: &Declaration) {
        let own = &system.thing.key;
        let prefix = format!("fides/{own}/{}", declaration.label);
        let people = people(&declaration.subjects);
        let purpose = self.terms.purpose(&declaration.data_use);
        let place = &declaration.place;
        let categories: Names = declaration.categories.iter().cloned().collect();
        let mut fields = categories.clone();
        for (key, _) in &declaration.datasets {
            let holder = dataset_id(self.manifest, key);
            let theirs = self.fields_of(key);
            fields.extend(theirs.iter().cloned());
            let id = format!("{prefix}/reads/{key}");
            self.share(&id, &holder, own, &theirs, &people, &purpose, place);
        }
        for (key, _) in &declaration.ingress {
            let id = format!("{prefix}/from/{key}");
            let from = end(self.manifest, key);
            self.share(&id, &from, own, &categories, &people, &purpose, place);
        }
        if !fields.is_empty() {
            self.need(own, &fields, &people, place);
            let rest: Said<'_> = &[("declaration", Some(&declaration.whole))];
            let parties = vec![("by", own.clone())];
            self.act(&prefix, "use", parties, &fields, &people, &purpose, place, rest);
        }
        for (key, _) in &declaration.egress {
            let id = format!("{prefix}/to/{key}");
            let to = end(self.manifest, key);
            self.share(&id, own, &to, &categories, &people, &purpose, place);
        }
        if let Some(other) = &declaration.third_parties {
            let shared: Names = declaration.shared.iter().cloned().collect();
            let id = format!("{prefix}/shares");
            if shared.is_empty() {
                self.may_carry(&id, own, other, &fields, &people, &purpose, place);
            } else {
                self.share(&id, own, other, &shared, &people, &purpose, place);
            }
        }
        if let Some(basis) = &declaration.legal_basis {
            let of = vec![
                ("id", Some(draft::text(format!("{prefix}/basis")))),
                ("processor", Some(draft::text(own))),
                (
                    "kind",
                    Some(draft::text(format!("legal basis {basis} for {purpose}"))),
                ),
                ("from", Some(draft::text(print_utc(self.at)))),
            ];
            self.items.push(item(Section::Evidence, place, of, TOLD));
        }
    }

    /// A flow that no declaration speaks for.
    fn flow(&mut self, from: &str, to: &str, between: &Between) {
        let Some(place) = &between.place else { return };
        let id = format!("fides/{from}/to/{to}");
        if !between.categories.is_empty() {
            let people = self.people_of(from);
            self.share(&id, from, to, &between.categories, &people, UNSTATED, place);
        } else if !between.is_declared {
            let all: BTreeSet<(String, Names)> = self.has(from);
            for (number, (people, fields)) in (1..).zip(by_people(all)) {
                let id = format!("{id}/{number}");
                self.may_carry(&id, from, to, &fields, &people, UNSTATED, place);
            }
        }
    }

    /// All that a processor is known to have, each field with its people.
    fn has(&self, holder: &str) -> BTreeSet<(String, Names)> {
        let mut all: BTreeMap<String, Names> = BTreeMap::new();
        for (_, field, subject) in self.needed.keys().filter(|(at, _, _)| at == holder) {
            all.entry(field.clone()).or_default().insert(subject.clone());
        }
        let dataset = self.manifest.datasets.iter();
        for dataset in dataset.filter(|dataset| dataset_id(self.manifest, &dataset.thing.key) == holder) {
            for field in &dataset.fields {
                all.entry(field.id.clone()).or_insert_with(everyone);
            }
        }
        for share in self.surely.iter().filter(|share| share.to == holder) {
            for field in &share.fields {
                let people = all.entry(field.clone()).or_default();
                people.extend(share.people.iter().cloned());
            }
        }
        all.into_iter().collect()
    }

    /// Whose data a system handles, by its declarations.
    fn people_of(&self, key: &str) -> Names {
        let system = self
            .manifest
            .systems
            .iter()
            .find(|system| system.thing.key == key);
        let all: Names = system
            .iter()
            .flat_map(|system| &system.declarations)
            .flat_map(|declaration| declaration.subjects.iter().cloned())
            .collect();
        if all.is_empty() { everyone() } else { all }
    }

    fn fields_of(&self, dataset: &str) -> Names {
        let dataset = self.manifest.datasets.iter().find(|one| one.thing.key == dataset);
        dataset
            .iter()
            .flat_map(|dataset| dataset.fields.iter().map(|field| field.id.clone()))
            .collect()
    }

    fn is_needed(&self, holder: &str, field: &str) -> bool {
        let from = (holder.to_owned(), field.to_owned(), String::new());
        let next = self.needed.range(from..).next();
        next.is_some_and(|((at, of, _), _)| at == holder && of == field)
    }

    fn need(&mut self, holder: &str, fields: &Names, people: &Names, place: &Place) {
        for field in fields {
            for subject in people {
                let held = (holder.to_owned(), field.clone(), subject.clone());
                self.needed.entry(held).or_insert_with(|| place.clone());
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an act has that many keys")]
    fn share(
        &mut self,
        id: &str,
        from: &str,
        to: &str,
        fields: &Names,
        people: &Names,
        purpose: &str,
        place: &Place,
    ) {
        if from == to || fields.is_empty() {
            return;
        }
        self.need(from, fields, people, place);
        self.surely.push(Share {
            id: id.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            fields: fields.clone(),
            people: people.clone(),
        });
        let parties = vec![("from", from.to_owned()), ("to", to.to_owned())];
        self.act(id, "share", parties, fields, people, purpose, place, TOLD);
    }

    /// Nobody has said what is given: it may be anything.
    #[expect(clippy::too_many_arguments, reason = "an act has that many keys")]
    fn may_carry(
        &mut self,
        id: &str,
        from: &str,
        to: &str,
        fields: &Names,
        people: &Names,
        purpose: &str,
        place: &Place,
    ) {
        if from == to || fields.is_empty() {
            return;
        }
        let parties = vec![("from", from.to_owned()), ("to", to.to_owned())];
        self.act(id, "share", parties, fields, people, purpose, place, TOLD);
        if let Some(Item { node, .. }) = self.items.last_mut()
            && let Value::Map(keys) = &mut node.value
        {
            keys.push(draft::entry("carries", draft::text("possible"), node.mark));
        }
    }

    /// All is of one instant, in which the order of the record counts: what gives data on comes after what brought it,
    /// and what uses data last.
    fn in_order(&mut self, mut held: BTreeSet<Held>) -> Vec<Item> {
        let mut shares: BTreeMap<String, Item> = BTreeMap::new();
        let mut others = Vec::new();
        let surely = std::mem::take(&mut self.surely);
        for item in self.items.drain(..) {
            match super::id_of(&item) {
                Some(id) if surely.iter().any(|share| share.id == id) => {
                    shares.insert(id.to_owned(), item);
                }
                _ => others.push(item),
            }
        }
        let mut items = Vec::with_capacity(shares.len() + others.len());
        loop {
            let before = items.len();
            for share in &surely {
                let has_all = share.of(&share.from).all(|one| held.contains(&one));
                if has_all && let Some(item) = shares.remove(&share.id) {
                    held.extend(share.of(&share.to));
                    items.push(item);
                }
            }
            if items.len() == before {
                break;
            }
        }
        items.extend(shares.into_values());
        let is_use = |item: &Item| matches!(item.node.get("act").map(|node| &node.value), Some(Value::Text(act)) if act == "use");
        let (uses, flows): (Vec<Item>, Vec<Item>) = others.into_iter().partition(is_use);
        items.extend(flows);
        items.extend(uses);
        items
    }

    /// Data that somebody has and that comes from nobody is collected.
    fn collections(&self) -> (Vec<Item>, BTreeSet<Held>) {
        let mut comes: BTreeSet<Held> = BTreeSet::new();
        for share in &self.surely {
            comes.extend(share.of(&share.to));
        }
        let mut collected: BTreeSet<&Held> =
            self.needed.keys().filter(|held| !comes.contains(*held)).collect();
        // What only goes round in a circle begins with one who has it.
        loop {
            let reached = self.reached(collected.iter().map(|held| (*held).clone()).collect());
            let Some(held) = self.needed.keys().find(|held| !reached.contains(*held)) else {
                break;
            };
            collected.insert(held);
        }
        let mut by_holder: BTreeMap<&str, BTreeMap<&str, Names>> = BTreeMap::new();
        let held: BTreeSet<Held> = collected.iter().map(|held| (*held).clone()).collect();
        for (holder, field, subject) in collected {
            let fields = by_holder.entry(holder).or_default();
            fields.entry(field).or_default().insert(subject.clone());
        }
        let mut items = Vec::new();
        for (holder, fields) in by_holder {
            let all: BTreeSet<(String, Names)> = fields
                .into_iter()
                .map(|(field, people)| (field.to_owned(), people))
                .collect();
            for (number, (people, fields)) in (1..).zip(by_people(all)) {
                let from = (holder.to_owned(), String::new(), String::new());
                let Some((_, place)) = self.needed.range(from..).next() else {
                    continue;
                };
                let of = vec![
                    ("id", Some(draft::text(format!("fides/{holder}/has/{number}")))),
                    ("at", Some(draft::text(print_utc(self.at)))),
                    ("act", Some(draft::text("collect"))),
                    ("to", Some(draft::text(holder))),
                    ("subjects", Some(subjects(place, &people))),
                    ("fields", Some(draft::texts(place, &fields))),
                    ("purpose", Some(draft::text(UNSTATED))),
                ];
                items.push(item(Section::Events, place, of, TOLD));
            }
        }
        let is_used = |item: &Item| matches!(item.node.get("purpose").map(|node| &node.value), Some(Value::Text(text)) if text == UNSTATED);
        if let Some(first) = items.iter().chain(&self.items).find(|item| is_used(item)) {
            let place = first.place.clone();
            let of = vec![("id", Some(draft::text(UNSTATED)))];
            items.insert(0, item(Section::Purposes, &place, of, TOLD));
        }
        (items, held)
    }

    /// Where certain flows bring what is collected.
    fn reached(&self, mut held: BTreeSet<Held>) -> BTreeSet<Held> {
        loop {
            let before = held.len();
            for share in &self.surely {
                let given = share.of(&share.from).zip(share.of(&share.to));
                let arrived: Vec<Held> = given
                    .filter(|(one, _)| held.contains(one))
                    .map(|(_, one)| one)
                    .collect();
                held.extend(arrived);
            }
            if held.len() == before {
                return held;
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an act has that many keys")]
    fn act(
        &mut self,
        id: &str,
        kind: &'static str,
        parties: Vec<(&'static str, String)>,
        fields: &Names,
        people: &Names,
        purpose: &str,
        place: &Place,
        rest: Said<'_>,
    ) {
        let from = draft::map(place, vec![("from", Some(draft::text(print_utc(self.at))))]);
        let mut of = vec![
            ("id", Some(draft::text(id))),
            ("at", Some(from.value)),
            ("act", Some(draft::text(kind))),
        ];
        of.extend(
            parties
                .into_iter()
                .map(|(key, party)| (key, Some(draft::text(party)))),
        );
        of.push(("subjects", Some(subjects(place, people))));
        of.push(("fields", Some(draft::texts(place, fields))));
        of.push(("purpose", Some(draft::text(purpose))));
        self.items.push(item(Section::Events, place, of, rest));
    }
}

/// Fields by the people they are about.
fn by_people(all: BTreeSet<(String, Names)>) -> BTreeMap<Names, Names> {
    let mut groups: BTreeMap<Names, Names> = BTreeMap::new();
    for (field, people) in all {
        groups.entry(people).or_default().insert(field);
    }
    groups
}

fn subjects(place: &Place, people: &Names) -> Value<'static> {
    if *people == everyone() {
        draft::text("everyone")
    } else {
        draft::texts(place, people)
    }
}
