//! Check `optout`: a switch that a subject turned off is respected.

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Fact;
use crate::model::word::ActKind;

/// Judges uses, shares and disclosures after a choice against them.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for (choice, _) in case.facts(|fact| {
        if let Fact::Choice(choice) = fact {
            Some(choice)
        } else {
            None
        }
    }) {
        let (Some(subject), Some(processor), Some(off)) = (
            case.subject(&choice.subject),
            case.processor(&choice.processor),
            things.purposes().get(&choice.purpose),
        ) else {
            continue;
        };
        for (number, act) in case.judged() {
            let is_after = matches!(act.kind, ActKind::Use | ActKind::Share | ActKind::Disclose)
                && act.at >= choice.at
                && act.actor == processor
                && act.subjects.contains(&subject)
                && act.purpose.is_some_and(|purpose| things.serves(purpose, &[off]));
            if is_after {
                let witness = case.path(number, act.fields.first().copied(), &[subject]);
                out.push(
                    Draft::of_act(number, act, act.actor, "after-optout")
                        .subjects(vec![subject])
                        .because([&choice.id])
                        .witness(witness),
                );
            }
        }
    }
}
