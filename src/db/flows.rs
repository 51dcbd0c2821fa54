//! Which acts a question needs, of a family that is too large to be replayed for it.
//!
//! The flows of a family lie in columns. A search back from whom a question is about names the acts that can have
//! brought anything there, and these alone are read, replayed and asked. The columns may name too many acts and never too
//! few: in them nothing ends, what was corrected or taken back still carries, and an
//! act whose place inside its instant may be another lasts all through it. With an act come all acts that give to its giver,
//! and all that end what its giver holds; so what the giver holds is replayed as it was. What is not named can have changed
//! nothing of it.
//!
//! What is sure is told apart: where the chain by which something first came to a holding is known for sure, and nothing may have
//! come before, that chain is all that is needed to tell what acts carry from there. `docs/engine.md` says why.

mod building;
mod common;
mod over;
mod search;
mod sure;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::reading::Reading;
use crate::engine::{Columns, Position};
use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId};
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::store::Number;
pub use building::{Building, Told};
pub use common::Forward;
pub use over::Settled;
pub use search::{After, Search};

/// The layout of what is kept beside the columns.
const LAYOUT: u32 = 4;
const HEAD: usize = 10;

/// What may not hold of a family.
mod flag {
    /// Something ends, stands, changes what was told or is changed: the columns say more than was.
    pub(super) const MORE: u32 = 1;
    /// Of an instant only the bounds are known.
    pub(super) const UNCERTAIN: u32 = 2;
    /// An act lasts, or its place inside its instant may be another.
    pub(super) const LASTS: u32 = 4;
    /// An act only may have carried.
    pub(super) const POSSIBLE: u32 = 8;
    /// An act carried nothing and had a say in what came out.
    pub(super) const INFLUENCE: u32 = 16;
    /// An act hands over what it takes; like the next one not kept in files, where nodes tell it.
    pub(super) const HANDS_OVER: u32 = 32;
    /// An act deletes, or hands over, what it takes.
    pub(super) const ENDS: u32 = 64;
}

/// All readings that are told apart in a family with these flags, in the order in which they are kept.
fn readings(flags: u32) -> impl Iterator<Item = Reading> {
    let both = |flag: u32| if flags & flag == 0 { 1 } else { 2 };
    let (of_possible, of_influence) = (both(flag::POSSIBLE), both(flag::INFLUENCE));
    (0..of_influence).flat_map(move |influence| {
        (0..of_possible).map(move |possible| Reading {
            with_possible: possible == 1,
            with_influence: influence == 1,
        })
    })
}

/// The place of a reading among them.
fn place_of(reading: Reading, flags: u32) -> usize {
    let of_possible = usize::from(flags & flag::POSSIBLE != 0);
    let of_influence = usize::from(flags & flag::INFLUENCE != 0);
    let possible = of_possible & usize::from(reading.with_possible);
    let influence = of_influence & usize::from(reading.with_influence);
    possible + influence * (1 + of_possible)
}

/// A processor with a field.
type Holding<'a> = (&'a str, &'a str);

