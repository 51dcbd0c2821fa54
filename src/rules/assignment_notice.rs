//! Check `assignment-notice`: subjects are told before their data is handed over (PIPL 22).

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use crate::graph::{ProcessorNo, SubjectNo};
use crate::model::fact::Fact;
use crate::model::time::Instant;
use crate::model::word::ActKind;

/// Judges assignments against the last notice on record to each subject.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let mut told: FxHashMap<(ProcessorNo, ProcessorNo, SubjectNo), Instant> = FxHashMap::default();
    for (notice, _) in case.facts(|fact| {
        if let Fact::Notice(notice) = fact {
            Some(notice)
        } else {
            None
        }
    }) {
        if let (Some(by), Some(to)) = (case.processor(&notice.processor), case.processor(&notice.to)) {
            for subject in notice.subjects.iter().filter_map(|id| case.subject(id)) {
                told.insert((by, to, subject), notice.at);
            }
        }
    }
    for (number, act) in case.history.numbered() {
        let Some(to) = act.recipient.filter(|_| act.kind == ActKind::Assign) else {
            continue;
        };
        let untold: Vec<SubjectNo> = act
            .subjects
            .iter()
            .copied()
            .filter(|subject| told.get(&(act.actor, to, *subject)).is_none_or(|at| *at > act.at))
            .collect();
        if !untold.is_empty() {
            let witness = case.path(number, act.fields.first().copied(), &untold);
            out.push(
                Draft::of_act(number, act, act.actor, "not-told-before")
                    .subjects(untold)
                    .witness(witness),
            );
        }
    }
}
