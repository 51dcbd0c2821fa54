//! docs/checks.md 4 and 8: access, incidents, requests of relatives, audits, protection over time.

use super::facts::{self, DAY, Facts, Incident, Instant, Request, Rule};
use super::findings::{Case, Kind, Report, processor_taken, sorted};
use super::lookups::{
    around, field_in_categories, is_personal, organization, processor, safeguards, valid_at, within,
};

/// A finding about a fact, without a witness.
fn report_fact(
    case: &mut Case,
    rule: &Rule,
    reason: &str,
    at: Instant,
    (thing, processor): (&str, &str),
    (subjects, fields): (Vec<String>, Vec<String>),
    because: Vec<String>,
) {
    case.report(
        rule,
        Report {
            reason: reason.into(),
            at,
            kind: Kind::Fact,
            thing,
            processor,
            subjects,
            fields,
            because,
            witness: Vec::new(),
        },
    );
}

/// Rows least-privilege.
pub fn least_privilege(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let taken = |p: &&facts::Processor| processor_taken(facts, rule, &p.id, facts.as_of);
    for p in facts.processors.iter().filter(taken) {
        for access in &p.accesses {
            let (mut reason, mut those) = ("access-without-purpose", access.fields.clone());
            if !access.purposes.is_empty() {
                reason = "access-not-needed";
                those.retain(|f| {
                    !access.purposes.iter().any(|purpose| {
                        let purpose = facts.purposes.iter().find(|p| p.id == *purpose);
                        let needs = purpose.expect("a declared purpose").needs.as_ref();
                        needs.is_none_or(|needs| needs.contains(f))
                    })
                });
            }
            if !those.is_empty() {
                let thing = format!("access:{}", access.role);
                let about = (Vec::new(), those);
                let because = access.purposes.clone();
                report_fact(case, rule, reason, facts.as_of, (&thing, &p.id), about, because);
            }
        }
    }
}

fn report_incident(
    case: &mut Case,
    rule: &Rule,
    i: &Incident,
    reason: &str,
    subjects: &[String],
    because: Vec<String>,
) {
    let about = (subjects.to_vec(), i.fields.clone());
    report_fact(case, rule, reason, i.known, (&i.id, &i.processor), about, because);
}

/// Rows incident-content.
pub fn incident_content(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    let needs = facts::list(&rule.parameters, "needs");
    let contact = facts::list(&rule.parameters, "contact");
    for incident in &facts.incidents {
        let announced = incident.channel.as_deref() == Some("announcement");
        let mut missing = needs.clone();
        missing.retain(|need| !incident.contents.contains(need));
        if !missing.is_empty() && (announced || !incident.subjects_told.is_empty()) {
            let reason = format!("content-missing:{}", missing.join(","));
            let because = vec![incident.id.clone()];
            report_incident(case, rule, incident, &reason, &incident.subjects, because);
        }
        let mut reachable = incident.subjects.clone();
        reachable.retain(|subject| {
            replay.copies.iter().any(|copy| {
                within(facts, &copy.processor, &incident.processor, incident.known)
                    && copy.subject == *subject
                    && field_in_categories(facts, &copy.field, &contact)
                    && copy.start <= incident.known
                    && copy.end.is_none_or(|end| end > incident.known)
            })
        });
        if announced && !reachable.is_empty() {
            let because = vec![incident.id.clone()];
            report_incident(
                case,
                rule,
                incident,
                "announced-though-reachable",
                &reachable,
                because,
            );
        }
    }
}

/// Row incident-found.
pub fn incident_found(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    for incident in &facts.incidents {
        let Some(finder) = &incident.found_by else {
            continue;
        };
        let of = |p: &str| organization(facts, p, incident.known);
        if of(finder) != of(&incident.processor) && incident.platform_told.is_none() {
            let because = vec![incident.id.clone(), finder.clone()];
            report_incident(
                case,
                rule,
                incident,
                "found-by-another",
                &incident.subjects,
                because,
            );
        }
    }
}

fn report_request(case: &mut Case, rule: &Rule, r: &Request, reason: &str) {
    let answered = r.answered.expect("it was answered");
    let about = (vec![r.subject.clone()], r.fields.clone());
    let because = vec![r.id.clone()];
    report_fact(
        case,
        rule,
        reason,
        answered,
        (&r.id, &r.processor),
        about,
        because,
    );
}

/// Row identity-verified.
pub fn identity_verified(case: &mut Case, rule: &Rule) {
    for request in &case.facts.requests {
        let late = match (request.verified, request.answered) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(verified), Some(answered)) => verified > answered,
        };
        if request.outcome.as_deref() == Some("done") && late {
            report_request(case, rule, request, "answered-unverified");
        }
    }
}

/// Rows deceased.
pub fn deceased(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    for request in &facts.requests {
        let Some(person) = facts.subjects.iter().find(|s| s.id == request.subject) else {
            continue; // everyone does not die
        };
        let is_judged = request.by == "relative"
            && person.died.is_some_and(|died| died <= request.at)
            && request.answered.is_some();
        if !is_judged {
            continue;
        }
        let kind = request.kind.as_deref();
        let may_ask = matches!(kind, Some("access" | "copy" | "correct" | "delete")) && !person.arranged;
        match request.outcome.as_deref() {
            Some("refused") if may_ask => report_request(case, rule, request, "relative-refused"),
            Some("done") if !may_ask => {
                report_request(case, rule, request, "beyond-rights-of-relatives");
            }
            _ => {}
        }
    }
}

