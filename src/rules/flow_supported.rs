//! Check `flow-supported`: nobody works with or passes on what the record says they never held.

use super::case::Case;
use super::draft::Draft;
use crate::graph::replay::Held;

/// Judges acts with pairs that were never held.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (number, act) in case.history.numbered() {
        if !case.replay.held(number).contains(&Held::Nothing) {
            continue;
        }
        let pairs: Vec<_> = act
            .pairs()
            .zip(case.replay.held(number))
            .filter(|(_, held)| **held == Held::Nothing)
            .map(|(pair, _)| pair)
            .collect();
        if !pairs.is_empty() {
            out.push(
                Draft::of_act(number, act, act.actor, "not-held")
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect())
                    .all_along(act)
                    .witness(vec![number]),
            );
        }
    }
}
