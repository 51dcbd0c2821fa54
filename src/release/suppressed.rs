//! Findings put up with: which suppressions cover which findings today.
//!
//! A suppression by fingerprint covers one field of one kind of flow. A finding about several fields is covered when
//! suppressions cover each of them: a flow that grows by a field has not been put up with.

use std::collections::{BTreeMap, BTreeSet};

use super::demand::{Demand, Unmet};
use crate::facts::{self, Reading};
use crate::import;
use crate::model::fact::{Stated, Suppressed, Suppression};
use crate::model::finding::{Culprit, Finding};
use crate::model::place::{Place, Problem};
use crate::model::time::{Instant, Zone};
use crate::model::word::Section;
use crate::rules;

/// Findings and what covers them.
#[derive(Debug)]
pub struct Suppressing<'f> {
    /// The findings, and one for each suppression that has outlived its day; in the order of findings.
    pub findings: Vec<Finding>,
    /// For each of them the suppressions in force that cover it, in the order of the record.
    pub covering: Vec<Vec<&'f Suppression>>,
    /// Suppressions that match no finding.
    pub unused: Vec<(&'f Suppression, &'f Place)>,
}

/// Holds findings against the suppressions on record. Cost: linear, but for suppressions by rule, which are each held
/// against the findings about their act or fact.
pub fn suppress<'f>(
    findings: Vec<Finding>,
    suppressions: &[(&'f Suppression, &'f Place)],
    today: Instant,
    zone: &Zone,
) -> Suppressing<'f> {
    let mut by_print: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_culprit: BTreeMap<&Culprit, Vec<usize>> = BTreeMap::new();
    for (i, (suppression, _)) in suppressions.iter().enumerate() {
        match &suppression.target {
            Suppressed::Fingerprint(print) => by_print.entry(print).or_default().push(i),
            Suppressed::About { culprit, .. } => by_culprit.entry(culprit).or_default().push(i),
        }
    }
    // For each suppression, the first finding that it matches.
    let mut matched: BTreeMap<usize, &Finding> = BTreeMap::new();
    for finding in &findings {
        let prints: BTreeSet<&str> = finding.fingerprints.iter().map(String::as_str).collect();
        for print in prints {
            for i in by_print.get(print).into_iter().flatten() {
                matched.entry(*i).or_insert(finding);
            }
        }
        for i in by_culprit.get(&finding.culprit).into_iter().flatten() {
            if is_about(&suppressions[*i].0.target, finding) {
                matched.entry(*i).or_insert(finding);
            }
        }
    }
    let mut unused = Vec::new();
    let mut outlasted = Vec::new();
    for (i, (suppression, place)) in suppressions.iter().enumerate() {
        match matched.get(&i) {
            None => unused.push((*suppression, *place)),
            Some(finding) if suppression.until <= today => {
                outlasted.push(outlived(suppression, place, finding, zone));
            }
            Some(_) => {}
        }
    }
    let mut out = Suppressing {
        findings,
        covering: Vec::new(),
        unused,
    };
    out.findings.extend(outlasted);
    rules::sort(&mut out.findings);
    let in_force = |i: &usize| suppressions[*i].0.until > today;
    out.covering = out
        .findings
        .iter()
        .map(|finding| {
            let whole = by_culprit.get(&finding.culprit).into_iter().flatten();
            let mut covering: BTreeSet<usize> = whole
                .copied()
                .filter(|i| in_force(i) && is_about(&suppressions[*i].0.target, finding))
                .collect();
            let by_field: Vec<Vec<usize>> = finding
                .fingerprints
                .iter()
                .map(|print| {
                    let all = by_print.get(print.as_str()).into_iter().flatten();
                    all.copied().filter(in_force).collect()
                })
                .collect();
            if by_field.iter().all(|list| !list.is_empty()) {
                covering.extend(by_field.into_iter().flatten());
            }
            covering.into_iter().map(|i| suppressions[i].0).collect()
        })
        .collect();
    out
}

/// A suppression by fingerprint as a fact to be committed. Without an id it gets one made from the rest, so that the same
/// decision again is the same fact.
pub fn suppression(
    id: Option<String>,
    fingerprint: &str,
    until: Instant,
    by: &str,
    why: &str,
    zone: &Zone,
) -> Result<Stated, Vec<Problem>> {
    let until = zone.print(until);
    let id = id.unwrap_or_else(|| {
        let made = rules::fingerprints(&[fingerprint, &until, by, why], &[]);
        format!("suppression-{}", &made[0][..16])
    });
    let text =
        serde_json::json!({"id": id, "fingerprint": fingerprint, "until": until, "by": by, "why": why});
    let text = text.to_string();
    let mut reading = Reading::new("suppress");
    let node = import::json_line(&text, &mut reading);
    let stated = node.and_then(|node| facts::item(Section::Suppressions, &node, &[], &mut reading));
    match stated {
        Some(stated) if reading.problems.is_empty() => Ok(stated),
        _ => Err(reading.problems),
    }
}

fn is_about(target: &Suppressed, finding: &Finding) -> bool {
    match target {
        Suppressed::Fingerprint(_) => false,
        Suppressed::About {
            rule,
            culprit,
            reason,
            processor,
        } => {
            *rule == finding.rule.as_str()
                && *culprit == finding.culprit
                && reason.as_ref().is_none_or(|reason| *reason == finding.reason)
                && processor.as_ref().is_none_or(|id| finding.is_of(id))
        }
    }
}

/// A suppression past its day whose findings are still there.
fn outlived(suppression: &Suppression, place: &Place, covered: &Finding, zone: &Zone) -> Finding {
    let lasting = match &suppression.target {
        Suppressed::Fingerprint(print) => vec![print.clone()],
        // The finding tells what it is about in a way that survives a renamed act.
        Suppressed::About { .. } => covered.fingerprints.clone(),
    };
    Unmet {
        demand: Demand::Suppressions,
        reason: "suppression-expired",
        at: suppression.until,
        culprit: Culprit::Fact(suppression.id.to_string()),
        processor: covered.processor.clone(),
        owner: covered.owner.clone(),
        subjects: Vec::new(),
        fields: Vec::new(),
        because: vec![suppression.id.to_string()],
        witness: Vec::new(),
        sentence: format!(
            "{} put up with a finding of {} until {} and it is still there: {}",
            suppression.by,
            covered.rule,
            zone.print(suppression.until),
            suppression.why
        ),
        lasting,
        place: Some(place.clone()),
    }
    .finding()
}