/// What an act does to holdings.
enum Effect<'a> {
    /// It brings data from one to the other.
    Flow(Holding<'a>, Holding<'a>),
    /// Data begins there.
    Begins(Holding<'a>),
    /// It does something there that brings nothing to others.
    Does(Holding<'a>),
    /// It takes from what is there and changes nothing of it.
    Takes(Holding<'a>),
}

fn effects<'a>(act: &'a Act, mut tell: impl FnMut(Effect<'a>)) {
    let at = |processor: &'a ProcessorId, field: &'a FieldId| (processor.as_str(), field.as_str());
    // Whoever gives to itself has one copy more.
    let flow = |from, to| {
        if from == to {
            Effect::Does(to)
        } else {
            Effect::Flow(from, to)
        }
    };
    for field in &act.fields {
        let own = at(&act.actor, field);
        let given = act.recipient.as_ref().map(|to| flow(own, at(to, field)));
        match act.kind {
            ActKind::Collect => tell(Effect::Begins(own)),
            ActKind::Delete => tell(Effect::Does(own)),
            ActKind::Correct | ActKind::Restrict => tell(Effect::Takes(own)),
            ActKind::Derive if act.makes.is_empty() => tell(Effect::Takes(own)),
            ActKind::Derive => {
                let made = act.makes.iter().map(|made| flow(own, at(&act.actor, made)));
                made.for_each(&mut tell);
            }
            ActKind::Assign => given.into_iter().chain([Effect::Does(own)]).for_each(&mut tell),
            ActKind::Use
            | ActKind::Store
            | ActKind::Share
            | ActKind::Verify
            | ActKind::Disclose
            | ActKind::Delegate => tell(given.unwrap_or(Effect::Takes(own))),
        }
    }
}

/// Whether the act uses what it takes, or makes something of it.
fn is_use(act: &Act) -> bool {
    matches!(act.kind, ActKind::Use | ActKind::Derive)
}

/// Whether the act places what it takes in some country.
fn is_placed(act: &Act) -> bool {
    act.kind == ActKind::Store && act.location.is_some()
}

/// The microseconds through which an act may bring: from before all others of its first instant until behind all others of
/// its last one; without an end where it stands on.
fn lasts(act: &Act) -> (i64, Option<i64>) {
    let from = act.at.start().micros();
    let until = match act.at.standing() {
        Some((_, until)) => until.map(Instant::micros),
        None => Some(from + 1),
    };
    (from - 1, until.map(|until| until.max(from + 1)))
}

fn unpacked([sequence, position]: [u32; 2]) -> Number {
    Number {
        sequence: sequence.into(),
        position,
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).expect("fewer than 2^32 names and acts are laid down")
}

/// The flows of a family in columns.
#[derive(Debug)]
pub struct Flows {
    columns: Columns,
    processors: Vec<Box<str>>,
    fields: Vec<Box<str>>,
    parts: Parts,
    flags: u32,
    /// Numbers by name, once something is laid over.
    numbers: OnceLock<Numbers>,
}

/// Since when something is held at a node.
#[derive(Clone, Copy, Debug)]
struct Since {
    /// Not before, if ever.
    may: Option<Position>,
    /// At the latest, if at all.
    surely: Option<Position>,
    /// The row that surely brings it; nothing where it begins.
    by: Option<u32>,
}

/// Where things are in what is kept beside the columns.
#[derive(Debug)]
struct Parts {
    /// Of each node, the number of its processor and that of its field.
    holdings: Range<usize>,
    /// Of each act, its number on record.
    acts: Range<usize>,
    /// A node and an act that does something there beside bringing: sorted.
    doing: Range<usize>,
    /// A node and an act that takes from what is there and changes nothing: sorted.
    taking: Range<usize>,
    /// Records that are no acts, or not only that, by their number on record.
    others: Range<usize>,
    /// A bit for each act: whether it uses what it takes, or makes something of it.
    uses: Range<usize>,
    /// A bit for each act: whether it places what it takes in some country.
    stores: Range<usize>,
    /// A bit for each act: whether it only may have carried.
    possible: Range<usize>,
    /// A bit for each act: whether it carried nothing and had a say in what came out.
    influence: Range<usize>,
    /// A bit for each act: whether it may have carried at another time, or not at all.
    unsure: Range<usize>,
    /// A bit for each node: whether anything is deleted there, or handed over from there.
    ended: Range<usize>,
    /// A bit for each node: whether anything is handed over from there.
    handed: Range<usize>,
    /// For each reading, of each node: since when something may be held there, since when something surely is, and the row that
    /// brings that; each one more than its number, 0 for nothing.
    since: Range<usize>,
}

#[derive(Debug)]
struct Numbers {
    processors: FxHashMap<Box<str>, u32>,
    fields: FxHashMap<Box<str>, u32>,
    nodes: FxHashMap<[u32; 2], u32>,
}

impl Flows {
    /// The flows of columns that were saved; nothing when what is beside them is of another layout.
    pub fn of(columns: Columns) -> Option<Self> {
        let beside = columns.beside();
        let sizes: [u32; HEAD] = beside.get(..HEAD)?.try_into().ok()?;
        let [
            layout,
            processors,
            fields,
            holdings,
            acts,
            doing,
            taking,
            others,
            flags,
            text,
        ] = sizes;
        if layout != LAYOUT {
            return None;
        }
        let mut end = HEAD;
        let mut next = |words: u32, each: usize| {
            let from = end;
            end += words as usize * each;
            from..end
        };
        let lengths = next(processors + fields, 1);
        let words = |bits: u32| bits.div_ceil(u32::BITS);
        let parts = Parts {
            holdings: next(holdings, 2),
            acts: next(acts, 2),
            doing: next(doing, 2),
            taking: next(taking, 2),
            others: next(others, 2),
            uses: next(words(acts), 1),
            stores: next(words(acts), 1),
            possible: next(words(acts), 1),
            influence: next(words(acts), 1),
            unsure: next(words(acts), 1),
            ended: next(words(holdings), 1),
            handed: next(words(holdings), 1),
            since: next(holdings, 3 * readings(flags).count()),
        };
        let bytes: Vec<u8> = beside
            .get(end..)?
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        let mut rest = bytes.get(..text as usize)?;
        let mut names = Vec::with_capacity(lengths.len());
        for length in &beside[lengths] {
            let (name, behind) = rest.split_at_checked(*length as usize)?;
            names.push(Box::<str>::from(std::str::from_utf8(name).ok()?));
            rest = behind;
        }
        let fields = names.split_off(processors as usize);
        Some(Self {
            processors: names,
            fields,
            parts,
            flags,
            numbers: OnceLock::new(),
            columns,
        })
    }

    /// Lays acts down that come in order of time; nothing when they are more than the engine counts.
    pub fn of_acts<'a>(acts: impl Iterator<Item = (Number, &'a Act)>) -> Option<Self> {
        let mut building = Building::default();
        for (number, act) in acts {
            let told = Told {
                is_settled: true,
                is_changed: false,
            };
            building.add(number, act, told);
        }
        building.finish()
    }

    /// The columns, to be saved.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Whether of an instant only the bounds are known.
    pub fn has_uncertain(&self) -> bool {
        self.flags & flag::UNCERTAIN != 0
    }

    /// How many acts there are.
    pub fn len(&self) -> usize {
        self.parts.acts.len() / 2
    }

    fn pairs(&self, part: &Range<usize>) -> &[[u32; 2]] {
        self.columns.beside()[part.clone()].as_chunks().0
    }

    fn number(&self, act: u32) -> Number {
        unpacked(self.pairs(&self.parts.acts)[act as usize])
    }

    /// Records of the family that are no acts, or not only that, in no order that means anything.
    pub fn others(&self) -> impl Iterator<Item = Number> {
        self.pairs(&self.parts.others).iter().copied().map(unpacked)
    }

    /// Whether the act or node has a bit in this part.
    fn has(&self, part: &Range<usize>, place: u32) -> bool {
        let words = &self.columns.beside()[part.clone()];
        words[(place / u32::BITS) as usize] >> (place % u32::BITS) & 1 == 1
    }

    /// Whether the act counts under a reading.
    fn counts(&self, act: u32, reading: Reading) -> bool {
        let is_left_out = |flag: u32, part: &Range<usize>, is_read: bool| {
            !is_read && self.flags & flag != 0 && self.has(part, act)
        };
        !is_left_out(flag::POSSIBLE, &self.parts.possible, reading.with_possible)
            && !is_left_out(flag::INFLUENCE, &self.parts.influence, reading.with_influence)
    }

    /// Since when something is held at the node, by the acts that count.
    fn since(&self, node: u32, reading: Reading) -> Since {
        let all: &[[u32; 3]] = self.columns.beside()[self.parts.since.clone()].as_chunks().0;
        let nodes = self.columns.nodes() as usize;
        let [may, surely, by] = all[place_of(reading, self.flags) * nodes + node as usize];
        let position = |number: u32| number.checked_sub(1).map(Position::of_number);
        Since {
            may: position(may),
            surely: position(surely),
            by: by.checked_sub(1),
        }
    }

    /// The nodes of which the names of processor and field are wanted.
    fn nodes_where(
        &self,
        has: impl Fn(&str) -> bool,
        is_of: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = u32> {
        let processors: Vec<bool> = self.processors.iter().map(|name| has(name)).collect();
        let fields: Vec<bool> = self.fields.iter().map(|name| is_of(name)).collect();
        let nodes = (0..).zip(self.pairs(&self.parts.holdings));
        nodes.filter_map(move |(node, [processor, field])| {
            (processors[*processor as usize] && fields[*field as usize]).then_some(node)
        })
    }

    fn name(&self, node: u32) -> Holding<'_> {
        let [processor, field] = self.pairs(&self.parts.holdings)[node as usize];
        (&self.processors[processor as usize], &self.fields[field as usize])
    }

    fn node(&self, (processor, field): Holding<'_>) -> Option<u32> {
        let by_name = |names: &[Box<str>]| names.iter().cloned().zip(0..).collect();
        let numbers = self.numbers.get_or_init(|| Numbers {
            processors: by_name(&self.processors),
            fields: by_name(&self.fields),
            nodes: self
                .pairs(&self.parts.holdings)
                .iter()
                .copied()
                .zip(0..)
                .collect(),
        });
        let holding = [*numbers.processors.get(processor)?, *numbers.fields.get(field)?];
        numbers.nodes.get(&holding).copied()
    }

    /// The flows with what was laid over these before, and upon that more acts, in any order. Cost: about a microsecond for each of
    /// these.
    pub fn with(&self, settled: Option<Arc<Settled>>, over: Vec<(Number, Act)>) -> Search<'_> {
        Search::new(self, settled, over)
    }
}
