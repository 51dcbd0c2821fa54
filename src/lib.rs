//! Wherefore: where personal data went, and what for.
pub mod model;
pub mod store;
#[cfg(feature = "rocksdb")]
mod sys;
