//! Standing acts in a replay: what is active all through a stretch of time carries whatever its source holds then.
//!
//! A standing act makes **one copy for each life of its source in each life of its target**. The copy begins when both
//! are there: at the beginning of the act, or when the life of the source begins, or at once after an end of the
//! target, which is thereby supplied again. What the source receives later in the same life reaches the same copy: its
//! parents **grow** until the act, the life of its source or its own life is over. So cycles of standing acts stay
//! finite, and the number of copies does not depend on how often data arrives. Where a chain or a depth is asked for,
//! the parents at the beginning count, which are always older than the copy.
//!
//! After each act its consequences are settled: lives that began are carried on, lives that ended are supplied again,
//! in the order in which that happened, each by the standing acts in the order of their beginning.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Held, Replay, index, number_of};
use crate::graph::history::Act;
use crate::graph::number::{ActNo, CopyNo, FieldNo, HoldingNo, Number as _, ProcessorNo, SubjectNo};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Role};

/// One life of a holding: the holding, and the index of the life there.
pub type LifeNo = (HoldingNo, u32);

type Place = (ProcessorNo, FieldNo, SubjectNo);

/// What the copies of standing acts are fed by.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// Whether there is any standing act.
    pub(super) is_any: bool,
    changes: VecDeque<Change>,
    feeder: FxHashMap<CopyNo, LifeNo>,
    fed: FxHashMap<LifeNo, Vec<CopyNo>>,
    /// How many copies there were when a standing act stopped.
    over_at: FxHashMap<ActNo, u32>,
    /// Copies that a delete act brought back.
    supplied: FxHashMap<ActNo, Vec<CopyNo>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Begun(HoldingNo),
    Ended(HoldingNo),
}

impl Standing {
    /// Notes a change whose consequences are to be settled.
    pub(super) fn note(&mut self, change: Change) {
        if self.is_any {
            self.changes.push_back(change);
        }
    }
}

/// The standing acts that are active, while a history is replayed.
#[derive(Debug, Default)]
pub(super) struct Flows {
    edges: Vec<Edge>,
    out: FxHashMap<Place, Vec<u32>>,
    into: FxHashMap<Place, Vec<u32>>,
    /// When acts stop, and where their edges lie.
    stops: BinaryHeap<Reverse<(Instant, ActNo, u32, u32)>>,
}

#[derive(Debug)]
struct Edge {
    act: ActNo,
    kind: ActKind,
    source: Place,
    target: Option<Place>,
    /// The pair's place in `Replay::held`.
    pair: u32,
    /// The lives of source and target for which it last made a copy.
    made: Option<(u32, u32)>,
    is_active: bool,
}

impl Flows {
    /// Stops the acts that are not active at the instant any more.
    pub(super) fn stop(&mut self, at: Instant, copies: u32, standing: &mut Standing) {
        while let Some(Reverse((until, act, from, to))) = self.stops.peek().copied() {
            if until > at {
                break;
            }
            self.stops.pop();
            standing.over_at.insert(act, copies);
            for edge in &mut self.edges[from as usize..to as usize] {
                edge.is_active = false;
            }
        }
    }

    /// The active edges of one list; those that stopped are forgotten.
    fn active(list: Option<&mut Vec<u32>>, edges: &[Edge]) -> Vec<u32> {
        let Some(list) = list else { return Vec::new() };
        list.retain(|edge| edges[*edge as usize].is_active);
        list.clone()
    }
}

impl Replay {
    /// A standing act begins.
    pub(super) fn stand(&mut self, number: ActNo, act: &Act, flows: &mut Flows) {
        let first = index(flows.edges.len());
        for subject in &act.subjects {
            for field in &act.fields {
                let source = (act.actor, *field, *subject);
                let pair = index(self.held.len());
                self.held.push(self.held_now(source));
                let targets: Vec<Option<Place>> = if act.kind == ActKind::Derive {
                    let makes = act.makes.iter();
                    makes.map(|made| Some((act.actor, *made, *subject))).collect()
                } else {
                    vec![act.recipient.map(|to| (to, *field, *subject))]
                };
                for target in targets {
                    let edge = index(flows.edges.len());
                    flows.out.entry(source).or_default().push(edge);
                    if let Some(target) = target {
                        flows.into.entry(target).or_default().push(edge);
                    }
                    flows.edges.push(Edge {
                        act: number,
                        kind: act.kind,
                        source,
                        target,
                        pair,
                        made: None,
                        is_active: true,
                    });
                }
            }
        }
        let last = index(flows.edges.len());
        if let Some((_, Some(until))) = act.when.standing() {
            flows.stops.push(Reverse((until, number, first, last)));
        }
        for edge in first..last {
            self.feed(&mut flows.edges[edge as usize], act.at);
        }
    }

