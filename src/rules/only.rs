//! What a rule is limited to, whatever its check.

use super::case::Case;
use crate::graph::{CategoryNo, FieldNo, ProcessorNo, PurposeNo};
use crate::model::rule::Only;
use crate::model::time::Instant;
use crate::model::word::{ActKind, State};

/// A limit in numbers. Ids that the facts do not declare admit nothing.
#[derive(Debug)]
pub struct Limit<'r> {
    processors: Option<Vec<ProcessorNo>>,
    categories: Option<Vec<CategoryNo>>,
    fields: Option<Vec<FieldNo>>,
    purposes: Option<Vec<PurposeNo>>,
    acts: Option<&'r [ActKind]>,
    states: Option<&'r [State]>,
    reasons: Option<&'r [String]>,
}

impl<'r> Limit<'r> {
    /// Numbers the limit of a rule.
    pub fn new(case: &Case<'_>, only: &'r Only) -> Self {
        let things = &case.history.things;
        Self {
            processors: only.processors.as_ref().map(|ids| things.processor_numbers(ids)),
            categories: only.categories.as_ref().map(|ids| things.category_numbers(ids)),
            fields: only.fields.as_ref().map(|ids| things.field_numbers(ids)),
            purposes: only.purposes.as_ref().map(|ids| things.purpose_numbers(ids)),
            acts: only.acts.as_deref(),
            states: only.states.as_deref(),
            reasons: only.reasons.as_deref(),
        }
    }

    /// Whether a finding for this reason, for which this processor answers since the instant, about these fields and an act
    /// of this kind and purpose, is one of the rule.
    pub fn admits(
        &self,
        case: &Case<'_>,
        reason: &str,
        (processor, at): (ProcessorNo, Instant),
        fields: &[FieldNo],
        act: Option<(ActKind, Option<PurposeNo>)>,
    ) -> bool {
        let things = &case.history.things;
        let any = |fits: &dyn Fn(FieldNo) -> bool| fields.iter().any(|field| fits(*field));
        self.processors
            .as_ref()
            .is_none_or(|list| things.is_within_any(processor, list, at))
            && self
                .categories
                .as_ref()
                .is_none_or(|list| any(&|field| things.is_in(field, list)))
            && self
                .fields
                .as_ref()
                .is_none_or(|list| any(&|field| list.contains(&field)))
            && self.purposes.as_ref().is_none_or(|list| {
                act.and_then(|(_, purpose)| purpose)
                    .is_some_and(|purpose| things.serves(purpose, list))
            })
            && self
                .acts
                .is_none_or(|list| act.is_some_and(|(kind, _)| list.contains(&kind)))
            && self
                .states
                .is_none_or(|list| any(&|field| list.contains(&things.state(field))))
            && self.reasons.is_none_or(|list| {
                let head = reason.split(':').next().unwrap_or(reason);
                list.iter().any(|listed| listed == head || listed == reason)
            })
    }
}
