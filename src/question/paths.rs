//! Did the field reach the processor lawfully, unlawfully, or both ways?

use super::judged::{Judged, Unlawful};
use super::{AskError, counted};
use crate::graph::{FieldNo, ProcessorNo};
use crate::model::id::ProcessorId;
use crate::model::question::{Answer, PathsQuestion, Reason};
use crate::model::row::Row;
use crate::reach::search::{Demand, Found, Search};

/// Answers with at most one lawful and one unlawful chain, the shortest of each kind. A chain is lawful if all its hops
/// from the first acquisition on are; a lawful copy heals no other.
pub fn answer(judged: &Judged<'_>, question: &PathsQuestion) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let (field, to) = (scope.field(&question.field)?, scope.processor(&question.to)?);
    let from = question.from.as_ref().map(|id| scope.processor(id)).transpose()?;
    scope.subject(&question.subject)?;
    let unlawful = Unlawful::new(judged.case, scope.history);
    let mut rows = Vec::new();
    for demand in [Demand::Without(&unlawful.hops), Demand::With(&unlawful.hops)] {
        rows.extend(row(judged, question, (field, from, to), demand, &unlawful)?);
    }
    let mut reasons: Vec<Reason> = rows
        .iter()
        .map(|row| Reason {
            code: if row.code == LAWFUL {
                "reached-lawfully"
            } else {
                "reached-unlawfully"
            },
            text: row.text.clone(),
        })
        .collect();
    if reasons.is_empty() {
        reasons.push(Reason {
            code: "not-on-record",
            text: format!(
                "no chain of acts on record carries {} of {} to {}",
                question.field, question.subject, question.to
            ),
        });
        reasons.extend(super::reach::silent(&super::reach::boundary(
            scope,
            field,
            from,
            scope.as_of,
        )));
    }
    Ok(Answer::of_rows(rows, reasons, scope.as_of))
}

const LAWFUL: &str = "lawful";
const UNLAWFUL: &str = "unlawful";

fn row(
    judged: &Judged<'_>,
    question: &PathsQuestion,
    (field, from, to): (FieldNo, Option<ProcessorNo>, ProcessorNo),
    demand: Demand<'_>,
    unlawful: &Unlawful,
) -> Result<Option<Row>, AskError> {
    let scope = judged.scope;
    let search = Search {
        field,
        from,
        personal_only: false,
        limit: scope.as_of,
        with_contradicted: false,
        through: &[],
        avoiding: &[],
        demand,
    };
    let found = Found::new(scope.history, scope.replay, search, scope.defeated);
    let copies = found.at_processor(to, |_, arrived| arrived <= scope.as_of);
    let Some(best) = found.shortest(&copies) else {
        return Ok(None);
    };
    let hops = found.hops(best);
    let path: Vec<_> = hops.iter().map(|(act, _)| *act).collect();
    let (subject, to) = (&question.subject, &question.to);
    judged.check_chain(&path, subject, &question.field, question.from.as_ref(), to)?;
    let steps: Vec<_> = path.iter().map(|act| scope.history.step(*act)).collect();
    let things = &scope.history.things;
    let is_another = |actor: &ProcessorId, at| {
        let pair = things.processors().get(actor).zip(things.processors().get(to));
        !pair.is_some_and(|(actor, to)| things.is_within(actor, to, at))
    };
    let via = steps
        .iter()
        .rev()
        .find_map(|step| step.actor.as_ref().filter(|actor| is_another(actor, step.at)))
        .map_or_else(|| "its own collection".to_owned(), ToString::to_string);
    let length = counted(steps.len(), "act", "acts");
    let last = steps.last();
    let mut row = match unlawful.first_of(&hops) {
        None => Row::new(
            LAWFUL,
            format!("reached {to} lawfully via {via}; the chain has {length}"),
        ),
        Some((act, finding)) => {
            let step = scope.history.step(act);
            let mut row = Row::new(
                UNLAWFUL,
                format!(
                    "reached {to} unlawfully via {via}; the chain has {length}, and {} answers for the first wrong one, {} [{}]",
                    finding.processor, step.act, finding.reason
                ),
            );
            row.act = Some(step.act);
            row.at = Some(step.at);
            row.processor = Some(finding.processor.clone());
            row.recipient = step.recipient;
            row.purpose = step.purpose;
            row.because.clone_from(&finding.because);
            row
        }
    };
    row.subjects = vec![subject.clone()];
    row.fields = vec![question.field.clone()];
    row.at = row.at.or(last.map(|step| step.at));
    row.parties = vec![to.clone()];
    row.witness = steps;
    Ok(Some(row))
}
