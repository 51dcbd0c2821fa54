//! Replay: acts in order become copies.
//!
//! A copy is one arrival of one field of one subject at one processor. All copies of the three together are a
//! holding. An end (delete, assign) ends every live copy of a holding, so the live ones are always those since the
//! last end: a **life**. What an act passes on is "all live copies", that is a stretch of one holding up to now.
//! Parents are therefore kept as stretches, never as lists, which would grow with the square of the acts on a cycle
//! of partners; and the least parent of a stretch is a running minimum, kept with each copy. One pass, constant
//! work for each pair of an act. What standing acts carry is in `standing`.

mod standing;

use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

pub use standing::LifeNo;
use standing::{Change, Flows, Standing};

use super::few::Growing;
use super::history::{Act, History};
use super::number::{ActNo, CopyNo, FieldNo, HoldingNo, Number as _, ProcessorNo, SubjectNo};
use super::things::Things;
use super::ties::Part;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Role, Ties};

/// One arrival of one field of one subject at one processor.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Where it belongs.
    pub holding: HoldingNo,
    /// When it arrived.
    pub start: Instant,
    /// By which act.
    pub via: ActNo,
    /// How it is held.
    pub role: Role,
    /// One more than the least depth of its parents; 1 without parents.
    pub depth: u32,
    /// Index of its life in the holding.
    life: u32,
    /// Its index among the copies of its holding.
    index: u32,
    /// Least copy of its life so far, itself included, by (depth, start, order of the act, creation).
    best_so_far: CopyNo,
    /// Whether every copy of its life so far is delegated.
    all_delegated_so_far: bool,
    /// Whether some copy of the life is assigned, up to and with this one.
    any_assigned_so_far: bool,
    /// Its parents: this stretch of `Replay::stretches`.
    parents_from: u32,
    parents_to: u32,
}

/// A stretch of the copies of one holding, by their index there: never empty, inside one life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The holding.
    pub holding: HoldingNo,
    from: u32,
    to: u32,
}

/// How a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Instant,
    /// By which act.
    pub by: ActNo,
    /// By a deletion, not by an assignment.
    pub is_deletion: bool,
}

#[derive(Clone, Debug)]
struct Life {
    /// Index of its first copy among the copies of the holding.
    first: u32,
    end: Option<End>,
    /// How many copies there were in all when it ended; all there ever are while it has not.
    over_at: u32,
}

/// All copies of one field of one subject at one processor.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Who holds.
    pub processor: ProcessorNo,
    /// Which data.
    pub field: FieldNo,
    /// Whose data.
    pub subject: SubjectNo,
    copies: Growing<CopyNo>,
    lives: Growing<Life>,
}

/// What the actor of an act held of one pair (subject, field) at that point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// These copies.
    Copies(Stretch),
    /// Nothing, but this copy was deleted before.
    Deleted(CopyNo),
    /// Nothing, and nothing was deleted either.
    Nothing,
    /// Not looked up: the act takes no data from its actor (collect, correct, restrict), or it is a delete without
    /// anything to end.
    NotLooked,
}

/// The copies of a history.
#[derive(Clone, Debug)]
pub struct Replay {
    copies: Vec<Copy>,
    stretches: Vec<Stretch>,
    holdings: Vec<Holding>,
    by_place: FxHashMap<(ProcessorNo, FieldNo, SubjectNo), HoldingNo>,
    /// For each act, where its pairs begin in `held`; one more entry at the end.
    pairs_from: Vec<u32>,
    held: Vec<Held>,
    /// Acts that ended something, with the stretch they ended.
    ended: FxHashMap<ActNo, Vec<Stretch>>,
    /// For each act, how many copies there were before it.
    copies_before: Vec<u32>,
    /// The copies that standing acts made, and what feeds them.
    standing: Standing,
    /// How acts of one instant are taken.
    ties: Ties,
    /// Whether some copy is delegated, and whether some copy is assigned.
    any_delegated: bool,
    any_assigned: bool,
    /// What lies inside what.
    things: Arc<Things>,
}

/// What copies are compared by: less is nearer to a first acquisition.
type Rank = (u32, Instant, ActNo, CopyNo);

