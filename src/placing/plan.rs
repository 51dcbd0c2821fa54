//! Which placements to try: all that differ, where they are few, and otherwise a choice of them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::points::{Marks, Point, Points, points};
use super::{Placement, Uncertain};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;

/// At most so many placements are tried.
pub const PLACEMENTS_MAX: usize = 4_096;
/// Fewer, when the facts are many: so many facts are judged in all.
const FACTS_MAX: usize = 2_000_000;
/// At least so many placements are tried, however many the facts are.
const PLACEMENTS_LEAST: usize = 16;
/// Combinations that are looked at to find those that differ.
const LOOKED_MAX: usize = 1_000_000;

/// The placements to try.
///
/// Where that is not too much, each act goes through its instants with each of the others. Else acts that share a person
/// are in one *group*, with acts that share a person with these, and so on. What is found about a person hangs on its own
/// group alone, so the groups go through their combinations side by side: each placement takes the next one of every group.
#[derive(Debug)]
pub struct Plan {
    /// The acts whose instants matter, in the order of the facts.
    pub deciding: Vec<Uncertain>,
    /// The group of each person that one of them is about; empty if all are tried with all, or are about everybody.
    group_of: FxHashMap<SubjectId, usize>,
    /// The groups of which not every combination that differs is tried.
    open: BTreeSet<usize>,
    /// The first has every act at its earliest, the last at its latest.
    pub placements: Vec<Placement>,
}

impl Plan {
    /// For these acts among so many facts, of at most so many combinations of each group. When acts may be looked at in
    /// ways that nobody foresees, nothing is `foreseen`, and the placements are a choice.
    pub fn new(acts: &[Uncertain], marks: &Marks, facts: usize, most: usize, is_foreseen: bool) -> Self {
        let judged = (FACTS_MAX / facts.max(1)).clamp(PLACEMENTS_LEAST, PLACEMENTS_MAX);
        let most = most.clamp(1, judged);
        let Points { of, link, is_exact } = points(acts, marks);
        let chosen: Vec<usize> = (0..acts.len()).filter(|number| of[*number].len() > 1).collect();
        let deciding: Vec<Uncertain> = chosen.iter().map(|number| acts[*number].clone()).collect();
        let choose = |numbers: &[usize]| -> Vec<Choice<'_>> {
            let choice = |number: &usize| Choice {
                act: &acts[*number].id,
                points: &of[*number],
                link: link[*number],
            };
            numbers.iter().map(choice).collect()
        };
        let are_exact = |numbers: &[usize]| is_foreseen && numbers.iter().all(|number| is_exact[*number]);
        let whole = are_exact(&chosen)
            .then(|| every(&choose(&chosen), most))
            .flatten();
        let mut open = BTreeSet::new();
        let mut group_of = FxHashMap::default();
        let combinations: Vec<Vec<Chosen>> = if let Some(all) = whole {
            vec![all]
        } else {
            let groups = grouped(&deciding);
            for (act, group) in deciding.iter().zip(&groups) {
                group_of.extend(act.subjects.iter().map(|person| (person.clone(), *group)));
            }
            let each = groups.iter().copied().collect::<BTreeSet<usize>>().into_iter();
            each.map(|group| {
                let members = chosen.iter().zip(&groups).filter(|(_, of)| **of == group);
                let members: Vec<usize> = members.map(|(number, _)| *number).collect();
                let choices = choose(&members);
                let all = are_exact(&members).then(|| every(&choices, most)).flatten();
                all.unwrap_or_else(|| {
                    open.insert(group);
                    some(&choices, most)
                })
            })
            .collect()
        };
        let latest = Placement::new(acts.iter().map(|act| (act.id.clone(), act.latest)));
        let mut placements = vec![Placement::default()];
        let longest = combinations.iter().map(Vec::len).max().unwrap_or(0);
        placements.extend((0..longest).map(|turn| {
            let of_group = |all: &Vec<Chosen>| all[turn % all.len()].clone();
            Placement::new(combinations.iter().flat_map(of_group))
        }));
        placements.push(latest);
        Self {
            deciding,
            group_of,
            open,
            placements,
        }
    }

    /// Whether every combination that differs is tried, for everybody.
    pub fn is_complete(&self) -> bool {
        self.open.is_empty()
    }

    /// The group of the acts that matter and are about this person, if there are any.
    pub fn group_of(&self, person: &SubjectId) -> Option<usize> {
        match self.deciding.first() {
            Some(act) if act.subjects.is_empty() => Some(0),
            _ => self.group_of.get(person).copied(),
        }
    }

    /// Whether all that differs for this person is tried.
    pub fn is_decided(&self, person: &SubjectId) -> bool {
        self.group_of(person)
            .is_none_or(|group| !self.open.contains(&group))
    }

    /// Where a placement puts the acts that matter and are wanted.
    pub fn told(&self, placement: usize, is_wanted: impl Fn(&Uncertain) -> bool) -> Vec<(FactId, Instant)> {
        let Some(placement) = self.placements.get(placement) else {
            return Vec::new();
        };
        self.deciding
            .iter()
            .filter(|act| is_wanted(act))
            .map(|act| (act.id.clone(), placement.of(&act.id).unwrap_or(act.earliest)))
            .collect()
    }
}

