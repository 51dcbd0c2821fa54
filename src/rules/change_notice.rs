//! Check `change-notice`: people are told before a changed policy applies to them (GDPR 13(3); PIPL 17).

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{ProcessorNo, SubjectNo};
use crate::model::fact::{Notice, PolicyVersion};
use crate::model::id::SubjectId;
use crate::model::time::Instant;
use crate::model::word::{ActKind, NoticeKind};

/// Judges acts for purposes that a version declares and the one before it did not. People are told by an announcement
/// of the version or by a notice of it, at the act at the latest.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let mut all: Vec<_> = case.policies_by_processor().into_iter().collect();
    all.sort_unstable_by_key(|(processor, _)| *processor);
    for (processor, mut versions) in all {
        versions.sort_by_key(|version| version.effective);
        for pair in versions.windows(2) {
            let &[before, after] = pair else { continue };
            let (Some(old), Some(new)) = (purposes(before), purposes(after)) else {
                continue;
            };
            let (old, new) = (things.purpose_numbers(&old), things.purpose_numbers(&new));
            let told = told(case, after);
            for (number, act) in case.judged_by(Kinds::but(&[ActKind::Delete]), Some(&[processor])) {
                let is_new = act.at >= after.effective
                    && act
                        .purpose
                        .is_some_and(|purpose| things.serves(purpose, &new) && !things.serves(purpose, &old));
                if !is_new || after.announced.is_some_and(|announced| announced <= act.at) {
                    continue;
                }
                let untold: Vec<SubjectNo> = act
                    .subjects
                    .iter()
                    .copied()
                    .filter(|subject| !is_told(case, &told, act.actor, *subject, act.at))
                    .collect();
                if untold.is_empty() {
                    continue;
                }
                let witness = case.path_unless_collect(number, act.fields.first().copied(), &untold);
                out.push(
                    Draft::of_act(number, act, act.actor, "change-not-told")
                        .subjects(untold)
                        .because([&after.id])
                        .witness(witness),
                );
            }
        }
    }
}

fn purposes(version: &PolicyVersion) -> Option<Vec<crate::model::id::PurposeId>> {
    let declares = version.declares.as_ref()?;
    Some(
        declares
            .iter()
            .flat_map(|declared| declared.purposes.iter().cloned())
            .collect(),
    )
}

/// When each was told of the version, and by whom; `None` stands for everyone.
type Told = FxHashMap<Option<SubjectNo>, Vec<(Instant, ProcessorNo)>>;

fn told(case: &Case<'_>, version: &PolicyVersion) -> Told {
    let is_of_it = |notice: &&Notice| {
        notice.kind == NoticeKind::PolicyChange && notice.policy.as_ref().is_none_or(|id| *id == version.id)
    };
    let mut told = Told::default();
    for notice in case.notices().map(|(notice, _)| notice).filter(is_of_it) {
        let Some(by) = case.processor(&notice.processor) else {
            continue;
        };
        let everyone = notice.subjects.iter().any(SubjectId::is_everyone).then_some(None);
        let named = case.subjects(&notice.subjects).into_iter().map(Some);
        for whom in named.chain(everyone) {
            told.entry(whom).or_default().push((notice.at, by));
        }
    }
    told
}

fn is_told(case: &Case<'_>, told: &Told, actor: ProcessorNo, subject: SubjectNo, at: Instant) -> bool {
    let notices = [Some(subject), None]
        .into_iter()
        .filter_map(|whom| told.get(&whom))
        .flatten();
    let mut before = notices.filter(|(told_at, _)| *told_at <= at);
    before.any(|(_, by)| case.is_within(actor, *by, at))
}
