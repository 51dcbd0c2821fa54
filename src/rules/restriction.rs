//! Check `restriction`: what is restricted is kept and no more (GDPR 18; PIPL 44, 47).

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Keeping, putting right and ending are what a restriction leaves.
const LEFT_FREE: [ActKind; 4] = [
    ActKind::Store,
    ActKind::Correct,
    ActKind::Restrict,
    ActKind::Delete,
];

/// Judges acts on pairs that their actor had restricted and not set free. Cost: beside one look at each pair of an act,
/// nothing where nobody restricts.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let restricted = restrictions(case);
    if restricted.is_empty() {
        return;
    }
    for (number, act) in case.judged_by(Kinds::but(&LEFT_FREE), limit.as_deref()) {
        let mut found: BTreeMap<ActNo, Vec<(SubjectNo, FieldNo)>> = BTreeMap::new();
        for (subject, field) in act.pairs() {
            let all = restricted.get(&(act.actor, field, subject));
            let Some(by) = all.and_then(|all| in_force(case, all, number)) else {
                continue;
            };
            found.entry(by).or_default().push((subject, field));
        }
        for (by, pairs) in found {
            let least = case.least_pair(pairs.iter().copied(), |pair| pair);
            let witness = least.map_or_else(Vec::new, |(subject, field)| {
                case.path_unless_collect(number, Some(field), &[subject])
            });
            out.push(
                Draft::of_act(number, act, act.actor, "used-while-restricted")
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect())
                    .because([&case.history.act(by).id])
                    .witness(witness),
            );
        }
    }
}

/// From a restrict act to the act that lifts it, if one does.
struct Restriction {
    by: ActNo,
    lifted: Option<ActNo>,
}

type Restrictions = FxHashMap<(ProcessorNo, FieldNo, SubjectNo), Vec<Restriction>>;

/// What was restricted, by whom, from when to when: of several restrict acts in a row the first begins it, and one act
/// lifts them all.
fn restrictions(case: &Case<'_>) -> Restrictions {
    let mut all = Restrictions::default();
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Restrict]), None) {
        for (subject, field) in act.pairs() {
            let list = all.entry((act.actor, field, subject)).or_default();
            let open = list.last_mut().filter(|last| last.lifted.is_none());
            match open {
                Some(open) if act.lifts => open.lifted = Some(number),
                None if !act.lifts => list.push(Restriction {
                    by: number,
                    lifted: None,
                }),
                Some(_) | None => {}
            }
        }
    }
    all
}

/// The act that restricts when this act takes place. What begins and ends at the very instant of a moment of a standing
/// act is not in force there: the moment goes on.
fn in_force(case: &Case<'_>, all: &[Restriction], number: ActNo) -> Option<ActNo> {
    let is_before = |other: ActNo| match case.moment(number) {
        Some(moment) => case.history.act(other).at <= moment.act.at,
        None => other < number,
    };
    all.iter()
        .find(|restriction| is_before(restriction.by) && !restriction.lifted.is_some_and(is_before))
        .map(|restriction| restriction.by)
}
