//! Acts laid over a graph without building it again: one subject's own, a proposed change, late records.
//!
//! Time between two rows of the base becomes finer: a [`Moment`](Instant64) of the overlay lies at a position of the
//! base or inside one of its gaps. An end in the overlay splits a life; the new lives and new nodes have numbers
//! behind those of the base. A search reads rows of the base where they are and looks up, for each life it touches,
//! what the overlay adds. It needs memory for what it touches and for nothing else.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::column::number;
use super::columns::Columns;
use super::log::{End, Flow, Log, Standing, Ties};
use super::position::Position;

/// A moment over base and overlay: a position of the base above, the place inside its gap below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub(super) u64);

impl Moment {
    /// Before everything.
    pub const FIRST: Self = Self(0);
    /// After everything.
    pub const LAST: Self = Self(u64::MAX);

    fn of(at: Position) -> Self {
        Self(u64::from(at.0) << 32)
    }

    fn of_bound(at: u32) -> Self {
        if at == u32::MAX {
            Self::LAST
        } else {
            Self::of(Position(at))
        }
    }

    /// The position of the base it lies at or in.
    pub fn position(self) -> Position {
        Position(number((self.0 >> 32) as usize))
    }

    pub(super) fn just_before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

/// One act that carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A row of the base.
    Row(u32),
    /// A standing flow of the base, by the number of its piece.
    Piece(u32),
    /// A flow of the overlay, by its place there.
    Flow(u32),
    /// A standing flow of the overlay, by its place there.
    Standing(u32),
}

/// A way from one life to another, seen from one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) other: u32,
    pub(super) opens: Moment,
    /// No later than `opens` for an act at one moment.
    pub(super) closes: Moment,
    pub(super) step: Step,
}

/// A life that the overlay made: a part of a life of the base, or of a node that the base does not have.
#[derive(Clone, Copy, Debug)]
struct Part {
    node: u32,
    base: Option<u32>,
    since: Moment,
    until: Moment,
}

/// A graph with something laid over it.
#[derive(Debug)]
pub struct Overlay<'c> {
    columns: &'c Columns,
    moments: Vec<(i64, u32)>,
    keys: Vec<Moment>,
    /// Lives numbered behind those of the base.
    parts: Vec<Part>,
    /// The parts of a split life of the base, and of each new node, in order; a split life itself is the first.
    splits: FxHashMap<u32, Vec<(Moment, u32)>>,
    /// For nodes behind those of the base, their first life.
    new_nodes: Vec<u32>,
    out: FxHashMap<u32, Vec<Way>>,
    into: FxHashMap<u32, Vec<Way>>,
}

impl<'c> Overlay<'c> {
    /// Lays the acts of a log over a graph. The log counts nodes as the base does and may have more of them; under
    /// RECORDED its acts come after those of the base at the same instant. Its seeds are not looked at.
    ///
    /// Cost: sorting the log, and a search in the base for each act.
    pub fn new(columns: &'c Columns, log: &Log) -> Self {
        let mut overlay = Self {
            columns,
            moments: moments(columns.ties(), log),
            keys: Vec::new(),
            parts: Vec::new(),
            splits: FxHashMap::default(),
            new_nodes: Vec::new(),
            out: FxHashMap::default(),
            into: FxHashMap::default(),
        };
        overlay.keys = overlay.keys_of_moments();
        for node in columns.nodes()..log.nodes {
            let life = overlay.add_part(node, None, Moment::FIRST);
            overlay.new_nodes.push(life);
        }
        overlay.split(&log.ends);
        for (place, flow) in (0..).zip(&log.flows) {
            overlay.add_flow(place, flow);
        }
        for (place, flow) in (0..).zip(&log.standing) {
            overlay.add_standing(place, flow);
        }
        for ways in overlay.out.values_mut().chain(overlay.into.values_mut()) {
            ways.sort_by_key(|way| (way.opens, way.step));
        }
        overlay
    }

