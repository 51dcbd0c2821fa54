//! docs/checks.md 4: acquiring.

use super::checks_sources::is_data;
use super::facts::{self, Authorization, Event, Facts, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{category_at_or_under, field_in_categories, is_lawful_source, purpose_under_any};

/// docs/checks.md: "Acquisition" = collect, share, verify, assign, delegate whose `to` is in `processor` (if given).
fn is_acquisition(facts: &Facts, rule: &Rule, event: &Event) -> bool {
    matches!(
        event.act.as_str(),
        "collect" | "share" | "verify" | "assign" | "delegate"
    ) && event
        .to
        .as_ref()
        .is_some_and(|to| processor_taken(facts, rule, to, event.at))
}

/// Row prohibited-category.
pub fn prohibited_category(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let categories = facts::list(&rule.parameters, "categories");
    for (e, event) in facts.events.iter().enumerate() {
        if !is_acquisition(facts, rule, event) {
            continue;
        }
        let mut those = event.fields.clone();
        those.retain(|f| field_in_categories(facts, f, &categories));
        if those.is_empty() {
            continue;
        }
        let witness = replay.path1_of(facts, e, &those[0]);
        case.report(
            rule,
            Report {
                reason: "prohibited-category".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: event.to.as_ref().expect("an acquisition has `to`"),
                subjects: event.subjects.clone(),
                fields: those,
                because: Vec::new(),
                witness,
            },
        );
    }
}

/// Row lawful-source.
pub fn lawful_source(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if !is_acquisition(facts, rule, event) {
            continue;
        }
        let Some(source) = event.from.as_ref().or(event.source.as_ref()) else {
            continue;
        };
        if is_lawful_source(facts, source, event.at) {
            continue;
        }
        let witness = match event.from {
            Some(_) => replay.path_of(facts, e, &event.fields[0]),
            None => vec![e],
        };
        case.report(
            rule,
            Report {
                reason: "unlawful-source".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: event.to.as_ref().expect("an acquisition has `to`"),
                subjects: event.subjects.clone(),
                fields: event.fields.clone(),
                because: vec![source.clone()],
                witness,
            },
        );
    }
}

/// Row necessity: "whose purpose itself has `needs`".
pub fn necessity(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if !is_acquisition(facts, rule, event) {
            continue;
        }
        let purpose = event.purpose.as_ref().expect("an acquisition has a purpose");
        let Some(needs) = facts
            .purposes
            .iter()
            .find(|p| p.id == *purpose)
            .and_then(|p| p.needs.as_ref())
        else {
            continue;
        };
        let mut those = event.fields.clone();
        those.retain(|f| !needs.contains(f));
        if those.is_empty() {
            continue;
        }
        let witness = replay.path1_of(facts, e, &those[0]);
        case.report(
            rule,
            Report {
                reason: "not-needed-for-purpose".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: event.to.as_ref().expect("an acquisition has `to`"),
                subjects: event.subjects.clone(),
                fields: those,
                because: vec![purpose.clone()],
                witness,
            },
        );
    }
}

/// Row frequency: per (`to`, field, subject), each collect against the collect just before it (good or bad).
pub fn frequency(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let least = facts::hours(&rule.parameters, "min_hours").expect("min_hours is required");
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "collect" || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        // (earlier act, subjects hit, fields hit), by first pair
        let mut hits: Vec<(usize, Vec<String>, Vec<String>)> = Vec::new();
        for subject in &event.subjects {
            for field in event
                .fields
                .iter()
                .filter(|f| is_data(facts, &rule.parameters, f))
            {
                let mut before = None;
                for (b, earlier) in facts.events.iter().enumerate().take(e) {
                    let same = earlier.act == "collect"
                        && earlier.actor == event.actor
                        && earlier.subjects.contains(subject)
                        && earlier.fields.contains(field);
                    if same {
                        before = Some(b);
                    }
                }
                let Some(before) = before else { continue };
                if event.at - facts.events[before].at >= least {
                    continue;
                }
                if !hits.iter().any(|hit| hit.0 == before) {
                    hits.push((before, Vec::new(), Vec::new()));
                }
                let hit = hits.iter_mut().find(|hit| hit.0 == before).expect("just made");
                hit.1.push(subject.clone());
                hit.2.push(field.clone());
            }
        }
        for (before, subjects, fields) in hits {
            case.report(
                rule,
                Report {
                    reason: "too-frequent".into(),
                    at: event.at,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &event.actor,
                    subjects,
                    fields,
                    because: Vec::new(),
                    witness: vec![before, e],
                },
            );
        }
    }
}

/// The reports of rows bundled-consent and alternative-offered.
pub fn report_authorization(case: &mut Case, rule: &Rule, a: &Authorization, reason: &str) {
    case.report(
        rule,
        Report {
            reason: reason.into(),
            at: a.from,
            kind: Kind::Fact,
            thing: &a.id,
            processor: &a.holder[0],
            subjects: a.subjects.clone(),
            fields: a.fields.clone(),
            because: vec![a.id.clone()],
            witness: Vec::new(),
        },
    );
}

/// Row bundled-consent: with `condition_of`, none of its purposes at or under that.
pub fn bundled_consent(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    for a in &facts.authorizations {
        let Some(service) = &a.condition_of else { continue };
        let of_the_service = a
            .purposes
            .iter()
            .any(|p| purpose_under_any(facts, Some(p), std::slice::from_ref(service)));
        if a.basis == "consent" && !of_the_service {
            report_authorization(case, rule, a, "consent-tied-to-service");
        }
    }
}

/// Row alternative-offered.
pub fn alternative_offered(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let categories = facts::list(&rule.parameters, "categories");
    for a in &facts.authorizations {
        if a.basis != "consent"
            || !a.acts.iter().any(|act| act == "collect")
            || a.alternative.as_ref().is_some_and(|text| !text.is_empty())
        {
            continue;
        }
        let by_category = a
            .categories
            .iter()
            .any(|c| categories.iter().any(|top| category_at_or_under(facts, c, top)));
        let by_field = a
            .fields
            .iter()
            .any(|f| field_in_categories(facts, f, &categories));
        if by_category || by_field {
            report_authorization(case, rule, a, "no-alternative");
        }
    }
}
