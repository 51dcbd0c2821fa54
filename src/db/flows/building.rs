//! Flows of a family while they are laid down, act by act.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::reading::Reading;
use super::{Effect, Flows, Holding, LAYOUT, count, effects, flag, is_placed, is_use, lasts, readings};
use crate::engine::{Columns, First, Flow, Log, Seed, Standing, Start, Ties, earliest};
use crate::model::fact::Act;
use crate::model::word::{ActKind, Carries};
use crate::store::Number;

/// Names by number, and numbers by name.
#[derive(Debug, Default)]
struct Names {
    all: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = count(self.all.len());
        self.all.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

/// A bit for each act or node, in words.
#[derive(Debug, Default)]
struct Bits(Vec<u32>);

impl Bits {
    /// So many bits, of which those of some places are set.
    fn of(places: &FxHashSet<u32>, count: u32) -> Self {
        let mut bits = Self::default();
        for place in 0..count {
            bits.push(place, places.contains(&place));
        }
        bits
    }

    /// The bit of the next place.
    fn push(&mut self, place: u32, is_set: bool) {
        if place.is_multiple_of(u32::BITS) {
            self.0.push(0);
        }
        if let Some(word) = self.0.last_mut() {
            *word |= u32::from(is_set) << (place % u32::BITS);
        }
    }

    fn has(&self, place: u32) -> bool {
        self.0[(place / u32::BITS) as usize] >> (place % u32::BITS) & 1 == 1
    }
}

/// What is known of an act beside what it says.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// It changes nothing that was told before and was told at once, so that its place inside its instant is known.
    pub is_settled: bool,
    /// Another record changes it or takes it back.
    pub is_changed: bool,
}

/// Flows that are being laid down.
#[derive(Debug)]
pub struct Building {
    processors: Names,
    fields: Names,
    numbers: FxHashMap<[u32; 2], u32>,
    holdings: Vec<[u32; 2]>,
    acts: Vec<[u32; 2]>,
    doing: Vec<[u32; 2]>,
    taking: Vec<[u32; 2]>,
    others: Vec<[u32; 2]>,
    uses: Bits,
    stores: Bits,
    possible: Bits,
    influence: Bits,
    unsure: Bits,
    /// Nodes at which something is deleted or handed over.
    ended: FxHashSet<u32>,
    /// Nodes from which something is handed over.
    handed: FxHashSet<u32>,
    log: Log,
    flags: u32,
    fits: bool,
}

impl Default for Building {
    fn default() -> Self {
        Self {
            processors: Names::default(),
            fields: Names::default(),
            numbers: FxHashMap::default(),
            holdings: Vec::new(),
            acts: Vec::new(),
            doing: Vec::new(),
            taking: Vec::new(),
            others: Vec::new(),
            uses: Bits::default(),
            stores: Bits::default(),
            possible: Bits::default(),
            influence: Bits::default(),
            unsure: Bits::default(),
            ended: FxHashSet::default(),
            handed: FxHashSet::default(),
            log: Log::new(Ties::Recorded, 0),
            flags: 0,
            fits: true,
        }
    }
}

impl Building {
    /// A record of the family that is no act, or not only one.
    pub fn note(&mut self, number: Number) {
        if let Some(packed) = self.packed(number) {
            self.others.push(packed);
        }
    }

    fn packed(&mut self, number: Number) -> Option<[u32; 2]> {
        let sequence = u32::try_from(number.sequence).ok();
        self.fits &= sequence.is_some();
        Some([sequence?, number.position])
    }

    /// Adds an act; acts come in order of time, then of the record.
    pub fn add(&mut self, number: Number, act: &Act, told: Told) {
        // The engine counts positions, two for each row, in 32 bits.
        let lists = [&self.doing, &self.taking, &self.acts].map(Vec::len);
        self.fits &= self.log.flows.len() < 1 << 30 && lists.iter().all(|length| *length < 1 << 30);
        let (Some(packed), true) = (self.packed(number), self.fits) else {
            return;
        };
        let order = count(self.acts.len());
        self.acts.push(packed);
        self.uses.push(order, is_use(act));
        self.stores.push(order, is_placed(act));
        self.possible.push(order, act.carries == Carries::Possible);
        self.influence.push(order, act.carries == Carries::Influence);
        let is_plain = told.is_settled && act.at.standing().is_none() && !act.at.is_uncertain();
        self.unsure.push(order, !is_plain || told.is_changed);
        let ends = matches!(act.kind, ActKind::Delete | ActKind::Assign);
        let what = [
            (ends || !is_plain || told.is_changed, flag::MORE),
            (act.at.is_uncertain(), flag::UNCERTAIN),
            (!is_plain, flag::LASTS),
            (act.carries == Carries::Possible, flag::POSSIBLE),
            (act.carries == Carries::Influence, flag::INFLUENCE),
        ];
        for (_, flag) in what.into_iter().filter(|(is_so, _)| *is_so) {
            self.flags |= flag;
        }
        if ends {
            for field in &act.fields {
                let node = self.node((act.actor.as_str(), field.as_str()));
                self.ended.insert(node);
                if act.kind == ActKind::Assign {
                    self.handed.insert(node);
                }
            }
        }
        let at = act.at.start().micros();
        let (since, until) = lasts(act);
        effects(act, |effect| match effect {
            Effect::Flow(from, to) => {
                let (from, to) = (self.node(from), self.node(to));
                let label = order + 1;
                if is_plain {
                    self.log.flows.push(Flow {
                        at,
                        order,
                        from,
                        to,
                        label,
                    });
                } else {
                    self.log.standing.push(Standing {
                        since,
                        order: 0,
                        until,
                        from,
                        to,
                        label,
                    });
                }
            }
            Effect::Begins(holding) => {
                let node = self.node(holding);
                self.doing.push([node, order]);
                let at = if is_plain { at } else { since };
                self.log.seeds.push(Seed { at, order, node });
            }
            Effect::Does(holding) => {
                let node = self.node(holding);
                self.doing.push([node, order]);
            }
            Effect::Takes(holding) => {
                let node = self.node(holding);
                self.taking.push([node, order]);
            }
        });
    }

