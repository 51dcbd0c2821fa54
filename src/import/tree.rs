//! Categories and purposes are trees, and at every instant processors are: no node is its own ancestor.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::model::bounded::InstantKey;
use crate::model::fact::{Fact, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::Instant;
use crate::model::word::Section;

/// All cycles among the facts: of trees, and of processors that lie inside each other.
pub fn cycles(facts: &[&Stated]) -> Vec<Problem> {
    let mut problems = Vec::new();
    of_trees(facts, &mut problems);
    let before = problems.len();
    of_nesting(facts, &mut problems);
    if problems.len() == before {
        of_possible_nesting(facts, &mut problems);
    }
    problems
}

/// Every cycle once, at the first of its nodes that is met from the beginning of the facts.
fn of_trees(facts: &[&Stated], problems: &mut Vec<Problem>) {
    for section in [Section::Categories, Section::Purposes] {
        let mut parents: FxHashMap<&str, (&str, &Place)> = FxHashMap::default();
        let mut order = Vec::new();
        for stated in facts {
            let Some((id, parent)) = parent(section, &stated.fact) else {
                continue;
            };
            parents.entry(id).or_insert((parent, &stated.place));
            order.push(id);
        }
        // Every node is walked over once: later walks end where an earlier one has been.
        let mut walks: FxHashMap<&str, usize> = FxHashMap::default();
        for (walk, start) in order.into_iter().enumerate() {
            let mut node = start;
            while let Some((parent, place)) = parents.get(node) {
                match walks.insert(node, walk) {
                    None => node = parent,
                    Some(earlier) => {
                        walks.insert(node, earlier);
                        if earlier == walk {
                            problems.push(told(node, place, &parents));
                        }
                        break;
                    }
                }
            }
        }
    }
}

/// Every instant from which on a processor lies inside itself, at the processor whose move closes the cycle.
fn of_nesting(facts: &[&Stated], problems: &mut Vec<Problem>) {
    // Every change of what a processor lies inside, in time order; `None` is before all instants.
    let mut changes: Vec<(Option<Instant>, &str, Option<&str>, &Place)> = Vec::new();
    for stated in facts {
        let Fact::Processor(processor) = &stated.fact else {
            continue;
        };
        let place = &stated.place;
        let first = processor.inside.iter().map(|inside| (None, inside));
        let later =
            (processor.moves.iter()).filter_map(|change| Some((Some(change.at), change.inside.as_ref()?)));
        // A move into itself is one out of everything; being inside itself from the beginning is a slip.
        changes.extend(first.chain(later).map(|(at, inside)| {
            let outer = (at.is_none() || *inside != processor.id).then_some(inside.as_str());
            (at, processor.id.as_str(), outer, place)
        }));
    }
    changes.sort_by_key(|(at, ..)| *at);
    let mut inside: FxHashMap<&str, &str> = FxHashMap::default();
    for together in changes.chunk_by(|(a, ..), (b, ..)| a == b) {
        for (_, id, around, _) in together {
            match around {
                Some(around) => inside.insert(id, around),
                None => inside.remove(id),
            };
        }
        // Every processor is walked over once: later walks end where an earlier one has been.
        let mut walks: FxHashMap<&str, usize> = FxHashMap::default();
        for (walk, (_, start, _, place)) in together.iter().enumerate() {
            let mut node = *start;
            while let Some(around) = inside.get(node) {
                match walks.insert(node, walk) {
                    None => node = around,
                    Some(earlier) => {
                        walks.insert(node, earlier);
                        if earlier == walk {
                            problems.push(Problem {
                                code: ProblemCode::Cycle,
                                place: (*place).clone(),
                                message: format!(
                                    "`{node}` lies inside itself: {}",
                                    way(node, |n| inside.get(n).copied())
                                ),
                                help: "take one `inside` of the cycle away".to_owned(),
                            });
                        }
                        break;
                    }
                }
            }
        }
    }
}

/// What a processor may lie inside where the times of moves are known by their bounds only.
struct Possible<'f> {
    inner: &'f str,
    outer: &'f str,
    /// Possible from here on; from the beginning without one.
    from: Option<Instant>,
    /// And before this, for good without one.
    until: Option<Instant>,
    place: &'f Place,
}

