//! Check `reidentification`: anonymous data stays anonymous.
//!
//! A reidentification proves that its anonymized inputs never were anonymous, so every release of them, earlier
//! ones too, was a release of personal data.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::replay::Held;
use crate::graph::{FieldNo, SubjectNo};
use crate::model::fact;
use crate::model::word::{ActKind, Method};

/// Judges reidentifications, and all releases of what they defeat. Whoever re-identifies defeats the anonymity of
/// everybody's data: which acts do is taken from the facts, so that the releases of some people can be judged alone.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Derive]), None) {
        if act.method != Some(Method::Reidentify) {
            continue;
        }
        for (number, act) in case.judged_as(number) {
            let inputs = case.fields_of(act, |field| !things.is_personal(field));
            let Some(first) = inputs.first().copied() else {
                continue;
            };
            let names: Vec<_> = inputs.iter().map(|field| things.fields().id(*field)).collect();
            out.push(
                Draft::of_act(number, act, act.actor, "reidentified")
                    .fields(act.makes.to_vec())
                    .because(&names)
                    .witness(case.path(number, Some(first), &act.subjects)),
            );
        }
    }
    for act in case.reidentifications() {
        for field in things.field_numbers(&act.fields) {
            if !things.is_personal(field) {
                releases(case, act, field, out);
            }
        }
    }
}

fn releases(case: &Case<'_>, reidentify: &fact::Act, field: FieldNo, out: &mut Vec<Draft>) {
    let releases = [
        ActKind::Share,
        ActKind::Disclose,
        ActKind::Delegate,
        ActKind::Assign,
    ];
    for (number, act) in case.judged_by(Kinds::of(&releases), None) {
        if !act.fields.contains(&field) {
            continue;
        }
        let subjects: Vec<SubjectNo> = act
            .pairs()
            .zip(case.held(number))
            .filter(|((_, other), held)| {
                *other == field && matches!(held, Held::Copies(_) | Held::Deleted(_))
            })
            .map(|((subject, _), _)| subject)
            .collect();
        if !subjects.is_empty() {
            let witness = case.path(number, Some(field), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, "anonymity-defeated-later")
                    .subjects(subjects)
                    .fields(vec![field])
                    .because([&reidentify.id])
                    .witness(witness),
            );
        }
    }
}
