//! Which records stand: corrections take the place of what they correct, retractions leave nothing.
//!
//! Every name is a slot. It is filled by the record that introduces the name; later records may fill it anew (a
//! version of the same name), or empty it (a retraction, or a correction under another name). What stands in a slot is
//! what the last of its records says that is known. Records count in the order of their number, then of the instant
//! at which they were recorded, then of their arrival; but never before what they change.

use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::fact::{Fact, Stated};
use crate::model::id::FactId;
use crate::model::place::{Problem, ProblemCode};
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::time::Instant;
use crate::model::word::Section;

/// A record, as far as it matters here. Records come in the order of their arrival.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Its section.
    pub section: Section,
    /// Its name; retractions and retention periods have none.
    pub id: Option<&'a str>,
    /// The name that it changes.
    pub target: Option<&'a str>,
    /// The number that its source gave it; 0 without one.
    pub number: u64,
    /// When it was recorded; `None`: nobody can say, it was always there.
    pub at: Option<Instant>,
    /// Whether the question may know it.
    pub known: bool,
}

type Slot<'a> = (Section, &'a str);
type Moment = (u64, Option<Instant>);

impl<'a> Told<'a> {
    /// A record whose source says this of it; `otherwise` is when it counts as recorded if nothing is said.
    pub fn of(stated: &'a Stated, otherwise: Option<Instant>, horizon: Horizon) -> Self {
        let told = Self {
            section: stated.fact.section(),
            id: stated.fact.id(),
            target: stated.target().map(FactId::as_str),
            number: match stated.recording.recorded {
                Some(RecordTime::Number(number)) => number,
                Some(RecordTime::At(_)) | None => 0,
            },
            at: match stated.recording.recorded {
                Some(RecordTime::At(at)) => Some(at),
                Some(RecordTime::Number(_)) | None => otherwise,
            },
            known: true,
        };
        Self {
            known: told.introduces_a_declaration() || is_known(stated, otherwise, horizon),
            ..told
        }
    }

    /// What others may name is never hidden: a fact that is known may speak of it.
    fn introduces_a_declaration(&self) -> bool {
        self.section.is_declaration() && self.introduces().is_some()
    }

    /// The slot that it is the first to fill.
    fn introduces(&self) -> Option<Slot<'a>> {
        let id = self.id?;
        (self.target != Some(id)).then_some((self.section, id))
    }

    /// The slot that it changes.
    fn changes(&self) -> Option<Slot<'a>> {
        Some((self.section, self.target?))
    }

    /// Whether it leaves the slot empty that it changes.
    fn empties(&self) -> bool {
        self.target.is_some() && self.target != self.id
    }
}

fn is_known(stated: &Stated, otherwise: Option<Instant>, horizon: Horizon) -> bool {
    match (horizon, stated.recording.recorded) {
        (Horizon::Stated(limit) | Horizon::Known(RecordTime::At(limit)), Some(RecordTime::At(at))) => {
            at <= limit
        }
        (Horizon::Known(RecordTime::At(limit)), Some(RecordTime::Number(_)) | None) => {
            otherwise.is_none_or(|at| at <= limit)
        }
        (Horizon::Known(RecordTime::Number(limit)), Some(RecordTime::Number(number))) => number <= limit,
        (Horizon::Stated(_) | Horizon::Known(RecordTime::Number(_)), _) => true,
    }
}

