//! Check `minimum-retention`: data that a law wants kept is kept as long.

use super::case::Case;
use super::draft::Draft;
use crate::graph::{ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::rule::RetentionLimit;

/// The delete, the acquiring act, and the holder.
type Key = (ActNo, ActNo, ProcessorNo);

/// Judges copies that a deletion ended before their time; an assignment hands the duty on.
pub fn judge(
    case: &Case<'_>,
    limits: &[RetentionLimit],
    processors: Option<&Vec<ProcessorId>>,
    out: &mut Vec<Draft>,
) {
    let rule_limit = case.limit(processors);
    for limit in limits {
        let fields = case.data(&limit.data);
        // A limit for one processor, under a rule for some.
        let only = limit.processor.as_ref().map(|id| case.processor(id));
        let limited: Option<Vec<ProcessorNo>> = match only {
            Some(only) => Some(only.into_iter().collect()),
            None => rule_limit.clone(),
        };
        let mut groups: Vec<(Key, Vec<(SubjectNo, FieldNo)>)> = Vec::new();
        for (number, copy) in case.copies_held_by(limited.as_deref()) {
            let holding = case.replay.holding_of(copy);
            let Some(end) = case.replay.end_of(copy).filter(|end| end.is_deletion) else {
                continue;
            };
            let is_early = fields.has(holding.field)
                && case.admits(rule_limit.as_deref(), holding.processor, end.at)
                && only.is_none_or(|only| {
                    only.is_some_and(|only| case.is_within(holding.processor, only, end.at))
                })
                && end.at < copy.start.plus_days(limit.days);
            if is_early {
                let key = (end.by, copy.via, holding.processor);
                let pair = case.pair_of(number);
                match groups.iter_mut().rev().find(|(known, _)| *known == key) {
                    Some((_, pairs)) => pairs.push(pair),
                    None => groups.push((key, vec![pair])),
                }
            }
        }
        for ((ended, acquired, processor), pairs) in groups {
            let act = case.history.act(ended);
            out.push(
                Draft::of_act(ended, act, processor, "deleted-early")
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect())
                    .because([&case.history.act(acquired).id])
                    .witness(vec![acquired, ended]),
            );
        }
    }
}
