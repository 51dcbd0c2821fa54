//! A history in which standing acts are spelled out: in place of each stand acts at one instant, one for each field and
//! instant at which it carried something new, or at which something about it changed.
//!
//! For questions that ask of each single hop whether it was lawful, within which organization it took place, or whether
//! in a span of time. A standing act may be so at one time and not at another; each of its moments is a hop of its own. The copies of the spelled-out history are more than those of the
//! record, and somebody holds data in the one exactly when in the other.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::history::{Act, History};
use super::number::{ActNo, CopyNo, FieldNo, Number as _, ProcessorNo, SubjectNo};
use super::replay::Replay;
use super::things::Things;
use super::ties::Part;
use crate::model::time::{Instant, When};

type Place = (ProcessorNo, FieldNo, SubjectNo);

/// What a standing act takes: its number, and from where.
type Flow = (ActNo, Place);

/// More moments than this are not spelled out.
pub const MOMENTS_MAX: usize = 2_000_000;

/// The history with its standing acts spelled out; `None` when that would be more than two million moments. `changes` are
/// the instants at which something about a standing act changes, in order: it is there at each of them at which it is
/// active and something is held, behind each act of that instant.
/// Cost: each time that data comes to somebody, the standing acts that pass it on then.
pub fn spelled_out(history: &History, replay: &Replay, changes: &[(Instant, ActNo)]) -> Option<History> {
    let mut spelled = Spelled::new(history, replay);
    let mut changes = changes.chunk_by(|one, next| one.0 == next.0).peekable();
    let mut acts = history.numbered().peekable();
    loop {
        let next_act = acts.peek().map(|(_, act)| act.at);
        let is_before = |group: &&[(Instant, ActNo)]| next_act.is_none_or(|next| group[0].0 < next);
        if let Some(group) = changes.next_if(is_before) {
            spelled.change(group);
        } else if let Some((number, act)) = acts.next() {
            spelled.act(number, act);
            // What the act ends or brings in the same instant comes behind the change.
            if let Some(group) = changes.peek().filter(|group| group[0].0 == act.at) {
                spelled.change(group);
            }
        } else {
            break;
        }
        if spelled.acts.len() > spelled.acts_max {
            return None;
        }
    }
    Some(history.with_acts(spelled.acts))
}

/// The instants at which one processor comes to lie inside another or leaves it.
pub fn moves(things: &Things) -> impl Iterator<Item = Instant> {
    let moves = things.nested().iter().flat_map(|processor| &processor.moves);
    let inward = moves.filter(|change| change.inside.is_some());
    inward.map(|change| change.at)
}

/// The same and `more`, for each standing act.
pub fn relocations(history: &History, more: Option<Instant>) -> Vec<(Instant, ActNo)> {
    let mut instants: Vec<Instant> = moves(&history.things).chain(more).collect();
    instants.sort_unstable();
    instants.dedup();
    let standing: Vec<ActNo> = history
        .numbered()
        .filter(|(_, act)| act.when.standing().is_some())
        .map(|(number, _)| number)
        .collect();
    let at_each = |at: Instant| standing.iter().map(move |number| (at, *number));
    instants.into_iter().flat_map(at_each).collect()
}

struct Spelled<'a> {
    history: &'a History,
    replay: &'a Replay,
    /// The copies that each act made, standing ones apart.
    made: FxHashMap<ActNo, Vec<CopyNo>>,
    acts: Vec<Act>,
    /// More than these are too many.
    acts_max: usize,
    /// Where something is held now.
    held: FxHashSet<Place>,
    /// Standing acts that have begun, by where they take from and where they bring to; some may be over.
    out: FxHashMap<Place, Vec<ActNo>>,
    into: FxHashMap<Place, Vec<Flow>>,
    /// The number of the first moment of each standing act.
    first: FxHashMap<ActNo, ActNo>,
    /// When each flow was run last.
    last: FxHashMap<Flow, Instant>,
}

impl<'a> Spelled<'a> {
    fn new(history: &'a History, replay: &'a Replay) -> Self {
        let mut made: FxHashMap<ActNo, Vec<CopyNo>> = FxHashMap::default();
        for (number, copy) in replay.copies() {
            if history.act(copy.via).when.standing().is_none() {
                made.entry(copy.via).or_default().push(number);
            }
        }
        Self {
            history,
            replay,
            made,
            acts: Vec::new(),
            acts_max: history.acts().len() + MOMENTS_MAX,
            held: FxHashSet::default(),
            out: FxHashMap::default(),
            into: FxHashMap::default(),
            first: FxHashMap::default(),
            last: FxHashMap::default(),
        }
    }

    /// An act as recorded, and what standing acts make of it.
    fn act(&mut self, number: ActNo, act: &Act) {
        if act.when.standing().is_some() {
            self.begin(number, act);
            return;
        }
        self.acts.push(act.clone());
        let place = |number: CopyNo| {
            let holding = self.replay.holding_of(self.replay.copy(number));
            (holding.processor, holding.field, holding.subject)
        };
        let ended: Vec<Place> = self
            .replay
            .ended_by(number)
            .iter()
            .filter_map(|stretch| self.replay.copies_in(*stretch).first())
            .map(|copy| place(*copy))
            .collect();
        let gained: Vec<Place> = self
            .made
            .get(&number)
            .into_iter()
            .flatten()
            .map(|copy| place(*copy))
            .collect();
        for place in &ended {
            self.held.remove(place);
        }
        self.held.extend(&gained);
        // What ended under a live inflow is supplied again at once.
        let mut flows: VecDeque<Flow> = VecDeque::new();
        for place in &ended {
            let inflows = self.into.get(place).into_iter().flatten();
            flows.extend(inflows.filter(|(_, from)| self.held.contains(from)));
        }
        for place in gained {
            self.flows_out(place, &mut flows);
        }
        self.run(act.at, flows);
    }

