//! Check `declared`: what is done stands in the policy version in force (GDPR 13; PIPL 17).

use super::case::Case;
use super::draft::Draft;
use crate::graph::{Act, FieldNo};
use crate::model::fact::{Declared, PolicyVersion};
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Judges what processors do with personal data for a purpose against the version in force at that instant. A version
/// that declares nothing at all says nothing. Without a limit only processors that have a policy are judged.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let policies = case.policies_by_processor();
    for (number, act) in case.judged() {
        if !is_declared_of(act.kind) || !case.admits(limit.as_ref(), act.actor, act.at) {
            continue;
        }
        let (has_policy, version) = case.policy_of(&policies, act.actor, act.at);
        if !has_policy && limit.is_none() {
            continue;
        }
        let (reason, fields) = match version {
            None => ("no-policy-in-force", case.personal_fields(act)),
            Some(version) => ("undeclared", undeclared(case, act, version)),
        };
        let Some(first) = fields.first().copied() else {
            continue;
        };
        let witness = case.path_unless_collect(number, Some(first), &act.subjects);
        out.push(
            Draft::of_act(number, act, act.actor, reason)
                .fields(fields)
                .because(version.map(|version| &version.id))
                .witness(witness),
        );
    }
}

fn is_declared_of(kind: ActKind) -> bool {
    matches!(
        kind,
        ActKind::Collect
            | ActKind::Derive
            | ActKind::Use
            | ActKind::Share
            | ActKind::Verify
            | ActKind::Disclose
            | ActKind::Delegate
            | ActKind::Assign
    )
}

fn undeclared(case: &Case<'_>, act: &Act, version: &PolicyVersion) -> Vec<FieldNo> {
    let Some(declares) = &version.declares else {
        return Vec::new();
    };
    let fitting: Vec<&Declared> = declares
        .iter()
        .filter(|declared| fits(case, act, declared))
        .collect();
    let things = &case.history.things;
    case.fields_of(act, |field| {
        let is_meant = |declared: &&Declared| {
            declared.data.fields.contains(things.fields().id(field))
                || things.is_in(field, &things.category_numbers(&declared.data.categories))
        };
        things.is_personal(field) && !fitting.iter().any(is_meant)
    })
}

/// Whether the declaration speaks of such an act, whatever its data.
fn fits(case: &Case<'_>, act: &Act, declared: &Declared) -> bool {
    let things = &case.history.things;
    let purposes = things.purpose_numbers(&declared.purposes);
    act.purpose
        .is_some_and(|purpose| things.serves(purpose, &purposes))
        && declared.acts.as_ref().is_none_or(|acts| acts.contains(&act.kind))
        && declared.recipients.as_ref().is_none_or(|recipients| {
            act.recipient
                .is_none_or(|to| case.is_one_of(recipients, to, act.at))
        })
}
