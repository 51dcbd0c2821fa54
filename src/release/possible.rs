//! What would be wrong if everything had carried that only may have: lineage of whole datasets, and runs that did not
//! end well. Rules judge what surely happened; a reader should know what they left aside.

use std::collections::BTreeSet;

use crate::model::finding::{Culprit, Finding};

/// Of the findings of facts with every possible act sure those that the facts do not have: of another act or fact, for another reason,
/// or about further fields.
pub fn beyond(wide: Vec<Finding>, sure: &[Finding]) -> Vec<Finding> {
    let known: BTreeSet<(&Culprit, &String)> = sure
        .iter()
        .flat_map(|finding| finding.fingerprints.iter().map(|print| (&finding.culprit, print)))
        .collect();
    wide.into_iter()
        .filter(|finding| {
            let mut prints = finding.fingerprints.iter();
            prints.any(|print| !known.contains(&(&finding.culprit, print)))
        })
        .collect()
}
