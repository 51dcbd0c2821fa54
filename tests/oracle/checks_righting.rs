//! docs/checks.md 6: data put right, and data set apart.

use super::facts::{self, DAY, Event, Facts, Instant, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::is_personal;

/// Row restriction.
pub fn restriction(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        let is_left_free = matches!(event.act.as_str(), "store" | "correct" | "restrict" | "delete");
        if is_left_free || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        // one finding for each restrict act
        for (r, restrict) in facts.events.iter().enumerate() {
            let (mut subjects, mut fields, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
            for subject in &event.subjects {
                for field in &event.fields {
                    if restricted_by(facts, e, subject, field) == Some(r) {
                        subjects.push(subject.clone());
                        fields.push(field.clone());
                        pairs.push((subject, field));
                    }
                }
            }
            let Some((subject, field)) = pairs.into_iter().min() else {
                continue;
            };
            let witness = if event.act == "collect" {
                vec![e]
            } else {
                replay.path(facts, &event.actor, field, subject, e)
            };
            case.report(
                rule,
                Report {
                    reason: "used-while-restricted".into(),
                    at: event.at,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &event.actor,
                    subjects,
                    fields,
                    because: vec![restrict.id.clone()],
                    witness,
                },
            );
        }
    }
}

/// The restrict act that is in force for a pair at its actor when act e takes place: the first since the last lift. For a moment of a
/// standing act all that happened until its instant, at it included.
fn restricted_by(facts: &Facts, e: usize, subject: &String, field: &String) -> Option<usize> {
    let event = &facts.events[e];
    let mut by = None;
    for (r, other) in facts.events.iter().enumerate() {
        let is_before = if event.is_moment {
            other.at <= event.at
        } else {
            r < e
        };
        let is_of = other.act == "restrict" && other.actor == event.actor;
        if is_before && is_of && concerns(other, subject, field) {
            by = if other.lift { None } else { by.or(Some(r)) };
        }
    }
    by
}

fn concerns(event: &Event, subject: &String, field: &String) -> bool {
    event.subjects.contains(subject) && event.fields.contains(field)
}

/// Row correction-propagated: correct × other processor.
pub fn correction_propagated(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let days = facts::integer(&rule.parameters, "within_days").expect("within_days is required");
    for (e, event) in facts.events.iter().enumerate() {
        let deadline = event.at + days * DAY;
        if event.act != "correct"
            || !processor_taken(facts, rule, &event.actor, event.at)
            || facts.as_of <= deadline
        {
            continue;
        }
        for other in facts.processors.iter().filter(|p| p.id != event.actor) {
            let mut left: Vec<usize> = Vec::new();
            for (c, copy) in replay.copies.iter().enumerate() {
                if copy.processor == other.id
                    && is_personal(facts, &copy.field)
                    && copy.end.is_none_or(|end| end > deadline)
                    && descends(case, c, event, e)
                    && !is_put_right(case, c, e, deadline)
                {
                    left.push(c);
                }
            }
            let least = super::checks_ending::least_pair(replay, &left);
            let Some(mut witness) = least.map(|least| replay.chain(least)) else {
                continue;
            };
            witness.push(e);
            case.report(
                rule,
                Report {
                    reason: "stale-downstream".into(),
                    at: deadline,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &other.id,
                    subjects: left.iter().map(|c| replay.copies[*c].subject.clone()).collect(),
                    fields: left.iter().map(|c| replay.copies[*c].field.clone()).collect(),
                    because: vec![event.id.clone()],
                    witness,
                },
            );
        }
    }
}

/// Before act d copy c was there and descended from a copy of the corrected pair at the corrector, one that was there before the
/// correct, with no step down made by a derive other than deidentify.
fn descends(case: &Case, c: usize, correct: &Event, d: usize) -> bool {
    let before = |act: usize| case.replay.copies.iter().filter(|copy| copy.step < act).count();
    let passes = |c: usize| {
        let via = &case.facts.record[case.replay.copies[c].via];
        via.act != "derive" || via.method.as_deref() == Some("deidentify")
    };
    let e = case
        .facts
        .events
        .iter()
        .position(|event| event.id == correct.id)
        .expect("an act");
    let is_wrong = |p: usize| {
        let copy = &case.replay.copies[p];
        p < before(e) && copy.processor == correct.actor && concerns(correct, &copy.subject, &copy.field)
    };
    c < before(d)
        && case
            .replay
            .ancestors(case.facts, c, before(d), &passes)
            .into_iter()
            .any(is_wrong)
}

/// Its holder corrected the pair in [at, deadline]; or, where the correct has a value, after the copy descended and by the deadline, to
/// that value or to one that the corrector itself wrote later by then.
fn is_put_right(case: &Case, c: usize, e: usize, deadline: Instant) -> bool {
    let events = &case.facts.events;
    let (event, copy) = (&events[e], &case.replay.copies[c]);
    let rightings = |by: &str| {
        let (by, copy) = (by.to_string(), copy.clone());
        events.iter().enumerate().filter(move |(_, other)| {
            other.act == "correct"
                && other.actor == by
                && other.at <= deadline
                && concerns(other, &copy.subject, &copy.field)
        })
    };
    if event.value.is_none() {
        return rightings(&copy.processor).any(|(_, other)| other.at >= event.at);
    }
    // what the corrector wrote of this subject from the correct on, of whatever field of the correct
    let good: Vec<&String> = events
        .iter()
        .enumerate()
        .filter(|(k, other)| {
            *k >= e
                && other.act == "correct"
                && other.actor == event.actor
                && other.at <= deadline
                && other.subjects.contains(&copy.subject)
                && other.fields.iter().any(|field| event.fields.contains(field))
        })
        .filter_map(|(_, other)| other.value.as_ref())
        .collect();
    rightings(&copy.processor).any(|(d, other)| {
        descends(case, c, event, d) && other.value.as_ref().is_some_and(|v| good.contains(&v))
    })
}
