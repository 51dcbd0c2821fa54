//! Check `audit-remedied`: audits are announced, and what they find is put right in time.

use super::case::Case;
use super::draft::Draft;
use crate::model::fact::Fact;
use crate::model::time::Span;
use crate::model::word::Section;

/// Judges audits, then their remedies.
pub fn judge(case: &Case<'_>, notice_days: i64, out: &mut Vec<Draft>) {
    for (audit, place) in case.facts_in(Section::Audits, |fact| {
        if let Fact::Audit(audit) = fact {
            Some(audit)
        } else {
            None
        }
    }) {
        let (Some(by), Some(of)) = (case.processor(&audit.by), case.processor(&audit.of)) else {
            continue;
        };
        let is_short = |notified| Span::between(notified, audit.at) < Span::days(notice_days);
        if audit.notified.is_some_and(is_short) {
            out.push(
                Draft::of_fact(
                    audit.id.as_str(),
                    Some(place),
                    audit.at,
                    by,
                    "audit-without-notice-period",
                )
                .because([&audit.id]),
            );
        }
        for remedy in &audit.remedies {
            let reason = match remedy.done {
                None if case.as_of > remedy.due => "remedy-overdue",
                Some(done) if done > remedy.due => "remedy-late",
                None | Some(_) => continue,
            };
            out.push(
                Draft::of_fact(remedy.id.as_str(), Some(place), remedy.due, of, reason)
                    .because([&audit.id, &remedy.id]),
            );
        }
    }
}
