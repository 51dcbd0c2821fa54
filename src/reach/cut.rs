//! The acts that carried a field to a processor, as a network: which fewest of them would have had to be missing?
//!
//! Each act is a node of capacity one; data flows through it from the copies that it takes from to those that it makes.
//! Lives are chains of nodes, so that the network stays linear in the number of acts. An act that carries several
//! fields is still one act, and data may seem to change from one of them to another inside it; the network can then
//! only need more acts than the record, never fewer. So is a standing act with all its moments. The bound from below
//! counts the fields and the moments apart.
//!
//! Where the field is made from others, it is there because they are: what leads to such a making is a second layer of
//! the network, which begins with whatever was acquired first and goes over into the layer of the field at the making.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::algo::dinics;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;
use rustc_hash::FxHashSet;

use super::lineage;
use super::search::Search;
use crate::graph::number::Number as _;
use crate::graph::{Act, ActNo, CopyNo, FieldNo, History, ProcessorNo, Replay};
use crate::model::word::{ActKind, Role};

/// All that one processor gives to another, or makes for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relationship {
    /// Who gives.
    pub from: ProcessorNo,
    /// Who takes; the same for what is made.
    pub to: ProcessorNo,
}

impl Relationship {
    /// The relationship that the act belongs to.
    pub fn of(act: &Act) -> Self {
        Self {
            from: act.actor,
            to: act.recipient.unwrap_or(act.actor),
        }
    }
}

/// What takes part in carrying the field to the processor.
pub struct Flows<'a> {
    history: &'a History,
    replay: &'a Replay,
    /// Copies that have it without any act that could be missing.
    given: FxHashSet<CopyNo>,
    /// Copies of the field that are made from others, so that not all they are made from has it.
    made: FxHashSet<CopyNo>,
    /// What they are made from, and what that is made from, and so on.
    material: FxHashSet<CopyNo>,
    /// Copies that have it, below the given ones and with them.
    carried: FxHashSet<CopyNo>,
    to: ProcessorNo,
    limit: crate::model::time::Instant,
}

/// More than all acts together, also when each weighs as much as there are acts, up to [`WEIGHED_MAX`] of them.
const ENDLESS: u64 = 1 << 44;

/// So many acts are weighed at most; of more any fewest are as good as others.
const WEIGHED_MAX: usize = 1 << 21;

/// How acts become nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grain {
    /// One node for each act, with all its moments.
    Acts,
    /// One node for each layer, moment of an act and field that it takes; one for each layer and derivation.
    Fields,
}

impl<'a> Flows<'a> {
    /// The flows of what is searched for to the processor.
    pub fn new(history: &'a History, replay: &'a Replay, search: Search<'_>, to: ProcessorNo) -> Self {
        let goes_on =
            |number: CopyNo| search.with_contradicted || replay.copy(number).role != Role::Contradicted;
        let is_source = |number: CopyNo| {
            let copy = replay.copy(number);
            let holding = replay.holding_of(copy);
            holding.field == search.field
                && search.from.is_none_or(|from| replay.came_to(copy, from))
                && goes_on(number)
        };
        let all = || replay.copies().map(|(number, _)| number);
        let below = lineage::descendants(replay, all(), is_source, goes_on);
        let carried: FxHashSet<CopyNo> = all()
            .filter(|number| below.contains(*number) || is_source(*number))
            .collect();
        // Lives all of whose copies so far come from sources; only then does a flow from them depend on other flows.
        let mut all_carried: FxHashSet<CopyNo> = FxHashSet::default();
        for number in all() {
            let before = replay.before_in_life(number);
            if carried.contains(&number) && before.is_none_or(|before| all_carried.contains(&before)) {
                all_carried.insert(number);
            }
        }
        let depends = |number: CopyNo| {
            let stretches = replay.parent_stretches(replay.copy(number));
            !stretches.is_empty()
                && stretches.iter().all(|stretch| {
                    replay.copies_in(*stretch).last().is_some_and(|last| {
                        if replay.begins_life(*stretch) {
                            all_carried.contains(last)
                        } else {
                            carried.contains(last)
                        }
                    })
                })
        };
        let (given, made): (FxHashSet<CopyNo>, FxHashSet<CopyNo>) = all()
            .filter(|number| is_source(*number) && !depends(*number))
            .partition(|number| replay.parent_stretches(replay.copy(*number)).is_empty());
        let material = if made.is_empty() {
            FxHashSet::default()
        } else {
            let all_of_them = made.iter().map(|number| (*number, usize::MAX));
            lineage::ancestors(replay, all_of_them).into_iter().collect()
        };
        Self {
            history,
            replay,
            given,
            made,
            material,
            carried,
            to,
            limit: search.limit,
        }
    }

