//! Who holds the field at an instant?

use super::{AskError, Scope, counted};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure};
use crate::model::time::Instant;
use crate::model::word::Verdict;

/// Answers with the processors that have a copy; public and contradicted copies count.
pub fn answer(
    scope: &Scope<'_>,
    field: &FieldId,
    subject: &SubjectId,
    at: Option<Instant>,
) -> Result<Answer, AskError> {
    let at = at.unwrap_or(scope.as_of);
    let (wanted_field, wanted_subject) = (scope.field(field)?, scope.subject(subject)?);
    let mut holders: Vec<ProcessorId> = Vec::new();
    for (holding, copies) in scope.replay.holdings() {
        let holds = holding.field == wanted_field
            && holding.subject == wanted_subject
            && copies.iter().any(|number| {
                let copy = scope.replay.copy(*number);
                copy.start <= at && scope.replay.end_of(copy).is_none_or(|end| end.at > at)
            });
        if holds {
            holders.push(scope.history.things.processors().id(holding.processor).clone());
        }
    }
    holders.sort_unstable();
    let when = scope.zone.print(at);
    let text = match holders.len() {
        0 => format!("nobody on record held {field} of {subject} at {when}"),
        count => format!(
            "{} held {field} of {subject} at {when}",
            counted(count, "processor", "processors")
        ),
    };
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if holders.is_empty() {
            Verdict::No
        } else {
            Verdict::Yes
        },
        reasons: vec![Reason {
            code: if holders.is_empty() { "not-held" } else { "held" },
            text,
        }],
        found: Found::Holders(holders),
        as_of: at,
    })
}
