//! What acts do to holdings, and of which two acts it matters which comes first.
//!
//! A holding is one field at one processor. An act reads it, brings something into it, or ends it. What two acts do stands
//! in no order where they touch no holding in common, where both only read, or where both only bring: whichever comes
//! first, the same copies are there afterwards, with the same parents. So where nothing but copies is looked at, an act
//! has to be placed only against the acts that it *meets*, and two sequences that agree on these say the same.

use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Uncertain;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::{FactId, FieldId, ProcessorId, SubjectId};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Method};

/// What an act does to a holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// It takes what is there.
    Reads,
    /// It adds a copy.
    Brings,
    /// It ends what is there.
    Ends,
}

/// What one act touches.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Its place in the order of the record.
    pub position: usize,
    /// Nobody knows what its instant may be held against: it meets every act.
    pub is_wide: bool,
    /// Holdings by their number, sorted.
    pub ways: Vec<(usize, Way)>,
}

/// An act of a certain instant, as uncertain ones are held against it.
struct Known {
    position: usize,
    subjects: Vec<SubjectId>,
    /// It begins and ends at instants, whatever the order of the record: at its end nothing is carried any more.
    is_standing: bool,
}

/// An instant at which a certain act does something to a holding.
struct Mark {
    at: Instant,
    way: Way,
    /// A place in `known`.
    act: usize,
}

/// What all acts of some facts touch.
#[derive(Default)]
pub struct Touches {
    numbers: FxHashMap<(ProcessorId, FieldId), usize>,
    /// By number: whether anything ever ends it.
    ends: Vec<bool>,
    /// By number, in the order of time: what certain acts do to it.
    marks: Vec<Vec<Mark>>,
    known: Vec<Known>,
    /// The instants of all certain acts.
    all: Vec<Instant>,
    /// Those of certain acts that every act meets.
    wide: Vec<Instant>,
    of: FxHashMap<FactId, Touched>,
    /// What is carried from holding to holding, whenever.
    onward: FxHashMap<usize, Vec<usize>>,
}

