//! Whether everybody who got personal data says what became of it. Where a party reports nothing, the record ends, and
//! "no path" would only mean "nothing told".

use std::collections::BTreeMap;

use super::demand::{Demand, Unmet};
use crate::graph::replay::Copy;
use crate::graph::{CopyNo, ProcessorNo};
use crate::model::finding::{Culprit, Finding};
use crate::model::time::Instant;
use crate::model::word::ProcessorKind;
use crate::rules::{self, Case};

/// One finding for each party that received personal data from another and has no act of its own on record, not even a
/// storing or a deletion. The public is nobody who could report. Cost: linear in the copies.
pub fn silent(case: &Case<'_>) -> Vec<Finding> {
    let mut first: BTreeMap<ProcessorNo, (Instant, CopyNo, &Copy)> = BTreeMap::new();
    for (number, copy) in case.replay.copies() {
        let holding = case.replay.holding_of(copy);
        let via = case.history.act(copy.via);
        let is_received = via.actor != holding.processor;
        if is_received && case.history.things.is_personal(holding.field) {
            let found = (copy.start, number, copy);
            let least = first.entry(holding.processor).or_insert(found);
            if (found.0, found.1) < (least.0, least.1) {
                *least = found;
            }
        }
    }
    for act in case.history.acts() {
        first.remove(&act.actor);
    }
    let is_public = |number: ProcessorNo| case.history.things.processor(number).kind == ProcessorKind::Public;
    first
        .into_iter()
        .filter(|(number, _)| !is_public(*number))
        .map(|(number, (at, copy_number, copy))| {
            let things = &case.history.things;
            let holding = case.replay.holding_of(copy);
            let processor = things.processors().id(number).clone();
            let act = case.history.act(copy.via);
            let zone = &case.header.zone;
            Unmet {
                demand: Demand::Complete,
                reason: "no-flows-reported",
                at,
                culprit: Culprit::Event(act.id.clone()),
                subjects: vec![case.history.subjects().id(holding.subject).clone()],
                fields: vec![things.fields().id(holding.field).clone()],
                because: Vec::new(),
                witness: case.replay.chain(copy_number).into_iter().map(|act| case.history.step(act)).collect(),
                sentence: format!(
                    "{processor} got personal data on {} and reports nothing that it does with data, so the record ends \
                     there.",
                    zone.print(at)
                ),
                lasting: Vec::new(),
                place: Some(act.place.clone()),
                owner: rules::owner(case, number, at),
                processor,
            }
            .finding()
        })
        .collect()
}
