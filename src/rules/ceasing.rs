//! Check `ceasing`: who ceases stops collecting, tells people, and deletes (PIPL 47).

use super::case::Case;
use super::draft::Draft;
use crate::graph::{CopyNo, ProcessorNo, SubjectNo};
use crate::model::id::SubjectId;
use crate::model::time::Instant;
use crate::model::word::{ActKind, NoticeKind};

/// Judges processors that ceased: what they collected from then on, whom they never told, what they kept.
pub fn judge(case: &Case<'_>, clear_within_days: i64, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for processor in things.processors().all() {
        let Some(ceased) = things.processor(processor).ceased else {
            continue;
        };
        for (number, act) in case.history.numbered() {
            if act.kind == ActKind::Collect
                && case.is_within(act.actor, processor, act.at)
                && act.at >= ceased
            {
                out.push(
                    Draft::of_act(number, act, act.actor, "collected-after-ceasing")
                        .because([case.processor_id(processor)])
                        .witness(vec![number]),
                );
            }
        }
        let held = held_at(case, processor, ceased);
        let untold: Vec<SubjectNo> = held
            .iter()
            .map(|copy| case.pair_of(*copy).0)
            .filter(|subject| !is_told(case, processor, *subject, ceased))
            .collect();
        let draft = |at: Instant, reason: &str, copies: &[CopyNo]| {
            let least = case.least_pair(copies.iter().copied(), |copy| case.pair_of(copy));
            Draft::of_fact(
                format!("ceased:{}", case.processor_id(processor)),
                None,
                at,
                processor,
                reason,
            )
            .because([case.processor_id(processor)])
            .witness(least.map_or_else(Vec::new, |copy| case.replay.chain(copy)))
        };
        if !untold.is_empty() && case.as_of >= ceased {
            out.push(draft(ceased, "not-told-of-ceasing", &[]).subjects(untold));
        }
        let deadline = ceased.plus_days(clear_within_days);
        let kept: Vec<CopyNo> = held_at(case, processor, deadline);
        if case.as_of > deadline && !kept.is_empty() {
            let pairs: Vec<_> = kept.iter().map(|copy| case.pair_of(*copy)).collect();
            out.push(
                draft(deadline, "kept-after-ceasing", &kept)
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect()),
            );
        }
    }
}

/// The personal copies that the processor has at the instant and longer.
fn held_at(case: &Case<'_>, processor: ProcessorNo, at: Instant) -> Vec<CopyNo> {
    case.replay
        .copies()
        .filter(|(_, copy)| {
            let holding = case.replay.holding_of(copy);
            case.is_within(holding.processor, processor, at)
                && case.history.things.is_personal(holding.field)
                && copy.start < at
                && case.outlives(copy, at)
        })
        .map(|(number, _)| number)
        .collect()
}

fn is_told(case: &Case<'_>, processor: ProcessorNo, subject: SubjectNo, by: Instant) -> bool {
    case.notices().any(|(notice, _)| {
        notice.kind == NoticeKind::Cessation
            && case.is_named(&notice.processor, processor, by)
            && notice.at <= by
            && (notice.subjects.iter().any(SubjectId::is_everyone)
                || case.subjects(&notice.subjects).contains(&subject))
    })
}
