//! A checker of witnesses. It knows facts and nothing of the search or the replay that found them.
//!
//! A chain of acts proves that data of a subject got somewhere when it begins with a collection, its acts go
//! forward in the order of the record, each act takes from the place that the act before brought to, a field that
//! the act before brought there, and nothing ended it there in between; a derivation from what was deleted before
//! is the one exception, since the record itself says that it took place. A standing act takes and brings at any time
//! that it is active.

use crate::model::fact::{Act, Processor};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::time::Instant;
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
    /// What lies inside what: what the processors say, or nothing where none ever lies inside another. A processor that
    /// is named above means what lies inside it.
    pub processors: &'a [Processor],
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
        ActKind::Use | ActKind::Store | ActKind::Correct | ActKind::Restrict | ActKind::Delete => (None, &[]),
    }
}

/// A place in the order that acts are taken in: in the record, that of an act; where clocks are coarse its instant, in
/// microseconds.
type Key = i64;

/// When something can have arrived: from here on, and before there. An act brings it when it takes place, a standing one at
/// any time that it is active.
#[derive(Clone, Copy)]
struct Arrival {
    earliest: Key,
    behind: Key,
    /// The first instant that is too late, if there is one.
    before: Option<Instant>,
}

/// The acts on record, and how their order is taken.
#[derive(Clone, Copy)]
struct Ordered<'a> {
    record: &'a [&'a Act],
    ties: Ties,
}

impl Ordered<'_> {
    fn is_recorded(self) -> bool {
        self.ties == Ties::Recorded
    }

    fn key(self, position: usize) -> Key {
        if self.is_recorded() {
            Key::try_from(position).unwrap_or(Key::MAX)
        } else {
            self.record[position].at.start().micros()
        }
    }

    /// The first place that is not before the instant.
    fn key_of(self, at: Instant) -> Key {
        if self.is_recorded() {
            let position = self.record.partition_point(|act| act.at.start() < at);
            Key::try_from(position).unwrap_or(Key::MAX)
        } else {
            at.micros()
        }
    }

    /// The last place at which something can arrive that this act takes.
    fn last_before(self, position: usize) -> Key {
        let now = self.key(position);
        if self.ties == Ties::Any { now } else { now - 1 }
    }

    /// The instant from which on something can arrive that arrives at this place or later.
    fn instant(self, key: Key) -> Option<Instant> {
        if self.is_recorded() {
            let position = usize::try_from(key).ok()?;
            self.record.get(position).map(|act| act.at.start())
        } else {
            (key < Key::MAX).then(|| Instant::from_micros(key))
        }
    }

    /// An arrival with an act at one instant.
    fn with(self, position: usize) -> Arrival {
        let key = self.key(position);
        Arrival {
            earliest: key,
            behind: key.saturating_add(1),
            before: Some(self.record[position].at.start()),
        }
    }

    /// Whether an act takes place behind the first key, and before the act at the position as ends do.
    fn is_between(self, since: Key, end: usize, now: usize) -> bool {
        let (end, key) = (self.key(end), self.key(now));
        // Ends come first in their instant: an act finds nothing any more, unless it is an assignment, which hands over
        // what it ends.
        let is_first = !self.is_recorded() && self.record[now].kind != ActKind::Assign;
        since < end && (end < key || (is_first && end == key))
    }
}

/// A field on the way: whether the claimed field has been passed, and when it can have arrived.
struct Carried<'a> {
    field: &'a FieldId,
    passed: bool,
    arrival: Arrival,
}

