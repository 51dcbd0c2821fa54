//! docs/checks.md 4: what each ground asks for.

use super::checks_acquiring::report_authorization;
use super::facts::{self, Authorization, Facts, Rule};
use super::findings::Case;
use super::lookups::{processor, purpose_under_any};

/// "An empty text is none" (docs/fact-file.md 5).
fn is_said(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// Row consent-record.
pub fn consent_record(case: &mut Case, rule: &Rule) {
    let needs = facts::list(&rule.parameters, "needs");
    for a in &case.facts.authorizations {
        let mut lacking = needs.clone();
        lacking.retain(|need| match need.as_str() {
            "evidence" => !is_said(a.evidence.as_ref()),
            "notice" => !is_said(a.notice.as_ref()),
            other => panic!("unknown proof {other}"),
        });
        if a.basis == "consent" && !lacking.is_empty() {
            report_authorization(case, rule, a, &format!("not-kept:{}", lacking.join(",")));
        }
    }
}

/// Rows ground.
pub fn ground(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let bases = facts::list(&rule.parameters, "bases");
    let stable = facts::list(&rule.parameters, "purposes");
    for a in facts.authorizations.iter().filter(|a| bases.contains(&a.basis)) {
        if let Some(reason) = lacking(facts, a, &stable) {
            report_authorization(case, rule, a, reason);
        }
    }
}

fn lacking(facts: &Facts, a: &Authorization, stable: &[String]) -> Option<&'static str> {
    let all_under = |tops: &[String]| a.purposes.iter().all(|u| purpose_under_any(facts, Some(u), tops));
    let cited = is_said(a.citation.as_ref());
    match a.basis.as_str() {
        "contract" => match &a.service {
            None => Some("no-service-named"),
            Some(service) if all_under(std::slice::from_ref(service)) => None,
            Some(_) => Some("beyond-service"),
        },
        "legal-duty" | "national-security" | "other-law" | "public-task" if !cited => Some("no-citation"),
        "emergency" if a.until.is_none() => Some("no-end"),
        "justice" if !cited => Some("no-citation"),
        "justice"
            if a.recipients
                .iter()
                .any(|q| processor(facts, q).kind != "authority") =>
        {
            Some("recipient-no-authority")
        }
        "service-stability" if !all_under(stable) => Some("other-purpose"),
        _ => None,
    }
}

/// Row ground-recognized.
pub fn ground_recognized(case: &mut Case, rule: &Rule) {
    let allowed = facts::list(&rule.parameters, "allowed");
    for a in &case.facts.authorizations {
        if !allowed.contains(&a.basis) {
            report_authorization(case, rule, a, "ground-not-recognized");
        }
    }
}
