//! The store: what is committed is there, whole, and the same, or the store says so.

pub mod facts;
pub mod reading;

pub mod codec;
mod conformance;
mod crash;
mod flips;
mod formats;
mod keys;
mod ledger;
mod recovery;
mod tamper;
