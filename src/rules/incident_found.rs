//! Check `incident-found`: whoever has an incident finds it and tells; nobody has to find it for him.

use super::case::Case;
use super::draft::Draft;
use crate::model::id::ProcessorId;

/// Judges incidents that somebody else found and that were never told to the platform.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (incident, place) in case.incidents() {
        let Some(processor) = case.processor(&incident.processor) else {
            continue;
        };
        let things = &case.history.things;
        let organization = |number| things.organization(number, incident.known);
        let is_another = |by: &&ProcessorId| {
            case.processor(by)
                .is_none_or(|by| organization(by) != organization(processor))
        };
        let finder = incident.found_by.as_ref().filter(is_another);
        if let (Some(finder), None) = (finder, incident.platform_told) {
            out.push(
                Draft::of_fact(
                    incident.id.as_str(),
                    Some(place),
                    incident.known,
                    processor,
                    "found-by-another",
                )
                .subjects(case.subjects(&incident.subjects))
                .fields(case.history.things.field_numbers(&incident.fields))
                .because([incident.id.as_str(), finder.as_str()]),
            );
        }
    }
}
