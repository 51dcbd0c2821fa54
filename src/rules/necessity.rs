//! Check `necessity`: only what the purpose needs is acquired.

use super::case::Case;
use super::draft::Draft;
use crate::model::id::ProcessorId;

/// Judges acquisitions whose purpose itself says what it needs.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let limit = case.limit(processors);
    if things
        .purposes()
        .all()
        .all(|purpose| things.needs(purpose).is_none())
    {
        return;
    }
    for (number, act, to) in case.judged_to(limit.as_deref()) {
        let Some((purpose, needs)) = act
            .purpose
            .and_then(|purpose| Some((purpose, things.needs(purpose)?)))
        else {
            continue;
        };
        let fields = case.fields_of(act, |field| !needs.contains(&field));
        if let Some(first) = fields.first().copied() {
            let witness = case.path_unless_collect(number, Some(first), &act.subjects);
            out.push(
                Draft::of_act(number, act, to, "not-needed-for-purpose")
                    .fields(fields)
                    .because([things.purposes().id(purpose)])
                    .witness(witness),
            );
        }
    }
}
