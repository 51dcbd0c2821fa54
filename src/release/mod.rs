//! What the check that stops a release adds to judging: findings put up with, demands that the check itself makes,
//! comparison of two states of the facts.
//!
//! Everything here works on findings and facts that are at hand: it opens no file and reads no clock. Start reading at
//! [`suppressed`].

pub mod beside;
pub mod change;
mod complete;
mod demand;
pub mod design;
mod drift;
pub mod horizon;
mod mentions;
pub mod possible;
pub mod project;
mod suppressed;

pub use complete::silent;
pub use demand::Demand;
pub use drift::drift;
pub use suppressed::{Suppressing, suppress, suppression};
