//! Did copies of a field, or anything made from them, reach a processor, and by which chain?
//!
//! One pass in the order of creation. A chain is followed by a state: whether it has been at a source yet, and what it
//! still must meet on the way up (processors to pass, an unlawful hop). For each copy and state the least parent by
//! which the state can be reached is kept; the least such copy of a life is a running minimum, so that the pass takes
//! constant work for each copy and state. The answer is exact: a state without a step has no chain.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::number::Number as _;
use crate::graph::replay::{Copy, Stretch};
use crate::graph::{ActNo, CopyNo, FieldNo, History, ProcessorNo, Replay};
use crate::model::id::FieldId;
use crate::model::time::Instant;
use crate::model::word::Role;

/// Hops that break a rule: the act, and the field that it takes (of a collect act, the field that it brings).
pub type Hops = FxHashSet<(ActNo, FieldNo)>;

/// Which hops a chain may or must have.
#[derive(Clone, Copy, Debug, Default)]
pub enum Demand<'s> {
    /// Any.
    #[default]
    Any,
    /// None of these.
    Without(&'s Hops),
    /// At least one of these.
    With(&'s Hops),
}

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub struct Search<'s> {
    /// Copies of this field …
    pub field: FieldNo,
    /// … at this processor, or at any.
    pub from: Option<ProcessorNo>,
    /// Anonymized copies end the way, unless re-identified at or before `limit`.
    pub personal_only: bool,
    /// What is known: re-identifications after this do not count.
    pub limit: Instant,
    /// Whether copies that contradict the record count.
    pub with_contradicted: bool,
    /// Processors by which it must be passed on on the way, at most [`THROUGH_MAX`].
    pub through: &'s [ProcessorNo],
    /// Processors to which it must not come on the way, and that must not pass it on.
    pub avoiding: &'s [ProcessorNo],
    /// Lawful and unlawful hops.
    pub demand: Demand<'s>,
}

/// How many processors one chain can be asked to pass: the work doubles with each.
pub const THROUGH_MAX: usize = 4;

/// How a copy was found in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It was acquired here first.
    Acquired,
    /// It is a source itself; its own chain goes on above it.
    Source,
    /// By way of this parent.
    From(CopyNo),
}

/// What a chain has above a copy, the copy included: a set of bits. `FOUND` is set below a source; the others are what
/// `through` and `demand` ask for.
type State = usize;
const FOUND: State = 1;

/// The copies found, each with one path.
#[derive(Debug)]
pub struct Found<'s> {
    replay: &'s Replay,
    search: Search<'s>,
    states: usize,
    steps: Vec<Option<Step>>,
    lengths: Vec<u32>,
    /// For each state the least found copy of the life, up to and with this copy.
    best_so_far: Vec<Option<CopyNo>>,
    /// Copies that were found later than made, in a state: with which other copy.
    since: FxHashMap<(CopyNo, State), CopyNo>,
}

impl<'s> Found<'s> {
    /// Searches all copies; `defeated` are fields that were re-identified, and when. Cost: linear in the number of
    /// copies, and double for each processor of `through`.
    pub fn new(
        history: &History,
        replay: &'s Replay,
        search: Search<'s>,
        defeated: &[(FieldId, Instant)],
    ) -> Self {
        let is_hidden = hidden_fields(history, search, defeated);
        let mut found = Self {
            replay,
            search,
            states: 2 << (search.through.len() + usize::from(matches!(search.demand, Demand::With(_)))),
            steps: Vec::new(),
            lengths: Vec::new(),
            best_so_far: Vec::new(),
            since: FxHashMap::default(),
        };
        for (number, copy) in replay.copies() {
            let is_dead = |copy: &Copy| {
                (copy.role == Role::Contradicted && !search.with_contradicted)
                    || is_hidden[replay.holding_of(copy).field.index()]
            };
            let before = replay.before_in_life(number);
            let mut is_news = false;
            for state in 0..found.states {
                let parents = replay.parent_stretches(copy);
                let step = found.step(number, is_dead(copy), state, parents);
                let length = found.length(number, state, step);
                let least_before = before.and_then(|before| found.best_so_far[found.at(before, state)]);
                is_news |= step.is_some() && least_before.is_none();
                found.steps.push(step);
                found.lengths.push(length);
                let best = found.lesser(least_before, step.map(|_| number));
                found.best_so_far.push(best);
            }
            if is_news && replay.has_standing() {
                found.carry_on(number, &is_dead);
            }
        }
        found
    }

