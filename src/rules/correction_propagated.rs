//! Check `correction-propagated`: a correction reaches the copies that were passed on (GDPR 19; PIPL 46).

use rustc_hash::{FxHashMap, FxHashSet};

use super::case::Case;
use super::deletion_propagated::{is_another_thing, left};
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{ActNo, CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::reach::lineage;

/// Judges corrections whose deadline has passed. A holder downstream has put its copy right when it corrected that field
/// of that subject from the correction on, by the deadline.
pub fn judge(case: &Case<'_>, within_days: i64, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let corrected = corrections(case);
    if corrected.is_empty() {
        return;
    }
    let copies = case.by_subject(case.replay.copies().map(|(number, _)| number));
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Correct]), limit.as_deref()) {
        let deadline = act.at.plus_days(within_days);
        if !case.is_past(deadline, &act.subjects) {
            continue;
        }
        let mut found: Vec<CopyNo> = Vec::new();
        for subject in &act.subjects {
            let of_subject = copies.get(subject).map_or(&[][..], Vec::as_slice);
            for copy_no in downstream(case, number, *subject, of_subject) {
                let copy = case.replay.copy(copy_no);
                let holding = case.replay.holding_of(copy);
                let key = (holding.processor, holding.field, *subject);
                let is_right = corrected
                    .get(&key)
                    .is_some_and(|times| times.iter().any(|at| *at >= act.at && *at <= deadline));
                let is_stale = holding.processor != act.actor
                    && case.history.things.is_personal(holding.field)
                    && copy.start <= act.at
                    && case.outlives(copy, deadline)
                    && !is_right;
                if is_stale {
                    found.push(copy_no);
                }
            }
        }
        left(case, number, "stale-downstream", deadline, &found, out);
    }
}

type Corrections = FxHashMap<(ProcessorNo, FieldNo, SubjectNo), Vec<Instant>>;

/// Who corrected what, and when.
fn corrections(case: &Case<'_>) -> Corrections {
    let mut all = Corrections::default();
    for (_, act) in case.acts_by(Kinds::of(&[ActKind::Correct]), None) {
        for (subject, field) in act.pairs() {
            all.entry((act.actor, field, subject)).or_default().push(act.at);
        }
    }
    all
}

/// Of these copies of one subject, in the order of creation, those that descend from what the corrector had.
fn downstream(case: &Case<'_>, correct: ActNo, subject: SubjectNo, copies: &[CopyNo]) -> Vec<CopyNo> {
    let act = case.history.act(correct);
    let wrong: FxHashSet<CopyNo> = act
        .fields
        .iter()
        .flat_map(|field| case.replay.copies_at(act.actor, *field, subject))
        .copied()
        .filter(|copy| case.replay.copy(*copy).start <= act.at)
        .collect();
    let below = lineage::descendants(
        &case.replay,
        copies.iter().copied(),
        |copy| wrong.contains(&copy),
        |copy| !is_another_thing(case, case.replay.copy(copy)),
    );
    copies
        .iter()
        .copied()
        .filter(|copy| {
            below
                .since(&case.replay, *copy)
                .is_some_and(|since| since <= act.at)
        })
        .collect()
}
