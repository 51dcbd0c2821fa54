//! docs/checks.md 4 and 8: what a party says that it does, and whom it told of what.

use super::checks_sources::report_act;
use super::facts::{self, EVERYONE, Event, Facts, Instant, Policy, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{around, field_in_categories, is_personal, purpose_under_any, within, within_any};

/// docs/checks.md 1.6: "of policy versions only those of the nearest that has any".
fn policies_of<'a>(facts: &'a Facts, processor: &str, t: Instant) -> Vec<&'a Policy> {
    let of = |id: &String| facts.policies.iter().filter(|p| p.processor == *id).collect();
    let all = around(facts, processor, t);
    let each = all.iter().map(of);
    each.into_iter()
        .find(|own: &Vec<&Policy>| !own.is_empty())
        .unwrap_or_default()
}

/// "The policy of the actor with the greatest effective <= t (the last in the file among equals)".
fn version_at<'a>(facts: &'a Facts, processor: &str, t: Instant) -> Option<&'a Policy> {
    let mut version: Option<&Policy> = None;
    for policy in policies_of(facts, processor, t) {
        if policy.effective <= t && version.is_none_or(|other| policy.effective >= other.effective) {
            version = Some(policy);
        }
    }
    version
}

/// An entry of `declares` speaks of this field in this act.
fn declares(facts: &Facts, entry: &facts::Declared, event: &Event, field: &String) -> bool {
    let recipient_fits = match &event.recipient {
        Some(to) => entry.recipients.is_empty() || within_any(facts, to, &entry.recipients, event.at),
        None => true,
    };
    (entry.fields.contains(field) || field_in_categories(facts, field, &entry.categories))
        && purpose_under_any(facts, event.purpose.as_ref(), &entry.purposes)
        && (entry.acts.is_empty() || entry.acts.contains(&event.act))
        && recipient_fits
}

/// Rows declared.
pub fn declared(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let listed = facts::list(&rule.parameters, "processor");
    for (e, event) in facts.events.iter().enumerate() {
        let is_judged = matches!(
            event.act.as_str(),
            "collect" | "derive" | "use" | "share" | "verify" | "disclose" | "delegate" | "assign"
        );
        let actor_is_judged = if listed.is_empty() {
            !policies_of(facts, &event.actor, event.at).is_empty()
        } else {
            within_any(facts, &event.actor, &listed, event.at)
        };
        let mut those = event.fields.clone();
        those.retain(|f| is_personal(facts, f));
        if !is_judged || !actor_is_judged || those.is_empty() {
            continue;
        }
        let (reason, because) = match version_at(facts, &event.actor, event.at) {
            None => ("no-policy-in-force", Vec::new()),
            Some(version) => {
                let Some(entries) = &version.declares else {
                    continue;
                };
                those.retain(|f| !entries.iter().any(|entry| declares(facts, entry, event, f)));
                ("undeclared", vec![version.id.clone()])
            }
        };
        if let Some(first) = those.first() {
            let witness = replay.path1_of(facts, e, first);
            let about = (event.subjects.clone(), those);
            report_act(case, rule, event, reason, about, because, witness);
        }
    }
}

/// Row service-policy.
pub fn service_policy(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let purposes = facts::list(&rule.parameters, "purposes");
    for (e, event) in facts.events.iter().enumerate() {
        if !processor_taken(facts, rule, &event.actor, event.at)
            || !purpose_under_any(facts, event.purpose.as_ref(), &purposes)
        {
            continue;
        }
        let version = version_at(facts, &event.actor, event.at);
        if version.is_some_and(|v| purpose_under_any(facts, event.purpose.as_ref(), &v.services)) {
            continue;
        }
        let because = version.iter().map(|v| v.id.clone()).collect();
        let witness = replay.path1_of(facts, e, &event.fields[0]);
        let about = (event.subjects.clone(), event.fields.clone());
        report_act(
            case,
            rule,
            event,
            "service-without-policy",
            about,
            because,
            witness,
        );
    }
}