    /// Carries on what began with an act, and supplies again what ended with it.
    pub(super) fn settle(&mut self, number: ActNo, act: &Act, flows: &mut Flows) {
        if self.standing.changes.is_empty() {
            return;
        }
        let deleted: FxHashSet<HoldingNo> = if act.kind == ActKind::Delete {
            self.ended_by(number)
                .iter()
                .map(|stretch| stretch.holding)
                .collect()
        } else {
            FxHashSet::default()
        };
        while let Some(change) = self.standing.changes.pop_front() {
            let (holding, list) = match change {
                Change::Begun(holding) => (holding, &mut flows.out),
                Change::Ended(holding) => (holding, &mut flows.into),
            };
            let of = &self.holdings[holding.index()];
            let place = (of.processor, of.field, of.subject);
            for edge in Flows::active(list.get_mut(&place), &flows.edges) {
                let edge = &mut flows.edges[edge as usize];
                if let Some(made) = self.feed(edge, act.at)
                    && deleted.contains(&self.copy(made).holding)
                {
                    self.standing.supplied.entry(number).or_default().push(made);
                }
            }
        }
    }

    /// Makes the copy of an edge, if its source is held and the two lives have none yet.
    fn feed(&mut self, edge: &mut Edge, at: Instant) -> Option<CopyNo> {
        let held = self.held_now(edge.source);
        let Held::Copies(stretch) = held else { return None };
        let pair = &mut self.held[edge.pair as usize];
        if !matches!(pair, Held::Copies(_)) {
            *pair = held;
        }
        let target = edge.target?;
        let source_life = index(self.holdings[stretch.holding.index()].lives.len() - 1);
        let target_life = self.by_place.get(&target).map_or(0, |number| {
            let lives = &self.holdings[number.index()].lives;
            let is_open = lives.last().is_some_and(|life| life.end.is_none());
            index(lives.len() - usize::from(is_open))
        });
        if edge.made.replace((source_life, target_life)) == Some((source_life, target_life)) {
            return None;
        }
        let role = match edge.kind {
            ActKind::Delegate => Role::Delegated,
            ActKind::Derive if self.is_all_delegated(stretch) => Role::Delegated,
            ActKind::Derive
            | ActKind::Share
            | ActKind::Verify
            | ActKind::Disclose
            | ActKind::Use
            | ActKind::Store
            | ActKind::Collect
            | ActKind::Assign
            | ActKind::Correct
            | ActKind::Restrict
            | ActKind::Delete => Role::Own,
        };
        let made: CopyNo = number_of(self.copies.len());
        let role = self.role_by((edge.source.0, target.0), at, role, &[stretch]);
        self.create(target, at, edge.act, role, &[stretch]);
        let life = (stretch.holding, source_life);
        self.standing.feeder.insert(made, life);
        self.standing.fed.entry(life).or_default().push(made);
        Some(made)
    }

    /// Whether any act stands.
    pub fn has_standing(&self) -> bool {
        self.standing.is_any
    }

    /// The life that a copy belongs to.
    pub fn life_of(&self, copy: &super::Copy) -> LifeNo {
        (copy.holding, copy.life)
    }

    /// The copies that standing acts made of a life, in the order of creation: their parents grow with it.
    pub fn fed_by(&self, life: LifeNo) -> &[CopyNo] {
        self.standing.fed.get(&life).map_or(&[], Vec::as_slice)
    }

    /// Of a copy that a standing act made: the life that feeds it, and how many copies there were when that was over.
    /// What is created or becomes known in that life before then is above the copy.
    pub fn feeder(&self, number: CopyNo) -> Option<(LifeNo, usize)> {
        let (holding, life) = *self.standing.feeder.get(&number)?;
        let copy = self.copy(number);
        let source = self.holdings[holding.index()].lives[life as usize].over_at;
        let own = self.holding_of(copy).lives[copy.life as usize].over_at;
        let act = self.standing.over_at.get(&copy.via).copied().unwrap_or(u32::MAX);
        Some(((holding, life), source.min(own).min(act) as usize))
    }

    /// The copies of a life among the first `made` of all copies, in the order of creation.
    pub fn copies_of_life(&self, (holding, life): LifeNo, made: usize) -> &[CopyNo] {
        let holding = &self.holdings[holding.index()];
        let from = holding.lives[life as usize].first as usize;
        let to = holding
            .lives
            .get(life as usize + 1)
            .map_or(holding.copies.len(), |next| next.first as usize);
        let copies = &holding.copies[from..to];
        &copies[..copies.partition_point(|copy| copy.index() < made)]
    }

    /// The lives of a holding in order, each with its first copy and its end.
    pub fn lives_at(
        &self,
        processor: ProcessorNo,
        field: FieldNo,
        subject: SubjectNo,
    ) -> impl Iterator<Item = (LifeNo, CopyNo, Option<super::End>)> {
        let number = self.by_place.get(&(processor, field, subject)).copied();
        let holding = number.map(|number| (number, &self.holdings[number.index()]));
        holding.into_iter().flat_map(|(number, holding)| {
            (0..)
                .zip(holding.lives.iter())
                .map(move |(life, of)| ((number, life), holding.copies[of.first as usize], of.end))
        })
    }

    /// The copies of a life among the first `made` of all copies, as a stretch; `None` when there are none.
    pub fn stretch_of_life(&self, life: LifeNo, made: usize) -> Option<super::Stretch> {
        let copies = self.copies_of_life(life, made);
        let from = self.copy(*copies.first()?).index;
        Some(super::Stretch {
            holding: life.0,
            from,
            to: from + index(copies.len()),
        })
    }

    /// The copies that a delete act brought back, because standing acts supply them.
    pub fn supplied_again(&self, delete: ActNo) -> &[CopyNo] {
        self.standing.supplied.get(&delete).map_or(&[], Vec::as_slice)
    }
}
