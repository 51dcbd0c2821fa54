//! Which acts a question needs, of a family that is too large to be replayed for it.
//!
//! The flows of a family lie in columns. A search back from whom a question is about names the acts that can have
//! brought anything there, and these alone are read, replayed and asked. The columns may name too many acts and never too
//! few: in them nothing ends, what was corrected or taken back still carries, so does what only may have carried, and an
//! act whose place inside its instant may be another lasts all through it. With an act come all acts that give to its giver,
//! and all that end what its giver holds; so what the giver holds is replayed as it was. What is not named can have changed
//! nothing of it.

mod search;

use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::engine::{Columns, Flow, Frontier, Limits, Log, Position, Seed, Standing, Start, Ties};
use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Carries};
use crate::store::Number;
pub use search::{After, Search};

/// The layout of what is kept beside the columns.
const LAYOUT: u32 = 3;
const HEAD: usize = 10;

/// What may not hold of a family.
mod flag {
    /// Something ends, stands, only may have carried, or changes what was told: the columns say more than was.
    pub(super) const MORE: u32 = 1;
    /// Of an instant only the bounds are known.
    pub(super) const UNCERTAIN: u32 = 2;
    /// An act lasts, or its place inside its instant may be another.
    pub(super) const LASTS: u32 = 4;
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

/// A bit for each act, in words.
#[derive(Debug, Default)]
struct Bits(Vec<u32>);

impl Bits {
    fn push(&mut self, order: u32, is_set: bool) {
        if order.is_multiple_of(u32::BITS) {
            self.0.push(0);
        }
        if let Some(word) = self.0.last_mut() {
            *word |= u32::from(is_set) << (order % u32::BITS);
        }
    }
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
            log: Log::new(Ties::Recorded, 0),
            flags: 0,
            fits: true,
        }
    }
}

impl Building {
    /// A record of the family that is no act, or not only one. `changes`: it changes what was told before, so that the
    /// columns will say more than was.
    pub fn note(&mut self, number: Number, changes: bool) {
        if changes {
            self.flags |= flag::MORE;
        }
        if let Some(packed) = self.packed(number) {
            self.others.push(packed);
        }
    }

    fn packed(&mut self, number: Number) -> Option<[u32; 2]> {
        let sequence = u32::try_from(number.sequence).ok();
        self.fits &= sequence.is_some();
        Some([sequence?, number.position])
    }

    /// Adds an act; acts come in order of time, then of the record. `is_settled`: it changes nothing that was told before,
    /// so that its place is known.
    pub fn add(&mut self, number: Number, act: &Act, is_settled: bool) {
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
        let is_plain = is_settled && act.at.standing().is_none() && !act.at.is_uncertain();
        let ends = matches!(act.kind, ActKind::Delete | ActKind::Assign);
        if ends || !is_plain || act.carries != Carries::Surely {
            self.flags |= flag::MORE;
        }
        if act.at.is_uncertain() {
            self.flags |= flag::UNCERTAIN;
        }
        if !is_plain {
            self.flags |= flag::LASTS;
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

    /// The flows in columns; nothing when they are more than the engine counts. Cost: linear in the acts, and one search.
    pub fn finish(mut self) -> Option<Flows> {
        if !self.fits {
            return None;
        }
        self.log.nodes = count(self.holdings.len());
        self.doing.sort_unstable();
        self.taking.sort_unstable();
        self.numbers = FxHashMap::default();
        let columns = Columns::build(&self.log).ok()?;
        self.log = Log::new(Ties::Recorded, 0);
        let starts: Vec<Start> = columns.starts().collect();
        let mut search = Frontier::new(&columns);
        search.run(&columns, &starts, Limits::NONE, |_| false);
        let held = (0..columns.lives()).map(|life| search.arrival(life).map_or(0, |at| at.number() + 1));
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
        text.resize(text.len().next_multiple_of(4), 0);
        beside.extend(names().map(|name| count(name.len())));
        beside.extend(self.holdings.as_flattened());
        beside.extend(self.acts.as_flattened());
        beside.extend(self.doing.as_flattened());
        beside.extend(self.taking.as_flattened());
        beside.extend(self.others.as_flattened());
        beside.extend(self.uses.0);
        beside.extend(self.stores.0);
        beside.extend(held);
        beside.extend(
            text.chunks_exact(4)
                .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])),
        );
        Flows::of(columns.with_beside(beside))
    }
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
    /// Of each node, one more than the number of the position since when something is held there; 0 for never.
    held: Range<usize>,
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
        let parts = Parts {
            holdings: next(holdings, 2),
            acts: next(acts, 2),
            doing: next(doing, 2),
            taking: next(taking, 2),
            others: next(others, 2),
            uses: next(acts.div_ceil(u32::BITS), 1),
            stores: next(acts.div_ceil(u32::BITS), 1),
            held: next(holdings, 1),
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
            building.add(number, act, true);
        }
        building.finish()
    }

    /// The columns, to be saved.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Whether the columns say what was, and nothing more.
    pub fn is_exact(&self) -> bool {
        self.flags & flag::MORE == 0
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

    /// Whether the act has a bit in this part.
    fn has(&self, part: &Range<usize>, act: u32) -> bool {
        let words = &self.columns.beside()[part.clone()];
        words[(act / u32::BITS) as usize] >> (act % u32::BITS) & 1 == 1
    }

    /// Since when something is held at the node, if ever.
    fn held(&self, node: u32) -> Option<Position> {
        let held = self.columns.beside()[self.parts.held.clone()][node as usize];
        held.checked_sub(1).map(Position::of_number)
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

    /// The flows with these acts laid over them, in any order.
    pub fn with<'f>(&'f self, over: &'f [(Number, Act)]) -> Search<'f> {
        Search::new(self, over)
    }
}
