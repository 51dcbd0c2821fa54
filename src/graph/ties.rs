//! What happens inside one instant, for records whose clocks are coarse.
//!
//! Recorded order is the rule. When it cannot be trusted, the acts of one instant are put into another order before
//! they are replayed: what ends first, then what begins, then the flows. Under [`Ties::Any`] the flows come in an order
//! that carries furthest. Where they form no circle, each comes behind all that feed it. In a circle everybody gets everything:
//! the flows run towards one holding and then away from it, one round for each place that a chain is asked to have passed
//! and one more, and in the end each of them once again. So the work stays linear in the acts of the instant.
//!
//! A standing act takes part in each instant that may bring it something new: among the flows under [`Ties::Any`], and
//! behind them under [`Ties::Strict`], since what goes on all the time also carries what came in the instant itself.

mod standing;

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use self::standing::{News, Standing};
use super::few::Few;
use super::history::Act;
use super::moments::MOMENTS_MAX;
use super::number::{ActNo, FieldNo, ProcessorNo};
use crate::model::time::{self, Stretch};
use crate::model::word::{ActKind, Ties};

/// Which part of an act an entry of a history is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it, as recorded.
    #[default]
    Whole,
    /// Only that it ends what its actor holds.
    End,
    /// Only that it brings these fields; an assignment also brings what its other part has ended.
    Flow(Few<FieldNo>),
    /// A standing act at an instant at which it carried, or at which something about it changed.
    Moment {
        /// The first of its moments, whose number stands for the whole act.
        of: ActNo,
        /// All the time that the act is active.
        active: Stretch,
    },
}

impl Part {
    /// Whether the field is brought by this part.
    pub fn brings(&self, field: FieldNo) -> bool {
        match self {
            Self::Whole | Self::Moment { .. } => true,
            Self::End => false,
            Self::Flow(fields) => fields.contains(&field),
        }
    }
}

/// The acts, which come in recorded order, in the order in which they are replayed; `places` are those that a chain can be
/// asked to have passed. Standing acts also take part in the instants of `changes`, which come in order. `None` when they
/// take part more than two million times.
pub fn order(acts: &[Act], ties: Ties, places: usize, changes: &[time::Instant]) -> Option<Vec<Act>> {
    if ties == Ties::Recorded {
        return Some(acts.to_vec());
    }
    let mut order = Order {
        ties,
        places,
        standing: Standing::default(),
        ordered: Vec::with_capacity(acts.len()),
    };
    let mut instants = acts.chunk_by(|one, next| one.at == next.at).peekable();
    let mut changes = changes.iter().copied().peekable();
    loop {
        let next = instants.peek().map(|instant| instant[0].at);
        let Some(at) = next.into_iter().chain(changes.peek().copied()).min() else {
            return Some(order.ordered);
        };
        let instant = instants.next_if(|instant| instant[0].at == at).unwrap_or(&[]);
        let is_change = changes.next_if_eq(&at).is_some();
        order.instant(at, instant, is_change);
        if order.ordered.len() > acts.len() + MOMENTS_MAX {
            return None;
        }
    }
}

/// Acts put in order so far.
struct Order<'a> {
    ties: Ties,
    places: usize,
    standing: Standing<'a>,
    ordered: Vec<Act>,
}

impl<'a> Order<'a> {
    fn instant(&mut self, at: time::Instant, acts: &'a [Act], is_change: bool) {
        for act in acts {
            if let Some(active) = act.when.standing() {
                self.standing.begin(act, active);
            }
        }
        if self.standing.is_empty()
            && let [alone] = acts
            && !feeds_itself(alone)
        {
            self.ordered.push(alone.clone());
            return;
        }
        let part = |act: &Act, part: Part| Act { part, ..act.clone() };
        for act in acts {
            if act.kind == ActKind::Delete {
                self.ordered.push(act.clone());
            } else if act.kind == ActKind::Assign {
                self.ordered.push(part(act, Part::End));
            }
        }
        let begins = |act: &Act| act.kind == ActKind::Collect;
        let stands = |act: &Act| act.when.standing().is_some();
        self.ordered
            .extend(acts.iter().filter(|act| begins(act)).cloned());
        let flows: Vec<&Act> = acts.iter().filter(|act| moves(act) && !stands(act)).collect();
        let moments = self.moments(at, acts, is_change);
        if self.ties == Ties::Any {
            self.furthest(&flows, &moments);
        } else {
            self.ordered.extend(flows.into_iter().map(|act| {
                let fields = if act.kind == ActKind::Derive {
                    &act.makes
                } else {
                    &act.fields
                };
                part(act, Part::Flow(fields.clone()))
            }));
            self.furthest(&[], &moments);
        }
        let is_other =
            |act: &&Act| act.kind != ActKind::Delete && !begins(act) && !moves(act) && !stands(act);
        self.ordered.extend(acts.iter().filter(is_other).cloned());
    }

