//! Did the field, or anything made from it, ever reach the processor?

use std::collections::BTreeSet;

use super::{AskError, Scope, counted};
use crate::graph::replay::Copy;
use crate::graph::{ActNo, CopyNo, FieldNo, ProcessorNo};
use crate::model::finding::Step;
use crate::model::id::{FactId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Found as Answered, ReachQuestion, Reached, Reason, Unsure};
use crate::model::time::Instant;
use crate::model::word::{ProcessorKind, Ties, Verdict};
use crate::reach::lineage;
use crate::reach::search::{Demand, Found, Search, THROUGH_MAX};
use crate::reach::witness::{self, Claim};

/// A question in numbers.
struct Asked {
    field: FieldNo,
    from: Option<ProcessorNo>,
    to: ProcessorNo,
    through: Vec<ProcessorNo>,
    avoiding: Vec<ProcessorNo>,
    limit: Instant,
}

impl Asked {
    fn new(scope: &Scope<'_>, question: &ReachQuestion) -> Result<Self, AskError> {
        let asked = Self {
            field: scope.field(&question.field)?,
            from: question.from.as_ref().map(|id| scope.processor(id)).transpose()?,
            to: scope.processor(&question.to)?,
            through: scope.processors(&question.through)?,
            avoiding: scope.processors(&question.avoiding)?,
            limit: scope.limit(),
        };
        if let Some(subject) = &question.subject {
            scope.subject(subject)?;
        }
        if asked.through.len() > THROUGH_MAX {
            return Err(AskError::BadParameter {
                parameter: "through".to_owned(),
                value: format!("{} processors", asked.through.len()),
                expected: format!("name {THROUGH_MAX} at most"),
            });
        }
        let contradictory = std::iter::once(asked.to)
            .chain(asked.from)
            .chain(asked.through.iter().copied())
            .find(|processor| asked.avoiding.contains(processor));
        match contradictory {
            Some(processor) => Err(AskError::BadParameter {
                parameter: "avoiding".to_owned(),
                value: scope.history.things.processors().id(processor).to_string(),
                expected: "leave out whom the question itself leads through".to_owned(),
            }),
            None => Ok(asked),
        }
    }
}

/// Answers with the shortest chain, or with no.
pub fn answer(scope: &Scope<'_>, question: &ReachQuestion) -> Result<Answer, AskError> {
    let asked = Asked::new(scope, question)?;
    let search = Search {
        field: asked.field,
        from: asked.from,
        personal_only: question.personal_only,
        limit: asked.limit,
        with_contradicted: false,
        through: &asked.through,
        avoiding: &asked.avoiding,
        demand: Demand::Any,
    };
    let fits = |copy: &Copy, arrived: Instant| {
        arrived <= asked.limit
            && question.during.contains(arrived)
            && question
                .held_at
                .is_none_or(|at| arrived <= at && scope.replay.end_of(copy).is_none_or(|end| at < end.at))
    };
    let found = Found::new(scope.history, scope.replay, search, scope.defeated);
    let arrived = found.at_processor(asked.to, fits);
    let best = found.shortest(&arrived);
    let path: Vec<ActNo> = best.map_or_else(Vec::new, |copy| found.path(copy));
    let whose = best.map(|copy| subject_of(scope, copy));
    let acts = last_acts(scope, &arrived);
    let wider = Search {
        with_contradicted: true,
        ..search
    };
    let found_wider = Found::new(scope.history, scope.replay, wider, scope.defeated);
    let mut contradicted = last_acts(scope, &found_wider.at_processor(asked.to, fits));
    contradicted.retain(|act| !acts.contains(act));
    let steps: Vec<Step> = path.iter().map(|act| scope.history.step(*act)).collect();
    let mut reached = Reached {
        boundary: boundary(scope, asked.field, asked.from, asked.limit),
        arrivals: acts,
        contradicted,
        is_order_proven: true,
        witness: steps,
    };
    if let Some(subject) = whose {
        let chain: Vec<&str> = reached.witness.iter().map(|step| step.act.as_str()).collect();
        let claim = Claim {
            subject,
            field: &question.field,
            from: question.from.as_ref(),
            to: &question.to,
            through: &question.through,
            avoiding: &question.avoiding,
            processors: scope.history.things.nested(),
            ties: question.ties,
        };
        witness::check(scope.record, &chain, claim)?;
        // Where it is a proof also if no act passes on what came in its own instant, the order is on record.
        let ties = Ties::Strict;
        reached.is_order_proven = question.ties != Ties::Any
            || witness::check(scope.record, &chain, Claim { ties, ..claim }).is_ok();
    }
    let first = whose.zip(best.and_then(|copy| found.arrived(copy)));
    let verdict = if best.is_some() { Verdict::Yes } else { Verdict::No };
    Ok(Answer {
        unsure: Unsure::default(),
        verdict,
        reasons: reasons(scope, question, &reached, first, &arrived),
        found: Answered::Reach(reached),
        as_of: asked.limit,
    })
}

fn subject_of<'s>(scope: &Scope<'s>, copy: CopyNo) -> &'s SubjectId {
    let holding = scope.replay.holding_of(scope.replay.copy(copy));
    scope.history.subjects().id(holding.subject)
}

