//! Check `protection-held`: partners protect what they received as well as the giver does, all the time (GDPR 28).

use super::case::{Case, in_force};
use super::draft::Draft;
use super::gather::Gather;
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
        for (subject, received) in case.by_subject(received) {
            let wrong: Vec<(Instant, CopyNo)> = received
                .into_iter()
                .filter_map(|copy| Some((first_wrong(case, partner, giver, copy)?, copy)))
                .collect();
            let Some(at) = wrong.iter().map(|(at, _)| *at).min() else {
                continue;
            };
            let held: Vec<CopyNo> = wrong
                .iter()
                .filter(|(first, _)| *first == at)
                .map(|(_, copy)| *copy)
                .collect();
            let mut lacking = lacking(case, partner, giver, at);
            lacking.sort_unstable();
            lacking.dedup(); // standing, and for a time too
            let names: Vec<&str> = lacking.iter().map(|safeguard| safeguard.as_str()).collect();
            out.push(
                Draft::of_fact(
                    format!("protection:{}", case.processor_id(partner)),
                    None,
                    at,
                    partner,
                    format!("below:{}", names.join(",")),
                )
                .gathered(Gather::First, subject)
                .fields(case.fields_of_copies(&held))
                .because([at_least])
                .witness(case.chain_of_least(&held)),
            );
        }
    }
}

/// The first instant up to `as_of` at which the copy is held and a safeguard of the giver is lacking.
fn first_wrong(case: &Case<'_>, partner: ProcessorNo, giver: ProcessorNo, copy: CopyNo) -> Option<Instant> {
    let whose = [case.pair_of(copy).0];
    let copy = case.replay.copy(copy);
    changes(case, partner, giver, copy.start)
        .into_iter()
        .filter(|at| copy.start <= *at && case.outlives(copy, *at))
        .filter(|at| !lacking(case, partner, giver, *at).is_empty() && case.has_come(*at, &whose))
        .min()
}

/// The instants at which what either of the two has may change, and the beginning.
fn changes(case: &Case<'_>, a: ProcessorNo, b: ProcessorNo, begin: Instant) -> Vec<Instant> {
    let mut instants = vec![begin];
    for processor in [a, b] {
        let things = &case.history.things;
        for outer in things.ever_around(processor) {
            for period in &things.processor(outer).safeguard_periods {
                instants.push(period.from);
                instants.extend(period.until);
            }
        }
        if things.is_nested() {
            instants.extend(things.moves_of(processor));
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
        case.around(processor, at).flat_map(move |outer| {
            let fact = case.history.things.processor(outer);
            let for_a_time = fact
                .safeguard_periods
                .iter()
                .filter(move |period| in_force(period.from, period.until, at))
                .map(|period| &period.safeguard);
            fact.safeguards.iter().chain(for_a_time)
        })
    };
    let own: Vec<&Safeguard> = has(partner).collect();
    has(giver).filter(|safeguard| !own.contains(safeguard)).collect()
}
