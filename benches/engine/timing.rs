//! Time of the processor, where the system tells it, so that other work on the machine counts little.

use std::hint::black_box;
use std::time::{Duration, Instant};

fn processor() -> Option<Duration> {
    let mut told = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes to the timespec it is given and to nothing else.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut told) };
    (failed == 0).then(|| Duration::new(told.tv_sec as u64, told.tv_nsec as u32))
}

/// Time this thread needs for a piece of work.
pub fn once<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let (clock, before) = (Instant::now(), processor());
    let done = black_box(work());
    let spent = match (before, processor()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => clock.elapsed(),
    };
    (spent, done)
}

/// The least time of several runs.
pub fn least<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    (0..runs).map(|_| once(&mut work).0).min().unwrap_or_default()
}

/// Nanoseconds for each of `count`.
pub fn each(time: Duration, count: usize) -> f64 {
    time.as_nanos() as f64 / count.max(1) as f64
}

/// One line of the report.
pub fn line(what: &str, figure: &str) {
    println!("{what:<58} {figure}");
}

/// A time in a unit that fits.
pub fn shown(time: Duration) -> String {
    let micros = time.as_nanos() as f64 / 1e3;
    match micros {
        0.0..1e3 => format!("{micros:.1} us"),
        1e3..1e6 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}
