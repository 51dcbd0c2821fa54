//! Coverage (docs/checks.md 2).

use super::facts::{self, Authorization, EVERYONE, Event, Facts, Instant, Rule};
use super::findings::{Case, Kind, Report};
use super::lookups::{
    category_at_or_under, field, is_crossing, is_minor, is_personal, is_sensitive, processor,
    purpose_under_any,
};
use super::replay::{ASSIGNED, DELEGATED, Replay};
use serde_json::Value;

/// docs/checks.md 2, step 4: "the first by (dimension in the order …".
const DIMENSIONS: [&str; 9] = [
    "withdrawn",
    "expired",
    "guardian",
    "grade",
    "purpose",
    "field",
    "recipient",
    "act",
    "not-yet",
];

/// "Pairs of one act with the same (reason, A) form one group."
struct Group {
    reason: &'static str,
    authorization: Option<usize>,
    /// (subject, field)
    pairs: Vec<(String, String)>,
}

/// Acts in order, groups by first pair (docs/checks.md 9), one finding of the first `authorized` rule whose `when` fits.
pub fn judge(case: &mut Case) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        for group in groups(facts, replay, e, event) {
            let mut rules = facts.rules.iter().filter(|r| r.check == "authorized");
            let Some(rule) = rules.find(|rule| when_fits(facts, replay, rule, e, event, &group)) else {
                continue;
            };
            let (_, least_field) = group.pairs.iter().min().expect("a group has a pair");
            let (least_subject, _) = group.pairs.iter().min().expect("a group has a pair");
            let witness = if event.act == "collect" {
                vec![e]
            } else {
                replay.path(facts, &event.actor, least_field, least_subject, e)
            };
            case.report(
                rule,
                Report {
                    reason: group.reason.to_string(),
                    at: event.at,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &event.actor,
                    subjects: group.pairs.iter().map(|(s, _)| s.clone()).collect(),
                    fields: group.pairs.iter().map(|(_, f)| f.clone()).collect(),
                    because: group
                        .authorization
                        .iter()
                        .map(|a| facts.authorizations[*a].id.clone())
                        .collect(),
                    witness,
                },
            );
        }
    }
}

/// "Judged acts", "Judged pairs", and the grouping of the pairs that are not covered.
fn groups(facts: &Facts, replay: &Replay, e: usize, event: &Event) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let judged = matches!(
        event.act.as_str(),
        "collect" | "derive" | "use" | "share" | "verify" | "disclose"
    );
    if !judged || event.method.as_deref() == Some("reidentify") {
        return groups;
    }
    for subject in &event.subjects {
        for field in &event.fields {
            if !is_personal(facts, field) {
                continue;
            }
            let held = replay.held(e, field, subject);
            let all_delegated = !held.is_empty() && held.iter().all(|c| replay.copies[*c].role == DELEGATED);
            if matches!(event.act.as_str(), "use" | "derive") && all_delegated {
                continue;
            }
            let Some((reason, authorization)) = uncovered(facts, replay, e, event, field, subject) else {
                continue;
            };
            let pair = (subject.clone(), field.clone());
            match groups
                .iter_mut()
                .find(|g| g.reason == reason && g.authorization == authorization)
            {
                Some(group) => group.pairs.push(pair),
                None => groups.push(Group {
                    reason,
                    authorization,
                    pairs: vec![pair],
                }),
            }
        }
    }
    groups
}

/// Steps 1 to 4 for one pair: None if covered, else the reason and the deciding authorization.
fn uncovered(
    facts: &Facts,
    replay: &Replay,
    e: usize,
    event: &Event,
    field: &str,
    subject: &str,
) -> Option<(&'static str, Option<usize>)> {
    let mut in_exactly_one: Vec<(usize, usize)> = Vec::new();
    for (position, authorization) in facts.authorizations.iter().enumerate() {
        let Some(failing) = failing_dimensions(facts, replay, e, event, field, subject, authorization) else {
            continue;
        };
        if failing.is_empty() {
            return None;
        }
        if failing.len() == 1 {
            let dimension = DIMENSIONS
                .iter()
                .position(|d| *d == failing[0])
                .expect("a known dimension");
            in_exactly_one.push((dimension, position));
        }
    }
    match in_exactly_one.into_iter().min() {
        Some((dimension, position)) => Some((DIMENSIONS[dimension], Some(position))),
        None => Some(("none", None)),
    }
}

