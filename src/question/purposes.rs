//! By whom and for which purposes was the field used?

use super::{AskError, Scope, counted};
use crate::graph::replay::Held;
use crate::model::id::{FieldId, ProcessorId, PurposeId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure};
use crate::model::word::{ActKind, Verdict};

/// Answers with the actors and purposes of use and derive acts on the pair; an act on what was never held counts
/// for nothing.
pub fn answer(scope: &Scope<'_>, field: &FieldId, subject: &SubjectId) -> Result<Answer, AskError> {
    let wanted = (scope.subject(subject)?, scope.field(field)?);
    let things = &scope.history.things;
    let mut uses: Vec<(ProcessorId, PurposeId)> = Vec::new();
    for (number, act) in scope.history.numbered() {
        let is_use = matches!(act.kind, ActKind::Use | ActKind::Derive);
        let concerns = || {
            act.pairs()
                .zip(scope.replay.held(number))
                .any(|(pair, held)| pair == wanted && *held != Held::Nothing)
        };
        if let (true, Some(purpose)) = (is_use && concerns(), act.purpose) {
            uses.push((
                things.processors().id(act.actor).clone(),
                things.purposes().id(purpose).clone(),
            ));
        }
    }
    uses.sort_unstable();
    uses.dedup();
    let text = match uses.len() {
        0 => format!("no use of {field} of {subject} is on record"),
        count => format!(
            "{field} of {subject} was used in {} of processor and purpose",
            counted(count, "combination", "combinations")
        ),
    };
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if uses.is_empty() {
            Verdict::No
        } else {
            Verdict::Yes
        },
        reasons: vec![Reason {
            code: if uses.is_empty() { "not-used" } else { "used" },
            text,
        }],
        found: Found::Purposes(uses),
        as_of: scope.as_of,
    })
}
