//! Check `protected-attribute`: decisions do not descend from protected attributes.
//!
//! Neither a de-identified nor an anonymized step breaks the descent. Proxies are not seen.

use rustc_hash::{FxHashMap, FxHashSet};

use super::case::Case;
use super::draft::Draft;
use crate::graph::replay::Held;
use crate::graph::{ActNo, CategoryNo, CopyNo, SubjectNo};
use crate::model::id::{CategoryId, FieldId};
use crate::model::word::ActKind;

/// Judges derivations that make a decision.
pub fn judge(case: &Case<'_>, categories: &[CategoryId], decisions: &[FieldId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    let decisions = things.field_numbers(decisions);
    for (number, act) in case.history.numbered() {
        let decides = act.kind == ActKind::Derive && act.makes.iter().any(|made| decisions.contains(made));
        if !decides {
            continue;
        }
        let mut found: Vec<CopyNo> = Vec::new();
        for subject in &act.subjects {
            found.extend(protected_ancestors(
                case,
                inputs(case, number, *subject),
                &categories,
            ));
        }
        // Ancestors come nearest first, and the first of equal pairs is taken.
        let Some(least) = case.least_pair(found.iter().copied(), |copy| case.pair_of(copy)) else {
            continue;
        };
        let (subject, _) = case.pair_of(least);
        let mut witness = case.replay.chain(least);
        witness.extend(way_down(case, &inputs(case, number, subject), least));
        witness.push(number);
        out.push(
            Draft::of_act(number, act, act.actor, "protected-attribute-in-decision")
                .subjects(found.iter().map(|copy| case.pair_of(*copy).0).collect())
                .fields(found.iter().map(|copy| case.pair_of(*copy).1).collect())
                .witness(witness),
        );
    }
}

/// The held inputs of one subject, as listed.
fn inputs(case: &Case<'_>, number: ActNo, subject: SubjectNo) -> Vec<CopyNo> {
    let act = case.history.act(number);
    let mut inputs = Vec::new();
    for ((owner, _), held) in act.pairs().zip(case.replay.held(number)) {
        if let (true, Held::Copies(stretch)) = (owner == subject, held) {
            inputs.extend_from_slice(case.replay.copies_in(*stretch));
        }
    }
    inputs
}

/// Of the copies and their ancestors those in a protected category, fewest steps up first.
fn protected_ancestors(case: &Case<'_>, inputs: Vec<CopyNo>, categories: &[CategoryNo]) -> Vec<CopyNo> {
    let mut seen: FxHashSet<CopyNo> = inputs.iter().copied().collect();
    let mut queue = inputs;
    let mut next = 0;
    while let Some(number) = queue.get(next).copied() {
        next += 1;
        for parent in case.replay.parents(case.replay.copy(number)) {
            if seen.insert(parent) {
                queue.push(parent);
            }
        }
    }
    queue.retain(|copy| case.history.things.is_in(case.pair_of(*copy).1, categories));
    queue
}

/// The acts from below the ancestor down to an input: the first way found, depth first.
fn way_down(case: &Case<'_>, inputs: &[CopyNo], ancestor: CopyNo) -> Vec<ActNo> {
    let mut below: FxHashMap<CopyNo, Option<CopyNo>> = FxHashMap::default();
    let mut stack: Vec<(CopyNo, Option<CopyNo>)> = inputs.iter().rev().map(|input| (*input, None)).collect();
    while let Some((number, child)) = stack.pop() {
        if below.contains_key(&number) {
            continue;
        }
        below.insert(number, child);
        if number == ancestor {
            break;
        }
        let parents = case.replay.parents(case.replay.copy(number));
        stack.extend(parents.into_iter().rev().map(|parent| (parent, Some(number))));
    }
    let mut acts = Vec::new();
    let mut current = below.get(&ancestor).copied().flatten();
    while let Some(number) = current {
        acts.push(case.replay.copy(number).via);
        current = below.get(&number).copied().flatten();
    }
    acts
}
