//! Check `closure`: a closed account is cleared in time and left alone.

use super::case::Case;
use super::draft::Draft;
use crate::graph::{CopyNo, ProcessorNo, SubjectNo};
use crate::model::fact::{Closure, Fact};
use crate::model::place::Place;
use crate::model::word::{ActKind, Section};

/// Judges closures: first what was not cleared, then what went on.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (closure, place) in case.facts_in(Section::Closures, |fact| {
        if let Fact::Closure(closure) = fact {
            Some(closure)
        } else {
            None
        }
    }) {
        let (Some(subject), Some(processor)) =
            (case.subject(&closure.subject), case.processor(&closure.processor))
        else {
            continue;
        };
        out.extend(not_cleared(case, closure, place, subject, processor));
        activity(case, closure, subject, processor, out);
    }
}

fn not_cleared(
    case: &Case<'_>,
    closure: &Closure,
    place: &Place,
    subject: SubjectNo,
    processor: ProcessorNo,
) -> Option<Draft> {
    let things = &case.history.things;
    let deadline = closure.at.plus_days(closure.clear_within_days);
    if !case.is_past(deadline, &[subject]) {
        return None;
    }
    let keep = things.field_numbers(&closure.keep);
    let left: Vec<CopyNo> = case
        .copies_held_by(Some(&[processor]))
        .filter(|(_, copy)| {
            let holding = case.replay.holding_of(copy);
            holding.subject == subject
                && case.is_within(holding.processor, processor, deadline)
                && !keep.contains(&holding.field)
                && things.is_personal(holding.field)
                && copy.start < deadline
                && case.outlives(copy, deadline)
        })
        .map(|(number, _)| number)
        .collect();
    let least = case.least_pair(left.iter().copied(), |copy| case.pair_of(copy))?;
    Some(
        Draft::of_fact(
            closure.id.as_str(),
            Some(place),
            deadline,
            processor,
            "not-cleared",
        )
        .subjects(vec![subject])
        .fields(left.iter().map(|copy| case.pair_of(*copy).1).collect())
        .because([&closure.id])
        .witness(case.replay.chain(least)),
    )
}

fn activity(
    case: &Case<'_>,
    closure: &Closure,
    subject: SubjectNo,
    processor: ProcessorNo,
    out: &mut Vec<Draft>,
) {
    for (number, act) in case.judged_about(subject) {
        let goes_on = !matches!(act.kind, ActKind::Delete | ActKind::Store | ActKind::Restrict)
            && act.at >= closure.at
            && std::iter::once(act.actor)
                .chain(act.recipient)
                .any(|party| case.is_within(party, processor, act.at));
        if goes_on {
            let witness = case.path(number, act.fields.first().copied(), &[subject]);
            out.push(
                Draft::of_act(number, act, processor, "activity-after-close")
                    .subjects(vec![subject])
                    .because([&closure.id])
                    .witness(witness),
            );
        }
    }
}
