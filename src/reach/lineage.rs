//! All descendants and all ancestors of copies, each in one pass over the copies.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::number::Number as _;
use crate::graph::{CopyNo, HoldingNo, Replay};

/// Of these copies, in the order of creation, those that descend from a source; a source itself does not count.
/// `copies` must contain all ancestors of each of its copies, as all copies of one subject do. What does not pass
/// descent on is left out, with everything that descends by way of it alone.
pub fn descendants(
    replay: &Replay,
    copies: impl Iterator<Item = CopyNo>,
    is_source: impl Fn(CopyNo) -> bool,
    passes_on: impl Fn(CopyNo) -> bool,
) -> FxHashSet<CopyNo> {
    let mut found: FxHashSet<CopyNo> = FxHashSet::default();
    // Copies up to which their life has a source or a descendant.
    let mut any_so_far: FxHashSet<CopyNo> = FxHashSet::default();
    for number in copies {
        let copy = replay.copy(number);
        let descends = passes_on(number)
            && replay.parent_stretches(copy).iter().any(|stretch| {
                replay.copies_in(*stretch).last().is_some_and(|last| {
                    if replay.begins_life(*stretch) {
                        any_so_far.contains(last)
                    } else {
                        found.contains(last) || is_source(*last)
                    }
                })
            });
        if descends {
            found.insert(number);
        }
        let before = replay
            .before_in_life(number)
            .is_some_and(|before| any_so_far.contains(&before));
        if before || descends || is_source(number) {
            any_so_far.insert(number);
        }
    }
    found
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
            if let (Some(first), Some(last), true) =
                (parents.first(), parents.last(), replay.begins_life(*stretch))
            {
                let mark = up_to.entry((stretch.holding, *first)).or_insert(*last);
                *mark = (*mark).max(*last);
            } else if let Some(only) = parents.last() {
                single[only.index()] = true;
            }
        }
    }
    found
}
