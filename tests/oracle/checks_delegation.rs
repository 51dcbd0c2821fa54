//! docs/checks.md 7: delegation and assignment.

use super::checks_ending::least_pair;
use super::facts::{self, Agreement, DAY, EVERYONE, Event, Rule};
use super::findings::{Case, Kind, Report};
use super::lookups::{affiliated, is_inward, purpose_under_any, valid_at, within, within_any};
use super::replay::DELEGATED;

/// "Head agreements of a delegated copy held by P": principal = `from` of the copy's acquiring act, delegate = P.
/// "A delegated copy made by a derive has the head agreements of its delegated parents." Indexes into the agreements.
fn head_agreements(case: &Case, c: usize, event: &Event) -> Vec<usize> {
    let facts = case.facts;
    let copy = &case.replay.copies[c];
    let via = &facts.record[copy.via];
    if copy.role != DELEGATED {
        return Vec::new();
    }
    let mut heads = Vec::new();
    if via.act == "derive" || is_inward(facts, via, copy.start) {
        for parent in &copy.parents {
            heads.extend(head_agreements(case, *parent, event));
        }
    } else {
        for (a, agreement) in case.facts.agreements.iter().enumerate() {
            if agreement.kind == "delegation"
                && named(facts, agreement.principal.as_ref(), &via.actor, copy.start)
                && named(facts, agreement.delegate.as_ref(), &event.actor, event.at)
            {
                heads.push(a);
            }
        }
    }
    heads.sort_unstable();
    heads.dedup();
    heads
}

/// A processor that a fact names means this one at t.
fn named(facts: &facts::Facts, name: Option<&String>, id: &str, t: facts::Instant) -> bool {
    name.is_some_and(|name| within(facts, id, name, t))
}

/// The head agreements of several copies, in file order.
fn head_agreements_of_all(case: &Case, copies: &[usize], event: &Event) -> Vec<usize> {
    let mut heads: Vec<usize> = Vec::new();
    for c in copies {
        heads.extend(head_agreements(case, *c, event));
    }
    heads.sort_unstable();
    heads.dedup();
    heads
}

fn ids(case: &Case, agreements: &[usize]) -> Vec<String> {
    agreements
        .iter()
        .map(|a| case.facts.agreements[*a].id.clone())
        .collect()
}

/// All rows of the table: delegate acts, uses and derives in order, then agreements in file order.
pub fn delegation(case: &mut Case, rule: &Rule) {
    let facts = case.facts;
    for (e, event) in facts.events.iter().enumerate() {
        match event.act.as_str() {
            "delegate" => delegate_act(case, rule, e, event),
            "use" | "derive" => own_purpose(case, rule, e, event),
            _ => {}
        }
    }
    for agreement in &facts.agreements {
        kept_after_agreement(case, rule, agreement);
    }
}

