//! The columns and their kernels against a slow oracle.

mod among;
mod chains;
mod draw;
mod earliest;
mod exhaustive;
mod extents;
mod file;
mod hold;
mod meeting;
mod overlay;
mod random;
mod running;
mod sweep;
mod told;
mod untimed;

use wherefore::engine::{Arrivals, Backward, Columns, Frontier, Limits, Log, Start};

/// What a search from one seed holds: for each node and moment, as the oracle tells it.
fn held(columns: &Columns, frontier: &Frontier) -> Vec<Vec<bool>> {
    (0..columns.nodes())
        .map(|node| {
            (0..columns.moments())
                .map(|rank| {
                    let at = columns.moment(rank);
                    let arrival = frontier.arrival(columns.life_at(node, at));
                    arrival.is_some_and(|since| columns.settled(since) <= at)
                })
                .collect()
        })
        .collect()
}

/// Compares every kernel with the oracle on one history.
fn compare(log: &Log) {
    compare_columns(log, &Columns::build(log).unwrap());
}

fn compare_columns(log: &Log, columns: &Columns) {
    let starts: Vec<Start> = columns.starts().collect();
    let mut frontier = Frontier::new(columns);
    let mut arrivals = Arrivals::new(columns);
    let mut backward = Backward::new(columns);
    let mut expected = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let oracle = hold::Hold::new(log, at);
        frontier.run(columns, &[*start], Limits::NONE, |_| false);
        assert_eq!(
            held(columns, &frontier),
            oracle.held,
            "frontier from seed {at} of {log:?}"
        );
        chains::check(log, columns, &frontier, *start, &oracle);
        // So small a graph is always passed over, unless something stands in the way.
        arrivals.run(columns, &[*start], wherefore::engine::Position::LAST);
        chains::check_arrivals(log, columns, &arrivals, &frontier, *start);
        if at.is_multiple_of(2) {
            arrivals.forget();
            assert_eq!(arrivals.reached().count(), 0, "{log:?}");
        }
        expected.push(oracle);
    }
    untimed::check(log, columns);
    extents::check(log, columns, &starts, &expected);
    meeting::check(log, columns, &starts, &expected, |rank| last_of(columns, rank));
    for node in 0..columns.nodes() {
        for rank in 0..columns.moments() {
            let at = columns.moment(rank);
            backward.run(columns, &[columns.life_at(node, at)], last_of(columns, rank));
            for (oracle, start) in expected.iter().zip(&starts) {
                let supplies = backward
                    .latest(columns, start.life)
                    .is_some_and(|latest| start.at <= latest);
                assert_eq!(
                    supplies, oracle.held[node as usize][rank as usize],
                    "back from node {node} at moment {rank} to {start:?} of {log:?}"
                );
            }
        }
    }
}

fn last_of(columns: &Columns, rank: u32) -> wherefore::engine::Position {
    if rank + 1 < columns.moments() {
        columns.before(columns.moment(rank + 1))
    } else {
        wherefore::engine::Position::LAST
    }
}
