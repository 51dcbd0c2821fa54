//! Check `prior-notice`: people are told before such acts.

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use super::only::Limit;
use crate::graph::{ProcessorNo, SubjectNo};
use crate::model::id::SubjectId;
use crate::model::time::Instant;
use crate::model::word::{ActKind, NoticeKind};

/// Judges acts of these kinds, those that the limit of the rule admits; a notice of the kind by the actor, at the act at the latest, is enough.
pub fn judge(
    case: &Case<'_>,
    kind: NoticeKind,
    acts: &[ActKind],
    limit: Option<&Limit<'_>>,
    out: &mut Vec<Draft>,
) {
    let mut told: FxHashMap<(ProcessorNo, Option<SubjectNo>), Instant> = FxHashMap::default();
    for (notice, _) in case.notices().filter(|(notice, _)| notice.kind == kind) {
        let Some(by) = case.processor(&notice.processor) else {
            continue;
        };
        let mut whom: Vec<Option<SubjectNo>> =
            case.subjects(&notice.subjects).into_iter().map(Some).collect();
        if notice.subjects.iter().any(SubjectId::is_everyone) {
            whom.push(None);
        }
        for subject in whom {
            let first = told.entry((by, subject)).or_insert(notice.at);
            *first = (*first).min(notice.at);
        }
    }
    for (number, act) in case.judged_by(Kinds::of(acts), None) {
        if limit.is_some_and(|limit| !limit.admits_act(case, act)) {
            continue;
        }
        let untold: Vec<SubjectNo> = act
            .subjects
            .iter()
            .copied()
            .filter(|subject| {
                !case
                    .around(act.actor, act.at)
                    .flat_map(|by| [(by, Some(*subject)), (by, None)])
                    .any(|told_by| told.get(&told_by).is_some_and(|at| *at <= act.at))
            })
            .collect();
        if !untold.is_empty() {
            let witness = case.path_unless_collect(number, act.fields.first().copied(), &untold);
            out.push(
                Draft::of_act(number, act, act.actor, "not-told-before")
                    .subjects(untold)
                    .witness(witness),
            );
        }
    }
}
