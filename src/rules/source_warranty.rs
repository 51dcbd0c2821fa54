//! Check `source-warranty`: a source vouches for what it gives.

use super::case::{Case, in_force};
use super::draft::Draft;
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Judges acquisitions from another processor: it has evidence of one of these kinds in force at that instant.
pub fn judge(case: &Case<'_>, kinds: &[String], processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let vouching: Vec<_> = case
        .evidence()
        .map(|(evidence, _)| evidence)
        .filter(|evidence| kinds.contains(&evidence.kind))
        .collect();
    for (number, act, to) in case.judged_to(limit.as_deref()) {
        let source = if act.kind == ActKind::Collect {
            act.source
        } else {
            Some(act.actor)
        };
        // A delegate works on the giver's behalf: nothing is vouched for.
        let Some(source) = source.filter(|source| *source != to && act.kind != ActKind::Delegate) else {
            continue;
        };
        let vouches = vouching.iter().any(|evidence| {
            case.is_named(&evidence.processor, source, act.at)
                && in_force(evidence.from, evidence.until, act.at)
        });
        if !vouches {
            let witness = case.path_unless_collect(number, act.fields.first().copied(), &act.subjects);
            out.push(
                Draft::of_act(number, act, to, "no-warranty")
                    .because([case.processor_id(source)])
                    .witness(witness),
            );
        }
    }
}
