//! Random histories: a million in the check run, as many as `WHEREFORE_HISTORIES` says elsewhere.

use super::compare;
use super::draw::{Random, history};

#[test]
fn kernels_agree_with_the_oracle_on_random_histories() {
    let wanted = std::env::var("WHEREFORE_HISTORIES")
        .ok()
        .and_then(|count| count.parse().ok());
    let wanted: u64 = wanted.unwrap_or(1_000_000);
    let seed: u64 = std::env::var("WHEREFORE_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let done: u64 = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..workers)
            .map(|worker| {
                scope.spawn(move || {
                    let mut count = 0;
                    for number in (worker..wanted).step_by(usize::try_from(workers).unwrap()) {
                        compare(&history(&mut Random(number ^ (seed << 40))));
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    println!("{done} random histories");
    assert_eq!(done, wanted);
}