impl Replay {
    /// Replays a history. Cost: one step for each pair (subject, field) of each act.
    ///
    /// # Panics
    /// When there are more than 2³² pairs or copies.
    pub fn new(history: &History) -> Self {
        let mut replay = Self {
            copies: Vec::with_capacity(history.acts().len()),
            stretches: Vec::with_capacity(history.acts().len()),
            holdings: Vec::with_capacity(history.acts().len()),
            by_place: FxHashMap::with_capacity_and_hasher(history.acts().len(), FxBuildHasher),
            pairs_from: Vec::with_capacity(history.acts().len() + 1),
            held: Vec::with_capacity(history.acts().len()),
            ended: FxHashMap::default(),
            copies_before: Vec::with_capacity(history.acts().len()),
            standing: Standing::default(),
            ties: history.ties(),
            any_delegated: false,
            any_assigned: false,
            things: Arc::clone(&history.things),
        };
        replay.standing.is_any = history.acts().iter().any(|act| act.when.standing().is_some());
        let mut flows = Flows::default();
        for (number, act) in history.numbered() {
            flows.stop(act.at, index(replay.copies.len()), &mut replay.standing);
            replay.pairs_from.push(index(replay.held.len()));
            replay.copies_before.push(index(replay.copies.len()));
            if act.when.standing().is_some() {
                replay.stand(number, act, &mut flows);
            } else {
                replay.run(number, act);
            }
            replay.settle(number, act, &mut flows);
        }
        replay.pairs_from.push(index(replay.held.len()));
        replay
    }

    fn run(&mut self, number: ActNo, act: &Act) {
        for subject in &act.subjects {
            let mut inputs: Vec<Stretch> = Vec::new();
            for field in &act.fields {
                self.run_pair(number, act, *subject, *field, &mut inputs);
            }
            if act.kind == ActKind::Derive && !inputs.is_empty() {
                let all_delegated = inputs.iter().all(|stretch| self.is_all_delegated(*stretch));
                let role = if all_delegated { Role::Delegated } else { Role::Own };
                for made in act.makes.iter().filter(|made| act.part.brings(**made)) {
                    self.create((act.actor, *made, *subject), act.at, number, role, &inputs);
                }
            }
        }
    }

    fn run_pair(
        &mut self,
        number: ActNo,
        act: &Act,
        subject: SubjectNo,
        field: FieldNo,
        inputs: &mut Vec<Stretch>,
    ) {
        let new_role = match act.kind {
            ActKind::Collect => {
                self.create((act.actor, field, subject), act.at, number, Role::Own, &[]);
                self.held.push(Held::NotLooked);
                return;
            }
            ActKind::Correct | ActKind::Restrict => {
                self.held.push(Held::NotLooked);
                return;
            }
            ActKind::Delegate => Role::Delegated,
            ActKind::Assign => Role::Assigned,
            ActKind::Derive
            | ActKind::Use
            | ActKind::Store
            | ActKind::Share
            | ActKind::Verify
            | ActKind::Disclose
            | ActKind::Delete => Role::Own,
        };
        if act.kind != ActKind::Derive && act.part != Part::End && !act.part.brings(field) {
            self.held.push(Held::NotLooked);
            return;
        }
        let place = (act.actor, field, subject);
        let held = match (act.kind, &act.part) {
            (ActKind::Delete, _) | (_, Part::End) => self.held_now(place),
            (_, Part::Moment { .. }) => self.held_all_the_time(place),
            (_, _) => self.held_at_instant(place, act.at),
        };
        // An assignment hands over what its other part has ended, at this instant.
        let ended = match (act.kind, &act.part) {
            (ActKind::Assign, Part::Flow(_)) => self.ended_at(place, act.at),
            (_, _) => None,
        };
        let (held, also) = match (ended, held) {
            (Some(ended), Held::Copies(new)) => (Held::Copies(ended), Some(new)),
            (Some(ended), _) => (Held::Copies(ended), None),
            (None, held) => (held, None),
        };
        if act.part == Part::End {
            if let Held::Copies(stretch) = held {
                self.end(stretch, act.at, number, false);
            }
            self.held.push(Held::NotLooked);
            return;
        }
        if act.kind == ActKind::Delete {
            if let Held::Copies(stretch) = held {
                self.end(stretch, act.at, number, true);
                self.held.push(held);
            } else {
                self.held.push(Held::NotLooked);
            }
            return;
        }
        self.held.push(held);
        match held {
            Held::Copies(stretch) => {
                // The giver's copies end before the taker's begins, so that handing over to oneself leaves the new one.
                if act.kind == ActKind::Assign && act.part == Part::Whole {
                    self.end(stretch, act.at, number, false);
                }
                if let Some(to) = act.recipient {
                    let parents = [stretch, also.unwrap_or(stretch)];
                    let parents = &parents[..if also.is_some() { 2 } else { 1 }];
                    let role = self.role_by((act.actor, to), act.at, new_role, parents);
                    self.create((to, field, subject), act.at, number, role, parents);
                }
                if act.kind == ActKind::Derive {
                    inputs.push(stretch);
                }
            }
            Held::Deleted(ghost) => {
                let stretch = self.alone(ghost);
                if let Some(to) = act.recipient {
                    self.create(
                        (to, field, subject),
                        act.at,
                        number,
                        Role::Contradicted,
                        &[stretch],
                    );
                }
                if act.kind == ActKind::Derive {
                    inputs.push(stretch);
                }
            }
            Held::Nothing | Held::NotLooked => {}
        }
    }

