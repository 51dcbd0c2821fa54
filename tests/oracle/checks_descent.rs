//! docs/checks.md 5 and 7.3: what comes from an unlawful source, what a state rests on, what only silence or an assign's
//! ground covers.

use super::authorized::{covering, first_failing};
use super::checks_sources::report_act;
use super::facts::{Event, Facts, Rule};
use super::findings::{Case, processor_taken};
use super::lookups::{field, is_lawful_source, is_personal};
use super::replay::Replay;

/// Subjects as listed, inside that fields as listed.
fn pairs_of(event: &Event) -> Vec<(String, String)> {
    let of = |subject: &String| {
        let pair = |field: &String| (subject.clone(), field.clone());
        event.fields.iter().map(pair).collect::<Vec<_>>()
    };
    event.subjects.iter().flat_map(of).collect()
}

/// The subjects and the fields of some (subject, field).
fn apart(pairs: &[(String, String)]) -> (Vec<String>, Vec<String>) {
    pairs.iter().cloned().unzip()
}

/// "A copy acquired from a processor with `lawful_source: false`", or a descendant of one. Nothing breaks the descent.
fn is_tainted(facts: &Facts, replay: &Replay, c: usize) -> bool {
    let copy = &replay.copies[c];
    let via = &facts.record[copy.via];
    let giver = via.from.as_ref().or(via.source.as_ref());
    giver.is_some_and(|giver| !is_lawful_source(facts, giver, copy.start))
        || copy.parents.iter().any(|p| is_tainted(facts, replay, *p))
}

/// Row tainted.
pub fn tainted(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        let is_judged = matches!(
            event.act.as_str(),
            "derive" | "use" | "share" | "verify" | "disclose" | "delegate" | "assign"
        );
        if !is_judged
            || !processor_taken(facts, rule, &event.actor, event.at)
            || !is_lawful_source(facts, &event.actor, event.at)
        {
            continue;
        }
        // (subject, field), the first such copy
        let mut hits: Vec<((String, String), usize)> = Vec::new();
        for pair in &replay.pairs[e] {
            let first = pair.held.iter().find(|c| is_tainted(facts, replay, **c));
            if let Some(first) = first {
                hits.push(((pair.subject.clone(), pair.field.clone()), *first));
            }
        }
        let Some((_, first)) = hits.iter().min() else {
            continue;
        };
        let mut witness = replay.chain(*first);
        witness.push(e);
        let because = vec![facts.events[witness[0]].id.clone()];
        let pairs: Vec<(String, String)> = hits.into_iter().map(|(pair, _)| pair).collect();
        report_act(
            case,
            rule,
            event,
            "tainted-source",
            apart(&pairs),
            because,
            witness,
        );
    }
}

/// Rows state-supported.
pub fn state_supported(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let state = |f: &String| field(facts, f).state.clone();
    for (e, event) in facts.events.iter().enumerate() {
        let method = event.method.as_deref();
        let rows = [
            (
                method != Some("anonymize") && event.fields.iter().any(|f| state(f) != "anonymized"),
                "anonymized",
                "anonymity-unsupported",
            ),
            (
                !matches!(method, Some("anonymize" | "deidentify"))
                    && event.fields.iter().any(|f| state(f) == "identified"),
                "deidentified",
                "deidentification-unsupported",
            ),
        ];
        for (is_hit, made, reason) in rows {
            let mut those = event.makes.clone();
            those.retain(|f| state(f) == made);
            if event.act == "derive" && is_hit && !those.is_empty() {
                let witness = replay.path_of(facts, e, &event.fields[0]);
                let about = (event.subjects.clone(), those);
                report_act(case, rule, event, reason, about, Vec::new(), witness);
            }
        }
    }
}

/// Row implied-acceptance.
pub fn implied_acceptance(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        let is_judged = matches!(
            event.act.as_str(),
            "collect" | "derive" | "use" | "share" | "verify" | "disclose"
        );
        if !is_judged {
            continue;
        }
        let (mut pairs, mut because) = (Vec::new(), Vec::new());
        // section 3: "anonymized fields are judged like all others"
        for (subject, field) in pairs_of(event) {
            let by = covering(facts, replay, e, event, &field, &subject);
            let is_implied = |a: &usize| {
                let authorization = &facts.authorizations[*a];
                authorization.basis == "consent" && authorization.implied
            };
            if !by.is_empty() && by.iter().all(is_implied) {
                pairs.push((subject, field));
                because.extend(by.iter().map(|a| facts.authorizations[*a].id.clone()));
            }
        }
        let Some((least_subject, least_field)) = pairs.iter().min() else {
            continue;
        };
        let witness = match event.act.as_str() {
            "collect" => vec![e],
            _ => replay.path(facts, &event.actor, least_field, least_subject, e),
        };
        report_act(
            case,
            rule,
            event,
            "implied-acceptance",
            apart(&pairs),
            because,
            witness,
        );
    }
}

/// Reason and deciding fact.
type Why = (&'static str, Option<usize>);

/// Section 7.3.
pub fn assignment_ground(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "assign" {
            continue;
        }
        // (reason, deciding fact), its pairs
        let mut groups: Vec<(Why, Vec<(String, String)>)> = Vec::new();
        for subject in &event.subjects {
            for field in event.fields.iter().filter(|f| is_personal(facts, f)) {
                let Some(why) = first_failing(facts, replay, e, event, field, subject) else {
                    continue;
                };
                let pair = (subject.clone(), field.clone());
                match groups.iter_mut().find(|(other, _)| *other == why) {
                    Some((_, pairs)) => pairs.push(pair),
                    None => groups.push((why, vec![pair])),
                }
            }
        }
        for ((reason, deciding), pairs) in groups {
            let (least_subject, least_field) = pairs.iter().min().expect("a group has a pair");
            let witness = replay.path(facts, &event.actor, least_field, least_subject, e);
            let because = deciding.iter().map(|a| facts.authorizations[*a].id.clone());
            report_act(
                case,
                rule,
                event,
                &format!("no-ground:{reason}"),
                apart(&pairs),
                because.collect(),
                witness,
            );
        }
    }
}
