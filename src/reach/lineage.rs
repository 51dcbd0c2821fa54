//! All descendants and all ancestors of copies.
//!
//! Both follow time: what reached a copy later than something was taken from it did not reach what was taken. A copy
//! that a standing act made can come to descend from a source long after it was made, when its parents grow.

use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::number::Number as _;
use crate::graph::replay::LifeNo;
use crate::graph::{CopyNo, Replay};
use crate::model::time::Instant;

/// Copies that descend from sources.
#[derive(Debug, Default)]
pub struct Descendants {
    found: FxHashMap<CopyNo, (CopyNo, CopyNo)>,
}

impl Descendants {
    /// Whether the copy descends from a source.
    pub fn contains(&self, number: CopyNo) -> bool {
        self.found.contains_key(&number)
    }

    /// From when on the copy descends from a source.
    pub fn since(&self, replay: &Replay, number: CopyNo) -> Option<Instant> {
        let (since, _) = self.found.get(&number)?;
        Some(replay.copy(*since).start)
    }

    /// Whether the copy descended from a source when there were so many copies.
    pub fn contained(&self, number: CopyNo, made: usize) -> bool {
        self.found
            .get(&number)
            .is_some_and(|(since, _)| since.index() < made)
    }

    /// The copies from below the next of these sources down to this one, newest first; none of a source. A source may
    /// descend from what descends from it.
    pub fn way_up(&self, number: CopyNo, is_source: impl Fn(CopyNo) -> bool) -> Vec<CopyNo> {
        let mut way = Vec::new();
        let mut current = number;
        while !is_source(current)
            && let Some((_, parent)) = self.found.get(&current)
        {
            way.push(current);
            current = *parent;
        }
        way
    }
}

/// Of these copies, in the order of creation, those that descend from a source; a source itself does not count.
/// `copies` must contain all ancestors of each of its copies, as all copies of one subject do. What does not pass
/// descent on is left out, with everything that descends by way of it alone. Cost: linear in the copies.
pub fn descendants(
    replay: &Replay,
    copies: impl Iterator<Item = CopyNo>,
    is_source: impl Fn(CopyNo) -> bool,
    passes_on: impl Fn(CopyNo) -> bool,
) -> Descendants {
    let mut below = Descendants::default();
    // The first source or descendant of each life.
    let mut carriers: FxHashMap<LifeNo, CopyNo> = FxHashMap::default();
    for number in copies {
        let copy = replay.copy(number);
        let own_source = is_source(number);
        let parent = || {
            replay.parent_stretches(copy).iter().find_map(|stretch| {
                let last = *replay.copies_in(*stretch).last()?;
                if replay.begins_life(*stretch) {
                    let carrier = carriers.get(&replay.life_of(replay.copy(last))).copied();
                    carrier.filter(|carrier| *carrier <= last)
                } else {
                    (below.contains(last) || is_source(last)).then_some(last)
                }
            })
        };
        let parent = if passes_on(number) { parent() } else { None };
        if let Some(parent) = parent {
            below.found.insert(number, (number, parent));
        }
        if parent.is_none() && !own_source {
            continue;
        }
        // What a life has from now on, the copies that it feeds have too.
        let mut reached = vec![(replay.life_of(copy), number)];
        while let Some((life, carrier)) = reached.pop() {
            if carriers.contains_key(&life) {
                continue;
            }
            carriers.insert(life, carrier);
            for fed in replay.fed_by(life) {
                let grows = || {
                    replay
                        .feeder(*fed)
                        .is_some_and(|(_, until)| number.index() < until)
                };
                if *fed <= number && !below.contains(*fed) && passes_on(*fed) && grows() {
                    below.found.insert(*fed, (number, carrier));
                    reached.push((replay.life_of(replay.copy(*fed)), *fed));
                }
            }
        }
    }
    below
}

/// What is above a copy is asked for as of a number of copies: what came later does not count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Demand {
    Copy(CopyNo),
    Life(LifeNo, usize),
}

/// The copies, each as of a number of copies made, and all their ancestors. Cost: linear in the copies found, times
/// the logarithm of their number.
pub fn ancestors(replay: &Replay, starts: impl Iterator<Item = (CopyNo, usize)>) -> Vec<CopyNo> {
    // The latest first: whatever is met again is asked for as of an earlier time and has no more above it.
    let mut open: BinaryHeap<(usize, Demand)> =
        starts.map(|(copy, made)| (made, Demand::Copy(copy))).collect();
    let mut copies: FxHashSet<CopyNo> = FxHashSet::default();
    let mut lives: FxHashSet<LifeNo> = FxHashSet::default();
    let mut found = Vec::new();
    while let Some((made, demand)) = open.pop() {
        let wanted = match &demand {
            Demand::Copy(copy) => std::slice::from_ref(copy),
            Demand::Life(life, _) if !lives.insert(*life) => &[],
            Demand::Life(life, count) => replay.copies_of_life(*life, *count),
        };
        for number in wanted {
            if !copies.insert(*number) {
                continue;
            }
            found.push(*number);
            if let Some((life, until)) = replay.feeder(*number) {
                let made = made.min(until);
                open.push((made, Demand::Life(life, made)));
                continue;
            }
            for stretch in replay.parent_stretches(replay.copy(*number)) {
                let Some(last) = replay.copies_in(*stretch).last() else {
                    continue;
                };
                let demand = if replay.begins_life(*stretch) {
                    Demand::Life(replay.life_of(replay.copy(*last)), last.index() + 1)
                } else {
                    Demand::Copy(*last)
                };
                open.push((number.index(), demand));
            }
        }
    }
    found
}
