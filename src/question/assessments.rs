//! Which risky activities were not assessed before, or too long ago?

use std::collections::{BTreeMap, BTreeSet};

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::{Act, ActNo, FieldNo, PurposeNo, SubjectNo};
use crate::model::fact::{Assessment, PolicyVersion};
use crate::model::id::{FactId, FieldId, ProcessorId, PurposeId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure};
use crate::model::row::Row;
use crate::model::rule::{Check, RiskKind};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Verdict};
use crate::rules::risk_applies;

/// What is risky when no rule on record says it (PIPL 55).
const RISKS: [RiskKind; 5] = [
    RiskKind::CrossBorder,
    RiskKind::Sensitive,
    RiskKind::Act(ActKind::Delegate),
    RiskKind::Act(ActKind::Share),
    RiskKind::Act(ActKind::Disclose),
];

/// How it stands with the assessment of an act, in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    None,
    Late,
    Stale,
    Assessed,
}

impl State {
    fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Late => "late",
            Self::Stale => "stale",
            Self::Assessed => "assessed",
        }
    }
}

/// Acts of one risk by one party for one purpose, as they were assessed.
type Key = (State, ProcessorId, String, Option<PurposeId>);

#[derive(Default)]
struct Acts {
    all: BTreeSet<ActNo>,
    first: Option<Instant>,
    last: Option<Instant>,
    subjects: Vec<SubjectNo>,
    fields: Vec<FieldNo>,
    because: BTreeSet<String>,
    changes: BTreeSet<String>,
}

/// An impact assessment, with numbers instead of names.
struct Done<'f> {
    id: &'f FactId,
    covers: &'f [RiskKind],
    purposes: Vec<PurposeNo>,
    at: Instant,
}

/// Answers with one row for each processor, risk and purpose: acts that nobody ever assessed (`none`), that were assessed
/// only later (`late`), whose latest assessment before was older than `within_days` or from before a major change of the
/// policy in force (`stale`), and the others (`assessed`). What is risky, and how long an assessment is good for, the
/// rules on record say, unless the question does.
pub fn answer(
    judged: &Judged<'_>,
    processor: Option<&ProcessorId>,
    subject: Option<&SubjectId>,
    within_days: Option<i64>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let only = processor.map(|id| scope.processor(id)).transpose()?;
    if let Some(subject) = subject {
        scope.subject(subject)?;
    }
    let (risks, days) = terms(judged, within_days);
    let policies = judged.case.policies_by_processor();
    let things = &scope.history.things;
    let mut groups: BTreeMap<Key, Acts> = BTreeMap::new();
    for (number, act) in judged.case.judged() {
        if only.is_some_and(|only| !judged.case.is_within(act.actor, only, act.at)) {
            continue;
        }
        let mut around = judged.case.around(act.actor, act.at);
        let versions = around.find_map(|holder| policies.get(&holder));
        let versions = versions.map_or(&[][..], Vec::as_slice);
        for risk in risks.iter().filter(|risk| risk_applies(judged.case, act, **risk)) {
            let done = done(judged, act, *risk);
            let (state, change) = state(act, &done, days, versions);
            let key = (
                state,
                things.processors().id(act.actor).clone(),
                risk.as_str().to_owned(),
                act.purpose.map(|purpose| things.purposes().id(purpose).clone()),
            );
            let acts = groups.entry(key).or_default();
            acts.all.insert(judged.case.act_itself(number));
            acts.first = Some(acts.first.map_or(act.at, |first| first.min(act.at)));
            acts.last = acts.last.max(Some(act.at));
            acts.subjects.extend(&act.subjects);
            acts.fields.extend(&act.fields);
            acts.because.extend(done.iter().map(|done| done.id.to_string()));
            acts.changes.extend(change.map(|version| version.id.to_string()));
        }
    }
    let rows: Vec<Row> = groups.iter().map(|(key, acts)| row(judged, key, acts)).collect();
    let count = |state: State| rows.iter().filter(|row| row.code == state.code()).count();
    let open = rows.len() - count(State::Assessed);
    let reason = Reason {
        code: if open == 0 { "all-assessed" } else { "not-assessed" },
        text: format!(
            "of {}: {} never assessed, {} only later, {} too long before",
            counted(rows.len(), "risky activity", "risky activities"),
            count(State::None),
            count(State::Late),
            count(State::Stale)
        ),
    };
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if open == 0 { Verdict::No } else { Verdict::Yes },
        reasons: vec![reason],
        found: Found::Rows(rows),
        as_of: scope.as_of,
    })
}