/// Rows audit-independent.
pub fn audit_independent(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    for audit in &facts.audits {
        let none = || (Vec::new(), Vec::new());
        let because = vec![audit.id.clone()];
        if !audit.independent {
            let of = (audit.id.as_str(), audit.by.as_str());
            report_fact(
                case,
                rule,
                "auditor-not-independent",
                audit.at,
                of,
                none(),
                because.clone(),
            );
        }
        if audit.refused {
            let of = (audit.id.as_str(), audit.of.as_str());
            report_fact(case, rule, "cooperation-refused", audit.at, of, none(), because);
        }
    }
}

/// The personal copies of P, "each other processor", that it received directly from A, or from what lay inside A then.
fn received(case: &Case, from: &str, p: &str) -> Vec<usize> {
    let copies = case.replay.copies.iter().enumerate();
    copies
        .filter(|(_, copy)| {
            let is_of_the_giver = |p: &str| within(case.facts, p, from, copy.start);
            copy.processor == p
                && case.facts.record[copy.via]
                    .from
                    .as_deref()
                    .is_some_and(is_of_the_giver)
                && !is_of_the_giver(p)
                && is_personal(case.facts, &copy.field)
        })
        .map(|(c, _)| c)
        .collect()
}

fn is_held_at(case: &Case, c: usize, t: Instant) -> bool {
    let copy = &case.replay.copies[c];
    copy.start <= t && copy.end.is_none_or(|end| end > t)
}

/// Merged, with the chain of the copy of the least (subject, field).
fn report_copies(
    case: &mut Case,
    rule: &Rule,
    reason: &str,
    at: Instant,
    (thing, processor): (&str, &str),
    copies: &[usize],
    because: Vec<String>,
) {
    let replay = case.replay;
    let least = copies.iter().copied().min_by_key(|c| {
        let copy = &replay.copies[*c];
        (&copy.subject, &copy.field, *c)
    });
    case.report(
        rule,
        Report {
            reason: reason.into(),
            at,
            kind: Kind::Fact,
            thing,
            processor,
            subjects: copies.iter().map(|c| replay.copies[*c].subject.clone()).collect(),
            fields: copies.iter().map(|c| replay.copies[*c].field.clone()).collect(),
            because,
            witness: replay.chain(least.expect("at least one copy")),
        },
    );
}

/// Rows audit-due.
pub fn audit_due(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let days = facts::integer(&rule.parameters, "within_days").expect("within_days is required") * DAY;
    let roles = facts::list(&rule.parameters, "roles");
    for auditor in facts::list(&rule.parameters, "processor") {
        for p in &facts.processors {
            let mut copies = received(case, &auditor, &p.id);
            copies.retain(|c| {
                let held_as = case.replay.copies[*c].role;
                let has_role = roles.is_empty() || roles.iter().any(|listed| listed == held_as);
                has_role && is_held_at(case, *c, facts.as_of)
            });
            let Some(first) = copies.iter().map(|c| case.replay.copies[*c].start).min() else {
                continue;
            };
            // of audits at one instant the last in the file
            let last = facts
                .audits
                .iter()
                .filter(|a| {
                    within(facts, &auditor, &a.by, a.at)
                        && within(facts, &p.id, &a.of, a.at)
                        && a.at <= facts.as_of
                })
                .max_by_key(|a| a.at);
            let (reason, deadline, mut because) = match last {
                None => ("never-audited", first + days, Vec::new()),
                Some(audit) => ("audit-overdue", audit.at + days, vec![audit.id.clone()]),
            };
            because.push(p.id.clone());
            if facts.as_of > deadline {
                let thing = format!("audit:{}", p.id);
                report_copies(case, rule, reason, deadline, (&thing, &auditor), &copies, because);
            }
        }
    }
}

/// Standing safeguards, and those that a processor has for a time; those of what is around it too.
fn safeguards_at(facts: &Facts, id: &str, t: Instant) -> Vec<String> {
    let mut all = safeguards(facts, id, t);
    for outer in around(facts, id, t) {
        for period in &processor(facts, &outer).safeguard_periods {
            if valid_at(period.from, period.until, t) {
                all.push(period.safeguard.clone());
            }
        }
    }
    sorted(all)
}

/// Row protection-held.
pub fn protection_held(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    let giver = facts::text(&rule.parameters, "at_least").expect("at_least is required");
    for p in &facts.processors {
        let copies = received(case, &giver, &p.id);
        let mut instants: Vec<Instant> = copies.iter().map(|c| case.replay.copies[*c].start).collect();
        // those of others change nothing that is compared here
        for other in &facts.processors {
            instants.extend(other.moves.iter().map(|a_move| a_move.at));
            for period in &other.safeguard_periods {
                instants.push(period.from);
                instants.extend(period.until);
            }
        }
        instants.sort_unstable();
        for t in instants.into_iter().filter(|t| *t <= facts.as_of) {
            let mut lacking = safeguards_at(facts, &giver, t);
            let has = safeguards_at(facts, &p.id, t);
            lacking.retain(|safeguard| !has.contains(safeguard));
            let mut held = copies.clone();
            held.retain(|c| is_held_at(case, *c, t));
            if !lacking.is_empty() && !held.is_empty() {
                let reason = format!("below:{}", lacking.join(","));
                let thing = format!("protection:{}", p.id);
                let because = vec![giver.clone()];
                report_copies(case, rule, &reason, t, (&thing, &p.id), &held, because);
                break;
            }
        }
    }
}
