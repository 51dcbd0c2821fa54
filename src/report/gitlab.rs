//! Code quality of GitLab, a list of issues. GitLab tells issues apart by fingerprint and drops doubles, so two
//! findings of one fingerprint, such as a share that happened twice, are numbered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::checked::Checked;
use super::plain;
use crate::model::word::Severity;

/// All findings, also known ones: GitLab compares with the target branch itself. Suppressed ones say so and are
/// information only.
pub fn issues(checked: &Checked<'_>) -> Value {
    let mut seen: BTreeMap<&[String], u64> = BTreeMap::new();
    let mut issues = Vec::with_capacity(checked.findings.len());
    for (_, finding, standing) in checked.numbered() {
        let number = seen.entry(&finding.fingerprints).or_default();
        *number += 1;
        let is_suppressed = !standing.suppressed.is_empty();
        let severity = match finding.severity {
            _ if is_suppressed || standing.is_supposed => "info",
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        };
        let beside: Vec<String> = plain::beside(finding)
            .iter()
            .map(|line| format!(" ({line})"))
            .collect();
        let word = if is_suppressed { "suppressed " } else { "" };
        // GitLab refuses an issue without a place; the first line of nothing in particular is better than a refusal.
        let (path, line) = checked
            .place(finding)
            .map_or(("-", 1), |place| (plain::path(place), place.line));
        issues.push(json!({
            "description": format!("{word}{}: {}{}", finding.clause, finding.sentence, beside.concat()),
            "check_name": finding.rule.as_str(),
            "fingerprint": fingerprint(&finding.fingerprints, *number),
            "severity": severity,
            "location": {"path": path, "lines": {"begin": line}},
        }));
    }
    issues.into()
}

/// One name for all fingerprints of a finding.
fn fingerprint(prints: &[String], number: u64) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("wherefore code quality fingerprint 1");
    for print in prints {
        hasher.update(print.as_bytes());
    }
    hasher.update(&number.to_le_bytes());
    let mut text = hasher.finalize().to_hex().to_string();
    text.truncate(32);
    text
}