/// For each act its group: acts about everybody are in one group with all others.
fn grouped(acts: &[Uncertain]) -> Vec<usize> {
    let mut groups: Vec<usize> = (0..acts.len()).collect();
    if acts.iter().any(|act| act.subjects.is_empty()) {
        return vec![0; acts.len()];
    }
    let mut first: BTreeMap<&SubjectId, usize> = BTreeMap::new();
    for (number, act) in acts.iter().enumerate() {
        for person in &act.subjects {
            let other = *first.entry(person).or_insert(number);
            let (one, other) = (top(&groups, number), top(&groups, other));
            groups[one.max(other)] = one.min(other);
        }
    }
    (0..acts.len()).map(|number| top(&groups, number)).collect()
}

fn top(groups: &[usize], mut number: usize) -> usize {
    while groups[number] != number {
        number = groups[number];
    }
    number
}

/// The acts of a group at instants.
type Chosen = Vec<(FactId, Instant)>;

struct Choice<'a> {
    act: &'a FactId,
    points: &'a [Point],
    link: usize,
}

/// Every combination that differs from the others; `None` when there are more than so many.
fn every(choices: &[Choice<'_>], most: usize) -> Option<Vec<Chosen>> {
    let mut combinations: usize = 1;
    for choice in choices {
        combinations = combinations.checked_mul(choice.points.len())?;
        if combinations > LOOKED_MAX {
            return None;
        }
    }
    let mut placements = Vec::new();
    let mut chosen = vec![0_usize; choices.len()];
    for _ in 0..combinations {
        if is_dense(choices, &chosen) {
            if placements.len() == most {
                return None;
            }
            placements.push(at(choices, &chosen));
        }
        for (place, choice) in chosen.iter_mut().zip(choices) {
            *place += 1;
            if *place < choice.points.len() {
                break;
            }
            *place = 0;
        }
    }
    Some(placements)
}

/// Whether the ranks that linked acts have between marks are 1, 2, 3 and so on without a gap: with a gap the order of all
/// of them is that of another combination.
fn is_dense(choices: &[Choice<'_>], chosen: &[usize]) -> bool {
    let ranks: BTreeSet<(usize, usize)> = choices
        .iter()
        .zip(chosen)
        .map(|(choice, place)| (choice.link, choice.points[*place].rank))
        .filter(|(_, rank)| *rank > 0)
        .collect();
    ranks
        .iter()
        .all(|(link, rank)| *rank == 1 || ranks.contains(&(*link, rank - 1)))
}

fn at(choices: &[Choice<'_>], chosen: &[usize]) -> Chosen {
    let at = |(choice, place): (&Choice<'_>, &usize)| (choice.act.clone(), choice.points[*place].at);
    choices.iter().zip(chosen).map(at).collect()
}

/// A choice of combinations, always the same: each act at each of its points while the others are early, then while they
/// are late, then whatever comes.
fn some(choices: &[Choice<'_>], most: usize) -> Vec<Chosen> {
    let early = vec![0_usize; choices.len()];
    let late: Vec<usize> = choices.iter().map(|choice| choice.points.len() - 1).collect();
    let mut placements = Vec::new();
    for others in [&early, &late] {
        for (number, choice) in choices.iter().enumerate() {
            for place in 0..choice.points.len() {
                if placements.len() * 2 >= most {
                    break;
                }
                let mut chosen = others.clone();
                chosen[number] = place;
                placements.push(at(choices, &chosen));
            }
        }
    }
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    while placements.len() < most {
        let chosen: Vec<usize> = choices
            .iter()
            .map(|choice| {
                // Xorshift: the same in every run.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let count = u64::try_from(choice.points.len()).unwrap_or(1);
                usize::try_from(state % count).unwrap_or(0)
            })
            .collect();
        placements.push(at(choices, &chosen));
    }
    placements
}
