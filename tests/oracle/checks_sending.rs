//! docs/checks.md 5: placing and sending.

use super::authorized::covering;
use super::facts::{self, DAY, Event, Facts, Instant, Mechanism, Rule};
use super::findings::{Case, Kind, Report, processor_taken};
use super::lookups::{
    country_at, field, is_crossing, is_personal, is_sensitive, kind_at, purpose_under_any, relocations,
    valid_at, within,
};

/// What every act row has in common: at = act time, the event, all subjects.
fn report_act(
    case: &mut Case,
    rule: &Rule,
    event: &Event,
    reason: &str,
    fields: Vec<String>,
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
            subjects: event.subjects.clone(),
            fields,
            because,
            witness,
        },
    );
}

fn personal(facts: &Facts, fields: &[String]) -> Vec<String> {
    fields.iter().filter(|f| is_personal(facts, f)).cloned().collect()
}

fn least(fields: &[String]) -> &String {
    fields.iter().min().expect("at least one field")
}

/// Row storage-location.
pub fn storage_location(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let allowed = facts::list(&rule.parameters, "allowed");
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "store" || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        if allowed.contains(event.location.as_ref().expect("a store has a location")) {
            continue;
        }
        let witness = replay.path_of(facts, e, &event.fields[0]);
        report_act(
            case,
            rule,
            event,
            "stored-abroad",
            event.fields.clone(),
            Vec::new(),
            witness,
        );
    }
}

/// docs/fact-file.md 5, mechanisms: fits (giver P, receiver Q, country C).
pub fn fits(facts: &Facts, m: &Mechanism, giver: &str, receiver: &str, country: &str, t: Instant) -> bool {
    within(facts, giver, &m.from_processor, t)
        && match &m.to_processor {
            Some(to) => within(facts, receiver, to, t),
            None => m.to_country.as_deref() == Some(country),
        }
}

/// docs/checks.md 5, "Mechanisms, in file order, among the fitting ones". None = one is valid; else the end of the reason, and because.
fn mechanism_verdict<'a>(
    facts: &'a Facts,
    giver: &str,
    receiver: &str,
    country: &str,
    t: Instant,
) -> Option<(&'static str, Vec<&'a Mechanism>)> {
    let fitting: Vec<&Mechanism> = facts
        .mechanisms
        .iter()
        .filter(|m| fits(facts, m, giver, receiver, country, t))
        .collect();
    if fitting.iter().any(|m| valid_at(m.from, m.until, t)) {
        return None;
    }
    if let Some(last) = fitting
        .iter()
        .rev()
        .find(|m| m.until.is_some_and(|until| t >= until))
    {
        return Some(("expired", vec![last]));
    }
    if let Some(first) = fitting.iter().find(|m| t < m.from) {
        return Some(("not-yet", vec![first]));
    }
    Some(("none", Vec::new()))
}

/// "With `bloc`: from a country of it to a known one outside; never to one of `adequate`." Without it: from home to another.
fn is_out(facts: &Facts, rule: &Rule, from: Option<String>, to: Option<String>) -> bool {
    let mut bloc = facts::list(&rule.parameters, "bloc");
    if bloc.is_empty() {
        bloc.push(facts.home.clone());
    }
    let adequate = facts::list(&rule.parameters, "adequate");
    from.is_some_and(|from| bloc.contains(&from))
        && to.is_some_and(|to| !bloc.contains(&to) && !adequate.contains(&to))
}

fn leaves(facts: &Facts, rule: &Rule, event: &Event) -> bool {
    let (act, to) = match &event.inward {
        Some((act, to)) => (act, Some(to)),
        None => (&event.act, event.recipient.as_ref()),
    };
    let there = to.and_then(|to| country_at(facts, to, event.at));
    matches!(act.as_str(), "share" | "verify" | "delegate" | "assign")
        && is_out(facts, rule, country_at(facts, &event.actor, event.at), there)
}

