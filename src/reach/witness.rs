//! A checker of witnesses. It knows facts and nothing of the search or the replay that found them.
//!
//! A chain of acts proves that data of a subject got somewhere when it begins with a collection, its acts go
//! forward in the order of the record, each act takes from the place that the act before brought to, a field that
//! the act before brought there, and nothing ended it there in between; a derivation from what was deleted before
//! is the one exception, since the record itself says that it took place.

use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::word::{ActKind, Ties};

/// What a chain is said to prove.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Whose data.
    pub subject: &'a SubjectId,
    /// Which data must be on the way …
    pub field: &'a FieldId,
    /// … at this processor, if one is named …
    pub from: Option<&'a ProcessorId>,
    /// … and where it must end.
    pub to: &'a ProcessorId,
    /// Processors that must act or receive before its last act.
    pub through: &'a [ProcessorId],
    /// Processors that must neither act nor receive.
    pub avoiding: &'a [ProcessorId],
    /// How acts of one instant are taken.
    pub ties: Ties,
}

/// Why a chain proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// A chain needs acts.
    #[error("the chain is empty")]
    Empty,
    /// The chain names an act that is not on record.
    #[error("act `{0}` is not on record")]
    Unknown(String),
    /// The first act must acquire without taking from anybody on record.
    #[error("act `{0}` begins the chain and is no collection")]
    NoBeginning(String),
    /// Acts must go forward.
    #[error("act `{0}` does not come after the one before it")]
    OutOfOrder(String),
    /// An act must be about the subject.
    #[error("act `{0}` is not about the subject")]
    OtherSubject(String),
    /// An act must take what the act before it brought.
    #[error("act `{0}` does not take what was brought before it")]
    Broken(String),
    /// What was brought was ended before it was taken.
    #[error("what act `{0}` takes was ended before")]
    Ended(String),
    /// The chain must pass the field at the processor it was asked for, and end where it is said to.
    #[error("the chain does not lead from the field to the processor")]
    OtherClaim,
    /// The chain must go the way it was asked for.
    #[error("the chain goes another way than by `{0}`")]
    OtherWay(String),
}

/// Where and what an act brings: the processor and the fields.
fn brings(act: &Act) -> (Option<&ProcessorId>, &[FieldId]) {
    match act.kind {
        ActKind::Collect => (Some(&act.actor), &act.fields),
        ActKind::Derive => (Some(&act.actor), &act.makes),
        ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Assign => {
            (act.recipient.as_ref(), &act.fields)
        }
        ActKind::Use | ActKind::Store | ActKind::Correct | ActKind::Delete => (None, &[]),
    }
}

