//! Where random comparisons begin: the same place in every run, so that a check says the same of the same program.
//! `make search` begins elsewhere each time.

/// The number in `WHEREFORE_SEED`, or 0.
pub fn seed() -> u64 {
    let seed = std::env::var("WHEREFORE_SEED").ok();
    seed.and_then(|seed| seed.parse().ok()).unwrap_or(0)
}