    /// The role of what a flow from one processor to another makes: inside one organization that of what it is made from,
    /// elsewhere the one that such an act gives.
    fn role_by(
        &self,
        (from, to): (ProcessorNo, ProcessorNo),
        at: Instant,
        given: Role,
        parents: &[Stretch],
    ) -> Role {
        if !self.things.is_one_organization(from, to, at) {
            given
        } else if parents.iter().all(|stretch| self.is_all_delegated(*stretch)) {
            Role::Delegated
        } else if parents.iter().any(|stretch| self.is_any_assigned(*stretch)) {
            Role::Assigned
        } else {
            Role::Own
        }
    }

    fn held_now(&self, place: (ProcessorNo, FieldNo, SubjectNo)) -> Held {
        let Some(number) = self.by_place.get(&place) else {
            return Held::Nothing;
        };
        let holding = &self.holdings[number.index()];
        let Some(life) = holding.lives.last() else {
            return Held::Nothing;
        };
        if life.end.is_none() {
            return Held::Copies(Stretch {
                holding: *number,
                from: life.first,
                to: index(holding.copies.len()),
            });
        }
        Self::ghost(holding)
    }

    /// The last copy that was deleted.
    fn ghost(holding: &Holding) -> Held {
        let mut next = holding.copies.len();
        for life in holding.lives.iter().rev() {
            if life.end.is_some_and(|end| end.is_deletion) {
                return Held::Deleted(holding.copies[next - 1]);
            }
            next = life.first as usize;
        }
        Held::Nothing
    }

    /// What a standing act finds: it takes only what is there, also what came in this very instant.
    fn held_all_the_time(&self, place: (ProcessorNo, FieldNo, SubjectNo)) -> Held {
        match self.held_now(place) {
            held @ Held::Copies(_) => held,
            Held::Deleted(_) | Held::Nothing | Held::NotLooked => Held::Nothing,
        }
    }

    /// What a flow of this instant finds, as ties are taken. When the order inside the instant is not known, what ended
    /// in it is not held and is no contradiction either.
    fn held_at_instant(&self, place: (ProcessorNo, FieldNo, SubjectNo), at: Instant) -> Held {
        let held = self.held_now(place);
        if self.ties == Ties::Recorded {
            return held;
        }
        let Some(holding) = self
            .by_place
            .get(&place)
            .map(|number| &self.holdings[number.index()])
        else {
            return Held::Nothing;
        };
        if let Held::Copies(stretch) = held {
            let visible = match self.ties {
                Ties::Recorded | Ties::Any => stretch.to - stretch.from,
                Ties::Strict => {
                    let copies = self.copies_in(stretch);
                    index(copies.partition_point(|copy| self.copy(*copy).start < at))
                }
            };
            if visible > 0 {
                return Held::Copies(Stretch {
                    to: stretch.from + visible,
                    ..stretch
                });
            }
        }
        let last_end = holding.lives.iter().rev().find_map(|life| life.end);
        if last_end.is_some_and(|end| end.at == at) {
            return Held::Nothing;
        }
        Self::ghost(holding)
    }

    /// The life that ended at this very instant.
    fn ended_at(&self, place: (ProcessorNo, FieldNo, SubjectNo), at: Instant) -> Option<Stretch> {
        let number = self.by_place.get(&place)?;
        let holding = &self.holdings[number.index()];
        let life = holding
            .lives
            .iter()
            .rposition(|life| life.end.is_some_and(|end| end.at == at))?;
        let to = holding
            .lives
            .get(life + 1)
            .map_or(index(holding.copies.len()), |next| next.first);
        Some(Stretch {
            holding: *number,
            from: holding.lives[life].first,
            to,
        })
    }

