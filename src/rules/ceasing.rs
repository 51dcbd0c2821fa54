//! Check `ceasing`: who ceases stops collecting, tells people, and deletes (PIPL 47).

use super::case::Case;
use super::draft::Draft;
use super::gather::Gather;
use super::index::Kinds;
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
        for (number, act) in case.acts_by(Kinds::of(&[ActKind::Collect]), Some(&[processor])) {
            if act.at >= ceased {
                out.push(
                    Draft::of_act(number, act, act.actor, "collected-after-ceasing")
                        .because([case.processor_id(processor)])
                        .witness(vec![number]),
                );
            }
        }
        let draft = |subject: SubjectNo, at: Instant, reason: &str| {
            let name = format!("ceased:{}", case.processor_id(processor));
            Draft::of_fact(name, None, at, processor, reason)
                .because([case.processor_id(processor)])
                .gathered(Gather::All, subject)
        };
        if case.has_come(ceased, &[]) {
            let held = case.by_subject(held_at(case, processor, ceased));
            let untold = held
                .into_keys()
                .filter(|subject| !is_told(case, processor, *subject, ceased));
            out.extend(untold.map(|subject| draft(subject, ceased, "not-told-of-ceasing")));
        }
        let deadline = ceased.plus_days(clear_within_days);
        if case.is_past(deadline, &[]) {
            for (subject, kept) in case.by_subject(held_at(case, processor, deadline)) {
                out.push(
                    draft(subject, deadline, "kept-after-ceasing")
                        .fields(case.fields_of_copies(&kept))
                        .witness(case.chain_of_least(&kept)),
                );
            }
        }
    }
}

/// The personal copies that the processor has at the instant and longer.
fn held_at(case: &Case<'_>, processor: ProcessorNo, at: Instant) -> Vec<CopyNo> {
    case.copies_held_by(Some(&[processor]))
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
