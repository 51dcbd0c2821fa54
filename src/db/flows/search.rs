//! Searches through the flows of a family, with acts laid over them.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::reading::Reading;
use super::common::Forward;
use super::over::{Laid, Settled};
use super::{Effect, Flows, Holding, count, effects, flag, is_placed, is_use, lasts};
use crate::engine::{Beginning, Moment, Reach, Step, Supply};
use crate::model::fact::Act;
use crate::model::time::Instant;
use crate::store::Number;

/// The flows of a family with acts laid over them, to be searched.
#[derive(Clone, Debug)]
pub struct Search<'f> {
    pub(super) laid: Rc<Laid<'f>>,
    /// Which acts count.
    pub(super) reading: Reading,
    /// Whether what the flows say surely was.
    pub(super) is_sure: bool,
    /// Where something may be held earlier than without the upper ones of the acts that are laid over, and since when; once somebody asks.
    pub(super) earlier: OnceCell<FxHashMap<u32, Moment>>,
    /// What is known of the question without the upper ones.
    pub(super) common: Option<Arc<Forward>>,
}

impl<'f> Search<'f> {
    pub(super) fn new(flows: &'f Flows, settled: Option<Arc<Settled>>, over: Vec<(Number, Act)>) -> Self {
        Self {
            laid: Rc::new(Laid::new(flows, settled, over)),
            reading: Reading::ALL,
            is_sure: false,
            earlier: OnceCell::new(),
            common: None,
        }
    }

    /// The same by the acts alone that count under the reading. `is_sure`: nothing that the flows say was changed since, so
    /// that what they say for sure is so.
    #[must_use]
    pub fn under(&self, reading: Reading, is_sure: bool) -> Self {
        // Who hands over has it no longer, so that later acts may have brought nothing.
        let hands_over = self.laid.all().any(|over| over.has(flag::HANDS_OVER));
        Self {
            laid: Rc::clone(&self.laid),
            reading,
            is_sure: is_sure && !hands_over,
            earlier: OnceCell::new(),
            common: self.common.clone().filter(|common| common.is_of(reading)),
        }
    }

    /// Whether some act only may have carried.
    pub fn has_possible(&self) -> bool {
        self.laid.flows.flags & flag::POSSIBLE != 0 || self.laid.all().any(|over| over.has(flag::POSSIBLE))
    }

    /// Whether of the instant of some act only the bounds are known.
    pub fn has_uncertain(&self) -> bool {
        self.laid.flows.has_uncertain() || self.laid.all().any(|over| over.has(flag::UNCERTAIN))
    }

    /// Whether the act counts.
    pub(super) fn goes(&self, step: Step) -> bool {
        match (self.laid.overlay.base_label(step), step) {
            (Some(label), _) => self.laid.flows.counts(label - 1, self.reading),
            (None, Step::Flow(place) | Step::Standing(place)) => self.is_read(self.laid.act_of(place)),
            (None, Step::Row(_) | Step::Piece(_)) => true,
        }
    }

    /// Whether the act that is laid over counts.
    pub(super) fn is_read(&self, place: usize) -> bool {
        self.reading.counts(self.laid.act(place).1.carries)
    }

    pub(super) fn beginning(&self, node: u32, at: Moment) -> Beginning {
        Beginning {
            life: self.laid.overlay.life_at(node, at),
            at,
        }
    }

