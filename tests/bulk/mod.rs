//! Bulk import: piece by piece gives what the ordinary way gives, refuses what it refuses, and survives being killed.

mod pieces;
mod program;
mod tables;