/// The indexes of the records that stand, in the order of the record: a correction stands where that stood which it
/// corrects. Cost: linear when nothing is changed.
pub fn standing(told: &[Told<'_>]) -> Vec<usize> {
    in_place(told).into_iter().map(|(_, index)| index).collect()
}

/// The same, each behind the index of the record in whose place it stands: its own, when it corrects nothing.
pub fn in_place(told: &[Told<'_>]) -> Vec<(usize, usize)> {
    if told.iter().all(|record| record.target.is_none()) {
        let known = (0..told.len()).filter(|index| told[*index].known);
        return known.map(|index| (index, index)).collect();
    }
    let order = Order::of(told);
    let mut last: FxHashMap<Slot<'_>, usize> = FxHashMap::default();
    for (index, record) in told.iter().enumerate().filter(|(_, record)| record.known) {
        if let Some(slot) = record.changes() {
            last.entry(slot)
                .and_modify(|best| {
                    if order.compare(*best, index) == Ordering::Less {
                        *best = index;
                    }
                })
                .or_insert(index);
        }
    }
    let mut stand: Vec<(usize, usize)> = Vec::new();
    for (index, record) in told.iter().enumerate().filter(|(_, record)| record.known) {
        let introduced = record.introduces();
        let fills = introduced.or_else(|| record.id.and(record.changes()));
        let stands = match fills {
            Some(slot) => {
                let is_there = order.first.get(&slot).is_some_and(|first| told[*first].known);
                let is_last = match last.get(&slot) {
                    Some(last) => *last == index,
                    None => introduced.is_some(),
                };
                is_there && is_last
            }
            None => record.target.is_none(),
        };
        if stands {
            stand.push((order.root(index), index));
        }
    }
    stand.sort_unstable();
    stand
}

/// The facts of a document that stand when all of it is known.
pub fn of_all(facts: &[Stated]) -> Vec<&Stated> {
    let told = told_in_full(facts);
    standing(&told).into_iter().map(|index| &facts[index]).collect()
}

fn told_in_full(facts: &[Stated]) -> Vec<Told<'_>> {
    let all = Horizon::Known(RecordTime::Number(u64::MAX));
    facts
        .iter()
        .map(|stated| Told::of(stated, stated.fact.happened(), all))
        .collect()
}

/// Records that change what is not there, among those whose first versions are here: each with the one that emptied the slot before it, which may be itself where
/// records correct each other in a circle.
pub fn changed_twice(told: &[Told<'_>]) -> Vec<(usize, usize)> {
    let order = Order::of(told);
    let mut changes: Vec<usize> = (0..told.len())
        .filter(|index| order.before(*index).is_some())
        .collect();
    let mut wrong: Vec<(usize, usize)> = changes
        .iter()
        .filter(|index| order.is_circular(**index))
        .map(|index| (*index, *index))
        .collect();
    changes.sort_by(|a, b| order.compare(*a, *b));
    let mut emptied: FxHashMap<Slot<'_>, usize> = FxHashMap::default();
    for index in changes {
        let Some(slot) = told[index].changes() else {
            continue;
        };
        if !told[index].empties() {
            emptied.remove(&slot);
        } else if let Some(earlier) = emptied.insert(slot, index) {
            wrong.push((index, earlier));
        }
    }
    wrong
}

/// In which order records count, and in whose place.
struct Order<'a> {
    told: &'a [Told<'a>],
    /// The record that introduces each name.
    first: FxHashMap<Slot<'a>, usize>,
}

impl<'a> Order<'a> {
    fn of(told: &'a [Told<'a>]) -> Self {
        let mut first = FxHashMap::default();
        for (index, record) in told.iter().enumerate() {
            if let Some(slot) = record.introduces() {
                first.entry(slot).or_insert(index);
            }
        }
        Self { told, first }
    }

    /// The record that introduced what this one changes.
    fn before(&self, index: usize) -> Option<usize> {
        self.first.get(&self.told[index].changes()?).copied()
    }

    /// The record and those that it goes back to; ends where it would turn in a circle.
    fn way(&self, index: usize) -> Vec<usize> {
        let mut way = vec![index];
        let mut met = FxHashSet::default();
        met.insert(index);
        let mut current = index;
        while let Some(next) = self.before(current) {
            if !met.insert(next) {
                break;
            }
            way.push(next);
            current = next;
        }
        way
    }

    fn is_circular(&self, index: usize) -> bool {
        let way = self.way(index);
        way.last().and_then(|last| self.before(*last)) == Some(index)
    }

    fn root(&self, index: usize) -> usize {
        self.way(index).last().copied().unwrap_or(index)
    }

    /// When the record counts: not before what it goes back to.
    fn moment(&self, index: usize) -> Moment {
        let own = |index: usize| (self.told[index].number, self.told[index].at);
        self.way(index).into_iter().map(own).max().unwrap_or_default()
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        (self.moment(a), a).cmp(&(self.moment(b), b))
    }
}

/// Every record of a document that changes what is no longer there.
pub fn problems(facts: &[Stated]) -> Vec<Problem> {
    if facts.iter().all(|stated| stated.target().is_none()) {
        return Vec::new();
    }
    let problem = |(index, earlier): (usize, usize)| {
        let stated: &Stated = &facts[index];
        let target = stated.target().map_or("", FactId::as_str);
        let (code, message, help) = twice(target, stated, &facts[earlier]);
        Problem {
            code,
            place: stated.place.clone(),
            message,
            help,
        }
    };
    changed_twice(&told_in_full(facts))
        .into_iter()
        .map(problem)
        .collect()
}

/// What is wrong with a record that changes what an earlier one has changed already.
pub fn twice(target: &str, stated: &Stated, earlier: &Stated) -> (ProblemCode, String, String) {
    if stated == earlier {
        return (
            ProblemCode::Cycle,
            format!("`{target}` is corrected by what it corrects itself"),
            "a correction names what was on record before it".to_owned(),
        );
    }
    let by = match (&earlier.fact, earlier.fact.id()) {
        (Fact::Retraction(_), _) | (_, None) => format!("taken back at {}", earlier.place),
        (_, Some(id)) => format!("replaced by `{id}` at {}", earlier.place),
    };
    (
        ProblemCode::ChangedTwice,
        format!("`{target}` was {by} already"),
        "change what stands now; to bring it back, state it with `corrects` and its own id".to_owned(),
    )
}
