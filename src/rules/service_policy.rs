//! Check `service-policy`: every service has a policy in force (PIPL 17).

use super::case::Case;
use super::draft::Draft;
use crate::model::id::{ProcessorId, PurposeId};

/// Judges acts of these processors for services. A version that lists no services is for none.
pub fn judge(case: &Case<'_>, processors: &[ProcessorId], purposes: &[PurposeId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let processors = things.processor_numbers(processors);
    let services = things.purpose_numbers(purposes);
    let policies = case.policies_by_processor();
    for (number, act) in case.judged() {
        let Some(purpose) = act.purpose.filter(|purpose| things.serves(*purpose, &services)) else {
            continue;
        };
        if !case.admits(Some(&processors), act.actor, act.at) {
            continue;
        }
        let (_, version) = case.policy_of(&policies, act.actor, act.at);
        let is_covered = version
            .and_then(|version| version.services.as_ref())
            .is_some_and(|listed| things.serves(purpose, &things.purpose_numbers(listed)));
        if !is_covered {
            let witness = case.path_unless_collect(number, act.fields.first().copied(), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, "service-without-policy")
                    .because(version.map(|version| &version.id))
                    .witness(witness),
            );
        }
    }
}
