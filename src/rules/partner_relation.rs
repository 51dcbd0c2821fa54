//! Check `partner-relation`: whoever receives personal data is a partner.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::fact::Agreement;
use crate::model::id::ProcessorId;
use crate::model::word::{ActKind, ProcessorKind};

/// Judges flows of personal data from these processors. A delegation or joint control is a relation too; a secrecy
/// agreement alone is none.
pub fn judge(
    case: &Case<'_>,
    processors: &[ProcessorId],
    exempt_kinds: &[ProcessorKind],
    out: &mut Vec<Draft>,
) {
    let givers = case.history.things.processor_numbers(processors);
    let flows = [
        ActKind::Share,
        ActKind::Verify,
        ActKind::Delegate,
        ActKind::Assign,
    ];
    for (number, act) in case.judged_by(Kinds::of(&flows), Some(&givers)) {
        // Nobody is a partner of its own.
        let Some(to) = act.recipient.filter(|to| *to != act.actor) else {
            continue;
        };
        let fields = case.personal_fields(act);
        let kind = case.history.things.kind_at(to, act.at);
        let Some(first) = fields.first().copied().filter(|_| !exempt_kinds.contains(&kind)) else {
            continue;
        };
        let (now, ever) = case.bound(act.actor, to, act.at, |agreement| {
            !matches!(agreement, Agreement::Confidentiality(_))
        });
        if now {
            continue;
        }
        let reason = if ever { "relation-ended" } else { "relation-none" };
        let witness = case.path(number, Some(first), &act.subjects);
        out.push(
            Draft::of_act(number, act, act.actor, reason)
                .fields(fields)
                .because([case.processor_id(to)])
                .witness(witness),
        );
    }
}
