//! Wherefore: where personal data went, and what for.
pub mod model;
#[cfg(feature = "server")]
pub mod server;
