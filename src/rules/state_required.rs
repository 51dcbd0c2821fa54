//! Check `state-required`: data is made less identifiable before such acts.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::id::PurposeId;
use crate::model::word::{ActKind, State};

/// Judges acts of these kinds for these purposes by the declared state of their fields.
pub fn judge(
    case: &Case<'_>,
    acts: &[ActKind],
    purposes: &[PurposeId],
    allowed: &[State],
    out: &mut Vec<Draft>,
) {
    let things = &case.history.things;
    let purposes = things.purpose_numbers(purposes);
    for (number, act) in case.judged_by(Kinds::of(acts), None) {
        let is_concerned = act
            .purpose
            .is_some_and(|purpose| things.serves(purpose, &purposes));
        if !is_concerned {
            continue;
        }
        let fields = case.fields_of(act, |field| !allowed.contains(&things.state(field)));
        if let Some(first) = fields.first().copied() {
            let witness = case.path(number, Some(first), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, "identified-data")
                    .fields(fields)
                    .witness(witness),
            );
        }
    }
}