fn last_acts(scope: &Scope<'_>, copies: &[CopyNo]) -> Vec<FactId> {
    let mut acts: Vec<FactId> = copies
        .iter()
        .map(|copy| scope.history.act(scope.replay.copy(*copy).via).id.clone())
        .collect();
    acts.sort_unstable();
    acts.dedup();
    acts
}

/// The processors that had the data, or something made from it, in the order of their numbers.
fn had(scope: &Scope<'_>, field: FieldNo, from: Option<ProcessorNo>, limit: Instant) -> Vec<ProcessorNo> {
    let is_source = |number: CopyNo| {
        let copy = scope.replay.copy(number);
        let holding = scope.replay.holding_of(copy);
        holding.field == field && from.is_none_or(|from| scope.replay.came_to(copy, from))
    };
    let all = scope.replay.copies().map(|(number, _)| number);
    let below = lineage::descendants(scope.replay, all, is_source, |_| true);
    let mut edge: Vec<ProcessorNo> = scope
        .replay
        .copies()
        .filter(|(number, copy)| {
            let since = if is_source(*number) {
                Some(copy.start)
            } else {
                below.since(scope.replay, *number)
            };
            since.is_some_and(|since| since <= limit)
        })
        .map(|(_, copy)| scope.replay.holding_of(copy).processor)
        .collect();
    edge.extend(scope.had);
    edge.sort_unstable();
    edge.dedup();
    edge
}

/// Of these, those that never report giving anything to anybody.
pub(super) fn boundary(
    scope: &Scope<'_>,
    field: FieldNo,
    from: Option<ProcessorNo>,
    limit: Instant,
) -> Vec<ProcessorId> {
    let things = &scope.history.things;
    let mut silent: Vec<ProcessorId> = had(scope, field, from, limit)
        .into_iter()
        .filter(|processor| things.processor(*processor).kind != ProcessorKind::Public)
        .filter(|processor| !(scope.sends)(*processor))
        .map(|processor| things.processors().id(processor).clone())
        .collect();
    silent.sort_unstable();
    silent
}

/// Why the trail may go on where nothing is on record.
pub(super) fn silent(boundary: &[ProcessorId]) -> Option<Reason> {
    let names: Vec<&str> = boundary.iter().map(ProcessorId::as_str).collect();
    (!names.is_empty()).then(|| Reason {
        code: "no-flows-reported",
        text: format!(
            "{} had it and {} no outgoing flows at all",
            names.join(", "),
            if names.len() == 1 { "reports" } else { "report" }
        ),
    })
}

/// What the question asks of the way, in words.
fn way(scope: &Scope<'_>, question: &ReachQuestion) -> String {
    let names = |ids: &[ProcessorId]| ids.iter().map(ProcessorId::as_str).collect::<Vec<_>>().join(", ");
    let mut parts: Vec<String> = Vec::new();
    if !question.through.is_empty() {
        parts.push(format!(" by way of {}", names(&question.through)));
    }
    if !question.avoiding.is_empty() {
        parts.push(format!(" without {}", names(&question.avoiding)));
    }
    if let Some(from) = question.during.from {
        parts.push(format!(" from {} on", scope.zone.print(from)));
    }
    if let Some(until) = question.during.until {
        parts.push(format!(" before {}", scope.zone.print(until)));
    }
    if let Some(at) = question.held_at {
        parts.push(format!(" to be held there at {}", scope.zone.print(at)));
    }
    parts.concat()
}

fn reasons(
    scope: &Scope<'_>,
    question: &ReachQuestion,
    reached: &Reached,
    first: Option<(&SubjectId, Instant)>,
    arrived: &[CopyNo],
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match (first, reached.witness.last()) {
        (Some((subject, at)), Some(last)) => reasons.push(Reason {
            code: "reached",
            text: format!(
                "{} of {}, or something made from it, reached {} with {} on {}; the chain has {}",
                question.field,
                subject,
                question.to,
                last.act,
                scope.zone.print(at),
                counted(reached.witness.len(), "act", "acts"),
            ),
        }),
        (_, _) => reasons.push(Reason {
            code: "not-on-record",
            text: format!(
                "no chain of acts on record carries {} of {} to {}{}",
                question.field,
                question.subject.as_ref().map_or("anybody", SubjectId::as_str),
                question.to,
                way(scope, question),
            ),
        }),
    }
    let others: BTreeSet<&SubjectId> = arrived.iter().map(|copy| subject_of(scope, *copy)).collect();
    if others.len() > 1 {
        let others = counted(others.len() - 1, "other person", "other persons");
        reasons.push(Reason {
            code: "of-others",
            text: format!("that of {others} did so too"),
        });
    }
    if !reached.is_order_proven {
        reasons.push(Reason {
            code: "order-not-proven",
            text:
                "acts of the chain fall into one instant; that they happened in this order is not on record"
                    .to_owned(),
        });
    }
    if !reached.contradicted.is_empty() {
        reasons.push(Reason {
            code: "record-contradicts-itself",
            text: format!(
                "{} would have carried it although the record says it was deleted before",
                counted(reached.contradicted.len(), "act", "acts")
            ),
        });
    }
    reasons.extend(silent(&reached.boundary));
    reasons
}
