//! Check `protected-attribute`: decisions do not descend from protected attributes.
//!
//! Neither a de-identified nor an anonymized step breaks the descent. Proxies are not seen.

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use super::moment::Time;
use crate::graph::{ActNo, CategoryNo, CopyNo, HoldingNo, SubjectNo};
use crate::model::id::{CategoryId, FieldId};
use crate::model::word::ActKind;
use crate::reach::lineage;

/// Judges derivations that make a decision.
pub fn judge(case: &Case<'_>, categories: &[CategoryId], decisions: &[FieldId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    let decisions = things.field_numbers(decisions);
    if decisions.is_empty() {
        return;
    }
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Derive]), None) {
        let decides = act.makes.iter().any(|made| decisions.contains(made));
        if !decides {
            continue;
        }
        let protected = |made: usize| -> Vec<CopyNo> {
            let of_subject = |subject: &SubjectNo| {
                let inputs = inputs(case, number, *subject, made);
                protected_ancestors(case, made, &inputs, &categories)
            };
            act.subjects.iter().flat_map(of_subject).collect()
        };
        let Some(time) = Time::new(case, number, |made| !protected(made).is_empty()) else {
            continue;
        };
        let found = protected(time.first);
        // Ancestors come nearest first, and the first of equal pairs is taken.
        let Some(least) = case.least_pair(found.iter().copied(), |copy| case.pair_of(copy)) else {
            continue;
        };
        let (subject, _) = case.pair_of(least);
        let mut witness = case.replay.chain(least);
        let inputs = inputs(case, number, subject, time.first);
        witness.extend(way_down(case, time.first, &inputs, least));
        witness.push(case.act_itself(number));
        let all = if time.last == time.first {
            found
        } else {
            protected(time.last)
        };
        let mut draft = Draft::of_act(number, act, act.actor, "protected-attribute-in-decision")
            .at(time.at)
            .subjects(all.iter().map(|copy| case.pair_of(*copy).0).collect())
            .fields(all.iter().map(|copy| case.pair_of(*copy).1).collect())
            .witness(witness);
        draft.during.extend(time.during);
        out.push(draft);
    }
}

/// The held inputs of one subject, as listed, among the first `made` copies.
fn inputs(case: &Case<'_>, number: ActNo, subject: SubjectNo, made: usize) -> Vec<CopyNo> {
    let act = case.act(number);
    let mut inputs = Vec::new();
    for ((owner, _), held) in act.pairs().zip(case.held(number)) {
        if owner == subject {
            inputs.extend_from_slice(case.held_among(number, *held, made));
        }
    }
    inputs
}

/// Of the copies and their ancestors those in a protected category, fewest steps up first where none of them came by a
/// standing act.
fn protected_ancestors(
    case: &Case<'_>,
    made: usize,
    inputs: &[CopyNo],
    categories: &[CategoryNo],
) -> Vec<CopyNo> {
    // What is above a copy of a standing act changes with time, so it is asked for as of a number of copies.
    let mut all = settled_ancestors(case, inputs)
        .unwrap_or_else(|| lineage::ancestors(&case.replay, inputs.iter().map(|input| (*input, made))));
    all.retain(|copy| case.history.things.is_in(case.pair_of(*copy).1, categories));
    all
}

/// The copies and their ancestors, fewest steps up first; `None` where one of them came by a standing act. What stands elsewhere
/// changes nothing here.
fn settled_ancestors(case: &Case<'_>, inputs: &[CopyNo]) -> Option<Vec<CopyNo>> {
    let mut open = Open::default();
    for input in inputs {
        open.close(case, *input);
    }
    let mut queue = inputs.to_vec();
    let mut next = 0;
    while let Some(number) = queue.get(next).copied() {
        if case.replay.feeder(number).is_some() {
            return None;
        }
        next += 1;
        while let Some(parent) = open.first_parent(case, number) {
            open.close(case, parent);
            queue.push(parent);
        }
    }
    Some(queue)
}

/// The acts from below the ancestor down to an input: the first way found, depth first.
fn way_down(case: &Case<'_>, made: usize, inputs: &[CopyNo], ancestor: CopyNo) -> Vec<ActNo> {
    if case.replay.has_standing() && settled_ancestors(case, inputs).is_none() {
        let all = case.replay.copies().map(|(copy, _)| copy);
        let below = lineage::descendants(&case.replay, all, |copy| copy == ancestor, |_| true);
        let is_way = |input: &&CopyNo| **input == ancestor || below.contained(**input, made);
        let mut way = inputs
            .iter()
            .find(is_way)
            .map_or_else(Vec::new, |input| below.way_up(*input, |copy| copy == ancestor));
        way.reverse();
        return way.into_iter().map(|copy| case.replay.copy(copy).via).collect();
    }
    let mut open = Open::default();
    for input in inputs {
        if !open.is_open(case, *input) {
            continue;
        }
        open.close(case, *input);
        let mut way = vec![*input];
        while let Some(number) = way.last().copied() {
            if number == ancestor {
                way.pop();
                return way
                    .into_iter()
                    .rev()
                    .map(|copy| case.replay.copy(copy).via)
                    .collect();
            }
            match open.first_parent(case, number) {
                Some(parent) => {
                    open.close(case, parent);
                    way.push(parent);
                }
                None => {
                    way.pop();
                }
            }
        }
    }
    Vec::new()
}

/// Copies that have not been looked at. Parents come as stretches, which on cycles overlap again and again, so each
/// holding remembers from every position the next one that is still open: a walk over all ancestors takes nearly
/// constant work for each copy.
#[derive(Default)]
struct Open {
    /// For each position of a holding, the next open one at or behind it, or a step towards it.
    next: FxHashMap<HoldingNo, Vec<usize>>,
}

impl Open {
    fn list(&mut self, case: &Case<'_>, holding: HoldingNo) -> &mut Vec<usize> {
        self.next
            .entry(holding)
            .or_insert_with(|| (0..=case.replay.length(holding)).collect())
    }

    /// The first open position at or behind this one.
    fn from(&mut self, case: &Case<'_>, holding: HoldingNo, position: usize) -> usize {
        let list = self.list(case, holding);
        let mut found = position;
        while list[found] != found {
            found = list[found];
        }
        // What was passed now points straight at it.
        let mut passed = position;
        while list[passed] != passed {
            let step = list[passed];
            list[passed] = found;
            passed = step;
        }
        found
    }

    fn is_open(&mut self, case: &Case<'_>, number: CopyNo) -> bool {
        let copy = case.replay.copy(number);
        let position = case.replay.position(copy);
        self.from(case, copy.holding, position) == position
    }

    fn close(&mut self, case: &Case<'_>, number: CopyNo) {
        let copy = case.replay.copy(number);
        let position = case.replay.position(copy);
        let list = self.list(case, copy.holding);
        if list[position] == position {
            list[position] = position + 1;
        }
    }

    /// The open parent that was created first.
    fn first_parent(&mut self, case: &Case<'_>, number: CopyNo) -> Option<CopyNo> {
        let copy = case.replay.copy(number);
        let mut first: Option<CopyNo> = None;
        for stretch in case.replay.parent_stretches(copy) {
            let (holding, from, to) = case.replay.bounds(*stretch);
            let position = self.from(case, holding, from);
            if position < to {
                let parent = case.replay.copy_at(holding, position);
                first = Some(first.map_or(parent, |first| first.min(parent)));
            }
        }
        first
    }
}
