//! All descendants and all ancestors of copies, each in one pass over the copies.

use rustc_hash::FxHashMap;

use crate::graph::number::Number as _;
use crate::graph::{CopyNo, HoldingNo, Replay};

/// For each copy, whether it descends from a copy that satisfies the condition; the copy itself does not count.
pub fn descendants(replay: &Replay, is_source: impl Fn(CopyNo) -> bool) -> Vec<bool> {
    let mut descends: Vec<bool> = Vec::new();
    // Whether the life has a source or a descendant, up to and with this copy.
    let mut any_so_far: Vec<bool> = Vec::new();
    for (number, copy) in replay.copies() {
        let is_descendant = replay.parent_stretches(copy).iter().any(|stretch| {
            replay.copies_in(*stretch).last().is_some_and(|last| {
                if replay.begins_life(*stretch) {
                    any_so_far[last.index()]
                } else {
                    descends[last.index()] || is_source(*last)
                }
            })
        });
        let before = replay
            .before_in_life(number)
            .is_some_and(|before| any_so_far[before.index()]);
        any_so_far.push(before || is_descendant || is_source(number));
        descends.push(is_descendant);
    }
    descends
}

/// The copies that satisfy the condition and all their ancestors, newest first.
pub fn ancestors(replay: &Replay, is_start: impl Fn(CopyNo) -> bool) -> Vec<CopyNo> {
    // Parents are older than their children, so going back in time every demand is known before it is met. A demand
    // for a stretch that begins a life is kept as one mark for all its copies: up to which copy of the holding.
    let mut single = vec![false; replay.copies().count()];
    let mut up_to: FxHashMap<(HoldingNo, CopyNo), CopyNo> = FxHashMap::default();
    let mut found = Vec::new();
    let all: Vec<CopyNo> = replay.copies().map(|(number, _)| number).collect();
    for number in all.into_iter().rev() {
        let copy = replay.copy(number);
        let life = (copy.holding, replay.first_of_life(number));
        let is_demanded = up_to.get(&life).is_some_and(|last| number <= *last);
        if !(is_start(number) || single[number.index()] || is_demanded) {
            continue;
        }
        found.push(number);
        for stretch in replay.parent_stretches(copy) {
            let parents = replay.copies_in(*stretch);
            if let (Some(first), Some(last), true) = (parents.first(), parents.last(), replay.begins_life(*stretch)) {
                let mark = up_to.entry((stretch.holding, *first)).or_insert(*last);
                *mark = (*mark).max(*last);
            } else if let Some(only) = parents.last() {
                single[only.index()] = true;
            }
        }
    }
    found
}
