//! For each uncertain act the instants that stand for all others.
//!
//! What is judged compares instants, and instants with a length of time between them, and does nothing else with them.
//! So inside the bounds of an act only those instants matter that equal another one or lie a length of time from one:
//! its *marks*. Between two marks every instant gives the same findings, as long as no other uncertain act may lie
//! there too. Acts whose bounds meet, at once or shifted by a length of time, are *linked*: each takes over the marks of
//! the others, shifted, and between two marks stand as many instants as acts are linked, always at the same distances
//! from the mark before. So every order of them occurs, here and across each shift.

use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Uncertain;
use super::touches::{Test, Touches};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;

/// More marks in the bounds of one act than this are not followed up.
const MARKS_MAX: usize = 256;
/// Nor more pairs of linked acts, for each act on average.
const LINKS_MAX: usize = 64;
/// Nor more acts linked with each other: their orders are more than can be tried.
const LINKED_MAX: usize = 7;

/// What the instants of acts are held against.
#[derive(Debug, Default)]
pub struct Marks {
    wide: Vec<Instant>,
    own: FxHashMap<SubjectId, Vec<Instant>>,
    alone: FxHashMap<FactId, Vec<Instant>>,
    spans: Vec<i64>,
}

impl Marks {
    /// An instant, about the data of these persons; of nobody means of everybody.
    pub fn instant(&mut self, at: Instant, subjects: &[SubjectId]) {
        if subjects.is_empty() {
            self.wide.push(at);
        }
        for subject in subjects {
            self.own.entry(subject.clone()).or_default().push(at);
        }
    }

    /// An instant that this uncertain one alone is held against.
    pub fn instant_for(&mut self, uncertain: FactId, at: Instant) {
        self.alone.entry(uncertain).or_default().push(at);
    }

    /// A length of time, in microseconds.
    pub fn span(&mut self, micros: i64) {
        let length = micros.saturating_abs();
        if length > 0 {
            self.spans.push(length);
        }
    }

