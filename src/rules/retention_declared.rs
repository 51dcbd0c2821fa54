//! Check `retention-declared`: a retention period was declared for the data that is held.

use super::case::Case;
use super::draft::Draft;
use super::gather::Gather;
use crate::graph::replay::Copy;
use crate::graph::{CopyNo, FieldNo};
use crate::model::fact::Fact;
use crate::model::id::{CategoryId, ProcessorId};
use crate::model::word::Section;

/// Judges, for each listed processor, the fields it ever had a copy of.
pub fn judge(case: &Case<'_>, processors: &[ProcessorId], categories: &[CategoryId], out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    for id in processors {
        let Some(processor) = case.processor(id) else {
            continue;
        };
        let mut declared: Vec<FieldNo> = Vec::new();
        for (period, _) in case.facts_in(Section::RetentionPeriods, |fact| {
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
        let is_undeclared = |copy: &Copy| {
            let holding = case.replay.holding_of(copy);
            case.is_within(holding.processor, processor, copy.start)
                && things.is_personal(holding.field)
                && things.is_in(holding.field, &categories)
                && !declared.contains(&holding.field)
        };
        let undeclared = case
            .copies_held_by(Some(&[processor]))
            .filter(|(_, copy)| is_undeclared(copy));
        for (subject, copies) in case.by_subject(undeclared.map(|(number, _)| number)) {
            let rank = |number: &CopyNo| {
                let copy = case.replay.copy(*number);
                (copy.start, copy.via, *number)
            };
            let Some(earliest) = copies.iter().copied().min_by_key(rank) else {
                continue;
            };
            let via = case.replay.copy(earliest).via;
            out.push(
                Draft::of_act(via, case.history.act(via), processor, "no-period-declared")
                    .at(case.replay.copy(earliest).start)
                    .gathered(Gather::Earliest(earliest), subject)
                    .fields(case.fields_of_copies(&copies))
                    .witness(case.replay.chain(earliest)),
            );
        }
    }
}
