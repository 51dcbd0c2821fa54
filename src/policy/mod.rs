//! May this act happen? Coverage by authorizations. Pure: no disk, no clock, no async.

pub mod coverage;
