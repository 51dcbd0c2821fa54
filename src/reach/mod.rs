//! Which copies descend from which: search over the copies of a replay, and a checker of witnesses that knows
//! nothing of the search. Pure: no disk, no clock, no async.

pub mod cut;
pub mod lineage;
pub mod search;
pub mod witness;
