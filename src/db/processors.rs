//! Work that all processors share.

use std::num::NonZero;
use std::panic::resume_unwind;

use super::DbError;

/// Does the work on every processor of the machine.
pub fn on_all_processors<T: Send>(work: impl Fn() -> Result<T, DbError> + Sync) -> Result<Vec<T>, DbError> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..processors).map(|_| scope.spawn(&work)).collect();
        let own = work();
        let others = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        std::iter::once(own).chain(others).collect()
    })
}
