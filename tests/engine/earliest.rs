//! Since when each life holds anything by some of the acts, against the oracle.

use wherefore::engine::{Columns, First, Log, Start, Ties, earliest};

use super::draw::{Random, history};
use super::hold::Hold;
use super::random::{spread, wanted};

/// The log without what does not count: such a flow goes from its source to its source, so that all moments stay.
fn counted(log: &Log, counts: &impl Fn(u32) -> bool) -> Log {
    let mut counted = log.clone();
    for flow in counted.flows.iter_mut().filter(|flow| !counts(flow.label)) {
        flow.to = flow.from;
    }
    for flow in counted.standing.iter_mut().filter(|flow| !counts(flow.label)) {
        flow.to = flow.from;
    }
    counted
}

fn compare(number: u64) {
    let mut random = Random(number);
    let mut log = history(&mut random);
    log.ties = [Ties::Recorded, Ties::Strict][random.below(2) as usize];
    let columns = Columns::build(&log).unwrap();
    let left_out = random.below(4);
    let counts = |label: u32| label % 4 != left_out;
    let seeds: Vec<usize> = (0..log.seeds.len()).filter(|_| random.below(4) > 0).collect();
    let all: Vec<Start> = columns.starts().collect();
    let starts = seeds.iter().map(|seed| all[*seed]);
    let found = earliest(&columns, starts, |label, _| counts(label));

    let alone = counted(&log, &counts);
    let held: Vec<Hold> = seeds.iter().map(|seed| Hold::new(&alone, *seed)).collect();
    let mut expected = vec![None; columns.lives() as usize];
    for node in 0..log.nodes {
        for rank in 0..columns.moments() {
            let at = columns.moment(rank);
            let is_held = held.iter().any(|hold| hold.held[node as usize][rank as usize]);
            let first = &mut expected[columns.life_at(node, at) as usize];
            if is_held && first.is_none() {
                *first = Some(at);
            }
        }
    }
    let since = |first: &Option<First>| first.map(|first| columns.settled(first.at));
    let told: Vec<_> = found.iter().map(since).collect();
    assert_eq!(
        told, expected,
        "without every fourth from {left_out} on, {seeds:?} of {log:#?}"
    );
    for (life, first) in (0..).zip(&found) {
        if let Some(First { at, by: Some(row) }) = *first {
            let (from, to) = columns.ends_of(row);
            let giver = found[from as usize].map(|giver| giver.at);
            assert!(
                columns.is_act(row) && counts(columns.label(row)) && to == life,
                "{row} of {log:#?}"
            );
            assert_eq!(columns.settled(columns.position_of(row)), at, "{log:#?}");
            assert!(giver.is_some_and(|giver| giver < at), "{row} of {log:#?}");
        }
    }
}

#[test]
fn a_pass_tells_since_when_some_acts_have_brought_anything() {
    let histories = wanted() / 10;
    let done = spread(histories, compare);
    println!("{done} random histories passed over");
    assert_eq!(done, histories);
}
