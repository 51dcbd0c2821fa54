//! For which purposes was data used, and was that authorized, and declared in the policy in force?

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::judged::{Judged, alone};
use super::{AskError, counted};
use crate::graph::replay::Held;
use crate::graph::{ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::finding::{Culprit, Finding};
use crate::model::id::{FieldId, ProcessorId, PurposeId, SubjectId};
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::rule::{Check, Terms, When};
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::rules;

/// What is asked about: absent means all.
#[derive(Clone, Copy, Default)]
pub struct Of<'a> {
    /// Which data.
    pub field: Option<&'a FieldId>,
    /// Who acts.
    pub processor: Option<&'a ProcessorId>,
    /// Whose data.
    pub subject: Option<&'a SubjectId>,
}

/// What a row says of a group of acts, in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Used,
    NotAuthorized,
    NotDeclared,
}

impl What {
    fn code(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::NotAuthorized => "not-authorized",
            Self::NotDeclared => "not-declared",
        }
    }
}

/// Acts of one kind by one party for one purpose.
type Key = (What, ProcessorId, PurposeId, ActKind);

#[derive(Default)]
struct Acts {
    all: BTreeSet<ActNo>,
    first: Option<Instant>,
    last: Option<Instant>,
    subjects: Vec<SubjectNo>,
    fields: Vec<FieldNo>,
    reasons: BTreeSet<String>,
    because: BTreeSet<String>,
}

/// Answers with one row for each processor, purpose and kind of act: all acts that have a purpose (`used`), of these those
/// that the check `authorized` or `delegation` has a finding about (`not-authorized`), and those that the check `declared`
/// has one about (`not-declared`). An act on what was never held counts for nothing.
pub fn answer(judged: &Judged<'_>, of: Of<'_>) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let field = of.field.map(|id| scope.field(id)).transpose()?;
    let processor = of.processor.map(|id| scope.processor(id)).transpose()?;
    let subject = of.subject.map(|id| scope.subject(id)).transpose()?;
    let things = &scope.history.things;
    let found = findings(judged);
    let faults = by_pair(judged, &found);
    let mut groups: BTreeMap<Key, Acts> = BTreeMap::new();
    for (number, act) in judged.case.judged() {
        let Some(purpose) = act.purpose else { continue };
        if processor.is_some_and(|only| !judged.case.is_within(act.actor, only, act.at)) {
            continue;
        }
        let itself = judged.case.act_itself(number);
        let last = match judged.case.moment(number) {
            Some(moment) => moment.span.1.unwrap_or(scope.as_of.max(act.at)),
            None => act.at,
        };
        for ((whose, which), held) in act.pairs().zip(judged.case.held(number)) {
            let is_meant = field.is_none_or(|only| only == which)
                && subject.is_none_or(|only| only == whose)
                && *held != Held::Nothing;
            if !is_meant {
                continue;
            }
            let mut add = |what, finding: Option<&Finding>| {
                let key = (
                    what,
                    things.processors().id(act.actor).clone(),
                    things.purposes().id(purpose).clone(),
                    act.kind,
                );
                let acts = groups.entry(key).or_default();
                acts.all.insert(itself);
                acts.first = Some(acts.first.map_or(act.at, |first| first.min(act.at)));
                acts.last = acts.last.max(Some(last));
                acts.subjects.push(whose);
                acts.fields.push(which);
                acts.reasons.extend(finding.map(|finding| finding.reason.clone()));
                acts.because
                    .extend(finding.into_iter().flat_map(|finding| finding.because.clone()));
            };
            add(What::Used, None);
            for (what, finding) in faults.get(&(itself, which, whose)).into_iter().flatten() {
                add(*what, Some(finding));
            }
        }
    }
    let rows: Vec<Row> = groups.iter().map(|(key, acts)| row(judged, key, acts)).collect();
    let reasons = reasons(judged, of, &rows);
    Ok(Answer::of_rows(rows, reasons, scope.as_of))
}

/// What the checks of coverage and of declaration find, with nothing left out.
fn findings(judged: &Judged<'_>) -> Vec<(What, Finding)> {
    let authorized = Check::Authorized {
        when: When::default(),
        terms: Terms::default(),
    };
    let delegation = Check::Delegation {
        affiliates_only: false,
        return_within_days: 0,
    };
    let declared = Check::Declared { processors: None };
    let mut found = Vec::new();
    for (what, check) in [
        (What::NotAuthorized, authorized),
        (What::NotAuthorized, delegation),
        (What::NotDeclared, declared),
    ] {
        let (findings, _) = rules::judge(judged.case, &[&alone("use", check)]);
        found.extend(findings.into_iter().map(|finding| (what, finding)));
    }
    found
}