    fn node(&mut self, (processor, field): Holding<'_>) -> u32 {
        let holding = [self.processors.number(processor), self.fields.number(field)];
        let holdings = &mut self.holdings;
        *self.numbers.entry(holding).or_insert_with(|| {
            holdings.push(holding);
            count(holdings.len()) - 1
        })
    }

    /// The flows in columns; nothing when they are more than the engine counts. Cost: linear in the acts, and two passes over
    /// all for each reading.
    pub fn finish(mut self) -> Option<Flows> {
        if !self.fits {
            return None;
        }
        self.log.nodes = count(self.holdings.len());
        self.doing.sort_unstable();
        self.taking.sort_unstable();
        self.numbers = FxHashMap::default();
        let columns = Columns::build(&self.log).ok()?;
        let begun: Vec<u32> = self.log.seeds.iter().map(|seed| seed.order).collect();
        self.log = Log::new(Ties::Recorded, 0);
        let since: Vec<[u32; 3]> = readings(self.flags)
            .flat_map(|reading| self.since(&columns, &begun, reading))
            .collect();
        let names = || self.processors.all.iter().chain(&self.fields.all);
        let mut text: Vec<u8> = names().flat_map(|name| name.bytes()).collect();
        let mut beside = vec![
            LAYOUT,
            count(self.processors.all.len()),
            count(self.fields.all.len()),
            count(self.holdings.len()),
            count(self.acts.len()),
            count(self.doing.len()),
            count(self.taking.len()),
            count(self.others.len()),
            self.flags,
            count(text.len()),
        ];
        let nodes = count(self.holdings.len());
        text.resize(text.len().next_multiple_of(4), 0);
        beside.extend(names().map(|name| count(name.len())));
        beside.extend(self.holdings.as_flattened());
        beside.extend(self.acts.as_flattened());
        beside.extend(self.doing.as_flattened());
        beside.extend(self.taking.as_flattened());
        beside.extend(self.others.as_flattened());
        for bits in [self.uses, self.stores, self.possible, self.influence, self.unsure] {
            beside.extend(bits.0);
        }
        for places in [self.ended, self.handed] {
            beside.extend(Bits::of(&places, nodes).0);
        }
        beside.extend(since.as_flattened());
        beside.extend(
            text.chunks_exact(4)
                .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])),
        );
        Flows::of(columns.with_beside(beside))
    }

    /// Of each node, by the acts that count: since when something may be held there, since when something surely is, and the row
    /// that brings that; each one more than its number, 0 for nothing.
    ///
    /// What comes by an act surely is what the giver has ever held and has not handed over: also what was deleted is
    /// passed on, against the record. That the act itself is changed, lasts, or may have another place in its instant, makes it
    /// unsure.
    fn since(&self, columns: &Columns, begun: &[u32], reading: Reading) -> Vec<[u32; 3]> {
        let counts = |act: u32| {
            (reading.with_possible || !self.possible.has(act))
                && (reading.with_influence || !self.influence.has(act))
        };
        let is_sure = |act: u32| counts(act) && !self.unsure.has(act);
        let starts = |counts: &dyn Fn(u32) -> bool| -> Vec<Start> {
            let starts = begun.iter().zip(columns.starts());
            starts
                .filter(|(act, _)| counts(**act))
                .map(|(_, start)| start)
                .collect()
        };
        let surely = earliest(columns, starts(&is_sure).into_iter(), |label, from| {
            is_sure(label - 1) && !self.handed.contains(&columns.node_of(from))
        });
        let may = if self.flags & flag::MORE == 0 {
            surely.clone()
        } else {
            earliest(columns, starts(&counts).into_iter(), |label, _| counts(label - 1))
        };
        let number = |first: Option<First>| first.map_or(0, |first| first.at.number() + 1);
        let row = |first: Option<First>| first.and_then(|first| first.by).map_or(0, |row| row + 1);
        let both = may.into_iter().zip(surely);
        both.map(|(may, surely)| [number(may), number(surely), row(surely)])
            .collect()
    }
}
