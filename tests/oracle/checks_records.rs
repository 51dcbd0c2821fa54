//! docs/checks.md 8: organisation, requests, incidents. The witness is empty unless the page says otherwise.

use super::facts::{self, Audit, DAY, EVERYONE, Incident, Instant, Policy, Request, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{
    midnight_after_days, midnight_after_months, midnight_after_working_days, safeguards, valid_at, within,
};

/// Rows policy-notice.
pub fn policy_notice(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let report = |case: &mut Case, policy: &Policy, reason: &str, witness: Vec<usize>| {
        case.report(
            rule,
            Report {
                reason: reason.into(),
                at: policy.effective,
                kind: Kind::Fact,
                thing: &policy.id,
                processor: &policy.processor,
                subjects: Vec::new(),
                fields: Vec::new(),
                because: vec![policy.id.clone()],
                witness,
            },
        );
    };
    for policy in &facts.policies {
        if policy
            .published
            .is_none_or(|published| published > policy.effective)
        {
            let end = policy.published.unwrap_or(facts.as_of);
            let mut witness = Vec::new();
            for (e, event) in facts.events.iter().enumerate() {
                let in_between = event.at < end
                    && match event.standing {
                        Some(until) => until.is_none_or(|until| policy.effective < until),
                        None => policy.effective <= event.at,
                    };
                if event.act != "delete"
                    && within(facts, &event.actor, &policy.processor, event.at)
                    && in_between
                {
                    witness.push(e);
                }
            }
            report(case, policy, "effective-before-published", witness);
        }
        let announced_late = policy
            .announced
            .is_none_or(|announced| announced > policy.effective);
        if !policy.major_changes.is_empty() && announced_late {
            report(case, policy, "major-change-unannounced", Vec::new());
        }
    }
}

/// Row incident-notice. Reasons in the order in which the row names them: first the three "not told", then the three "told late".
pub fn incident_notice(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    for incident in facts
        .incidents
        .iter()
        .filter(|i| processor_taken(facts, rule, &i.processor, i.known))
    {
        for late in [false, true] {
            subjects_told(case, rule, incident, late);
            authority_told(case, rule, incident, late, "regulator", incident.regulator_told);
            authority_told(case, rule, incident, late, "platform", incident.platform_told);
        }
    }
}

fn report_incident(
    case: &mut Case,
    rule: &Rule,
    incident: &Incident,
    reason: String,
    at: Instant,
    subjects: Vec<String>,
) {
    case.report(
        rule,
        Report {
            reason,
            at,
            kind: Kind::Fact,
            thing: &incident.id,
            processor: &incident.processor,
            subjects,
            fields: incident.fields.clone(),
            because: vec![incident.id.clone()],
            witness: Vec::new(),
        },
    );
}

/// "With `from_suspicion` the earlier of `suspected` and `known` takes the place of known."
fn clock_starts(rule: &Rule, incident: &Incident) -> Instant {
    match incident.suspected {
        Some(suspected) if facts::flag(&rule.parameters, "from_suspicion") => suspected.min(incident.known),
        _ => incident.known,
    }
}

/// Row incident-notice: never told and `as_of` > deadline; told > deadline.
fn is_wrong(case: &Case, told: Option<Instant>, deadline: Instant, late: bool) -> bool {
    match told {
        None => !late && case.facts.as_of > deadline,
        Some(told) => late && told > deadline,
    }
}

/// "Subjects: one finding for the never told, one for the late"; the last entry of a subject counts.
fn subjects_told(case: &mut Case, rule: &Rule, incident: &Incident, late: bool) {
    let Some(within) = facts::hours(&rule.parameters, "subject_hours") else {
        return;
    };
    let deadline = clock_starts(rule, incident) + within;
    let mut those = Vec::new();
    for subject in &incident.subjects {
        let told = incident
            .subjects_told
            .iter()
            .rev()
            .find(|(s, _)| s == subject || s == EVERYONE)
            .map(|(_, at)| *at);
        if is_wrong(case, told, deadline, late) {
            those.push(subject.clone());
        }
    }
    if !those.is_empty() {
        let reason = if late {
            "subjects-told-late"
        } else {
            "subjects-not-told"
        };
        report_incident(case, rule, incident, reason.to_string(), deadline, those);
    }
}

/// "regulator, platform: all of the incident".
fn authority_told(
    case: &mut Case,
    rule: &Rule,
    incident: &Incident,
    late: bool,
    who: &str,
    told: Option<Instant>,
) {
    let Some(within) = facts::hours(&rule.parameters, &format!("{who}_hours")) else {
        return;
    };
    let deadline = clock_starts(rule, incident) + within;
    if is_wrong(case, told, deadline, late) {
        let reason = if late {
            format!("{who}-told-late")
        } else {
            format!("{who}-not-told")
        };
        report_incident(case, rule, incident, reason, deadline, incident.subjects.clone());
    }
}

fn report_request(case: &mut Case, rule: &Rule, request: &Request, reason: &str, at: Instant) {
    case.report(
        rule,
        Report {
            reason: reason.into(),
            at,
            kind: Kind::Fact,
            thing: &request.id,
            processor: &request.processor,
            subjects: vec![request.subject.clone()],
            fields: request.fields.clone(),
            because: vec![request.id.clone()],
            witness: Vec::new(),
        },
    );
}

/// Row request-deadline.
pub fn request_deadline(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let number = |key: &str| facts::integer(&rule.parameters, key);
    let (kinds, by) = (
        facts::list(&rule.parameters, "kinds"),
        facts::list(&rule.parameters, "by"),
    );
    for request in &facts.requests {
        let is_kind = kinds.is_empty() || request.kind.as_ref().is_some_and(|kind| kinds.contains(kind));
        if !is_kind || !by.is_empty() && !by.contains(&request.by) {
            continue;
        }
        let deadline = match (number("working_days"), number("days"), number("months")) {
            (Some(n), _, _) => midnight_after_working_days(facts, request.at, n),
            (None, Some(n), _) => Some(midnight_after_days(facts, request.at, n)),
            (None, None, Some(n)) => midnight_after_months(facts, request.at, n),
            (None, None, None) => panic!("a request-deadline without a deadline"),
        };
        let Some(deadline) = deadline else { continue };
        match request.answered {
            None if facts.as_of >= deadline => {
                report_request(case, rule, request, "never-answered", deadline);
            }
            Some(answered) if answered >= deadline => {
                report_request(case, rule, request, "answered-late", deadline);
            }
            _ => {}
        }
    }
}

/// Rows refusal-reason.
pub fn refusal_reason(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let allowed = facts::list(&rule.parameters, "allowed");
    for request in &facts.requests {
        if !allowed.is_empty()
            && request.outcome.as_deref() == Some("refused")
            && let Some(reason) = request.reason.as_ref().filter(|reason| !reason.is_empty())
            && !allowed.contains(reason)
        {
            let answered = request.answered.expect("a refused request is answered");
            report_request(case, rule, request, "reason-not-listed", answered);
        }
        if request.outcome.as_deref() == Some("refused")
            && request.reason.as_deref().is_none_or(str::is_empty)
        {
            let answered = request.answered.expect("a refused request is answered");
            report_request(case, rule, request, "no-reason-given", answered);
        }
    }
}

/// Row protection-level: `below:A,B`, sorted.
pub fn protection_level(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let at_least = facts::text(&rule.parameters, "at_least").expect("at_least is required");
    let since = facts::instant(&rule.parameters, "since").expect("since is required");
    for listed in facts::list(&rule.parameters, "processors") {
        let has = safeguards(facts, &listed, since);
        let mut lacking = safeguards(facts, &at_least, since);
        lacking.retain(|s| !has.contains(s));
        lacking.sort();
        if lacking.is_empty() {
            continue;
        }
        case.report(
            rule,
            Report {
                reason: format!("below:{}", lacking.join(",")),
                at: since,
                kind: Kind::Fact,
                thing: &listed,
                processor: &listed,
                subjects: Vec::new(),
                fields: Vec::new(),
                because: vec![at_least.clone()],
                witness: Vec::new(),
            },
        );
    }
}

/// Rows audit-remedied.
pub fn audit_remedied(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let notice = facts::integer(&rule.parameters, "notice_days").unwrap_or(0) * DAY;
    let report =
        |case: &mut Case, reason: &str, at: Instant, thing: &str, processor: &str, because: Vec<String>| {
            case.report(
                rule,
                Report {
                    reason: reason.into(),
                    at,
                    kind: Kind::Fact,
                    thing,
                    processor,
                    subjects: Vec::new(),
                    fields: Vec::new(),
                    because,
                    witness: Vec::new(),
                },
            );
        };
    for audit in &facts.audits {
        let audit: &Audit = audit;
        if audit
            .notified
            .is_some_and(|notified| audit.at - notified < notice)
        {
            let because = vec![audit.id.clone()];
            report(
                case,
                "audit-without-notice-period",
                audit.at,
                &audit.id,
                &audit.by,
                because,
            );
        }
        for remedy in &audit.remedies {
            let reason = match remedy.done {
                None if facts.as_of > remedy.due => "remedy-overdue",
                Some(done) if done > remedy.due => "remedy-late",
                _ => continue,
            };
            let because = vec![audit.id.clone(), remedy.id.clone()];
            report(case, reason, remedy.due, &remedy.id, &audit.of, because);
        }
    }
}

/// Row evidence: per processor and kind, nothing valid at `as_of`.
pub fn evidence(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let days = facts::integer(&rule.parameters, "within_days");
    for processor in facts::list(&rule.parameters, "processors") {
        for kind in facts::list(&rule.parameters, "kinds") {
            let mut all = Vec::new();
            let mut in_force = false;
            for e in facts
                .evidence
                .iter()
                .filter(|e| within(facts, &processor, &e.processor, facts.as_of) && e.kind == kind)
            {
                all.push(e.id.clone());
                let is_fresh = days.is_none_or(|days| e.from + days * DAY >= facts.as_of);
                in_force |= valid_at(e.from, e.until, facts.as_of) && is_fresh;
            }
            if in_force {
                continue;
            }
            let reason = if all.is_empty() {
                format!("missing:{kind}")
            } else {
                format!("lapsed:{kind}")
            };
            let thing = format!("evidence:{kind}");
            case.report(
                rule,
                Report {
                    reason,
                    at: facts.as_of,
                    kind: Kind::Fact,
                    thing: &thing,
                    processor: &processor,
                    subjects: Vec::new(),
                    fields: Vec::new(),
                    because: all,
                    witness: Vec::new(),
                },
            );
        }
    }
}
