//! What answers and findings are printed on, without what tells one state of a record from another.

use wherefore::db::Snapshot;
use wherefore::report::json::Ground;

/// The ground of a snapshot whose sequence and chain are of no interest.
pub fn ground(snapshot: &Snapshot) -> Ground<'_> {
    Ground {
        sequence: None,
        head: None,
        as_of: snapshot.as_of(),
        known_at: None,
        zone: snapshot.zone(),
    }
}
