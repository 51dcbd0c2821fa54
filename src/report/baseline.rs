//! A baseline: findings of an earlier check that are put up with for now. Findings are compared by fingerprint, which
//! leaves out act ids and instants, so that an old finding stays old when its act is renamed or dated anew.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::model::finding::Finding;
use crate::model::findings::Findings;

/// The fingerprints of an earlier check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeSet<String>);

/// Why something is no baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// Something else altogether.
    #[error("it has no list `findings`")]
    NoFindings,
    /// An expected-findings file, written by hand.
    #[error("its finding {number} has no `fingerprints`, as if it were a file of expected findings")]
    NoFingerprints {
        /// Counts from 1.
        number: usize,
    },
}

/// The findings of a check beside a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// For each finding, in order: whether all its fingerprints are in the baseline.
    pub known: Vec<bool>,
    /// Fingerprints of the baseline that no finding has any longer.
    pub gone: usize,
}

impl Baseline {
    /// Reads what `check --format json` printed.
    pub fn read(value: &Value) -> Result<Self, BaselineError> {
        let findings = value
            .get("findings")
            .and_then(Value::as_array)
            .ok_or(BaselineError::NoFindings)?;
        let mut all = BTreeSet::new();
        for (number, finding) in (1..).zip(findings) {
            let is_supposed = finding.get("supposes").is_some();
            let texts: Option<Vec<String>> = finding
                .get("fingerprints")
                .and_then(Value::as_array)
                .filter(|list| !list.is_empty())
                .and_then(|list| {
                    list.iter()
                        .map(|text| Some(name(text.as_str()?, is_supposed)))
                        .collect()
                });
            all.extend(texts.ok_or(BaselineError::NoFingerprints { number })?);
        }
        Ok(Self(all))
    }

    /// The fingerprints of findings at hand.
    pub fn of(findings: &[impl Borrow<Finding>]) -> Self {
        Self(
            findings
                .iter()
                .flat_map(|finding| names(finding.borrow()))
                .collect(),
        )
    }

    /// Whether it is put up with. Whoever puts up with what is so puts up with its being possible; not the other way.
    fn has(&self, print: &String, finding: &Finding) -> bool {
        self.0.contains(print) || (!finding.supposes.is_empty() && self.0.contains(&name(print, true)))
    }

    /// Compares. A finding that has grown by a field is new: the field was never put up with.
    pub fn compare(&self, findings: &[impl Borrow<Finding>]) -> Comparison {
        let findings = || findings.iter().map(Borrow::borrow);
        let known = findings()
            .map(|finding: &Finding| finding.fingerprints.iter().all(|print| self.has(print, finding)))
            .collect();
        // What was certain and is possible now is not gone.
        let certain = findings().flat_map(|finding| finding.fingerprints.iter().cloned());
        let present: BTreeSet<String> = findings().flat_map(names).chain(certain).collect();
        let gone = self.0.iter().filter(|name| !present.contains(*name)).count();
        Comparison { known, gone }
    }
}

impl Comparison {
    /// How many findings the baseline does not have.
    pub fn new_count(&self) -> usize {
        self.known.len() - self.known_count()
    }

    /// How many it has.
    pub fn known_count(&self) -> usize {
        self.known.iter().filter(|known| **known).count()
    }
}

/// What is put up with: a fingerprint, marked if it is only possible.
fn name(fingerprint: &str, is_supposed: bool) -> String {
    let mark = if is_supposed { "possible " } else { "" };
    format!("{mark}{fingerprint}")
}

fn names(finding: &Finding) -> impl Iterator<Item = String> {
    let is_supposed = !finding.supposes.is_empty();
    (finding.fingerprints.iter()).map(move |print| name(print, is_supposed))
}

/// What two states of the facts have not in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// Findings after that were not there before, in their order.
    pub new: Vec<Arc<Finding>>,
    /// Findings before of which nothing is left, in their order.
    pub mended: Vec<Arc<Finding>>,
}

/// Compares the findings of two states as [`Baseline::compare`] and [`mended`] do. Cost: that of what they do not share, and of
/// finding others of its fingerprints.
pub fn between(before: &Findings, after: &Findings) -> Between {
    let apart = |these: &Findings, others| these.without(others).cloned().collect::<Vec<_>>();
    let (gone, fresh) = (apart(before, after), apart(after, before));
    let baseline = Baseline::of(&alike(before, &fresh));
    let known = baseline.compare(&fresh).known;
    Between {
        mended: mended(&gone, &alike(after, &gone))
            .into_iter()
            .map(Arc::new)
            .collect(),
        new: fresh
            .into_iter()
            .zip(known)
            .filter_map(|(found, known)| (!known).then_some(found))
            .collect(),
    }
}

/// Those that have a fingerprint of one of the others; of each fingerprint no more behind the first that is certain, which
/// tells as much as all.
fn alike(these: &Findings, others: &[Arc<Finding>]) -> Vec<Arc<Finding>> {
    let prints = others.iter().flat_map(|found| &found.fingerprints);
    let prints: FxHashSet<&str> = prints.map(String::as_str).collect();
    let mut open = prints.clone();
    let mut alike = Vec::new();
    for found in these.of_prints(&prints) {
        if found.fingerprints.iter().any(|print| open.contains(&**print)) {
            alike.push(Arc::clone(found));
        }
        if found.supposes.is_empty() {
            open.retain(|print| !found.fingerprints.iter().any(|own| own == print));
        }
        if open.is_empty() {
            break;
        }
    }
    alike
}

/// The findings before of which nothing is left.
pub fn mended<F: Borrow<Finding>>(before: &[F], after: &[F]) -> Vec<Finding> {
    let left: BTreeSet<&String> = after
        .iter()
        .map(Borrow::borrow)
        .flat_map(|finding: &Finding| &finding.fingerprints)
        .collect();
    let is_mended = |finding: &&Finding| finding.fingerprints.iter().all(|print| !left.contains(print));
    before
        .iter()
        .map(Borrow::borrow)
        .filter(is_mended)
        .cloned()
        .collect()
}
