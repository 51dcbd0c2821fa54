//! Check `policy-notice`: policies are published, and major changes announced, before they take effect.

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Fact;
use crate::model::word::ActKind;

/// Judges policy versions. The witness of a late publication are the acts done under a policy nobody could read.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (policy, place) in case.facts(|fact| {
        if let Fact::Policy(policy) = fact {
            Some(policy)
        } else {
            None
        }
    }) {
        let Some(processor) = case.processor(&policy.processor) else {
            continue;
        };
        let draft = |reason: &str| {
            Draft::of_fact(
                policy.id.as_str(),
                Some(place),
                policy.effective,
                processor,
                reason,
            )
            .because([&policy.id])
        };
        if policy
            .published
            .is_none_or(|published| published > policy.effective)
        {
            let readable = policy.published.unwrap_or(case.as_of);
            let acts = case
                .history
                .numbered()
                .filter(|(_, act)| {
                    case.is_within(act.actor, processor, act.at)
                        && act.kind != ActKind::Delete
                        && act.when.meets((policy.effective, Some(readable)))
                })
                .map(|(number, _)| number)
                .collect();
            out.push(draft("effective-before-published").witness(acts));
        }
        if policy.has_major_changes
            && policy
                .announced
                .is_none_or(|announced| announced > policy.effective)
        {
            out.push(draft("major-change-unannounced"));
        }
    }
}
