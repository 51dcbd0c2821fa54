//! Which flows on record have no explanation?

use std::collections::BTreeMap;

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::replay::Held;
use crate::graph::{ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::SubjectId;
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::word::{ActKind, ProcessorKind};

/// Answers with acts on data that was never held and derivations with an input that was not, in the order of the acts;
/// then with collections that name no source; then with the holders that report no outgoing flow at all, by name.
pub fn answer(judged: &Judged<'_>, subject: Option<&SubjectId>) -> Result<Answer, AskError> {
    let scope = judged.scope;
    if let Some(subject) = subject {
        scope.subject(subject)?;
    }
    let (mut rows, mut collections) = (Vec::new(), Vec::new());
    for (number, act) in scope.history.numbered() {
        if act.kind == ActKind::Collect && act.source.is_none() {
            let pairs: Vec<_> = act.pairs().collect();
            collections.push(row(judged, number, "source-not-named", &pairs));
        }
        let missing: Vec<_> = act
            .pairs()
            .zip(scope.replay.held(number))
            .filter(|(_, held)| **held == Held::Nothing)
            .map(|(pair, _)| pair)
            .collect();
        if !missing.is_empty() {
            let code = if act.kind == ActKind::Derive {
                "input-not-held"
            } else {
                "not-held"
            };
            rows.push(row(judged, number, code, &missing));
        }
    }
    rows.append(&mut collections);
    rows.extend(silent(judged));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.code.as_str()).or_default() += 1;
    }
    let summary: Vec<String> = counts
        .iter()
        .map(|(code, count)| format!("{count} {code}"))
        .collect();
    let reason = if rows.is_empty() {
        Reason {
            code: "all-explained",
            text: "every act on record takes what was held, and every holder reports".to_owned(),
        }
    } else {
        Reason {
            code: "unexplained",
            text: format!(
                "{} without an explanation: {}",
                counted(rows.len(), "entry", "entries"),
                summary.join(", ")
            ),
        }
    };
    Ok(Answer::of_rows(rows, vec![reason], scope.as_of))
}

fn row(judged: &Judged<'_>, number: ActNo, code: &str, pairs: &[(SubjectNo, FieldNo)]) -> Row {
    let scope = judged.scope;
    let step = scope.history.step(number);
    let (mut subjects, mut fields): (Vec<_>, Vec<_>) = pairs
        .iter()
        .map(|(subject, field)| {
            (
                scope.history.subjects().id(*subject).clone(),
                scope.history.things.fields().id(*field).clone(),
            )
        })
        .unzip();
    subjects.sort_unstable();
    subjects.dedup();
    fields.sort_unstable();
    fields.dedup();
    let actor = scope
        .history
        .things
        .processors()
        .id(scope.history.act(number).actor);
    let names: Vec<String> = fields.iter().map(ToString::to_string).collect();
    let text = match code {
        "source-not-named" => format!(
            "{actor} collected {} and names no source: from the person, or unknown",
            names.join(", ")
        ),
        "input-not-held" => format!(
            "{actor} made something from {}, which it never had on record",
            names.join(", ")
        ),
        _ => format!(
            "{actor} worked with {}, which it never had on record",
            names.join(", ")
        ),
    };
    let mut row = Row::new(code, text);
    row.at = Some(step.at);
    row.processor = Some(actor.clone());
    row.recipient = step.recipient.clone().filter(|to| to != actor);
    row.purpose.clone_from(&step.purpose);
    row.act = Some(step.act.clone());
    row.subjects = subjects;
    row.fields = fields;
    row.witness = vec![step];
    row
}

/// Holders, other than the public, that never gave anything to anybody on record.
fn silent(judged: &Judged<'_>) -> Vec<Row> {
    let scope = judged.scope;
    let things = &scope.history.things;
    let mut held: BTreeMap<_, (ProcessorNo, Vec<FieldNo>, Vec<SubjectNo>)> = BTreeMap::new();
    for (holding, _) in scope.replay.holdings() {
        let id = things.processors().id(holding.processor);
        let entry = held
            .entry(id.clone())
            .or_insert((holding.processor, Vec::new(), Vec::new()));
        entry.1.push(holding.field);
        entry.2.push(holding.subject);
    }
    let mut rows = Vec::new();
    for (id, (number, fields, subjects)) in held {
        if things.processor(number).kind == ProcessorKind::Public || (scope.sends)(number) {
            continue;
        }
        let mut row = Row::new(
            "never-reports",
            format!("{id} has had data and reports no outgoing flow at all"),
        );
        row.processor = Some(id);
        row.fields = fields.iter().map(|f| things.fields().id(*f).clone()).collect();
        row.fields.sort_unstable();
        row.fields.dedup();
        row.subjects = subjects
            .iter()
            .map(|s| scope.history.subjects().id(*s).clone())
            .collect();
        row.subjects.sort_unstable();
        row.subjects.dedup();
        rows.push(row);
    }
    rows
}
