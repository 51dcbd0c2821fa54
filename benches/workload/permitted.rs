//! What makes the acts of the workload conform.

use serde_json::json;

use super::workload::{PARTIES, PURPOSES};

/// One authorization that covers everything, and a policy that declares it: what is timed is judging, and little of the
/// making of findings.
pub fn permitted() -> String {
    let parties: Vec<String> = (0..PARTIES).map(|i| format!("party-{i}")).collect();
    let purposes: Vec<String> = (0..PURPOSES).map(|i| format!("purpose-{i}")).collect();
    let begin = "2000-01-01T00:00:00Z";
    let authorization = json!({"authorizations": {
        "id": "all", "basis": "legal-duty", "citation": "Act 1", "holder": parties, "recipients": parties,
        "acts": ["collect", "share", "use"], "categories": "data", "purposes": purposes, "from": begin,
    }});
    let policy = json!({"policies": {
        "id": "v1", "processor": "party-1", "effective": begin, "published": begin,
        "declares": [{"categories": "data", "purposes": purposes}],
    }});
    format!("{authorization}\n{policy}\n")
}
