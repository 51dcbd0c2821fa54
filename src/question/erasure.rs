//! Who must act when a subject asks a processor to delete, and by when?

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::{CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::fact::{Closure, Fact};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::rule::Check;
use crate::model::time::Instant;
use crate::model::word::{Basis, ProcessorKind, Role};
use crate::reach::lineage;

/// What has to be done with a copy, in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    Delete,
    Notify,
    Kept,
    Public,
}

impl Action {
    fn code(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Notify => "notify",
            Self::Kept => "kept",
            Self::Public => "public",
        }
    }
}

/// Copies that are treated alike: what to do, who holds, why, by when.
type Group = (Action, ProcessorId, Vec<String>, Option<Instant>);

/// Answers with one row for each holder and treatment of the live personal copies that the processor has of the subject's
/// data, or that descend from what it ever had: `delete` for itself and for those that hold it on somebody's behalf,
/// `notify` for others, `kept` on another ground, `public` where nobody can delete. Deadlines come from rules on record.
/// Consent and contract end with the wish of the subject and are no other ground.
pub fn answer(
    judged: &Judged<'_>,
    subject: &SubjectId,
    processor: &ProcessorId,
    fields: &[FieldId],
    at: Option<Instant>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let at = at.unwrap_or(scope.as_of);
    let (whose, asked) = (scope.subject(subject)?, scope.processor(processor)?);
    let wanted = fields
        .iter()
        .map(|id| scope.field(id))
        .collect::<Result<Vec<FieldNo>, _>>()?;
    let replay = scope.replay;
    let all = || replay.copies().map(|(number, _)| number);
    let sources: FxHashSet<CopyNo> = all()
        .filter(|number| {
            let copy = replay.copy(*number);
            let holding = replay.holding_of(copy);
            replay.came_to(copy, asked)
                && copy.start <= at
                && (wanted.is_empty() || wanted.contains(&holding.field))
        })
        .collect();
    let below = lineage::descendants(replay, all(), |copy| sources.contains(&copy), |_| true);
    let mut groups: BTreeMap<Group, Vec<CopyNo>> = BTreeMap::new();
    let mut anonymized = 0;
    let mut holdings: BTreeMap<(ProcessorNo, FieldNo), Vec<CopyNo>> = BTreeMap::new();
    let is_below = |number: CopyNo| below.since(replay, number).is_some_and(|since| since <= at);
    for number in all().filter(|number| sources.contains(number) || is_below(*number)) {
        let copy = replay.copy(number);
        if copy.start > at || !judged.case.outlives(copy, at) {
            continue;
        }
        let holding = replay.holding_of(copy);
        if scope.history.things.is_personal(holding.field) {
            holdings
                .entry((holding.processor, holding.field))
                .or_default()
                .push(number);
        } else {
            anonymized += 1;
        }
    }
    for ((holder, field), copies) in holdings {
        let group = treat(judged, (asked, whose), (holder, field), &copies, at);
        groups.entry(group).or_default().extend(copies);
    }
    let mut rows = Vec::new();
    for (group, copies) in groups {
        rows.push(row(judged, subject, &group, &copies)?);
    }
    let reasons = reasons(subject, processor, &rows, anonymized);
    Ok(Answer::of_rows(rows, reasons, at))
}

fn treat(
    judged: &Judged<'_>,
    (asked, subject): (ProcessorNo, SubjectNo),
    (holder, field): (ProcessorNo, FieldNo),
    copies: &[CopyNo],
    at: Instant,
) -> Group {
    let scope = judged.scope;
    let things = &scope.history.things;
    let name = things.processors().id(holder).clone();
    if things.processor(holder).kind == ProcessorKind::Public {
        return (Action::Public, name, Vec::new(), None);
    }
    let grounds = other_grounds(judged, subject, holder, field, at);
    if !grounds.is_empty() {
        return (Action::Kept, name, grounds, None);
    }
    let role = |role: Role| copies.iter().all(|copy| scope.replay.copy(*copy).role == role);
    if scope.history.things.is_within(holder, asked, at) {
        let (rules, due) = own_deadline(judged, subject, holder, at);
        return (Action::Delete, name, rules, due);
    }
    let is_delegate = role(Role::Delegated);
    let (rules, due) = downstream_deadline(judged, asked, copies, at);
    let action = if is_delegate {
        Action::Delete
    } else {
        Action::Notify
    };
    (action, name, rules, due)
}

/// What else permits the holder to keep it: authorizations that do not rest on the subject's wish, and fields that a
/// closure lets stay.
fn other_grounds(
    judged: &Judged<'_>,
    subject: SubjectNo,
    holder: ProcessorNo,
    field: FieldNo,
    at: Instant,
) -> Vec<String> {
    let scope = judged.scope;
    let coverage = &judged.case.coverage;
    let mut grounds: Vec<String> = coverage
        // What came along with assigned data is no ground of the holder's own to keep it against the subject's wish.
        .grounds_to_hold((scope.history, scope.replay), holder, (subject, field), &[], at)
        .into_iter()
        .map(|position| coverage.authorization(position))
        .filter(|authorization| !matches!(authorization.basis(), Basis::Consent | Basis::Contract))
        .map(|authorization| authorization.id.to_string())
        .collect();
    grounds.extend(
        closures(judged, subject, holder, at)
            .filter(|closure| scope.history.things.field_numbers(&closure.keep).contains(&field))
            .map(|closure| closure.id.to_string()),
    );
    grounds
}

