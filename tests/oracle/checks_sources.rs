//! docs/checks.md 4 and 5: where data came from, and whom one gives it to.

use super::checks_sending::fits;
use super::facts::{self, Event, Facts, Instant, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{
    country_at, field_in_categories, is_personal, kind_at, organization, purpose_under_any, valid_at, within,
    within_any,
};

/// *data* among the parameters: `fields`, `categories`, or both.
pub fn is_data(facts: &Facts, parameters: &serde_json::Value, field: &String) -> bool {
    facts::list(parameters, "fields").contains(field)
        || field_in_categories(facts, field, &facts::list(parameters, "categories"))
}

/// "Act" in the column *reports*: at the instant of the act.
pub fn report_act(
    case: &mut Case,
    rule: &Rule,
    event: &Event,
    reason: &str,
    (subjects, fields): (Vec<String>, Vec<String>),
    because: Vec<String>,
    witness: Vec<usize>,
) {
    case.report(
        rule,
        Report {
            reason: reason.into(),
            at: event.at,
            kind: Kind::Event,
            thing: &event.id,
            processor: &event.actor,
            subjects,
            fields,
            because,
            witness,
        },
    );
}

/// An agreement that names the two at t, each by a name of its own, in any order.
fn is_between(facts: &Facts, a: &facts::Agreement, one: &str, other: &str, t: Instant) -> bool {
    let parties: Vec<&String> = a.between.iter().chain(&a.principal).chain(&a.delegate).collect();
    let names = |p: &&&String, id: &str| within(facts, id, p, t);
    parties
        .iter()
        .filter(|p| names(p, one))
        .any(|p| parties.iter().any(|q| p != q && names(&q, other)))
}

/// Row public-source.
pub fn public_source(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let kinds = facts::list(&rule.parameters, "kinds");
    for (e, event) in facts.events.iter().enumerate() {
        let mut those = event.fields.clone();
        those.retain(|f| is_data(facts, &rule.parameters, f));
        let from_a_public_source = event
            .source
            .as_ref()
            .is_some_and(|source| kinds.contains(&kind_at(facts, source, event.at)));
        if event.act != "collect" || those.is_empty() || from_a_public_source {
            continue;
        }
        let because = event.source.iter().cloned().collect();
        let about = (event.subjects.clone(), those);
        report_act(case, rule, event, "source-not-public", about, because, vec![e]);
    }
}

/// Row source-warranty.
pub fn source_warranty(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let kinds = facts::list(&rule.parameters, "kinds");
    for (e, event) in facts.events.iter().enumerate() {
        if !matches!(event.act.as_str(), "collect" | "share" | "verify" | "assign") {
            continue;
        }
        let to = event.to.as_ref().expect("an acquisition has `to`");
        let Some(giver) = event.from.as_ref().or(event.source.as_ref()) else {
            continue;
        };
        let warrants = |p: &facts::Evidence| {
            within(facts, giver, &p.processor, event.at)
                && kinds.contains(&p.kind)
                && valid_at(p.from, p.until, event.at)
        };
        if giver == to || !processor_taken(facts, rule, to, event.at) || facts.evidence.iter().any(warrants) {
            continue;
        }
        case.report(
            rule,
            Report {
                reason: "no-warranty".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: to,
                subjects: event.subjects.clone(),
                fields: event.fields.clone(),
                because: vec![giver.clone()],
                witness: replay.path1_of(facts, e, &event.fields[0]),
            },
        );
    }
}

/// Row embedded-party.
pub fn embedded_party(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let listed = facts::list(&rule.parameters, "processor");
    for (e, event) in facts.events.iter().enumerate() {
        let is_listed = |source: &&String| within_any(facts, source, &listed, event.at);
        let Some(source) = event.source.as_ref().filter(is_listed) else {
            continue;
        };
        let of = |p: &str| organization(facts, p, event.at);
        let agreed = facts.agreements.iter().any(|a| {
            is_between(facts, a, source, &event.actor, event.at) && valid_at(a.from, a.until, event.at)
        });
        if event.act == "collect" && of(source) != of(&event.actor) && !agreed {
            let about = (event.subjects.clone(), event.fields.clone());
            let because = vec![source.clone()];
            report_act(
                case,
                rule,
                event,
                "embedded-without-agreement",
                about,
                because,
                vec![e],
            );
        }
    }
}

/// A mechanism that fits giver, receiver and country (docs/fact-file.md 5), valid at t.
fn has_mechanism(facts: &Facts, giver: &str, receiver: &str, country: &str, t: Instant) -> bool {
    facts
        .mechanisms
        .iter()
        .any(|m| fits(facts, m, giver, receiver, country, t) && valid_at(m.from, m.until, t))
}

/// Rows authority-report.
pub fn authority_report(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let purposes = facts::list(&rule.parameters, "purposes");
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "share" || !purpose_under_any(facts, event.purpose.as_ref(), &purposes) {
            continue;
        }
        let to = event.recipient.as_ref().expect("a share has `to`");
        let country = country_at(facts, to, event.at);
        let reason = if kind_at(facts, to, event.at) != "authority" {
            "recipient-no-authority"
        } else if country
            .is_some_and(|c| c != facts.home && !has_mechanism(facts, &event.actor, to, &c, event.at))
        {
            "foreign-authority"
        } else {
            continue;
        };
        let witness = replay.path_of(facts, e, &event.fields[0]);
        let about = (event.subjects.clone(), event.fields.clone());
        report_act(case, rule, event, reason, about, vec![to.clone()], witness);
    }
}

/// Row partner-relation.
pub fn partner_relation(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let exempt = facts::list(&rule.parameters, "exempt_kinds");
    for (e, event) in facts.events.iter().enumerate() {
        let is_judged = matches!(event.act.as_str(), "share" | "verify" | "delegate" | "assign");
        if !is_judged || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        let to = event.recipient.as_ref().expect("these acts have `to`");
        let mut those = event.fields.clone();
        those.retain(|f| is_personal(facts, f));
        if those.is_empty() || *to == event.actor || exempt.contains(&kind_at(facts, to, event.at)) {
            continue;
        }
        let relations = || {
            let all = facts.agreements.iter();
            all.filter(|a| a.kind != "confidentiality" && is_between(facts, a, &event.actor, to, event.at))
        };
        if relations().any(|a| valid_at(a.from, a.until, event.at)) {
            continue;
        }
        let reason = match relations().next() {
            None => "relation-none",
            Some(_) => "relation-ended",
        };
        let witness = replay.path_of(facts, e, &those[0]);
        let about = (event.subjects.clone(), those);
        report_act(case, rule, event, reason, about, vec![to.clone()], witness);
    }
}
