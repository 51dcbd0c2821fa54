//! Check `request-deadline`: requests are answered within a number of working days (GDPR 12(3); PIPL 50).

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Fact;
use crate::model::time::{Instant, day_after};
use crate::model::word::Requester;

/// Judges requests to all processors, of all kinds and by everybody unless these are listed. The deadline is the local midnight after the last working day.
pub fn judge(
    case: &Case<'_>,
    working_days: u32,
    kinds: Option<&[String]>,
    by: Option<&[Requester]>,
    out: &mut Vec<Draft>,
) {
    let zone = &case.header.zone;
    for (request, place) in case.facts(|fact| {
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
        let last_day = case
            .header
            .calendar
            .working_day_after(zone.day_of(request.at), working_days);
        // A calendar without working days never lets the time run out.
        let Some(deadline): Option<Instant> = last_day.map(|day| zone.midnight(day_after(day))) else {
            continue;
        };
        let reason = match request.answered {
            None if case.as_of >= deadline => "never-answered",
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
