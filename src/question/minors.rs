//! Who has data of minors, and of people whose age nobody knows?

use std::collections::BTreeMap;

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::{CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure};
use crate::model::row::Row;
use crate::model::time::Instant;
use crate::model::word::{Basis, Giver, Verdict};

/// What is known of somebody's age, in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Minor,
    Unknown,
}

/// A person of some age, and who holds its data.
type Key = (Age, ProcessorId, SubjectId);

/// The same in numbers, and what is held.
type Held = (ProcessorNo, SubjectNo, Vec<(FieldNo, Vec<CopyNo>)>);

/// Answers with one row for each holder and person whose personal data is there at the instant: `minor`, with the consents of a
/// guardian that let the holder have all of it, and `age-unknown`, who is treated as of age and stands beside the answer.
pub fn answer(
    judged: &Judged<'_>,
    processor: Option<&ProcessorId>,
    subject: Option<&SubjectId>,
    at: Option<Instant>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let at = at.unwrap_or(scope.as_of);
    let only_at = processor.map(|id| scope.processor(id)).transpose()?;
    let only_of = subject.map(|id| scope.subject(id)).transpose()?;
    let mut held: BTreeMap<Key, Held> = BTreeMap::new();
    for (holding, copies) in scope.replay.holdings() {
        let is_asked = only_at.is_none_or(|only| judged.case.is_within(holding.processor, only, at))
            && only_of.is_none_or(|only| only == holding.subject)
            && scope.history.things.is_personal(holding.field);
        if !is_asked {
            continue;
        }
        let age = if judged.case.coverage.is_minor(holding.subject, at) {
            Age::Minor
        } else if scope.history.born(holding.subject).is_none() {
            Age::Unknown
        } else {
            continue;
        };
        let is_there = |number: &CopyNo| {
            let copy = scope.replay.copy(*number);
            copy.start <= at && judged.case.outlives(copy, at)
        };
        let copies: Vec<CopyNo> = copies.iter().copied().filter(is_there).collect();
        if !copies.is_empty() {
            let key = (
                age,
                scope.history.things.processors().id(holding.processor).clone(),
                scope.history.subjects().id(holding.subject).clone(),
            );
            let entry = held
                .entry(key)
                .or_insert_with(|| (holding.processor, holding.subject, Vec::new()));
            entry.2.push((holding.field, copies));
        }
    }
    let rows: Vec<Row> = held
        .into_iter()
        .map(|((age, holder, subject), (number, whose, fields))| {
            row(judged, age, (&holder, number), (subject, whose), &fields, at)
        })
        .collect();
    let persons = |code: &str| {
        let mut all: Vec<&SubjectId> = rows
            .iter()
            .filter(|row| row.code == code)
            .flat_map(|row| &row.subjects)
            .collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let (minors, unknown) = (persons("minor"), persons("age-unknown"));
    let mut reasons = vec![Reason {
        code: if minors == 0 { "no-minors" } else { "minors" },
        text: format!(
            "data of {} below {} is held",
            counted(minors, "person", "persons"),
            judged.case.header.minor_age
        ),
    }];
    if unknown > 0 {
        reasons.push(Reason {
            code: "age-unknown",
            text: format!(
                "the age of {} is not known; they are treated as of age",
                counted(unknown, "person", "persons")
            ),
        });
    }
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if minors == 0 { Verdict::No } else { Verdict::Yes },
        reasons,
        found: Found::Rows(rows),
        as_of: at,
    })
}

fn row(
    judged: &Judged<'_>,
    age: Age,
    (holder, number): (&ProcessorId, ProcessorNo),
    (subject, whose): (SubjectId, SubjectNo),
    held: &[(FieldNo, Vec<CopyNo>)],
    at: Instant,
) -> Row {
    let scope = judged.scope;
    let fields: Vec<FieldNo> = held.iter().map(|(field, _)| *field).collect();
    let (_, names) = judged.names(&[], &fields);
    let data: Vec<&str> = names.iter().map(FieldId::as_str).collect();
    let data = data.join(", ");
    let mut row = match age {
        Age::Minor => {
            let consents = guardians_consents(judged, number, whose, held, at);
            let until = judged.case.coverage.of_age(whose).map_or_else(String::new, |at| {
                format!(", a minor until {}", scope.zone.print(at))
            });
            let consent = if consents.is_empty() {
                "no guardian's consent in force is for all of it".to_owned()
            } else {
                format!("a guardian consented: {}", consents.join(", "))
            };
            let mut row = Row::new(
                "minor",
                format!("{holder} has {data} of {subject}{until}; {consent}"),
            );
            row.because = consents;
            row
        }
        Age::Unknown => Row::new(
            "age-unknown",
            format!("{holder} has {data} of {subject}, whose birth date is not on record"),
        ),
    };
    row.processor = Some(holder.clone());
    row.subjects = vec![subject];
    row.fields = names;
    row
}

/// The consents by a guardian in force that let the holder have each of the fields.
fn guardians_consents(
    judged: &Judged<'_>,
    holder: ProcessorNo,
    subject: SubjectNo,
    held: &[(FieldNo, Vec<CopyNo>)],
    at: Instant,
) -> Vec<String> {
    let coverage = &judged.case.coverage;
    let record = (judged.scope.history, judged.scope.replay);
    let mut all: Vec<u32> = Vec::new();
    for (field, copies) in held {
        let mut grounds = coverage.grounds_to_hold(record, holder, (subject, *field), copies, at);
        grounds.retain(|ground| {
            let authorization = coverage.authorization(*ground);
            authorization.basis() == Basis::Consent && authorization.given_by() == Giver::Guardian
        });
        if grounds.is_empty() {
            return Vec::new();
        }
        all.append(&mut grounds);
    }
    all.sort_unstable();
    all.dedup();
    all.into_iter()
        .map(|ground| coverage.authorization(ground).id.to_string())
        .collect()
}
