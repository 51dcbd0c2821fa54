//! Check `request-deadline`: requests are answered in time (GDPR 12(3); PIPL 50).

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Fact;
use crate::model::rule::Term;
use crate::model::word::{Requester, Section};

/// Judges requests to all processors, of all kinds and by everybody unless these are listed.
pub fn judge(
    case: &Case<'_>,
    within: Term,
    kinds: Option<&[String]>,
    by: Option<&[Requester]>,
    out: &mut Vec<Draft>,
) {
    for (request, place) in case.facts_in(Section::Requests, |fact| {
        if let Fact::Request(request) = fact {
            Some(request)
        } else {
            None
        }
    }) {
        let is_meant = kinds.is_none_or(|list| request.kind.as_ref().is_some_and(|kind| list.contains(kind)))
            && by.is_none_or(|list| list.contains(&request.by));
        if !is_meant {
            continue;
        }
        let (Some(processor), Some(subject)) =
            (case.processor(&request.processor), case.subject(&request.subject))
        else {
            continue;
        };
        let Some(deadline) = within.deadline(request.at, &case.header.zone, &case.header.calendar) else {
            continue;
        };
        let reason = match request.answered {
            None if case.has_come(deadline, &[subject]) => "never-answered",
            Some(answered) if answered >= deadline => "answered-late",
            None | Some(_) => continue,
        };
        out.push(
            Draft::of_fact(request.id.as_str(), Some(place), deadline, processor, reason)
                .subjects(vec![subject])
                .fields(case.history.things.field_numbers(&request.fields))
                .because([&request.id]),
        );
    }
}