    /// The processor and the field of a node.
    pub fn name(&self, node: u32) -> Holding<'_> {
        match node.checked_sub(self.laid.flows.columns.nodes()) {
            Some(new) => self
                .laid
                .holdings()
                .nth(new as usize)
                .expect("a node that is laid over"),
            None => self.laid.flows.name(node),
        }
    }

    fn nodes(&self) -> impl Iterator<Item = u32> + use<'_> {
        0..self.laid.flows.columns.nodes() + count(self.laid.holdings().count())
    }

    /// The nodes of these processors. Cost: a look at each holding.
    pub fn nodes_of(&self, processors: &FxHashSet<&str>) -> Vec<u32> {
        self.nodes_where(|processor| processors.contains(processor), |_| true)
    }

    /// The nodes of the field, as one of these processors or anybody has it. Cost: a look at each holding.
    pub fn nodes_with(&self, field: &str, of: Option<&FxHashSet<&str>>) -> Vec<u32> {
        let is_wanted = |processor: &str| of.is_none_or(|of| of.contains(processor));
        self.nodes_where(is_wanted, |own| own == field)
    }

    fn nodes_where(&self, has: impl Fn(&str) -> bool, is_of: impl Fn(&str) -> bool) -> Vec<u32> {
        let new = (self.laid.flows.columns.nodes()..).zip(self.laid.holdings());
        let new = new.filter(|(_, (processor, field))| has(processor) && is_of(field));
        let laid_down = self.laid.flows.nodes_where(&has, &is_of);
        laid_down.chain(new.map(|(node, _)| node)).collect()
    }

    /// The nodes at which what is at these, or something made from it, may be, up to the instant or later. Cost: a search
    /// forward.
    pub fn reached(&self, sources: &[u32], until: Option<Instant>) -> Vec<u32> {
        if let Some(common) = &self.common {
            return self.reached_beyond(common, sources);
        }
        let begin = |node: &u32| Some(self.beginning(*node, self.may_hold(*node)?));
        let sources: Vec<Beginning> = sources.iter().filter_map(begin).collect();
        // What is laid over may lie behind the last act that is laid down in the very instant.
        let until = until.filter(|_| self.laid.acts().next().is_none());
        let until = until.map_or(Moment::LAST, |until| self.until(until));
        let reach = Reach::by(&self.laid.overlay, &sources, until, |step, _, _| self.goes(step));
        reach
            .lives()
            .map(|life| self.laid.overlay.node_of(life))
            .collect()
    }

    pub(super) fn until(&self, until: Instant) -> Moment {
        let position = self.laid.flows.columns.position_until(until.micros());
        self.laid.overlay.moment_of(position)
    }

    /// The acts that can have made what is at the nodes what it is, in no order that means anything, each once. Cost: what a
    /// search back from them reads.
    pub fn needed(&self, nodes: &[u32]) -> Vec<Number> {
        let mut acts = Acts::default();
        self.bringing(nodes, |_| true, &mut acts);
        self.numbers(acts)
    }

    /// The acts that can have brought anything to the nodes, and so on to those of their givers that are asked about, and what is
    /// done at all these beside; gives all givers, the nodes among them.
    pub(super) fn bringing(
        &self,
        nodes: &[u32],
        is_asked: impl Fn(u32) -> bool,
        acts: &mut Acts,
    ) -> Vec<u32> {
        let wanted = nodes.iter().map(|node| self.beginning(*node, Moment::LAST));
        let wanted: Vec<Beginning> = wanted.collect();
        let goes = |step: Step| self.goes(step);
        let is_life_asked = |life: u32| is_asked(self.laid.overlay.node_of(life));
        let supply = Supply::by(&self.laid.overlay, &wanted, goes, is_life_asked);
        for step in supply.steps(&self.laid.overlay, goes, is_life_asked) {
            self.carrying(step, acts);
        }
        let nodes = self.in_order(supply.lives().into_iter());
        for node in nodes.iter().filter(|node| is_asked(**node)) {
            acts.laid_down.extend(at_node(
                self.laid.flows.pairs(&self.laid.flows.parts.doing),
                *node,
                0,
            ));
            acts.over.extend(self.laid.doing(*node));
        }
        nodes
    }

    /// Of the acts that do anything at the nodes, those that use what is there, or make something of it, in no order that means
    /// anything, each once. Cost: a step for each that does anything.
    pub fn uses(&self, nodes: &[u32]) -> Vec<Number> {
        let mut acts = self.acts_at(nodes);
        let uses = &self.laid.flows.parts.uses;
        acts.laid_down.retain(|act| self.laid.flows.has(uses, *act));
        acts.over.retain(|place| is_use(&self.laid.act(*place).1));
        self.numbers(acts)
    }

    /// The acts that bring from one of these processors to one of those or place something in a country, in no order that means anything,
    /// each once; and the nodes from which those take that last. Cost: a look at each act.
    pub fn between(&self, givers: &FxHashSet<&str>, takers: &FxHashSet<&str>) -> (Vec<Number>, Vec<u32>) {
        let columns = &self.laid.flows.columns;
        let sides: Vec<[bool; 2]> = self
            .nodes()
            .map(|node| [givers, takers].map(|side| side.contains(self.name(node).0)))
            .collect();
        let is_between = |from: u32, to: u32| {
            let [from, to] = [from, to].map(|life| sides[columns.node_of(life) as usize]);
            from[0] && to[1]
        };
        let (mut acts, mut lasting) = (Acts::default(), Vec::new());
        let rows = (0..columns.rows()).filter(|row| {
            let (from, to) = columns.ends_of(*row);
            is_between(from, to) && columns.is_act(*row)
        });
        acts.laid_down.extend(rows.map(|row| columns.label(row) - 1));
        for piece in (0..count(columns.pieces())).map(|number| columns.piece(number)) {
            if is_between(piece.from, piece.to) {
                acts.laid_down.push(piece.label - 1);
                lasting.push(columns.node_of(piece.from));
            }
        }
        let all = 0..count(self.laid.flows.len());
        acts.laid_down
            .extend(all.filter(|act| self.laid.flows.has(&self.laid.flows.parts.stores, *act)));
        for (place, (_, act)) in self.laid.acts().enumerate() {
            let is_giver = givers.contains(act.actor.as_str());
            let is_taker = act
                .recipient
                .as_ref()
                .is_some_and(|to| takers.contains(to.as_str()));
            if is_placed(act) || (is_giver && is_taker) {
                acts.over.push(place);
                if act.at.standing().is_some() {
                    lasting.extend(self.nodes_of_giver(act));
                }
            }
        }
        (self.numbers(acts), lasting)
    }

    /// What these acts can have changed. Cost: what a search forward from them reads.
    pub fn after<'a>(&self, acts: impl Iterator<Item = &'a Act>) -> After {
        let mut begin: Vec<Beginning> = Vec::new();
        for act in acts {
            let at = self.laid.overlay.moment(lasts(act).0, 0);
            let mut from = |holding| {
                begin.extend(self.laid.node(holding).map(|node| self.beginning(node, at)));
            };
            // Whom it brings to is found from whom it takes: it is laid down or over itself.
            effects(act, |effect| match effect {
                Effect::Flow(holding, _)
                | Effect::Begins(holding)
                | Effect::Does(holding)
                | Effect::Takes(holding) => from(holding),
            });
        }
        let reach = Reach::new(&self.laid.overlay, &begin, Moment::LAST);
        let mut after = Acts::default();
        for (step, _) in reach.carriers(&self.laid.overlay) {
            self.carrying(step, &mut after);
        }
        for life in reach.lives() {
            let node = self.laid.overlay.node_of(life);
            let first = reach.arrival(life).map_or(0, |at| self.first_from(at));
            self.beside(node, first, &mut after);
        }
        After {
            acts: self.numbers(after),
            nodes: reach
                .lives()
                .map(|life| self.laid.overlay.node_of(life))
                .collect(),
        }
    }

    /// These nodes and all at which what is at them may ever be, or something made from it, in order. Cost: a search forward.
    pub fn onward(&self, nodes: &[u32]) -> Vec<u32> {
        let begin = nodes.iter().map(|node| self.beginning(*node, Moment::FIRST));
        let begin: Vec<Beginning> = begin.collect();
        let reach = Reach::new(&self.laid.overlay, &begin, Moment::LAST);
        self.in_order(reach.lives())
    }

    /// These nodes and all from which something may ever have come to them, in order. Cost: a search back.
    pub fn upstream(&self, nodes: &[u32]) -> Vec<u32> {
        let wanted = nodes.iter().map(|node| self.beginning(*node, Moment::LAST));
        let wanted: Vec<Beginning> = wanted.collect();
        let supply = Supply::new(&self.laid.overlay, &wanted);
        self.in_order(supply.lives().into_iter())
    }

    fn in_order(&self, lives: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut nodes: Vec<u32> = lives.map(|life| self.laid.overlay.node_of(life)).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// All acts that do something at these nodes and bring nothing to others, in no order that means anything, each once. Cost: a
    /// step for each.
    pub fn beside_all(&self, nodes: &[u32]) -> Vec<Number> {
        let mut acts = Acts::default();
        for node in nodes {
            self.beside(*node, 0, &mut acts);
        }
        self.numbers(acts)
    }

    /// All acts that ever take from, bring to, end or begin what is at these nodes, or do anything else there, in no order that means
    /// anything, each once. Cost: a step for each.
    pub fn at(&self, nodes: &[u32]) -> Vec<Number> {
        self.numbers(self.acts_at(nodes))
    }

    fn acts_at(&self, nodes: &[u32]) -> Acts {
        let mut acts = Acts::default();
        for node in nodes {
            let life = self.laid.overlay.life_at(*node, Moment::LAST);
            self.laid
                .overlay
                .steps_at(life, |step| self.carrying(step, &mut acts));
            self.beside(*node, 0, &mut acts);
        }
        acts
    }

    /// The nodes from which the act takes.
    pub fn nodes_of_giver(&self, act: &Act) -> impl Iterator<Item = u32> {
        let holdings = act
            .fields
            .iter()
            .map(|field| (act.actor.as_str(), field.as_str()));
        holdings.filter_map(|holding| self.laid.node(holding))
    }

    /// The nodes from which the act takes or to which it brings, some of them twice.
    pub fn nodes_of_act(&self, act: &Act) -> Vec<u32> {
        let mut nodes = Vec::new();
        effects(act, |effect| {
            let (from, to) = match effect {
                Effect::Flow(from, to) => (from, Some(to)),
                Effect::Begins(at) | Effect::Does(at) | Effect::Takes(at) => (at, None),
            };
            nodes.extend(
                [Some(from), to]
                    .into_iter()
                    .flatten()
                    .filter_map(|at| self.laid.node(at)),
            );
        });
        nodes
    }

    /// Whether some act lasts, so that it may carry on what comes later.
    pub fn has_lasting(&self) -> bool {
        self.laid.flows.flags & flag::LASTS != 0 || self.laid.all().any(|over| over.has(flag::LASTS))
    }

    /// The acts that do something at the node and bring nothing to others; of those that are laid down, from this one on.
    fn beside(&self, node: u32, first: u32, acts: &mut Acts) {
        for part in [&self.laid.flows.parts.doing, &self.laid.flows.parts.taking] {
            acts.laid_down
                .extend(at_node(self.laid.flows.pairs(part), node, first));
        }
        acts.over
            .extend(self.laid.doing(node).chain(self.laid.taking(node)));
    }

    /// An act that is laid down such that all before it took place before the moment.
    fn first_from(&self, at: Moment) -> u32 {
        if self.laid.flows.flags & flag::LASTS != 0 {
            return 0;
        }
        let rows = (0..at.position().row()).rev();
        let mut labels = rows.map(|row| self.laid.flows.columns.label(row));
        labels.find_map(|label| label.checked_sub(1)).unwrap_or(0)
    }

    fn carrying(&self, step: Step, acts: &mut Acts) {
        match (self.laid.overlay.base_label(step), step) {
            (Some(label), _) => acts.laid_down.push(label - 1),
            (None, Step::Flow(place) | Step::Standing(place)) => {
                acts.over.push(self.laid.act_of(place));
            }
            (None, Step::Row(_) | Step::Piece(_)) => {}
        }
    }

    pub(super) fn numbers(&self, acts: Acts) -> Vec<Number> {
        let laid_down = acts.laid_down.into_iter().map(|act| self.laid.flows.number(act));
        let mut numbers: Vec<Number> = laid_down.collect();
        numbers.extend(acts.over.into_iter().map(|place| self.laid.act(place).0));
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// What some acts can have changed.
#[derive(Debug)]
pub struct After {
    /// The acts that take from, bring to, end or begin what they can have changed, at that moment or later, in no order that means
    /// anything, each once; those of these that are laid down or over are among them. What any other act passes on, and how it came
    /// there, is the same with these and without.
    pub acts: Vec<Number>,
    /// Where that is.
    pub nodes: Vec<u32>,
}

/// Acts that were found, some more than once.
#[derive(Default)]
pub(super) struct Acts {
    /// By their place among those that are laid down.
    pub(super) laid_down: Vec<u32>,
    /// By their place among those that are laid over.
    pub(super) over: Vec<usize>,
}

/// Of a sorted list of nodes and acts, the acts of the node from this one on.
pub(super) fn at_node(list: &[[u32; 2]], node: u32, first: u32) -> impl Iterator<Item = u32> {
    let from = list.partition_point(|pair| *pair < [node, first]);
    let own = list[from..].iter().take_while(move |[other, _]| *other == node);
    own.map(|[_, act]| *act)
}