/// Rows "delegate act, … (sub-delegation)" and "every other delegate act".
fn delegate_act(case: &mut Case, rule: &Rule, e: usize, event: &Event) {
    let (facts, replay) = (case.facts, case.replay);
    let to = event.recipient.as_ref().expect("a delegate act has a recipient");
    let least_field = event.fields.iter().min().expect("an act has fields");
    let witness = replay.path_of(facts, e, least_field);
    let report = |case: &mut Case, reason: &str, fields: Vec<String>, because: Vec<String>| {
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
                witness: witness.clone(),
            },
        );
    };

    let mut held: Vec<usize> = Vec::new();
    for pair in &replay.pairs[e] {
        held.extend(&pair.held);
    }
    if !held.is_empty() && held.iter().all(|c| replay.copies[*c].role == DELEGATED) {
        let heads = head_agreements_of_all(case, &held, event);
        let permitted = heads.iter().any(|a| {
            let agreement = &facts.agreements[*a];
            valid_at(agreement.from, agreement.until, event.at)
                && (agreement.subdelegation_allowed
                    || within_any(facts, to, &agreement.subdelegates, event.at))
        });
        if !permitted {
            report(
                case,
                "sub-delegation-not-permitted",
                event.fields.clone(),
                ids(case, &heads),
            );
        }
        return; // "Nothing else is judged on this act"
    }

    let mut theirs: Vec<usize> = Vec::new();
    for (a, agreement) in facts.agreements.iter().enumerate() {
        if agreement.kind == "delegation"
            && named(facts, agreement.principal.as_ref(), &event.actor, event.at)
            && named(facts, agreement.delegate.as_ref(), to, event.at)
        {
            theirs.push(a);
        }
    }
    let agreement = |a: &usize| &facts.agreements[*a];
    let valid: Vec<usize> = theirs
        .iter()
        .copied()
        .filter(|a| valid_at(agreement(a).from, agreement(a).until, event.at))
        .collect();
    if valid.is_empty() {
        let ended = !theirs.is_empty() && theirs.iter().all(|a| agreement(a).from <= event.at);
        let reason = if ended {
            "agreement-ended"
        } else {
            "agreement-none"
        };
        report(case, reason, event.fields.clone(), ids(case, &theirs));
        return; // "the four below are then not judged"
    }
    let mut outside = event.fields.clone();
    outside.retain(|f| !valid.iter().any(|a| agreement(a).fields.contains(f)));
    if !outside.is_empty() {
        report(case, "field-outside-agreement", outside, ids(case, &valid));
    }
    if !valid
        .iter()
        .any(|a| purpose_under_any(facts, event.purpose.as_ref(), &agreement(a).purposes))
    {
        report(
            case,
            "purpose-outside-agreement",
            event.fields.clone(),
            ids(case, &valid),
        );
    }
    if !valid.iter().any(|a| agreement(a).written) {
        report(
            case,
            "agreement-not-written",
            event.fields.clone(),
            ids(case, &valid),
        );
    }
    if facts::flag(&rule.parameters, "affiliates_only") {
        if !affiliated(facts, &event.actor, to, event.at) {
            report(
                case,
                "delegate-not-affiliated",
                event.fields.clone(),
                vec![to.clone()],
            );
        }
    }
}

/// Row "use or derive, once per act".
fn own_purpose(case: &mut Case, rule: &Rule, e: usize, event: &Event) {
    let (facts, replay) = (case.facts, case.replay);
    let mut delegated: Vec<usize> = Vec::new();
    let mut these: Vec<(String, String)> = Vec::new();
    for pair in &replay.pairs[e] {
        if pair.held.is_empty() || !pair.held.iter().all(|c| replay.copies[*c].role == DELEGATED) {
            continue;
        }
        delegated.extend(&pair.held);
        let covered = head_agreements_of_all(case, &pair.held, event).iter().any(|a| {
            let agreement = &facts.agreements[*a];
            valid_at(agreement.from, agreement.until, event.at)
                && agreement.fields.contains(&pair.field)
                && purpose_under_any(facts, event.purpose.as_ref(), &agreement.purposes)
        });
        if !covered {
            these.push((pair.subject.clone(), pair.field.clone()));
        }
    }
    let Some((subject, field)) = these.iter().min() else {
        return;
    };
    let because = ids(case, &head_agreements_of_all(case, &delegated, event));
    case.report(
        rule,
        Report {
            reason: "delegate-own-purpose".into(),
            at: event.at,
            kind: Kind::Event,
            thing: &event.id,
            processor: &event.actor,
            subjects: these.iter().map(|(s, _)| s.clone()).collect(),
            fields: these.iter().map(|(_, f)| f.clone()).collect(),
            because,
            witness: replay.path(facts, &event.actor, field, subject, e),
        },
    );
}

/// Row "delegation agreement with until".
fn kept_after_agreement(case: &mut Case, rule: &Rule, agreement: &Agreement) {
    let (facts, replay) = (case.facts, case.replay);
    let Some(until) = agreement.until.filter(|_| agreement.kind == "delegation") else {
        return;
    };
    let days = facts::integer(&rule.parameters, "return_within_days").unwrap_or(0);
    let deadline = until + days * DAY;
    if facts.as_of <= deadline {
        return;
    }
    let delegate = agreement.delegate.as_ref().expect("a delegation has a delegate");
    let mut kept: Vec<usize> = Vec::new();
    for (c, copy) in replay.copies.iter().enumerate() {
        let is_from_principal = |o: &usize| {
            let origin = &replay.copies[*o];
            let via = &facts.record[origin.via];
            via.act == "delegate" && named(facts, agreement.principal.as_ref(), &via.actor, origin.start)
        };
        if within(facts, &copy.processor, delegate, deadline)
            && copy.role == DELEGATED
            && replay.origins(facts, &[c]).iter().any(is_from_principal)
            && copy.end.is_none_or(|end| end > deadline)
        {
            kept.push(c);
        }
    }
    let Some(least) = least_pair(replay, &kept) else {
        return;
    };
    case.report(
        rule,
        Report {
            reason: "kept-after-agreement".into(),
            at: deadline,
            kind: Kind::Fact,
            thing: &agreement.id,
            processor: delegate,
            subjects: kept.iter().map(|c| replay.copies[*c].subject.clone()).collect(),
            fields: kept.iter().map(|c| replay.copies[*c].field.clone()).collect(),
            because: vec![agreement.id.clone()],
            witness: replay.chain(least),
        },
    );
}

