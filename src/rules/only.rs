//! What a rule is limited to, whatever its check.

use super::case::Case;
use crate::graph::{Act, CategoryNo, FieldNo, ProcessorNo, PurposeNo};
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

    /// Whether the facts have nothing that it admits, so that a rule finds nothing.
    pub fn is_idle(&self, case: &Case<'_>) -> bool {
        let things = &case.history.things;
        let no_field = |fits: &dyn Fn(FieldNo) -> bool| !things.fields().all().any(fits);
        let has_no_field = |list: &Vec<CategoryNo>| no_field(&|field| things.is_in(field, list));
        self.processors.as_ref().is_some_and(Vec::is_empty)
            || self.purposes.as_ref().is_some_and(Vec::is_empty)
            || self.fields.as_ref().is_some_and(Vec::is_empty)
            || self.categories.as_ref().is_some_and(has_no_field)
            || self
                .states
                .is_some_and(|list| no_field(&|field| list.contains(&things.state(field))))
    }

    /// Whether it admits what could be found about all the fields of the act, for whatever reason, if its actor answers for
    /// it.
    pub fn admits_act(&self, case: &Case<'_>, act: &Act) -> bool {
        self.admits_but_for_reason(
            case,
            (act.actor, act.at),
            &act.fields,
            Some((act.kind, act.purpose)),
        )
    }

    /// Whether a finding for this reason, for which this processor answers since the instant, about these fields and an act
    /// of this kind and purpose, is one of the rule.
    pub fn admits(
        &self,
        case: &Case<'_>,
        reason: &str,
        answers: (ProcessorNo, Instant),
        fields: &[FieldNo],
        act: Option<(ActKind, Option<PurposeNo>)>,
    ) -> bool {
        let is_reason = |list: &[String]| {
            let head = reason.split(':').next().unwrap_or(reason);
            list.iter().any(|listed| listed == head || listed == reason)
        };
        self.admits_but_for_reason(case, answers, fields, act) && self.reasons.is_none_or(is_reason)
    }

    fn admits_but_for_reason(
        &self,
        case: &Case<'_>,
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
    }
}
