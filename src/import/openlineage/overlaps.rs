//! What happens to datasets, and when: whether something is written, emptied or renamed while a run goes on that reads it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::event::{Change, Entity};
use super::gather::{Flow, Gathered};
use crate::model::time::Instant;

/// What happens to each dataset, all its names together.
#[derive(Debug, Default)]
pub struct Overlaps<'g> {
    group_of: BTreeMap<&'g Entity, usize>,
    groups: Vec<Group<'g>>,
}

/// What happens to one dataset.
#[derive(Debug, Default)]
struct Group<'g> {
    /// When, and by which run; sorted.
    points: Vec<(Instant, Option<&'g str>)>,
    /// When flows into it stand, by their beginning. The end is the latest of all that begin so early; none while one of
    /// them stands open.
    spans: Vec<(Instant, Option<Instant>)>,
}

impl<'g> Overlaps<'g> {
    /// Of all events; `name` is what a dataset is called in facts, where two may be one. Cost: what runs write, sorted.
    pub fn new(gathered: &'g Gathered, name: impl Fn(&Entity) -> String) -> Self {
        let (group_of, count) = groups(gathered, name);
        let mut overlaps = Self {
            group_of,
            groups: std::iter::repeat_with(Group::default).take(count).collect(),
        };
        for (id, run) in &gathered.runs {
            for entity in changed_by(&run.flow) {
                let Some(group) = overlaps.group(entity) else {
                    continue;
                };
                if run.told.is_streaming {
                    let ended = run.complete.or(run.failed);
                    group.spans.push((run.start.unwrap_or(run.first), ended));
                } else {
                    group.points.push((run.done(), Some(&**id)));
                }
            }
        }
        let mut designs = gathered.designs.iter().peekable();
        while let Some(((of, at), design)) = designs.next() {
            let next = designs.peek().filter(|((other, _), _)| other == of);
            let until = next.map(|((_, at), _)| *at);
            for entity in changed_by(&design.flow) {
                if let Some(group) = overlaps.group(entity) {
                    group.points.push((*at, None));
                    group.spans.push((*at, until));
                }
            }
        }
        for group in &mut overlaps.groups {
            group.points.sort_unstable();
            group.points.dedup();
            group.spans.sort_unstable_by_key(|(from, _)| *from);
            for later in 1..group.spans.len() {
                let before = group.spans[later - 1].1;
                let own = &mut group.spans[later].1;
                *own = before.zip(*own).map(|(before, own)| before.max(own));
            }
        }
        overlaps
    }

    fn group(&mut self, entity: &Entity) -> Option<&mut Group<'g>> {
        let number = self.group_of.get(entity)?;
        self.groups.get_mut(*number)
    }

    /// Whether something else than this run does something to one of these datasets from `start` to `end`, both included.
    pub fn meet<'e>(
        &self,
        run: &str,
        mut datasets: impl Iterator<Item = &'e Entity>,
        start: Instant,
        end: Instant,
    ) -> bool {
        datasets.any(|entity| {
            let Some(number) = self.group_of.get(entity) else {
                return false;
            };
            let Group { points, spans } = &self.groups[*number];
            let from = points.partition_point(|(at, _)| *at < start);
            let mut within = points[from..].iter().take_while(|(at, _)| *at <= end);
            let begun = spans.partition_point(|(from, _)| *from <= end);
            let stands = || {
                let latest = begun.checked_sub(1).map(|last| spans[last].1);
                latest.is_some_and(|latest| latest.is_none_or(|until| start <= until))
            };
            within.any(|(_, by)| *by != Some(run)) || stands()
        })
    }

    /// When something was first done to the dataset.
    pub fn first(&self, entity: &Entity) -> Option<Instant> {
        let group = &self.groups[*self.group_of.get(entity)?];
        let point = group.points.first().map(|(at, _)| *at);
        let span = group.spans.first().map(|(from, _)| *from);
        point.into_iter().chain(span).min()
    }
}

/// The group of each dataset, and how many there are: those of one name in facts, and those that are names of one another,
/// are one.
fn groups(gathered: &Gathered, name: impl Fn(&Entity) -> String) -> (BTreeMap<&Entity, usize>, usize) {
    let mut numbers: FxHashMap<String, usize> = FxHashMap::default();
    let mut tops: Vec<usize> = Vec::new();
    let mut group_of = BTreeMap::new();
    for (entity, dataset) in &gathered.datasets {
        let own = number(name(entity), &mut numbers, &mut tops);
        group_of.insert(entity, own);
        for alias in &dataset.aliases {
            let other = number(name(alias), &mut numbers, &mut tops);
            let (one, other) = (top(&tops, own), top(&tops, other));
            tops[one.max(other)] = one.min(other);
        }
    }
    for group in group_of.values_mut() {
        *group = top(&tops, *group);
    }
    (group_of, tops.len())
}

fn number(name: String, numbers: &mut FxHashMap<String, usize>, tops: &mut Vec<usize>) -> usize {
    *numbers.entry(name).or_insert_with(|| {
        tops.push(tops.len());
        tops.len() - 1
    })
}

fn top(tops: &[usize], mut number: usize) -> usize {
    while tops[number] != number {
        number = tops[number];
    }
    number
}

/// The datasets that something is done to.
fn changed_by(flow: &Flow) -> impl Iterator<Item = &Entity> {
    let renamed = flow.changes.iter().filter_map(|(_, change)| match change {
        Change::RenamedFrom(before) => Some(before),
        Change::Emptied | Change::Overwritten => None,
    });
    (flow.outputs.keys())
        .chain(&flow.explained)
        .chain(flow.edges.iter().map(|edge| &edge.to.of))
        .chain(flow.changes.iter().map(|(dataset, _)| dataset))
        .chain(renamed)
}
