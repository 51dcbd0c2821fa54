//! Check `recipient-assessed`: a recipient was assessed before it got personal data.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::fact::Assessment;
use crate::model::id::ProcessorId;
use crate::model::word::{ActKind, ProcessorKind};

/// Judges shares of personal data to recipients that are not exempt.
pub fn judge(
    case: &Case<'_>,
    processors: Option<&Vec<ProcessorId>>,
    exempt_kinds: &[ProcessorKind],
    out: &mut Vec<Draft>,
) {
    let limit = case.limit(processors);
    let assessments: Vec<_> = case
        .assessments()
        .filter_map(|(fact, _)| match fact {
            Assessment::Recipient {
                id,
                processor,
                recipient,
                at,
            } => Some((id, case.processor(processor)?, case.processor(recipient)?, *at)),
            Assessment::Impact { .. } => None,
        })
        .collect();
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Share]), limit.as_deref()) {
        let Some(to) = act.recipient else { continue };
        let is_exempt = exempt_kinds.contains(&case.history.things.kind_at(to, act.at));
        let fields = case.personal_fields(act);
        if is_exempt || fields.is_empty() {
            continue;
        }
        let theirs: Vec<_> = assessments
            .iter()
            .filter(|(_, by, of, _)| {
                case.is_within(act.actor, *by, act.at) && case.is_within(to, *of, act.at)
            })
            .collect();
        if theirs.iter().any(|(_, _, _, at)| *at <= act.at) {
            continue;
        }
        let reason = if theirs.is_empty() {
            "never-assessed"
        } else {
            "assessed-late"
        };
        let witness = case.path(number, fields.first().copied(), &act.subjects);
        out.push(
            Draft::of_act(number, act, act.actor, reason)
                .fields(fields)
                .because(theirs.iter().map(|(id, _, _, _)| id))
                .witness(witness),
        );
    }
}
