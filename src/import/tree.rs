//! Categories and purposes are trees: no node is its own ancestor.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::Reading;
use crate::facts::node::Mark;
use crate::model::fact::{Fact, Stated};
use crate::model::place::ProblemCode;
use crate::model::word::Section;

/// Notes every cycle once, at its first node in the document.
pub fn refuse_cycles(facts: &[Stated], reading: &mut Reading) {
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
        let mut settled: FxHashSet<&str> = FxHashSet::default();
        for start in order {
            let mut way = vec![start];
            let mut node = start;
            while let Some((parent, _)) = parents.get(node) {
                if settled.contains(node) {
                    break;
                }
                if let Some(i) = way.iter().position(|seen| seen == parent) {
                    let cycle = &way[i..];
                    if let Some((_, mark)) = parents.get(cycle[0]) {
                        reading.problem(
                            ProblemCode::Cycle,
                            *mark,
                            format!(
                                "`{}` is its own ancestor: {} → {parent}",
                                cycle[0],
                                cycle.join(" → ")
                            ),
                            "take one `parent` of the cycle away",
                        );
                    }
                    break;
                }
                way.push(parent);
                node = parent;
            }
            settled.extend(way);
        }
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