/// Checks a chain against the acts on record, which come in their order. Cost: acts on record times length.
pub fn check(record: &[&Act], chain: &[&str], claim: Claim<'_>) -> Result<(), WitnessError> {
    let mut positions = Vec::with_capacity(chain.len());
    for id in chain {
        let position = record.iter().position(|act| act.id.as_str() == *id);
        positions.push(position.ok_or_else(|| WitnessError::Unknown((*id).to_owned()))?);
    }
    let Some(first) = positions.first() else {
        return Err(WitnessError::Empty);
    };
    let name = |position: usize| record[position].id.to_string();
    if record[*first].kind != ActKind::Collect {
        return Err(WitnessError::NoBeginning(name(*first)));
    }
    if let Some(position) = positions
        .iter()
        .find(|position| !record[**position].subjects.contains(claim.subject))
    {
        return Err(WitnessError::OtherSubject(name(*position)));
    }
    // Fields that may be on the way, at the place the last act brought them to, and whether the claimed field has
    // been among them. Going forward keeps every possibility: an act may bring several fields.
    let (mut place, fields) = brings(record[*first]);
    let is_claimed = |place: Option<&ProcessorId>, field: &FieldId| {
        field == claim.field && claim.from.is_none_or(|from| Some(from) == place)
    };
    let mut carried: Vec<(&FieldId, bool)> = fields.iter().map(|f| (f, is_claimed(place, f))).collect();
    for pair in positions.windows(2) {
        let (before, now) = (pair[0], pair[1]);
        let act = record[now];
        let (earlier, later) = (record[before].at.start(), act.at.start());
        let is_forward = match claim.ties {
            Ties::Recorded => before < now,
            Ties::Any => earlier <= later,
            Ties::Strict => earlier < later,
        };
        if !is_forward {
            return Err(WitnessError::OutOfOrder(name(now)));
        }
        if place != Some(&act.actor) || !carried.iter().any(|(field, _)| act.fields.contains(field)) {
            return Err(WitnessError::Broken(name(now)));
        }
        carried.retain(|(field, _)| act.fields.contains(field));
        let is_between = |position: usize| {
            let at = record[position].at.start();
            match claim.ties {
                Ties::Recorded => before < position && position < now,
                // Ends come first in their instant: the first of the two acts came after them, the second finds nothing any
                // more, unless it is an assignment, which hands over what it ends.
                Ties::Any | Ties::Strict if act.kind == ActKind::Assign => earlier < at && at < later,
                Ties::Any | Ties::Strict => earlier < at && at <= later,
            }
        };
        let first_end = |field: &FieldId| {
            record
                .iter()
                .enumerate()
                .find(|(position, end)| is_between(*position) && ends(end, &act.actor, field, claim.subject))
                .map(|(_, end)| end)
        };
        // What was deleted may still have been worked with, and the record says so. What was derived from it counts
        // as made from it; passing it on contradicts the record, so the claim begins anew behind such a flow.
        carried.retain(|(field, _)| first_end(field).is_none_or(|end| end.kind == ActKind::Delete));
        if carried.is_empty() {
            return Err(WitnessError::Ended(name(now)));
        }
        let passed = carried.iter().any(|(_, passed)| *passed);
        let (to, brought) = brings(act);
        let next: Vec<(&FieldId, bool)> = brought
            .iter()
            .filter_map(|field| {
                if act.kind == ActKind::Derive {
                    return Some((field, passed || is_claimed(to, field)));
                }
                let (_, passed) = carried.iter().find(|(other, _)| *other == field)?;
                let holds = first_end(field).is_none();
                Some((field, holds && (*passed || is_claimed(to, field))))
            })
            .collect();
        place = to;
        carried = next;
    }
    if place != Some(claim.to) || !carried.iter().any(|(_, passed)| *passed) {
        return Err(WitnessError::OtherClaim);
    }
    let acts: Vec<&Act> = positions.iter().map(|position| record[*position]).collect();
    check_way(&acts, claim)
}

/// Checks that the acts, all but the last, meet whom they must, and that none meets whom it must not.
fn check_way(acts: &[&Act], claim: Claim<'_>) -> Result<(), WitnessError> {
    let takes_part = |act: &&Act, processor: &ProcessorId| {
        act.actor == *processor || act.recipient.as_ref() == Some(processor)
    };
    let before_last = acts.split_last().map_or(&[][..], |(_, before)| before);
    let missed = claim
        .through
        .iter()
        .find(|through| !before_last.iter().any(|act| takes_part(act, through)));
    let met = claim
        .avoiding
        .iter()
        .find(|avoided| acts.iter().any(|act| takes_part(act, avoided)));
    match missed.or(met) {
        Some(processor) => Err(WitnessError::OtherWay(processor.to_string())),
        None => Ok(()),
    }
}

/// Whether the act ends what the processor holds of the pair.
fn ends(act: &Act, processor: &ProcessorId, field: &FieldId, subject: &SubjectId) -> bool {
    matches!(act.kind, ActKind::Delete | ActKind::Assign)
        && act.actor == *processor
        && act.fields.contains(field)
        && act.subjects.contains(subject)
}
