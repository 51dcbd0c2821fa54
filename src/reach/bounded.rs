//! A chain that holds wherever inside their bounds acts of uncertain times took place.
//!
//! The checker of witnesses says that a chain holds where every act is at one instant. Here the bounds are known: each act
//! of the chain must surely come behind the one before it, and whatever ends what is on the way must surely come before
//! that came there or after it went on. What is not sure is not proven, though it may be so.

use super::witness::{Claim, brings, ends};
use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId};
use crate::model::question::Window;
use crate::model::time::Instant;
use crate::model::word::ActKind;

/// When something happens: between two instants, both included.
#[derive(Clone, Copy)]
struct Moment {
    earliest: Instant,
    latest: Instant,
    /// Of what happens at a known instant: its place among the acts of that instant.
    position: Option<usize>,
}

impl Moment {
    /// An act at one instant, or the beginning of one that stands.
    fn of(record: &[&Act], position: usize) -> Self {
        let at = record[position].at;
        match at.bounds() {
            Some((earliest, latest)) => Self {
                earliest,
                latest,
                position: None,
            },
            None => Self {
                earliest: at.start(),
                latest: at.start(),
                position: Some(position),
            },
        }
    }

    fn is_before(self, other: Self) -> bool {
        let is_behind_in_record = || match (self.position, other.position) {
            (Some(one), Some(other)) => one < other,
            (_, _) => false,
        };
        self.latest < other.earliest || (self.latest == other.earliest && is_behind_in_record())
    }

    /// When both have happened.
    fn later(self, other: Self) -> Self {
        let (earliest, latest) = (self.earliest.max(other.earliest), self.latest.max(other.latest));
        let last = [self, other].into_iter().filter(|one| one.latest == latest);
        let position = last.map(|one| one.position).max().flatten();
        Self {
            earliest,
            latest,
            position: position.filter(|_| earliest == latest),
        }
    }
}

/// Whether a chain that holds with every act at its earliest holds in every placement, and arrives in the window and no
/// later than `limit`. Where processors lie inside others nothing is proven. The record is in order with every act at its
/// earliest. Cost: acts on record times length.
pub fn holds_always(
    record: &[&Act],
    chain: &[&str],
    claim: Claim<'_>,
    window: Window,
    limit: Instant,
) -> bool {
    arrival(record, chain, claim).is_some_and(|arrival| {
        claim.processors.is_empty()
            && arrival.latest <= limit
            && window.contains(arrival.earliest)
            && window.contains(arrival.latest)
    })
}

/// When the chain has surely arrived; `None` where it may not.
fn arrival(record: &[&Act], chain: &[&str], claim: Claim<'_>) -> Option<Moment> {
    let mut positions = chain
        .iter()
        .map(|id| record.iter().position(|act| act.id.as_str() == *id));
    let first = positions.next()??;
    let mut before = first;
    let mut here = Moment::of(record, first);
    for now in positions {
        let now = now?;
        let act = record[now];
        let (_, brought) = brings(record[before]);
        let mut taken = brought.iter().filter(|field| act.fields.contains(field));
        let own = Moment::of(record, now);
        let next = if act.at.standing().is_some() {
            here.later(own)
        } else {
            own
        };
        let is_in_time = match act.at.standing() {
            Some((_, until)) => until.is_none_or(|until| next.latest < until),
            None => here.is_before(next),
        };
        if !is_in_time {
            return None;
        }
        let is_kept = |field: &FieldId| is_kept(record, claim, (&act.actor, field), (here, next, now));
        if !taken.all(is_kept) {
            return None;
        }
        before = now;
        here = next;
    }
    Some(here)
}

/// Whether nothing can end what the processor has of the field between its coming there and its going on with an act.
fn is_kept(
    record: &[&Act],
    claim: Claim<'_>,
    (processor, field): (&ProcessorId, &FieldId),
    (came, goes, with): (Moment, Moment, usize),
) -> bool {
    (0..record.len()).all(|at| {
        let is_own = at == with && record[at].kind == ActKind::Assign;
        let end = Moment::of(record, at);
        is_own
            || !ends(record[at], processor, field, claim.subject)
            || end.is_before(came)
            || goes.is_before(end)
    })
}