    /// What came into the life of this copy just now is in the copies too that the life feeds.
    fn carry_on(&mut self, now: CopyNo, is_dead: &dyn Fn(&Copy) -> bool) {
        let replay = self.replay;
        let mut lives = vec![replay.life_of(replay.copy(now))];
        while let Some(life) = lives.pop() {
            for fed in replay.fed_by(life).iter().copied() {
                let grows = || replay.feeder(fed).is_some_and(|(_, until)| now.index() < until);
                if fed >= now || !grows() {
                    continue;
                }
                let copy = replay.copy(fed);
                let own_life = replay.life_of(copy);
                let (Some(parents), Some(last)) = (
                    replay.stretch_of_life(life, now.index() + 1),
                    replay.copies_of_life(own_life, now.index() + 1).last().copied(),
                ) else {
                    continue;
                };
                let mut is_news = false;
                for state in 0..self.states {
                    let at = self.at(fed, state);
                    if self.steps[at].is_some() {
                        continue;
                    }
                    let step = self.step(fed, is_dead(copy), state, &[parents]);
                    if step.is_some() {
                        self.lengths[at] = self.length(fed, state, step);
                        self.steps[at] = step;
                        self.since.insert((fed, state), now);
                        let best = self.at(last, state);
                        is_news |= self.best_so_far[best].is_none();
                        self.best_so_far[best] = self.lesser(self.best_so_far[best], Some(fed));
                    }
                }
                if is_news {
                    lives.push(own_life);
                }
            }
        }
    }

    fn lesser(&self, a: Option<CopyNo>, b: Option<CopyNo>) -> Option<CopyNo> {
        [a, b]
            .into_iter()
            .flatten()
            .min_by_key(|copy| self.replay.rank(*copy))
    }

    /// How the copy is found in the state, by way of these parents.
    fn step(&self, number: CopyNo, is_dead: bool, state: State, parents: &[Stretch]) -> Option<Step> {
        let copy = self.replay.copy(number);
        if state & FOUND == 0 {
            self.above_source(copy, state, parents)
        } else if is_dead {
            None
        } else {
            self.below_source(number, copy, state, parents)
        }
    }

    fn length(&self, number: CopyNo, state: State, step: Option<Step>) -> u32 {
        let copy = self.replay.copy(number);
        match step {
            None => 0,
            Some(Step::Acquired) => 1,
            Some(Step::Source) if self.is_free() => copy.depth,
            Some(Step::Source) => self.lengths[self.at(number, state & !FOUND)],
            Some(Step::From(parent)) => {
                1 + self.lengths[self.at(parent, self.state_of_parent(state, parent, copy))]
            }
        }
    }

    fn at(&self, number: CopyNo, state: State) -> usize {
        number.index() * self.states + state
    }

    /// Whether any chain above a source will do: then the replay's own is taken.
    fn is_free(&self) -> bool {
        let Search {
            through,
            avoiding,
            demand,
            ..
        } = self.search;
        through.is_empty() && avoiding.is_empty() && matches!(demand, Demand::Any)
    }

    fn is_source(&self, copy: &Copy) -> bool {
        let holding = self.replay.holding_of(copy);
        holding.field == self.search.field
            && self
                .search
                .from
                .is_none_or(|from| self.replay.came_to(copy, from))
    }

    fn is_avoided(&self, copy: &Copy) -> bool {
        self.search
            .avoiding
            .iter()
            .any(|avoided| self.replay.came_to(copy, *avoided))
    }

