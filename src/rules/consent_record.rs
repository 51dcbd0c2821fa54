//! Check `consent-record`: a consent can be proved (GDPR 7(1)), and what the person was shown is on record.

use super::bundled_consent::about;
use super::case::Case;
use super::draft::Draft;
use crate::model::word::{Basis, Proof};

/// Judges consents. What is kept is not looked into.
pub fn judge(case: &Case<'_>, needs: &[Proof], out: &mut Vec<Draft>) {
    for (authorization, place) in case.authorizations() {
        let missing: Vec<&str> = needs
            .iter()
            .filter(|need| match need {
                Proof::Evidence => authorization.evidence.is_none(),
                Proof::Notice => authorization.notice.is_none(),
            })
            .map(|need| need.as_str())
            .collect();
        if authorization.basis == Basis::Consent && !missing.is_empty() {
            let reason = format!("not-kept:{}", missing.join(","));
            out.extend(about(case, authorization, place, &reason));
        }
    }
}
