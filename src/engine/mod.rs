//! The temporal graph in columns, and the kernels that run on it.
//!
//! Here everything is a number: a **node** is a holding (a processor with a field), a **life** is the stretch of a
//! node between two ends, a **row** is one act that carries from one life to another, a **label** says which act it
//! is or what decides whether it is allowed. What the numbers stand for is known one layer up. `docs/engine.md`
//! draws the layout; `docs/semantics.md` says what carrying means.
//!
//! Time inside the graph is a [`Position`]: a place in the order of rows. Two instants between which nothing happens
//! are the same position, and comparing positions is comparing times.

mod arrivals;
mod audit;
mod backward;
mod build;
mod carried;
mod column;
mod columns;
mod earliest;
mod extents;
mod file;
mod frontier;
mod gains;
mod instants;
mod laid_over;
mod lanes;
mod layer;
mod log;
mod marks;
mod meeting;
mod moment;
mod neighbors;
mod order;
mod overlay;
mod policy;
mod position;
mod running;
mod stops;
mod stretch;
mod sweep;
mod untimed;

pub use crate::sys::prefetch as fetch;
pub use arrivals::Arrivals;
pub use audit::{Block, audit};
pub use backward::Backward;
pub use build::BuildError;
pub use columns::{Columns, Piece, Start};
pub use earliest::{First, earliest};
pub use extents::{Extent, Extents};
pub use file::{Base, FileError};
pub use frontier::{Frontier, Goal, Limits};
pub use gains::Hop;
pub use laid_over::{Beginning, Reach, Supply};
pub use lanes::{Lanes, Narrow, Wide};
pub use layer::{Layer, Step};
pub use log::{End, Flow, Log, Seed, Standing, Ties};
pub use meeting::Meeting;
pub use moment::Moment;
pub use overlay::Overlay;
pub use policy::{Change, Policy};
pub use position::Position;
pub use running::{Running, Wrong};
pub use sweep::{Carrier, Sweep, Watch};
pub use untimed::Untimed;

#[cfg(target_endian = "big")]
compile_error!("the snapshot file of the columns is little-endian and read as it lies");

/// The label of rows that are no act.
pub const NO_LABEL: u32 = 0;
