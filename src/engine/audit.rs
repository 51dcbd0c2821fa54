//! A whole graph audited for any number of sources, in blocks, on several cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::columns::{Columns, Start};
use super::lanes::{Lanes, Narrow, Wide};
use super::policy::Policy;
use super::position::Position;
use super::sweep::{Carrier, Sweep, Watch};

/// What one block of sources was told.
#[derive(Debug)]
pub struct Block<W> {
    /// Which source stands at which place.
    pub sources: Vec<usize>,
    /// What watched them.
    pub watch: W,
}

/// Tells of 64 sources as of the first of 512.
struct Widened<'w, W>(&'w mut W);

impl<W: Watch<Wide>> Watch<Narrow> for Widened<'_, W> {
    fn forbidden(&mut self, by: Carrier, label: u32, at: Position, sources: Narrow) {
        self.0.forbidden(by, label, at, sources.into());
    }
}

/// Runs all sources over the graph, 512 at a time; `forbids(class, source)` says what a class forbids, `watch` makes
/// what is told of each block. Sources that begin late stand together, so that their block skips what was before.
/// Blocks come in order, however many workers there are.
///
/// Memory: 64 bytes a life for each worker; 8 for a block of 64 sources or fewer, which is run as such.
pub fn audit<W: Watch<Wide> + Send>(
    columns: &Columns,
    starts: &[Start],
    policy: &Policy,
    forbids: impl Fn(u32, usize) -> bool + Sync,
    watch: impl Fn(&[usize]) -> W + Sync,
    workers: usize,
) -> Vec<Block<W>> {
    let mut order: Vec<usize> = (0..starts.len()).collect();
    order.sort_by_key(|source| starts[*source].at);
    let blocks: Vec<&[usize]> = order.chunks(Wide::COUNT).collect();
    let done: Vec<Mutex<Option<Block<W>>>> = blocks.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            let (Some(sources), Some(slot)) = (blocks.get(block), done.get(block)) else {
                break;
            };
            let mut told = watch(sources);
            let forbids = |class, place: usize| forbids(class, sources[place]);
            let begin: Vec<Start> = sources.iter().map(|source| starts[*source]).collect();
            if sources.len() <= Narrow::COUNT {
                let mut sweep: Sweep<'_, Narrow> = Sweep::new(columns, policy, forbids, sources.len());
                sweep.run(&begin, &mut Widened(&mut told));
            } else {
                let mut sweep: Sweep<'_, Wide> = Sweep::new(columns, policy, forbids, sources.len());
                sweep.run(&begin, &mut told);
            }
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Block {
                sources: sources.to_vec(),
                watch: told,
            });
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers.min(blocks.len()) {
            scope.spawn(work);
        }
        work();
    });
    done.into_iter()
        .filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}
