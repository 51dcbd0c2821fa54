//! Acts laid over a graph without building it again: one subject's own, a proposed change, late records.
//!
//! Time between two rows of the base becomes finer: a [`Moment`] lies at a position of the base or inside one of its gaps.
//! An end in what is laid over splits a life; the new lives and new nodes have numbers
//! behind those of the base. A search reads rows of the base where they are and looks up, for each life it touches,
//! what is laid over it. It needs memory for what it touches and for nothing else.

use std::ops::Range;
use std::sync::Arc;

use super::column::number;
use super::columns::Columns;
use super::layer::{Layer, Part, Step, Way};
use super::log::{End, Flow, Log, Standing, Ties};
use super::moment::Moment;
use super::position::Position;

/// A graph with something laid over it.
#[derive(Debug)]
pub struct Overlay<'c> {
    columns: &'c Columns,
    /// What was laid over it before, if anything.
    below: Option<Arc<Layer>>,
    /// What is laid over that.
    top: Layer,
}

impl<'c> Overlay<'c> {
    /// Lays the acts of a log over a graph. The log counts nodes as the base does and may have more of them; under
    /// RECORDED its acts come after those of the base at the same instant. Its seeds are not looked at.
    ///
    /// Cost: a search in the base for each act.
    pub fn new(columns: &'c Columns, log: &Log) -> Self {
        let mut overlay = Self {
            columns,
            below: None,
            top: Layer::default(),
        };
        overlay.add_nodes(log.nodes);
        overlay.split(&log.ends);
        for (place, flow) in (0..).zip(&log.flows) {
            overlay.add_flow(place, flow);
        }
        overlay.add_all_standing(&log.standing);
        overlay.top.sort();
        overlay
    }

    /// The graph with what was laid over it before, and these standing flows upon that; they are counted behind those below, and
    /// there may be more nodes, so many with those of the graph and those below.
    ///
    /// Cost: a search in the base for each of these flows.
    pub fn upon(columns: &'c Columns, below: Arc<Layer>, standing: &[Standing], nodes: u32) -> Self {
        let mut overlay = Self {
            columns,
            below: Some(below),
            top: Layer::default(),
        };
        overlay.add_nodes(nodes);
        overlay.add_all_standing(standing);
        overlay.top.sort();
        overlay
    }

    /// What is laid over the graph, to be laid over it again; of one that lies upon another, the upper one alone.
    pub fn into_layer(self) -> Layer {
        self.top
    }