    /// Whether the copies of the stretch must not be passed on at the instant.
    fn may_not_pass_on(&self, stretch: Stretch, at: Instant) -> bool {
        self.search.avoiding.iter().any(|avoided| {
            let last = self.replay.copies_in(stretch).last();
            last.is_some_and(|last| self.replay.is_passed_on_at(self.replay.copy(*last), *avoided, at))
        })
    }

    fn above_source(&self, copy: &Copy, state: State, parents: &[Stretch]) -> Option<Step> {
        if self.is_free() || self.is_avoided(copy) {
            return None;
        }
        if self.replay.parent_stretches(copy).is_empty() {
            let hop = (copy.via, self.replay.holding_of(copy).field);
            let rest = self.after_hop(state, hop);
            return (rest == 0 && self.may_hop(hop)).then_some(Step::Acquired);
        }
        self.least_parent(copy, state, parents)
    }

    fn below_source(&self, number: CopyNo, copy: &Copy, state: State, parents: &[Stretch]) -> Option<Step> {
        if !self.is_source(copy) {
            return (!self.is_avoided(copy))
                .then(|| self.least_parent(copy, state, parents))
                .flatten();
        }
        let has_chain = self.is_free() || self.steps[self.at(number, state & !FOUND)].is_some();
        has_chain.then_some(Step::Source)
    }

    fn least_parent(&self, copy: &Copy, state: State, parents: &[Stretch]) -> Option<Step> {
        parents
            .iter()
            .filter(|stretch| !self.may_not_pass_on(**stretch, copy.start))
            .filter_map(|stretch| {
                let last = *self.replay.copies_in(*stretch).last()?;
                let hop = (copy.via, self.replay.holding_of(self.replay.copy(last)).field);
                self.may_hop(hop)
                    .then(|| self.least_in(*stretch, self.state_of_parent(state, last, copy)))
                    .flatten()
            })
            .min_by_key(|parent| self.replay.rank(*parent))
            .map(Step::From)
    }

    /// The least copy of the stretch that was found in this state.
    fn least_in(&self, stretch: Stretch, state: State) -> Option<CopyNo> {
        let last = *self.replay.copies_in(stretch).last()?;
        let at = self.at(last, state);
        if self.replay.begins_life(stretch) {
            self.best_so_far[at]
        } else {
            self.steps[at].map(|_| last)
        }
    }

    fn may_hop(&self, hop: (ActNo, FieldNo)) -> bool {
        match self.search.demand {
            Demand::Without(hops) => !hops.contains(&hop),
            Demand::Any | Demand::With(_) => true,
        }
    }

    /// What is still to be met above the hop.
    fn after_hop(&self, state: State, hop: (ActNo, FieldNo)) -> State {
        match self.search.demand {
            Demand::With(hops) if hops.contains(&hop) => state & !(2 << self.search.through.len()),
            Demand::Any | Demand::Without(_) | Demand::With(_) => state,
        }
    }

    /// The state that a parent must have so that its child has `state`. It is the same for all copies of one life.
    fn state_of_parent(&self, state: State, parent: CopyNo, child: &Copy) -> State {
        let parent = self.replay.copy(parent);
        let field = self.replay.holding_of(parent).field;
        let mut rest = self.after_hop(state, (child.via, field));
        for (bit, through) in self.search.through.iter().enumerate() {
            if self.replay.is_passed_on_at(parent, *through, child.start) {
                rest &= !(2 << bit);
            }
        }
        rest
    }

    fn goal(&self) -> State {
        self.states - 1
    }

    /// Whether the copy was found.
    pub fn contains(&self, number: CopyNo) -> bool {
        self.steps[self.at(number, self.goal())].is_some()
    }

    /// The number of acts on the copy's path; 0 when it was not found.
    pub fn path_length(&self, number: CopyNo) -> u32 {
        self.lengths[self.at(number, self.goal())]
    }

    /// The acts from a first acquisition by way of a source to the copy; empty when it was not found.
    pub fn path(&self, number: CopyNo) -> Vec<ActNo> {
        self.hops(number).into_iter().map(|(act, _)| act).collect()
    }

