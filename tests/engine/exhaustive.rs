//! All histories of up to four holdings and five acts: each act a flow between two of them or the end of one, each
//! at the instant of the act before or at the next one, under each meaning of ties. Histories that are the same but
//! for the names of the holdings are taken once. Data begins at the first holding, before everything.

use super::compare;
use wherefore::engine::{End, Flow, Log, Seed, Ties};

const HOLDINGS: u32 = 4;

/// Adds every history that begins with this one, and compares each.
fn extend(log: &mut Log, acts: u32, at: i64, named: u32, count: &mut u64) {
    compare(log);
    *count += 1;
    let number = u32::try_from(log.flows.len() + log.ends.len()).unwrap() + 1;
    if number > acts {
        return;
    }
    let instants: &[i64] = if log.ties == Ties::Recorded || number == 1 {
        // The order tells acts of one instant apart: later instants would be the same histories.
        &[1]
    } else {
        &[0, 1]
    };
    for step in instants {
        let at = at + step;
        // Only the next unnamed holding may be named.
        for from in 0..named {
            for to in 0..(named + 1).min(HOLDINGS) {
                if from == to {
                    continue;
                }
                log.flows.push(Flow {
                    at,
                    order: number,
                    from,
                    to,
                    label: number,
                });
                extend(log, acts, at, named.max(to + 1), count);
                log.flows.pop();
            }
            log.ends.push(End {
                at,
                order: number,
                node: from,
            });
            extend(log, acts, at, named, count);
            log.ends.pop();
        }
        // From a holding nobody has heard of: it can matter only under ANY, for what comes to it in the same instant.
        if named < HOLDINGS {
            for to in 0..named {
                log.flows.push(Flow {
                    at,
                    order: number,
                    from: named,
                    to,
                    label: number,
                });
                extend(log, acts, at, named + 1, count);
                log.flows.pop();
            }
            if named + 1 < HOLDINGS {
                log.flows.push(Flow {
                    at,
                    order: number,
                    from: named,
                    to: named + 1,
                    label: number,
                });
                extend(log, acts, at, named + 2, count);
                log.flows.pop();
            }
        }
    }
}

fn all(ties: Ties, acts: u32) -> u64 {
    let mut log = Log::new(ties, HOLDINGS);
    log.seeds.push(Seed {
        at: 0,
        order: 0,
        node: 0,
    });
    let mut count = 0;
    extend(&mut log, acts, 0, 1, &mut count);
    count
}

#[test]
fn every_history_of_four_holdings_and_five_acts() {
    std::thread::scope(|scope| {
        let any = scope.spawn(|| all(Ties::Any, 5));
        let strict = scope.spawn(|| all(Ties::Strict, 5));
        let counts = [
            all(Ties::Recorded, 5),
            any.join().unwrap(),
            strict.join().unwrap(),
        ];
        println!("histories under RECORDED, ANY, STRICT: {counts:?}");
        assert!(counts.iter().all(|count| *count > 100_000));
    });
}
