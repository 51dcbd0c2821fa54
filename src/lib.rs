//! Wherefore: where personal data went, and what for.
pub mod model;
