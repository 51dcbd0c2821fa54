//! Who holds what about a person, and from where?

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::CopyNo;
use crate::model::id::SubjectId;
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::time::Instant;
use crate::model::word::{ActKind, ProcessorKind, Role};

/// Answers with one row for each copy that is there at the instant, by holder, field and arrival; its chain leads from a
/// first acquisition to it. Contradicted copies are in the list, since somebody said that they were sent.
pub fn answer(judged: &Judged<'_>, subject: &SubjectId, at: Option<Instant>) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let at = at.unwrap_or(scope.as_of);
    let wanted = scope.subject(subject)?;
    let things = &scope.history.things;
    let mut copies: Vec<CopyNo> = scope
        .replay
        .copies()
        .filter(|(_, copy)| {
            scope.replay.holding_of(copy).subject == wanted
                && copy.start <= at
                && judged.case.outlives(copy, at)
        })
        .map(|(number, _)| number)
        .collect();
    let name = |copy: &CopyNo| {
        let holding = scope.replay.holding_of(scope.replay.copy(*copy));
        let holder = things.processors().id(holding.processor).clone();
        (holder, things.fields().id(holding.field).clone(), *copy)
    };
    copies.sort_by_cached_key(name);
    let mut rows = Vec::new();
    for copy in copies {
        rows.push(row(judged, subject, copy)?);
    }
    let mut holders: Vec<_> = rows.iter().filter_map(|row| row.processor.as_ref()).collect();
    holders.dedup();
    let reason = if rows.is_empty() {
        Reason {
            code: "nothing-held",
            text: format!("nobody on record holds anything about {subject}"),
        }
    } else {
        Reason {
            code: "held",
            text: format!(
                "{} about {subject} on record, with {}",
                counted(rows.len(), "copy", "copies"),
                counted(holders.len(), "holder", "holders")
            ),
        }
    };
    Ok(Answer::of_rows(rows, vec![reason], at))
}

fn row(judged: &Judged<'_>, subject: &SubjectId, number: CopyNo) -> Result<Row, AskError> {
    let scope = judged.scope;
    let things = &scope.history.things;
    let copy = scope.replay.copy(number);
    let holding = scope.replay.holding_of(copy);
    let (holder, field) = (
        things.processors().id(holding.processor),
        things.fields().id(holding.field),
    );
    let act = scope.history.act(copy.via);
    let how = match copy.role {
        Role::Own => "in its own name",
        Role::Delegated => "on somebody's behalf",
        Role::Assigned => "taken over from somebody",
        Role::Contradicted => "from somebody who had deleted it",
    };
    let from = match (act.kind, act.source) {
        (ActKind::Collect, Some(source)) => format!("collected from {}", things.processors().id(source)),
        (ActKind::Collect, None) => "collected".to_owned(),
        (ActKind::Derive, _) => "made".to_owned(),
        (kind, _) => format!("by {kind} from {}", things.processors().id(act.actor)),
    };
    let since = scope.zone.print(copy.start);
    let text = if things.processor(holding.processor).kind == ProcessorKind::Public {
        format!("{field} is public since {since}, {from}")
    } else {
        format!("{holder} has {field} {how} since {since}, {from}")
    };
    let mut row = Row::new(copy.role.as_str(), text);
    row.at = Some(copy.start);
    row.act = Some(act.id.clone());
    row.processor = Some(holder.clone());
    row.purpose = act.purpose.map(|purpose| things.purposes().id(purpose).clone());
    row.subjects = vec![subject.clone()];
    row.fields = vec![field.clone()];
    row.witness = judged.chain_to_least(subject, &[number])?;
    Ok(row)
}
