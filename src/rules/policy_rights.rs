//! Check `policy-rights`: a policy tells which rights there are and how to use them (GDPR 13(2); PIPL 17).

use super::case::Case;
use super::draft::Draft;

/// Judges policy versions; one that lists no rights tells of none.
pub fn judge(case: &Case<'_>, rights: &[String], out: &mut Vec<Draft>) {
    for (policy, place) in case.policies() {
        let Some(processor) = case.processor(&policy.processor) else {
            continue;
        };
        let told = policy.rights.as_deref().unwrap_or(&[]);
        let missing: Vec<&str> = rights
            .iter()
            .filter(|right| !told.contains(right))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let reason = format!("right-missing:{}", missing.join(","));
            out.push(
                Draft::of_fact(
                    policy.id.as_str(),
                    Some(place),
                    policy.effective,
                    processor,
                    reason,
                )
                .because([&policy.id]),
            );
        }
    }
}
