//! Judging stage by stage: the case that rules judge, and the time of a stage.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wherefore::db::Snapshot;
use wherefore::graph::{History, Things};
use wherefore::model::fact::{Header, Stated};
use wherefore::rules::Case;

/// Numbers the acts and replays them.
pub fn case<'f>(
    header: &'f Header,
    snapshot: &Snapshot,
    things: &Arc<Things>,
    facts: &'f [Stated],
) -> Case<'f> {
    let history = History::new(Arc::clone(things), facts.iter());
    Case::new(header, snapshot.as_of(), history, facts)
}

/// The shorter of two runs.
pub fn shortest<T>(mut run: impl FnMut() -> T) -> Duration {
    let mut once = || {
        let begun = Instant::now();
        black_box(run());
        begun.elapsed()
    };
    once().min(once())
}
