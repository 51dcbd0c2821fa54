//! Searches through the flows of a family, with acts laid over them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Effect, Flows, Holding, count, effects, flag, is_placed, is_use, lasts};
use crate::engine::{
    Beginning, Log, Moment, NO_LABEL, Overlay, Position, Reach, Standing, Step, Supply, Ties,
};
use crate::model::fact::Act;
use crate::model::time::Instant;
use crate::store::Number;

/// The flows of a family with acts laid over them, to be searched.
#[derive(Debug)]
pub struct Search<'f> {
    flows: &'f Flows,
    overlay: Overlay<'f>,
    over: &'f [(Number, Act)],
    /// The act of each flow that is laid over.
    carried_by: Vec<usize>,
    /// Holdings that the columns do not have, and their nodes.
    holdings: Vec<Holding<'f>>,
    new_nodes: FxHashMap<Holding<'f>, u32>,
    /// What acts that are laid over do at a node, and which only take from it.
    doing: FxHashMap<u32, Vec<usize>>,
    taking: FxHashMap<u32, Vec<usize>>,
}

impl<'f> Search<'f> {
    pub(super) fn new(flows: &'f Flows, over: &'f [(Number, Act)]) -> Self {
        let nodes = flows.columns.nodes();
        let mut log = Log::new(Ties::Recorded, nodes);
        let mut new_nodes: FxHashMap<Holding<'f>, u32> = FxHashMap::default();
        let mut holdings = Vec::new();
        let mut carried_by = Vec::new();
        let mut doing: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        let mut taking: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        let mut node = |holding: Holding<'f>| {
            flows.node(holding).unwrap_or_else(|| {
                *new_nodes.entry(holding).or_insert_with(|| {
                    holdings.push(holding);
                    nodes + count(holdings.len()) - 1
                })
            })
        };
        for (place, (_, act)) in over.iter().enumerate() {
            let (since, until) = lasts(act);
            effects(act, |effect| match effect {
                Effect::Flow(from, to) => {
                    let (from, to) = (node(from), node(to));
                    carried_by.push(place);
                    log.standing.push(Standing {
                        since,
                        order: 0,
                        until,
                        from,
                        to,
                        label: 1,
                    });
                }
                Effect::Begins(holding) | Effect::Does(holding) => {
                    doing.entry(node(holding)).or_default().push(place);
                }
                Effect::Takes(holding) => taking.entry(node(holding)).or_default().push(place),
            });
        }
        log.nodes = nodes + count(holdings.len());
        Self {
            overlay: Overlay::new(&flows.columns, &log),
            flows,
            over,
            carried_by,
            holdings,
            new_nodes,
            doing,
            taking,
        }
    }

    /// The node of a holding, if any act names it.
    fn node(&self, holding: Holding<'_>) -> Option<u32> {
        let new = || self.new_nodes.get(&holding).copied();
        self.flows.node(holding).or_else(new)
    }

    /// Whether it says what was, and nothing more.
    pub fn is_exact(&self) -> bool {
        self.over.is_empty() && self.flows.is_exact()
    }

    /// The processor and the field of a node.
    pub fn name(&self, node: u32) -> Holding<'_> {
        match node.checked_sub(self.flows.columns.nodes()) {
            Some(new) => self.holdings[new as usize],
            None => self.flows.name(node),
        }
    }

    fn nodes(&self) -> impl Iterator<Item = u32> + use<'_> {
        0..self.flows.columns.nodes() + count(self.holdings.len())
    }

    /// The nodes of these processors. Cost: a look at each holding.
    pub fn nodes_of(&self, processors: &FxHashSet<&str>) -> Vec<u32> {
        self.nodes()
            .filter(|node| processors.contains(self.name(*node).0))
            .collect()
    }

    /// The nodes of the field, as one of these processors or anybody has it. Cost: a look at each holding.
    pub fn nodes_with(&self, field: &str, of: Option<&FxHashSet<&str>>) -> Vec<u32> {
        let is_wanted = |node: &u32| {
            let (processor, own) = self.name(*node);
            own == field && of.is_none_or(|of| of.contains(processor))
        };
        self.nodes().filter(is_wanted).collect()
    }

    /// The nodes at which the field, as one of these processors or anybody has it, or something made from it, may be, up to
    /// the instant or ever. Cost: a look at each holding, and a search forward.
    pub fn reached(&self, field: &str, from: Option<&FxHashSet<&str>>, until: Option<Instant>) -> Vec<u32> {
        let columns = &self.flows.columns;
        let begin = |node: u32| {
            let at = if self.over.is_empty() {
                self.overlay.moment_of(self.flows.held(node)?)
            } else {
                // What is laid over may have brought it at any time.
                Moment::FIRST
            };
            let life = self.overlay.life_at(node, at);
            Some(Beginning { life, at })
        };
        let sources = self.nodes_with(field, from);
        let sources: Vec<Beginning> = sources.into_iter().filter_map(begin).collect();
        let until = until.map_or(Moment::LAST, |until| {
            self.overlay.moment_of(columns.position_until(until.micros()))
        });
        let reach = Reach::new(&self.overlay, &sources, until);
        reach.lives().map(|life| self.overlay.node_of(life)).collect()
    }

    /// The acts that can have made what is at the nodes what it is, in no order that means anything, each once. Cost: what a
    /// search back from them reads.
    pub fn needed(&self, nodes: &[u32]) -> Vec<Number> {
        let wanted: Vec<Beginning> = nodes
            .iter()
            .map(|node| Beginning {
                life: self.overlay.life_at(*node, Moment::LAST),
                at: Moment::LAST,
            })
            .collect();
        let supply = Supply::new(&self.overlay, &wanted);
        let mut acts = Acts::default();
        for step in supply.steps(&self.overlay) {
            self.carrying(step, &mut acts);
        }
        for life in supply.lives() {
            let node = self.overlay.node_of(life);
            acts.laid_down
                .extend(at_node(self.flows.pairs(&self.flows.parts.doing), node, 0));
            acts.over.extend(self.doing.get(&node).into_iter().flatten());
        }
        self.numbers(acts)
    }

    /// The acts by which data first came to the nodes, and some more that begin there, in no order that means anything, each once:
    /// all that is needed to tell since when something is there, where the flows say what was and nothing more. Cost: a step for each, and
    /// reading the rows from the first beginning among them on until one of an act.
    pub fn first(&self, nodes: &[u32]) -> Vec<Number> {
        let columns = &self.flows.columns;
        let mut acts = Acts::default();
        let mut begin: Vec<(Position, u32)> = Vec::new();
        let mut seen: FxHashSet<u32> = nodes.iter().copied().collect();
        let mut open = nodes.to_vec();
        while let Some(node) = open.pop() {
            let Some(held) = self.flows.held(node) else {
                continue;
            };
            match self.row_to(node, held) {
                Some(row) => {
                    acts.laid_down.push(columns.label(row) - 1);
                    let from = columns.node_of(columns.ends_of(row).0);
                    if seen.insert(from) {
                        open.push(from);
                    }
                }
                None => begin.push((held, node)),
            }
        }
        // No act of the record is between a beginning and the next act with a row but such as begin themselves.
        begin.sort_unstable_by_key(|(held, _)| std::cmp::Reverse(*held));
        let (mut looked_from, mut next) = (columns.rows(), u32::MAX);
        for (held, node) in begin {
            let from = held.row().min(looked_from);
            let mut labels = (from..looked_from).map(|row| columns.label(row));
            next = labels.find_map(|label| label.checked_sub(1)).unwrap_or(next);
            looked_from = from;
            let doing = at_node(self.flows.pairs(&self.flows.parts.doing), node, 0);
            acts.laid_down.extend(doing.take_while(|act| *act <= next));
        }
        self.numbers(acts)
    }

    /// The row of the position that brings to the node what was held before, if there is one.
    fn row_to(&self, node: u32, at: Position) -> Option<u32> {
        let columns = &self.flows.columns;
        if at.is_gap() || at.row() >= columns.rows() {
            return None;
        }
        let at = columns.settled(at);
        let label = columns.label(at.row());
        let mut rows = (at.row()..columns.rows()).take_while(|row| columns.label(*row) == label);
        rows.find(|row| {
            let (from, to) = columns.ends_of(*row);
            let is_held = || {
                self.flows
                    .held(columns.node_of(from))
                    .is_some_and(|held| held < at)
            };
            label != NO_LABEL && columns.node_of(to) == node && is_held()
        })
    }

    /// Of the acts that do anything at the nodes, those that use what is there, or make something of it, in no order that means
    /// anything, each once. Cost: a step for each that does anything.
    pub fn uses(&self, nodes: &[u32]) -> Vec<Number> {
        let mut acts = self.acts_at(nodes);
        let uses = &self.flows.parts.uses;
        acts.laid_down.retain(|act| self.flows.has(uses, *act));
        acts.over.retain(|place| is_use(&self.over[*place].1));
        self.numbers(acts)
    }

    /// The acts that bring from one of these processors to one of those or place something in a country, in no order that means anything,
    /// each once; and the nodes from which those take that last. Cost: a look at each act.
    pub fn between(&self, givers: &FxHashSet<&str>, takers: &FxHashSet<&str>) -> (Vec<Number>, Vec<u32>) {
        let columns = &self.flows.columns;
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
            is_between(from, to) && columns.label(*row) != NO_LABEL
        });
        acts.laid_down.extend(rows.map(|row| columns.label(row) - 1));
        for piece in (0..count(columns.pieces())).map(|number| columns.piece(number)) {
            if is_between(piece.from, piece.to) {
                acts.laid_down.push(piece.label - 1);
                lasting.push(columns.node_of(piece.from));
            }
        }
        let all = 0..count(self.flows.len());
        acts.laid_down
            .extend(all.filter(|act| self.flows.has(&self.flows.parts.stores, *act)));
        for (place, (_, act)) in self.over.iter().enumerate() {
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
            let at = self.overlay.moment(lasts(act).0, 0);
            let mut from = |holding| {
                if let Some(node) = self.node(holding) {
                    let life = self.overlay.life_at(node, at);
                    begin.push(Beginning { life, at });
                }
            };
            // Whom it brings to is found from whom it takes: it is laid down or over itself.
            effects(act, |effect| match effect {
                Effect::Flow(holding, _)
                | Effect::Begins(holding)
                | Effect::Does(holding)
                | Effect::Takes(holding) => from(holding),
            });
        }
        let reach = Reach::new(&self.overlay, &begin, Moment::LAST);
        let mut after = Acts::default();
        for (step, _) in reach.carriers(&self.overlay) {
            self.carrying(step, &mut after);
        }
        for life in reach.lives() {
            let node = self.overlay.node_of(life);
            let first = reach.arrival(life).map_or(0, |at| self.first_from(at));
            self.beside(node, first, &mut after);
        }
        After {
            acts: self.numbers(after),
            nodes: reach.lives().map(|life| self.overlay.node_of(life)).collect(),
        }
    }

    /// These nodes and all at which what is at them may ever be, or something made from it, in order. Cost: a search forward.
    pub fn onward(&self, nodes: &[u32]) -> Vec<u32> {
        let begin = |node: &u32| Beginning {
            life: self.overlay.life_at(*node, Moment::FIRST),
            at: Moment::FIRST,
        };
        let begin: Vec<Beginning> = nodes.iter().map(begin).collect();
        let reach = Reach::new(&self.overlay, &begin, Moment::LAST);
        self.in_order(reach.lives())
    }

    /// These nodes and all from which something may ever have come to them, in order. Cost: a search back.
    pub fn upstream(&self, nodes: &[u32]) -> Vec<u32> {
        let wanted = |node: &u32| Beginning {
            life: self.overlay.life_at(*node, Moment::LAST),
            at: Moment::LAST,
        };
        let wanted: Vec<Beginning> = nodes.iter().map(wanted).collect();
        let supply = Supply::new(&self.overlay, &wanted);
        self.in_order(supply.lives().into_iter())
    }

    fn in_order(&self, lives: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut nodes: Vec<u32> = lives.map(|life| self.overlay.node_of(life)).collect();
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
            let life = self.overlay.life_at(*node, Moment::LAST);
            self.overlay.steps_at(life, |step| self.carrying(step, &mut acts));
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
        holdings.filter_map(|holding| self.node(holding))
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
                    .filter_map(|at| self.node(at)),
            );
        });
        nodes
    }

    /// Whether some act lasts, so that it may carry on what comes later.
    pub fn has_lasting(&self) -> bool {
        let lasts = |(_, act): &(Number, Act)| act.at.standing().is_some();
        self.flows.flags & flag::LASTS != 0 || self.over.iter().any(lasts)
    }

    /// The acts that do something at the node and bring nothing to others; of those that are laid down, from this one on.
    fn beside(&self, node: u32, first: u32, acts: &mut Acts) {
        for part in [&self.flows.parts.doing, &self.flows.parts.taking] {
            acts.laid_down
                .extend(at_node(self.flows.pairs(part), node, first));
        }
        for of_node in [&self.doing, &self.taking] {
            acts.over.extend(of_node.get(&node).into_iter().flatten());
        }
    }

    /// An act that is laid down such that all before it took place before the moment.
    fn first_from(&self, at: Moment) -> u32 {
        if self.flows.flags & flag::LASTS != 0 {
            return 0;
        }
        let rows = (0..at.position().row()).rev();
        let mut labels = rows.map(|row| self.flows.columns.label(row));
        labels.find_map(|label| label.checked_sub(1)).unwrap_or(0)
    }

    fn carrying(&self, step: Step, acts: &mut Acts) {
        match (self.overlay.base_label(step), step) {
            (Some(label), _) => acts.laid_down.push(label - 1),
            (None, Step::Flow(place) | Step::Standing(place)) => {
                acts.over.push(self.carried_by[place as usize]);
            }
            (None, Step::Row(_) | Step::Piece(_)) => {}
        }
    }

    fn numbers(&self, acts: Acts) -> Vec<Number> {
        let laid_down = acts.laid_down.into_iter().map(|act| self.flows.number(act));
        let mut numbers: Vec<Number> = laid_down.collect();
        numbers.extend(acts.over.into_iter().map(|place| self.over[place].0));
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
struct Acts {
    /// By their place among those that are laid down.
    laid_down: Vec<u32>,
    /// By their place among those that are laid over.
    over: Vec<usize>,
}

/// Of a sorted list of nodes and acts, the acts of the node from this one on.
fn at_node(list: &[[u32; 2]], node: u32, first: u32) -> impl Iterator<Item = u32> {
    let from = list.partition_point(|pair| *pair < [node, first]);
    let own = list[from..].iter().take_while(move |[other, _]| *other == node);
    own.map(|[_, act]| *act)
}
