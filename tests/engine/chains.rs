//! Chains are checked step by step, against the log and not against the search.

use super::hold::Hold;
use wherefore::engine::{Arrivals, Columns, Frontier, Hop, Log, Position, Start, Ties};

/// Both chains of every reached life prove what they say, and the shorter is the shortest there is.
pub fn check(log: &Log, columns: &Columns, frontier: &Frontier, start: Start, oracle: &Hold) {
    for life in frontier.reached() {
        let shortest = frontier.shortest(life);
        proves(log, columns, &shortest, start, life);
        let earliest = frontier.earliest(life);
        let arrival = proves(log, columns, &earliest, start, life);
        let known = frontier.arrival(life).unwrap();
        assert_eq!(columns.settled(arrival), columns.settled(known), "{log:?}");
        let node = columns.node_of(life);
        let fewest = (0..columns.moments())
            .filter(|rank| columns.life_at(node, columns.moment(*rank)) == life)
            .filter_map(|rank| oracle.fewest[node as usize][rank as usize])
            .min();
        assert_eq!(
            Some(shortest.len() - 1),
            fewest,
            "fewest acts to life {life} of {log:?}"
        );
    }
}

/// Arrivals are those of the search, and each has a chain.
pub fn check_arrivals(log: &Log, columns: &Columns, arrivals: &Arrivals, frontier: &Frontier, start: Start) {
    for life in 0..columns.lives() {
        let settled = |at: Option<Position>| at.map(|at| columns.settled(at));
        let at = settled(arrivals.arrival(life));
        assert_eq!(at, settled(frontier.arrival(life)), "life {life} of {log:?}");
        if at.is_some() {
            let chain = arrivals.earliest(columns, life);
            assert_eq!(
                Some(columns.settled(proves(log, columns, &chain, start, life))),
                at,
                "{log:?}"
            );
        }
    }
    assert_eq!(arrivals.reached().count(), frontier.reached().count());
}

/// Walks a chain; gives when it arrives.
pub fn proves(log: &Log, columns: &Columns, chain: &[Hop], start: Start, life: u32) -> Position {
    assert_eq!(chain.first(), Some(&Hop::Start(0)), "{log:?}");
    let (mut at, mut place) = (columns.settled(start.at), start.life);
    for hop in &chain[1..] {
        match hop {
            Hop::Start(_) => panic!("a second start in {log:?}"),
            Hop::Row(row) => {
                let (from, to) = columns.ends_of(*row);
                assert_eq!(from, place, "{log:?}");
                let now = columns.settled(columns.position_of(*row));
                match log.ties {
                    Ties::Any => assert!(at <= now, "{log:?}"),
                    Ties::Recorded | Ties::Strict => assert!(at < now, "{log:?}"),
                }
                let label = columns.label(*row);
                let flow = log.flows.iter().find(|flow| flow.label == label).unwrap();
                assert_eq!((flow.from, flow.to), (columns.node_of(from), columns.node_of(to)));
                assert_eq!(flow.at, columns.instant(*row));
                (at, place) = (now, to);
            }
            Hop::Piece(number) => {
                let piece = columns.piece(*number);
                assert_eq!(piece.from, place, "{log:?}");
                let (opens, closes) = columns.stretch(*number);
                assert!(at < closes, "{log:?}");
                (at, place) = (at.max(opens), piece.to);
            }
        }
    }
    assert_eq!(place, life, "{log:?}");
    at
}
