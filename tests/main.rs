//! The integration tests: one binary, a module per capability, because each binary links RocksDB.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, its helpers too"
)]

#[cfg(feature = "server")]
mod asked;
#[cfg(feature = "rocksdb")]
mod bulk;
mod carries;
mod checks;
mod clauses;
mod commands;
mod commits;
mod demo;
mod documents;
mod engine;
mod everyone;
mod fides;
mod flow;
mod formats;
#[cfg(feature = "server")]
mod graphql;
mod ground;
mod judge;
mod layers;
mod nesting;
mod openlineage;
mod oracle;
mod recorded;
mod relations;
mod release;
mod seed;
mod shared;
#[cfg(feature = "rocksdb")]
mod store;
mod uncertain;
