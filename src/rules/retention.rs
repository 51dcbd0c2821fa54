//! Check `retention`: data is not kept longer than its limit. Every copy has a clock of its own.

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use crate::graph::{ActNo, CopyNo, ProcessorNo};
use crate::model::id::ProcessorId;
use crate::model::rule::RetentionLimit;
use crate::model::time::Instant;

/// Judges copies of the limited fields, whatever their role and state. An assignment is an end too.
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
        let mut order: Vec<(ProcessorNo, ActNo, Instant, Option<ActNo>)> = Vec::new();
        let mut groups: FxHashMap<_, Vec<CopyNo>> = FxHashMap::default();
        for (number, copy) in case.copies_held_by(limited.as_deref()) {
            let holding = case.replay.holding_of(copy);
            let deadline = copy.start.plus_days(limit.days);
            let is_limited = fields.has(holding.field)
                && case.admits(rule_limit.as_deref(), holding.processor, deadline)
                && only.is_none_or(|only| {
                    only.is_some_and(|only| case.is_within(holding.processor, only, deadline))
                });
            if !is_limited {
                continue;
            }
            let end = case.replay.end_of(copy);
            let is_late = match end {
                None => case.is_past_for(deadline, copy.via, &[holding.subject]),
                Some(end) => end.at > deadline,
            };
            if is_late {
                // A standing act can bring copies at several instants.
                let key = (holding.processor, copy.via, copy.start, end.map(|end| end.by));
                groups
                    .entry(key)
                    .or_insert_with(|| {
                        order.push(key);
                        Vec::new()
                    })
                    .push(number);
            }
        }
        for key in order {
            let (processor, acquired, start, ended) = key;
            let copies = &groups[&key];
            let act = case.history.act(acquired);
            let pairs: Vec<_> = copies.iter().map(|copy| case.pair_of(*copy)).collect();
            let reason = if ended.is_some() {
                "deleted-late"
            } else {
                "still-held"
            };
            out.push(
                Draft::of_act(acquired, act, processor, reason)
                    .at(start.plus_days(limit.days))
                    .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                    .fields(pairs.iter().map(|(_, field)| *field).collect())
                    .witness(std::iter::once(acquired).chain(ended).collect()),
            );
        }
    }
}
