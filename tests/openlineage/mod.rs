//! OpenLineage: events in, facts out.

mod fixtures;
mod refused;
