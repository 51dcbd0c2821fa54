//! Check `declared-period`: data is kept no longer than its holder declared (GDPR 13(2)(a); PIPL 17).

use super::case::Case;
use super::draft::Draft;
use super::retention;
use crate::model::fact::{Fact, RetentionPeriod};
use crate::model::rule::{Data, RetentionLimit};
use crate::model::word::Section;

/// Judges copies against the declared periods that say how long, as `retention` does against its limits.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let periods = case.facts_in(Section::RetentionPeriods, |fact| {
        if let Fact::RetentionPeriod(x) = fact {
            Some(x)
        } else {
            None
        }
    });
    let mut limits: Vec<RetentionLimit> = Vec::new();
    for (period, _) in periods {
        let period: &RetentionPeriod = period;
        let Some(days) = period.days else { continue };
        let limit = RetentionLimit {
            data: Data {
                fields: period.fields.clone(),
                categories: Vec::new(),
            },
            days,
            processor: Some(period.processor.clone()),
        };
        // Who says the same twice has said it: a store keeps it once.
        if !limits.contains(&limit) {
            limits.push(limit);
        }
    }
    retention::judge(case, &limits, None, out);
}
