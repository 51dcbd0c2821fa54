//! Check `identity-verified`: identity is checked before a request is granted.

use super::case::Case;
use super::draft::Draft;
use crate::model::word::Outcome;

/// Judges granted requests.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (request, place) in case.requests() {
        let (Some(processor), Some(subject), Some(answered), Some(Outcome::Done)) = (
            case.processor(&request.processor),
            case.subject(&request.subject),
            request.answered,
            request.outcome,
        ) else {
            continue;
        };
        if request.verified.is_none_or(|verified| verified > answered) {
            out.push(
                Draft::of_fact(
                    request.id.as_str(),
                    Some(place),
                    answered,
                    processor,
                    "answered-unverified",
                )
                .subjects(vec![subject])
                .fields(case.history.things.field_numbers(&request.fields))
                .because([&request.id]),
            );
        }
    }
}
