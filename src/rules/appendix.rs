//! What a check tells beside its findings.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::case::Case;
use super::evidence;
use crate::graph::origin::origins;
use crate::graph::replay::Held;
use crate::graph::{ActNo, CopyNo, FieldNo, ProcessorNo};
use crate::model::appendix::{Answers, Appendix, Leaving, Recorded, Volunteered};
use crate::model::finding::{Culprit, Finding};
use crate::model::findings::Findings;
use crate::model::id::{FactId, FieldId, ProcessorId};
use crate::model::rule::{Check, Rule};
use crate::model::word::{ActKind, Role};

/// The appendix of the findings, each with its act if it is about one. Empty unless a rule comes from a pack.
/// Cost: one pass over the acts.
pub fn appendix<'a>(
    case: &Case<'_>,
    rules: &[&Rule],
    findings: impl Iterator<Item = (&'a Finding, Option<ActNo>)>,
) -> Appendix {
    if rules.iter().all(|rule| rule.about.pack.is_none()) {
        return Appendix::default();
    }
    Appendix {
        recorded: recorded(case, rules),
        answers: answers(case, findings),
        leaving: leaving(case),
        volunteered: volunteered(case),
    }
}

/// The same of findings that were made elsewhere. `None` where acts stand: their findings do not say of which moment they are.
pub fn beside(case: &Case<'_>, rules: &[&Rule], findings: &Findings) -> Option<Appendix> {
    if case.replay.has_standing() {
        return None;
    }
    let numbered = case.history.numbered();
    let numbers: FxHashMap<&FactId, ActNo> = numbered.map(|(number, act)| (&act.id, number)).collect();
    let act = |finding: &Finding| match &finding.culprit {
        Culprit::Event(id) => numbers.get(id).copied(),
        Culprit::Fact(_) => None,
    };
    let with_act = findings.iter().map(|finding| (&**finding, act(finding)));
    Some(appendix(case, rules, with_act))
}

fn recorded(case: &Case<'_>, rules: &[&Rule]) -> Vec<Recorded> {
    let mut recorded = Vec::new();
    for rule in rules {
        let Check::Evidence {
            processors,
            kinds,
            within_days,
        } = &rule.check
        else {
            continue;
        };
        for processor in processors {
            for kind in kinds {
                let all = evidence::of(case, processor, kind);
                recorded.extend(
                    all.into_iter()
                        .filter(|evidence| evidence::is_good(case, evidence, *within_days))
                        .map(|evidence| Recorded {
                            rule: rule.id.clone(),
                            clause: rule.clause.clone(),
                            processor: processor.clone(),
                            kind: kind.clone(),
                            id: evidence.id.clone(),
                            until: evidence.until,
                        }),
                );
            }
        }
    }
    recorded
}

/// Findings by organization. A delegate answers to its principal: what it did with data held on another's behalf counts
/// there too.
fn answers<'a>(
    case: &Case<'_>,
    findings: impl Iterator<Item = (&'a Finding, Option<ActNo>)>,
) -> Vec<Answers> {
    let mut counts: BTreeMap<ProcessorId, (usize, usize)> = BTreeMap::new();
    for (finding, act) in findings {
        let organization = finding.owner.as_ref().unwrap_or(&finding.processor);
        counts.entry(organization.clone()).or_default().0 += 1;
        for principal in act.iter().flat_map(|act| principals(case, *act)) {
            let principal = case.history.things.processors().id(principal);
            if principal != organization {
                counts.entry(principal.clone()).or_default().1 += 1;
            }
        }
    }
    counts
        .into_iter()
        .map(|(processor, (own, by_delegates))| Answers {
            processor,
            own,
            by_delegates,
        })
        .collect()
}

/// On whose behalf the actor held what the act was about.
fn principals(case: &Case<'_>, number: ActNo) -> BTreeSet<ProcessorNo> {
    let mut principals = BTreeSet::new();
    if !case.replay.has_delegated() {
        return principals;
    }
    let came_as = |stretch| origins(&case.history, &case.replay, case.replay.copies_in(stretch));
    let mut open: Vec<CopyNo> = Vec::new();
    for held in case.held(number) {
        let Held::Copies(stretch) = held else { continue };
        open.extend(came_as(*stretch));
    }
    let mut seen: FxHashSet<CopyNo> = FxHashSet::default();
    while let Some(number) = open.pop() {
        let copy = case.replay.copy(number);
        if copy.role != Role::Delegated || !seen.insert(number) {
            continue;
        }
        let via = case.history.act(copy.via);
        if via.kind == ActKind::Delegate {
            principals.insert(case.history.things.organization(via.actor, copy.start));
        } else {
            // Made from what was delegated: it is held for the same.
            let parents = case.replay.parent_stretches(copy).iter();
            open.extend(parents.flat_map(|stretch| came_as(*stretch)));
        }
    }
    principals
}

fn leaving(case: &Case<'_>) -> Vec<Leaving> {
    let things = &case.history.things;
    let mut hops: FxHashMap<(ProcessorNo, ProcessorNo), (FxHashSet<FieldNo>, usize)> = FxHashMap::default();
    for (_, act) in case
        .history
        .numbered()
        .filter(|(_, act)| !case.history.is_inward(act, act.at))
    {
        let leaves = matches!(
            act.kind,
            ActKind::Share | ActKind::Verify | ActKind::Assign | ActKind::Disclose
        );
        let Some(to) = act.recipient.filter(|_| leaves) else {
            continue;
        };
        if things.are_affiliated(act.actor, to, act.at) {
            continue;
        }
        let (fields, acts) = hops.entry((act.actor, to)).or_default();
        fields.extend(act.fields.iter().copied());
        *acts += 1;
    }
    let name = |processor| things.processors().id(processor).clone();
    let mut leaving: Vec<Leaving> = hops
        .into_iter()
        .map(|((from, to), (fields, acts))| {
            let mut fields: Vec<FieldId> = fields
                .into_iter()
                .map(|field| things.fields().id(field).clone())
                .collect();
            fields.sort_unstable();
            Leaving {
                from: name(from),
                to: name(to),
                fields,
                acts,
            }
        })
        .collect();
    leaving.sort_unstable_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    leaving
}

fn volunteered(case: &Case<'_>) -> Vec<Volunteered> {
    let things = &case.history.things;
    let fields: Vec<_> = things
        .fields()
        .all()
        .filter(|field| things.field(*field).volunteered)
        .collect();
    if fields.is_empty() {
        return Vec::new();
    }
    let collected: Vec<_> = case
        .history
        .acts()
        .iter()
        .filter(|act| act.kind == ActKind::Collect)
        .flat_map(|act| act.fields.iter().copied())
        .collect();
    fields
        .into_iter()
        .map(|field| Volunteered {
            field: things.fields().id(field).clone(),
            collected: collected.iter().filter(|other| **other == field).count(),
            of: collected.len(),
        })
        .collect()
}
