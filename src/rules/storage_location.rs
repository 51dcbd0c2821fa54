//! Check `storage-location`: data is stored in allowed countries.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::id::{Country, ProcessorId};
use crate::model::word::ActKind;

/// Judges store acts by where they place.
pub fn judge(
    case: &Case<'_>,
    processors: Option<&Vec<ProcessorId>>,
    allowed: &[Country],
    out: &mut Vec<Draft>,
) {
    let limit = case.limit(processors);
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Store]), limit.as_deref()) {
        let is_abroad = act
            .location
            .as_ref()
            .is_some_and(|country| !allowed.contains(country));
        if is_abroad {
            let witness = case.path(number, act.fields.first().copied(), &act.subjects);
            out.push(Draft::of_act(number, act, act.actor, "stored-abroad").witness(witness));
        }
    }
}
