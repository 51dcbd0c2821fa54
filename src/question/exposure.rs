//! A breach at a processor: whose data, from where, who got it afterwards, who must be told by when?

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::{CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::fact::{Fact, Incident};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Found, Reason, Unsure, Window};
use crate::model::row::Row;
use crate::model::rule::Check;
use crate::model::time::{Instant, Span, Stretch};
use crate::model::word::{ActKind, Verdict};
use crate::reach::lineage;

/// Answers with one row for each subject whose personal data the processor held in the window (`exposed`), each processor
/// that gave it (`source`), each one that got it, or something made from it, from the beginning of the window on
/// (`passed-on`), and each deadline that a rule on record sets (`tell-subjects`, `tell-regulator`, `tell-platform`). A window
/// without ends is the instant of the question.
pub fn answer(
    judged: &Judged<'_>,
    processor: &ProcessorId,
    during: Window,
    subject: Option<&SubjectId>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let holder = scope.processor(processor)?;
    let only = subject.map(|id| scope.subject(id)).transpose()?;
    let from = during.from.unwrap_or(if during.until.is_some() {
        Instant::from_micros(i64::MIN)
    } else {
        scope.as_of
    });
    let held: Vec<CopyNo> = scope
        .replay
        .copies()
        .filter(|(_, copy)| {
            let holding = scope.replay.holding_of(copy);
            let is_before_end = match during.until {
                Some(until) => copy.start < until,
                None => copy.start <= from.max(scope.as_of),
            };
            judged
                .case
                .is_within(holding.processor, holder, from.max(copy.start))
                && only.is_none_or(|only| only == holding.subject)
                && scope.history.things.is_personal(holding.field)
                && is_before_end
                && judged.case.outlives(copy, from)
        })
        .map(|(number, _)| number)
        .collect();
    let mut rows = exposed(judged, processor, from, &held)?;
    let people = rows.len();
    rows.extend(sources(judged, holder, &held));
    rows.extend(passed_on(judged, holder, from, &held));
    let exposed_fields: Vec<FieldNo> = held.iter().map(|copy| judged.pair(*copy).1).collect();
    let clocks = clocks(judged, processor, during.from, &exposed_fields);
    let has_clock = !clocks.is_empty();
    if people > 0 {
        rows.extend(clocks);
    }
    let mut reasons = vec![Reason {
        code: if people == 0 { "nothing-exposed" } else { "exposed" },
        text: if people == 0 {
            format!("{processor} held no personal data on record then")
        } else {
            format!(
                "{processor} held data of {}",
                counted(people, "person", "persons")
            )
        },
    }];
    if people > 0 && !has_clock {
        reasons.push(Reason {
            code: "no-clock",
            text: "no rule on record says who must be told by when".to_owned(),
        });
    }
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if people == 0 { Verdict::No } else { Verdict::Yes },
        reasons,
        found: Found::Rows(rows),
        as_of: scope.as_of,
    })
}

fn exposed(
    judged: &Judged<'_>,
    processor: &ProcessorId,
    from: Instant,
    held: &[CopyNo],
) -> Result<Vec<Row>, AskError> {
    let scope = judged.scope;
    let mut by_subject: BTreeMap<SubjectId, (SubjectNo, Vec<CopyNo>)> = BTreeMap::new();
    for copy in held {
        let (subject, _) = judged.pair(*copy);
        let id = scope.history.subjects().id(subject).clone();
        by_subject
            .entry(id)
            .or_insert((subject, Vec::new()))
            .1
            .push(*copy);
    }
    let mut rows = Vec::new();
    for (id, (subject, copies)) in by_subject {
        let numbers: Vec<FieldNo> = copies.iter().map(|copy| judged.pair(*copy).1).collect();
        let sensitive: Vec<FieldNo> = numbers
            .iter()
            .copied()
            .filter(|field| scope.history.things.is_sensitive(*field))
            .collect();
        let (_, fields) = judged.names(&[], &numbers);
        let (_, sensitive) = judged.names(&[], &sensitive);
        let names = |list: &[FieldId]| list.iter().map(FieldId::as_str).collect::<Vec<_>>().join(", ");
        let mut text = format!("{processor} held {} of {id}", names(&fields));
        if !sensitive.is_empty() {
            text.push_str("; sensitive: ");
            text.push_str(&names(&sensitive));
        }
        if judged
            .case
            .coverage
            .is_minor(subject, from.max(earliest(judged, &copies)))
        {
            text.push_str("; a minor then");
        }
        let mut row = Row::new("exposed", text);
        row.processor = Some(processor.clone());
        row.witness = judged.chain_to_least(&id, &copies)?;
        row.subjects = vec![id];
        row.fields = fields;
        rows.push(row);
    }
    Ok(rows)
}

