//! Check `audit-due`: whoever holds data from somebody is audited from time to time (GDPR 28(3)(h)).

use super::case::Case;
use super::draft::Draft;
use super::gather::Gather;
use crate::graph::CopyNo;
use crate::model::fact::Audit;
use crate::model::id::ProcessorId;
use crate::model::word::Role;

/// Judges, at `as_of`, holders of copies of these roles received directly from one of the processors. Time runs from the
/// last audit, or else from the first copy.
pub fn judge(
    case: &Case<'_>,
    processors: &[ProcessorId],
    within_days: i64,
    roles: &[Role],
    out: &mut Vec<Draft>,
) {
    let things = &case.history.things;
    for auditor in things.processor_numbers(processors) {
        for (holder, received) in case.received_from(auditor) {
            let latest: Option<&Audit> = case
                .audits()
                .map(|(audit, _)| audit)
                .filter(|audit| {
                    case.processor(&audit.by)
                        .is_some_and(|by| case.is_within(auditor, by, audit.at))
                        && case.is_named(&audit.of, holder, audit.at)
                        && case.has_come(audit.at, &[])
                })
                .max_by_key(|audit| audit.at);
            let is_held = |number: &CopyNo| {
                let copy = case.replay.copy(*number);
                roles.contains(&copy.role) && case.is_held_now(copy)
            };
            for (subject, held) in case.by_subject(received.into_iter().filter(is_held)) {
                let starts = held.iter().map(|copy| case.replay.copy(*copy).start);
                let Some(first) = starts.min() else { continue };
                let (deadline, reason) = match latest {
                    Some(audit) => (audit.at.plus_days(within_days), "audit-overdue"),
                    None => (first.plus_days(within_days), "never-audited"),
                };
                out.push(
                    Draft::of_fact(
                        format!("audit:{}", case.processor_id(holder)),
                        None,
                        deadline,
                        auditor,
                        reason,
                    )
                    .gathered(Gather::Past, subject)
                    .fields(case.fields_of_copies(&held))
                    .because(
                        latest
                            .map(|audit| audit.id.as_str())
                            .into_iter()
                            .chain([case.processor_id(holder).as_str()]),
                    )
                    .witness(case.chain_of_least(&held)),
                );
            }
        }
    }
}