    /// Puts all in order; before that nothing is found.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        for list in self.own.values_mut().chain([&mut self.wide]) {
            list.sort_unstable();
            list.dedup();
        }
        self.spans.sort_unstable();
        self.spans.dedup();
        self
    }

    /// No shift, and each length of time forward and back.
    fn shifts(&self) -> Vec<i64> {
        let both = self.spans.iter().flat_map(|span| [*span, -*span]);
        std::iter::once(0).chain(both).collect()
    }

    fn lists<'m>(&'m self, act: &'m Uncertain) -> Vec<&'m [Instant]> {
        let mut lists = vec![self.wide.as_slice()];
        if act.subjects.is_empty() {
            lists.extend(self.own.values().map(Vec::as_slice));
        } else {
            lists.extend(
                act.subjects
                    .iter()
                    .filter_map(|id| self.own.get(id))
                    .map(Vec::as_slice),
            );
        }
        lists
    }

    /// The marks in the bounds of the act that do not depend on other uncertain acts; not all when they are too many.
    fn inside(&self, act: &Uncertain) -> Vec<Instant> {
        let alone = self.alone.get(&act.id).into_iter().flatten().copied();
        let mut found: Vec<Instant> = alone
            .filter(|at| act.earliest <= *at && *at <= act.latest)
            .collect();
        let shifts = self.shifts();
        for list in self.lists(act) {
            for shift in shifts.iter().copied() {
                let (first, last) = (shifted(act.earliest, -shift), shifted(act.latest, -shift));
                let begin = list.partition_point(|at| *at < first);
                let here = list[begin..].iter().take_while(|at| **at <= last);
                found.extend(here.map(|at| shifted(*at, shift)));
                if found.len() > MARKS_MAX * 4 {
                    found.sort_unstable();
                    found.dedup();
                    if found.len() > MARKS_MAX {
                        return found;
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// An instant to try for an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Instant,
    /// 0 on a mark; between two marks, counted from the one before. Linked acts in different places between marks with
    /// equal ranks lie equally far from them.
    pub rank: usize,
}

/// The instants to try.
#[derive(Debug)]
pub struct Points {
    /// For each act, in order; one alone where no other would change anything.
    pub of: Vec<Vec<Point>>,
    /// For each act the number of the acts it is linked with: that of the first of them.
    pub link: Vec<usize>,
    /// For each act, whether they stand for all others.
    pub is_exact: Vec<bool>,
    /// For each act what it is held against beside other uncertain acts; of use where only that and the links decide.
    pub tests: Vec<Vec<Test>>,
    /// Pairs of acts of which it matters how they stand to each other.
    pub links: Vec<Link>,
}

/// The instants to try for each act: with touches, only where it meets others. Cost: the marks and links inside the
/// bounds.
pub fn points(acts: &[Uncertain], marks: &Marks, touches: Option<&Touches>) -> Points {
    let shifts = marks.shifts();
    let tests: Vec<Vec<Test>> = acts
        .iter()
        .map(|act| {
            let wide = marks.inside(act).into_iter();
            let mut tests: Vec<Test> = wide.map(|at| Test { at, at_once: None }).collect();
            if let Some(touches) = touches {
                tests.extend(touches.inside(act, &shifts, MARKS_MAX));
            }
            tests
        })
        .collect();
    let links = match touches {
        Some(touches) => meetings(acts, &shifts, touches),
        None => links(acts, &shifts),
    };
    let Some(links) = links else {
        return Points {
            of: acts.iter().map(few).collect(),
            link: (0..acts.len()).collect(),
            is_exact: vec![false; acts.len()],
            tests,
            links: Vec::new(),
        };
    };
    let marked = marked(acts, &tests, &links);
    let link = components(acts.len(), &links);
    let mut sizes = vec![0_usize; acts.len()];
    for first in &link {
        sizes[*first] += 1;
    }
    let mut gaps = vec![i64::MAX; acts.len()];
    for (number, act) in acts.iter().enumerate() {
        let length = |(from, to): (Instant, Instant)| to.micros() - from.micros();
        let least = gaps_of(act, &marked[number]).map(length).min();
        let gap = &mut gaps[link[number]];
        *gap = (*gap).min(least.unwrap_or(i64::MAX));
    }
    let is_exact: Vec<bool> = (0..acts.len())
        .map(|number| sizes[link[number]] <= LINKED_MAX && marked[number].len() <= MARKS_MAX)
        .collect();
    let of = acts
        .iter()
        .enumerate()
        .map(|(number, act)| {
            if is_exact[number] {
                all(act, &marked[number], sizes[link[number]], gaps[link[number]])
            } else {
                few(act)
            }
        })
        .collect();
    Points {
        of,
        link,
        is_exact,
        tests,
        links,
    }
}

/// The bounds and the middle: what is tried when nobody knows what matters.
fn few(act: &Uncertain) -> Vec<Point> {
    let middle = act.earliest.micros() + (act.latest.micros() - act.earliest.micros()) / 2;
    [act.earliest, Instant::from_micros(middle), act.latest]
        .into_iter()
        .map(|at| Point { at, rank: 0 })
        .collect()
}

/// Two acts whose bounds meet.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The one.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// What to add to the instant of the other.
    pub shift: i64,
    /// As what it counts that both are at one instant, where the order of the record says all that matters.
    pub at_once: Option<Ordering>,
}

impl Link {
    /// How the one stands to the other.
    pub fn of(self, one: Instant, other: Instant) -> Ordering {
        let order = one.cmp(&shifted(other, self.shift));
        if order == Ordering::Equal {
            self.at_once.unwrap_or(order)
        } else {
            order
        }
    }

    /// Whether they stand to each other alike wherever they are.
    fn is_settled(self, acts: &[Uncertain]) -> bool {
        let (one, other) = (&acts[self.one], &acts[self.other]);
        self.of(one.earliest, other.latest) == self.of(one.latest, other.earliest)
    }
}

/// The marks of each act, those taken over from linked ones among them; of an act that has too many, not all of them.
fn marked(acts: &[Uncertain], tests: &[Vec<Test>], links: &[Link]) -> Vec<Vec<Instant>> {
    let mut marked: Vec<Vec<Instant>> = tests
        .iter()
        .map(|tests| {
            let mut marks: Vec<Instant> = tests.iter().map(|test| test.at).collect();
            marks.sort_unstable();
            marks.dedup();
            marks
        })
        .collect();
    for Link {
        one, other, shift, ..
    } in links
    {
        for at in [acts[*other].earliest, acts[*other].latest] {
            add(&acts[*one], &mut marked[*one], shifted(at, *shift));
        }
    }
    let mut changed: FxHashSet<usize> = links.iter().map(|link| link.other).collect();
    while !changed.is_empty() {
        let last = std::mem::take(&mut changed);
        for Link {
            one, other, shift, ..
        } in links.iter().filter(|link| last.contains(&link.other))
        {
            let before = marked[*one].len();
            if before > MARKS_MAX {
                continue;
            }
            for at in marked[*other].clone() {
                add(&acts[*one], &mut marked[*one], shifted(at, *shift));
            }
            if marked[*one].len() > before {
                changed.insert(*one);
            }
        }
    }
    marked
}

/// Adds a mark if it lies in the bounds; the list stays sorted.
fn add(act: &Uncertain, marks: &mut Vec<Instant>, at: Instant) {
    if act.earliest <= at
        && at <= act.latest
        && let Err(place) = marks.binary_search(&at)
    {
        marks.insert(place, at);
    }
}

/// Pairs of acts whose bounds meet when a shift is added to the second.
fn links(acts: &[Uncertain], shifts: &[i64]) -> Option<Vec<Link>> {
    let all = ByTime::new(acts, 0..acts.len());
    let mut links = Vec::new();
    for (one, act) in acts.iter().enumerate() {
        for shift in shifts.iter().copied() {
            let others = all.around(act, shift).filter(|other| *other != one);
            links.extend(others.map(|other| Link {
                one,
                other,
                shift,
                at_once: None,
            }));
            if links.len() > LINKS_MAX * acts.len() {
                return None;
            }
        }
    }
    Some(links)
}

/// The same of acts that meet at a holding, and of which it is open how they stand to each other.
fn meetings(acts: &[Uncertain], shifts: &[i64], touches: &Touches) -> Option<Vec<Link>> {
    let mut at: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    let mut wide = Vec::new();
    for (number, act) in acts.iter().enumerate() {
        match touches.of(act).filter(|own| !own.is_wide) {
            Some(own) => {
                for (holding, _) in &own.ways {
                    at.entry(*holding).or_default().push(number);
                }
            }
            None => wide.push(number),
        }
    }
    let all = ByTime::new(acts, 0..acts.len());
    let at: FxHashMap<usize, ByTime<'_>> = at
        .into_iter()
        .map(|(holding, there)| (holding, ByTime::new(acts, there)))
        .collect();
    let wide = ByTime::new(acts, wide);
    let mut links = Vec::new();
    for (one, act) in acts.iter().enumerate() {
        let own = touches.of(act).filter(|own| !own.is_wide);
        for shift in shifts.iter().copied() {
            let mut others: Vec<usize> = match own {
                Some(own) => {
                    let here = own.ways.iter().filter_map(|(holding, _)| at.get(holding));
                    let there = here.flat_map(|there| there.around(act, shift));
                    there.chain(wide.around(act, shift)).collect()
                }
                None => all.around(act, shift).collect(),
            };
            others.sort_unstable();
            others.dedup();
            for other in others.into_iter().filter(|other| *other != one) {
                let Some(meeting) = touches.meeting(act, &acts[other]) else {
                    continue;
                };
                let by_record = shift == 0 && meeting.by_record;
                let link = Link {
                    one,
                    other,
                    shift,
                    at_once: by_record.then(|| one.cmp(&other)),
                };
                if (shift == 0 || meeting.apart) && !link.is_settled(acts) {
                    links.push(link);
                }
            }
            if links.len() > LINKS_MAX * acts.len() {
                return None;
            }
        }
    }
    Some(links)
}

/// Some acts by when they begin.
struct ByTime<'a> {
    acts: &'a [Uncertain],
    order: Vec<usize>,
    /// The length of the longest bounds, in microseconds.
    longest: i64,
}

impl<'a> ByTime<'a> {
    fn new(acts: &'a [Uncertain], of: impl IntoIterator<Item = usize>) -> Self {
        let mut order: Vec<usize> = of.into_iter().collect();
        order.sort_unstable_by_key(|number| acts[*number].earliest);
        order.dedup();
        let length = |number: &usize| acts[*number].latest.micros() - acts[*number].earliest.micros();
        let longest = order.iter().map(length).max().unwrap_or(0);
        Self { acts, order, longest }
    }

    /// Those about the same persons whose bounds, shifted, meet those of the act.
    fn around(&self, act: &Uncertain, shift: i64) -> impl Iterator<Item = usize> {
        let first = shifted(act.earliest, -shift.saturating_add(self.longest));
        let last = shifted(act.latest, -shift);
        let begin = self
            .order
            .partition_point(|other| self.acts[*other].earliest < first);
        let others = self.order[begin..].iter().copied();
        others
            .take_while(move |other| self.acts[*other].earliest <= last)
            .filter(move |other| {
                let other = &self.acts[*other];
                shifted(other.latest, shift) >= act.earliest && is_about_the_same(act, other)
            })
    }
}

fn is_about_the_same(one: &Uncertain, other: &Uncertain) -> bool {
    one.subjects.is_empty()
        || other.subjects.is_empty()
        || one.subjects.iter().any(|id| other.subjects.contains(id))
}

/// For each act the first of those it is linked with, over any number of links.
fn components(count: usize, links: &[Link]) -> Vec<usize> {
    let mut first: Vec<usize> = (0..count).collect();
    loop {
        let mut is_done = true;
        for Link { one, other, .. } in links {
            let least = first[*one].min(first[*other]);
            is_done &= first[*one] == least && first[*other] == least;
            first[*one] = least;
            first[*other] = least;
        }
        if is_done {
            return first;
        }
    }
}

/// What lies between neighbours among the bounds and marks of an act.
fn gaps_of<'a>(act: &'a Uncertain, marks: &'a [Instant]) -> impl Iterator<Item = (Instant, Instant)> + 'a {
    let edges: Vec<Instant> = std::iter::once(act.earliest)
        .chain(marks.iter().copied())
        .chain([act.latest])
        .collect();
    let pairs: Vec<(Instant, Instant)> = edges.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter().filter(|(from, to)| from < to)
}

/// Every mark, and between two of them as many instants as acts are linked. A bound that is no mark is as good as any
/// instant beside it.
fn all(act: &Uncertain, marks: &[Instant], linked: usize, gap: i64) -> Vec<Point> {
    if marks.is_empty() {
        return vec![Point {
            at: act.earliest,
            rank: 0,
        }];
    }
    let step = step(gap, linked);
    let is_mark = |at: Instant| marks.binary_search(&at).is_ok();
    let mut all: Vec<Point> = marks.iter().map(|at| Point { at: *at, rank: 0 }).collect();
    for (from, to) in gaps_of(act, marks) {
        if !is_mark(from) {
            // No linked act can lie in this gap: its bounds would be a mark then.
            all.push(Point { at: from, rank: 0 });
        } else if !is_mark(to) {
            all.push(Point { at: to, rank: 0 });
        } else {
            for rank in 1..=linked {
                let at = shifted(from, step.saturating_mul(i64::try_from(rank).unwrap_or(i64::MAX)));
                if at < to {
                    all.push(Point { at, rank });
                }
            }
        }
    }
    all.sort_unstable_by_key(|point| point.at);
    all
}

/// A step that is easy to read, and so short that as many as there are acts fit into every gap.
fn step(gap: i64, linked: usize) -> i64 {
    const SECOND: i64 = 1_000_000;
    const STEPS: &[i64] = &[24 * 3_600 * SECOND, 3_600 * SECOND, 60 * SECOND, SECOND, 1_000];
    let most = gap / (i64::try_from(linked).unwrap_or(i64::MAX) + 1);
    STEPS.iter().copied().find(|step| *step <= most).unwrap_or(1)
}

fn shifted(at: Instant, micros: i64) -> Instant {
    Instant::from_micros(at.micros().saturating_add(micros))
}