/// Rows transfer-mechanism (a) and (b).
pub fn transfer_mechanism(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    // (a) crossing with personal fields
    for (e, event) in facts.events.iter().enumerate() {
        if !leaves(facts, rule, event) || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        let those = personal(facts, &event.fields);
        if those.is_empty() {
            continue;
        }
        let inward = event.inward.as_ref().map(|(_, to)| to);
        let receiver = event
            .recipient
            .as_ref()
            .or(inward)
            .expect("a crossing has a recipient");
        let country = country_at(facts, receiver, event.at).expect("a crossing has a country");
        let Some((end, because)) = mechanism_verdict(facts, &event.actor, receiver, &country, event.at)
        else {
            continue;
        };
        let witness = replay.path_of(facts, e, least(&those));
        let because = because.iter().map(|m| m.id.clone()).collect();
        report_act(
            case,
            rule,
            event,
            &format!("mechanism-{end}"),
            those,
            because,
            witness,
        );
    }
    // (b) moves of any processor
    for p in &facts.processors {
        for (t, before, country) in relocations(facts, &p.id) {
            if !is_out(facts, rule, before, Some(country.clone())) {
                continue;
            }
            let mut pairs: Vec<(String, String)> = Vec::new();
            for copy in &replay.copies {
                let there = copy.processor == p.id && copy.start < t && copy.end.is_none_or(|end| end > t);
                if there && is_personal(facts, &copy.field) {
                    pairs.push((copy.subject.clone(), copy.field.clone()));
                }
            }
            let Some((subject, field)) = pairs.iter().min() else {
                continue;
            };
            let Some((end, _)) = mechanism_verdict(facts, &p.id, &p.id, &country, t) else {
                continue;
            };
            let mut candidates = Vec::new();
            for (c, copy) in replay.copies.iter().enumerate() {
                if copy.processor == p.id
                    && copy.field == *field
                    && copy.subject == *subject
                    && copy.start <= t
                {
                    candidates.push(c);
                }
            }
            let witness = replay.chain(replay.choose(&candidates, t).expect("one of them is the pair's"));
            let thing = format!("move:{}:{country}", p.id);
            case.report(
                rule,
                Report {
                    reason: format!("relocation-mechanism-{end}"),
                    at: t,
                    kind: Kind::Fact,
                    thing: &thing,
                    processor: &p.id,
                    subjects: pairs.iter().map(|(s, _)| s.clone()).collect(),
                    fields: pairs.iter().map(|(_, f)| f.clone()).collect(),
                    because: vec![p.id.clone()],
                    witness,
                },
            );
        }
    }
}

/// Row transfer-confidentiality.
pub fn transfer_confidentiality(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if !is_crossing(facts, event) || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        let Some(to) = &event.recipient else { continue };
        let mut theirs = Vec::new();
        let mut in_force = false;
        for a in &facts.agreements {
            if a.kind != "confidentiality" {
                continue;
            }
            let are = |x: &String, y: &String| {
                within(facts, &event.actor, x, event.at) && within(facts, to, y, event.at)
            };
            let [x, y] = a.between.as_slice() else { continue };
            if are(x, y) || are(y, x) {
                theirs.push(a.id.clone());
                in_force |= valid_at(a.from, a.until, event.at);
            }
        }
        if in_force {
            continue;
        }
        let reason = if theirs.is_empty() {
            "confidentiality-none"
        } else {
            "confidentiality-expired"
        };
        let witness = replay.path_of(facts, e, least(&event.fields));
        report_act(case, rule, event, reason, event.fields.clone(), theirs, witness);
    }
}

/// Row safeguard: `missing:A,B` in the order of `needs`.
pub fn safeguard(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let acts = facts::list(&rule.parameters, "acts");
    let needs = facts::list(&rule.parameters, "needs");
    let only_sensitive = facts::flag(&rule.parameters, "fields_sensitive");
    for (e, event) in facts.events.iter().enumerate() {
        if !acts.contains(&event.act) || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        if only_sensitive && !event.fields.iter().any(|f| is_sensitive(facts, f)) {
            continue;
        }
        let missing: Vec<String> = needs
            .iter()
            .filter(|n| !event.safeguards.contains(n))
            .cloned()
            .collect();
        if missing.is_empty() {
            continue;
        }
        let witness = replay.path1_of(facts, e, &event.fields[0]);
        let reason = format!("missing:{}", missing.join(","));
        report_act(
            case,
            rule,
            event,
            &reason,
            event.fields.clone(),
            Vec::new(),
            witness,
        );
    }
}

/// Row recipient-assessed.
pub fn recipient_assessed(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let exempt = facts::list(&rule.parameters, "exempt_kinds");
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "share" || !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        let to = event.recipient.as_ref().expect("a share has a recipient");
        let those = personal(facts, &event.fields);
        if those.is_empty() || exempt.contains(&kind_at(facts, to, event.at)) {
            continue;
        }
        let mut done = Vec::new();
        let mut in_time = false;
        for a in &facts.assessments {
            if a.kind == "recipient"
                && within(facts, &event.actor, &a.processor, event.at)
                && a.recipient
                    .as_ref()
                    .is_some_and(|of| within(facts, to, of, event.at))
            {
                done.push(a.id.clone());
                in_time |= a.at <= event.at;
            }
        }
        if in_time {
            continue;
        }
        let reason = if done.is_empty() {
            "never-assessed"
        } else {
            "assessed-late"
        };
        let witness = replay.path_of(facts, e, &those[0]);
        report_act(case, rule, event, reason, those, done, witness);
    }
}