type Faults<'f> = FxHashMap<(ActNo, FieldNo, SubjectNo), Vec<(What, &'f Finding)>>;

fn by_pair<'f>(judged: &Judged<'_>, found: &'f [(What, Finding)]) -> Faults<'f> {
    let history = judged.scope.history;
    let numbers: FxHashMap<&str, ActNo> = history
        .numbered()
        .map(|(number, act)| (act.id.as_str(), number))
        .collect();
    let mut faults = Faults::default();
    for (what, finding) in found {
        let Culprit::Event(act) = &finding.culprit else {
            continue;
        };
        let Some(number) = numbers.get(act.as_str()) else {
            continue;
        };
        for field in history.things.field_numbers(&finding.fields) {
            for subject in judged.case.subjects(&finding.subjects) {
                let entry = faults.entry((*number, field, subject)).or_default();
                entry.push((*what, finding));
            }
        }
    }
    faults
}

fn row(judged: &Judged<'_>, (what, processor, purpose, kind): &Key, acts: &Acts) -> Row {
    let scope = judged.scope;
    let (subjects, fields) = judged.names(&acts.subjects, &acts.fields);
    let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
    let print = |at: Option<Instant>| at.map_or_else(String::new, |at| scope.zone.print(at));
    let when = if acts.first == acts.last {
        format!("on {}", print(acts.first))
    } else {
        format!("from {} to {}", print(acts.first), print(acts.last))
    };
    let doing = format!(
        "{processor}: {kind} {} for {purpose}, {} {when}",
        data.join(", "),
        counted(acts.all.len(), "act", "acts")
    );
    let reasons: Vec<&str> = acts.reasons.iter().map(String::as_str).collect();
    let text = match what {
        What::Used => doing,
        What::NotAuthorized => format!("{doing}, not authorized: {}", reasons.join(", ")),
        What::NotDeclared => format!("{doing}, not declared: {}", reasons.join(", ")),
    };
    let mut row = Row::new(what.code(), text);
    row.at = acts.first;
    row.last = acts.last;
    row.count = Some(acts.all.len());
    row.processor = Some(processor.clone());
    row.purpose = Some(purpose.clone());
    row.subjects = subjects;
    row.fields = fields;
    row.because = acts.because.iter().cloned().collect();
    let first = acts.all.first();
    row.act = first.map(|number| scope.history.act(*number).id.clone());
    row.witness = first
        .map(|number| scope.history.step(*number))
        .into_iter()
        .collect();
    row
}

fn reasons(judged: &Judged<'_>, of: Of<'_>, rows: &[Row]) -> Vec<Reason> {
    let count = |what: What| rows.iter().filter(|row| row.code == what.code()).count();
    let what = of.field.map_or_else(|| "data".to_owned(), ToString::to_string);
    let whose = of.subject.map_or_else(String::new, |id| format!(" of {id}"));
    if rows.is_empty() {
        return vec![Reason {
            code: "not-used",
            text: format!("no use of {what}{whose} is on record"),
        }];
    }
    let mut reasons = vec![Reason {
        code: "used",
        text: format!(
            "{what}{whose}: {} of processor, purpose and act on record; {} not authorized, {} not declared",
            counted(count(What::Used), "combination", "combinations"),
            count(What::NotAuthorized),
            count(What::NotDeclared),
        ),
    }];
    let policies = judged.case.policies_by_processor();
    // The policy of what a processor lies inside when it acts is its own.
    let has_policy = |id: &ProcessorId, at: Instant| {
        let number: Option<ProcessorNo> = judged.case.processor(id);
        number.is_some_and(|number| judged.case.policy_of(&policies, number, at).0)
    };
    let silent: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row.processor.as_ref().zip(row.at))
        .filter(|(id, at)| !has_policy(id, *at))
        .map(|(id, _)| id.as_str())
        .collect();
    if !silent.is_empty() {
        let names: Vec<&str> = silent.into_iter().collect();
        reasons.push(Reason {
            code: "no-policy",
            text: format!(
                "no policy on record says what {} declared; nothing is told of it",
                names.join(", ")
            ),
        });
    }
    reasons
}