    /// The fewest acts whose removal keeps it away, by a minimum cut, and how many are needed at least; `None` when the
    /// processor has it without any act that could be missing. Among equally few those are taken that give it to others, so
    /// that nobody is told not to make what need not have been given away.
    pub fn fewest_acts(&self) -> Option<(BTreeSet<ActNo>, usize)> {
        let mut network = self.network(Grain::Acts, None);
        network.weigh(self.history);
        let cut = network.cut()?;
        let (by_field, most) = {
            let network = self.network(Grain::Fields, None);
            (network.flow(), network.nodes_of_an_act())
        };
        let at_least = usize::try_from(by_field).ok()?.div_ceil(most.max(1));
        Some((cut, at_least))
    }

    /// How many acts must still go when a relationship is gone.
    pub fn fewest_acts_without(&self, gone: Relationship) -> Option<u64> {
        let flow = self.network(Grain::Acts, Some(gone)).flow();
        (flow < ENDLESS).then_some(flow)
    }

    /// The relationships of the acts that carry it, in order.
    pub fn relationships(&self) -> BTreeSet<Relationship> {
        self.acts()
            .into_iter()
            .map(|act| Relationship::of(self.history.act(act)))
            .collect()
    }

    /// The acts of a relationship that carry it, in order.
    pub fn acts_of(&self, pair: Relationship) -> Vec<ActNo> {
        self.acts()
            .into_iter()
            .filter(|act| Relationship::of(self.history.act(*act)) == pair)
            .collect()
    }

    fn acts(&self) -> BTreeSet<ActNo> {
        let is_first = |number: CopyNo| self.replay.parent_stretches(self.replay.copy(number)).is_empty();
        self.carried
            .iter()
            .chain(&self.material)
            .filter(|number| !self.given.contains(number) && !is_first(**number))
            .map(|number| self.history.whole(self.replay.copy(*number).via))
            .collect()
    }

    fn network(&self, grain: Grain, gone: Option<Relationship>) -> Network {
        let mut network = Network::new();
        let material = (!self.made.is_empty()).then(|| network.lives(self.replay));
        let lives = network.lives(self.replay);
        for (number, copy) in self.replay.copies() {
            let own = lives[number.index()].own;
            let of_material = material
                .as_ref()
                .filter(|_| self.material.contains(&number))
                .map(|layer| (layer, layer[number.index()].own));
            let stretches = self.replay.parent_stretches(copy);
            if self.carried.contains(&number)
                && self.replay.came_to(copy, self.to)
                && copy.start <= self.limit
            {
                network.pipe(own, network.sink);
            }
            if self.given.contains(&number) {
                network.pipe(network.source, own);
            }
            if let Some((_, own)) = of_material.filter(|_| stretches.is_empty()) {
                network.pipe(network.source, own);
            }
            let act = self.history.act(copy.via);
            if gone == Some(Relationship::of(act)) {
                continue;
            }
            for stretch in stretches {
                let Some(last) = self.replay.copies_in(*stretch).last() else {
                    continue;
                };
                let field = self.replay.holding_of(self.replay.copy(*last)).field;
                let of_field = (grain == Grain::Fields && act.kind != ActKind::Derive).then_some(field);
                let from = |layer: &[Nodes]| {
                    let nodes = &layer[last.index()];
                    if self.replay.begins_life(*stretch) {
                        nodes.life
                    } else {
                        nodes.own
                    }
                };
                let key = |is_material| ActKey {
                    whole: self.history.whole(copy.via),
                    moment: (grain == Grain::Fields).then_some(copy.via),
                    field: of_field,
                    is_material,
                };
                if let Some((layer, own_material)) = of_material {
                    let (enter, leave) = network.act(key(grain == Grain::Fields));
                    network.pipe(from(layer), enter);
                    network.pipe(leave, own_material);
                    if self.made.contains(&number) {
                        network.pipe(leave, own);
                    }
                }
                if self.carried.contains(&number) && !self.given.contains(&number) {
                    let (enter, leave) = network.act(key(false));
                    network.pipe(from(&lives), enter);
                    network.pipe(leave, own);
                }
            }
        }
        network
    }
}

