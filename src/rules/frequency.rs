//! Check `frequency`: data is not collected more often than allowed.

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use crate::graph::{ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::rule::Data;
use crate::model::time::Span;
use crate::model::word::ActKind;

/// Judges each collection of a pair against the one just before it, whether that was itself too early or not, and whoever
/// its collector was inside of then.
pub fn judge(
    case: &Case<'_>,
    data: &Data,
    min_distance: Span,
    processors: Option<&Vec<ProcessorId>>,
    out: &mut Vec<Draft>,
) {
    let fields = case.data(data);
    let limit = case.limit(processors);
    let mut last: FxHashMap<(ProcessorNo, FieldNo, SubjectNo), ActNo> = FxHashMap::default();
    let acts = case.acts_ever_by(limit.as_deref());
    for (number, act) in acts.filter(|(_, act)| act.kind == ActKind::Collect) {
        let is_judged = case.admits(limit.as_deref(), act.actor, act.at);
        let mut groups: Vec<(ActNo, Vec<(SubjectNo, FieldNo)>)> = Vec::new();
        for (subject, field) in act.pairs().filter(|(_, field)| fields.has(*field)) {
            let earlier = last.insert((act.actor, field, subject), number);
            // A pair listed twice in one act is one collection.
            let Some(earlier) = earlier.filter(|earlier| *earlier != number) else {
                continue;
            };
            if is_judged && Span::between(case.history.act(earlier).at, act.at) < min_distance {
                match groups.iter_mut().find(|(other, _)| *other == earlier) {
                    Some((_, pairs)) => pairs.push((subject, field)),
                    None => groups.push((earlier, vec![(subject, field)])),
                }
            }
        }
        for (earlier, pairs) in groups {
            out.push(
                Draft::of_act(number, act, act.actor, "too-frequent")
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect())
                    .witness(vec![earlier, number]),
            );
        }
    }
}
