//! Check `authority-report`: what is reported to authorities goes to authorities, and abroad only by a lawful route
//! (GDPR 48; PIPL 41).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::id::{ProcessorId, PurposeId};
use crate::model::word::{ActKind, ProcessorKind};

/// Judges shares for these purposes.
pub fn judge(case: &Case<'_>, purposes: &[PurposeId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let reports = things.purpose_numbers(purposes);
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Share]), None) {
        let is_report = act.kind == ActKind::Share
            && act
                .purpose
                .is_some_and(|purpose| things.serves(purpose, &reports));
        let Some(to) = act.recipient.filter(|_| is_report) else {
            continue;
        };
        let country = things.country_at(to, act.at);
        let has_route = || {
            let from = |id: &ProcessorId| case.is_named(id, act.actor, act.at);
            let to = |id: &ProcessorId| case.is_named(id, to, act.at);
            case.mechanisms()
                .any(|(route, _)| route.fits(from, to, country) && route.is_valid(act.at))
        };
        let reason = if things.kind_at(to, act.at) != ProcessorKind::Authority {
            "recipient-no-authority"
        } else if country.is_some_and(|country| !things.is_home(country)) && !has_route() {
            "foreign-authority"
        } else {
            continue;
        };
        let witness = case.path(number, act.fields.first().copied(), &act.subjects);
        out.push(
            Draft::of_act(number, act, act.actor, reason)
                .because([case.processor_id(to)])
                .witness(witness),
        );
    }
}
