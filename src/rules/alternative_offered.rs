//! Check `alternative-offered`: where consent to collect such data is asked for, another way is offered.

use super::case::Case;
use super::draft::Draft;
use crate::model::id::CategoryId;
use crate::model::word::{ActKind, Basis};

/// Judges consents to collect that offer no alternative.
pub fn judge(case: &Case<'_>, categories: &[CategoryId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    for (authorization, place) in case.authorizations() {
        let is_asked = authorization.basis == Basis::Consent
            && authorization.acts.contains(&ActKind::Collect)
            && !authorization.alternative;
        let is_concerned = things
            .category_numbers(&authorization.categories)
            .iter()
            .any(|category| things.is_category_in(*category, &categories))
            || things
                .field_numbers(&authorization.fields)
                .iter()
                .any(|field| things.is_in(*field, &categories));
        if is_asked && is_concerned {
            out.extend(super::bundled_consent::about(
                case,
                authorization,
                place,
                "no-alternative",
            ));
        }
    }
}
