//! Check `evidence`: documents and certificates are on record and valid. What they say is not checked.

use super::case::{Case, in_force};
use super::draft::Draft;
use crate::model::fact::Evidence;
use crate::model::id::ProcessorId;

/// Judges each listed processor for each listed kind of evidence.
pub fn judge(
    case: &Case<'_>,
    processors: &[ProcessorId],
    kinds: &[String],
    within_days: Option<i64>,
    out: &mut Vec<Draft>,
) {
    for id in processors {
        let Some(processor) = case.processor(id) else {
            continue;
        };
        for kind in kinds {
            let all = of(case, id, kind);
            if all.iter().any(|evidence| is_good(case, evidence, within_days)) {
                continue;
            }
            let word = if all.is_empty() { "missing" } else { "lapsed" };
            let name = format!("evidence:{kind}");
            out.push(
                Draft::of_fact(name, None, case.as_of, processor, format!("{word}:{kind}"))
                    .because(all.iter().map(|evidence| &evidence.id)),
            );
        }
    }
}

/// Whether it is in force at `as_of`, and not older than a limit.
pub fn is_good(case: &Case<'_>, evidence: &Evidence, within_days: Option<i64>) -> bool {
    in_force(evidence.from, evidence.until, case.as_of)
        && within_days.is_none_or(|days| case.as_of <= evidence.from.plus_days(days))
}

/// All evidence of a kind that a processor has, or what it lies inside at `as_of`, in the order of the record.
pub fn of<'f>(case: &Case<'f>, processor: &ProcessorId, kind: &str) -> Vec<&'f Evidence> {
    case.evidence()
        .map(|(evidence, _)| evidence)
        .filter(|evidence| {
            let is_theirs = |holder| case.is_named(&evidence.processor, holder, case.as_of);
            evidence.kind == *kind && case.processor(processor).is_some_and(is_theirs)
        })
        .collect()
}
