//! Check `protection-held`: partners protect what they received as well as the giver does, all the time (GDPR 28).

use super::case::{Case, in_force};
use super::draft::Draft;
use crate::graph::{CopyNo, ProcessorNo};
use crate::model::id::{ProcessorId, Safeguard};
use crate::model::time::Instant;

/// Judges everybody who holds something received directly from the processor: at the first instant of holding at which a
/// safeguard of the giver is lacking.
pub fn judge(case: &Case<'_>, at_least: &ProcessorId, out: &mut Vec<Draft>) {
    let Some(giver) = case.processor(at_least) else {
        return;
    };
    for (partner, received) in case.received_from(giver) {
        let mut wrong: Option<(Instant, Vec<&Safeguard>)> = None;
        for copy in &received {
            let copy = case.replay.copy(*copy);
            let end = case.replay.end_of(copy).map(|end| end.at);
            for at in changes(case, partner, giver, copy.start) {
                let is_held = copy.start <= at && end.is_none_or(|end| at < end) && at <= case.as_of;
                let lacking = lacking(case, partner, giver, at);
                let is_first = wrong.as_ref().is_none_or(|(first, _)| at < *first);
                if is_held && is_first && !lacking.is_empty() {
                    wrong = Some((at, lacking));
                }
            }
        }
        let Some((at, mut lacking)) = wrong else { continue };
        lacking.sort_unstable();
        lacking.dedup(); // standing, and for a time too
        let held: Vec<CopyNo> = received
            .into_iter()
            .filter(|copy| {
                let copy = case.replay.copy(*copy);
                copy.start <= at && case.outlives(copy, at)
            })
            .collect();
        let names: Vec<&str> = lacking.iter().map(|safeguard| safeguard.as_str()).collect();
        let pairs: Vec<_> = held.iter().map(|copy| case.pair_of(*copy)).collect();
        let least = case.least_pair(held.iter().copied(), |copy| case.pair_of(copy));
        out.push(
            Draft::of_fact(
                format!("protection:{}", case.processor_id(partner)),
                None,
                at,
                partner,
                format!("below:{}", names.join(",")),
            )
            .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
            .fields(pairs.iter().map(|(_, field)| *field).collect())
            .because([at_least])
            .witness(least.map_or_else(Vec::new, |copy| case.replay.chain(copy))),
        );
    }
}

/// The instants at which what either of the two has may change, and the beginning.
fn changes(case: &Case<'_>, a: ProcessorNo, b: ProcessorNo, begin: Instant) -> Vec<Instant> {
    let mut instants = vec![begin];
    for processor in [a, b] {
        for period in &case.history.things.processor(processor).safeguard_periods {
            instants.push(period.from);
            instants.extend(period.until);
        }
    }
    instants
}

/// The safeguards that the giver has at the instant and the partner lacks.
fn lacking<'c>(
    case: &'c Case<'_>,
    partner: ProcessorNo,
    giver: ProcessorNo,
    at: Instant,
) -> Vec<&'c Safeguard> {
    let has = |processor| {
        let fact = case.history.things.processor(processor);
        let for_a_time = fact
            .safeguard_periods
            .iter()
            .filter(move |period| in_force(period.from, period.until, at))
            .map(|period| &period.safeguard);
        fact.safeguards.iter().chain(for_a_time)
    };
    let own: Vec<&Safeguard> = has(partner).collect();
    has(giver).filter(|safeguard| !own.contains(safeguard)).collect()
}