    /// The standing acts that may carry something new.
    fn moments(&self, at: time::Instant, acts: &[Act], is_change: bool) -> Vec<(usize, Act)> {
        if self.standing.is_empty() {
            return Vec::new();
        }
        let mut news = News::default();
        if is_change {
            news.at.extend(self.standing.sources());
        }
        for act in acts {
            let own = |field: &FieldNo| (act.actor, *field);
            if act.kind == ActKind::Collect || act.when.standing().is_some() {
                news.at.extend(act.fields.iter().map(own));
            } else {
                news.at
                    .extend(act.fields.iter().flat_map(|field| act.targets(*field)));
            }
            if matches!(act.kind, ActKind::Delete | ActKind::Assign) {
                news.ended.extend(act.fields.iter().map(own));
            }
        }
        self.standing.moments(at, news)
    }

    /// Adds flows, and moments of standing acts among them, in an order that carries furthest.
    fn furthest(&mut self, flows: &[&Act], moments: &[(usize, Act)]) {
        let all: Vec<&Act> = flows
            .iter()
            .copied()
            .chain(moments.iter().map(|(_, moment)| moment))
            .collect();
        for (act, fields) in furthest(&all, self.places) {
            let entry = match act.checked_sub(flows.len()).and_then(|place| moments.get(place)) {
                Some((number, moment)) => {
                    let fields = if moment.kind == ActKind::Derive {
                        moment.fields.clone()
                    } else {
                        fields.into()
                    };
                    let moment = Act {
                        fields,
                        ..moment.clone()
                    };
                    self.standing.entry(*number, moment, self.ordered.len())
                }
                None => Some(Act {
                    part: Part::Flow(fields.into()),
                    ..all[act].clone()
                }),
            };
            self.ordered.extend(entry);
        }
    }
}

/// Whether what the act brings is something that it takes.
fn feeds_itself(act: &Act) -> bool {
    act.recipient == Some(act.actor) || act.makes.iter().any(|made| act.fields.contains(made))
}

/// Whether the act brings data somewhere, from somebody who has it.
fn moves(act: &Act) -> bool {
    match act.kind {
        ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Assign => {
            act.recipient.is_some()
        }
        ActKind::Derive => !act.makes.is_empty(),
        ActKind::Collect
        | ActKind::Use
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => false,
    }
}

/// A flow of one act from a holding to another, of the same subjects. A derivation has a node of its own, which its inputs
/// go into and its outputs come out of.
struct Flow {
    act: usize,
    /// Which field it brings; none into a derivation.
    field: Option<FieldNo>,
    from: NodeIndex,
    to: NodeIndex,
}

/// The holdings of an instant and the flows between them.
struct Instant {
    graph: DiGraph<(), ()>,
    flows: Vec<Flow>,
    /// For each flow of a holding, its index.
    out_of: FxHashMap<NodeIndex, Vec<usize>>,
    into: FxHashMap<NodeIndex, Vec<usize>>,
}

