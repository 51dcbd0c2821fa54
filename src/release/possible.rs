//! What would be wrong if everything had carried that only may have: lineage of whole datasets, and runs that did not
//! end well. Rules judge what surely happened; a reader should know what they left aside.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use clap::ValueEnum;

use crate::db::{DbError, Snapshot};
use crate::model::finding::{Certainty, Culprit, Finding};
use crate::model::findings::Findings;
use crate::model::id::{FactId, SubjectId};
use crate::model::time::Instant;

/// What a check does with findings that rest on acts which only may have carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Tell {
    /// Notes how many there are, and the first of them.
    #[default]
    Note,
    /// Lists them among the others; they fail nothing.
    List,
    /// Lists them, and lets them fail like the others.
    Fail,
}

impl Tell {
    /// The words as written.
    pub const WORDS: &[&str] = &["note", "list", "fail"];

    /// Reads a word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "note" => Some(Self::Note),
            "list" => Some(Self::List),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

/// All findings of the rules on record, and beside them what would be found had all possible acts carried; in the order of
/// findings. They are kept with the state. Cost: the first time, if there are such acts, everything is judged once more.
pub fn all(snapshot: &Snapshot, as_of: Option<Instant>) -> Result<Arc<Findings>, DbError> {
    snapshot.findings_and_more(as_of, |sure| {
        let (wide, possible) = snapshot.with_possible_sure()?;
        if possible.is_empty() {
            return Ok(Vec::new());
        }
        let wide = wide.findings(as_of)?;
        Ok(beyond(
            wide.iter().map(Arc::as_ref),
            sure.iter().map(Arc::as_ref),
            &possible,
        ))
    })
}

/// Of the findings of facts with every possible act sure those that the facts do not have: of another act or fact, for
/// another reason, about further fields or further people. Each says that it is possible, and on which of the acts it rests.
pub fn beyond<'f>(
    wide: impl Iterator<Item = &'f Finding>,
    sure: impl Iterator<Item = &'f Finding>,
    possible: &[FactId],
) -> Vec<Finding> {
    let known: BTreeSet<_> = sure.flat_map(parts).collect();
    let mut found: Vec<Finding> = wide
        .filter(|finding| parts(finding).any(|part| !known.contains(&part)))
        .cloned()
        .collect();
    let possible: BTreeSet<&FactId> = possible.iter().collect();
    for finding in &mut found {
        mark(finding, &possible);
    }
    found
}

/// What a finding is about, each field and person apart.
fn parts(finding: &Finding) -> impl Iterator<Item = (&Culprit, &String, Option<&SubjectId>)> {
    let people = finding.subjects.iter().map(Some);
    let people: Vec<Option<&SubjectId>> = people
        .chain(finding.subjects.is_empty().then_some(None))
        .collect();
    finding.fingerprints.iter().flat_map(move |print| {
        let people = people.clone();
        people
            .into_iter()
            .map(move |person| (&finding.culprit, print, person))
    })
}

/// Says on what a finding rests.
fn mark(finding: &mut Finding, possible: &BTreeSet<&FactId>) {
    const NAMED: usize = 5;
    let of_chain = finding.witness.iter().map(|step| &step.act);
    let culprit = match &finding.culprit {
        Culprit::Event(id) => Some(id),
        Culprit::Fact(_) => None,
    };
    let mut rests_on: Vec<FactId> = Vec::new();
    for act in of_chain.chain(culprit) {
        if possible.contains(act) && !rests_on.contains(act) {
            rests_on.push(act.clone());
        }
    }
    if rests_on.is_empty() {
        rests_on = possible.iter().map(|act| (*act).clone()).collect();
    }
    finding.certainty = Some(Certainty::Possible);
    let named: Vec<&str> = rests_on.iter().take(NAMED).map(FactId::as_str).collect();
    let more = match rests_on.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let _ = write!(
        finding.sentence,
        " Possible, not certain: it is so if data went with {}{more}.",
        named.join(", ")
    );
    finding.supposes = rests_on;
}
