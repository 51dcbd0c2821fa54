//! Check `deletion-effective`: nobody works with what the record says they deleted.

use super::case::Case;
use super::draft::Draft;
use crate::graph::replay::Held;

/// Judges acts with pairs that were deleted before and never acquired again.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (number, act) in case.history.numbered() {
        let mut pairs = Vec::new();
        let mut first_ghost = None;
        for (pair, held) in act.pairs().zip(case.replay.held(number)) {
            if let Held::Deleted(ghost) = held {
                pairs.push(pair);
                first_ghost = first_ghost.or(Some(*ghost));
            }
        }
        let Some(ghost) = first_ghost else { continue };
        let Some(end) = case.replay.end_of(case.replay.copy(ghost)) else {
            continue;
        };
        let mut witness = case.replay.chain(ghost);
        witness.extend([end.by, number]);
        out.push(
            Draft::of_act(number, act, act.actor, "used-after-deletion")
                .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                .fields(pairs.iter().map(|(_, field)| *field).collect())
                .because([&case.history.act(end.by).id])
                .witness(witness),
        );
    }
}
