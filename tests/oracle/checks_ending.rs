//! docs/checks.md 6: ending (deletion, re-identification) and protected attributes.

use super::facts::{self, DAY, Facts, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{field_in_categories, is_personal};
use super::replay::{DELEGATED, Replay, Support};

/// Row deletion-effective.
pub fn deletion_effective(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        let (mut subjects, mut fields, mut ghosts) = (Vec::new(), Vec::new(), Vec::new());
        for pair in &replay.pairs[e] {
            if let Support::Ineffective(ghost) = pair.support {
                subjects.push(pair.subject.clone());
                fields.push(pair.field.clone());
                ghosts.push(ghost);
            }
        }
        supplied_again(case, rule, e);
        let Some(first) = ghosts.first().copied() else {
            continue;
        };
        let delete = replay.copies[first]
            .ended_by
            .expect("a ghost was ended by a delete");
        let mut witness = replay.chain(first);
        witness.push(delete);
        witness.push(e);
        case.report(
            rule,
            Report {
                reason: "used-after-deletion".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects,
                fields,
                because: vec![facts.events[delete].id.clone()],
                witness,
            },
        );
    }
}

/// "A delete under a standing act that brings the data back at once."
fn supplied_again(case: &mut Case, rule: &Rule, e: usize) {
    let (facts, replay) = (case.facts, case.replay);
    let event = &facts.events[e];
    let those: Vec<usize> = replay
        .supplied
        .iter()
        .filter(|(delete, _)| *delete == e)
        .map(|(_, c)| *c)
        .collect();
    let Some(least) = least_pair(replay, &those) else {
        return;
    };
    let mut witness = replay.chain(least);
    witness.push(e);
    let of = |c: &usize| facts.events[replay.copies[*c].via].id.clone();
    case.report(
        rule,
        Report {
            reason: "supplied-again".into(),
            at: event.at,
            kind: Kind::Event,
            thing: &event.id,
            processor: &event.actor,
            subjects: those.iter().map(|c| replay.copies[*c].subject.clone()).collect(),
            fields: those.iter().map(|c| replay.copies[*c].field.clone()).collect(),
            because: those.iter().map(of).collect(),
            witness,
        },
    );
}

/// Row deletion-propagated: "some way up the parents reaches a copy ended by this delete while no copy below that one
/// was made by a derive other than `deidentify`".
fn comes_from_deleted(case: &Case, c: usize, delete: usize) -> bool {
    let at = case.facts.events[delete].at;
    let made = case.replay.copies.iter().filter(|copy| copy.start <= at).count();
    let passes = |c: usize| {
        let via = &case.facts.record[case.replay.copies[c].via];
        via.act != "derive" || via.method.as_deref() == Some("deidentify")
    };
    let above = case.replay.ancestors(case.facts, c, made, &passes);
    above
        .iter()
        .any(|p| case.replay.copies[*p].ended_by == Some(delete))
}

