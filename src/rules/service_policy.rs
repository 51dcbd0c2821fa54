//! Check `service-policy`: every service has a policy in force (PIPL 17).

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::PurposeNo;
use crate::model::id::{FactId, ProcessorId, PurposeId};

/// Judges acts of these processors for services. A version that lists no services is for none.
pub fn judge(case: &Case<'_>, processors: &[ProcessorId], purposes: &[PurposeId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let processors = things.processor_numbers(processors);
    let services = things.purpose_numbers(purposes);
    let policies = case.policies_by_processor();
    let of_version: FxHashMap<&FactId, Vec<PurposeNo>> = policies
        .values()
        .flatten()
        .filter_map(|version| Some((&version.id, things.purpose_numbers(version.services.as_ref()?))))
        .collect();
    for (number, act) in case.judged_by(Kinds::ALL, Some(&processors)) {
        let Some(purpose) = act.purpose.filter(|purpose| things.serves(*purpose, &services)) else {
            continue;
        };
        let (_, version) = case.policy_of(&policies, act.actor, act.at);
        let is_covered = version
            .and_then(|version| of_version.get(&version.id))
            .is_some_and(|listed| things.serves(purpose, listed));
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