    fn create(
        &mut self,
        place: (ProcessorNo, FieldNo, SubjectNo),
        start: Instant,
        via: ActNo,
        role: Role,
        parents: &[Stretch],
    ) {
        let number: CopyNo = number_of(self.copies.len());
        let depth = 1 + parents
            .iter()
            .map(|stretch| self.copy(self.least(*stretch)).depth)
            .min()
            .unwrap_or(0);
        let holdings = &mut self.holdings;
        let holding_no = *self.by_place.entry(place).or_insert_with(|| {
            let holding_no = number_of(holdings.len());
            let (processor, field, subject) = place;
            holdings.push(Holding {
                processor,
                field,
                subject,
                copies: Growing::default(),
                lives: Growing::default(),
            });
            holding_no
        });
        let holding = &mut self.holdings[holding_no.index()];
        let at = index(holding.copies.len());
        let continues = holding.lives.last().is_some_and(|life| life.end.is_none());
        if !continues {
            holding.lives.push(Life {
                first: at,
                end: None,
                over_at: u32::MAX,
            });
            self.standing.note(Change::Begun(holding_no));
        }
        let before = if continues {
            holding.copies.last().copied()
        } else {
            None
        };
        holding.copies.push(number);
        let life = index(holding.lives.len() - 1);
        let own_rank: Rank = (depth, start, via, number);
        let (is_delegated, is_assigned) = (role == Role::Delegated, role == Role::Assigned);
        self.any_delegated |= is_delegated;
        self.any_assigned |= is_assigned;
        let (best_so_far, all_delegated_so_far, any_assigned_so_far) = match before {
            Some(before) => {
                let previous = self.copy(before);
                let best = previous.best_so_far;
                let best = if self.rank(best) <= own_rank { best } else { number };
                let all_delegated = previous.all_delegated_so_far && is_delegated;
                (best, all_delegated, previous.any_assigned_so_far || is_assigned)
            }
            None => (number, is_delegated, is_assigned),
        };
        let parents_from = index(self.stretches.len());
        self.stretches.extend_from_slice(parents);
        self.copies.push(Copy {
            holding: holding_no,
            start,
            via,
            role,
            depth,
            life,
            index: at,
            best_so_far,
            all_delegated_so_far,
            any_assigned_so_far,
            parents_from,
            parents_to: index(self.stretches.len()),
        });
    }

    fn end(&mut self, stretch: Stretch, at: Instant, by: ActNo, is_deletion: bool) {
        let copies = index(self.copies.len());
        if let Some(life) = self.holdings[stretch.holding.index()].lives.last_mut() {
            life.end = Some(End { at, by, is_deletion });
            life.over_at = copies;
        }
        self.standing.note(Change::Ended(stretch.holding));
        self.ended.entry(by).or_default().push(stretch);
    }

    fn alone(&self, copy: CopyNo) -> Stretch {
        let fact = self.copy(copy);
        Stretch {
            holding: fact.holding,
            from: fact.index,
            to: fact.index + 1,
        }
    }

    /// One copy.
    pub fn copy(&self, number: CopyNo) -> &Copy {
        &self.copies[number.index()]
    }

    /// All copies in the order of their creation.
    pub fn copies(&self) -> impl Iterator<Item = (CopyNo, &Copy)> {
        self.copies
            .iter()
            .enumerate()
            .filter_map(|(i, copy)| Some((CopyNo::from_index(i)?, copy)))
    }

    /// How many copies there are.
    pub fn count(&self) -> usize {
        self.copies.len()
    }

    /// The holding a copy belongs to.
    pub fn holding_of(&self, copy: &Copy) -> &Holding {
        &self.holdings[copy.holding.index()]
    }

    /// The copy before this one in the same life.
    pub fn before_in_life(&self, number: CopyNo) -> Option<CopyNo> {
        let copy = self.copy(number);
        let holding = self.holding_of(copy);
        let first = holding.lives[copy.life as usize].first;
        (copy.index > first).then(|| holding.copies[copy.index as usize - 1])
    }

    /// How the copy ended, if it did.
    pub fn end_of(&self, copy: &Copy) -> Option<End> {
        self.holding_of(copy).lives[copy.life as usize].end
    }

