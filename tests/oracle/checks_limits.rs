//! docs/checks.md 6: declared periods, least periods, purposes that ended, data never used, ceasing.

use super::checks_keeping::{Limit, kept_too_long, limits};
use super::checks_sources::report_act;
use super::facts::{self, DAY, EVERYONE, Event, Facts, Instant, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{is_personal, purpose_at_or_under, within};
use super::replay::Replay;

/// Row declared-period: "as retention, with one limit for each `retention_periods` entry that has `days`".
pub fn declared_period(case: &mut Case, rule: &Rule) {
    let periods = &case.facts.retention_periods;
    for (i, period) in periods.iter().enumerate() {
        let says_the_same = |other: &facts::RetentionPeriod| {
            (&other.processor, &other.fields, other.days) == (&period.processor, &period.fields, period.days)
        };
        let Some(days) = period.days.filter(|_| !periods[..i].iter().any(says_the_same)) else {
            continue;
        };
        let limit = Limit {
            data: serde_json::json!({"fields": period.fields}),
            days,
            processor: Some(period.processor.clone()),
        };
        kept_too_long(case, rule, &limit);
    }
}

/// Row minimum-retention: merged by (delete, acquiring act, holder).
pub fn minimum_retention(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for limit in limits(rule) {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (c, copy) in replay.copies.iter().enumerate() {
            let Some(end) = copy
                .end
                .filter(|end| copy.deleted && *end < copy.start + limit.days * DAY)
            else {
                continue;
            };
            if !limit.takes(facts, rule, copy, end) {
                continue;
            }
            let key = |c: usize| {
                let copy = &replay.copies[c];
                (copy.ended_by, copy.via, &copy.processor)
            };
            match groups.iter_mut().find(|group| key(group[0]) == key(c)) {
                Some(group) => group.push(c),
                None => groups.push(vec![c]),
            }
        }
        // the delete is the act: acts in order
        groups.sort_by_key(|group| replay.copies[group[0]].ended_by);
        for group in groups {
            let first = &replay.copies[group[0]];
            let delete = first.ended_by.expect("ended by a delete");
            let (subjects, fields) = apart(replay, &group);
            case.report(
                rule,
                Report {
                    reason: "deleted-early".into(),
                    at: facts.events[delete].at,
                    kind: Kind::Event,
                    thing: &facts.events[delete].id,
                    processor: &first.processor,
                    subjects,
                    fields,
                    because: vec![facts.events[first.via].id.clone()],
                    witness: vec![first.via, delete],
                },
            );
        }
    }
}

/// *Merged*: subjects and fields of all copies.
fn apart(replay: &Replay, copies: &[usize]) -> (Vec<String>, Vec<String>) {
    let all = copies.iter().map(|c| &replay.copies[*c]);
    all.map(|copy| (copy.subject.clone(), copy.field.clone())).unzip()
}

/// "Chain of the copy of the least (subject, field)"; of several the earliest in creation order.
fn chain_of_least(replay: &Replay, copies: &[usize]) -> Vec<usize> {
    let least = copies.iter().copied().min_by_key(|c| {
        let copy = &replay.copies[*c];
        (&copy.subject, &copy.field, *c)
    });
    replay.chain(least.expect("at least one copy"))
}

/// Of a purpose and those above it the one that ended first; of several at one instant the first in the file.
fn ended_above(facts: &Facts, purpose: Option<&String>) -> Option<(String, Instant)> {
    let purpose = purpose?;
    let ended = facts.purposes.iter().filter_map(|p| Some((&p.id, p.ended?)));
    let above = ended.filter(|(id, _)| purpose_at_or_under(facts, purpose, id));
    above
        .min_by_key(|(_, ended)| *ended)
        .map(|(id, ended)| (id.clone(), ended))
}

/// Rows purpose-ended.
pub fn purpose_ended(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let within = facts::integer(&rule.parameters, "within_days").expect("within_days is required") * DAY;
    for (e, event) in facts.events.iter().enumerate() {
        let Some((purpose, ended)) = ended_above(facts, event.purpose.as_ref()) else {
            continue;
        };
        if event.act != "delete" && event.at >= ended {
            let witness = replay.path1_of(facts, e, &event.fields[0]);
            let about = (event.subjects.clone(), event.fields.clone());
            report_act(
                case,
                rule,
                event,
                "used-after-purpose",
                about,
                vec![purpose],
                witness,
            );
        }
    }
    for (e, event) in facts.events.iter().enumerate() {
        let Some((purpose, ended)) = ended_above(facts, event.purpose.as_ref()) else {
            continue;
        };
        let deadline = ended + within;
        let mut kept: Vec<usize> = Vec::new();
        for (c, copy) in replay.copies.iter().enumerate() {
            let is_left = copy.via == e
                && copy.start < ended
                && copy.end.is_none_or(|end| end > deadline)
                && is_personal(facts, &copy.field);
            if is_left && facts.as_of > deadline {
                kept.push(c);
            }
        }
        let Some(first) = kept.first() else { continue };
        let (subjects, fields) = apart(replay, &kept);
        case.report(
            rule,
            Report {
                reason: "kept-after-purpose".into(),
                at: deadline,
                kind: Kind::Event,
                thing: &event.id,
                processor: &replay.copies[*first].processor,
                subjects,
                fields,
                because: vec![purpose],
                witness: chain_of_least(replay, &kept),
            },
        );
    }
}

/// docs/checks.md 1.5: a standing act is judged as an act at each instant at which it is active and its actor holds something.
/// Whether there is one at or after `at`.
fn is_done_after(
    case: &Case,
    act: &Event,
    end: Option<Instant>,
    at: Instant,
    (subject, field): (&str, &str),
) -> bool {
    let from = act.at.max(at);
    end.is_none_or(|end| from < end)
        && case.replay.copies.iter().any(|copy| {
            copy.processor == act.actor
                && copy.subject == *subject
                && copy.field == *field
                && end.is_none_or(|end| copy.start < end)
                && copy.end.is_none_or(|end| from <= end)
        })
}

/// Row never-used.
pub fn never_used(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let within = facts::integer(&rule.parameters, "within_days").expect("within_days is required") * DAY;
    for (e, event) in facts.events.iter().enumerate() {
        let deadline = event.at + within;
        if event.act != "collect"
            || facts.as_of <= deadline
            || !processor_taken(facts, rule, &event.actor, event.at)
        {
            continue;
        }
        let (mut subjects, mut fields) = (Vec::new(), Vec::new());
        for subject in &event.subjects {
            for field in event.fields.iter().filter(|f| is_personal(facts, f)) {
                let did_something = facts.events.iter().enumerate().any(|(number, later)| {
                    let is_later = match later.standing {
                        None => number > e,
                        Some(end) => is_done_after(case, later, end, event.at, (subject, field)),
                    };
                    is_later
                        && later.actor == event.actor
                        && !matches!(
                            later.act.as_str(),
                            "collect" | "store" | "correct" | "restrict" | "delete"
                        )
                        && later.subjects.contains(subject)
                        && later.fields.contains(field)
                });
                if !did_something {
                    subjects.push(subject.clone());
                    fields.push(field.clone());
                }
            }
        }
        if subjects.is_empty() {
            continue;
        }
        case.report(
            rule,
            Report {
                reason: "never-used".into(),
                at: deadline,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects,
                fields,
                because: Vec::new(),
                witness: vec![e],
            },
        );
    }
}

/// Rows ceasing.
pub fn ceasing(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let clear = facts::integer(&rule.parameters, "clear_within_days").unwrap_or(0) * DAY;
    for (e, event) in facts.events.iter().enumerate() {
        for p in &facts.processors {
            let has_ceased = p.ceased.is_some_and(|ceased| event.at >= ceased);
            if event.act != "collect" || !has_ceased || !within(facts, &event.actor, &p.id, event.at) {
                continue;
            }
            let about = (event.subjects.clone(), event.fields.clone());
            let because = vec![p.id.clone()];
            report_act(
                case,
                rule,
                event,
                "collected-after-ceasing",
                about,
                because,
                vec![e],
            );
        }
    }
    for p in &facts.processors {
        if let Some(ceased) = p.ceased {
            not_told_of_ceasing(case, rule, &p.id, ceased);
            kept_after_ceasing(case, rule, &p.id, ceased + clear);
        }
    }
}

/// The personal copies at P with start < t and no end or end > t.
fn held_over(case: &Case, p: &str, t: Instant) -> Vec<usize> {
    let copies = case.replay.copies.iter().enumerate();
    copies
        .filter(|(_, copy)| {
            within(case.facts, &copy.processor, p, t)
                && is_personal(case.facts, &copy.field)
                && copy.start < t
                && copy.end.is_none_or(|end| end > t)
        })
        .map(|(c, _)| c)
        .collect()
}

fn not_told_of_ceasing(case: &mut Case, rule: &Rule, p: &str, ceased: Instant) {
    let (mut those, _) = apart(case.replay, &held_over(case, p, ceased));
    those.retain(|subject| {
        !case.facts.notices.iter().any(|notice| {
            notice.kind == "cessation"
                && within(case.facts, p, &notice.processor, ceased)
                && notice.at <= ceased
                && notice
                    .subjects
                    .iter()
                    .any(|told| told == subject || told == EVERYONE)
        })
    });
    if those.is_empty() || case.facts.as_of < ceased {
        return;
    }
    case.report(
        rule,
        Report {
            reason: "not-told-of-ceasing".into(),
            at: ceased,
            kind: Kind::Fact,
            thing: &format!("ceased:{p}"),
            processor: p,
            subjects: those,
            fields: Vec::new(),
            because: vec![p.to_string()],
            witness: Vec::new(),
        },
    );
}

fn kept_after_ceasing(case: &mut Case, rule: &Rule, p: &str, deadline: Instant) {
    let kept = held_over(case, p, deadline);
    if kept.is_empty() || case.facts.as_of <= deadline {
        return;
    }
    let (subjects, fields) = apart(case.replay, &kept);
    let witness = chain_of_least(case.replay, &kept);
    case.report(
        rule,
        Report {
            reason: "kept-after-ceasing".into(),
            at: deadline,
            kind: Kind::Fact,
            thing: &format!("ceased:{p}"),
            processor: p,
            subjects,
            fields,
            because: vec![p.to_string()],
            witness,
        },
    );
}
