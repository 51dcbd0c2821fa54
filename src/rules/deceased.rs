//! Check `deceased`: relatives may use the rights of the deceased, within bounds (PIPL 49).

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::{Fact, Subject};
use crate::model::id::SubjectId;
use crate::model::word::{Outcome, Requester, Section};

/// What relatives may ask for.
const RIGHTS: &[&str] = &["access", "copy", "correct", "delete"];

/// Judges requests by relatives about somebody who had died by then.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let person = |id: &SubjectId| {
        case.facts_in(Section::Subjects, |fact| {
            if let Fact::Subject(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .map(|(subject, _): (&Subject, _)| subject)
        .find(|subject| subject.id == *id)
    };
    for (request, place) in case.requests().filter(|(r, _)| r.by == Requester::Relative) {
        let (Some(processor), Some(subject), Some(answered)) = (
            case.processor(&request.processor),
            case.subject(&request.subject),
            request.answered,
        ) else {
            continue;
        };
        let Some(deceased) = person(&request.subject).filter(|x| x.died.is_some_and(|at| at <= request.at))
        else {
            continue;
        };
        let is_theirs = request.kind.as_deref().is_some_and(|kind| RIGHTS.contains(&kind));
        let reason = match request.outcome {
            Some(Outcome::Refused) if is_theirs && !deceased.arranged => "relative-refused",
            Some(Outcome::Done) if !is_theirs || deceased.arranged => "beyond-rights-of-relatives",
            Some(Outcome::Refused | Outcome::Done) | None => continue,
        };
        out.push(
            Draft::of_fact(request.id.as_str(), Some(place), answered, processor, reason)
                .subjects(vec![subject])
                .fields(case.history.things.field_numbers(&request.fields))
                .because([&request.id]),
        );
    }
}
