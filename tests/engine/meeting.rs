//! The search from both ends against the oracle: whether anything comes to some nodes by some moment, and with the
//! fewest acts.

use super::chains::proves;
use super::hold::Hold;
use wherefore::engine::{Columns, Log, Meeting, Position, Start};

/// Asks for every node alone at every moment, and for two nodes together. `oracles` are of the starts, one each.
pub fn check(
    log: &Log,
    columns: &Columns,
    starts: &[Start],
    oracles: &[Hold],
    until: impl Fn(u32) -> Position,
) {
    check_together(log, columns, starts, oracles);
    let mut meeting = Meeting::new(columns);
    for (start, oracle) in starts.iter().zip(oracles) {
        for rank in 0..columns.moments() {
            for node in 0..columns.nodes() {
                let at = columns.moment(rank);
                let mut wanted = vec![columns.life_at(node, at)];
                let other = columns.life_at((node + rank) % columns.nodes(), at);
                if !wanted.contains(&other) {
                    wanted.push(other);
                }
                wanted.sort_unstable();
                // A life may have ended before and begun again: what is held is looked for in this very life.
                let expected = wanted
                    .iter()
                    .filter_map(|life| fewest(columns, oracle, *life, rank))
                    .min();
                let chain = meeting.run(columns, &[*start], &wanted, until(rank));
                let acts = chain.as_ref().map(|chain| chain.len() - 1);
                assert_eq!(
                    acts, expected,
                    "from {start:?} to lives {wanted:?} by moment {rank} of {log:?}"
                );
                if let Some(chain) = chain {
                    let arrives = wanted
                        .iter()
                        .filter(|life| ends_at(columns, &chain, *start) == **life)
                        .map(|life| proves(log, columns, &chain, *start, *life))
                        .next();
                    assert!(arrives.is_some_and(|at| at <= until(rank)), "{log:?}");
                }
            }
        }
    }
}

/// From all starts at once to all lives of a node: a search that goes back first, and over more than one beginning.
fn check_together(log: &Log, columns: &Columns, starts: &[Start], oracles: &[Hold]) {
    let mut meeting = Meeting::new(columns);
    for node in 0..columns.nodes() {
        let wanted: Vec<u32> = columns.lives_of(node).collect();
        let all = oracles
            .iter()
            .flat_map(|oracle| oracle.fewest[node as usize].iter().flatten());
        let chain = meeting.run(columns, starts, &wanted, Position::LAST);
        let acts = chain.map(|chain| chain.len() - 1);
        assert_eq!(acts, all.min().copied(), "to node {node} of {log:?}");
    }
}

/// The fewest acts by which a life holds at any of its moments up to this one.
pub fn fewest(columns: &Columns, oracle: &Hold, life: u32, until: u32) -> Option<usize> {
    let node = columns.node_of(life);
    (0..=until)
        .filter(|rank| columns.life_at(node, columns.moment(*rank)) == life)
        .filter_map(|rank| oracle.fewest[node as usize][rank as usize])
        .min()
}

/// The life in which a chain ends.
fn ends_at(columns: &Columns, chain: &[wherefore::engine::Hop], start: Start) -> u32 {
    use wherefore::engine::Hop;
    match chain.last() {
        Some(Hop::Row(row)) => columns.ends_of(*row).1,
        Some(Hop::Piece(number)) => columns.piece(*number).to,
        Some(Hop::Start(_)) | None => start.life,
    }
}