/// path1(first), "s = the least subject concerned by the finding".
fn path1_of_those(case: &Case, e: usize, those: &[String]) -> Vec<usize> {
    let event = &case.facts.events[e];
    let least = those.iter().min().expect("somebody was not told");
    match event.act.as_str() {
        "collect" => vec![e],
        _ => case
            .replay
            .path(case.facts, &event.actor, &event.fields[0], least, e),
    }
}

/// Row change-notice.
pub fn change_notice(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let purposes = |policy: &Policy| -> Option<Vec<String>> {
        let entries = policy.declares.as_ref()?;
        Some(entries.iter().flat_map(|entry| entry.purposes.clone()).collect())
    };
    for (e, event) in facts.events.iter().enumerate() {
        // of all that is around the actor, not of the nearest alone
        for p in facts
            .processors
            .iter()
            .filter(|p| within(facts, &event.actor, &p.id, event.at))
        {
            let mut versions: Vec<&Policy> = facts.policies.iter().filter(|x| x.processor == p.id).collect();
            versions.sort_by_key(|p| p.effective); // a stable sort
            for two in versions.windows(2) {
                let (Some(before), Some(after)) = (purposes(two[0]), purposes(two[1])) else {
                    continue;
                };
                let is_new = purpose_under_any(facts, event.purpose.as_ref(), &after)
                    && !purpose_under_any(facts, event.purpose.as_ref(), &before);
                if event.act == "delete" || event.at < two[1].effective || !is_new {
                    continue;
                }
                let those = not_told(facts, event, two[1]);
                if those.is_empty() {
                    continue;
                }
                let witness = path1_of_those(case, e, &those);
                let about = (those, event.fields.clone());
                let because = vec![two[1].id.clone()];
                report_act(case, rule, event, "change-not-told", about, because, witness);
            }
        }
    }
}

/// "Subjects to whom the later was not told."
fn not_told(facts: &Facts, event: &Event, later: &Policy) -> Vec<String> {
    let mut those = event.subjects.clone();
    if later.announced.is_some_and(|announced| announced <= event.at) {
        those.clear();
    }
    those.retain(|subject| {
        !facts.notices.iter().any(|n| {
            n.kind == "policy-change"
                && within(facts, &event.actor, &n.processor, event.at)
                && n.at <= event.at
                && n.policy.as_ref().is_none_or(|policy| *policy == later.id)
                && n.subjects.iter().any(|told| told == subject || told == EVERYONE)
        })
    });
    those
}

/// Row prior-notice.
pub fn prior_notice(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let kind = facts::text(&rule.parameters, "kind").expect("kind is required");
    let acts = facts::list(&rule.parameters, "acts");
    for (e, event) in facts.events.iter().enumerate() {
        let mut those = event.subjects.clone();
        those.retain(|subject| {
            !facts.notices.iter().any(|n| {
                n.kind == kind
                    && within(facts, &event.actor, &n.processor, event.at)
                    && n.at <= event.at
                    && n.subjects.iter().any(|told| told == subject || told == EVERYONE)
            })
        });
        if !acts.contains(&event.act) || those.is_empty() {
            continue;
        }
        let witness = path1_of_those(case, e, &those);
        let about = (those, event.fields.clone());
        report_act(case, rule, event, "not-told-before", about, Vec::new(), witness);
    }
}

/// Row policy-rights.
pub fn policy_rights(case: &mut Case, rule: &Rule) {
    let rights = facts::list(&rule.parameters, "rights");
    for policy in &case.facts.policies {
        let mut missing = rights.clone();
        missing.retain(|right| !policy.rights.contains(right));
        if missing.is_empty() {
            continue;
        }
        case.report(
            rule,
            Report {
                reason: format!("right-missing:{}", missing.join(",")),
                at: policy.effective,
                kind: Kind::Fact,
                thing: &policy.id,
                processor: &policy.processor,
                subjects: Vec::new(),
                fields: Vec::new(),
                because: vec![policy.id.clone()],
                witness: Vec::new(),
            },
        );
    }
}
