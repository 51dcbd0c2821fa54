//! Check `lawful-source`: nothing is acquired from a processor whose data comes from an unlawful source.

use super::case::Case;
use super::draft::Draft;
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Judges acquisitions by who gave, or else by where a collection came from.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let limit = case.limit(processors);
    let all_lawful = things
        .processors()
        .all()
        .all(|processor| things.processor(processor).lawful_source);
    if all_lawful {
        return;
    }
    for (number, act, to) in case.judged_to(limit.as_deref()) {
        let is_collect = act.kind == ActKind::Collect;
        let source = if is_collect { act.source } else { Some(act.actor) };
        if let Some(source) = source.filter(|source| !things.is_lawful_source(*source, act.at)) {
            let witness = if is_collect {
                vec![number]
            } else {
                case.path(number, act.fields.first().copied(), &act.subjects)
            };
            out.push(
                Draft::of_act(number, act, to, "unlawful-source")
                    .because([things.processors().id(source)])
                    .witness(witness),
            );
        }
    }
}
