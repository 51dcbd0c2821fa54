//! Check `impact-assessment`: a risky act was assessed before (GDPR 35; PIPL 55).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use super::only::Limit;
use crate::graph::Act;
use crate::model::fact::Assessment;
use crate::model::id::ProcessorId;
use crate::model::rule::RiskKind;
use crate::model::time::Instant;
use crate::model::word::ActKind;

/// Judges each act under each kind of risk that applies to it; an assessment that is older than the days given is stale.
/// Passed over are acts that the limit of the rule does not admit.
pub fn judge(
    case: &Case<'_>,
    risks: &[RiskKind],
    processors: Option<&Vec<ProcessorId>>,
    within_days: Option<i64>,
    only: Option<&Limit<'_>>,
    out: &mut Vec<Draft>,
) {
    let limit = case.limit(processors);
    let things = &case.history.things;
    let assessments: Vec<_> = case
        .assessments()
        .filter_map(|(fact, _)| match fact {
            Assessment::Impact {
                id,
                processor,
                covers,
                purposes,
                at,
            } => Some((
                id,
                case.processor(processor)?,
                covers,
                things.purpose_numbers(purposes),
                *at,
            )),
            Assessment::Recipient { .. } => None,
        })
        .collect();
    for (number, act) in case.judged_by(Kinds::ALL, limit.as_deref()) {
        if only.is_some_and(|only| !only.admits_act(case, act)) {
            continue;
        }
        for risk in [
            RiskKind::CrossBorder,
            RiskKind::Act(act.kind),
            RiskKind::Sensitive,
        ] {
            if !risks.contains(&risk) || !applies(case, act, risk) {
                continue;
            }
            let candidates: Vec<_> = assessments
                .iter()
                .filter(|(_, by, covers, purposes, _)| {
                    case.is_within(act.actor, *by, act.at)
                        && covers.contains(&risk)
                        && act
                            .purpose
                            .is_some_and(|purpose| things.serves(purpose, purposes))
                })
                .collect();
            let is_before = |at: &Instant| *at <= act.at;
            let is_fresh = |at: &Instant| within_days.is_none_or(|days| act.at <= at.plus_days(days));
            let mut before = candidates
                .iter()
                .map(|(.., at)| at)
                .filter(|at| is_before(at))
                .peekable();
            let word = if candidates.is_empty() {
                "none"
            } else if before.peek().is_none() {
                "late"
            } else if before.any(is_fresh) {
                continue;
            } else {
                "stale"
            };
            let witness = case.path_unless_collect(number, case.least_field(&act.fields), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, format!("{word}:{}", risk.as_str()))
                    .because(candidates.iter().map(|(id, ..)| id))
                    .witness(witness),
            );
        }
    }
}

/// Whether the act has the risk.
pub fn applies(case: &Case<'_>, act: &Act, risk: RiskKind) -> bool {
    match risk {
        RiskKind::CrossBorder => case.history.is_crossing(act),
        RiskKind::Act(kind) => act.kind == kind,
        RiskKind::Sensitive => {
            matches!(act.kind, ActKind::Collect | ActKind::Use | ActKind::Derive)
                && act
                    .fields
                    .iter()
                    .any(|field| case.history.things.is_sensitive(*field))
        }
    }
}
