//! Wherefore: where personal data went, and what for.
#[cfg(feature = "server")]
pub mod api;
#[cfg(feature = "server")]
pub mod db;
pub mod model;
#[cfg(feature = "server")]
pub mod server;