/// An act in the network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ActKey {
    /// All of it.
    whole: ActNo,
    /// Which of its moments, if they are apart.
    moment: Option<ActNo>,
    /// The field that it takes, if fields are apart.
    field: Option<FieldNo>,
    /// Whether it carries material, if layers are apart.
    is_material: bool,
}

/// A copy in one layer.
struct Nodes {
    own: NodeIndex,
    /// The copy or one before it in the same life.
    life: NodeIndex,
}

/// A network with one source and one sink.
struct Network {
    graph: DiGraph<(), u64>,
    source: NodeIndex,
    sink: NodeIndex,
    acts: BTreeMap<ActKey, (NodeIndex, NodeIndex)>,
}

impl Network {
    fn new() -> Self {
        let mut graph = DiGraph::new();
        let (source, sink) = (graph.add_node(()), graph.add_node(()));
        Self {
            graph,
            source,
            sink,
            acts: BTreeMap::new(),
        }
    }

    fn pipe(&mut self, from: NodeIndex, to: NodeIndex) {
        self.graph.add_edge(from, to, ENDLESS);
    }

    /// One layer: each copy, and the lives as chains, which go on behind copies that do not have it themselves.
    fn lives(&mut self, replay: &Replay) -> Vec<Nodes> {
        let mut layer: Vec<Nodes> = Vec::new();
        for (number, _) in replay.copies() {
            let (own, life) = (self.graph.add_node(()), self.graph.add_node(()));
            self.pipe(own, life);
            if let Some(before) = replay.before_in_life(number) {
                self.pipe(layer[before.index()].life, life);
            }
            layer.push(Nodes { own, life });
        }
        layer
    }

    fn act(&mut self, key: ActKey) -> (NodeIndex, NodeIndex) {
        if let Some(nodes) = self.acts.get(&key) {
            return *nodes;
        }
        let nodes = (self.graph.add_node(()), self.graph.add_node(()));
        self.graph.add_edge(nodes.0, nodes.1, 1);
        self.acts.insert(key, nodes);
        nodes
    }

    /// Lets an act that makes something weigh a little more than one that gives: less than one act, all of them together.
    fn weigh(&mut self, history: &History) {
        let count = self.acts.len();
        if count > WEIGHED_MAX {
            return;
        }
        let whole = count as u64 + 1;
        for (key, (enter, leave)) in &self.acts {
            let act = history.act(key.whole);
            let gives = act.recipient.is_some_and(|to| to != act.actor);
            if let Some(edge) = self.graph.find_edge(*enter, *leave) {
                self.graph[edge] = whole + u64::from(!gives);
            }
        }
    }

    fn flow(&self) -> u64 {
        dinics(&self.graph, self.source, self.sink).0
    }

    /// The most nodes that one act has.
    fn nodes_of_an_act(&self) -> usize {
        let mut counts: BTreeMap<ActNo, usize> = BTreeMap::new();
        for act in self.acts.keys() {
            *counts.entry(act.whole).or_default() += 1;
        }
        counts.values().copied().max().unwrap_or(0)
    }

    /// The acts of a minimum cut nearest to the source; `None` when there is none.
    fn cut(&self) -> Option<BTreeSet<ActNo>> {
        let (flow, flows) = dinics(&self.graph, self.source, self.sink);
        if flow >= ENDLESS {
            return None;
        }
        // What the source still reaches over what the flow leaves free.
        let mut reached = vec![false; self.graph.node_count()];
        let mut stack = vec![self.source];
        reached[self.source.index()] = true;
        while let Some(node) = stack.pop() {
            let onward = self
                .graph
                .edges_directed(node, Direction::Outgoing)
                .filter(|edge| flows[edge.id().index()] < *edge.weight())
                .map(|edge| edge.target());
            let back = self
                .graph
                .edges_directed(node, Direction::Incoming)
                .filter(|edge| flows[edge.id().index()] > 0)
                .map(|edge| edge.source());
            for next in onward.chain(back) {
                if !std::mem::replace(&mut reached[next.index()], true) {
                    stack.push(next);
                }
            }
        }
        Some(
            self.acts
                .iter()
                .filter(|(_, (enter, leave))| reached[enter.index()] && !reached[leave.index()])
                .map(|(act, _)| act.whole)
                .collect(),
        )
    }
}
