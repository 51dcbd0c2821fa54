//! Check `refusal-reason`: a refusal comes with a reason (GDPR 12(4); PIPL 50).

use super::case::Case;
use super::draft::Draft;
use crate::model::word::Outcome;

/// Judges refused requests; the reason is one of those that are allowed, if they are listed.
pub fn judge(case: &Case<'_>, allowed: Option<&[String]>, out: &mut Vec<Draft>) {
    for (request, place) in case.requests() {
        let reason = match &request.reason {
            None => "no-reason-given",
            Some(given) if allowed.is_some_and(|list| !list.contains(given)) => "reason-not-listed",
            Some(_) => continue,
        };
        let (Some(processor), Some(subject), Some(answered), Some(Outcome::Refused)) = (
            case.processor(&request.processor),
            case.subject(&request.subject),
            request.answered,
            request.outcome,
        ) else {
            continue;
        };
        out.push(
            Draft::of_fact(request.id.as_str(), Some(place), answered, processor, reason)
                .subjects(vec![subject])
                .fields(case.history.things.field_numbers(&request.fields))
                .because([&request.id]),
        );
    }
}
