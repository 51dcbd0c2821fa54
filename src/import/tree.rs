//! Categories and purposes are trees: no node is its own ancestor.

use rustc_hash::FxHashMap;

use crate::facts::Reading;
use crate::facts::node::Mark;
use crate::model::fact::{Fact, Stated};
use crate::model::place::ProblemCode;
use crate::model::word::Section;

/// Notes every cycle once, at the first of its nodes that is met from the beginning of the document.
pub fn refuse_cycles(facts: &[&Stated], reading: &mut Reading) {
    for section in [Section::Categories, Section::Purposes] {
        let mut parents: FxHashMap<&str, (&str, Mark)> = FxHashMap::default();
        let mut order = Vec::new();
        for stated in facts {
            let Some((id, parent)) = parent(section, &stated.fact) else {
                continue;
            };
            let mark = Mark {
                line: stated.place.line,
                column: stated.place.column,
            };
            parents.entry(id).or_insert((parent, mark));
            order.push(id);
        }
        // Every node is walked over once: later walks end where an earlier one has been.
        let mut walks: FxHashMap<&str, usize> = FxHashMap::default();
        for (walk, start) in order.into_iter().enumerate() {
            let mut node = start;
            while let Some((parent, mark)) = parents.get(node) {
                match walks.insert(node, walk) {
                    None => node = parent,
                    Some(earlier) => {
                        walks.insert(node, earlier);
                        if earlier == walk {
                            note(node, *mark, &parents, reading);
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

/// Notes the cycle that this node is on.
fn note(node: &str, mark: Mark, parents: &FxHashMap<&str, (&str, Mark)>, reading: &mut Reading) {
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
    reading.problem(
        ProblemCode::Cycle,
        mark,
        format!("`{node}` is its own ancestor: {} → {rest}", way.join(" → ")),
        "take one `parent` of the cycle away",
    );
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