    /// The graph below.
    pub fn base(&self) -> &'c Columns {
        self.columns
    }

    /// The moment of an instant and, under RECORDED, a place in it, as the overlay's log counts it.
    pub fn moment(&self, at: i64, order: u32) -> Moment {
        let order = if self.columns.ties() == Ties::Recorded {
            order
        } else {
            0
        };
        match self.moments.binary_search(&(at, order)) {
            Ok(place) => self.keys[place],
            // Nothing of the overlay happens then: what is there before it is what counts.
            Err(place) => {
                let at_base = self.base_of(at);
                match place.checked_sub(1).map(|before| self.keys[before]) {
                    Some(before) if before > at_base && before.position() == at_base.position() => before,
                    _ => at_base,
                }
            }
        }
    }

    /// The moment of a position of the base.
    pub fn moment_of(&self, at: Position) -> Moment {
        Moment::of(self.columns.settled(at))
    }

    fn base_of(&self, at: i64) -> Moment {
        match self.columns.ties() {
            Ties::Recorded => {
                let until = self.columns.position_until(at);
                let row = if until.is_gap() {
                    until.row()
                } else {
                    until.row() + 1
                };
                Moment::of(Position::before_row(row))
            }
            Ties::Any | Ties::Strict => Moment::of(self.columns.position(at)),
        }
    }

    /// Moments that fall into one gap of the base follow each other there.
    fn keys_of_moments(&self) -> Vec<Moment> {
        (1_u64..)
            .zip(&self.moments)
            .map(|(place, (at, _))| {
                let base = self.base_of(*at);
                if base.position().is_gap() {
                    Moment(base.0 + place)
                } else {
                    base
                }
            })
            .collect()
    }

    fn add_part(&mut self, node: u32, base: Option<u32>, since: Moment) -> u32 {
        let life = self.columns.lives() + number(self.parts.len());
        self.parts.push(Part {
            node,
            base,
            since,
            until: Moment::LAST,
        });
        life
    }

    fn split(&mut self, ends: &[End]) {
        let mut ends: Vec<(u32, Moment)> = ends
            .iter()
            .map(|end| (end.node, self.moment(end.at, end.order)))
            .collect();
        ends.sort_unstable();
        ends.dedup();
        for (node, at) in ends {
            let whole = self.whole_at(node, at);
            let (since, until) = self.whole_span(whole);
            if at == since {
                // The base has this very end.
                continue;
            }
            let base = (whole < self.columns.lives()).then_some(whole);
            let part = self.add_part(node, base, at);
            self.parts[(part - self.columns.lives()) as usize].until = until;
            let parts = self.splits.entry(whole).or_default();
            if let Some((_, before)) = parts.last()
                && let Some(before) = before.checked_sub(self.columns.lives())
            {
                self.parts[before as usize].until = at;
            } else if base.is_none() && parts.is_empty() {
                self.parts[(whole - self.columns.lives()) as usize].until = at;
            }
            parts.push((at, part));
        }
    }

    /// The unsplit life of a node at a moment.
    fn whole_at(&self, node: u32, at: Moment) -> u32 {
        match node.checked_sub(self.columns.nodes()) {
            Some(new) => self.new_nodes[new as usize],
            None => self.columns.life_at(node, at.position()),
        }
    }

    fn whole_span(&self, whole: u32) -> (Moment, Moment) {
        if whole >= self.columns.lives() {
            return (Moment::FIRST, Moment::LAST);
        }
        let (since, until) = self.columns.span(whole);
        (Moment::of(Position(since)), Moment::of_bound(until))
    }

    /// The part of an unsplit life at a moment.
    fn part_at(&self, whole: u32, at: Moment) -> u32 {
        let Some(parts) = self.splits.get(&whole) else {
            return whole;
        };
        let begun = parts.partition_point(|(since, _)| *since <= at);
        begun.checked_sub(1).map_or(whole, |last| parts[last].1)
    }

    /// The life of a node at a moment.
    pub fn life_at(&self, node: u32, at: Moment) -> u32 {
        self.part_at(self.whole_at(node, at), at)
    }

    /// The node a life belongs to.
    pub fn node_of(&self, life: u32) -> u32 {
        match life.checked_sub(self.columns.lives()) {
            Some(part) => self.parts[part as usize].node,
            None => self.columns.node_of(life),
        }
    }

    /// Whether the life is the last of its node.
    pub(super) fn is_last(&self, life: u32) -> bool {
        self.life_at(self.node_of(life), Moment::LAST) == life
    }

    /// The moments `[from, until)` over which a standing flow of the overlay carries.
    pub fn stretch_of(&self, flow: &Standing) -> (Moment, Moment) {
        let closes = flow.until.map_or(Moment::LAST, |until| self.closing(until));
        (self.moment(flow.since, flow.order), closes)
    }

    /// What the source of a standing flow of the overlay holds while it carries: each life with the last moment.
    pub(super) fn held_during(&self, flow: &Standing) -> Vec<(u32, Moment)> {
        let (opens, closes) = self.stretch_of(flow);
        let overlap = |life: u32| {
            let (_, since, until) = self.lasting(life);
            let closes = closes.min(until);
            (opens.max(since) < closes).then_some((life, closes.just_before()))
        };
        self.lives_of(flow.from).into_iter().filter_map(overlap).collect()
    }

    /// The life of the base that a life is or is a part of, and the moments `[since, until)` over which it lasts.
    fn lasting(&self, life: u32) -> (Option<u32>, Moment, Moment) {
        if let Some(part) = life.checked_sub(self.columns.lives()) {
            let part = self.parts[part as usize];
            return (part.base, part.since, part.until);
        }
        let (since, until) = self.whole_span(life);
        let split = self.splits.get(&life).and_then(|parts| parts.first());
        (Some(life), since, split.map_or(until, |(at, _)| *at))
    }

    /// All parts of an unsplit life.
    fn parts_of(&self, whole: u32) -> impl Iterator<Item = u32> + '_ {
        let split = self.splits.get(&whole).into_iter().flatten();
        std::iter::once(whole).chain(split.map(|(_, part)| *part))
    }

    fn lives_of(&self, node: u32) -> Vec<u32> {
        let wholes: Range<u32> = match node.checked_sub(self.columns.nodes()) {
            Some(new) => self.new_nodes[new as usize]..self.new_nodes[new as usize] + 1,
            None => self.columns.lives_of(node),
        };
        wholes.flat_map(|whole| self.parts_of(whole)).collect()
    }

    fn add_flow(&mut self, place: u32, flow: &Flow) {
        let at = self.moment(flow.at, flow.order);
        let (from, to) = (self.life_at(flow.from, at), self.life_at(flow.to, at));
        self.add_way(from, to, at, at, Step::Flow(place));
    }

    fn add_standing(&mut self, place: u32, flow: &Standing) {
        let (opens, closes) = self.stretch_of(flow);
        for from in self.lives_of(flow.from) {
            for to in self.lives_of(flow.to) {
                let ((_, a, b), (_, c, d)) = (self.lasting(from), self.lasting(to));
                let (opens, closes) = (opens.max(a).max(c), closes.min(b).min(d));
                if opens < closes {
                    self.add_way(from, to, opens, closes, Step::Standing(place));
                }
            }
        }
    }

    /// The moment before all acts of an instant, of base and overlay alike.
    fn closing(&self, until: i64) -> Moment {
        if self.columns.ties() != Ties::Recorded {
            return self.moment(until, 0);
        }
        let base = self.columns.position(until);
        let base = if base.is_gap() {
            base
        } else {
            Position::before_row(base.row())
        };
        // Behind all moments of the overlay before that instant, which may lie in the same gap.
        let before = self.moments.partition_point(|(at, _)| *at < until);
        Moment(Moment::of(base).0 + before as u64 + 1)
    }

    fn add_way(&mut self, from: u32, to: u32, opens: Moment, closes: Moment, step: Step) {
        let way = |other| Way {
            other,
            opens,
            closes,
            step,
        };
        self.out.entry(from).or_default().push(way(to));
        if from != to {
            self.into.entry(to).or_default().push(way(from));
        }
    }

    /// Calls with every way out of a life that can be taken by who holds from the moment on, and was not open to who
    /// holds from `read` on.
    pub(super) fn ways_out(&self, life: u32, at: Moment, read: Moment, mut take: impl FnMut(Way)) {
        let chains = self.columns.ties().chains();
        let in_time = |moment: Moment| if chains { moment >= at } else { moment > at };
        let (base, since, until) = self.lasting(life);
        if let Some(base) = base {
            let ready = self.columns.ready(at.position());
            let mut end = until.position().row();
            if read < Moment::LAST {
                end = end.min(self.columns.ready(read.position()));
            }
            let out = self.columns.out(base);
            let behind = out.behind(out.count_before(ready));
            for [other, row] in behind.iter().take_while(|[_, row]| *row < end) {
                let opens = self.moment_of(Position::of_row(row));
                if opens >= until {
                    break;
                }
                take(Way {
                    other: self.part_at(other, opens),
                    opens,
                    closes: opens,
                    step: Step::Row(row),
                });
            }
            let first = self
                .columns
                .pieces
                .out_begins
                .get(base as usize)
                .copied()
                .unwrap_or(0);
            for (place, piece) in (first..).zip(self.columns.pieces.out(base)) {
                let (opens, closes) = (Moment::of(Position(piece.opens)), Moment::of_bound(piece.closes));
                for other in self.parts_of(piece.to) {
                    let (_, a, b) = self.lasting(other);
                    let opens = opens.max(since).max(a);
                    let closes = closes.min(until).min(b);
                    if at < closes && opens < closes {
                        take(Way {
                            other,
                            opens,
                            closes,
                            step: Step::Piece(place),
                        });
                    }
                }
            }
        }
        for way in self.out.get(&life).into_iter().flatten() {
            let open = if way.closes > way.opens {
                at < way.closes
            } else {
                in_time(way.opens)
            };
            if open {
                take(*way);
            }
        }
    }

    /// Whether a standing flow of the base, or anything of the overlay, ever brings to the life.
    pub fn has_more_into(&self, life: u32) -> bool {
        !self.columns.pieces.inward(life).is_empty() || self.into.contains_key(&life)
    }

    /// Calls with every act that ever brings to the life or takes from it, with some twice. Cost: a step for each.
    pub fn steps_at(&self, life: u32, mut take: impl FnMut(Step)) {
        self.ways_into(life, Moment::LAST, |way, _| take(way.step));
        self.ways_out(life, Moment::FIRST, Moment::LAST, |way| take(way.step));
    }

    /// Calls with every way into a life that brings at or before the moment, and with the latest moment at which its
    /// source may begin to hold.
    pub(super) fn ways_into(&self, life: u32, at: Moment, mut take: impl FnMut(Way, Moment)) {
        let chains = self.columns.ties().chains();
        let latest = |moment: Moment| if chains { moment } else { moment.just_before() };
        let (base, since, until) = self.lasting(life);
        if let Some(base) = base {
            for [other, row] in self.columns.into(base).iter() {
                let opens = self.moment_of(Position::of_row(row));
                if opens > at || opens >= until {
                    break;
                }
                if opens >= since {
                    let way = Way {
                        other: self.part_at(other, opens),
                        opens,
                        closes: opens,
                        step: Step::Row(row),
                    };
                    take(way, latest(opens));
                }
            }
            for place in self.columns.pieces.inward(base) {
                let piece = self.columns.piece(*place);
                let (opens, closes) = (Moment::of(Position(piece.opens)), Moment::of_bound(piece.closes));
                for other in self.parts_of(piece.from) {
                    let (_, a, b) = self.lasting(other);
                    let opens = opens.max(since).max(a);
                    let closes = closes.min(until).min(b);
                    if opens < closes && opens <= at {
                        let way = Way {
                            other,
                            opens,
                            closes,
                            step: Step::Piece(*place),
                        };
                        take(way, closes.just_before().min(at));
                    }
                }
            }
        }
        for way in self
            .into
            .get(&life)
            .into_iter()
            .flatten()
            .filter(|way| way.opens <= at)
        {
            if way.closes > way.opens {
                take(*way, way.closes.just_before().min(at));
            } else {
                take(*way, latest(way.opens));
            }
        }
    }

    /// The label of a row or piece of the base; nothing for acts of the overlay, whose log has it.
    pub fn base_label(&self, step: Step) -> Option<u32> {
        match step {
            Step::Row(row) => Some(self.columns.label(row)),
            Step::Piece(piece) => Some(self.columns.piece(piece).label),
            Step::Flow(_) | Step::Standing(_) => None,
        }
    }
}

/// The distinct moments of a log, in order. What ends or closes is one, so that what is asked about falls before it or behind.
fn moments(ties: Ties, log: &Log) -> Vec<(i64, u32)> {
    let order = |order| if ties == Ties::Recorded { order } else { 0 };
    let mut moments: Vec<(i64, u32)> = log
        .flows
        .iter()
        .map(|flow| (flow.at, order(flow.order)))
        .chain(log.ends.iter().map(|end| (end.at, order(end.order))))
        .chain(log.standing.iter().map(|flow| (flow.since, order(flow.order))))
        .chain(log.standing.iter().filter_map(|flow| Some((flow.until?, 0))))
        .collect();
    moments.sort_unstable();
    moments.dedup();
    moments
}