impl Touches {
    /// Of these facts, in the order of the record; `persons` says whose data an act is about, nobody meaning everybody.
    /// Cost: linear in the pairs of fields of the acts.
    pub fn new<'f>(
        facts: impl IntoIterator<Item = &'f Stated>,
        persons: impl Fn(&[SubjectId]) -> Vec<SubjectId>,
    ) -> Self {
        let acts: Vec<(usize, &Act)> = facts
            .into_iter()
            .enumerate()
            .filter_map(|(position, stated)| {
                let Fact::Act(act) = &stated.fact else { return None };
                Some((position, act))
            })
            .collect();
        let mut made = Self::default();
        let mut of: Vec<Touched> = acts
            .iter()
            .map(|(position, act)| made.touched(*position, act))
            .collect();
        made.unite(&acts, &mut of);
        made.ends = vec![false; made.numbers.len()];
        for (number, way) in of.iter().flat_map(|touched| &touched.ways) {
            made.ends[*number] |= *way == Way::Ends;
        }
        made.marks.resize_with(made.numbers.len(), Vec::new);
        for ((position, act), touched) in acts.into_iter().zip(of) {
            if act.at.bounds().is_none() {
                made.mark(position, act, persons(&act.subjects), &touched);
            }
            made.of.insert(act.id.clone(), touched);
        }
        for list in &mut made.marks {
            list.sort_by_key(|mark| mark.at);
        }
        for list in [&mut made.all, &mut made.wide] {
            list.sort_unstable();
            list.dedup();
        }
        made
    }

    fn number(&mut self, at: &ProcessorId, field: &FieldId) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry((at.clone(), field.clone())).or_insert(next)
    }

    fn touched(&mut self, position: usize, act: &Act) -> Touched {
        // What is found out by a re-identification counts for releases before it, and an end without fields ends all.
        let is_wide = act.method == Some(Method::Reidentify)
            || act.fields.is_empty()
            || matches!(act.kind, ActKind::Correct | ActKind::Restrict);
        let mut ways = Vec::new();
        for field in &act.fields {
            let own = self.number(&act.actor, field);
            let taker = act.recipient.as_ref().map(|to| self.number(to, field));
            match act.kind {
                ActKind::Collect => ways.push((own, Way::Brings)),
                ActKind::Delete => ways.push((own, Way::Ends)),
                ActKind::Assign => ways.extend([(own, Way::Reads), (own, Way::Ends)]),
                ActKind::Derive
                | ActKind::Use
                | ActKind::Store
                | ActKind::Share
                | ActKind::Verify
                | ActKind::Disclose
                | ActKind::Delegate
                | ActKind::Correct
                | ActKind::Restrict => ways.push((own, Way::Reads)),
            }
            if let Some(taker) = taker {
                ways.push((taker, Way::Brings));
                self.onward.entry(own).or_default().push(taker);
            }
        }
        for made in &act.makes {
            let made = self.number(&act.actor, made);
            ways.push((made, Way::Brings));
            for field in &act.fields {
                let own = self.number(&act.actor, field);
                self.onward.entry(own).or_default().push(made);
            }
        }
        ways.sort_unstable();
        ways.dedup();
        Touched {
            position,
            is_wide,
            ways,
        }
    }

    /// What a standing act carries is on both sides at once: the two are one holding.
    fn unite(&mut self, acts: &[(usize, &Act)], of: &mut [Touched]) {
        let mut first: Vec<usize> = (0..self.numbers.len()).collect();
        let standing = acts
            .iter()
            .zip(&*of)
            .filter(|((_, act), _)| act.at.standing().is_some());
        for (_, touched) in standing {
            for pair in touched.ways.windows(2) {
                let (one, other) = (joined(&first, pair[0].0), joined(&first, pair[1].0));
                first[one.max(other)] = one.min(other);
            }
        }
        let tops: Vec<usize> = (0..first.len()).map(|number| joined(&first, number)).collect();
        for touched in of {
            for (number, _) in &mut touched.ways {
                *number = tops[*number];
            }
            touched.ways.sort_unstable();
            touched.ways.dedup();
        }
        for number in self.numbers.values_mut() {
            *number = tops[*number];
        }
        let mut onward: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for (from, to) in std::mem::take(&mut self.onward) {
            let list = onward.entry(tops[from]).or_default();
            list.extend(to.into_iter().map(|to| tops[to]));
        }
        self.onward = onward;
    }

    fn mark(&mut self, position: usize, act: &Act, subjects: Vec<SubjectId>, touched: &Touched) {
        let instants: Vec<Instant> = match act.at.standing() {
            Some((from, until)) => std::iter::once(from).chain(until).collect(),
            None => vec![act.at.start()],
        };
        self.all.extend(&instants);
        if touched.is_wide {
            self.wide.extend(instants);
            return;
        }
        let number = self.known.len();
        self.known.push(Known {
            position,
            subjects,
            is_standing: act.at.standing().is_some(),
        });
        for (holding, way) in &touched.ways {
            let marks = instants.iter().map(|at| Mark {
                at: *at,
                way: *way,
                act: number,
            });
            self.marks[*holding].extend(marks);
        }
    }

    /// What this act touches; nothing is known of the end of an act that stands, nor of what is no act: they meet everything.
    pub fn of(&self, act: &Uncertain) -> Option<&Touched> {
        self.of.get(&act.id)
    }

    /// Whether it matters which of the two comes first, at a holding.
    fn meet(&self, holding: usize, one: Way, other: Way) -> bool {
        match (one, other) {
            (Way::Reads, Way::Reads) => false,
            // Of what was deleted, the last that was brought is what a contradicting flow takes.
            (Way::Brings, Way::Brings) => self.ends[holding],
            (_, _) => true,
        }
    }

    /// Whether the two acts meet, and if so whether at one instant the order of the record says all that matters, and
    /// whether it may matter that they lie a length of time apart.
    pub fn meeting(&self, one: &Uncertain, other: &Uncertain) -> Option<Meeting> {
        let (Some(one), Some(other)) = (self.of(one), self.of(other)) else {
            return Some(Meeting::ANYHOW);
        };
        if one.is_wide || other.is_wide {
            return Some(Meeting::ANYHOW);
        }
        let mut found: Option<Meeting> = None;
        for (holding, way) in &one.ways {
            let from = other.ways.partition_point(|(number, _)| number < holding);
            let same = other.ways[from..]
                .iter()
                .take_while(|(number, _)| number == holding);
            for (_, theirs) in same.filter(|(_, theirs)| self.meet(*holding, *way, *theirs)) {
                let here = Meeting::of(*way, *theirs);
                let known = found.get_or_insert(here);
                known.by_record &= here.by_record;
                known.apart |= here.apart;
            }
        }
        found
    }

    /// What the act has to be held against inside its bounds: the instants at which a certain act does something that it
    /// meets, or from which such an act lies so far. Not all when they are more than so many.
    pub fn inside(&self, act: &Uncertain, shifts: &[i64], most: usize) -> Vec<Test> {
        let Some(touched) = self.of(act).filter(|touched| !touched.is_wide) else {
            return between(&self.all, act, shifts);
        };
        let mut found = between(&self.wide, act, shifts);
        for (holding, way) in &touched.ways {
            let marks = &self.marks[*holding];
            for shift in shifts {
                let (first, last) = (shifted(act.earliest, -shift), shifted(act.latest, -shift));
                let begin = marks.partition_point(|mark| mark.at < first);
                for mark in marks[begin..].iter().take_while(|mark| mark.at <= last) {
                    let known = &self.known[mark.act];
                    let meeting = Meeting::of(*way, mark.way);
                    if !self.meet(*holding, *way, mark.way)
                        || (*shift != 0 && !meeting.apart)
                        || !is_shared(&act.subjects, &known.subjects)
                    {
                        continue;
                    }
                    let by_record = *shift == 0 && meeting.by_record && !known.is_standing;
                    let test = Test {
                        at: shifted(mark.at, *shift),
                        at_once: by_record.then(|| touched.position.cmp(&known.position)),
                    };
                    if !test.is_settled(act) {
                        found.push(test);
                    }
                }
                if found.len() > most {
                    found.sort_unstable();
                    found.dedup();
                    if found.len() > most {
                        return found;
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The holdings that what is at these may ever come to, these among them.
    fn downstream(&self, from: impl IntoIterator<Item = usize>) -> FxHashSet<usize> {
        let mut found: FxHashSet<usize> = FxHashSet::default();
        let mut next: Vec<usize> = from.into_iter().collect();
        while let Some(holding) = next.pop() {
            if found.insert(holding) {
                next.extend(self.onward.get(&holding).into_iter().flatten());
            }
        }
        found
    }

    /// Whether the act does something to one of these holdings.
    fn touches_any(&self, act: &FactId, holdings: &FxHashSet<usize>) -> bool {
        self.of.get(act).is_none_or(|touched| {
            touched.is_wide || touched.ways.iter().any(|(holding, _)| holdings.contains(holding))
        })
    }

    /// These acts, and all that do something to a holding in which other copies may be when these come in another order; all
    /// acts, where one of these is no act, or the end of one that stands.
    pub fn shaken(&self, acts: &[Uncertain]) -> FxHashSet<FactId> {
        if acts.iter().any(|act| self.of(act).is_none()) {
            return self
                .of
                .keys()
                .chain(acts.iter().map(|act| &act.id))
                .cloned()
                .collect();
        }
        let changed = acts.iter().filter_map(|act| self.of(act)).flat_map(|touched| {
            let changed = touched.ways.iter().filter(|(_, way)| *way != Way::Reads);
            changed.map(|(holding, _)| *holding)
        });
        let holdings = self.downstream(changed);
        let shaken = self.of.keys().filter(|act| self.touches_any(act, &holdings));
        shaken.chain(acts.iter().map(|act| &act.id)).cloned().collect()
    }
}

/// How two acts meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// At one instant the order of the record is all that matters: equal is as good as before, or as after.
    pub by_record: bool,
    /// The length of time between the two may matter.
    pub apart: bool,
}

impl Meeting {
    /// Everything about the two may matter.
    const ANYHOW: Self = Self {
        by_record: false,
        apart: true,
    };

    /// How long a copy was there is from what brought it to what ended it; what reads has no clock.
    fn of(one: Way, other: Way) -> Self {
        let is_read = one == Way::Reads || other == Way::Reads;
        Self {
            by_record: is_read,
            apart: !is_read,
        }
    }
}

/// An instant that an act is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Test {
    /// When.
    pub at: Instant,
    /// As what it counts to be at that very instant, where the order of the record says all that matters.
    pub at_once: Option<Ordering>,
}

impl Test {
    /// How an instant stands to it.
    pub fn of(self, at: Instant) -> Ordering {
        let order = at.cmp(&self.at);
        if order == Ordering::Equal {
            self.at_once.unwrap_or(order)
        } else {
            order
        }
    }

    /// Whether all instants of the act stand to it alike.
    pub fn is_settled(self, act: &Uncertain) -> bool {
        self.of(act.earliest) == self.of(act.latest)
    }
}

/// The least number that this one is joined with; each points to a lesser one until it points to itself.
fn joined(first: &[usize], mut number: usize) -> usize {
    while first[number] != number {
        number = first[number];
    }
    number
}

/// Whether two acts are about one person; nobody means everybody.
fn is_shared(one: &[SubjectId], other: &[SubjectId]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|id| other.contains(id))
}

/// Those of these instants, shifted, that lie in the bounds.
fn between(instants: &[Instant], act: &Uncertain, shifts: &[i64]) -> Vec<Test> {
    let mut found = Vec::new();
    for shift in shifts {
        let (first, last) = (shifted(act.earliest, -shift), shifted(act.latest, -shift));
        let begin = instants.partition_point(|at| *at < first);
        let here = instants[begin..].iter().take_while(|at| **at <= last);
        found.extend(here.map(|at| Test {
            at: shifted(*at, *shift),
            at_once: None,
        }));
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn shifted(at: Instant, micros: i64) -> Instant {
    Instant::from_micros(at.micros().saturating_add(micros))
}