/// The subject's accounts at the processor that are closed at the instant.
fn closures<'j>(
    judged: &'j Judged<'_>,
    subject: SubjectNo,
    processor: ProcessorNo,
    at: Instant,
) -> impl Iterator<Item = &'j Closure> {
    judged
        .case
        .facts(|fact| {
            if let Fact::Closure(closure) = fact {
                Some(closure)
            } else {
                None
            }
        })
        .map(|(closure, _)| closure)
        .filter(move |closure| {
            judged.case.subject(&closure.subject) == Some(subject)
                && judged.case.is_named(&closure.processor, processor, at)
                && closure.at <= at
        })
}

/// By when the processor itself must be done: the earliest of its deadlines, with the rules or facts that set it.
fn own_deadline(
    judged: &Judged<'_>,
    subject: SubjectNo,
    processor: ProcessorNo,
    at: Instant,
) -> (Vec<String>, Option<Instant>) {
    let zone = judged.scope.zone;
    let mut deadlines: Vec<(Instant, String)> = closures(judged, subject, processor, at)
        .map(|closure| {
            (
                closure.at.plus_days(closure.clear_within_days),
                closure.id.to_string(),
            )
        })
        .collect();
    for rule in judged.rules {
        // A rule for requests of other kinds sets no deadline for a deletion.
        if let Check::RequestDeadline { within, kinds, .. } = &rule.check
            && kinds
                .as_ref()
                .is_none_or(|kinds| kinds.iter().any(|kind| kind == "delete"))
        {
            let deadline = within.deadline(at, zone, &judged.case.header.calendar);
            deadlines.extend(deadline.map(|deadline| (deadline, rule.id.to_string())));
        }
    }
    earliest(deadlines)
}

/// By when somebody who got it from the processor must follow.
fn downstream_deadline(
    judged: &Judged<'_>,
    asked: ProcessorNo,
    copies: &[CopyNo],
    at: Instant,
) -> (Vec<String>, Option<Instant>) {
    let mut deadlines = Vec::new();
    for rule in judged.rules {
        if let Check::DeletionPropagated {
            within_days,
            processors,
            roles,
        } = &rule.check
        {
            let limit = judged.case.limit(processors.as_ref());
            let is_of = judged.case.admits(limit.as_deref(), asked, at);
            let concerns = copies
                .iter()
                .any(|copy| roles.contains(&judged.scope.replay.copy(*copy).role));
            if is_of && concerns {
                deadlines.push((at.plus_days(*within_days), rule.id.to_string()));
            }
        }
    }
    earliest(deadlines)
}

fn earliest(deadlines: Vec<(Instant, String)>) -> (Vec<String>, Option<Instant>) {
    let due = deadlines.iter().map(|(due, _)| *due).min();
    let mut names: Vec<String> = deadlines
        .into_iter()
        .filter(|(at, _)| Some(*at) == due)
        .map(|(_, name)| name)
        .collect();
    names.sort_unstable();
    (names, due)
}

fn row(
    judged: &Judged<'_>,
    subject: &SubjectId,
    (action, holder, because, due): &Group,
    copies: &[CopyNo],
) -> Result<Row, AskError> {
    let scope = judged.scope;
    let fields: Vec<FieldNo> = copies
        .iter()
        .map(|copy| scope.replay.holding_of(scope.replay.copy(*copy)).field)
        .collect();
    let (_, fields) = judged.names(&[], &fields);
    let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
    let data = data.join(", ");
    let text = match action {
        Action::Delete => format!("{holder} must delete {data}"),
        Action::Notify => format!("{holder} has {data} in its own name and must be told of the request"),
        Action::Kept => format!("{holder} may keep {data} on another ground, for its purposes alone"),
        Action::Public => format!("{data} is public; nobody can delete it"),
    };
    let mut row = Row::new(action.code(), text);
    row.processor = Some(holder.clone());
    row.subjects = vec![subject.clone()];
    row.fields = fields;
    row.because.clone_from(because);
    row.due = *due;
    row.witness = judged.chain_to_least(subject, copies)?;
    Ok(row)
}

fn reasons(subject: &SubjectId, processor: &ProcessorId, rows: &[Row], anonymized: usize) -> Vec<Reason> {
    let count = |code: &str| {
        let holders: FxHashSet<_> = rows
            .iter()
            .filter(|row| row.code == code)
            .map(|row| &row.processor)
            .collect();
        holders.len()
    };
    let mut reasons = vec![if rows.is_empty() {
        Reason {
            code: "nothing-held",
            text: format!("nothing of {subject} that {processor} had is held by anybody on record"),
        }
    } else {
        Reason {
            code: "to-erase",
            text: format!(
                "of {subject}'s data at {processor}: {} to delete, {} to be told, {} on another ground{}",
                counted(count("delete"), "holder has", "holders have"),
                count("notify"),
                counted(count("kept"), "holder keeps some", "holders keep some"),
                if count("public") > 0 {
                    "; some is public for good"
                } else {
                    ""
                }
            ),
        }
    }];
    if anonymized > 0 {
        reasons.push(Reason {
            code: "anonymized-not-chased",
            text: format!(
                "{} of anonymized data not chased",
                counted(anonymized, "copy", "copies")
            ),
        });
    }
    reasons
}
