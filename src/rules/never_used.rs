//! Check `never-used`: what is collected is used (GDPR 5(1)(c); PIPL 6).

use rustc_hash::{FxHashMap, FxHashSet};

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::time::Instant;
use crate::model::word::ActKind;

/// Judges collections whose time has passed: the collector did nothing with a pair since, but store, correct,
/// restrict or delete it.
pub fn judge(case: &Case<'_>, within_days: i64, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let mut used: FxHashSet<(ProcessorNo, FieldNo, SubjectNo)> = FxHashSet::default();
    let standing = standing_uses(case);
    let mut found = Vec::new();
    // Backwards, so that what was used later is known.
    for (number, act) in case.acts_ever_by(limit.as_deref()).rev() {
        match act.kind {
            _ if act.when.standing().is_some() => {}
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
                            && standing
                                .get(&(act.actor, *field, *subject))
                                .is_none_or(|until| until.is_some_and(|until| until <= act.at))
                    })
                    .collect();
                let is_judged = !unused.is_empty() && case.admits(limit.as_deref(), act.actor, act.at);
                if is_judged && case.is_past_for(deadline, number, &act.subjects) {
                    found.push(
                        Draft::of_act(number, act, act.actor, "never-used")
                            .at(deadline)
                            .subjects(unused.iter().map(|(subject, _)| *subject).collect())
                            .fields(unused.iter().map(|(_, field)| *field).collect())
                            .witness(vec![number]),
                    );
                }
            }
            ActKind::Store | ActKind::Correct | ActKind::Restrict | ActKind::Delete => {}
        }
    }
    found.reverse();
    out.append(&mut found);
}

/// Until when standing acts use each pair at last; some never stop.
fn standing_uses(case: &Case<'_>) -> FxHashMap<(ProcessorNo, FieldNo, SubjectNo), Option<Instant>> {
    let mut uses = FxHashMap::default();
    if !case.replay.has_standing() {
        return uses;
    }
    for (number, act) in case.judged_by(Kinds::but(&[ActKind::Store]), None) {
        let Some(moment) = case.moment(number) else {
            continue;
        };
        for (subject, field) in act.pairs() {
            let until = uses.entry((act.actor, field, subject)).or_insert(moment.span.1);
            *until = (*until).zip(moment.span.1).map(|(one, other)| one.max(other));
        }
    }
    uses
}
