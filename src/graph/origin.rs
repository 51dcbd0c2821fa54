//! How copies came to the organization that holds them.

use rustc_hash::FxHashSet;

use super::{Act, CopyNo, History, Replay};

/// The act by which a copy came, unless that is a flow inside one organization.
pub fn from_outside<'h>(history: &'h History, replay: &Replay, copy: CopyNo) -> Option<&'h Act> {
    let copy = replay.copy(copy);
    let via = history.act(copy.via);
    (!history.is_inward(via, copy.start)).then_some(via)
}

/// These copies, but in place of each that a flow inside one organization made those that it was made from, and so on: a
/// copy that is passed on inside came as what it was made from came. Sorted. Cost: the copies that are passed.
pub fn origins(history: &History, replay: &Replay, copies: &[CopyNo]) -> Vec<CopyNo> {
    let mut found: Vec<CopyNo> = Vec::new();
    let mut seen: FxHashSet<CopyNo> = copies.iter().copied().collect();
    let mut open: Vec<CopyNo> = seen.iter().copied().collect();
    while let Some(number) = open.pop() {
        if from_outside(history, replay, number).is_some() {
            found.push(number);
            continue;
        }
        for stretch in replay.parent_stretches(replay.copy(number)) {
            let parents = replay.copies_in(*stretch).iter().copied();
            open.extend(parents.filter(|parent| seen.insert(*parent)));
        }
    }
    found.sort_unstable();
    found
}
