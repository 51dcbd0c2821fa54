//! Did the field, or anything made from it, ever reach the processor?

use super::{AskError, Scope, counted};
use crate::graph::{ActNo, CopyNo, ProcessorNo, SubjectNo};
use crate::model::id::{FactId, ProcessorId};
use crate::model::question::{Answer, Found as Answered, ReachQuestion, Reached, Reason};
use crate::model::recorded::RecordTime;
use crate::model::word::{ProcessorKind, Verdict};
use crate::reach::lineage;
use crate::reach::search::{Found, Search};
use crate::reach::witness::{self, Claim};

/// A question in numbers.
struct Asked {
    search: Search,
    to: ProcessorNo,
    subject: SubjectNo,
    through: Option<ProcessorNo>,
}

/// Answers with the shortest chain, or with no.
pub fn answer(scope: &Scope<'_>, question: &ReachQuestion) -> Result<Answer, AskError> {
    let limit = match scope.known_at {
        Some(RecordTime::At(at)) => at,
        Some(RecordTime::Number(_)) | None => scope.as_of,
    };
    let asked = Asked {
        search: Search {
            field: scope.field(&question.field)?,
            from: question.from.as_ref().map(|id| scope.processor(id)).transpose()?,
            personal_only: question.personal_only,
            limit,
            with_contradicted: false,
        },
        to: scope.processor(&question.to)?,
        subject: scope.subject(&question.subject)?,
        through: question
            .through
            .as_ref()
            .map(|id| scope.processor(id))
            .transpose()?,
    };
    let found = Found::new(scope.history, scope.replay, asked.search, scope.defeated);
    let arrived = arrivals(scope, &asked, &found);
    let best = arrived.iter().copied().min_by_key(|copy| {
        let start = scope.replay.copy(*copy).start;
        (found.path_length(*copy), start, *copy)
    });
    let path: Vec<ActNo> = best.map_or_else(Vec::new, |copy| found.path(copy));
    let acts = last_acts(scope, &arrived);
    let wider = Search {
        with_contradicted: true,
        ..asked.search
    };
    let found_wider = Found::new(scope.history, scope.replay, wider, scope.defeated);
    let mut contradicted = last_acts(scope, &arrivals(scope, &asked, &found_wider));
    contradicted.retain(|act| !acts.contains(act));
    let reached = Reached {
        witness: path.iter().map(|act| scope.history.step(*act)).collect(),
        boundary: boundary(scope, &asked),
        arrivals: acts,
        contradicted,
    };
    if !reached.witness.is_empty() {
        let chain: Vec<&str> = reached.witness.iter().map(|step| step.act.as_str()).collect();
        let claim = Claim {
            subject: &question.subject,
            field: &question.field,
            from: question.from.as_ref(),
            to: &question.to,
        };
        witness::check(scope.record, &chain, claim)?;
    }
    let verdict = if best.is_some() { Verdict::Yes } else { Verdict::No };
    Ok(Answer {
        verdict,
        reasons: reasons(scope, question, &reached),
        found: Answered::Reach(reached),
        as_of: limit,
    })
}

/// The found copies of the subject at the processor.
fn arrivals(scope: &Scope<'_>, asked: &Asked, found: &Found<'_>) -> Vec<CopyNo> {
    scope
        .replay
        .copies()
        .filter(|(number, copy)| {
            let holding = scope.replay.holding_of(copy);
            holding.processor == asked.to
                && holding.subject == asked.subject
                && copy.start <= asked.search.limit
                && found.contains(*number)
                && asked.through.is_none_or(|through| {
                    let path = found.path(*number);
                    let before_last = path.split_last().map_or(&[][..], |(_, before)| before);
                    before_last.iter().any(|act| {
                        let act = scope.history.act(*act);
                        act.actor == through || act.recipient == Some(through)
                    })
                })
        })
        .map(|(number, _)| number)
        .collect()
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

/// The processors that had the data, or something made from it, and never report giving anything to anybody.
fn boundary(scope: &Scope<'_>, asked: &Asked) -> Vec<ProcessorId> {
    let things = &scope.history.things;
    let is_source = |number: CopyNo| {
        let holding = scope.replay.holding_of(scope.replay.copy(number));
        holding.field == asked.search.field && asked.search.from.is_none_or(|from| from == holding.processor)
    };
    let all = scope.replay.copies().map(|(number, _)| number);
    let below = lineage::descendants(scope.replay, all, is_source, |_| true);
    let mut edge: Vec<ProcessorNo> = scope
        .replay
        .copies()
        .filter(|(number, copy)| {
            copy.start <= asked.search.limit && (below.contains(number) || is_source(*number))
        })
        .map(|(_, copy)| scope.replay.holding_of(copy).processor)
        .collect();
    edge.sort_unstable();
    edge.dedup();
    let mut silent: Vec<ProcessorId> = edge
        .into_iter()
        .filter(|processor| things.processor(*processor).kind != ProcessorKind::Public)
        .filter(|processor| !(scope.sends)(*processor))
        .map(|processor| things.processors().id(processor).clone())
        .collect();
    silent.sort_unstable();
    silent
}

fn reasons(scope: &Scope<'_>, question: &ReachQuestion, reached: &Reached) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match (reached.witness.first(), reached.witness.last()) {
        (Some(_), Some(last)) => reasons.push(Reason {
            code: "reached",
            text: format!(
                "{} of {}, or something made from it, reached {} with {} on {}; the chain has {}",
                question.field,
                question.subject,
                question.to,
                last.act,
                scope.zone.print(last.at),
                counted(reached.witness.len(), "act", "acts"),
            ),
        }),
        (_, _) => reasons.push(Reason {
            code: "not-on-record",
            text: format!(
                "no chain of acts on record carries {} of {} to {}{}",
                question.field,
                question.subject,
                question.to,
                question
                    .through
                    .as_ref()
                    .map_or_else(String::new, |through| format!(" by way of {through}")),
            ),
        }),
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
    if !reached.boundary.is_empty() {
        let names: Vec<&str> = reached.boundary.iter().map(ProcessorId::as_str).collect();
        reasons.push(Reason {
            code: "no-flows-reported",
            text: format!(
                "{} had it and {} no outgoing flows at all",
                names.join(", "),
                if names.len() == 1 { "reports" } else { "report" }
            ),
        });
    }
    reasons
}
