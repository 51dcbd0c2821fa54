//! Categories and purposes are trees, and at every instant processors are: no node is its own ancestor.

use rustc_hash::FxHashMap;

use crate::model::fact::{Fact, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::Instant;
use crate::model::word::Section;

/// All cycles among the facts: of trees, and of processors that lie inside each other.
pub fn cycles(facts: &[&Stated]) -> Vec<Problem> {
    let mut problems = Vec::new();
    of_trees(facts, &mut problems);
    of_nesting(facts, &mut problems);
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
