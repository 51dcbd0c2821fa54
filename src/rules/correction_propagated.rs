//! Check `correction-propagated`: a correction reaches the copies that were passed on (GDPR 19; PIPL 46).

use rustc_hash::{FxHashMap, FxHashSet};

use super::case::Case;
use super::deletion_propagated::{is_another_thing, left};
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::number::Number as _;
use crate::graph::{ActNo, CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::{ProcessorId, ValueId};
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::reach::lineage::{self, Descendants};

/// Judges corrections whose deadline has passed.
pub fn judge(case: &Case<'_>, within_days: i64, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let corrections = corrections(case);
    if corrections.is_empty() {
        return;
    }
    let copies = case.by_subject(case.replay.copies().map(|(number, _)| number));
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Correct]), limit.as_deref()) {
        let deadline = act.at.plus_days(within_days);
        if !case.is_past_for(deadline, number, &act.subjects) {
            continue;
        }
        let before = case.replay.copies_before(number);
        let mut found: Vec<CopyNo> = Vec::new();
        for subject in &act.subjects {
            let of_subject = copies.get(subject).map_or(&[][..], Vec::as_slice);
            let correction = Correction {
                number,
                deadline,
                below: downstream(case, number, *subject, of_subject),
                good: values(case, &corrections, number, *subject, deadline),
            };
            found.extend(of_subject.iter().copied().filter(|copy_no| {
                let copy = case.replay.copy(*copy_no);
                let holding = case.replay.holding_of(copy);
                correction.below.contained(*copy_no, before)
                    && holding.processor != act.actor
                    && case.history.things.is_personal(holding.field)
                    && case.outlives(copy, deadline)
                    && !correction.is_followed(case, &corrections, *copy_no)
            }));
        }
        left(case, number, "stale-downstream", deadline, &found, out);
    }
}

/// Who corrected what, in order.
type Corrections = FxHashMap<(ProcessorNo, FieldNo, SubjectNo), Vec<ActNo>>;

fn corrections(case: &Case<'_>) -> Corrections {
    let mut all = Corrections::default();
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Correct]), None) {
        for (subject, field) in act.pairs() {
            all.entry((act.actor, field, subject)).or_default().push(number);
        }
    }
    all
}

/// A correction of what one subject's data says.
struct Correction<'c> {
    number: ActNo,
    deadline: Instant,
    /// What descends from what was wrong.
    below: Descendants,
    /// The values that are right.
    good: FxHashSet<&'c ValueId>,
}

impl Correction<'_> {
    /// Whether the holder of the copy put it right in time: from the correction on. Where the right value has a name, it is
    /// enough that the holder wrote it after it had taken the copy.
    fn is_followed(&self, case: &Case<'_>, corrections: &Corrections, copy_no: CopyNo) -> bool {
        let act = case.history.act(self.number);
        let holding = case.replay.holding_of(case.replay.copy(copy_no));
        let key = (holding.processor, holding.field, holding.subject);
        corrections.get(&key).into_iter().flatten().any(|number| {
            let other = case.history.act(*number);
            let fits = if act.value.is_none() {
                other.at >= act.at
            } else {
                let is_good = other
                    .value
                    .as_ref()
                    .is_some_and(|value| self.good.contains(value));
                is_good && self.below.contained(copy_no, case.replay.copies_before(*number))
            };
            fits && other.at <= self.deadline
        })
    }
}

/// The value of a correction, and those that the corrector itself wrote later by the deadline.
fn values<'c>(
    case: &'c Case<'_>,
    corrections: &Corrections,
    number: ActNo,
    subject: SubjectNo,
    deadline: Instant,
) -> FxHashSet<&'c ValueId> {
    let act = case.history.act(number);
    let own = |field: &FieldNo| corrections.get(&(act.actor, *field, subject));
    act.fields
        .iter()
        .filter_map(own)
        .flatten()
        .filter(|other| **other >= number)
        .map(|other| case.history.act(*other))
        .filter(|other| other.at <= deadline)
        .filter_map(|other| other.value.as_ref())
        .collect()
}

/// Of these copies of one subject, in the order of creation, those that descend from what the corrector had.
fn downstream(case: &Case<'_>, number: ActNo, subject: SubjectNo, copies: &[CopyNo]) -> Descendants {
    let act = case.history.act(number);
    let before = case.replay.copies_before(number);
    let wrong: FxHashSet<CopyNo> = act
        .fields
        .iter()
        .flat_map(|field| case.replay.copies_at(act.actor, *field, subject))
        .copied()
        .filter(|copy| copy.index() < before)
        .collect();
    lineage::descendants(
        &case.replay,
        copies.iter().copied(),
        |copy| wrong.contains(&copy),
        |copy| !is_another_thing(case, case.replay.copy(copy)),
    )
}
