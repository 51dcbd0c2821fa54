//! Check `transfer-confidentiality`: a crossing has a secrecy agreement between its two ends.

use super::case::{Case, in_force};
use super::draft::Draft;
use super::index::Kinds;
use crate::model::fact::{Agreement, Confidentiality, Fact};
use crate::model::id::ProcessorId;
use crate::model::word::{ActKind, Section};

/// Judges crossings by the givers the rule is limited to.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let agreements: Vec<_> = case
        .facts_in(Section::Agreements, |fact| {
            if let Fact::Agreement(Agreement::Confidentiality(agreement)) = fact {
                Some(agreement)
            } else {
                None
            }
        })
        .filter_map(|(fact, _): (&Confidentiality, _)| {
            let [a, b] = &fact.between;
            Some((fact, [case.processor(a)?, case.processor(b)?]))
        })
        .collect();
    let flows = Kinds::of(&[
        ActKind::Share,
        ActKind::Verify,
        ActKind::Delegate,
        ActKind::Assign,
    ]);
    for (number, act) in case.judged_by(flows, limit.as_deref()) {
        let Some(to) = act.recipient else { continue };
        if !case.history.is_crossing(act) {
            continue;
        }
        let theirs: Vec<&Confidentiality> = agreements
            .iter()
            .filter(|(_, [one, other])| {
                let are = |giver, taker| {
                    case.is_within(act.actor, giver, act.at) && case.is_within(to, taker, act.at)
                };
                are(*one, *other) || are(*other, *one)
            })
            .map(|(fact, _)| *fact)
            .collect();
        if theirs.iter().any(|fact| in_force(fact.from, fact.until, act.at)) {
            continue;
        }
        let reason = if theirs.is_empty() {
            "confidentiality-none"
        } else {
            "confidentiality-expired"
        };
        let witness = case.path(number, case.least_field(&act.fields), &act.subjects);
        out.push(
            Draft::of_act(number, act, act.actor, reason)
                .because(theirs.iter().map(|fact| &fact.id))
                .witness(witness),
        );
    }
}
