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
}

type Pair = (Option<SubjectId>, Option<FieldId>);

/// A pair, and how often it was found before in the same placement: a rule with two limits may find one thing twice.
type Nth = (Pair, usize);

/// In how many placements a pair was found so many times, and in which first.
struct Seen {
    count: usize,
    /// A place in `kept`.
    first: usize,
    /// From when on it is wrong, at the earliest and at the latest.
    since: (Instant, Instant),
}

/// A finding of one placement, and its pairs.
struct Kept {
    placement: usize,
    same: Arc<Same>,
    pairs: Vec<Nth>,
    finding: Finding,
}

/// The findings of the placements that were tried so far, one after the other.
pub struct Tally<'c> {
    /// Findings name cohorts; here every person counts.
    cohorts: &'c Cohorts,
    placements: usize,
    seen: FxHashMap<Arc<Same>, FxHashMap<Nth, Seen>>,
    /// Findings with a pair that no placement before had, or not so often.
    kept: Vec<Kept>,
}

impl<'c> Tally<'c> {
    /// Nothing tried yet.
    pub fn new(cohorts: &'c Cohorts) -> Self {
        Self {
            cohorts,
            placements: 0,
            seen: FxHashMap::default(),
            kept: Vec::new(),
        }
    }

    /// Adds what was found under the next placement.
    pub fn add(&mut self, findings: Vec<Finding>) {
        let placement = self.placements;
        self.placements += 1;
        let mut counted: FxHashMap<(Arc<Same>, Pair), usize> = FxHashMap::default();
        for finding in findings {
            let same = self.same(&finding);
            let mut all: Vec<Nth> = Vec::new();
            for pair in pairs(&finding, self.cohorts) {
                let count = counted.entry((Arc::clone(&same), pair.clone())).or_insert(0);
                all.push((pair, *count));
                *count += 1;
            }
            let mut is_new = false;
            let first = self.kept.len();
            let seen = self.seen.entry(Arc::clone(&same)).or_default();
            for nth in &all {
                let seen = seen.entry(nth.clone()).or_insert(Seen {
                    count: 0,
                    first,
                    since: (finding.at, finding.at),
                });
                seen.count += 1;
                seen.since = (seen.since.0.min(finding.at), seen.since.1.max(finding.at));
                is_new |= seen.count == 1;
            }
            if is_new {
                self.kept.push(Kept {
                    placement,
                    same,
                    pairs: all,
                    finding,
                });
            }
        }
    }

    fn same(&self, finding: &Finding) -> Arc<Same> {
        let same = Same {
            rule: finding.rule.clone(),
            reason: finding.reason.clone(),
            culprit: finding.culprit.clone(),
            because: finding.because.clone(),
            processor: finding.processor.clone(),
            whom: finding.whom,
        };
        self.seen
            .get_key_value(&same)
            .map_or_else(|| Arc::new(same), |(known, _)| Arc::clone(known))
    }

    /// All of them, each with its certainty; those that are possible only with the placement that they were first found
    /// in. Where not every combination that differs was tried, nothing is definite about the persons concerned. What is
    /// definite and possibly found once more is not told again.
    pub fn into_findings(self, plan: &Plan, zone: &Zone) -> Vec<Finding> {
        let Self {
            cohorts,
            placements,
            seen,
            kept,
        } = self;
        let mixed = mixed(&seen, plan);
        let is_sure = |same: &Arc<Same>, nth: &Nth| {
            let in_all = seen[same][nth].count == placements;
            let is_decided = match &nth.0.0 {
                Some(subject) => plan.is_decided(subject),
                None => plan.is_complete() || matches!(same.culprit, Culprit::Fact(_)),
            };
            let is_decided =
                is_decided || matches!(&same.culprit, Culprit::Event(act) if plan.is_untouched(act));
            in_all && is_decided && !mixed.contains(same)
        };
        let mut findings = Vec::new();
        for (number, kept) in kept.into_iter().enumerate() {
            let (same, finding) = (kept.same, kept.finding);
            let of_it = |nth: &Nth| seen[&same][nth].first == number;
            let (sure, mut other): (Vec<Nth>, Vec<Nth>) = kept
                .pairs
                .into_iter()
                .filter(of_it)
                .partition(|nth| is_sure(&same, nth));
            other.retain(|(pair, _)| !is_sure(&same, &(pair.clone(), 0)));
            let sure = blocks(sure).into_iter().map(|block| (block, Certainty::Definite));
            let other = blocks(other)
                .into_iter()
                .map(|block| (block, Certainty::Possible));
            for (block, certainty) in sure.chain(other) {
                let mut part = finding.clone();
                let all = block.iter().map(|nth| seen[&same][nth].since);
                let since = all.fold((finding.at, finding.at), |a, b| (a.0.min(b.0), a.1.max(b.1)));
                let pairs: Vec<Pair> = block.into_iter().map(|(pair, _)| pair).collect();
                narrow(&mut part, &pairs, cohorts);
                if certainty == Certainty::Possible {
                    let subjects = cohorts.unfold(&part.subjects);
                    part.placement = plan.told(kept.placement, |act| concerns(act, &subjects));
                }
                tell(&mut part, certainty, since, zone);
                findings.push(part);
            }
        }
        findings
    }
}

/// Findings about persons of several groups and about several fields: groups are tried side by side and not each with each,
/// and a finding does not say which field is whose.
fn mixed(seen: &FxHashMap<Arc<Same>, FxHashMap<Nth, Seen>>, plan: &Plan) -> FxHashSet<Arc<Same>> {
    let is_mixed = |pairs: &FxHashMap<Nth, Seen>| {
        let pairs = || pairs.keys().map(|(pair, _)| pair);
        let fields: FxHashSet<&Option<FieldId>> = pairs().map(|(_, field)| field).collect();
        let persons: FxHashSet<&SubjectId> = pairs().filter_map(|(person, _)| person.as_ref()).collect();
        let groups = persons.into_iter().filter_map(|person| plan.group_of(person));
        fields.len() > 1 && groups.collect::<FxHashSet<usize>>().len() > 1
    };
    let mixed = seen.iter().filter(|(_, pairs)| is_mixed(pairs));
    mixed.map(|(same, _)| Arc::clone(same)).collect()
}

/// The pairs in as few lots as name every person with every field.
fn blocks(pairs: Vec<Nth>) -> Vec<Vec<Nth>> {
    let mut fields_of: BTreeMap<Option<SubjectId>, Vec<(Option<FieldId>, usize)>> = BTreeMap::new();
    for ((subject, field), nth) in pairs {
        fields_of.entry(subject).or_default().push((field, nth));
    }
    let mut blocks: BTreeMap<Vec<Option<FieldId>>, Vec<Nth>> = BTreeMap::new();
    for (subject, mut fields) in fields_of {
        fields.sort_unstable();
        let names = fields.iter().map(|(field, _)| field.clone()).collect();
        let block = blocks.entry(names).or_default();
        block.extend(
            fields
                .into_iter()
                .map(|(field, nth)| ((subject.clone(), field), nth)),
        );
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
