//! What is found in every placement, and what in some.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::plan::Plan;
use super::{Uncertain, told};
use crate::graph::Cohorts;
use crate::model::finding::{Certainty, Culprit, Finding, Whom};
use crate::model::id::{FactId, FieldId, ProcessorId, SubjectId};
use crate::model::time::{Instant, Zone};

/// What makes findings of two placements the same, but for whose data and which.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Same {
    rule: FactId,
    reason: String,
    culprit: Culprit,
    because: Vec<String>,
    processor: ProcessorId,
    whom: Whom,
    /// Counts findings of one placement that agree in all this and in a pair.
    nth: usize,
}

type Pair = (Option<SubjectId>, Option<FieldId>);

/// In how many placements a pair was found, and in which first.
struct Seen {
    count: usize,
    /// A place in `kept`.
    first: usize,
}

/// The findings of the placements that were tried so far, one after the other.
pub struct Tally<'c> {
    /// Findings name cohorts; here every person counts.
    cohorts: &'c Cohorts,
    placements: usize,
    seen: FxHashMap<Arc<Same>, FxHashMap<Pair, Seen>>,
    /// From when on it is wrong, at the earliest and at the latest.
    since: FxHashMap<Arc<Same>, (Instant, Instant)>,
    /// Findings with a pair that no placement before had: the placement, what they are, the finding.
    kept: Vec<(usize, Arc<Same>, Finding)>,
}

impl<'c> Tally<'c> {
    /// Nothing tried yet.
    pub fn new(cohorts: &'c Cohorts) -> Self {
        Self {
            cohorts,
            placements: 0,
            seen: FxHashMap::default(),
            since: FxHashMap::default(),
            kept: Vec::new(),
        }
    }

    /// Adds what was found under the next placement.
    pub fn add(&mut self, findings: Vec<Finding>) {
        let placement = self.placements;
        self.placements += 1;
        let mut counted: FxHashSet<(Arc<Same>, Pair)> = FxHashSet::default();
        for finding in findings {
            let pairs = pairs(&finding, self.cohorts);
            let mut same = self.same(&finding, 0);
            while pairs
                .iter()
                .any(|pair| counted.contains(&(Arc::clone(&same), pair.clone())))
            {
                same = self.same(&finding, same.nth + 1);
            }
            let since = self
                .since
                .entry(Arc::clone(&same))
                .or_insert((finding.at, finding.at));
            *since = (since.0.min(finding.at), since.1.max(finding.at));
            let mut is_new = false;
            let first = self.kept.len();
            let seen = self.seen.entry(Arc::clone(&same)).or_default();
            for pair in pairs {
                let seen = seen.entry(pair.clone()).or_insert(Seen { count: 0, first });
                seen.count += 1;
                is_new |= seen.count == 1;
                counted.insert((Arc::clone(&same), pair));
            }
            if is_new {
                self.kept.push((placement, same, finding));
            }
        }
    }

    fn same(&self, finding: &Finding, nth: usize) -> Arc<Same> {
        let same = Same {
            rule: finding.rule.clone(),
            reason: finding.reason.clone(),
            culprit: finding.culprit.clone(),
            because: finding.because.clone(),
            processor: finding.processor.clone(),
            whom: finding.whom,
            nth,
        };
        self.seen
            .get_key_value(&same)
            .map_or_else(|| Arc::new(same), |(known, _)| Arc::clone(known))
    }

    /// All of them, each with its certainty; those that are possible only with the placement that they were first found
    /// in. Where not every combination that differs was tried, nothing is definite about the persons concerned.
    pub fn into_findings(self, plan: &Plan, zone: &Zone) -> Vec<Finding> {
        let Self {
            cohorts,
            placements,
            seen,
            since,
            kept,
        } = self;
        let mixed = mixed(&seen, plan);
        let is_sure = |same: &Arc<Same>, pair: &Pair| {
            let in_all = seen[same][pair].count == placements;
            let is_decided = match &pair.0 {
                Some(subject) => plan.is_decided(subject),
                None => plan.is_complete() || matches!(same.culprit, Culprit::Fact(_)),
            };
            in_all && is_decided && !mixed.contains(same)
        };
        let mut findings = Vec::new();
        for (number, (placement, same, finding)) in kept.into_iter().enumerate() {
            let of_it = |pair: &Pair| seen[&same][pair].first == number;
            let (sure, other): (Vec<Pair>, Vec<Pair>) = pairs(&finding, cohorts)
                .into_iter()
                .filter(of_it)
                .partition(|pair| is_sure(&same, pair));
            let sure = blocks(sure).into_iter().map(|block| (block, Certainty::Definite));
            let other = blocks(other)
                .into_iter()
                .map(|block| (block, Certainty::Possible));
            for (pairs, certainty) in sure.chain(other) {
                let mut part = finding.clone();
                narrow(&mut part, &pairs, cohorts);
                if certainty == Certainty::Possible {
                    let subjects = cohorts.unfold(&part.subjects);
                    part.placement = plan.told(placement, |act| concerns(act, &subjects));
                }
                tell(&mut part, certainty, since[&same], zone);
                findings.push(part);
            }
        }
        findings
    }
}

