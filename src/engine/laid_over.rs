//! Searches through a graph with something laid over it. They need memory for what they touch alone, so that a
//! change is judged in the time of its own reach, however large the graph is.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::column::number;
use super::layer::Step;
use super::moment::Moment;
use super::overlay::Overlay;

/// Data that begins in a life of an overlaid graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Where.
    pub life: u32,
    /// When.
    pub at: Moment,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    at: Moment,
    first: u32,
    last: u32,
    /// The last improvement that was read.
    read: u32,
}

#[derive(Clone, Copy, Debug)]
struct Gain {
    life: u32,
    at: Moment,
    /// The step and the improvement before it; nothing for a beginning.
    via: Option<(Step, u32)>,
}

/// What is reached from some beginnings, since when, and by which chains.
#[derive(Debug, Default)]
pub struct Reach {
    cells: FxHashMap<u32, Cell>,
    gains: Vec<Gain>,
}

impl Reach {
    /// Searches forward, in rounds as [`Frontier`](super::Frontier) does; nothing after `until` counts.
    ///
    /// Cost: each row out of a reached life about once, with a look-up for each life.
    pub fn new(overlay: &Overlay<'_>, beginnings: &[Beginning], until: Moment) -> Self {
        Self::by(overlay, beginnings, until, |_, _, _| true)
    }

    /// The same by those acts alone that `goes` lets through: it is asked with the act, the life it brings to and the moment
    /// at which it does.
    pub fn by(
        overlay: &Overlay<'_>,
        beginnings: &[Beginning],
        until: Moment,
        goes: impl Fn(Step, u32, Moment) -> bool,
    ) -> Self {
        let mut reach = Self::default();
        for beginning in beginnings.iter().filter(|beginning| beginning.at <= until) {
            reach.gain(beginning.life, beginning.at, None, 0);
        }
        let (mut from, mut to) = (0, reach.gains.len());
        while from < to {
            for place in from..to {
                let gain = reach.gains[place];
                let Some(read) = reach
                    .cells
                    .get_mut(&gain.life)
                    .map(|cell| std::mem::replace(&mut cell.read, number(place)))
                else {
                    continue;
                };
                let read = reach
                    .gains
                    .get(read as usize)
                    .map_or(Moment::LAST, |gain| gain.at);
                overlay.ways_out(gain.life, gain.at, read, |way| {
                    let at = gain.at.max(way.opens);
                    if at <= until && goes(way.step, way.other, at) {
                        reach.gain(way.other, at, Some((way.step, number(place))), to);
                    }
                });
            }
            (from, to) = (to, reach.gains.len());
        }
        reach
    }

    fn gain(&mut self, life: u32, at: Moment, via: Option<(Step, u32)>, round: usize) {
        let next = number(self.gains.len());
        let cell = self.cells.entry(life).or_insert(Cell {
            at: Moment::LAST,
            first: next,
            last: u32::MAX,
            read: u32::MAX,
        });
        if at >= cell.at {
            return;
        }
        cell.at = at;
        let gain = Gain { life, at, via };
        // An improvement of this very round is not read before the next: it can be replaced.
        if cell.last != u32::MAX && cell.last as usize >= round {
            self.gains[cell.last as usize] = gain;
        } else {
            cell.last = next;
            self.gains.push(gain);
        }
    }

    /// Since when the life holds.
    pub fn arrival(&self, life: u32) -> Option<Moment> {
        self.cells.get(&life).map(|cell| cell.at)
    }

    /// The lives reached, beginnings among them, in the order of the search.
    pub fn lives(&self) -> impl Iterator<Item = u32> {
        let is_first = |(place, gain): &(u32, &Gain)| {
            self.cells
                .get(&gain.life)
                .is_some_and(|cell| cell.first == *place)
        };
        (0..).zip(&self.gains).filter(is_first).map(|(_, gain)| gain.life)
    }

    /// The chain with the fewest acts to a life.
    pub fn shortest(&self, life: u32) -> Vec<Step> {
        let mut chain = Vec::new();
        let mut place = self.cells.get(&life).map(|cell| cell.first);
        while let Some((step, before)) = place.and_then(|place| self.gains.get(place as usize)?.via) {
            chain.push(step);
            place = Some(before);
        }
        chain.reverse();
        chain
    }

    /// Every act that carries something of this, with the moment at which it begins to; sorted.
    pub fn carriers(&self, overlay: &Overlay<'_>) -> Vec<(Step, Moment)> {
        let mut carriers = Vec::new();
        for (life, cell) in &self.cells {
            overlay.ways_out(*life, cell.at, Moment::LAST, |way| {
                carriers.push((way.step, cell.at.max(way.opens)));
            });
        }
        carriers.sort_unstable();
        carriers.dedup_by_key(|(step, _)| *step);
        carriers
    }
}

/// Which lives could have supplied some others, and until when.
#[derive(Debug, Default)]
pub struct Supply {
    latest: FxHashMap<u32, Moment>,
}

impl Supply {
    /// Searches back from what the lives hold at or before each moment. Cost: each row into a life that can supply
    /// about once, with a look-up for each life.
    pub fn new(overlay: &Overlay<'_>, wanted: &[Beginning]) -> Self {
        Self::by(overlay, wanted, |_| true, |_| true)
    }

    /// The same by those acts alone that `goes` lets through, and no further than from the lives of which `is_asked` says so.
    pub fn by(
        overlay: &Overlay<'_>,
        wanted: &[Beginning],
        goes: impl Fn(Step) -> bool,
        is_asked: impl Fn(u32) -> bool,
    ) -> Self {
        let mut supply = Self::default();
        let mut queue: Vec<Beginning> = Vec::new();
        for want in wanted {
            supply.gain(want.life, want.at, &mut queue);
        }
        let mut next = 0;
        while let Some(Beginning { life, at }) = queue.get(next).copied() {
            next += 1;
            if supply.latest.get(&life) == Some(&at) && is_asked(life) {
                overlay.ways_into(life, at, |way, latest| {
                    if goes(way.step) {
                        supply.gain(way.other, latest, &mut queue);
                    }
                });
            }
        }
        supply
    }

    fn gain(&mut self, life: u32, at: Moment, queue: &mut Vec<Beginning>) {
        match self.latest.entry(life) {
            Entry::Occupied(latest) if *latest.get() >= at => return,
            Entry::Occupied(mut latest) => *latest.get_mut() = at,
            Entry::Vacant(latest) => {
                latest.insert(at);
            }
        }
        queue.push(Beginning { life, at });
    }

    /// The latest moment at which the life may begin to hold and still supply.
    pub fn latest(&self, life: u32) -> Option<Moment> {
        self.latest.get(&life).copied()
    }

    /// The lives that can supply, those asked for among them, sorted.
    pub fn lives(&self) -> Vec<u32> {
        let mut lives: Vec<u32> = self.latest.keys().copied().collect();
        lives.sort_unstable();
        lives
    }

    /// Every act that brings to a life that can supply, in time to do so; sorted. Cost: the search once more.
    /// Of a search by some acts and from some lives alone, with what said so.
    pub fn steps(
        &self,
        overlay: &Overlay<'_>,
        goes: impl Fn(Step) -> bool,
        is_asked: impl Fn(u32) -> bool,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        for (life, at) in self.latest.iter().filter(|(life, _)| is_asked(**life)) {
            overlay.ways_into(*life, *at, |way, _| {
                if goes(way.step) {
                    steps.push(way.step);
                }
            });
        }
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}
