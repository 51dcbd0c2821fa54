//! OpenLineage events into facts.
//!
//! [`event`] reads one event and refuses what is malformed, with a path into its JSON; [`gather`] joins the events of
//! a run, in any order; [`facts`] says what they mean: acts for everyone, and the things that those name. Which
//! processor a namespace belongs to comes from the [`Mapping`](super::mapping::Mapping). `docs/openlineage.md` tells
//! the meaning of each part.

mod acts;
pub mod datahub;
pub mod dbt;
mod doubled;
pub mod event;
pub mod file;
pub mod gather;
mod lineage;
mod overlaps;
pub mod prov;
mod read;
mod things;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use gather::Gathered;
pub use read::Refusal;

use self::gather::Run;
use self::things::{Bases, Stated, Used};
use self::world::World;
use super::Document;
use super::draft::{self, Item};
use super::mapping::Mapping;
use crate::facts::Reading;
use crate::facts::node::{Node, Value};
use crate::model::place::{Place, Problem};
use crate::model::time::print_utc;

/// The place of events that came over the wire and stand in no file.
pub const WIRE: &str = "openlineage";

/// What is done about runs that have not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// What they read and wrote is stated as possible.
    Stated,
    /// Their end is awaited, for a day of the producers' time.
    Awaited,
}

/// The facts that events state under a mapping: things first, then acts in the order of their time. Cost: linear in
/// runs, columns and lineage, but for columns without lineage, which cost the product of what was read and written.
pub fn facts(gathered: &Gathered, mapping: &Mapping, unfinished: Unfinished) -> Vec<Item> {
    let world = World::new(gathered, mapping);
    let mut used = Used::default();
    let mut acts = acts::of_datasets(&world, &mut used);
    let mut bases = Bases::new();
    for ((of, at), design) in &gathered.designs {
        let until = gathered
            .designs
            .range((of.clone(), *at)..)
            .nth(1)
            .filter(|((other, _), _)| other == of)
            .map(|((_, at), _)| *at);
        acts.extend(acts::of_design(of, *at, until, design, &world, &mut used));
    }
    let is_awaited = |run: &Run| unfinished == Unfinished::Awaited && run.may_go_on(gathered.last);
    let mut runs: Vec<_> = gathered.runs.iter().filter(|(_, run)| !is_awaited(run)).collect();
    runs.sort_by_key(|(id, run)| (run.done(), *id));
    for (id, run) in runs {
        let own = acts::of_run(id, run, &world, &mut used);
        let purpose = world.purpose(&run.told, run.job.get(), run.parent.get());
        if let (Some(basis), Some(job)) = (run.told.basis.get(), run.job.get()) {
            let key = (
                format!("{}/{}", job.namespace, job.name),
                Arc::clone(basis),
                purpose,
            );
            let stated = bases.entry(key).or_insert_with(|| Stated {
                from: run.first,
                place: run.place.clone(),
                holders: BTreeSet::new(),
                fields: BTreeSet::new(),
            });
            stated.from = stated.from.min(run.first);
            for item in &own {
                stated
                    .holders
                    .extend(["by", "from", "to"].iter().filter_map(|key| {
                        let Value::Text(text) = &item.node.get(key)?.value else {
                            return None;
                        };
                        Some(Arc::from(&**text))
                    }));
                stated.fields.extend(texts(&item.node, "fields"));
                stated.fields.extend(texts(&item.node, "makes"));
            }
        }
        acts.extend(own);
    }
    for (entity, dataset) in &gathered.datasets {
        for column in world.columns(entity) {
            used.fields
                .entry(world.field(&column))
                .or_insert_with(|| (column, dataset.place.clone()));
        }
        used.processors
            .entry(world.holder(entity))
            .or_insert_with(|| dataset.place.clone());
    }
    let mut items = mapping.items.clone();
    items.extend(used.items(&world));
    items.extend(things::of_bases(&bases, &world));
    items.append(&mut acts);
    items
}

fn texts(node: &Node<'_>, key: &str) -> Vec<String> {
    let Some(Value::List(nodes)) = node.get(key).map(|node| &node.value) else {
        return Vec::new();
    };
    nodes
        .iter()
        .filter_map(|node| match &node.value {
            Value::Text(text) => Some(text.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        })
        .collect()
}

/// Namespaces of datasets, and jobs that took data, of which nobody said whose they are. Sorted.
pub fn unmapped(gathered: &Gathered, mapping: &Mapping) -> BTreeSet<event::Entity> {
    let world = World::new(gathered, mapping);
    gathered
        .datasets
        .keys()
        .filter(|entity| !world.is_mapped(entity))
        .cloned()
        .collect()
}

/// The header of a fact set made from events: the mapping's, or the name of the file and the last instant in it.
pub fn header(gathered: &Gathered, mapping: &Mapping, name: &str, place: &Place) -> Node<'static> {
    if let Some(header) = &mapping.header {
        return header.clone();
    }
    let as_of = gathered.last.map(|last| draft::text(print_utc(last)));
    draft::map(
        place,
        vec![("scenario", Some(draft::text(name))), ("as_of", as_of)],
    )
}

/// Events as a document of facts. `is_alone`: no store stands behind it.
pub fn document(
    gathered: &Gathered,
    mapping: &Mapping,
    name: &str,
    is_alone: bool,
) -> Result<Document, Vec<Problem>> {
    let reading = Reading::new(name);
    let place = draft::place(&name.into(), 1);
    let header = header(gathered, mapping, name, &place);
    let items = facts(gathered, mapping, Unfinished::Stated);
    draft::document(&header, &items, reading, is_alone)
}
