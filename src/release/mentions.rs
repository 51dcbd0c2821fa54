//! Who still names a fact that is gone. A name that nothing declares would be passed over by the engine, and a check
//! that passes over something is no check.

use crate::facts::{self, Reading};
use crate::import;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::place::{Place, Problem};
use crate::model::word::Section;

/// Whether facts of other sections may name those of this one.
pub const fn is_named(section: Section) -> bool {
    section.is_declaration() || matches!(section, Section::Policies | Section::Requests)
}

/// The problems of facts that name one of those gone, unless another of that name is there. Cost: nothing when none is
/// gone; else facts but acts are read again from their text.
pub fn of_gone(facts: &[Stated], gone: &[(Section, &str)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let still_there = |section: Section, id: &str| {
        facts
            .iter()
            .any(|stated| stated.fact.section() == section && stated.fact.id() == Some(id))
    };
    let gone: Vec<(Section, &str)> = gone
        .iter()
        .copied()
        .filter(|(section, id)| !still_there(*section, id))
        .collect();
    if gone.is_empty() {
        return problems;
    }
    for stated in facts {
        if let Fact::Act(act) = &stated.fact {
            let named = of_act(act).find(|named| gone.contains(named));
            problems.extend(named.map(|(section, id)| unknown(section, id, &stated.place)));
            continue;
        }
        let mut reading = Reading::new(&stated.place.file);
        let Some(node) = import::json_line(&stated.item, &mut reading) else {
            continue;
        };
        let _ = facts::item(stated.fact.section(), &node, &[], &mut reading);
        let open = std::mem::take(&mut reading.references).into_open();
        let named = open.iter().find(|reference| {
            let is_gone = |section| gone.contains(&(section, &*reference.id));
            // A name that two sections may declare is gone when neither does.
            reference.sections().any(is_gone)
                && !reference
                    .sections()
                    .any(|section| still_there(section, &reference.id))
        });
        problems.extend(named.map(|reference| unknown(reference.section, &reference.id, &stated.place)));
    }
    problems
}

fn of_act(act: &Act) -> impl Iterator<Item = (Section, &str)> {
    let parties = [Some(&act.actor), act.recipient.as_ref(), act.source.as_ref()];
    let parties = parties
        .into_iter()
        .flatten()
        .map(|id| (Section::Processors, id.as_str()));
    let fields = act
        .fields
        .iter()
        .chain(&act.makes)
        .map(|id| (Section::Fields, id.as_str()));
    let subjects = act
        .subjects
        .iter()
        .flat_map(|id| NAMES_PEOPLE.map(|section| (section, id.as_str())));
    let purpose = act.purpose.iter().map(|id| (Section::Purposes, id.as_str()));
    parties.chain(fields).chain(subjects).chain(purpose)
}

/// Sections whose names stand where subjects are listed. No name is in two of them.
const NAMES_PEOPLE: [Section; 2] = [Section::Subjects, Section::Cohorts];

fn unknown(section: Section, id: &str, place: &Place) -> Problem {
    Problem {
        code: crate::model::place::ProblemCode::UnknownReference,
        place: place.clone(),
        message: format!("this names `{id}` of `{section}`, which the change takes back"),
        help: "take this back too, or keep what it names".to_owned(),
    }
}
