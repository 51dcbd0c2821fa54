//! Check `policy-notice`: policies are published, and major changes announced, before they take effect.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::fact::{Fact, PolicyVersion};
use crate::model::word::{ActKind, Section};

/// Judges policy versions. The witness of a late publication are the acts done under a policy nobody could read.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (policy, place) in case.facts_in(Section::Policies, |fact| {
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
        if is_unreadable(policy) {
            let readable = policy.published.unwrap_or(case.as_of);
            let acts = case
                .acts_by(Kinds::but(&[ActKind::Delete]), Some(&[processor]))
                .filter(|(_, act)| act.when.meets((policy.effective, Some(readable))))
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

/// Whether a version took effect that nobody could read.
fn is_unreadable(policy: &PolicyVersion) -> bool {
    policy
        .published
        .is_none_or(|published| published > policy.effective)
}

/// Whether any acts are listed that were done under a policy nobody could read.
pub fn lists_acts(case: &Case<'_>) -> bool {
    case.policies().any(|(policy, _)| is_unreadable(policy))
}
