//! Check `never-used`: what is collected is used (GDPR 5(1)(c); PIPL 6).

use rustc_hash::FxHashSet;

use super::case::{Case, admits};
use super::draft::Draft;
use crate::graph::{FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Judges collections whose time has passed: the collector did nothing with a pair since, but store, correct or delete it.
pub fn judge(case: &Case<'_>, within_days: i64, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let mut used: FxHashSet<(ProcessorNo, FieldNo, SubjectNo)> = FxHashSet::default();
    let mut found = Vec::new();
    // Backwards, so that what was used later is known.
    for (number, act) in case.history.numbered().collect::<Vec<_>>().into_iter().rev() {
        match act.kind {
            ActKind::Use
            | ActKind::Derive
            | ActKind::Share
            | ActKind::Verify
            | ActKind::Disclose
            | ActKind::Delegate
            | ActKind::Assign => {
                used.extend(act.pairs().map(|(subject, field)| (act.actor, field, subject)));
            }
            ActKind::Collect => {
                let deadline = act.at.plus_days(within_days);
                let unused: Vec<(SubjectNo, FieldNo)> = act
                    .pairs()
                    .filter(|(subject, field)| {
                        case.history.things.is_personal(*field)
                            && !used.contains(&(act.actor, *field, *subject))
                    })
                    .collect();
                if case.as_of > deadline && !unused.is_empty() && admits(limit.as_ref(), act.actor) {
                    found.push(
                        Draft::of_act(number, act, act.actor, "never-used")
                            .at(deadline)
                            .subjects(unused.iter().map(|(subject, _)| *subject).collect())
                            .fields(unused.iter().map(|(_, field)| *field).collect())
                            .witness(vec![number]),
                    );
                }
            }
            ActKind::Store | ActKind::Correct | ActKind::Delete => {}
        }
    }
    found.reverse();
    out.append(&mut found);
}
