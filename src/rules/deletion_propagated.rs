//! Check `deletion-propagated`: a deletion reaches the copies that were passed on.
//!
//! A copy downstream is one that descends from a deleted copy through flows and de-identifications; what was made
//! from it in another way is another thing.

use rustc_hash::FxHashSet;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::replay::Copy;
use crate::graph::{ActNo, CopyNo, ProcessorNo};
use crate::model::id::ProcessorId;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Method, Role};
use crate::reach::lineage;

/// Judges deletions whose deadline has passed.
pub fn judge(
    case: &Case<'_>,
    within_days: i64,
    processors: Option<&Vec<ProcessorId>>,
    roles: &[Role],
    out: &mut Vec<Draft>,
) {
    let limit = case.limit(processors);
    if case
        .acts_by(Kinds::of(&[ActKind::Delete]), limit.as_deref())
        .next()
        .is_none()
    {
        return;
    }
    let by_subject = case.by_subject(case.replay.copies().map(|(number, _)| number));
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Delete]), limit.as_deref()) {
        let deadline = act.at.plus_days(within_days);
        if !case.is_past_for(deadline, number, &act.subjects) {
            continue;
        }
        let mut found: Vec<CopyNo> = Vec::new();
        for subject in &act.subjects {
            let copies = by_subject.get(subject).map_or(&[][..], Vec::as_slice);
            for (copy_no, since) in descendants(case, number, copies) {
                let copy = case.replay.copy(copy_no);
                let holding = case.replay.holding_of(copy);
                let must_go = holding.processor != act.actor
                    && roles.contains(&copy.role)
                    && case.history.things.is_personal(holding.field)
                    && since <= act.at
                    && case.outlives(copy, deadline);
                if must_go {
                    found.push(copy_no);
                }
            }
        }
        left(case, number, "copy-downstream", deadline, &found, out);
    }
}

/// One draft for each party that still has one of the copies at the deadline, in the order of the copies.
pub fn left(
    case: &Case<'_>,
    number: ActNo,
    reason: &'static str,
    deadline: Instant,
    copies: &[CopyNo],
    out: &mut Vec<Draft>,
) {
    let act = case.history.act(number);
    let mut found: Vec<(ProcessorNo, Vec<CopyNo>)> = Vec::new();
    for copy in copies {
        let party = case.replay.holding_of(case.replay.copy(*copy)).processor;
        match found.iter_mut().find(|(processor, _)| *processor == party) {
            Some((_, list)) => list.push(*copy),
            None => found.push((party, vec![*copy])),
        }
    }
    for (processor, copies) in found {
        let pairs: Vec<_> = copies.iter().map(|copy| case.pair_of(*copy)).collect();
        let least = case.least_pair(copies.iter().copied(), |copy| case.pair_of(copy));
        let mut witness = least.map_or_else(Vec::new, |copy| case.replay.chain(copy));
        witness.push(number);
        out.push(
            Draft::of_act(number, act, processor, reason)
                .at(deadline)
                .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                .fields(pairs.iter().map(|(_, field)| *field).collect())
                .because([&act.id])
                .witness(witness),
        );
    }
}

/// Of these copies of one subject, in the order of creation, those downstream of what the act deleted, and since when.
fn descendants(case: &Case<'_>, delete: ActNo, copies: &[CopyNo]) -> Vec<(CopyNo, Instant)> {
    let deleted: FxHashSet<CopyNo> = case
        .replay
        .ended_by(delete)
        .iter()
        .flat_map(|stretch| case.replay.copies_in(*stretch).iter().copied())
        .collect();
    let below = lineage::descendants(
        &case.replay,
        copies.iter().copied(),
        |copy| deleted.contains(&copy),
        |copy| !is_another_thing(case, case.replay.copy(copy)),
    );
    copies
        .iter()
        .filter_map(|copy| Some((*copy, below.since(&case.replay, *copy)?)))
        .collect()
}

/// Whether the copy was made by a derivation other than de-identification.
pub fn is_another_thing(case: &Case<'_>, copy: &Copy) -> bool {
    let act = case.history.act(copy.via);
    act.kind == ActKind::Derive && act.method != Some(Method::Deidentify)
}