/// Row assignment-notice: the last notice in the file counts; told at t is fine.
pub fn assignment_notice(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if event.act != "assign" {
            continue;
        }
        let to = event.recipient.as_ref().expect("an assign has a recipient");
        let mut those: Vec<String> = Vec::new();
        for subject in &event.subjects {
            let mut told = None;
            for notice in &facts.notices {
                if notice.kind == "assignment"
                    && within(facts, &event.actor, &notice.processor, event.at)
                    && named(facts, notice.to.as_ref(), to, event.at)
                    && notice
                        .subjects
                        .iter()
                        .any(|told| told == subject || told == EVERYONE)
                {
                    told = Some(notice.at);
                }
            }
            if told.is_none_or(|told| told > event.at) {
                those.push(subject.clone());
            }
        }
        let Some(least) = those.iter().min() else { continue };
        let witness = replay.path(facts, &event.actor, &event.fields[0], least, e);
        case.report(
            rule,
            Report {
                reason: "not-told-before".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects: those,
                fields: event.fields.clone(),
                because: Vec::new(),
                witness,
            },
        );
    }
}

/// A joint agreement covers an act with a field.
fn jointly(facts: &facts::Facts, agreement: &Agreement, event: &Event, field: &str) -> bool {
    agreement.kind == "joint"
        && within_any(facts, &event.actor, &agreement.between, event.at)
        && valid_at(agreement.from, agreement.until, event.at)
        && agreement.fields.iter().any(|f| f == field)
        && purpose_under_any(facts, event.purpose.as_ref(), &agreement.purposes)
}

/// Section 7.2a.
pub fn joint(case: &mut Case, rule: &Rule) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        if !matches!(event.act.as_str(), "use" | "derive")
            || !super::findings::processor_taken(facts, rule, &event.actor, event.at)
        {
            continue;
        }
        let (mut pairs, mut because) = (Vec::new(), Vec::new());
        for subject in &event.subjects {
            for field in &event.fields {
                let mut shares = Vec::new();
                let mut all_by_joint_shares = true;
                for c in &replay.origins(facts, replay.held(e, field, subject)) {
                    let origin = &replay.copies[*c];
                    let via = &facts.record[origin.via];
                    let of_the_share: Vec<&Agreement> = facts
                        .agreements
                        .iter()
                        .filter(|a| {
                            via.act == "share"
                                && jointly(facts, a, via, field)
                                && within_any(facts, &origin.processor, &a.between, origin.start)
                        })
                        .collect();
                    all_by_joint_shares &= !of_the_share.is_empty();
                    shares.extend(of_the_share);
                }
                let inside = facts.agreements.iter().any(|a| jointly(facts, a, event, field));
                if !shares.is_empty() && all_by_joint_shares && !inside {
                    pairs.push((subject.clone(), field.clone()));
                    because.extend(shares.iter().map(|a| a.id.clone()));
                }
            }
        }
        let Some((least_subject, least_field)) = pairs.iter().min() else {
            continue;
        };
        let witness = replay.path(facts, &event.actor, least_field, least_subject, e);
        case.report(
            rule,
            Report {
                reason: "outside-joint-agreement".into(),
                at: event.at,
                kind: Kind::Event,
                thing: &event.id,
                processor: &event.actor,
                subjects: pairs.iter().map(|(s, _)| s.clone()).collect(),
                fields: pairs.iter().map(|(_, f)| f.clone()).collect(),
                because,
                witness,
            },
        );
    }
}
