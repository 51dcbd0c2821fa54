//! Check `stop-access`: nothing flows to somebody whose cooperation was ended.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::fact::Fact;
use crate::model::word::{ActKind, Section};

/// Judges flows from the one who ended a cooperation to the other.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (ended, _) in case.facts_in(Section::Terminations, |fact| {
        if let Fact::Termination(ended) = fact {
            Some(ended)
        } else {
            None
        }
    }) {
        let (Some(by), Some(of)) = (case.processor(&ended.by), case.processor(&ended.of)) else {
            continue;
        };
        let flows = Kinds::of(&[ActKind::Share, ActKind::Delegate, ActKind::Assign]);
        for (number, act) in case.judged_by(flows, Some(&[by])) {
            let is_to = act.recipient.is_some_and(|to| case.is_within(to, of, act.at));
            if act.at >= ended.at && is_to {
                let witness = case.path(number, act.fields.first().copied(), &act.subjects);
                out.push(
                    Draft::of_act(number, act, act.actor, "flow-after-termination")
                        .because([&ended.id])
                        .witness(witness),
                );
            }
        }
    }
}
