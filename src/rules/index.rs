//! Acts and copies by what most checks ask for first: what kind, by whom, for whom. A check that looks at one company's
//! shares does not pass by everybody's acts.

use crate::graph::number::Number as _;
use crate::graph::replay::Copy;
use crate::graph::{ActNo, CopyNo, History, ProcessorNo, Replay, SubjectNo};
use crate::model::word::ActKind;

/// A set of kinds of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// All kinds.
    pub const ALL: Self = Self(u16::MAX);

    /// These.
    pub fn of(kinds: &[ActKind]) -> Self {
        Self(kinds.iter().fold(0, |set, kind| set | 1 << (*kind as u16)))
    }

    /// All but these.
    pub fn but(kinds: &[ActKind]) -> Self {
        Self(!Self::of(kinds).0)
    }

    /// Whether the kind is one of them.
    pub fn has(self, kind: ActKind) -> bool {
        self.meets(Self::of(&[kind]))
    }

    /// And this one.
    #[must_use]
    pub fn with(self, kind: ActKind) -> Self {
        Self(self.0 | Self::of(&[kind]).0)
    }

    /// Those of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// On which side of an act somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who acts.
    Actor,
    /// Who acquires.
    Acquirer,
}

/// The acts of a history, in order, by kind and by processor.
#[derive(Debug)]
pub struct Acts {
    recorded: Vec<Kinds>,
    /// As what each is judged: a flow inside one organization is no flow, and a standing act may be one for a time.
    judged: Vec<Kinds>,
    by_actor: Vec<Vec<ActNo>>,
    by_acquirer: Vec<Vec<ActNo>>,
}

impl Acts {
    /// `judged` says as what an act is judged. Cost: one pass over the acts.
    pub fn new<K: Iterator<Item = ActKind>>(history: &History, judged: impl Fn(ActNo) -> K) -> Self {
        let processors = history.things.processors().all().count();
        let of = |number: ActNo| judged(number).fold(Kinds::NONE, Kinds::with);
        let mut acts = Self {
            recorded: history.acts().iter().map(|act| Kinds::of(&[act.kind])).collect(),
            judged: history.numbered().map(|(number, _)| of(number)).collect(),
            by_actor: vec![Vec::new(); processors],
            by_acquirer: vec![Vec::new(); processors],
        };
        for (number, act) in history.numbered() {
            acts.by_actor[act.actor.index()].push(number);
            if let Some(acquirer) = act.acquirer() {
                acts.by_acquirer[acquirer.index()].push(number);
            }
        }
        acts
    }

    /// The acts of these kinds as they are judged, in order; only those with one of the processors on that side, if they
    /// are given. Cost: a step for each act, or for each act of theirs.
    pub fn judged(&self, kinds: Kinds, who: Option<(Side, Vec<ProcessorNo>)>) -> Vec<ActNo> {
        self.choose(&self.judged, kinds, who)
    }

    /// The same of the kinds on record.
    pub fn recorded(&self, kinds: Kinds, who: Option<(Side, Vec<ProcessorNo>)>) -> Vec<ActNo> {
        self.choose(&self.recorded, kinds, who)
    }

    fn choose(&self, of: &[Kinds], kinds: Kinds, who: Option<(Side, Vec<ProcessorNo>)>) -> Vec<ActNo> {
        let Some((side, processors)) = who else {
            let numbered = of.iter().enumerate();
            return numbered
                .filter(|(_, own)| kinds.meets(**own))
                .filter_map(|(i, _)| ActNo::from_index(i))
                .collect();
        };
        let lists = match side {
            Side::Actor => &self.by_actor,
            Side::Acquirer => &self.by_acquirer,
        };
        listed(lists, &processors, |act| kinds.meets(of[act.index()]))
    }
}

/// The acts of a history by whose data they are about, in order.
pub fn acts_by_subject(history: &History) -> Vec<Vec<ActNo>> {
    let mut all = vec![Vec::new(); history.subjects().all().count()];
    for (number, act) in history.numbered() {
        for subject in &act.subjects {
            let list: &mut Vec<ActNo> = &mut all[subject.index()];
            if list.last() != Some(&number) {
                list.push(number);
            }
        }
    }
    all
}

/// The copies of a replay, in the order of creation, by who holds them and by who gave them.
#[derive(Debug)]
pub struct Copies {
    by_holder: Vec<Vec<CopyNo>>,
    received_from: Vec<Vec<CopyNo>>,
}

impl Copies {
    /// Cost: one pass over the copies.
    pub fn new(history: &History, replay: &Replay) -> Self {
        let processors = history.things.processors().all().count();
        let mut copies = Self {
            by_holder: vec![Vec::new(); processors],
            received_from: vec![Vec::new(); processors],
        };
        for (number, copy) in replay.copies() {
            let holder = replay.holding_of(copy).processor;
            copies.by_holder[holder.index()].push(number);
            if let Some(giver) = giver(history, holder, copy) {
                copies.received_from[giver.index()].push(number);
            }
        }
        copies
    }

    /// The copies that one of the processors has or had; everybody's, if none are given: `all` is how many there are.
    pub fn held_by(&self, processors: Option<&[ProcessorNo]>, all: usize) -> Vec<CopyNo> {
        match processors {
            Some(processors) => listed(&self.by_holder, processors, |_| true),
            None => (0..all).filter_map(CopyNo::from_index).collect(),
        }
    }

    /// The copies that others received directly from one of these.
    pub fn received_from(&self, givers: &[ProcessorNo]) -> Vec<CopyNo> {
        listed(&self.received_from, givers, |_| true)
    }
}

/// Who gave the copy to its holder.
fn giver(history: &History, holder: ProcessorNo, copy: &Copy) -> Option<ProcessorNo> {
    let via = history.act(copy.via);
    (via.actor != holder && via.recipient == Some(holder)).then_some(via.actor)
}

/// What stands in the lists of these processors, in order, each once.
fn listed<N: std::marker::Copy + Ord>(
    lists: &[Vec<N>],
    processors: &[ProcessorNo],
    fits: impl Fn(N) -> bool,
) -> Vec<N> {
    let listed = processors.iter().flat_map(|processor| &lists[processor.index()]);
    let mut chosen: Vec<N> = listed.copied().filter(|item| fits(*item)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Whether the list has the subject's acts.
pub fn of_subject(lists: &[Vec<ActNo>], subject: SubjectNo) -> &[ActNo] {
    lists.get(subject.index()).map_or(&[], Vec::as_slice)
}