fn earliest(judged: &Judged<'_>, copies: &[CopyNo]) -> Instant {
    copies
        .iter()
        .map(|copy| judged.scope.replay.copy(*copy).start)
        .min()
        .unwrap_or(judged.scope.as_of)
}

/// Subjects and fields by processor.
type ByProcessor = BTreeMap<ProcessorId, (Vec<SubjectNo>, Vec<FieldNo>)>;

/// Who gave the processor what was exposed: they answer to their own people for having passed it on.
fn sources(judged: &Judged<'_>, holder: ProcessorNo, held: &[CopyNo]) -> Vec<Row> {
    let scope = judged.scope;
    let mut givers = ByProcessor::new();
    for copy in held {
        let act = scope.history.act(scope.replay.copy(*copy).via);
        let giver = if act.kind == ActKind::Collect {
            act.source
        } else {
            Some(act.actor)
        };
        if let Some(giver) = giver.filter(|giver| {
            !judged
                .case
                .is_within(*giver, holder, scope.replay.copy(*copy).start)
        }) {
            let entry = givers
                .entry(scope.history.things.processors().id(giver).clone())
                .or_default();
            let (subject, field) = judged.pair(*copy);
            entry.0.push(subject);
            entry.1.push(field);
        }
    }
    rows_of(judged, givers, "source", "gave it")
}

/// Who got it, or something made from it, from the beginning of the window on.
fn passed_on(judged: &Judged<'_>, holder: ProcessorNo, from: Instant, held: &[CopyNo]) -> Vec<Row> {
    let scope = judged.scope;
    let replay = scope.replay;
    let exposed: FxHashSet<CopyNo> = held.iter().copied().collect();
    let all = || replay.copies().map(|(number, _)| number);
    // What a standing act brings goes on coming, as long as what feeds it is held.
    let is_after = |number: CopyNo| {
        let copy = replay.copy(number);
        let stands = || {
            let standing = scope.history.act(copy.via).when.standing();
            let fed = replay.parent_stretches(copy).iter().all(|stretch| {
                let last = replay.copies_in(*stretch).last();
                last.is_some_and(|last| judged.case.outlives(replay.copy(*last), from))
            });
            let goes_on = |(_, until): Stretch| until.is_none_or(|until| from < until);
            standing.is_some_and(goes_on) && fed && judged.case.outlives(copy, from)
        };
        copy.start >= from || stands()
    };
    let below = lineage::descendants(replay, all(), |copy| exposed.contains(&copy), is_after);
    let mut takers = ByProcessor::new();
    for number in all().filter(|number| below.contains(*number)) {
        let (subject, field) = judged.pair(number);
        let copy = replay.copy(number);
        let taker = replay.holding_of(copy).processor;
        if !replay.came_to(copy, holder) {
            let entry = takers
                .entry(scope.history.things.processors().id(taker).clone())
                .or_default();
            entry.0.push(subject);
            entry.1.push(field);
        }
    }
    rows_of(
        judged,
        takers,
        "passed-on",
        "got it, or something made from it, since then",
    )
}

fn rows_of(judged: &Judged<'_>, by_processor: ByProcessor, code: &str, what: &str) -> Vec<Row> {
    by_processor
        .into_iter()
        .map(|(id, (subjects, fields))| {
            let (subjects, fields) = judged.names(&subjects, &fields);
            let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
            let mut row = Row::new(code, format!("{id} {what}: {}", data.join(", ")));
            row.processor = Some(id);
            row.subjects = subjects;
            row.fields = fields;
            row
        })
        .collect()
}

