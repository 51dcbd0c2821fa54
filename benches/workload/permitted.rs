//! What makes the acts of the workload conform.

use serde_json::json;

use super::workload::{PARTIES, PURPOSES};

/// All packs inside the program, bound to one of the companies.
pub const PACKS: [&str; 5] = [
    "partner-rules:platform=party-1",
    "biometric-guidelines:self=party-1",
    "zhima-credit:self=party-1",
    "pipl:self=party-1",
    "gdpr:self=party-1",
];

/// One authorization that covers everything, a policy that declares it, and all else that the packs ask of `party-1`: an agreement
/// with each of the others, who was assessed, audited and vouches for what it gives; routes over the border; proof of what
/// was done. What is timed is judging, and not the making of findings.
pub fn permitted() -> String {
    let parties: Vec<String> = (0..PARTIES).map(|i| format!("party-{i}")).collect();
    let purposes: Vec<String> = (0..PURPOSES).map(|i| format!("purpose-{i}")).collect();
    let begin = "2000-01-01T00:00:00Z";
    let authorization = json!({"authorizations": {
        "id": "all", "basis": "legal-duty", "citation": "Act 1", "holder": parties, "recipients": parties,
        "acts": ["collect", "share", "use"], "categories": "data", "purposes": purposes, "from": begin,
    }});
    let policy = json!({"policies": {
        "id": "v1", "processor": "party-1", "effective": begin, "published": begin, "rights": RIGHTS,
        "declares": [{"categories": "data", "purposes": purposes}],
    }});
    let mut facts = vec![authorization, policy];
    facts.push(json!({"assessments": {
        "id": "impact", "kind": "impact", "processor": "party-1", "covers": ["share", "cross-border"],
        "purposes": purposes, "at": begin,
    }}));
    facts.push(json!({"mechanisms": {
        "id": "route", "kind": "standard-contract", "from_processor": "party-1", "to_country": "SG", "from": begin,
    }}));
    facts.extend(PROOF.iter().map(|kind| {
        json!({"evidence": {"id": kind, "processor": "party-1", "kind": kind, "from": "2024-06-01T00:00:00Z"}})
    }));
    for other in parties.iter().filter(|party| *party != "party-1") {
        let between = ["party-1", other];
        facts.extend([
            json!({"agreements": {"id": format!("{other}-partner"), "kind": "partner", "between": between, "from": begin}}),
            json!({"agreements": {"id": format!("{other}-secret"), "kind": "confidentiality", "between": between, "from": begin}}),
            json!({"assessments": {"id": format!("{other}-checked"), "kind": "recipient", "processor": "party-1", "recipient": other, "at": begin}}),
            json!({"audits": {"id": format!("{other}-audit"), "by": "party-1", "of": other, "notified": "2024-05-01T00:00:00Z", "at": "2024-06-01T00:00:00Z"}}),
            json!({"evidence": {"id": format!("{other}-warranty"), "processor": other, "kind": "source-warranty", "from": begin}}),
        ]);
    }
    let lines: Vec<String> = facts.iter().map(ToString::to_string).collect();
    lines.join("\n") + "\n"
}

/// What the packs want to see.
const PROOF: [&str; 14] = [
    "incident-plan",
    "insurance",
    "risk-group",
    "least-impact-assessment",
    "transparency-report",
    "industry-membership",
    "compliance-audit",
    "training",
    "independent-assessment",
    "security-certificate",
    "emergency-drill",
    "emergency-plan",
    "processing-record",
    "accountability-system",
];

/// The rights that the packs want people to be told of.
const RIGHTS: [&str; 12] = [
    "access", "copy", "correct", "complete", "delete", "withdraw", "close", "complain", "restrict",
    "explain", "port", "deceased",
];
