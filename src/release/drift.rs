//! Drift: what was declared held against what was observed. Declared are the acts of a folder, observed those of a
//! store, into which pipelines report. An observed flow that no declaration covers is undeclared; a declaration that
//! covers none was never used.

use std::collections::{BTreeMap, BTreeSet};

use super::demand::{Demand, Unmet};
use crate::model::fact::{Act, Fact};
use crate::model::finding::{Culprit, Finding};
use crate::model::id::{FieldId, ProcessorId, PurposeId};
use crate::model::place::Place;
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::rules::{self, Case};

/// Who and what lies around whom and what, in both records together.
struct Around<'c, 'f> {
    cases: [&'c Case<'f>; 2],
    purposes: BTreeMap<&'f PurposeId, &'f PurposeId>,
}

/// A flow, whoever it was about and whenever it happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Flow<'f> {
    kind: &'static str,
    actor: &'f ProcessorId,
    recipient: Option<&'f ProcessorId>,
    purpose: Option<&'f PurposeId>,
}

/// The findings of both sides, in no particular order. Cost: observed acts are gathered by flow; each flow is held
/// against the declarations of its kind.
pub fn drift(declared: &Case<'_>, observed: &Case<'_>) -> Vec<Finding> {
    let around = Around::of(declared, observed);
    let declarations: Vec<(&Act, &Place)> = acts(declared).collect();
    let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, (act, _)) in declarations.iter().enumerate() {
        by_kind.entry(act.kind.as_str()).or_default().push(i);
    }
    let mut used = vec![false; declarations.len()];
    // For each flow the first act that shows it, and the fields that nothing declares.
    let mut undeclared: BTreeMap<Flow<'_>, (&Act, &Place, BTreeSet<&FieldId>)> = BTreeMap::new();
    for (act, place) in acts(observed) {
        for field in act.fields.iter().chain(&act.makes) {
            let mut is_declared = false;
            for i in by_kind.get(act.kind.as_str()).into_iter().flatten() {
                if around.covers(declarations[*i].0, act, field) {
                    used[*i] = true;
                    is_declared = true;
                }
            }
            if !is_declared {
                let (first, at, fields) = undeclared
                    .entry(Flow::of(act))
                    .or_insert_with(|| (act, place, BTreeSet::new()));
                if act.at.start() < first.at.start() {
                    (*first, *at) = (act, place);
                }
                fields.insert(field);
            }
        }
    }
    let unused = declarations.iter().zip(used).filter(|(_, used)| !used);
    undeclared
        .into_values()
        .map(|(act, place, fields)| undeclared_flow(observed, act, place, &fields))
        .chain(unused.map(|((act, place), _)| unused_declaration(declared, act, place)))
        .collect()
}

/// Acts that move or use data. What ends or mends it needs no declaration.
fn acts<'c, 'f>(case: &'c Case<'f>) -> impl Iterator<Item = (&'f Act, &'f Place)> + use<'c, 'f> {
    let act = |fact: &'f Fact| {
        if let Fact::Act(act) = fact {
            Some(act)
        } else {
            None
        }
    };
    case.facts(act)
        .filter(|(act, _)| !matches!(act.kind, ActKind::Correct | ActKind::Restrict | ActKind::Delete))
}

impl<'f> Flow<'f> {
    fn of(act: &'f Act) -> Self {
        Self {
            kind: act.kind.as_str(),
            actor: &act.actor,
            recipient: act.recipient.as_ref(),
            purpose: act.purpose.as_ref(),
        }
    }
}

impl<'c, 'f> Around<'c, 'f> {
    fn of(declared: &'c Case<'f>, observed: &'c Case<'f>) -> Self {
        let mut around = Self {
            cases: [declared, observed],
            purposes: BTreeMap::new(),
        };
        for case in [declared, observed] {
            let purposes = case.facts(|fact| {
                if let Fact::Purpose(x) = fact {
                    Some(x)
                } else {
                    None
                }
            });
            for (purpose, _) in purposes {
                around
                    .purposes
                    .extend(purpose.parent.iter().map(|above| (&purpose.id, above)));
            }
        }
        around
    }

    /// Whether one processor lies inside another at the instant, by either record.
    fn is_within(&self, processor: &ProcessorId, of: &ProcessorId, at: Instant) -> bool {
        self.cases.iter().any(|case| {
            case.processor(processor)
                .is_some_and(|number| case.is_named(of, number, at))
        })
    }

