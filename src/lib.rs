//! Wherefore: where personal data went, and what for.
pub mod facts;
pub mod graph;
pub mod import;
pub mod model;
pub mod policy;
pub mod question;
pub mod reach;
pub mod rules;
