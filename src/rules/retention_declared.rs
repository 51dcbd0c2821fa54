//! Check `retention-declared`: a retention period was declared for the data that is held.

use super::case::Case;
use super::draft::Draft;
use crate::graph::{CopyNo, FieldNo, SubjectNo};
use crate::model::fact::Fact;
use crate::model::id::{CategoryId, ProcessorId};

/// Judges, for each listed processor, the fields it ever had a copy of.
pub fn judge(case: &Case<'_>, processors: &[ProcessorId], categories: &[CategoryId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    for id in processors {
        let Some(processor) = case.processor(id) else {
            continue;
        };
        let mut declared: Vec<FieldNo> = Vec::new();
        for (period, _) in case.facts(|fact| {
            if let Fact::RetentionPeriod(period) = fact {
                Some(period)
            } else {
                None
            }
        }) {
            if case.is_named(&period.processor, processor, case.as_of) {
                declared.extend(things.field_numbers(&period.fields));
            }
        }
        let mut subjects: Vec<SubjectNo> = Vec::new();
        let mut fields: Vec<FieldNo> = Vec::new();
        let mut earliest: Option<CopyNo> = None;
        for (number, copy) in case.replay.copies() {
            let holding = case.replay.holding_of(copy);
            let is_undeclared = case.is_within(holding.processor, processor, copy.start)
                && things.is_personal(holding.field)
                && things.is_in(holding.field, &categories)
                && !declared.contains(&holding.field);
            if is_undeclared {
                subjects.push(holding.subject);
                fields.push(holding.field);
                let rank = |number: CopyNo| {
                    let copy = case.replay.copy(number);
                    (copy.start, copy.via, number)
                };
                if earliest.is_none_or(|earliest| rank(number) < rank(earliest)) {
                    earliest = Some(number);
                }
            }
        }
        if let Some(earliest) = earliest {
            let via = case.replay.copy(earliest).via;
            out.push(
                Draft::of_act(via, case.history.act(via), processor, "no-period-declared")
                    .at(case.replay.copy(earliest).start)
                    .subjects(subjects)
                    .fields(fields)
                    .witness(case.replay.chain(earliest)),
            );
        }
    }
}
