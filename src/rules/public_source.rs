//! Check `public-source`: data said to be public comes from a public source (PIPL 27).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::rule::Data;
use crate::model::word::{ActKind, ProcessorKind};

/// Judges collections of this data by the kind of their source; one that names no source has none.
pub fn judge(case: &Case<'_>, data: &Data, kinds: &[ProcessorKind], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let data = case.data(data);
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Collect]), None) {
        let is_public = act
            .source
            .is_some_and(|source| kinds.contains(&things.kind_at(source, act.at)));
        if is_public {
            continue;
        }
        let fields = case.fields_of(act, |field| data.has(field));
        if !fields.is_empty() {
            out.push(
                Draft::of_act(number, act, act.actor, "source-not-public")
                    .fields(fields)
                    .because(act.source.map(|source| case.processor_id(source)))
                    .witness(vec![number]),
            );
        }
    }
}
