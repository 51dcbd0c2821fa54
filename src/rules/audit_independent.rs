//! Check `audit-independent`: auditors are independent and meet cooperation (GDPR 28(3)(h)).

use super::case::Case;
use super::draft::Draft;

/// Judges audits: for the auditor's dependence whoever audits answers, for refusal the audited.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    for (audit, place) in case.audits() {
        let wrong = [
            (!audit.independent, &audit.by, "auditor-not-independent"),
            (audit.refused, &audit.of, "cooperation-refused"),
        ];
        for (is_wrong, who, reason) in wrong {
            if let Some(processor) = case.processor(who).filter(|_| is_wrong) {
                out.push(
                    Draft::of_fact(audit.id.as_str(), Some(place), audit.at, processor, reason)
                        .because([&audit.id]),
                );
            }
        }
    }
}
