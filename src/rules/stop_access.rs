//! Check `stop-access`: nothing flows to somebody whose cooperation was ended.

use super::case::Case;
use super::draft::Draft;
use crate::graph::Act;
use crate::model::fact::Fact;
use crate::model::word::ActKind;

/// Judges flows from the one who ended a cooperation to the other.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (ended, _) in case.facts(|fact| {
        if let Fact::Termination(ended) = fact {
            Some(ended)
        } else {
            None
        }
    }) {
        let (Some(by), Some(of)) = (case.processor(&ended.by), case.processor(&ended.of)) else {
            continue;
        };
        let ends = |act: &Act| {
            case.is_within(act.actor, by, act.at)
                && act.recipient.is_some_and(|to| case.is_within(to, of, act.at))
        };
        for (number, act) in case.judged() {
            let flows = matches!(act.kind, ActKind::Share | ActKind::Delegate | ActKind::Assign);
            if flows && act.at >= ended.at && ends(act) {
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