    /// The graph below.
    pub fn base(&self) -> &'c Columns {
        self.columns
    }

    /// What is laid over the graph, the lower first.
    fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.below.as_deref().into_iter().chain([&self.top])
    }

    /// The first number of a life of the upper layer.
    fn lives_below(&self) -> u32 {
        let below = self.below.as_ref().map_or(0, |below| below.parts.len());
        self.columns.lives() + number(below)
    }

    /// The part that a life is; nothing for one of the base.
    fn part(&self, life: u32) -> Option<&Part> {
        let mut place = life.checked_sub(self.columns.lives())? as usize;
        for layer in self.layers() {
            match layer.parts.get(place) {
                Some(part) => return Some(part),
                None => place -= layer.parts.len(),
            }
        }
        None
    }

    /// The parts behind the first of an unsplit life.
    fn split_of(&self, whole: u32) -> Option<&Vec<(Moment, u32)>> {
        // Nothing ends in what is laid upon another layer.
        let layer = self.below.as_deref().unwrap_or(&self.top);
        layer.splits.get(&whole)
    }

    /// The moment of an instant and, under RECORDED, a place among its acts, as the log that is laid over counts it: there behind
    /// all that the base has at that instant.
    pub fn moment(&self, at: i64, order: u32) -> Moment {
        if self.columns.ties() == Ties::Recorded {
            let until = self.columns.position_until(at);
            let row = if until.is_gap() {
                until.row()
            } else {
                until.row() + 1
            };
            return Moment::inside(Position::before_row(row), at, order.saturating_add(1));
        }
        let position = self.columns.position(at);
        if position.is_gap() {
            Moment::inside(position, at, 0)
        } else {
            Moment::of(position)
        }
    }

    /// The moment before all acts of an instant, of the base and of what is laid over it, where acts of one instant are told apart.
    pub fn before(&self, at: i64) -> Moment {
        if self.columns.ties() != Ties::Recorded {
            return self.moment(at, 0);
        }
        let row = self.columns.position(at).row();
        Moment::inside(Position::before_row(row), at, 0)
    }

    /// The moment of a position of the base.
    pub fn moment_of(&self, at: Position) -> Moment {
        Moment::of(self.columns.settled(at))
    }

    fn add_part(&mut self, node: u32, base: Option<u32>, since: Moment) -> u32 {
        let life = self.lives_below() + number(self.top.parts.len());
        self.top.parts.push(Part {
            node,
            base,
            since,
            until: Moment::LAST,
        });
        life
    }

    /// Nodes up to so many, with those of the base and those below.
    fn add_nodes(&mut self, nodes: u32) {
        let below = self.below.as_ref().map_or(0, |below| below.new_nodes.len());
        for node in self.columns.nodes() + number(below)..nodes {
            let life = self.add_part(node, None, Moment::FIRST);
            self.top.new_nodes.push(life);
        }
    }

    fn add_all_standing(&mut self, flows: &[Standing]) {
        let first = self.below.as_ref().map_or(0, |below| below.standing);
        for (place, flow) in (first..).zip(flows) {
            self.add_standing(place, flow);
        }
        self.top.standing = first + number(flows.len());
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
            let first = self.columns.lives();
            let Layer { parts, splits, .. } = &mut self.top;
            parts[(part - first) as usize].until = until;
            let split = splits.entry(whole).or_default();
            if let Some((_, before)) = split.last()
                && let Some(before) = before.checked_sub(first)
            {
                parts[before as usize].until = at;
            } else if base.is_none() && split.is_empty() {
                parts[(whole - first) as usize].until = at;
            }
            split.push((at, part));
        }
    }

    /// The unsplit life of a node at a moment.
    fn whole_at(&self, node: u32, at: Moment) -> u32 {
        match node.checked_sub(self.columns.nodes()) {
            Some(new) => self.first_life(new),
            None => self.columns.life_at(node, at.position()),
        }
    }

    /// The first life of a node behind those of the base.
    fn first_life(&self, new: u32) -> u32 {
        let below: &[u32] = self.below.as_ref().map_or(&[], |below| &below.new_nodes);
        let own = (new as usize).checked_sub(below.len());
        own.map_or_else(|| below[new as usize], |own| self.top.new_nodes[own])
    }

    fn whole_span(&self, whole: u32) -> (Moment, Moment) {
        if whole >= self.columns.lives() {
            return (Moment::FIRST, Moment::LAST);
        }
        let (since, until) = self.columns.span(whole);
        (Moment::of(Position(since)), Moment::of_bound(until))
    }

    /// The part of an unsplit life at a moment.
    #[inline]
    fn part_at(&self, whole: u32, at: Moment) -> u32 {
        let Some(parts) = self.split_of(whole) else {
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
        match self.part(life) {
            Some(part) => part.node,
            None => self.columns.node_of(life),
        }
    }

    /// Whether the life is the last of its node.
    pub(super) fn is_last(&self, life: u32) -> bool {
        self.life_at(self.node_of(life), Moment::LAST) == life
    }

    /// The moments `[from, until)` over which a standing flow of the overlay carries.
    pub fn stretch_of(&self, flow: &Standing) -> (Moment, Moment) {
        let closes = flow.until.map_or(Moment::LAST, |until| self.before(until));
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
        if let Some(part) = self.part(life) {
            return (part.base, part.since, part.until);
        }
        let (since, until) = self.whole_span(life);
        let split = self.split_of(life).and_then(|parts| parts.first());
        (Some(life), since, split.map_or(until, |(at, _)| *at))
    }

    /// All parts of an unsplit life.
    fn parts_of(&self, whole: u32) -> impl Iterator<Item = u32> + '_ {
        let split = self.split_of(whole).into_iter().flatten();
        std::iter::once(whole).chain(split.map(|(_, part)| *part))
    }

    fn lives_of(&self, node: u32) -> Vec<u32> {
        let wholes: Range<u32> = match node.checked_sub(self.columns.nodes()) {
            Some(new) => {
                let first = self.first_life(new);
                first..first + 1
            }
            None => self.columns.lives_of(node),
        };
        wholes.flat_map(|whole| self.parts_of(whole)).collect()
    }

    fn add_flow(&mut self, place: u32, flow: &Flow) {
        let at = self.moment(flow.at, flow.order);
        let (from, to) = (self.life_at(flow.from, at), self.life_at(flow.to, at));
        self.top.add_way(from, to, (at, at), Step::Flow(place));
    }

    fn add_standing(&mut self, place: u32, flow: &Standing) {
        let (opens, closes) = self.stretch_of(flow);
        for from in self.lives_of(flow.from) {
            for to in self.lives_of(flow.to) {
                let ((_, a, b), (_, c, d)) = (self.lasting(from), self.lasting(to));
                let (opens, closes) = (opens.max(a).max(c), closes.min(b).min(d));
                if opens < closes {
                    self.top.add_way(from, to, (opens, closes), Step::Standing(place));
                }
            }
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
        for way in self.layers().flat_map(|layer| layer.out(life)) {
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
        !self.columns.pieces.inward(life).is_empty()
            || self.layers().any(|layer| !layer.into(life).is_empty())
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
        let over = self.layers().flat_map(|layer| layer.into(life));
        for way in over.filter(|way| way.opens <= at) {
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
