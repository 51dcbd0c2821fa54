//! Check `prohibited-category`: some kinds of data are never acquired; no consent helps.

use super::case::Case;
use super::draft::Draft;
use crate::model::id::{CategoryId, ProcessorId};

/// Judges acquisitions of fields with a category at or under a listed one.
pub fn judge(
    case: &Case<'_>,
    categories: &[CategoryId],
    processors: Option<&Vec<ProcessorId>>,
    out: &mut Vec<Draft>,
) {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    let limit = case.limit(processors);
    if !things
        .fields()
        .all()
        .any(|field| things.is_in(field, &categories))
    {
        return;
    }
    for (number, act, to) in case.judged_to(limit.as_deref()) {
        let fields = case.fields_of(act, |field| things.is_in(field, &categories));
        if let Some(first) = fields.first().copied() {
            let witness = case.path_unless_collect(number, Some(first), &act.subjects);
            out.push(
                Draft::of_act(number, act, to, "prohibited-category")
                    .fields(fields)
                    .witness(witness),
            );
        }
    }
}