    /// The same, each act with the field that it takes.
    pub fn hops(&self, number: CopyNo) -> Vec<(ActNo, FieldNo)> {
        self.hops_in(number, self.goal())
    }

    /// Of the stretch, the least copy that was found, and the least one to which any chain leads that is not free of
    /// demands: whether by way of a source or not.
    pub fn least_of(&self, stretch: Stretch) -> (Option<CopyNo>, Option<CopyNo>) {
        (
            self.least_in(stretch, self.goal()),
            self.least_in(stretch, self.goal() & !FOUND),
        )
    }

    /// The acts from a first acquisition to the copy, whether by way of a source or not; empty when there is no such
    /// chain, and for a search without demands.
    pub fn path_above(&self, number: CopyNo) -> Vec<ActNo> {
        self.hops_in(number, self.goal() & !FOUND)
            .into_iter()
            .map(|(act, _)| act)
            .collect()
    }

    fn hops_in(&self, number: CopyNo, goal: State) -> Vec<(ActNo, FieldNo)> {
        let field_of = |number: CopyNo| self.replay.holding_of(self.replay.copy(number)).field;
        let mut up = Vec::new();
        let (mut current, mut state) = (number, goal);
        loop {
            let via = self.replay.copy(current).via;
            match self.steps[self.at(current, state)] {
                None => return Vec::new(),
                Some(Step::Acquired) => {
                    up.push((via, field_of(current)));
                    break;
                }
                Some(Step::Source) if self.is_free() => {
                    let chain = self.replay.ancestry(current);
                    for pair in chain.windows(2) {
                        up.push((self.replay.copy(pair[0]).via, field_of(pair[1])));
                    }
                    if let Some(first) = chain.last() {
                        up.push((self.replay.copy(*first).via, field_of(*first)));
                    }
                    break;
                }
                Some(Step::Source) => state &= !FOUND,
                Some(Step::From(parent)) => {
                    up.push((via, field_of(parent)));
                    state = self.state_of_parent(state, parent, self.replay.copy(current));
                    current = parent;
                }
            }
        }
        up.reverse();
        up
    }

    /// When what is searched for reached the copy, if it did: mostly at its beginning, but a copy that a standing act
    /// made can be there before.
    pub fn arrived(&self, number: CopyNo) -> Option<Instant> {
        let goal = self.goal();
        self.contains(number).then(|| {
            let since = self.since.get(&(number, goal)).unwrap_or(&number);
            self.replay.copy(*since).start
        })
    }

    /// The copies of the subject's data that came to the processor, were found and have `fits`, in the order of creation.
    /// `fits` is asked with the instant of the arrival.
    pub fn at_processor(&self, to: ProcessorNo, fits: impl Fn(&Copy, Instant) -> bool) -> Vec<CopyNo> {
        self.replay
            .copies()
            .filter(|(number, copy)| {
                self.replay.came_to(copy, to)
                    && self.arrived(*number).is_some_and(|arrived| fits(copy, arrived))
            })
            .map(|(number, _)| number)
            .collect()
    }

    /// Of these copies the one with the shortest path, then the earliest, then the first made.
    pub fn shortest(&self, copies: &[CopyNo]) -> Option<CopyNo> {
        copies
            .iter()
            .copied()
            .min_by_key(|copy| (self.path_length(*copy), self.arrived(*copy), *copy))
    }
}

/// For each field, whether its copies end the way.
fn hidden_fields(history: &History, search: Search<'_>, defeated: &[(FieldId, Instant)]) -> Vec<bool> {
    let things = &history.things;
    let mut hidden: Vec<bool> = things
        .fields()
        .all()
        .map(|field| search.personal_only && !things.is_personal(field))
        .collect();
    for (id, at) in defeated {
        if let Some(field) = things.fields().get(id).filter(|_| *at <= search.limit) {
            hidden[field.index()] = false;
        }
    }
    hidden
}
