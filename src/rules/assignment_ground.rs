//! Check `assignment-ground`: data is handed over for good only with explicit prior consent or by law (PIPL 22).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{FieldNo, SubjectNo};
use crate::model::rule::{Grades, Terms};
use crate::model::word::{ActKind, Grade};
use crate::policy::coverage::{Pair, Uncovered};

/// Judges assignments of personal data against the authorizations for the act `assign`; a consent must be explicit.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let terms = Terms {
        grades: Grades {
            other: Grade::Explicit,
            ..Grades::default()
        },
        ..Terms::default()
    };
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Assign]), None) {
        let mut groups: Vec<(Uncovered, Vec<(SubjectNo, FieldNo)>)> = Vec::new();
        for ((subject, field), held) in act.pairs().zip(case.held(number)) {
            let pair = Pair {
                subject,
                field,
                held: *held,
            };
            if !case.history.things.is_personal(field) {
                continue;
            }
            let gap = case.coverage.gap(&case.history, &case.replay, act, pair, terms);
            if let Some(gap) = gap {
                match groups.iter_mut().find(|(known, _)| *known == gap) {
                    Some((_, pairs)) => pairs.push((subject, field)),
                    None => groups.push((gap, vec![(subject, field)])),
                }
            }
        }
        for (gap, pairs) in groups {
            let least = case.least_pair(pairs.iter().copied(), |pair| pair);
            let witness = least.map_or_else(Vec::new, |(subject, field)| {
                case.path(number, Some(field), &[subject])
            });
            let nearest = gap
                .nearest
                .map(|position| &case.coverage.authorization(position).id);
            out.push(
                Draft::of_act(number, act, act.actor, format!("no-ground:{}", gap.gap.as_str()))
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect())
                    .because(nearest)
                    .witness(witness),
            );
        }
    }
}
