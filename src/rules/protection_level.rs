//! Check `protection-level`: partners protect data as well as a certain processor does.

use super::case::Case;
use super::draft::Draft;
use crate::model::id::ProcessorId;
use crate::model::time::Instant;

/// Judges the standing safeguards of the listed processors.
pub fn judge(
    case: &Case<'_>,
    processors: &[ProcessorId],
    at_least: &ProcessorId,
    since: Instant,
    out: &mut Vec<Draft>,
) {
    let things = &case.history.things;
    let Some(measure) = case.processor(at_least) else {
        return;
    };
    let safeguards = |processor| {
        case.around(processor, since)
            .flat_map(|outer| &things.processor(outer).safeguards)
    };
    for id in processors {
        let Some(processor) = case.processor(id) else {
            continue;
        };
        let own: Vec<_> = safeguards(processor).collect();
        let mut lacking: Vec<&str> = safeguards(measure)
            .filter(|safeguard| !own.contains(safeguard))
            .map(crate::model::id::Safeguard::as_str)
            .collect();
        lacking.sort_unstable();
        lacking.dedup();
        if !lacking.is_empty() {
            let reason = format!("below:{}", lacking.join(","));
            out.push(Draft::of_fact(id.as_str(), None, since, processor, reason).because([at_least]));
        }
    }
}
