//! Check `assignment-notice`: subjects are told before their data is handed over (PIPL 22).

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{ProcessorNo, SubjectNo};
use crate::model::fact::Fact;
use crate::model::id::SubjectId;
use crate::model::time::Instant;
use crate::model::word::{ActKind, NoticeKind, Section};

/// Judges assignments against the last notice on record to each subject.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    // The position of the last notice to each, and its instant; `None` stands for notices to everyone.
    let mut told: FxHashMap<(ProcessorNo, ProcessorNo, Option<SubjectNo>), (usize, Instant)> =
        FxHashMap::default();
    for (position, (notice, _)) in case
        .facts_in(Section::Notices, |fact| {
            if let Fact::Notice(notice) = fact {
                Some(notice)
            } else {
                None
            }
        })
        .enumerate()
    {
        let to = notice
            .to
            .as_ref()
            .filter(|_| notice.kind == NoticeKind::Assignment);
        if let (Some(by), Some(to)) = (
            case.processor(&notice.processor),
            to.and_then(|to| case.processor(to)),
        ) {
            for subject in case.subjects(&notice.subjects) {
                told.insert((by, to, Some(subject)), (position, notice.at));
            }
            if notice.subjects.iter().any(SubjectId::is_everyone) {
                told.insert((by, to, None), (position, notice.at));
            }
        }
    }
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Assign]), None) {
        let Some(to) = act.recipient.filter(|_| act.kind == ActKind::Assign) else {
            continue;
        };
        let is_untold = |subject: &SubjectNo| {
            let notices = case.around(act.actor, act.at).flat_map(|by| {
                let ways = case
                    .around(to, act.at)
                    .flat_map(move |to| [(by, to, Some(*subject)), (by, to, None)]);
                ways.filter_map(|way| told.get(&way))
            });
            let last = notices.max_by_key(|(position, _)| *position);
            last.is_none_or(|(_, at)| *at > act.at)
        };
        let untold: Vec<SubjectNo> = act.subjects.iter().copied().filter(is_untold).collect();
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