    /// Whether the declared act covers this field of the observed one.
    fn covers(&self, declared: &Act, observed: &Act, field: &FieldId) -> bool {
        let is_in_time = match declared.at.standing() {
            // A single act stands for the flow it shows, whenever that happens.
            None => true,
            Some((from, until)) => {
                let begins = observed.at.start();
                let is_over = |until| match observed.at.standing() {
                    Some((_, stops)) => stops.is_some_and(|stops| stops <= until),
                    None => begins < until,
                };
                from <= begins && until.is_none_or(is_over)
            }
        };
        let is_same_party =
            |declared: Option<&ProcessorId>, seen: Option<&ProcessorId>| match (declared, seen) {
                (None, None) => true,
                (Some(declared), Some(seen)) => {
                    declared == seen || self.is_within(seen, declared, observed.at.start())
                }
                (_, _) => false,
            };
        let purpose = match (&declared.purpose, &observed.purpose) {
            (Some(declared), Some(observed)) => is_under(observed, declared, &self.purposes),
            // An observer that does not know what for is no proof of another purpose.
            (_, None) => true,
            (None, Some(_)) => false,
        };
        is_in_time
            && purpose
            && (declared.fields.contains(field) || declared.makes.contains(field))
            && is_same_party(Some(&declared.actor), Some(&observed.actor))
            && is_same_party(declared.recipient.as_ref(), observed.recipient.as_ref())
            && is_same_party(
                declared.source.as_ref(),
                declared.source.as_ref().and(observed.source.as_ref()),
            )
    }
}

/// Whether a node is this one or lies below it. Trees have been checked to be trees in each record; over both they may
/// run in a circle, so the walk is bounded.
fn is_under<'f, T: Ord>(node: &'f T, wanted: &T, parents: &BTreeMap<&'f T, &'f T>) -> bool {
    let mut node = node;
    for _ in 0..=parents.len() {
        if node == wanted {
            return true;
        }
        let Some(parent) = parents.get(node) else {
            return false;
        };
        node = parent;
    }
    false
}

fn undeclared_flow(case: &Case<'_>, act: &Act, place: &Place, fields: &BTreeSet<&FieldId>) -> Finding {
    let names: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
    let to = act
        .recipient
        .as_ref()
        .map_or_else(String::new, |to| format!(" to {to}"));
    let what_for = act
        .purpose
        .as_ref()
        .map_or_else(String::new, |purpose| format!(" for {purpose}"));
    let sentence = format!(
        "{} was seen to {} {}{to}{what_for}, first on {}, and no declaration covers it.",
        act.actor,
        act.kind,
        names.join(", "),
        case.header.zone.print(act.at.start())
    );
    let fields = fields.iter().map(|field| (*field).clone()).collect();
    unmet(
        case,
        Demand::Declared,
        "undeclared-flow",
        (act, place),
        fields,
        sentence,
    )
}

fn unused_declaration(case: &Case<'_>, act: &Act, place: &Place) -> Finding {
    let mut fields = act.fields.clone();
    fields.sort_unstable();
    fields.dedup();
    let sentence = format!(
        "{} is declared and was never seen: take the declaration back, or see to it that somebody reports the flow.",
        act.id
    );
    unmet(
        case,
        Demand::Used,
        "declared-unused",
        (act, place),
        fields,
        sentence,
    )
}

fn unmet(
    case: &Case<'_>,
    demand: Demand,
    reason: &'static str,
    (act, place): (&Act, &Place),
    fields: Vec<FieldId>,
    sentence: String,
) -> Finding {
    let mut subjects = act.subjects.clone();
    subjects.sort_unstable();
    subjects.dedup();
    let number = case
        .history
        .numbered()
        .find(|(_, other)| other.id == act.id)
        .map(|(number, _)| number);
    Unmet {
        demand,
        reason,
        at: act.at.start(),
        culprit: Culprit::Event(act.id.clone()),
        processor: act.actor.clone(),
        owner: case
            .processor(&act.actor)
            .and_then(|actor| rules::owner(case, actor, act.at.start())),
        subjects,
        fields,
        because: Vec::new(),
        witness: number
            .into_iter()
            .map(|number| case.history.step(number))
            .collect(),
        sentence,
        lasting: vec![
            act.kind.to_string(),
            act.purpose.as_ref().map_or_else(String::new, ToString::to_string),
            act.recipient
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        ],
        place: Some(place.clone()),
    }
    .finding()
}
