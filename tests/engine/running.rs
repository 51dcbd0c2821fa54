//! The audit that is kept up, after every act and in any order of arrival, against the oracle on all that has come.

use std::collections::BTreeSet;

use super::draw::{Random, history};
use super::hold::{Hold, moments};
use super::random::{spread, wanted};
use wherefore::engine::{Columns, End, Flow, Log, Running, Seed, Standing, Start, Step, Ties};

#[derive(Clone, Copy, Debug)]
enum Arrival {
    Flow(Flow),
    Standing(Standing),
    End(End),
}

fn forbids(label: u32, source: usize) -> bool {
    label != 0 && !(label as usize + source).is_multiple_of(3)
}

/// The labels that carry what is forbidden, for one seed.
fn wrong(log: &Log, seed: usize) -> BTreeSet<u32> {
    let oracle = Hold::new(log, seed);
    let moments = moments(log);
    let rank = |at: (i64, u64)| moments.binary_search(&at).unwrap();
    let moment = |at: i64, order: u32| match log.ties {
        Ties::Recorded => (at, u64::from(order) + 1),
        Ties::Any | Ties::Strict => (at, 0),
    };
    let ends: Vec<(u32, usize)> = log
        .ends
        .iter()
        .map(|end| (end.node, rank(moment(end.at, end.order))))
        .collect();
    let takes = |flow: &Flow| {
        let now = rank(moment(flow.at, flow.order));
        let held = &oracle.held[flow.from as usize];
        match log.ties {
            Ties::Any => held[now],
            Ties::Recorded | Ties::Strict => now > 0 && held[now - 1] && !ends.contains(&(flow.from, now)),
        }
    };
    let carries = |flow: &Standing| {
        let until = flow.until.map_or(moments.len(), |until| rank((until, 0)));
        (rank(moment(flow.since, flow.order))..until).any(|now| oracle.held[flow.from as usize][now])
    };
    let flows = log.flows.iter().filter(|flow| takes(flow)).map(|flow| flow.label);
    let standing = log
        .standing
        .iter()
        .filter(|flow| carries(flow))
        .map(|flow| flow.label);
    flows
        .chain(standing)
        .filter(|label| forbids(*label, seed))
        .collect()
}

fn compare(random: &mut Random) {
    let mut whole = history(random);
    // What is there from the beginning, then what arrives, in an order of its own.
    let mut base = Log::new(whole.ties, whole.nodes);
    let mut arriving = Vec::new();
    for flow in &mut whole.flows {
        if random.below(3) == 0 {
            base.flows.push(*flow);
        } else {
            flow.order += 1_000;
            arriving.push(Arrival::Flow(*flow));
        }
    }
    for flow in &mut whole.standing {
        if random.below(2) == 0 {
            base.standing.push(*flow);
        } else {
            flow.order += 1_000;
            arriving.push(Arrival::Standing(*flow));
        }
    }
    for end in &mut whole.ends {
        if random.below(2) == 0 {
            base.ends.push(*end);
        } else {
            end.order += 1_000;
            arriving.push(Arrival::End(*end));
        }
    }
    let seeds: Vec<Seed> = whole.seeds.clone();
    base.seeds.clone_from(&seeds);
    if random.below(3) == 0 {
        arriving.sort_by_key(|arrival| match arrival {
            Arrival::Flow(flow) => (flow.at, flow.order),
            Arrival::Standing(flow) => (flow.since, flow.order),
            Arrival::End(end) => (end.at, end.order),
        });
    } else {
        for at in (1..arriving.len()).rev() {
            let other = random.below(u32::try_from(at).unwrap() + 1) as usize;
            arriving.swap(at, other);
        }
    }
    let columns = Columns::build(&base).unwrap();
    let starts: Vec<Start> = columns.starts().collect();
    let mut running = Running::new(&columns, 200, &starts, forbids);
    let mut sofar = base.clone();
    for arrival in &arriving {
        let before = running.found().clone();
        match arrival {
            Arrival::Flow(flow) => {
                sofar.flows.push(*flow);
                let new = running.flow(*flow);
                let now: Vec<_> = running.found().difference(&before).copied().collect();
                assert_eq!(new, now, "what is told to be new");
            }
            Arrival::Standing(flow) => {
                sofar.standing.push(*flow);
                running.standing(*flow);
            }
            Arrival::End(end) => {
                sofar.ends.push(*end);
                running.end(*end);
            }
        }
        for seed in 0..seeds.len() {
            let found: BTreeSet<u32> = running
                .found()
                .iter()
                .filter(|(_, source)| *source as usize == seed)
                .map(|(step, _)| match step {
                    Step::Row(row) => columns.label(*row),
                    Step::Piece(piece) => columns.piece(*piece).label,
                    Step::Flow(place) => running.since().flows[*place as usize].label,
                    Step::Standing(place) => running.since().standing[*place as usize].label,
                })
                .collect();
            assert_eq!(
                found,
                wrong(&sofar, seed),
                "seed {seed} after {arrival:?}\nbase {base:?}\nsince {:?}",
                running.since()
            );
        }
    }
}

#[test]
fn an_audit_kept_up_finds_what_a_rebuild_finds() {
    let wanted = wanted() / 20;
    let done = spread(wanted, |number| compare(&mut Random(number ^ (1 << 58))));
    println!("{done} random orders of arrival");
    assert_eq!(done, wanted);
}
