//! Which ground carries each activity, and what breaks when one is withdrawn?

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::replay::Held;
use crate::graph::{Act, ActNo, CopyNo, FieldNo, ProcessorNo, PurposeNo, SubjectNo};
use crate::model::id::{FactId, FieldId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure};
use crate::model::row::Row;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Role, Verdict};
use crate::policy::coverage::{Coverage, Pair};
use crate::rules;

/// What somebody does with one field of one subject, over and over.
type Activity = (
    ProcessorNo,
    ActKind,
    Option<ProcessorNo>,
    Option<PurposeNo>,
    FieldNo,
    SubjectNo,
);

/// One pair of an act that is judged, and the authorizations that carry it.
struct Carried {
    last: ActNo,
    grounds: Vec<u32>,
}

/// Rows of one shape, with what belongs to them.
type Merged = BTreeMap<(u8, Option<ActNo>, ProcessorNo, Vec<u32>), (Vec<SubjectNo>, Vec<FieldNo>)>;

const FRAGILE: u8 = 0;
const BREAKS: u8 = 1;
const STANDS: u8 = 2;
const LATER: u8 = 3;
const HELD: u8 = 4;

/// Without an authorization: the activities on record that exactly one ground would carry at the instant. With one: what
/// a withdrawal at the instant breaks and what stands on another ground; the acts on record from then on that only it
/// carries; and the copies held then that nothing else on record lets their holder hold. One that was withdrawn on record
/// is taken as withdrawn at the instant of the question, which then is that of its withdrawal unless another is given.
pub fn answer(
    judged: &Judged<'_>,
    authorization: Option<&FactId>,
    subject: Option<&SubjectId>,
    at: Option<Instant>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    if let Some(subject) = subject {
        scope.subject(subject)?;
    }
    let withdrawn = authorization
        .map(|id| {
            judged
                .case
                .coverage
                .position(id)
                .ok_or_else(|| AskError::UnknownAuthorization { id: id.to_string() })
        })
        .transpose()?;
    let mut coverage = Cow::Borrowed(&judged.case.coverage);
    let on_record = withdrawn.and_then(|ground| coverage.authorization(ground).withdrawn());
    let at = at.or(on_record).unwrap_or(scope.as_of);
    if let Some(ground) = withdrawn.filter(|_| on_record.is_some()) {
        coverage.to_mut().suppose_not_withdrawn(ground);
    }
    let coverage = coverage.as_ref();
    let mut merged = Merged::new();
    for ((_, _, _, _, field, subject), carried) in activities(judged, coverage, at) {
        let shape = match (withdrawn, carried.grounds.as_slice()) {
            (None, [_]) => FRAGILE,
            (Some(ground), [only]) if ground == *only => BREAKS,
            (Some(ground), list) if list.contains(&ground) => STANDS,
            (_, _) => continue,
        };
        let actor = scope.history.act(carried.last).actor;
        let key = (shape, Some(carried.last), actor, carried.grounds);
        add(&mut merged, key, subject, field);
    }
    if let Some(ground) = withdrawn {
        later(judged, coverage, ground, at, &mut merged);
        held(judged, coverage, ground, at, &mut merged);
    }
    let rows: Vec<Row> = merged
        .into_iter()
        .map(|(key, (subjects, fields))| row(judged, withdrawn, at, key, &subjects, &fields))
        .collect();
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if rows.iter().any(|row| row.code != "stands") {
            Verdict::Yes
        } else {
            Verdict::No
        },
        reasons: vec![reason(judged, authorization, at, &rows)],
        found: Found::Rows(rows),
        as_of: at,
    })
}

fn add(
    merged: &mut Merged,
    key: (u8, Option<ActNo>, ProcessorNo, Vec<u32>),
    subject: SubjectNo,
    field: FieldNo,
) {
    let entry = merged.entry(key).or_default();
    entry.0.push(subject);
    entry.1.push(field);
}

/// Each activity on record with its last act, as if it were done again at the instant.
fn activities(judged: &Judged<'_>, coverage: &Coverage, at: Instant) -> Vec<(Activity, Carried)> {
    let scope = judged.scope;
    let mut last: FxHashMap<Activity, (ActNo, Held)> = FxHashMap::default();
    each_pair(judged, |number, act, (subject, field), held| {
        let activity = (act.actor, act.kind, act.recipient, act.purpose, field, subject);
        last.insert(activity, (number, held));
    });
    let mut activities: Vec<(Activity, Carried)> = last
        .into_iter()
        .map(|(activity, (number, held))| {
            let mut act = judged.case.act(number).clone();
            act.at = at;
            let pair = Pair {
                subject: activity.5,
                field: activity.4,
                held,
            };
            let grounds = coverage.covering(scope.history, scope.replay, &act, pair);
            (
                activity,
                Carried {
                    last: judged.case.act_itself(number),
                    grounds,
                },
            )
        })
        .collect();
    activities.sort_unstable_by_key(|(activity, carried)| (carried.last, activity.5, activity.4));
    activities
}

/// Calls back for each pair that the check `authorized` judges.
fn each_pair(judged: &Judged<'_>, mut call: impl FnMut(ActNo, &Act, (SubjectNo, FieldNo), Held)) {
    for (number, act) in judged.case.judged() {
        for (pair, held) in act.pairs().zip(judged.case.held(number)) {
            if rules::is_judged_for_coverage(judged.case, act, pair.1, *held) {
                call(number, act, pair, *held);
            }
        }
    }
}

