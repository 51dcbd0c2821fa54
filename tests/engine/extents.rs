//! What sources ever reach, against the oracle.

use super::hold::Hold;
use super::meeting::fewest;
use wherefore::engine::{Columns, Extents, Log, Meeting, Position, Start};

/// With all starts known, an extent has exactly the lives that something comes to; with one known, no fewer. `oracles` are of the starts, one each.
pub fn check(log: &Log, columns: &Columns, starts: &[Start], oracles: &[Hold]) {
    let all = Extents::new(columns, starts);
    let one = Extents::new(columns, &starts[..1]);
    let last = columns.moments() - 1;
    for (start, oracle) in starts.iter().zip(oracles) {
        let reaches = |life: u32| fewest(columns, oracle, life, last).is_some();
        for life in 0..columns.lives() {
            let has = |extents: &Extents| extents.of(*start).is_none_or(|extent| extent.has(life));
            assert_eq!(
                has(&all),
                reaches(life),
                "from {start:?} to life {life} of {log:?}"
            );
            assert!(
                has(&one) || !reaches(life),
                "from {start:?} to life {life}, {:?} known, of {log:?}",
                starts[0]
            );
        }
        check_search(log, columns, *start, &all);
    }
}

/// A search that keeps to what is reached finds a chain as short as one that does not.
fn check_search(log: &Log, columns: &Columns, start: Start, extents: &Extents) {
    let mut meeting = Meeting::new(columns);
    for node in 0..columns.nodes() {
        let wanted: Vec<u32> = columns.lives_of(node).collect();
        let any = meeting.run(columns, &[start], &wanted, Position::LAST);
        let reached = |life| extents.of(start).is_none_or(|extent| extent.has(life));
        let within = meeting.run_within(columns, &[start], &wanted, Position::LAST, reached);
        assert_eq!(
            within.map(|chain| chain.len()),
            any.map(|chain| chain.len()),
            "from {start:?} to node {node} of {log:?}"
        );
    }
}