impl Instant {
    fn new(acts: &[&Act]) -> Self {
        let mut instant = Self {
            graph: DiGraph::new(),
            flows: Vec::new(),
            out_of: FxHashMap::default(),
            into: FxHashMap::default(),
        };
        let mut nodes: FxHashMap<(ProcessorNo, FieldNo), NodeIndex> = FxHashMap::default();
        for (number, act) in acts.iter().enumerate() {
            let mut node = |instant: &mut Self, processor, field| {
                *nodes
                    .entry((processor, field))
                    .or_insert_with(|| instant.graph.add_node(()))
            };
            if act.kind == ActKind::Derive {
                let middle = instant.graph.add_node(());
                for field in &act.fields {
                    let from = node(&mut instant, act.actor, *field);
                    instant.add(number, None, from, middle);
                }
                for field in &act.makes {
                    let to = node(&mut instant, act.actor, *field);
                    instant.add(number, Some(*field), middle, to);
                }
            } else if let Some(taker) = act.recipient {
                for field in &act.fields {
                    let from = node(&mut instant, act.actor, *field);
                    let to = node(&mut instant, taker, *field);
                    instant.add(number, Some(*field), from, to);
                }
            }
        }
        instant
    }

    fn add(&mut self, act: usize, field: Option<FieldNo>, from: NodeIndex, to: NodeIndex) {
        self.graph.add_edge(from, to, ());
        let index = self.flows.len();
        self.out_of.entry(from).or_default().push(index);
        self.into.entry(to).or_default().push(index);
        self.flows.push(Flow { act, field, from, to });
    }
}

/// Acts and the fields they bring, in an order that carries furthest.
fn furthest(acts: &[&Act], places: usize) -> Vec<(usize, Vec<FieldNo>)> {
    let instant = Instant::new(acts);
    let mut components = kosaraju_scc(&instant.graph);
    components.reverse();
    let mut of: Vec<usize> = vec![0; instant.graph.node_count()];
    for (number, component) in components.iter().enumerate() {
        for node in component {
            of[node.index()] = number;
        }
    }
    let mut runs = Vec::new();
    for (number, component) in components.iter_mut().enumerate() {
        component.sort_unstable();
        let into = component
            .iter()
            .flat_map(|node| instant.into.get(node).into_iter().flatten().copied());
        let (inside, mut from_before): (Vec<usize>, Vec<usize>) =
            into.partition(|flow| of[instant.flows[*flow].from.index()] == number);
        // An assignment also brings what was there before the instant.
        let hands_over = |flow: &&usize| acts[instant.flows[**flow].act].kind == ActKind::Assign;
        from_before.extend(inside.iter().filter(hands_over));
        together(&instant, from_before, &mut runs);
        let Some(hub) = component.first().copied().filter(|_| !inside.is_empty()) else {
            continue;
        };
        let is_inside: FxHashSet<usize> = inside.iter().copied().collect();
        let mut towards = walk(&instant.into, hub, &is_inside, |flow| instant.flows[flow].from);
        towards.reverse();
        let away = walk(&instant.out_of, hub, &is_inside, |flow| instant.flows[flow].to);
        for _ in 0..=places {
            for flow in towards.iter().chain(&away) {
                let Flow { act, field, .. } = instant.flows[*flow];
                runs.extend(field.map(|field| (act, vec![field])));
            }
        }
        together(&instant, inside, &mut runs);
    }
    runs
}

/// These flows, each act once with all that it brings.
fn together(instant: &Instant, flows: Vec<usize>, runs: &mut Vec<(usize, Vec<FieldNo>)>) {
    let mut by_act: BTreeMap<usize, Vec<FieldNo>> = BTreeMap::new();
    for flow in flows {
        let Flow { act, field, .. } = instant.flows[flow];
        if let Some(field) = field {
            by_act.entry(act).or_default().push(field);
        }
    }
    runs.extend(by_act);
}

/// The flows of a tree that spans the circle from the hub on, nearest first.
fn walk(
    flows_of: &FxHashMap<NodeIndex, Vec<usize>>,
    hub: NodeIndex,
    is_inside: &FxHashSet<usize>,
    other_end: impl Fn(usize) -> NodeIndex,
) -> Vec<usize> {
    let mut met: FxHashSet<NodeIndex> = FxHashSet::default();
    met.insert(hub);
    let (mut tree, mut queue) = (Vec::new(), std::collections::VecDeque::from([hub]));
    while let Some(node) = queue.pop_front() {
        for flow in flows_of.get(&node).into_iter().flatten() {
            let next = other_end(*flow);
            if is_inside.contains(flow) && met.insert(next) {
                tree.push(*flow);
                queue.push_back(next);
            }
        }
    }
    tree
}
