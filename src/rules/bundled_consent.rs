//! Check `bundled-consent`: no consent is the price of a service that it has nothing to do with.

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Authorization;
use crate::model::place::Place;
use crate::model::word::Basis;

/// Judges consents that a service was made to depend on.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for (authorization, place) in case.authorizations() {
        let service = authorization
            .condition_of
            .as_ref()
            .and_then(|id| things.purposes().get(id));
        if let Some(service) = service
            && authorization.basis == Basis::Consent
            && !things
                .purpose_numbers(&authorization.purposes)
                .iter()
                .any(|purpose| things.serves(*purpose, &[service]))
        {
            out.extend(about(case, authorization, place, "consent-tied-to-service"));
        }
    }
}

/// A draft about an authorization: its beginning, first holder, subjects and fields.
pub fn about(case: &Case<'_>, authorization: &Authorization, place: &Place, reason: &str) -> Option<Draft> {
    let holder = case.processor(authorization.holders.first()?)?;
    let subjects = case.subjects(&authorization.subjects);
    Some(
        Draft::of_fact(
            authorization.id.as_str(),
            Some(place),
            authorization.from,
            holder,
            reason,
        )
        .subjects(subjects)
        .fields(case.history.things.field_numbers(&authorization.fields))
        .because([&authorization.id]),
    )
}
