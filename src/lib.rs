//! Wherefore: where personal data went, and what for.
#[cfg(feature = "server")]
pub mod api;
pub mod cli;
pub mod db;
pub mod facts;
pub mod graph;
pub mod import;
pub mod model;
pub mod policy;
pub mod question;
pub mod reach;
pub mod report;
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
pub mod store;
#[cfg(feature = "rocksdb")]
mod sys;
