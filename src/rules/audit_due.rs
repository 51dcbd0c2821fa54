//! Check `audit-due`: whoever holds data from somebody is audited from time to time (GDPR 28(3)(h)).

use super::case::Case;
use super::draft::Draft;
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
            let is_held = |number: &CopyNo| {
                let copy = case.replay.copy(*number);
                roles.contains(&copy.role) && copy.start <= case.as_of && case.outlives(copy, case.as_of)
            };
            let held: Vec<CopyNo> = received.into_iter().filter(is_held).collect();
            let Some(first) = held.iter().map(|copy| case.replay.copy(*copy).start).min() else {
                continue;
            };
            let latest: Option<&Audit> = case
                .audits()
                .map(|(audit, _)| audit)
                .filter(|audit| {
                    case.processor(&audit.by)
                        .is_some_and(|by| case.is_within(auditor, by, audit.at))
                        && case.is_named(&audit.of, holder, audit.at)
                        && audit.at <= case.as_of
                })
                .max_by_key(|audit| audit.at);
            let (deadline, reason) = match latest {
                Some(audit) => (audit.at.plus_days(within_days), "audit-overdue"),
                None => (first.plus_days(within_days), "never-audited"),
            };
            if case.as_of <= deadline {
                continue;
            }
            let pairs: Vec<_> = held.iter().map(|copy| case.pair_of(*copy)).collect();
            let least = case.least_pair(held.iter().copied(), |copy| case.pair_of(copy));
            out.push(
                Draft::of_fact(
                    format!("audit:{}", case.processor_id(holder)),
                    None,
                    deadline,
                    auditor,
                    reason,
                )
                .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                .fields(pairs.iter().map(|(_, field)| *field).collect())
                .because(
                    latest
                        .map(|audit| audit.id.as_str())
                        .into_iter()
                        .chain([case.processor_id(holder).as_str()]),
                )
                .witness(least.map_or_else(Vec::new, |copy| case.replay.chain(copy))),
            );
        }
    }
}
