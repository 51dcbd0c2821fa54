//! docs/checks.md 6: keeping (retention, declared periods, closing). The other half is in `checks_ending`.

use super::checks_sources::is_data;
use super::facts::{self, DAY, Facts, Instant, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{field_in_categories, is_personal, within};
use super::replay::Copy;
use serde_json::Value;

/// One limit of retention and its like: `{data, days, processor?}`.
pub struct Limit {
    /// `fields`, `categories`, or both.
    pub data: Value,
    pub days: i64,
    pub processor: Option<String>,
}

/// The parameter `limits`.
pub fn limits(rule: &Rule) -> Vec<Limit> {
    let listed = rule.parameters.get("limits").and_then(|l| l.as_array());
    let mut out = Vec::new();
    for limit in listed.into_iter().flatten() {
        out.push(Limit {
            data: limit.clone(),
            days: facts::integer(limit, "days").expect("days is required"),
            processor: facts::text(limit, "processor"),
        });
    }
    out
}

impl Limit {
    /// "The rule's `processor` and the limit's, one processor, both apply", as names mean at t.
    pub fn takes(&self, facts: &Facts, rule: &Rule, copy: &Copy, t: Instant) -> bool {
        is_data(facts, &self.data, &copy.field)
            && processor_taken(facts, rule, &copy.processor, t)
            && self
                .processor
                .as_ref()
                .is_none_or(|p| within(facts, &copy.processor, p, t))
    }
}

/// Row retention. Grouped by (limit, processor, acquiring act, ending act).
pub fn retention(case: &mut Case, rule: &Rule) {
    for limit in limits(rule) {
        kept_too_long(case, rule, &limit);
    }
}

/// One limit of row retention.
pub fn kept_too_long(case: &mut Case, rule: &Rule, limit: &Limit) {
    let (facts, replay) = (case.facts, case.replay);
    let days = limit.days;
    // the copies of each group, groups by first copy in creation order
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (c, copy) in replay.copies.iter().enumerate() {
        let deadline = copy.start + days * DAY;
        if !limit.takes(facts, rule, copy, deadline) {
            continue;
        }
        let late = match copy.end {
            None => facts.as_of > deadline,
            Some(end) => end > deadline,
        };
        if !late {
            continue;
        }
        let same = |g: &Vec<usize>| {
            let other = &replay.copies[g[0]];
            (&other.processor, other.via, other.start, other.ended_by)
                == (&copy.processor, copy.via, copy.start, copy.ended_by)
        };
        match groups.iter_mut().find(|g| same(g)) {
            Some(group) => group.push(c),
            None => groups.push(vec![c]),
        }
    }
    for group in groups {
        let first = &replay.copies[group[0]];
        let mut witness = vec![first.via];
        witness.extend(first.ended_by);
        case.report(
            rule,
            Report {
                reason: if first.end.is_none() {
                    "still-held"
                } else {
                    "deleted-late"
                }
                .into(),
                at: first.start + days * DAY,
                kind: Kind::Event,
                thing: &facts.events[first.via].id,
                processor: &first.processor,
                subjects: group.iter().map(|c| replay.copies[*c].subject.clone()).collect(),
                fields: group.iter().map(|c| replay.copies[*c].field.clone()).collect(),
                because: Vec::new(),
                witness,
            },
        );
    }
}

/// Row retention-declared: per listed processor.
pub fn retention_declared(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let categories = facts::list(&rule.parameters, "categories");
    for processor in facts::list(&rule.parameters, "processors") {
        let mut those: Vec<usize> = Vec::new();
        for (c, copy) in replay.copies.iter().enumerate() {
            let declared = facts.retention_periods.iter().any(|r| {
                within(facts, &processor, &r.processor, facts.as_of) && r.fields.contains(&copy.field)
            });
            if within(facts, &copy.processor, &processor, copy.start)
                && is_personal(facts, &copy.field)
                && field_in_categories(facts, &copy.field, &categories)
                && !declared
            {
                those.push(c);
            }
        }
        // earliest start, then order of act, then creation
        let Some(earliest) = those
            .iter()
            .copied()
            .min_by_key(|c| (replay.copies[*c].start, replay.copies[*c].via, *c))
        else {
            continue;
        };
        case.report(
            rule,
            Report {
                reason: "no-period-declared".into(),
                at: replay.copies[earliest].start,
                kind: Kind::Event,
                thing: &facts.events[replay.copies[earliest].via].id,
                processor: &processor,
                subjects: those.iter().map(|c| replay.copies[*c].subject.clone()).collect(),
                fields: those.iter().map(|c| replay.copies[*c].field.clone()).collect(),
                because: Vec::new(),
                witness: replay.chain(earliest),
            },
        );
    }
}

/// Rows closure (a) and (b).
pub fn closure(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for closure in &facts.closures {
        // (a)
        let deadline = closure.at + closure.clear_within_days * DAY;
        if facts.as_of > deadline {
            let mut left: Vec<usize> = Vec::new();
            for (c, copy) in replay.copies.iter().enumerate() {
                if copy.subject == closure.subject
                    && within(facts, &copy.processor, &closure.processor, deadline)
                    && !closure.keep.contains(&copy.field)
                    && is_personal(facts, &copy.field)
                    && copy.start < deadline
                    && copy.end.is_none_or(|end| end > deadline)
                {
                    left.push(c);
                }
            }
            // the copy with least field (then creation)
            if let Some(least) = left
                .iter()
                .copied()
                .min_by_key(|c| (&replay.copies[*c].field, *c))
            {
                case.report(
                    rule,
                    Report {
                        reason: "not-cleared".into(),
                        at: deadline,
                        kind: Kind::Fact,
                        thing: &closure.id,
                        processor: &closure.processor,
                        subjects: vec![closure.subject.clone()],
                        fields: left.iter().map(|c| replay.copies[*c].field.clone()).collect(),
                        because: vec![closure.id.clone()],
                        witness: replay.chain(least),
                    },
                );
            }
        }
        // (b)
        for (e, event) in facts.events.iter().enumerate() {
            let hit = event.at >= closure.at
                && event.subjects.contains(&closure.subject)
                && !matches!(event.act.as_str(), "delete" | "store" | "restrict")
                && std::iter::once(&event.actor)
                    .chain(&event.to)
                    .any(|p| within(facts, p, &closure.processor, event.at));
            if !hit {
                continue;
            }
            case.report(
                rule,
                Report {
                    reason: "activity-after-close".into(),
                    at: event.at,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &closure.processor,
                    subjects: vec![closure.subject.clone()],
                    fields: event.fields.clone(),
                    because: vec![closure.id.clone()],
                    witness: replay.path(facts, &event.actor, &event.fields[0], &closure.subject, e),
                },
            );
        }
    }
}