/// Steps 1 to 3 for one authorization: None if it is no candidate, else the dimensions that fail.
fn failing_dimensions(
    facts: &Facts,
    replay: &Replay,
    e: usize,
    event: &Event,
    f: &str,
    s: &str,
    a: &Authorization,
) -> Option<Vec<&'static str>> {
    let t = event.at;
    // 1.
    let listed = |name: &str| a.subjects.iter().any(|listed| listed == name);
    if !a.subjects.is_empty() && !listed(s) && !listed(EVERYONE) {
        return None;
    }
    // 2.
    let as_recipient = a.recipients.contains(&event.actor) && matches!(event.act.as_str(), "use" | "derive");
    let assigned_by_a_holder = replay.held(e, f, s).iter().any(|c| {
        let copy = &replay.copies[*c];
        copy.role == ASSIGNED && a.holder.contains(&facts.events[copy.via].actor)
    });
    let as_holder = !as_recipient && (a.holder.contains(&event.actor) || assigned_by_a_holder);
    if !as_recipient && !as_holder {
        return None;
    }
    // 3.
    let mut failing = Vec::new();
    if as_holder && !a.acts.contains(&event.act) {
        failing.push("act");
    }
    if as_holder
        && event
            .recipient
            .as_ref()
            .is_some_and(|q| !a.recipients.contains(q))
    {
        failing.push("recipient");
    }
    let under_a_category = field(facts, f)
        .categories
        .iter()
        .any(|c| a.categories.iter().any(|top| category_at_or_under(facts, c, top)));
    if !a.fields.iter().any(|listed| listed == f) && !under_a_category {
        failing.push("field");
    }
    if !purpose_under_any(facts, event.purpose.as_ref(), &a.purposes) {
        failing.push("purpose");
    }
    if t < a.from {
        failing.push("not-yet");
    }
    failing.extend(ended(a, t));
    let consent = a.basis == "consent";
    if as_holder && consent && strength(&a.grade) < needed_strength(facts, event, f, s) {
        failing.push("grade");
    }
    if consent && is_minor(facts, s, t) && a.given_by != "guardian" {
        failing.push("guardian");
    }
    Some(failing)
}

/// The row "expired, withdrawn".
fn ended(a: &Authorization, t: Instant) -> Option<&'static str> {
    if t < a.from {
        return None;
    }
    let (end, name) = match (a.until, a.withdrawn) {
        (Some(until), Some(withdrawn)) if withdrawn < until => (withdrawn, "withdrawn"),
        (Some(until), _) => (until, "expired"),
        (None, Some(withdrawn)) => (withdrawn, "withdrawn"),
        (None, None) => return None,
    };
    (t >= end).then_some(name)
}

fn strength(grade: &str) -> usize {
    ["general", "explicit", "separate", "written"]
        .iter()
        .position(|g| *g == grade)
        .expect("a known grade")
}

/// The row "grade".
fn needed_strength(facts: &Facts, event: &Event, f: &str, s: &str) -> usize {
    let by_act = match event.act.as_str() {
        "disclose" => strength("explicit"),
        "share" => strength("separate"),
        _ => strength("general"),
    };
    if is_crossing(facts, event) || is_sensitive(facts, f) || is_minor(facts, s, event.at) {
        return by_act.max(strength("separate"));
    }
    by_act
}

/// The table of `when`. An empty list is an absent one (docs/fact-file.md 2).
fn when_fits(facts: &Facts, replay: &Replay, rule: &Rule, e: usize, event: &Event, group: &Group) -> bool {
    let when = rule.parameters.get("when").unwrap_or(&Value::Null);
    let listed_or_absent = |key: &str, value: &str| {
        let list = facts::list(when, key);
        list.is_empty() || list.iter().any(|item| item == value)
    };
    let purposes = facts::list(when, "purposes");
    let fields = facts::list(when, "fields");
    let acquired_by = facts::text(when, "acquired_by");
    listed_or_absent("reasons", group.reason)
        && listed_or_absent("acts", &event.act)
        && listed_or_absent("processors", &event.actor)
        && listed_or_absent("kinds", &processor(facts, &event.actor).kind)
        && (purposes.is_empty() || purpose_under_any(facts, event.purpose.as_ref(), &purposes))
        && (fields.is_empty() || group.pairs.iter().any(|(_, f)| fields.contains(f)))
        && (!facts::flag(when, "cross_border") || is_crossing(facts, event))
        && acquired_by.is_none_or(|act| {
            group.pairs.iter().any(|(s, f)| {
                replay
                    .held(e, f, s)
                    .iter()
                    .any(|c| facts.events[replay.copies[*c].via].act == act)
            })
        })
}
