//! Which placements to try: all that differ, where they are few, and otherwise a choice of them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::points::{Link, Marks, Point, Points, points};
use super::touches::Touches;
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
    /// Where that is known: the acts that those of open groups may have a say in.
    shaken: Option<FxHashSet<FactId>>,
    /// The first has every act at its earliest, the last at its latest.
    pub placements: Vec<Placement>,
}

impl Plan {
    /// For these acts among so many facts, of at most so many combinations of each group. With touches, acts are placed
    /// only against those that they meet. When acts may be looked at in ways that nobody foresees, nothing is `foreseen`,
    /// and the placements are a choice.
    pub fn new(
        acts: &[Uncertain],
        marks: &Marks,
        touches: Option<&Touches>,
        facts: usize,
        most: usize,
        is_foreseen: bool,
    ) -> Self {
        let judged = (FACTS_MAX / facts.max(1)).clamp(PLACEMENTS_LEAST, PLACEMENTS_MAX);
        let most = most.clamp(1, judged);
        let points = points(acts, marks, touches);
        let chooser = Chooser::new(acts, &points, touches.is_some(), most, is_foreseen);
        let chosen: Vec<usize> = (0..acts.len())
            .filter(|number| chooser.is_open(*number))
            .collect();
        let deciding: Vec<Uncertain> = chosen.iter().map(|number| acts[*number].clone()).collect();
        let mut open = BTreeSet::new();
        let mut group_of = FxHashMap::default();
        let mut shaken = None;
        let combinations: Vec<Vec<Chosen>> = if let Some(all) = chooser.every(&chosen) {
            vec![all]
        } else {
            let groups = grouped(&deciding);
            for (act, group) in deciding.iter().zip(&groups) {
                group_of.extend(act.subjects.iter().map(|person| (person.clone(), *group)));
            }
            let each = groups.iter().copied().collect::<BTreeSet<usize>>().into_iter();
            let combinations = each
                .map(|group| {
                    let members = chosen.iter().zip(&groups).filter(|(_, of)| **of == group);
                    let members: Vec<usize> = members.map(|(number, _)| *number).collect();
                    chooser.every(&members).unwrap_or_else(|| {
                        open.insert(group);
                        some(&chooser.choices(&members), most)
                    })
                })
                .collect();
            shaken = touches.map(|touches| {
                let undecided = deciding
                    .iter()
                    .zip(&groups)
                    .filter(|(_, group)| open.contains(group));
                let undecided: Vec<Uncertain> = undecided.map(|(act, _)| act.clone()).collect();
                touches.shaken(&undecided)
            });
            combinations
        };
        let latest = Placement::new(acts.iter().map(|act| (act.id.clone(), act.latest)));
        let mut placements = vec![Placement::default()];
        let longest = combinations.iter().map(Vec::len).max().unwrap_or(0);
        if touches.is_none() || !deciding.is_empty() {
            placements.extend((0..longest).map(|turn| {
                let of_group = |all: &Vec<Chosen>| all[turn % all.len()].clone();
                Placement::new(combinations.iter().flat_map(of_group))
            }));
        }
        placements.push(latest);
        Self {
            deciding,
            group_of,
            open,
            shaken,
            placements,
        }
    }

    /// Whether the act does and finds the same in whatever order the acts come that were not all tried.
    pub fn is_untouched(&self, act: &FactId) -> bool {
        self.shaken.as_ref().is_some_and(|shaken| !shaken.contains(act))
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

/// The combinations of acts at their points.
struct Chooser<'a> {
    acts: &'a [Uncertain],
    points: &'a Points,
    most: usize,
    is_foreseen: bool,
    /// Where acts are placed only against those that they meet: by the number of their link, all that differ of those
    /// linked; `None` when these are too many.
    lots: Option<Lots>,
}

type Lots = BTreeMap<usize, Option<Vec<Chosen>>>;

impl<'a> Chooser<'a> {
    fn new(
        acts: &'a [Uncertain],
        points: &'a Points,
        is_narrow: bool,
        most: usize,
        is_foreseen: bool,
    ) -> Self {
        let mut chooser = Self {
            acts,
            points,
            most,
            is_foreseen,
            lots: None,
        };
        if is_narrow {
            let mut linked: BTreeMap<usize, (Vec<usize>, Vec<Link>)> = BTreeMap::new();
            for (number, link) in points.link.iter().enumerate() {
                linked.entry(*link).or_default().0.push(number);
            }
            for link in &points.links {
                linked.entry(points.link[link.one]).or_default().1.push(*link);
            }
            let lots = linked.into_iter();
            let lots = lots.map(|(link, (members, links))| (link, chooser.lot(&members, &links)));
            chooser.lots = Some(lots.collect());
        }
        chooser
    }

