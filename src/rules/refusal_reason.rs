//! Check `refusal-reason`: a refusal comes with a reason (GDPR 12(4); PIPL 50).

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Fact;
use crate::model::word::Outcome;

/// Judges refused requests.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (request, place) in case.facts(|fact| {
        if let Fact::Request(request) = fact {
            Some(request)
        } else {
            None
        }
    }) {
        let is_bare = request.outcome == Some(Outcome::Refused) && !request.has_reason;
        let (Some(processor), Some(subject), Some(answered), true) = (
            case.processor(&request.processor),
            case.subject(&request.subject),
            request.answered,
            is_bare,
        ) else {
            continue;
        };
        out.push(
            Draft::of_fact(
                request.id.as_str(),
                Some(place),
                answered,
                processor,
                "no-reason-given",
            )
            .subjects(vec![subject])
            .fields(case.history.things.field_numbers(&request.fields))
            .because([&request.id]),
        );
    }
}
