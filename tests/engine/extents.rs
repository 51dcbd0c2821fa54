//! What sources ever reach, against the oracle.

use super::hold::Hold;
use super::meeting::fewest;
use wherefore::engine::{Columns, Extents, Log, Start};

/// With all starts known, exactly the lives that something comes to are left; with one known, they are among those left for
/// another. `oracles` are of the starts, one each.
pub fn check(log: &Log, columns: &Columns, starts: &[Start], oracles: &[Hold]) {
    let all = Extents::new(columns, starts);
    let one = Extents::new(columns, &starts[..1]);
    let last = columns.moments() - 1;
    for (start, oracle) in starts.iter().zip(oracles) {
        let reaches = |life: u32| fewest(columns, oracle, life, last).is_some();
        let lives: Vec<u32> = (0..columns.lives()).collect();
        let reached: Vec<u32> = lives.iter().copied().filter(|life| reaches(*life)).collect();
        assert_eq!(all.may_reach(*start, &lives), reached, "from {start:?} of {log:?}");
        let left = one.may_reach(*start, &lives);
        assert!(
            reached.iter().all(|life| left.contains(life)),
            "from {start:?}, {:?} known, of {log:?}",
            starts[0]
        );
    }
}