    /// The copies of one field of one subject at one processor, in the order of their creation.
    pub fn copies_at(&self, processor: ProcessorNo, field: FieldNo, subject: SubjectNo) -> &[CopyNo] {
        self.by_place
            .get(&(processor, field, subject))
            .map_or(&[], |number| &self.holdings[number.index()].copies)
    }

    /// All holdings in the order of their first copy.
    pub fn holdings(&self) -> impl Iterator<Item = (&Holding, &[CopyNo])> {
        self.holdings.iter().map(|holding| (holding, &*holding.copies))
    }

    /// What the actor of the act held of each pair, in the order of [`Act::pairs`].
    pub fn held(&self, act: ActNo) -> &[Held] {
        let from = self.pairs_from[act.index()] as usize;
        let to = self.pairs_from[act.index() + 1] as usize;
        &self.held[from..to]
    }

    /// The stretches that the act ended.
    pub fn ended_by(&self, act: ActNo) -> &[Stretch] {
        self.ended.get(&act).map_or(&[], Vec::as_slice)
    }

    /// Whether the copy came to this processor, or to one that lay inside it then.
    pub fn came_to(&self, copy: &Copy, processor: ProcessorNo) -> bool {
        let holder = self.holding_of(copy).processor;
        self.things.is_within(holder, processor, copy.start)
    }

    /// Whether the copy is passed on, at the instant, by this processor, or by one that lies inside it then.
    pub fn is_passed_on_at(&self, copy: &Copy, processor: ProcessorNo, at: Instant) -> bool {
        self.things
            .is_within(self.holding_of(copy).processor, processor, at)
    }

    /// The copies of a stretch in the order of their creation.
    pub fn copies_in(&self, stretch: Stretch) -> &[CopyNo] {
        let holding = &self.holdings[stretch.holding.index()];
        &holding.copies[stretch.from as usize..stretch.to as usize]
    }

    /// The stretches of the copy's parents, in the order of the inputs.
    pub fn parent_stretches(&self, copy: &Copy) -> &[Stretch] {
        &self.stretches[copy.parents_from as usize..copy.parents_to as usize]
    }

    /// Whether anybody ever holds something on another's behalf.
    pub fn has_delegated(&self) -> bool {
        self.any_delegated
    }

    /// Whether every copy of the stretch is delegated.
    pub fn is_all_delegated(&self, stretch: Stretch) -> bool {
        if !self.any_delegated {
            return false;
        }
        let last = self.copy(self.copies_in(stretch)[(stretch.to - stretch.from - 1) as usize]);
        if self.begins_life(stretch) {
            last.all_delegated_so_far
        } else {
            last.role == Role::Delegated
        }
    }

    /// Whether some copy of the stretch is assigned.
    pub fn is_any_assigned(&self, stretch: Stretch) -> bool {
        if !self.any_assigned {
            return false;
        }
        let last = self.copy(self.copies_in(stretch)[(stretch.to - stretch.from - 1) as usize]);
        if self.begins_life(stretch) {
            last.any_assigned_so_far
        } else {
            last.role == Role::Assigned
        }
    }

    /// The holding of a stretch, and the positions there of its first copy and of the one behind its last.
    pub fn bounds(&self, stretch: Stretch) -> (HoldingNo, usize, usize) {
        (stretch.holding, stretch.from as usize, stretch.to as usize)
    }

    /// The copy at a position of a holding.
    pub fn copy_at(&self, holding: HoldingNo, position: usize) -> CopyNo {
        self.holdings[holding.index()].copies[position]
    }

    /// How many copies a holding has.
    pub fn length(&self, holding: HoldingNo) -> usize {
        self.holdings[holding.index()].copies.len()
    }

    /// The position of a copy in its holding.
    pub fn position(&self, copy: &Copy) -> usize {
        copy.index as usize
    }

    /// The first copy of the life that the copy belongs to.
    pub fn first_of_life(&self, number: CopyNo) -> CopyNo {
        let copy = self.copy(number);
        let holding = self.holding_of(copy);
        holding.copies[holding.lives[copy.life as usize].first as usize]
    }

    /// Whether the stretch begins where its life does: if not, it is a single copy.
    pub fn begins_life(&self, stretch: Stretch) -> bool {
        let holding = &self.holdings[stretch.holding.index()];
        let life = self.copy(holding.copies[stretch.from as usize]).life;
        holding.lives[life as usize].first == stretch.from
    }

