//! Check `incident-notice`: subjects, regulator and platform are told of an incident in time (GDPR 33–34; PIPL 57).

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use crate::graph::SubjectNo;
use crate::model::fact::{Fact, Incident};
use crate::model::id::ProcessorId;
use crate::model::time::{Instant, Span};
use crate::model::word::Section;

/// What may be told late, in the order of `within`.
const NEVER: [&str; 3] = ["subjects-not-told", "regulator-not-told", "platform-not-told"];
const LATE: [&str; 3] = ["subjects-told-late", "regulator-told-late", "platform-told-late"];

/// Judges incidents; `within` are the hours for subjects, regulator and platform, from the moment of knowledge or, if so
/// wanted, of the first suspicion.
pub fn judge(
    case: &Case<'_>,
    within: [Option<Span>; 3],
    from_suspicion: bool,
    processors: Option<&Vec<ProcessorId>>,
    out: &mut Vec<Draft>,
) {
    let limit = case.limit(processors);
    for (incident, place) in case.facts_in(Section::Incidents, |fact| {
        if let Fact::Incident(incident) = fact {
            Some(incident)
        } else {
            None
        }
    }) {
        let Some(processor) = case
            .processor(&incident.processor)
            .filter(|p| case.admits(limit.as_deref(), *p, incident.known))
        else {
            continue;
        };
        let begin = incident.begin(from_suspicion);
        let all: Vec<SubjectNo> = case.subjects(&incident.subjects);
        let fields = case.history.things.field_numbers(&incident.fields);
        let told = told(case, incident);
        for (reasons, wants_late) in [(NEVER, false), (LATE, true)] {
            for (i, reason) in reasons.into_iter().enumerate() {
                let Some(deadline) = within[i].map(|span| begin.plus(span)) else {
                    continue;
                };
                let is_wrong = |told: Option<Instant>| match told {
                    None => !wants_late && case.is_past(deadline, &all),
                    Some(told) => wants_late && told > deadline,
                };
                let subjects: Vec<SubjectNo> = match i {
                    0 => all
                        .iter()
                        .copied()
                        .filter(|subject| is_wrong(told_to(&told, *subject)))
                        .collect(),
                    1 if is_wrong(incident.regulator_told) => all.clone(),
                    2 if is_wrong(incident.platform_told) => all.clone(),
                    _ => continue,
                };
                if i == 0 && subjects.is_empty() {
                    continue;
                }
                out.push(
                    Draft::of_fact(incident.id.as_str(), Some(place), deadline, processor, reason)
                        .subjects(subjects)
                        .fields(fields.clone())
                        .because([&incident.id]),
                );
            }
        }
    }
}

/// Where in the list each was told last, and when; `None` stands for everyone.
type Told = FxHashMap<Option<SubjectNo>, (usize, Instant)>;

fn told(case: &Case<'_>, incident: &Incident) -> Told {
    let mut told = Told::default();
    for (place, (id, at)) in incident.subjects_told.iter().enumerate() {
        if id.is_everyone() {
            told.insert(None, (place, *at));
        }
        for subject in case.subjects(std::slice::from_ref(id)) {
            told.insert(Some(subject), (place, *at));
        }
    }
    told
}

/// When the subject was told: by name, in a cohort, or with everyone; the last entry counts.
fn told_to(told: &Told, subject: SubjectNo) -> Option<Instant> {
    [Some(subject), None]
        .iter()
        .filter_map(|whom| told.get(whom))
        .max_by_key(|(place, _)| *place)
        .map(|(_, at)| *at)
}