/// Findings about persons of several groups and about several fields: groups are tried side by side and not each with each,
/// and a finding does not say which field is whose.
fn mixed(seen: &FxHashMap<Arc<Same>, FxHashMap<Pair, Seen>>, plan: &Plan) -> FxHashSet<Arc<Same>> {
    let is_mixed = |pairs: &FxHashMap<Pair, Seen>| {
        let fields: FxHashSet<&Option<FieldId>> = pairs.keys().map(|(_, field)| field).collect();
        let persons: FxHashSet<&SubjectId> = pairs.keys().filter_map(|(person, _)| person.as_ref()).collect();
        let groups = persons.into_iter().filter_map(|person| plan.group_of(person));
        fields.len() > 1 && groups.collect::<FxHashSet<usize>>().len() > 1
    };
    let mixed = seen.iter().filter(|(_, pairs)| is_mixed(pairs));
    mixed.map(|(same, _)| Arc::clone(same)).collect()
}

/// The pairs in as few lots as name every person with every field.
fn blocks(pairs: Vec<Pair>) -> Vec<Vec<Pair>> {
    let mut fields_of: BTreeMap<Option<SubjectId>, Vec<Option<FieldId>>> = BTreeMap::new();
    for (subject, field) in pairs {
        fields_of.entry(subject).or_default().push(field);
    }
    let mut blocks: BTreeMap<Vec<Option<FieldId>>, Vec<Pair>> = BTreeMap::new();
    for (subject, mut fields) in fields_of {
        fields.sort_unstable();
        let block = blocks.entry(fields.clone()).or_default();
        block.extend(fields.into_iter().map(|field| (subject.clone(), field)));
    }
    blocks.into_values().collect()
}

fn concerns(act: &Uncertain, subjects: &[SubjectId]) -> bool {
    act.subjects.is_empty() || subjects.is_empty() || act.subjects.iter().any(|id| subjects.contains(id))
}

fn pairs(finding: &Finding, cohorts: &Cohorts) -> Vec<Pair> {
    let subjects: Vec<Option<SubjectId>> = some_or_none(&cohorts.unfold(&finding.subjects));
    let fields: Vec<Option<FieldId>> = some_or_none(&finding.fields);
    subjects
        .iter()
        .flat_map(|subject| fields.iter().map(|field| (subject.clone(), field.clone())))
        .collect()
}

fn some_or_none<T: Clone>(list: &[T]) -> Vec<Option<T>> {
    if list.is_empty() {
        vec![None]
    } else {
        list.iter().cloned().map(Some).collect()
    }
}

/// Leaves of the finding what these pairs are about, and says so where that is less.
fn narrow(finding: &mut Finding, pairs: &[Pair], cohorts: &Cohorts) {
    let has_subject = |id: &SubjectId| pairs.iter().any(|(subject, _)| subject.as_ref() == Some(id));
    let has_field = |id: &FieldId| pairs.iter().any(|(_, field)| field.as_ref() == Some(id));
    let whose = cohorts.unfold(&finding.subjects);
    let mut subjects: Vec<SubjectId> = whose.iter().filter(|id| has_subject(id)).cloned().collect();
    let fields: Vec<bool> = finding.fields.iter().map(has_field).collect();
    if subjects.len() == whose.len() && fields.iter().all(|kept| *kept) {
        return;
    }
    subjects.sort_unstable();
    finding.subjects = cohorts.fold(subjects);
    let keep = |place: usize| fields.get(place) == Some(&true);
    if finding.fingerprints.len() == fields.len() {
        finding.fingerprints = chosen(&finding.fingerprints, keep);
    }
    finding.fields = chosen(&finding.fields, keep);
    let (what, whose) = (names(&finding.fields), names(&finding.subjects));
    let part = if what.is_empty() {
        whose
    } else {
        format!("{what} of {whose}")
    };
    let _ = write!(finding.sentence, " Here only {part}.");
}

fn chosen<T: Clone>(list: &[T], keep: impl Fn(usize) -> bool) -> Vec<T> {
    let kept = list.iter().enumerate().filter(|(place, _)| keep(*place));
    kept.map(|(_, one)| one.clone()).collect()
}

fn names<T: ToString>(list: &[T]) -> String {
    list.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn tell(finding: &mut Finding, certainty: Certainty, since: (Instant, Instant), zone: &Zone) {
    finding.certainty = Some(certainty);
    if finding.between.is_none() && since.0 < since.1 && finding.during.is_empty() {
        finding.between = Some(since);
    }
    if let Some((earliest, _)) = finding.between {
        finding.at = earliest;
    }
    if certainty == Certainty::Possible {
        let acts = told(&finding.placement, zone);
        let _ = write!(finding.sentence, " Possible, not certain: it is so with {acts}.");
    }
}