    fn begin(&mut self, number: ActNo, act: &Act) {
        let mut flows = VecDeque::new();
        for (subject, field) in act.pairs() {
            let from = (act.actor, field, subject);
            self.out.entry(from).or_default().push(number);
            for to in targets(act, field, subject) {
                self.into.entry(to).or_default().push((number, from));
            }
            if self.held.contains(&from) {
                flows.push_back((number, from));
            }
        }
        self.run(act.at, flows);
    }

    /// Something about standing acts changes in an instant: from now on each is another hop.
    fn change(&mut self, group: &[(Instant, ActNo)]) {
        let Some((at, _)) = group.first().copied() else {
            return;
        };
        let history = self.history;
        let mut flows: VecDeque<Flow> = VecDeque::new();
        for (_, number) in group.iter().copied() {
            let act = history.act(number);
            let all = act
                .pairs()
                .map(|(subject, field)| (number, (act.actor, field, subject)));
            flows.extend(all.filter(|flow| self.has_begun(flow) && self.last.get(flow) != Some(&at)));
        }
        self.run(at, flows);
    }

    /// Whether something is held that the standing act takes, and its place in the record has come.
    fn has_begun(&self, (number, from): &Flow) -> bool {
        let begun = || self.out.get(from).is_some_and(|begun| begun.contains(number));
        self.held.contains(from) && begun()
    }

    fn flows_out(&self, place: Place, flows: &mut VecDeque<Flow>) {
        let out = self.out.get(&place).into_iter().flatten();
        flows.extend(out.map(|number| (*number, place)));
    }

    /// Runs the flows that are active at the instant, and all that pass on what they bring, each behind those that feed it. In a
    /// circle all run once for each place of it: that takes every way through it that meets no place twice.
    fn run(&mut self, at: Instant, flows: VecDeque<Flow>) {
        let flows = self.closure(at, flows);
        let mut graph: DiGraph<Place, ()> = DiGraph::new();
        let mut nodes: FxHashMap<Place, NodeIndex> = FxHashMap::default();
        let mut out: FxHashMap<Place, Vec<ActNo>> = FxHashMap::default();
        for (number, from) in &flows {
            let mut node = |graph: &mut DiGraph<Place, ()>, place: Place| {
                *nodes.entry(place).or_insert_with(|| graph.add_node(place))
            };
            let start = node(&mut graph, *from);
            for to in targets(self.history.act(*number), from.1, from.2) {
                let end = node(&mut graph, to);
                graph.add_edge(start, end, ());
            }
            out.entry(*from).or_default().push(*number);
        }
        for component in kosaraju_scc(&graph).iter().rev() {
            let first = component.first().copied();
            let is_circle = component.len() > 1 || first.is_some_and(|node| graph.contains_edge(node, node));
            let rounds = if is_circle { component.len() + 1 } else { 1 };
            for _ in 0..rounds {
                for place in component.iter().map(|node| graph[*node]) {
                    for number in out.get(&place).into_iter().flatten() {
                        self.moment(at, *number, place);
                    }
                }
            }
        }
    }

    /// The flows that are active at the instant, and all that take what they bring.
    fn closure(&self, at: Instant, mut flows: VecDeque<Flow>) -> Vec<Flow> {
        let mut seen: FxHashSet<Flow> = FxHashSet::default();
        let mut closure = Vec::new();
        while let Some((number, from)) = flows.pop_front() {
            let act = self.history.act(number);
            let stands = act.when.standing();
            let is_active =
                stands.is_some_and(|(begins, ends)| begins <= at && ends.is_none_or(|end| at < end));
            if is_active && seen.insert((number, from)) {
                closure.push((number, from));
                for to in targets(act, from.1, from.2) {
                    self.flows_out(to, &mut flows);
                }
            }
        }
        closure
    }

    /// A standing act at an instant at which its source is held.
    fn moment(&mut self, at: Instant, number: ActNo, from: Place) {
        let act = self.history.act(number);
        let (Some(active), Some(this)) = (act.when.standing(), ActNo::from_index(self.acts.len())) else {
            return;
        };
        if self.acts.len() > self.acts_max {
            return;
        }
        let (_, field, subject) = from;
        let of = *self.first.entry(number).or_insert(this);
        self.last.insert((number, from), at);
        self.acts.push(Act {
            at,
            when: When::Instant(at),
            subjects: [subject].into(),
            fields: [field].into(),
            part: Part::Moment { of, active },
            ..act.clone()
        });
        self.held.extend(targets(act, field, subject));
    }
}

/// Where a standing act brings what it takes of the field.
fn targets(act: &Act, field: FieldNo, subject: SubjectNo) -> Vec<Place> {
    let to = act.targets(field).into_iter();
    to.map(|(processor, field)| (processor, field, subject)).collect()
}
