//! What follows from the events, held against what the store was told: what is new, what is otherwise, what is gone.

use rustc_hash::FxHashMap;

use super::{Applied, IntakeError, NAME, State};
use crate::db::{CommitError, Db};
use crate::facts::node::{Node, Value};
use crate::import::draft::{self, Item};
use crate::import::mapping::Mapping;
use crate::import::openlineage::{self, Unfinished, file};
use crate::model::fact::Stated;
use crate::model::word::Section;

/// Facts by section and identifier, with digests of their items.
pub type Told = FxHashMap<(Section, String), [u8; 16]>;

/// What follows from the events and is not on record, or not so.
pub fn changes(
    db: &Db,
    state: &State,
    mapping: &Mapping,
    unfinished: Unfinished,
) -> Result<(Applied, Told), IntakeError> {
    let items = openlineage::facts(&state.gathered, mapping, unfinished);
    let mut told = Told::default();
    let mut unsure = Vec::new();
    for item in items {
        let Some(id) = id_of(&item) else {
            unsure.push((item, None));
            continue;
        };
        let key = (item.section, id);
        let digest = digest(&item.node);
        let is_told = state.told.get(&key) == Some(&digest);
        told.insert(key.clone(), digest);
        if !is_told {
            unsure.push((item, Some(key.1)));
        }
    }
    let mut applied = Applied::default();
    let asked: Vec<(Section, &str)> = unsure
        .iter()
        .filter_map(|(item, id)| Some((item.section, id.as_deref()?)))
        .collect();
    let known = db.stated(&asked).map_err(CommitError::Store)?;
    let absent: Vec<(Section, &str)> = asked
        .iter()
        .zip(&known)
        .filter_map(|(name, known)| known.is_none().then_some(*name))
        .collect();
    let mut were_there = db.were_stated(&absent).map_err(CommitError::Store)?.into_iter();
    let mut known = known.into_iter();
    for (item, id) in unsure {
        let known = id.as_ref().and_then(|_| known.next().flatten());
        match known {
            // What was taken back once comes back as a version of itself.
            None if id.is_some() && were_there.next() == Some(true) => applied.corrected.push(item),
            None => applied.new.push(item),
            Some(known) => {
                // What events merely name does not overrule what somebody has said about it.
                let is_named = is_thing(item.section) && &*item.place.file == NAME;
                if draft::fact(&item) != Some(known.fact) && (!is_named || state.is_ours(&known.place)) {
                    applied.corrected.push(item);
                }
            }
        }
    }
    let mut gone: Vec<(Section, String)> = state
        .told
        .keys()
        .filter(|key| !told.contains_key(*key))
        // Other facts may name what is declared: it keeps its name for good.
        .filter(|(section, _)| !section.is_declaration())
        .cloned()
        .collect();
    gone.sort();
    let asked: Vec<(Section, &str)> = gone.iter().map(|(section, id)| (*section, id.as_str())).collect();
    let known = db.stated(&asked).map_err(CommitError::Store)?;
    let still = |known: Option<Stated>| known.is_some_and(|known| state.is_ours(&known.place));
    applied.retracted = gone
        .into_iter()
        .zip(known)
        .filter_map(|(key, known)| still(known).then_some(key))
        .collect();
    Ok((applied, told))
}

/// Things that acts name, and that people state too.
fn is_thing(section: Section) -> bool {
    matches!(
        section,
        Section::Processors | Section::Purposes | Section::Subjects | Section::Categories | Section::Fields
    )
}

/// All items of a commit.
pub fn changed_items(applied: &Applied) -> Vec<Item> {
    let mut items: Vec<Item> = applied.new.clone();
    items.extend(applied.corrected.iter().map(|item| {
        let mut item = item.clone();
        if let (Some(id), Value::Map(keys)) = (id_of(&item), &mut item.node.value) {
            let mark = item.node.mark;
            keys.push(draft::entry("corrects", draft::text(id), mark));
        }
        item
    }));
    items.extend(applied.retracted.iter().map(|(section, id)| {
        let place = draft::place(&NAME.into(), 1);
        Item {
            section: *section,
            node: draft::map(&place, vec![("retracts", Some(draft::text(id)))]),
            place,
        }
    }));
    items
}

/// The facts by section and identifier.
pub fn told(items: &[Item]) -> Told {
    let named = items
        .iter()
        .filter_map(|item| Some(((item.section, id_of(item)?), digest(&item.node))));
    named.collect()
}

/// What an item is known again by, in one process: its keys are always in the same order.
fn digest(node: &Node<'_>) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(512);
    write(node, &mut bytes);
    file::hash(&bytes)
}

fn write(node: &Node<'_>, out: &mut Vec<u8>) {
    let text = |text: &str, out: &mut Vec<u8>| {
        out.extend(text.len().to_le_bytes());
        out.extend(text.as_bytes());
    };
    match &node.value {
        Value::Null => out.push(b'0'),
        Value::Text(inner) => {
            out.push(b'"');
            text(inner, out);
        }
        Value::List(nodes) => {
            out.push(b'[');
            for node in nodes {
                write(node, out);
            }
            out.push(b']');
        }
        Value::Map(entries) => {
            out.push(b'{');
            for (key, node) in entries {
                text(&key.text, out);
                write(node, out);
            }
            out.push(b'}');
        }
    }
}

pub fn id_of(item: &Item) -> Option<String> {
    match &item.node.get("id")?.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}
