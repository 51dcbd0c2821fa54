//! Categories and purposes are trees: no node is its own ancestor.

use rustc_hash::FxHashMap;

use crate::model::fact::{Fact, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::Section;

/// Every cycle once, at the first of its nodes that is met from the beginning of the facts.
pub fn cycles(facts: &[Stated]) -> Vec<Problem> {
    let mut problems = Vec::new();
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
    problems
}

/// Names at most this many nodes of a cycle.
const NAMED_MAX: usize = 10;

/// The cycle that this node is on.
fn told(node: &str, place: &Place, parents: &FxHashMap<&str, (&str, &Place)>) -> Problem {
    let mut way = vec![node];
    let mut current = node;
    while let Some((parent, _)) = parents.get(current) {
        current = parent;
        if current == node || way.len() == NAMED_MAX {
            break;
        }
        way.push(current);
    }
    let rest = if current == node { node } else { "…" };
    Problem {
        code: ProblemCode::Cycle,
        place: place.clone(),
        message: format!("`{node}` is its own ancestor: {} → {rest}", way.join(" → ")),
        help: "take one `parent` of the cycle away".to_owned(),
    }
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
