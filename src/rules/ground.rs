//! Checks `ground` and `ground-recognized`: each ground meets the conditions of its own, and the law knows it.

use super::bundled_consent::about;
use super::case::Case;
use super::draft::Draft;
use crate::graph::PurposeNo;
use crate::model::fact::Authorization;
use crate::model::id::PurposeId;
use crate::model::word::{Basis, ProcessorKind};

/// Judges authorizations on the listed grounds; `purposes` are those that a stable service may serve.
pub fn judge(case: &Case<'_>, bases: &[Basis], purposes: &[PurposeId], out: &mut Vec<Draft>) {
    let stable = case.history.things.purpose_numbers(purposes);
    for (authorization, place) in case.authorizations() {
        if let Some(reason) = (bases.contains(&authorization.basis))
            .then(|| unmet(case, authorization, &stable))
            .flatten()
        {
            out.extend(about(case, authorization, place, reason));
        }
    }
}

/// Judges authorizations on grounds that are not listed.
pub fn recognized(case: &Case<'_>, allowed: &[Basis], out: &mut Vec<Draft>) {
    for (authorization, place) in case.authorizations() {
        if !allowed.contains(&authorization.basis) {
            out.extend(about(case, authorization, place, "ground-not-recognized"));
        }
    }
}

/// The condition that the ground of an authorization does not meet.
fn unmet(case: &Case<'_>, authorization: &Authorization, stable: &[PurposeNo]) -> Option<&'static str> {
    let things = &case.history.things;
    let all_serve = |roots: &[PurposeNo]| {
        things
            .purpose_numbers(&authorization.purposes)
            .iter()
            .all(|purpose| things.serves(*purpose, roots))
    };
    match authorization.basis {
        Basis::Contract => match &authorization.service {
            None => Some("no-service-named"),
            Some(service) => (!all_serve(&things.purpose_numbers(std::slice::from_ref(service))))
                .then_some("beyond-service"),
        },
        Basis::LegalDuty | Basis::NationalSecurity | Basis::OtherLaw | Basis::PublicTask => {
            authorization.citation.is_none().then_some("no-citation")
        }
        Basis::Emergency => authorization.until.is_none().then_some("no-end"),
        Basis::Justice => {
            let is_authority = |id| {
                case.processor(id)
                    .is_some_and(|processor| things.processor(processor).kind == ProcessorKind::Authority)
            };
            if authorization.citation.is_none() {
                Some("no-citation")
            } else {
                (!authorization.recipients.iter().all(is_authority)).then_some("recipient-no-authority")
            }
        }
        Basis::ServiceStability => (!all_serve(stable)).then_some("other-purpose"),
        Basis::Consent
        | Basis::SelfDisclosed
        | Basis::LawfullyDisclosed
        | Basis::Press
        | Basis::LegitimateInterest => None,
    }
}
