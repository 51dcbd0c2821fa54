//! Random histories: a million in the check run, as many as `WHEREFORE_HISTORIES` says elsewhere.

use super::compare;
use super::draw::{Random, history};

/// How many histories are wanted.
pub fn wanted() -> u64 {
    let wanted = std::env::var("WHEREFORE_HISTORIES").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(1_000_000)
}

/// Runs a comparison for each number, on all cores; gives how many were run.
pub fn spread(wanted: u64, compare: impl Fn(u64) + Sync) -> u64 {
    let seed = crate::seed::seed();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let compare = &compare;
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..workers as u64)
            .map(|worker| {
                scope.spawn(move || {
                    let numbers = (worker..wanted).step_by(workers);
                    numbers.map(|number| compare(number ^ (seed << 40))).count() as u64
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    })
}

#[test]
fn searches_agree_with_the_oracle_on_random_histories() {
    let done = spread(wanted(), |number| compare(&history(&mut Random(number))));
    println!("{done} random histories searched");
    assert_eq!(done, wanted());
}