/// Deadlines for telling, by rules on record: from each incident that the processor knew of, or else from the beginning of
/// the window, when the breach is suspected.
fn clocks(
    judged: &Judged<'_>,
    processor: &ProcessorId,
    suspected: Option<Instant>,
    fields: &[FieldNo],
) -> Vec<Row> {
    let holder = judged.case.processor(processor);
    let is_meant = |id: &ProcessorId, at| holder.is_some_and(|holder| judged.case.is_named(id, holder, at));
    let incidents: Vec<&Incident> = judged
        .case
        .facts(|fact| {
            if let Fact::Incident(incident) = fact {
                Some(incident)
            } else {
                None
            }
        })
        .map(|(incident, _)| incident)
        .filter(|incident| {
            is_meant(&incident.processor, incident.known)
                && suspected.is_none_or(|from| incident.known >= from)
                && judged
                    .scope
                    .history
                    .things
                    .field_numbers(&incident.fields)
                    .iter()
                    .any(|field| fields.contains(field))
        })
        .collect();
    let mut rows = Vec::new();
    for rule in judged.rules {
        let Check::IncidentNotice {
            subjects_within,
            regulator_within,
            platform_within,
            processors,
            from_suspicion,
        } = &rule.check
        else {
            continue;
        };
        let begin = suspected.unwrap_or(judged.scope.as_of);
        if processors
            .as_ref()
            .is_some_and(|list| !list.iter().any(|id| is_meant(id, begin)))
        {
            continue;
        }
        let clocks = [
            ("tell-subjects", "the persons", subjects_within),
            ("tell-regulator", "the regulator", regulator_within),
            ("tell-platform", "the platform", platform_within),
        ];
        for (code, whom, within) in clocks {
            let Some(within) = within else { continue };
            if incidents.is_empty() {
                let from = suspected.unwrap_or(judged.scope.as_of);
                rows.push(clock(
                    judged,
                    processor,
                    (code, whom),
                    (from, *within),
                    rule.id.as_str(),
                    None,
                ));
            }
            for incident in &incidents {
                let run = (incident.begin(*from_suspicion), *within);
                rows.push(clock(
                    judged,
                    processor,
                    (code, whom),
                    run,
                    rule.id.as_str(),
                    Some(incident),
                ));
            }
        }
    }
    rows
}

/// How many people a sentence names.
const NAMED: usize = 5;

/// The first of these people, and how many more there are.
fn few(people: &[SubjectId]) -> String {
    let names: Vec<&str> = people.iter().take(NAMED).map(SubjectId::as_str).collect();
    match people.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn clock(
    judged: &Judged<'_>,
    processor: &ProcessorId,
    (code, whom): (&str, &str),
    (known, within): (Instant, Span),
    rule: &str,
    incident: Option<&Incident>,
) -> Row {
    let zone = judged.scope.zone;
    let mut untold: Vec<SubjectId> = Vec::new();
    let told = incident.map(|incident| match code {
        "tell-regulator" => incident.regulator_told,
        "tell-platform" => incident.platform_told,
        _ => {
            let told = |subject| {
                let entry = incident.subjects_told.iter().rev().find(|(id, _)| id == subject);
                entry.map(|(_, at)| *at)
            };
            let of_all = incident.subjects.iter();
            untold.extend(of_all.filter(|subject| told(*subject).is_none()).cloned());
            // All of them are told when the last one is.
            let all: Option<Vec<Instant>> = incident.subjects.iter().map(told).collect();
            all.and_then(|all| all.into_iter().max())
        }
    });
    untold.sort_unstable();
    untold.dedup();
    let state = match told {
        None => "counted from the beginning of the window, since no incident is on record".to_owned(),
        Some(None) if untold.is_empty() => format!("known on {}, not told on record", zone.print(known)),
        Some(None) => format!(
            "known on {}, {} not told on record",
            zone.print(known),
            few(&untold)
        ),
        Some(Some(at)) => format!("known on {}, told on {}", zone.print(known), zone.print(at)),
    };
    let mut row = Row::new(code, format!("{processor} must tell {whom}; {state}"));
    row.subjects = untold;
    row.at = Some(known);
    row.due = Some(known.plus(within));
    row.processor = Some(processor.clone());
    row.because = std::iter::once(rule.to_owned())
        .chain(incident.map(|incident| incident.id.to_string()))
        .collect();
    row
}
