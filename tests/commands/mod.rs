//! The program as people run it: its arguments, its output, its exit codes.
//!
//! Golden texts lie in `snapshots`; `INSTA_UPDATE=always cargo test --release commands::` writes them anew.

pub mod program;

mod ask;
mod check;
#[cfg(feature = "rocksdb")]
mod doors;
mod help;
mod import;
mod output;
mod packs;
#[cfg(all(feature = "server", feature = "rocksdb"))]
mod serve;
#[cfg(feature = "rocksdb")]
mod verify;
