//! Check `incident-content`: what people are told of an incident is complete, and reaches them (GDPR 34; PIPL 57).

use super::case::Case;
use super::draft::Draft;
use super::gather::Gather;
use crate::graph::{ProcessorNo, SubjectNo};
use crate::model::fact::Incident;
use crate::model::id::CategoryId;

/// Judges incidents of which people were told. An announcement is for those whom nothing else reaches.
pub fn judge(case: &Case<'_>, needs: &[String], contact: &[CategoryId], out: &mut Vec<Draft>) {
    for (incident, place) in case.incidents() {
        let Some(processor) = case.processor(&incident.processor) else {
            continue;
        };
        let draft = |reason: String| {
            Draft::of_fact(
                incident.id.as_str(),
                Some(place),
                incident.known,
                processor,
                reason,
            )
            .fields(case.history.things.field_numbers(&incident.fields))
            .because([&incident.id])
        };
        let is_told = !incident.subjects_told.is_empty() || incident.announced;
        let told = incident.contents.as_deref().unwrap_or(&[]);
        let missing: Vec<&str> = needs
            .iter()
            .filter(|part| !told.contains(part))
            .map(String::as_str)
            .collect();
        if is_told && !missing.is_empty() {
            let subjects = case.subjects(&incident.subjects);
            out.push(draft(format!("content-missing:{}", missing.join(","))).subjects(subjects));
        }
        if incident.announced {
            for subject in reachable(case, incident, processor, contact) {
                let reason = "announced-though-reachable".to_owned();
                out.push(draft(reason).gathered(Gather::All, subject));
            }
        }
    }
}

/// The subjects of whom the processor held contact data when it knew of the incident.
fn reachable(
    case: &Case<'_>,
    incident: &Incident,
    processor: ProcessorNo,
    contact: &[CategoryId],
) -> Vec<SubjectNo> {
    let things = &case.history.things;
    let contact = things.category_numbers(contact);
    let fields: Vec<_> = things
        .fields()
        .all()
        .filter(|field| things.is_in(*field, &contact))
        .collect();
    let parts: Vec<ProcessorNo> = things
        .processors()
        .all()
        .filter(|part| case.is_within(*part, processor, incident.known))
        .collect();
    case.subjects(&incident.subjects)
        .into_iter()
        .filter(|subject| {
            let places = parts
                .iter()
                .flat_map(|part| fields.iter().map(move |field| (*part, *field)));
            places
                .flat_map(|(part, field)| case.replay.copies_at(part, field, *subject))
                .map(|copy| case.replay.copy(*copy))
                .any(|copy| copy.start <= incident.known && case.outlives(copy, incident.known))
        })
        .collect()
}