/// Acts on record at or after the instant that only this ground carries.
fn later(judged: &Judged<'_>, coverage: &Coverage, ground: u32, at: Instant, merged: &mut Merged) {
    let scope = judged.scope;
    each_pair(judged, |number, act, (subject, field), held| {
        let is_over = match judged.case.moment(number) {
            Some(moment) => moment.span.1.is_some_and(|until| until <= at),
            None => act.at < at,
        };
        if is_over {
            return;
        }
        let pair = Pair { subject, field, held };
        if coverage.covering(scope.history, scope.replay, act, pair) == [ground] {
            add(
                merged,
                (
                    LATER,
                    Some(judged.case.act_itself(number)),
                    act.actor,
                    vec![ground],
                ),
                subject,
                field,
            );
        }
    });
}

/// Copies held at the instant that only this ground lets their holder hold.
fn held(judged: &Judged<'_>, coverage: &Coverage, ground: u32, at: Instant, merged: &mut Merged) {
    let scope = judged.scope;
    for (holding, copies) in scope.replay.holdings() {
        let is_there = |number: &CopyNo| {
            let copy = scope.replay.copy(*number);
            copy.start <= at && copy.role != Role::Contradicted && judged.case.outlives(copy, at)
        };
        let copies: Vec<CopyNo> = copies.iter().copied().filter(is_there).collect();
        let (whose, which) = (holding.subject, holding.field);
        if copies.is_empty() || !scope.history.things.is_personal(which) {
            continue;
        }
        let record = (scope.history, scope.replay);
        let grounds = coverage.grounds_to_hold(record, holding.processor, (whose, which), &copies, at);
        if grounds == [ground] {
            let key = (HELD, None, holding.processor, vec![ground]);
            add(merged, key, whose, which);
        }
    }
}

fn row(
    judged: &Judged<'_>,
    withdrawn: Option<u32>,
    at: Instant,
    (shape, last, processor, grounds): (u8, Option<ActNo>, ProcessorNo, Vec<u32>),
    subjects: &[SubjectNo],
    fields: &[FieldNo],
) -> Row {
    let scope = judged.scope;
    let names = |list: &[u32]| -> Vec<String> {
        list.iter()
            .map(|ground| judged.case.coverage.authorization(*ground).id.to_string())
            .collect()
    };
    let step = last.map(|number| scope.history.step(number));
    let (subjects, fields) = judged.names(subjects, fields);
    let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
    let who = scope.history.things.processors().id(processor);
    let doing = step.as_ref().map_or_else(String::new, |step| {
        format!(
            "{who}: {} {}{}{}",
            step.kind,
            data.join(", "),
            step.recipient
                .as_ref()
                .filter(|to| *to != who)
                .map_or_else(String::new, |to| format!(" to {to}")),
            step.purpose
                .as_ref()
                .map_or_else(String::new, |purpose| format!(" for {purpose}")),
        )
    });
    let others: Vec<u32> = grounds
        .iter()
        .copied()
        .filter(|ground| Some(*ground) != withdrawn)
        .collect();
    let (code, text) = match shape {
        FRAGILE => (
            "fragile",
            format!("{doing} rests on {} alone", names(&grounds).join(", ")),
        ),
        BREAKS => ("breaks", format!("{doing} has no other ground")),
        STANDS => (
            "stands",
            format!("{doing} still rests on {}", names(&others).join(", ")),
        ),
        LATER => (
            "act-uncovered",
            format!("{doing} is on record after the withdrawal, and nothing else covers it"),
        ),
        _ => (
            "held-without-ground",
            format!(
                "{who} still holds {} at {} and has no other ground on record to hold it",
                data.join(", "),
                scope.zone.print(at)
            ),
        ),
    };
    let mut row = Row::new(code, text);
    row.at = step.as_ref().map(|step| step.at);
    row.act = step.as_ref().map(|step| step.act.clone());
    row.recipient = step
        .as_ref()
        .and_then(|step| step.recipient.clone())
        .filter(|to| to != who);
    row.purpose = step.as_ref().and_then(|step| step.purpose.clone());
    row.processor = Some(who.clone());
    row.subjects = subjects;
    row.fields = fields;
    row.because = if shape == STANDS {
        names(&others)
    } else {
        names(&grounds)
    };
    row.witness = step.into_iter().collect();
    row
}

fn reason(judged: &Judged<'_>, authorization: Option<&FactId>, at: Instant, rows: &[Row]) -> Reason {
    let when = judged.scope.zone.print(at);
    let count = |code: &str| rows.iter().filter(|row| row.code == code).count();
    match authorization {
        None => Reason {
            code: if rows.is_empty() {
                "nothing-fragile"
            } else {
                "fragile"
            },
            text: format!(
                "at {when} {} on record would rest on one authorization alone",
                counted(rows.len(), "activity", "activities")
            ),
        },
        Some(id) if rows.is_empty() => Reason {
            code: "carries-nothing",
            text: format!("{id} carries nothing on record at {when}"),
        },
        Some(id) => Reason {
            code: if rows.iter().all(|row| row.code == "stands") {
                "all-stands"
            } else {
                "breaks"
            },
            text: format!(
                "withdrawing {id} at {when}: {} would have no ground, {} would stand on another; {} on record after it would be uncovered; {} without a ground",
                counted(count("breaks"), "activity", "activities"),
                count("stands"),
                counted(count("act-uncovered"), "act", "acts"),
                counted(
                    count("held-without-ground"),
                    "holder would hold",
                    "holders would hold"
                ),
            ),
        },
    }
}