/// Row impact-assessment: "act × each kind k that applies, in this order".
pub fn impact_assessment(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let listed = facts::list(&rule.parameters, "acts");
    let within_days = facts::integer(&rule.parameters, "within_days");
    let is_listed = |kind: &str| listed.iter().any(|l| l == kind);
    for (e, event) in facts.events.iter().enumerate() {
        if !processor_taken(facts, rule, &event.actor, event.at) {
            continue;
        }
        let mut kinds: Vec<&str> = Vec::new();
        if is_listed("cross-border") && is_crossing(facts, event) {
            kinds.push("cross-border");
        }
        if is_listed(&event.act) {
            kinds.push(&event.act);
        }
        let handles = matches!(event.act.as_str(), "collect" | "use" | "derive");
        if is_listed("sensitive") && handles && event.fields.iter().any(|f| is_sensitive(facts, f)) {
            kinds.push("sensitive");
        }
        for kind in kinds {
            let mut candidates = Vec::new();
            let (mut in_time, mut fresh) = (false, false);
            for a in &facts.assessments {
                let covers = a.kind == "impact"
                    && within(facts, &event.actor, &a.processor, event.at)
                    && a.covers.iter().any(|c| c == kind)
                    && purpose_under_any(facts, event.purpose.as_ref(), &a.purposes);
                if covers {
                    candidates.push(a.id.clone());
                    in_time |= a.at <= event.at;
                    fresh |= a.at <= event.at && within_days.is_none_or(|days| event.at <= a.at + days * DAY);
                }
            }
            if fresh {
                continue;
            }
            let reason = if candidates.is_empty() {
                format!("none:{kind}")
            } else if in_time {
                format!("stale:{kind}")
            } else {
                format!("late:{kind}")
            };
            let witness = replay.path1_of(facts, e, least(&event.fields));
            report_act(
                case,
                rule,
                event,
                &reason,
                event.fields.clone(),
                candidates,
                witness,
            );
        }
    }
}

/// Row state-required.
pub fn state_required(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let acts = facts::list(&rule.parameters, "acts");
    let purposes = facts::list(&rule.parameters, "purposes");
    let allowed = facts::list(&rule.parameters, "allowed");
    for (e, event) in facts.events.iter().enumerate() {
        if !acts.contains(&event.act) || !purpose_under_any(facts, event.purpose.as_ref(), &purposes) {
            continue;
        }
        let mut those = event.fields.clone();
        those.retain(|f| !allowed.contains(&field(facts, f).state));
        if those.is_empty() {
            continue;
        }
        let witness = replay.path_of(facts, e, &those[0]);
        report_act(case, rule, event, "identified-data", those, Vec::new(), witness);
    }
}

/// Row optout: choice × use, share or disclose by its processor concerning its subject.
pub fn optout(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let (mut acts, by) = (
        facts::list(&rule.parameters, "acts"),
        facts::list(&rule.parameters, "by"),
    );
    if acts.is_empty() {
        acts = vec!["use".into(), "share".into(), "disclose".into()];
    }
    let bases = facts::list(&rule.parameters, "bases");
    for choice in &facts.choices {
        for (e, event) in facts.events.iter().enumerate() {
            let hit = acts.contains(&event.act)
                && (by.is_empty() || by.contains(&choice.by))
                && within(facts, &event.actor, &choice.processor, event.at)
                && event.subjects.contains(&choice.subject)
                && event.at >= choice.at
                && purpose_under_any(
                    facts,
                    event.purpose.as_ref(),
                    std::slice::from_ref(&choice.purpose),
                );
            if !hit {
                continue;
            }
            let on_such_a_ground = event.fields.iter().any(|f| {
                let by = covering(facts, replay, e, event, f, &choice.subject);
                by.iter().any(|a| bases.contains(&facts.authorizations[*a].basis))
            });
            if !bases.is_empty() && !on_such_a_ground {
                continue;
            }
            let mut those = event.fields.clone();
            if event.act == "collect" {
                those.retain(|f| !field(facts, f).strictly_needed);
            }
            if those.is_empty() {
                continue;
            }
            let witness = match event.act.as_str() {
                "collect" => vec![e],
                _ => replay.path(facts, &event.actor, &those[0], &choice.subject, e),
            };
            case.report(
                rule,
                Report {
                    reason: "after-optout".into(),
                    at: event.at,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &event.actor,
                    subjects: vec![choice.subject.clone()],
                    fields: those,
                    because: vec![choice.id.clone()],
                    witness,
                },
            );
        }
    }
}

/// Row stop-access: termination × share, delegate or assign from `by` to `of`.
pub fn stop_access(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for termination in &facts.terminations {
        for (e, event) in facts.events.iter().enumerate() {
            let hit = matches!(event.act.as_str(), "share" | "delegate" | "assign")
                && within(facts, &event.actor, &termination.by, event.at)
                && event
                    .recipient
                    .as_ref()
                    .is_some_and(|to| within(facts, to, &termination.of, event.at))
                && event.at >= termination.at;
            if !hit {
                continue;
            }
            let witness = replay.path_of(facts, e, &event.fields[0]);
            let because = vec![termination.id.clone()];
            report_act(
                case,
                rule,
                event,
                "flow-after-termination",
                event.fields.clone(),
                because,
                witness,
            );
        }
    }
}

/// Row flow-supported.
pub fn flow_supported(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        let (mut subjects, mut fields) = (Vec::new(), Vec::new());
        for pair in &replay.pairs[e] {
            if pair.support == super::replay::Support::Unsupported {
                subjects.push(pair.subject.clone());
                fields.push(pair.field.clone());
            }
        }
        if subjects.is_empty() {
            continue;
        }
        case.report(
            rule,
            Report {
                reason: "not-held".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects,
                fields,
                because: Vec::new(),
                witness: vec![e],
            },
        );
    }
}