/// Checks a chain against the acts on record, which come in their order. Cost: acts on record times length.
pub fn check(record: &[&Act], chain: &[&str], claim: Claim<'_>) -> Result<(), WitnessError> {
    let ordered = Ordered {
        record,
        ties: claim.ties,
    };
    let mut positions = Vec::with_capacity(chain.len());
    for id in chain {
        let position = record.iter().position(|act| act.id.as_str() == *id);
        positions.push(position.ok_or_else(|| WitnessError::Unknown((*id).to_owned()))?);
    }
    let Some(first) = positions.first().copied() else {
        return Err(WitnessError::Empty);
    };
    let name = |position: usize| record[position].id.to_string();
    if record[first].kind != ActKind::Collect {
        return Err(WitnessError::NoBeginning(name(first)));
    }
    if let Some(position) = positions
        .iter()
        .find(|position| !record[**position].subjects.contains(claim.subject))
    {
        return Err(WitnessError::OtherSubject(name(*position)));
    }
    // Going forward keeps every possibility: an act may bring several fields.
    let (mut place, fields) = brings(record[first]);
    let is_claimed = |place: Option<&ProcessorId>, field: &FieldId, arrival: Arrival| {
        let is_at = |from| is_brought_to(ordered, claim, place, from, arrival);
        field == claim.field && claim.from.is_none_or(is_at)
    };
    let at_first = ordered.with(first);
    let mut carried: Vec<Carried<'_>> = fields
        .iter()
        .map(|field| Carried {
            field,
            passed: is_claimed(place, field, at_first),
            arrival: at_first,
        })
        .collect();
    for now in positions.iter().skip(1).copied() {
        let act = record[now];
        if place != Some(&act.actor) || !carried.iter().any(|on_way| act.fields.contains(on_way.field)) {
            return Err(WitnessError::Broken(name(now)));
        }
        let (to, brought) = brings(act);
        let taken = taken(ordered, claim, now, carried)?;
        let passed = taken.iter().any(|(on_way, _)| on_way.passed);
        carried = brought
            .iter()
            .filter_map(|field| {
                let (passed, from) = if act.kind == ActKind::Derive {
                    let latest = taken.iter().max_by_key(|(on_way, _)| on_way.arrival.behind)?;
                    let latest = &latest.0;
                    (passed || is_claimed(to, field, latest.arrival), latest)
                } else {
                    let (on_way, holds) = taken.iter().find(|(on_way, _)| on_way.field == field)?;
                    let is_found = on_way.passed || is_claimed(to, field, on_way.arrival);
                    (*holds && is_found, on_way)
                };
                Some(Carried {
                    field,
                    passed,
                    arrival: from.arrival,
                })
            })
            .collect();
        place = to;
    }
    let ends_there = |on_way: &Carried<'_>| {
        on_way.passed && is_brought_to(ordered, claim, place, claim.to, on_way.arrival)
    };
    if !carried.iter().any(ends_there) {
        return Err(WitnessError::OtherClaim);
    }
    let acts: Vec<&Act> = positions.iter().map(|position| record[*position]).collect();
    check_way(record, &acts, claim)
}

/// What the act takes of what is on the way, between which acts it can have taken it, and whether that was still held.
///
/// What was deleted may still have been worked with, and the record says so. What was derived from it counts as made
/// from it; passing it on contradicts the record, so the claim begins anew behind such a flow. A standing act takes
/// only what is held.
fn taken<'a>(
    ordered: Ordered<'_>,
    claim: Claim<'_>,
    now: usize,
    carried: Vec<Carried<'a>>,
) -> Result<Vec<(Carried<'a>, bool)>, WitnessError> {
    let record = ordered.record;
    let act = record[now];
    let name = || act.id.to_string();
    let is_end = |at: &usize, field: &FieldId| ends(record[*at], &act.actor, field, claim.subject);
    let (mut taken, mut is_late) = (Vec::new(), true);
    for on_way in carried
        .into_iter()
        .filter(|on_way| act.fields.contains(on_way.field))
    {
        if let Some((_, until)) = act.at.standing() {
            let stops = until.map_or(Key::MAX, |until| ordered.key_of(until));
            let mut all = 0..record.len();
            let end = all.find(|at| on_way.arrival.behind <= ordered.key(*at) && is_end(at, on_way.field));
            let behind = end.map_or(stops, |end| ordered.key(end).min(stops));
            let earliest = on_way.arrival.earliest.max(ordered.key(now));
            is_late &= stops <= on_way.arrival.earliest;
            if earliest < behind {
                let next = ordered.instant(behind);
                let arrival = Arrival {
                    earliest,
                    behind,
                    before: next.into_iter().chain(until).min(),
                };
                let reached = Carried { arrival, ..on_way };
                taken.push((reached, true));
            }
            continue;
        }
        let last = ordered.last_before(now);
        if last < on_way.arrival.earliest {
            continue;
        }
        is_late = false;
        let since = last.min(on_way.arrival.behind - 1);
        let mut all = 0..record.len();
        let end = all.find(|end| ordered.is_between(since, *end, now) && is_end(end, on_way.field));
        if end.is_none_or(|end| record[end].kind == ActKind::Delete) {
            let arrival = ordered.with(now);
            let reached = Carried { arrival, ..on_way };
            taken.push((reached, end.is_none()));
        }
    }
    match (taken.is_empty(), is_late) {
        (true, true) => Err(WitnessError::OutOfOrder(name())),
        (true, false) => Err(WitnessError::Ended(name())),
        (false, _) => Ok(taken),
    }
}