/// Row deletion-propagated: delete × other processor.
pub fn deletion_propagated(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let days = facts::integer(&rule.parameters, "within_days").expect("within_days is required");
    let mut roles = facts::list(&rule.parameters, "roles");
    if roles.is_empty() {
        roles.push(DELEGATED.to_string());
    }
    for (e, event) in facts.events.iter().enumerate() {
        let deadline = event.at + days * DAY;
        if event.act != "delete"
            || !processor_taken(facts, rule, &event.actor, event.at)
            || facts.as_of <= deadline
        {
            continue;
        }
        for other in facts.processors.iter().filter(|p| p.id != event.actor) {
            let mut left: Vec<usize> = Vec::new();
            for (c, copy) in replay.copies.iter().enumerate() {
                if copy.processor == other.id
                    && roles.iter().any(|r| r == copy.role)
                    && is_personal(facts, &copy.field)
                    && copy.start <= event.at
                    && copy.end.is_none_or(|end| end > deadline)
                    && comes_from_deleted(case, c, e)
                {
                    left.push(c);
                }
            }
            let Some(mut witness) = least_pair(replay, &left).map(|least| replay.chain(least)) else {
                continue;
            };
            witness.push(e);
            case.report(
                rule,
                Report {
                    reason: "copy-downstream".into(),
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

/// The copy with least (subject, field), then creation.
pub fn least_pair(replay: &Replay, copies: &[usize]) -> Option<usize> {
    copies
        .iter()
        .copied()
        .min_by_key(|c| (&replay.copies[*c].subject, &replay.copies[*c].field, *c))
}

/// Rows reidentification (a) and (b).
pub fn reidentification(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if event.method.as_deref() != Some("reidentify") {
            continue;
        }
        let mut inputs = event.fields.clone();
        inputs.retain(|f| !is_personal(facts, f));
        if inputs.is_empty() {
            continue;
        }
        // (a)
        case.report(
            rule,
            Report {
                reason: "reidentified".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects: event.subjects.clone(),
                fields: event.makes.clone(),
                because: inputs.clone(),
                witness: replay.path_of(facts, e, &inputs[0]),
            },
        );
        // (b)
        for f in &inputs {
            for (r, release) in facts.events.iter().enumerate() {
                if !matches!(release.act.as_str(), "share" | "disclose" | "delegate" | "assign") {
                    continue;
                }
                let mut subjects = Vec::new();
                for pair in &replay.pairs[r] {
                    if pair.field == *f && pair.support != Support::Unsupported {
                        subjects.push(pair.subject.clone());
                    }
                }
                if subjects.is_empty() {
                    continue;
                }
                case.report(
                    rule,
                    Report {
                        reason: "anonymity-defeated-later".into(),
                        at: release.at,
                        kind: Kind::Event,
                        thing: &release.id,
                        processor: &release.actor,
                        subjects,
                        fields: vec![f.clone()],
                        because: vec![event.id.clone()],
                        witness: replay.path_of(facts, r, f),
                    },
                );
            }
        }
    }
}

/// Row protected-attribute.
pub fn protected_attribute(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let categories = facts::list(&rule.parameters, "categories");
    let decisions = facts::list(&rule.parameters, "decisions");
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "derive" || !event.makes.iter().any(|m| decisions.contains(m)) {
            continue;
        }
        // (distance from the decision, copy); pairs are subject by subject, inputs as listed
        let mut found: Vec<(usize, usize)> = Vec::new();
        for pair in &replay.pairs[e] {
            for (distance, c) in at_or_above(facts, replay, e, &pair.held) {
                if field_in_categories(facts, &replay.copies[c].field, &categories) {
                    found.push((distance, c));
                }
            }
        }
        // the copy with least (subject, field), nearest first, then creation
        let Some((_, chosen)) = found.iter().copied().min_by_key(|(distance, c)| {
            let copy = &replay.copies[*c];
            (&copy.subject, &copy.field, *distance, *c)
        }) else {
            continue;
        };
        let subject = &replay.copies[chosen].subject;
        let mut starts: Vec<usize> = Vec::new();
        for pair in replay.pairs[e].iter().filter(|pair| pair.subject == *subject) {
            starts.extend(&pair.held);
        }
        let mut witness = Vec::new(); // where it is open which one, none is said
        if event.standing.is_none()
            && !event.is_moment
            && ancestors_settled(facts, replay, e, &starts).is_some()
        {
            witness = replay.chain(chosen);
            let mut ways = starts.iter().filter_map(|start| way_down(replay, *start, chosen));
            witness.extend(ways.next().expect("it was found from there"));
            witness.push(e);
        }
        case.report(
            rule,
            Report {
                reason: "protected-attribute-in-decision".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects: found
                    .iter()
                    .map(|(_, c)| replay.copies[*c].subject.clone())
                    .collect(),
                fields: found
                    .iter()
                    .map(|(_, c)| replay.copies[*c].field.clone())
                    .collect(),
                because: Vec::new(),
                witness,
            },
        );
    }
}

/// The copies and all their ancestors, each once, with the least number of steps up to it.
fn at_or_above(facts: &Facts, replay: &Replay, e: usize, copies: &[usize]) -> Vec<(usize, usize)> {
    ancestors_settled(facts, replay, e, copies).unwrap_or_else(|| {
        let all = all_at_or_above(facts, replay, e, copies);
        all.into_iter().map(|c| (0, c)).collect()
    })
}

/// The copies and all their ancestors as of the event, each once.
fn all_at_or_above(facts: &Facts, replay: &Replay, e: usize, copies: &[usize]) -> Vec<usize> {
    let mut all = copies.to_vec();
    if !is_timeless(facts) {
        let event = &facts.events[e];
        let made = replay
            .copies
            .iter()
            .filter(|copy| {
                if event.is_moment {
                    copy.start <= event.at
                } else {
                    copy.step < e
                }
            })
            .count();
        for c in copies {
            all.extend(replay.ancestors(facts, *c, made, &|_| true));
        }
        all.sort_unstable();
        all.dedup();
    }
    all
}

/// The same with the least number of steps up, where none of them came by a standing act: what is above the others never changes.
fn ancestors_settled(
    facts: &Facts,
    replay: &Replay,
    e: usize,
    copies: &[usize],
) -> Option<Vec<(usize, usize)>> {
    let came_by_standing = |c: &usize| replay.copies[*c].fed_by.is_some();
    if all_at_or_above(facts, replay, e, copies)
        .iter()
        .any(came_by_standing)
    {
        return None;
    }
    let mut seen: Vec<(usize, usize)> = copies.iter().map(|c| (0, *c)).collect();
    let mut next = 0;
    while next < seen.len() {
        let (distance, c) = seen[next];
        for p in &replay.copies[c].parents {
            if !seen.iter().any(|(_, s)| s == p) {
                seen.push((distance + 1, *p));
            }
        }
        next += 1;
    }
    Some(seen)
}

/// Without standing acts what is above a copy never changes.
pub fn is_timeless(facts: &Facts) -> bool {
    facts
        .events
        .iter()
        .all(|event| event.standing.is_none() && !event.is_moment)
}

/// The acts below `wanted` down to `here`, by the first way found: depth first, parents in creation order.
/// Some(empty) when `here` is the copy itself.
fn way_down(replay: &Replay, here: usize, wanted: usize) -> Option<Vec<usize>> {
    if here == wanted {
        return Some(Vec::new());
    }
    let mut acts = replay.copies[here]
        .parents
        .iter()
        .find_map(|p| way_down(replay, *p, wanted))?;
    acts.push(replay.copies[here].via);
    Some(acts)
}