/// What is risky, and for how many days an assessment is good: the shortest that a rule gives.
fn terms(judged: &Judged<'_>, within_days: Option<i64>) -> (Vec<RiskKind>, Option<i64>) {
    let (mut risks, mut days): (Vec<RiskKind>, Option<i64>) = (Vec::new(), None);
    for rule in judged.rules {
        if let Check::ImpactAssessment {
            acts, within_days, ..
        } = &rule.check
        {
            for risk in acts
                .iter()
                .filter(|risk| !risks.contains(risk))
                .collect::<Vec<_>>()
            {
                risks.push(*risk);
            }
            days = days.into_iter().chain(*within_days).min();
        }
    }
    if risks.is_empty() {
        risks.extend(RISKS);
    }
    (risks, within_days.or(days))
}

/// The assessments of such acts by their actor.
fn done<'j>(judged: &'j Judged<'_>, act: &Act, risk: RiskKind) -> Vec<Done<'j>> {
    let things = &judged.scope.history.things;
    judged
        .case
        .assessments()
        .filter_map(|(fact, _)| match fact {
            Assessment::Impact {
                id,
                processor,
                covers,
                purposes,
                at,
            } if judged.case.is_named(processor, act.actor, act.at) => Some(Done {
                id,
                covers,
                purposes: things.purpose_numbers(purposes),
                at: *at,
            }),
            Assessment::Impact { .. } | Assessment::Recipient { .. } => None,
        })
        .filter(|done| {
            let serves = |purpose| things.serves(purpose, &done.purposes);
            done.covers.contains(&risk) && act.purpose.is_some_and(serves)
        })
        .collect()
}

/// How it stands, and the change of policy that made the latest assessment stale.
fn state<'f>(
    act: &Act,
    done: &[Done<'_>],
    days: Option<i64>,
    versions: &[&'f PolicyVersion],
) -> (State, Option<&'f PolicyVersion>) {
    if done.is_empty() {
        return (State::None, None);
    }
    let Some(latest) = done.iter().map(|done| done.at).filter(|at| *at <= act.at).max() else {
        return (State::Late, None);
    };
    let change = versions.iter().copied().find(|version| {
        version.has_major_changes && latest < version.effective && version.effective <= act.at
    });
    let is_old = days.is_some_and(|days| latest.plus_days(days) < act.at);
    if is_old || change.is_some() {
        (State::Stale, change)
    } else {
        (State::Assessed, None)
    }
}

fn row(judged: &Judged<'_>, (state, processor, risk, purpose): &Key, acts: &Acts) -> Row {
    let scope = judged.scope;
    let (subjects, fields) = judged.names(&acts.subjects, &acts.fields);
    let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
    let count = counted(acts.all.len(), "act", "acts");
    let for_what = purpose
        .as_ref()
        .map_or_else(String::new, |purpose| format!(" for {purpose}"));
    let doing = format!("{processor}: {risk}, {}{for_what}, {count}", data.join(", "));
    let changes: Vec<&str> = acts.changes.iter().map(String::as_str).collect();
    let text = match state {
        State::None => format!("{doing}, never assessed"),
        State::Late => format!("{doing}, assessed only later"),
        State::Stale if changes.is_empty() => format!("{doing}, assessed too long before"),
        State::Stale => format!("{doing}, assessed before a major change: {}", changes.join(", ")),
        State::Assessed => format!("{doing}, assessed before"),
    };
    let mut row = Row::new(state.code(), text);
    row.at = acts.first;
    row.last = acts.last;
    row.count = Some(acts.all.len());
    row.processor = Some(processor.clone());
    row.purpose.clone_from(purpose);
    row.subjects = subjects;
    row.fields = fields;
    row.because = acts.because.iter().chain(&acts.changes).cloned().collect();
    let first = acts.all.first();
    row.act = first.map(|number| scope.history.act(*number).id.clone());
    row.witness = first
        .map(|number| scope.history.step(*number))
        .into_iter()
        .collect();
    row
}