/// Whether `of` is this processor, or lies around it at the instant by what the processors say.
fn is_within(claim: Claim<'_>, processor: &ProcessorId, of: &ProcessorId, at: Instant) -> bool {
    let mut inner = processor;
    for _ in 0..=claim.processors.len() {
        if inner == of {
            return true;
        }
        let Some(says) = claim.processors.iter().find(|says| says.id == *inner) else {
            return false;
        };
        let mut moved = says.moves.iter().rev().filter(|change| change.at <= at);
        let outer = moved.find_map(|change| change.inside.as_ref());
        match outer.or(says.inside.as_ref()) {
            Some(outer) if outer != inner => inner = outer,
            _ => return false,
        }
    }
    false
}

/// The instants at which some processor moves.
fn relocations(claim: Claim<'_>) -> impl Iterator<Item = Instant> + '_ {
    let moves = claim.processors.iter().flat_map(|processor| &processor.moves);
    moves.map(|change| change.at)
}

/// Whether what is brought to the place can have come to the processor: at an act of the record, or when somebody moved.
fn is_brought_to(
    ordered: Ordered<'_>,
    claim: Claim<'_>,
    place: Option<&ProcessorId>,
    to: &ProcessorId,
    arrival: Arrival,
) -> bool {
    let since = ordered.instant(arrival.earliest);
    let can_arrive = |at: &Instant| {
        since.is_some_and(|since| since <= *at) && arrival.before.is_none_or(|before| *at < before)
    };
    place.is_some_and(|place| {
        let at_acts = (0..ordered.record.len())
            .filter(|at| (arrival.earliest..arrival.behind).contains(&ordered.key(*at)))
            .map(|at| ordered.record[at].at.start());
        let mut instants = since
            .into_iter()
            .chain(at_acts)
            .chain(relocations(claim).filter(can_arrive));
        place == to || instants.any(|at| is_within(claim, place, to, at))
    })
}

/// The instants of the record, and of moves, at which the act takes place or is active.
fn instants(record: &[&Act], claim: Claim<'_>, act: &Act) -> Vec<Instant> {
    let mut instants = vec![act.at.start()];
    if act.at.standing().is_some() {
        let all = record
            .iter()
            .map(|other| other.at.start())
            .chain(relocations(claim));
        instants.extend(all.filter(|at| act.at.meets((*at, Some(*at)))));
    }
    instants
}

/// Checks that the data is passed on by whom it must be, and that nobody acts or receives who must not. Of a standing act
/// it is known at which instants it can have carried, not at which it did.
fn check_way(record: &[&Act], acts: &[&Act], claim: Claim<'_>) -> Result<(), WitnessError> {
    let at_times = |act: &Act, who: &ProcessorId, named: &ProcessorId| -> Vec<bool> {
        let instants = instants(record, claim, act).into_iter();
        instants.map(|at| is_within(claim, who, named, at)).collect()
    };
    let passes_on = |act: &&Act, named: &ProcessorId| at_times(act, &act.actor, named).contains(&true);
    let takes_part = |act: &&Act, named: &ProcessorId| {
        let mut both = std::iter::once(&act.actor).chain(&act.recipient);
        both.any(|who| !at_times(act, who, named).contains(&false))
    };
    let after_first = acts.get(1..).unwrap_or(&[]);
    let missed = claim
        .through
        .iter()
        .find(|through| !after_first.iter().any(|act| passes_on(act, through)));
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