    fn choices(&self, numbers: &[usize]) -> Vec<Choice<'a>> {
        let choice = |number: &usize| Choice {
            act: &self.acts[*number].id,
            points: &self.points.of[*number],
            link: self.points.link[*number],
        };
        numbers.iter().map(choice).collect()
    }

    /// Whether more than one instant of the act may matter.
    fn is_open(&self, number: usize) -> bool {
        let of_lot = |lots: &Lots| match lots.get(&self.points.link[number]) {
            Some(Some(all)) => all.len() > 1,
            _ => true,
        };
        self.points.of[number].len() > 1 && self.lots.as_ref().is_none_or(of_lot)
    }

    fn are_exact(&self, numbers: &[usize]) -> bool {
        self.is_foreseen && numbers.iter().all(|number| self.points.is_exact[*number])
    }

    /// Every combination of these acts that differs from the others; `None` when there are too many.
    fn every(&self, numbers: &[usize]) -> Option<Vec<Chosen>> {
        let Some(lots) = &self.lots else {
            return self
                .are_exact(numbers)
                .then(|| every(&self.choices(numbers), self.most))
                .flatten();
        };
        let links: BTreeSet<usize> = numbers.iter().map(|number| self.points.link[*number]).collect();
        let mut all: Vec<Chosen> = vec![Vec::new()];
        for link in links {
            let lot = lots.get(&link)?.as_ref()?;
            if all.len().checked_mul(lot.len())? > self.most {
                return None;
            }
            let with = |chosen: &Chosen| -> Vec<Chosen> {
                let both = |more: &Chosen| [chosen.as_slice(), more].concat();
                lot.iter().map(both).collect()
            };
            all = all.iter().flat_map(with).collect();
        }
        Some(all)
    }

    /// Of acts linked with each other, one combination for each way in which they stand to what they are held against.
    fn lot(&self, members: &[usize], links: &[Link]) -> Option<Vec<Chosen>> {
        if !self.are_exact(members) {
            return None;
        }
        let choices = self.choices(members);
        let place: FxHashMap<usize, usize> = members.iter().copied().zip(0..).collect();
        let mut seen: FxHashSet<Vec<Ordering>> = FxHashSet::default();
        let mut found = Vec::new();
        let is_all = each(&choices, |chosen| {
            let instants: Vec<Instant> = choices
                .iter()
                .zip(chosen)
                .map(|(choice, at)| choice.points[*at].at)
                .collect();
            let tests = members.iter().zip(&instants);
            let stands =
                tests.flat_map(|(number, at)| self.points.tests[*number].iter().map(|test| test.of(*at)));
            let apart = links
                .iter()
                .map(|link| link.of(instants[place[&link.one]], instants[place[&link.other]]));
            if seen.insert(stands.chain(apart).collect()) {
                found.push(at(&choices, chosen));
            }
            found.len() <= self.most
        });
        is_all.then_some(found)
    }
}

struct Choice<'a> {
    act: &'a FactId,
    points: &'a [Point],
    link: usize,
}

/// Every combination that differs from the others; `None` when there are more than so many.
fn every(choices: &[Choice<'_>], most: usize) -> Option<Vec<Chosen>> {
    let mut placements = Vec::new();
    let is_all = each(choices, |chosen| {
        placements.push(at(choices, chosen));
        placements.len() <= most
    });
    is_all.then_some(placements)
}

/// Looks at one combination after the other, as long as it is wanted; whether all were looked at.
fn each(choices: &[Choice<'_>], mut look: impl FnMut(&[usize]) -> bool) -> bool {
    let mut counts = choices.iter().map(|choice| choice.points.len());
    let combinations = counts.try_fold(1_usize, |all, count| {
        all.checked_mul(count).filter(|all| *all <= LOOKED_MAX)
    });
    let Some(combinations) = combinations else {
        return false;
    };
    let mut chosen = vec![0_usize; choices.len()];
    for _ in 0..combinations {
        if is_dense(choices, &chosen) && !look(&chosen) {
            return false;
        }
        for (place, choice) in chosen.iter_mut().zip(choices) {
            *place += 1;
            if *place < choice.points.len() {
                break;
            }
            *place = 0;
        }
    }
    true
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