/// A cycle that closes in some placement of moves of which only the bounds are known. Moves of different processors are
/// placed independently, so it is enough that all of it is possible at one instant, and the last part of it to begin
/// tells which.
fn of_possible_nesting(facts: &[&Stated], problems: &mut Vec<Problem>) {
    if !facts.iter().any(|stated| stated.has_uncertain_nesting()) {
        return;
    }
    let all: Vec<Possible<'_>> = facts.iter().flat_map(|stated| possible(stated)).collect();
    let mut instants: Vec<Option<Instant>> = all.iter().map(|one| one.from).collect();
    instants.sort_unstable();
    instants.dedup();
    for at in instants {
        let is_there = |one: &&Possible<'_>| {
            one.from <= at && one.until.is_none_or(|until| at.is_none_or(|at| at < until))
        };
        let mut inside: FxHashMap<&str, Vec<&Possible<'_>>> = FxHashMap::default();
        for one in all.iter().filter(is_there) {
            inside.entry(one.inner).or_default().push(one);
        }
        for one in all.iter().filter(|one| one.from == at).filter(is_there) {
            if let Some(way) = way_back(one, &inside) {
                problems.push(Problem {
                    code: ProblemCode::Cycle,
                    place: one.place.clone(),
                    message: format!("`{}` may lie inside itself: {}", one.inner, way.join(" → ")),
                    help: "take one `inside` of the cycle away, or give bounds that keep the moves apart"
                        .to_owned(),
                });
                return;
            }
        }
    }
}

/// What a processor may lie inside, and when.
fn possible(stated: &Stated) -> Vec<Possible<'_>> {
    let Fact::Processor(processor) = &stated.fact else {
        return Vec::new();
    };
    let first = processor
        .inside
        .iter()
        .map(|inside| (None, None, inside.as_str()));
    let moves = processor.moves.iter().enumerate();
    let later = moves.filter_map(|(number, change)| {
        let bounded = stated.bounded_at(InstantKey::of_move(number));
        let latest = bounded.map_or(change.at, |bounded| bounded.latest);
        Some((Some(change.at), Some(latest), change.inside.as_ref()?.as_str()))
    });
    let changes: Vec<(Option<Instant>, Option<Instant>, &str)> = first.chain(later).collect();
    let next = changes.iter().skip(1).map(|(_, latest, _)| *latest).chain([None]);
    let inner = processor.id.as_str();
    let each = changes
        .iter()
        .zip(next)
        .map(|((from, _, outer), until)| Possible {
            inner,
            outer,
            from: *from,
            until,
            place: &stated.place,
        });
    // A move into itself is one out of everything.
    each.filter(|one| one.outer != inner).collect()
}

/// The shortest way from inside a processor round to it again.
fn way_back<'f>(first: &Possible<'f>, inside: &FxHashMap<&str, Vec<&Possible<'f>>>) -> Option<Vec<&'f str>> {
    let mut from: FxHashMap<&str, &str> = FxHashMap::default();
    from.insert(first.outer, first.inner);
    let mut next = VecDeque::from([first.outer]);
    while let Some(node) = next.pop_front() {
        if node == first.inner {
            let mut way = vec![node];
            let mut at = *from.get(node)?;
            while at != first.inner {
                way.push(at);
                at = *from.get(at)?;
            }
            way.push(first.inner);
            way.reverse();
            return Some(way);
        }
        for one in inside.get(node).into_iter().flatten() {
            if !from.contains_key(one.outer) {
                from.insert(one.outer, one.inner);
                next.push_back(one.outer);
            }
        }
    }
    None
}

/// Names at most this many nodes of a cycle.
const NAMED_MAX: usize = 10;

/// The cycle that this node is on.
fn told(node: &str, place: &Place, parents: &FxHashMap<&str, (&str, &Place)>) -> Problem {
    let way = way(node, |n| parents.get(n).map(|(parent, _)| *parent));
    Problem {
        code: ProblemCode::Cycle,
        place: place.clone(),
        message: format!("`{node}` is its own ancestor: {way}"),
        help: "take one `parent` of the cycle away".to_owned(),
    }
}

/// The cycle that this node is on: `a → b → a`.
fn way<'n>(node: &'n str, up: impl Fn(&'n str) -> Option<&'n str>) -> String {
    let mut way = vec![node];
    let mut current = node;
    while let Some(parent) = up(current) {
        current = parent;
        if current == node || way.len() == NAMED_MAX {
            break;
        }
        way.push(current);
    }
    let rest = if current == node { node } else { "…" };
    format!("{} → {rest}", way.join(" → "))
}

fn parent(section: Section, fact: &Fact) -> Option<(&str, &str)> {
    match (section, fact) {
        (Section::Categories, Fact::Category(node)) => {
            Some((node.id.as_str(), node.parent.as_ref()?.as_str()))
        }
        (Section::Purposes, Fact::Purpose(node)) => Some((node.id.as_str(), node.parent.as_ref()?.as_str())),
        (_, _) => None,
    }
}
