//! OpenLineage: events in, facts out.

mod decided;
#[cfg(all(feature = "server", feature = "rocksdb"))]
mod door;
mod emitters;
mod exported;
pub mod fixtures;
mod foreign;
mod mapping;
mod meaning;
#[cfg(all(feature = "server", feature = "rocksdb"))]
mod mutants;
mod odd;
mod overlaps;
mod refused;
#[cfg(feature = "rocksdb")]
mod remapped;
#[cfg(feature = "rocksdb")]
mod told;
#[cfg(feature = "rocksdb")]
mod watch;