    /// The copy's rank: by depth, start, order of the acquiring act, creation.
    pub fn rank(&self, number: CopyNo) -> (u32, Instant, ActNo, CopyNo) {
        let copy = self.copy(number);
        (copy.depth, copy.start, copy.via, number)
    }

    /// The least copy of the stretch by rank.
    pub fn least(&self, stretch: Stretch) -> CopyNo {
        let copies = self.copies_in(stretch);
        let last = copies[copies.len() - 1];
        if self.begins_life(stretch) {
            self.copy(last).best_so_far
        } else {
            last
        }
    }

    /// The acts from a first acquisition to the copy: going up, always to the least parent.
    pub fn chain(&self, number: CopyNo) -> Vec<ActNo> {
        let mut acts: Vec<ActNo> = self
            .ancestry(number)
            .into_iter()
            .map(|copy| self.copy(copy).via)
            .collect();
        acts.reverse();
        acts
    }

    /// The copy, its least parent, and so on up to a first acquisition.
    pub fn ancestry(&self, number: CopyNo) -> Vec<CopyNo> {
        let mut copies = Vec::new();
        let mut current = Some(number);
        while let Some(number) = current {
            copies.push(number);
            current = self
                .parent_stretches(self.copy(number))
                .iter()
                .map(|stretch| self.least(*stretch))
                .min_by_key(|parent| self.rank(*parent));
        }
        copies
    }

    /// The copy that a path to an act starts from: of the processor's copies acquired before the act, those not
    /// ended before its instant, or all if there are none; the least of them.
    pub fn path_copy(
        &self,
        processor: ProcessorNo,
        field: FieldNo,
        subject: SubjectNo,
        before: ActNo,
        at: Instant,
    ) -> Option<CopyNo> {
        let copies = self.copies_at(processor, field, subject);
        let made = self.copies_before[before.index()] as usize;
        let cut = copies.partition_point(|copy| copy.index() < made);
        self.least_standing(copies.get(..cut)?, at)
    }

    /// The copy that a path to a standing act starts from at an instant at which it is active: the same, but of the
    /// copies that began then or before.
    pub fn path_copy_at(
        &self,
        processor: ProcessorNo,
        field: FieldNo,
        subject: SubjectNo,
        at: Instant,
    ) -> Option<CopyNo> {
        let copies = self.copies_at(processor, field, subject);
        let cut = copies.partition_point(|copy| self.copy(*copy).start <= at);
        self.least_standing(copies.get(..cut)?, at)
    }

    /// How many copies there were before the act.
    pub fn copies_before(&self, act: ActNo) -> usize {
        self.copies_before[act.index()] as usize
    }

    /// How many copies began at the instant or before.
    pub fn copies_until(&self, at: Instant) -> usize {
        self.copies.partition_point(|copy| copy.start <= at)
    }

    /// How many copies began before the instant.
    pub fn copies_earlier_than(&self, at: Instant) -> usize {
        self.copies.partition_point(|copy| copy.start < at)
    }

    /// Of these first copies of a holding, the least that stands at the instant, or the least of all.
    pub fn least_standing(&self, copies: &[CopyNo], at: Instant) -> Option<CopyNo> {
        let stands = |number: &CopyNo| self.end_of(self.copy(*number)).is_none_or(|end| end.at >= at);
        // Ends never go back in time, so the standing copies are the last ones.
        let from = copies.partition_point(|number| !stands(number));
        let chosen = if from < copies.len() {
            &copies[from..]
        } else {
            copies
        };
        // One candidate a life: the best so far of its last chosen copy, if that lies inside the choice.
        let mut best: Option<CopyNo> = None;
        let mut next = chosen.len();
        while next > 0 {
            let last = self.copy(chosen[next - 1]);
            let candidate = last.best_so_far;
            if best.is_none_or(|best| self.rank(candidate) < self.rank(best)) {
                best = Some(candidate);
            }
            let life_first = self.holding_of(last).lives[last.life as usize].first;
            let steps = (last.index - life_first + 1) as usize;
            next = next.saturating_sub(steps);
        }
        best
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a replay holds fewer than 2^32 pairs")
}

fn number_of<N: super::number::Number>(length: usize) -> N {
    N::from_index(length).expect("a replay holds fewer than 2^32 copies")
}
