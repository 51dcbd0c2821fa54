//! Fides manifests: what privacy teams have written about their datasets, systems and policies.
//!
//! [`manifest`] reads the entries and keeps the rest of their keys; [`terms`] makes categories, purposes and subjects of
//! the keys of fideslang; [`flows`] says which data lies where and what it is used for; [`policies`] makes rules.
//! `docs/fides.md` tells the meaning of each key.

mod flows;
pub mod manifest;
mod policies;
mod terms;

use std::collections::BTreeMap;

use self::manifest::Manifest;
use super::draft::{self, Item};
use super::mapping::Mapping;
use super::{Document, yaml};
use crate::facts::Reading;
use crate::facts::node::{Node, Value};
use crate::model::place::{Place, Problem};
use crate::model::time::{Instant, print_utc};
use crate::model::word::Section;

/// The key under which a fact carries what its manifest says beside.
pub const REST: &str = "manifest";

/// What manifests state.
#[derive(Debug)]
pub struct Stated {
    /// Things, acts and rules.
    pub items: Vec<Item>,
    /// How often which key was kept and not read.
    pub kept: BTreeMap<String, u64>,
}

/// Whether a document is a Fides manifest: a map with one of its lists, and without the header of a fact file.
pub fn is_manifest(node: &Node<'_>) -> bool {
    let Value::Map(keys) = &node.value else {
        return false;
    };
    let has = |name: &str| keys.iter().any(|(key, _)| key.text == name);
    !has("scenario") && !has("as_of") && manifest::LISTS.iter().any(|list| has(list))
}

/// Whether a text looks like one.
pub fn is_manifest_text(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at_begin = |list: &&str| {
        let quoted = format!("\"{list}\"");
        text.lines().any(|line| {
            let key = line.strip_prefix(*list).map(str::trim_start);
            key.is_some_and(|rest| rest.starts_with(':')) || line.trim_start().starts_with(&quoted)
        })
    };
    // What is a manifest by its lines, but cannot be read, is told of as one.
    manifest::LISTS.iter().any(at_begin)
        && yaml::node(text, &mut Reading::new("")).is_none_or(|node| is_manifest(&node))
}

/// What manifests state together, each given as name and text. Declarations are about everyone of a kind of people and
/// stand from `at` on. All problems come out together.
pub fn stated(parts: &[(String, String)], mapping: &Mapping, at: Instant) -> Result<Stated, Vec<Problem>> {
    let mut manifest = Manifest::default();
    let mut problems = Vec::new();
    for (name, text) in parts {
        let mut reading = Reading::new(name);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some(node) = yaml::node(text, &mut reading) {
            manifest.read(&node, &mut reading);
        }
        problems.append(&mut reading.problems);
    }
    problems.extend(manifest.unknown());
    let terms = terms::Terms::new(&manifest, mapping);
    let rules = policies::rules(&manifest, &terms, &mut problems);
    if !problems.is_empty() {
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        return Err(problems);
    }
    let mut items = mapping.items.clone();
    let mut acts = flows::acts(&manifest, &terms, at);
    let defined = terms.items();
    // A manifest may define the very use that stands for those that nobody states.
    let is_defined = |one: &Item| {
        let is_same = |term: &Item| term.section == one.section && id_of(term) == id_of(one);
        one.section == Section::Purposes && defined.iter().any(is_same)
    };
    acts.retain(|one| !is_defined(one));
    items.extend(defined);
    items.append(&mut flows::things(&manifest, &terms));
    items.append(&mut acts);
    items.extend(rules);
    items.retain({
        let stated = mapping.items.len();
        let mut index = 0;
        move |item| {
            index += 1;
            index <= stated || id_of(item).is_none_or(|id| !mapping.states(item.section, id))
        }
    });
    Ok(Stated {
        items,
        kept: manifest.kept,
    })
}

/// Manifests as a document of facts that stands alone; also gives which keys were kept and not read.
pub fn document(
    parts: &[(String, String)],
    mapping: &Mapping,
    at: Instant,
) -> Result<(Document, BTreeMap<String, u64>), Vec<Problem>> {
    let stated = stated(parts, mapping, at)?;
    let name = parts.first().map_or("fides", |(name, _)| name);
    let header = header(mapping, name, at);
    let document = draft::document(&header, &stated.items, Reading::new(name), true)?;
    Ok((document, stated.kept))
}

/// The header of a fact set made from manifests: the mapping's, or this name and instant.
pub fn header(mapping: &Mapping, name: &str, at: Instant) -> Node<'static> {
    mapping.header.clone().unwrap_or_else(|| {
        let place = draft::place(&name.into(), 1);
        let keys = vec![
            ("scenario", Some(draft::text(name))),
            ("as_of", Some(draft::text(print_utc(at)))),
        ];
        draft::map(&place, keys)
    })
}

/// The identifier of an item.
pub fn id_of(item: &Item) -> Option<&str> {
    match &item.node.get("id")?.value {
        Value::Text(text) => Some(text),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// What an item carries of its manifest: kinds of entries, each whole.
type Said<'s> = &'s [(&'static str, Option<&'s Node<'static>>)];

/// What carries no entry and follows from another one that does.
const TOLD: Said<'_> = &[("told", None)];

/// An item with what its manifest says.
fn item(
    section: Section,
    place: &Place,
    mut keys: Vec<(&'static str, Option<Value<'static>>)>,
    said: Said<'_>,
) -> Item {
    let carried = said.iter().map(|(kind, node)| {
        let value = node.map_or_else(|| draft::text("true"), |node| node.value.clone());
        (*kind, Some(value))
    });
    keys.push((REST, Some(draft::map(place, carried.collect()).value)));
    Item {
        section,
        node: draft::map(place, keys),
        place: place.clone(),
    }
}
