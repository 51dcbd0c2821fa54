//! Check `change-notice`: people are told before a changed policy applies to them (GDPR 13(3); PIPL 17).

use super::case::Case;
use super::draft::Draft;
use crate::graph::{ProcessorNo, SubjectNo};
use crate::model::fact::PolicyVersion;
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
            for (number, act) in case.judged() {
                let is_new = case.is_within(act.actor, processor, act.at)
                    && act.at >= after.effective
                    && act.kind != ActKind::Delete
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
                    .filter(|subject| !is_told(case, (after, act.actor), *subject, act.at))
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

fn is_told(
    case: &Case<'_>,
    (version, by): (&PolicyVersion, ProcessorNo),
    subject: SubjectNo,
    at: Instant,
) -> bool {
    case.notices().any(|(notice, _)| {
        notice.kind == NoticeKind::PolicyChange
            && case.is_named(&notice.processor, by, at)
            && notice.at <= at
            && notice.policy.as_ref().is_none_or(|id| *id == version.id)
            && (notice.subjects.iter().any(SubjectId::is_everyone)
                || case.subjects(&notice.subjects).contains(&subject))
    })
}
