//! Check `purpose-ended`: when a purpose has ended, what was acquired for it goes (GDPR 5(1)(e); PIPL 47).

use super::case::Case;
use super::draft::Draft;
use crate::graph::{ActNo, CopyNo, ProcessorNo, PurposeNo};
use crate::model::time::Instant;
use crate::model::word::ActKind;

/// Judges acts for a purpose that had ended, and copies acquired for it that stay beyond the days given.
pub fn judge(case: &Case<'_>, within_days: i64, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let ended: Vec<(PurposeNo, Instant)> = things
        .purposes()
        .all()
        .filter_map(|purpose| Some((purpose, things.ended(purpose)?)))
        .collect();
    let end_of = |purpose: Option<PurposeNo>| -> Option<(PurposeNo, Instant)> {
        let purpose = purpose?;
        ended
            .iter()
            .copied()
            .filter(|(root, _)| things.serves(purpose, &[*root]))
            .min_by_key(|(_, at)| *at)
    };
    if ended.is_empty() {
        return;
    }
    for (number, act) in case.judged() {
        let Some((purpose, at)) = end_of(act.purpose) else {
            continue;
        };
        if act.at >= at && act.kind != ActKind::Delete {
            let witness = case.path_unless_collect(number, act.fields.first().copied(), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, "used-after-purpose")
                    .because([things.purposes().id(purpose)])
                    .witness(witness),
            );
        }
    }
    let mut groups: Vec<((ActNo, ProcessorNo), Vec<CopyNo>)> = Vec::new();
    for (number, copy) in case.replay.copies() {
        let act = case.history.act(copy.via);
        let holding = case.replay.holding_of(copy);
        let Some((_, at)) = end_of(act.purpose) else {
            continue;
        };
        let deadline = at.plus_days(within_days);
        let is_kept = things.is_personal(holding.field)
            && copy.start < at
            && case.outlives(copy, deadline)
            && case.is_past_for(deadline, copy.via, &[holding.subject]);
        if is_kept {
            let key = (copy.via, holding.processor);
            match groups.iter_mut().rev().find(|(known, _)| *known == key) {
                Some((_, list)) => list.push(number),
                None => groups.push((key, vec![number])),
            }
        }
    }
    for ((number, processor), copies) in groups {
        let act = case.history.act(number);
        let Some((purpose, at)) = end_of(act.purpose) else {
            continue;
        };
        let pairs: Vec<_> = copies.iter().map(|copy| case.pair_of(*copy)).collect();
        let least = case.least_pair(copies.iter().copied(), |copy| case.pair_of(copy));
        out.push(
            Draft::of_act(number, act, processor, "kept-after-purpose")
                .at(at.plus_days(within_days))
                .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                .fields(pairs.iter().map(|(_, field)| *field).collect())
                .because([things.purposes().id(purpose)])
                .witness(least.map_or_else(Vec::new, |copy| case.replay.chain(copy))),
        );
    }
}
