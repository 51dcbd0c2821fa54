//! Flows between holdings: what pictures and tables show. A holding is a field at a processor.

use std::collections::{BTreeMap, BTreeSet};

use super::Record;
use crate::model::fact::Act;
use crate::model::word::{ActKind, Carries};

/// A field at a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding<'a> {
    /// The processor.
    pub processor: &'a str,
    /// The field.
    pub field: &'a str,
}

/// Data of one holding in another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge<'a> {
    /// From here; a collection from the subject has no giver.
    pub from: Option<Holding<'a>>,
    /// To here.
    pub to: Holding<'a>,
    /// By what kind of act.
    pub kind: ActKind,
    /// How surely.
    pub carries: Carries,
}

/// What is known of an edge over all its acts.
#[derive(Clone, Debug, Default)]
pub struct Acts<'a> {
    /// The first act of it, in the order of the record.
    pub first: &'a str,
    /// How many acts.
    pub count: usize,
    /// What for.
    pub purposes: BTreeSet<&'a str>,
}

/// Flows, sorted. Cost: of a derivation the product of what goes in and what comes out.
pub fn edges(record: Record<'_>) -> BTreeMap<Edge<'_>, Acts<'_>> {
    let mut edges: BTreeMap<Edge<'_>, Acts<'_>> = BTreeMap::new();
    for act in record.acts() {
        for edge in of_act(act) {
            let acts = edges.entry(edge).or_default();
            if acts.count == 0 {
                acts.first = act.id.as_str();
            }
            acts.count += 1;
            acts.purposes
                .extend(act.purpose.as_ref().map(crate::model::id::PurposeId::as_str));
        }
    }
    edges
}

/// The flows of one act.
pub fn of_act(act: &Act) -> Vec<Edge<'_>> {
    let actor = act.actor.as_str();
    let held = |processor, field| Holding { processor, field };
    let edge = |from, to| Edge {
        from,
        to,
        kind: act.kind,
        carries: act.carries,
    };
    let fields = act.fields.iter().map(crate::model::id::FieldId::as_str);
    match act.kind {
        ActKind::Collect => fields
            .map(|field| {
                let source = act.source.as_ref().map(|source| held(source.as_str(), field));
                edge(source, held(actor, field))
            })
            .collect(),
        ActKind::Derive => fields
            .flat_map(|field| {
                act.makes
                    .iter()
                    .map(move |made| edge(Some(held(actor, field)), held(actor, made.as_str())))
            })
            .collect(),
        ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign | ActKind::Disclose => {
            let Some(to) = &act.recipient else {
                return Vec::new();
            };
            fields
                .map(|field| edge(Some(held(actor, field)), held(to.as_str(), field)))
                .collect()
        }
        ActKind::Use | ActKind::Store | ActKind::Correct | ActKind::Restrict | ActKind::Delete => Vec::new(),
    }
}
