//! Check `reidentification`: anonymous data stays anonymous.
//!
//! A reidentification proves that its anonymized inputs never were anonymous, so every release of them, earlier
//! ones too, was a release of personal data.

use super::case::Case;
use super::draft::Draft;
use crate::graph::replay::Held;
use crate::graph::{Act, FieldNo, SubjectNo};
use crate::model::word::{ActKind, Method};

/// Judges reidentifications, and then all releases of what they defeat.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for (number, act) in case.history.numbered() {
        if act.kind != ActKind::Derive || act.method != Some(Method::Reidentify) {
            continue;
        }
        let anonymized = case.fields_of(act, |field| !things.is_personal(field));
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
        for field in anonymized {
            releases(case, act, field, out);
        }
    }
}

fn releases(case: &Case<'_>, reidentify: &Act, field: FieldNo, out: &mut Vec<Draft>) {
    for (number, act) in case.judged() {
        let is_release = matches!(
            act.kind,
            ActKind::Share | ActKind::Disclose | ActKind::Delegate | ActKind::Assign
        );
        if !is_release || !act.fields.contains(&field) {
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
