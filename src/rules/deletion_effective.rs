//! Check `deletion-effective`: nobody works with what the record says they deleted.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::replay::Held;
use crate::graph::{Act, ActNo};
use crate::model::word::ActKind;

/// Judges acts with pairs that were deleted before and never acquired again, and deletions under a standing act that
/// brings the data back.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let deletions = case.acts_by(Kinds::of(&[ActKind::Delete]), None);
    let mut is_any = false;
    for (number, act) in deletions {
        is_any = true;
        out.extend(supplied_again(case, number, act));
    }
    if !is_any {
        return;
    }
    for (number, act) in case.history.numbered() {
        // Most acts are passed over by what was held alone.
        let is_ghost = |held: &Held| matches!(held, Held::Deleted(_));
        if !case.replay.held(number).iter().any(is_ghost) {
            continue;
        }
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
                .all_along(act)
                .witness(witness),
        );
    }
}

/// A deletion of what standing acts supply again at once.
fn supplied_again(case: &Case<'_>, number: ActNo, act: &Act) -> Option<Draft> {
    let supplied = case.replay.supplied_again(number);
    let least = case.least_pair(supplied.iter().copied(), |copy| case.pair_of(copy))?;
    let pairs: Vec<_> = supplied.iter().map(|copy| case.pair_of(*copy)).collect();
    let by = supplied
        .iter()
        .map(|copy| &case.history.act(case.replay.copy(*copy).via).id);
    let mut witness = case.replay.chain(least);
    witness.push(number);
    Some(
        Draft::of_act(number, act, act.actor, "supplied-again")
            .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
            .fields(pairs.iter().map(|(_, field)| *field).collect())
            .because(by)
            .witness(witness),
    )
}
