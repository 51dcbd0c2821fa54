//! What exists downstream of a field, and from what is a field made?

use super::{AskError, Scope, counted};
use crate::graph::CopyNo;
use crate::model::id::{FactId, FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure};
use crate::model::word::Verdict;
use crate::reach::lineage;

/// Answers with processor and field of every copy that descends from a copy of the field at the processor.
pub fn downstream(
    scope: &Scope<'_>,
    from: &ProcessorId,
    field: &FieldId,
    subject: &SubjectId,
) -> Result<Answer, AskError> {
    let (at, which, whose) = (
        scope.processor(from)?,
        scope.field(field)?,
        scope.subject(subject)?,
    );
    let things = &scope.history.things;
    let is_source = |number: CopyNo| {
        let copy = scope.replay.copy(number);
        let holding = scope.replay.holding_of(copy);
        scope.replay.came_to(copy, at) && (holding.field, holding.subject) == (which, whose)
    };
    let all = scope.replay.copies().map(|(number, _)| number);
    let below = lineage::descendants(scope.replay, all, is_source, |_| true);
    let mut pairs: Vec<(ProcessorId, FieldId)> = scope
        .replay
        .copies()
        .filter(|(number, _)| below.contains(*number))
        .map(|(_, copy)| {
            let holding = scope.replay.holding_of(copy);
            (
                things.processors().id(holding.processor).clone(),
                things.fields().id(holding.field).clone(),
            )
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let text = match pairs.len() {
        0 => format!("nothing on record descends from {field} of {subject} at {from}"),
        count => format!(
            "below {field} of {subject} at {from}: {} of processor and field",
            counted(count, "pair", "pairs")
        ),
    };
    Ok(listed(
        scope,
        Found::Downstream(pairs.clone()),
        pairs.is_empty(),
        text,
        ["nothing-downstream", "downstream"],
    ))
}

/// Answers with processor, field and act of every first acquisition above the copies that never ended.
pub fn sources(
    scope: &Scope<'_>,
    processor: &ProcessorId,
    field: &FieldId,
    subject: &SubjectId,
) -> Result<Answer, AskError> {
    let (at, which, whose) = (
        scope.processor(processor)?,
        scope.field(field)?,
        scope.subject(subject)?,
    );
    let things = &scope.history.things;
    let is_held = |number: CopyNo| {
        let copy = scope.replay.copy(number);
        let holding = scope.replay.holding_of(copy);
        scope.replay.came_to(copy, at)
            && (holding.field, holding.subject) == (which, whose)
            && scope.replay.end_of(copy).is_none()
    };
    let held = scope.replay.copies().map(|(number, _)| number);
    let held = held
        .filter(|number| is_held(*number))
        .map(|number| (number, usize::MAX));
    let mut triples: Vec<(ProcessorId, FieldId, FactId)> = lineage::ancestors(scope.replay, held)
        .into_iter()
        .map(|number| scope.replay.copy(number))
        .filter(|copy| scope.replay.parent_stretches(copy).is_empty())
        .map(|copy| {
            let holding = scope.replay.holding_of(copy);
            (
                things.processors().id(holding.processor).clone(),
                things.fields().id(holding.field).clone(),
                scope.history.act(copy.via).id.clone(),
            )
        })
        .collect();
    triples.sort_unstable();
    triples.dedup();
    let text = match triples.len() {
        0 => format!("{processor} holds no {field} of {subject} on record"),
        count => format!(
            "{field} of {subject} at {processor} goes back to {}",
            counted(count, "first acquisition", "first acquisitions")
        ),
    };
    Ok(listed(
        scope,
        Found::Sources(triples.clone()),
        triples.is_empty(),
        text,
        ["not-held", "sources"],
    ))
}

fn listed(scope: &Scope<'_>, found: Found, is_empty: bool, text: String, codes: [&'static str; 2]) -> Answer {
    let [none, some] = codes;
    Answer {
        unsure: Unsure::default(),
        verdict: if is_empty { Verdict::No } else { Verdict::Yes },
        reasons: vec![Reason {
            code: if is_empty { none } else { some },
            text,
        }],
        found,
        as_of: scope.as_of,
    }
}
