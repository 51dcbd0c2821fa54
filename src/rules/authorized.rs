//! Check `authorized`: every act is covered by an authorization.
//!
//! All rules of this kind are judged together: the uncovered pairs of one act with the same gap form one group, and
//! the first rule whose selector fits the group speaks for it.

use std::ops::Range;

use super::case::Case;
use super::draft::Draft;
use super::only::Limit;
use crate::graph::origin::origins;
use crate::graph::replay::Held;
use crate::graph::{Act, ActNo, FieldNo, ProcessorNo, PurposeNo, SubjectNo};
use crate::model::rule::{Check, Gap, Rule, Terms, When};
use crate::model::word::{ActKind, Method, ProcessorKind};
use crate::policy::coverage::{Pair, Uncovered};

/// A rule's selector in numbers.
struct Selector<'r> {
    rule: &'r Rule,
    terms: Terms,
    limit: Limit<'r>,
    reasons: Option<&'r [Gap]>,
    acts: Option<&'r [ActKind]>,
    processors: Option<Vec<ProcessorNo>>,
    kinds: Option<&'r [ProcessorKind]>,
    purposes: Option<Vec<PurposeNo>>,
    fields: Option<Vec<FieldNo>>,
    cross_border: bool,
    acquired_by: Option<ActKind>,
    others: Option<Vec<ProcessorNo>>,
    minors: bool,
    sourced: bool,
}

struct Group {
    gap: Uncovered,
    pairs: Vec<Pair>,
}

impl Group {
    fn fields(&self) -> Vec<FieldNo> {
        self.pairs.iter().map(|pair| pair.field).collect()
    }

    fn any_minor(&self, case: &Case<'_>, act: &Act) -> bool {
        self.pairs
            .iter()
            .any(|pair| case.coverage.is_minor(pair.subject, act.at))
    }
}

/// The `authorized` rules of a case.
///
/// The rules of the facts themselves are one list, those of each pack another, and those that ask for other terms
/// again another: the first that fits speaks for its list.
pub struct Selectors<'r> {
    lists: Vec<List<'r>>,
    /// The terms that the lists ask for, each once.
    terms: Vec<Terms>,
}

struct List<'r> {
    /// Their place among the terms.
    terms: usize,
    selectors: Vec<Selector<'r>>,
}

impl<'r> Selectors<'r> {
    /// Those among these rules.
    pub fn new(case: &Case<'_>, rules: &[&'r Rule]) -> Self {
        let mut all = Self {
            lists: Vec::new(),
            terms: Vec::new(),
        };
        for selector in rules.iter().filter_map(|rule| selector(case, rule)) {
            let known = all.terms.iter().position(|known| *known == selector.terms);
            let terms = known.unwrap_or_else(|| {
                all.terms.push(selector.terms);
                all.terms.len() - 1
            });
            let same = |list: &&mut List<'r>| {
                let first = list.selectors.first();
                list.terms == terms
                    && first.is_some_and(|first| first.rule.about.pack == selector.rule.about.pack)
            };
            match all.lists.iter_mut().find(same) {
                Some(list) => list.selectors.push(selector),
                None => all.lists.push(List {
                    terms,
                    selectors: vec![selector],
                }),
            }
        }
        all
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Judges those of the acts in this stretch that need an authorization. What is found, rule by rule.
    pub fn judge(&self, case: &Case<'_>, acts: Range<usize>) -> Vec<(&'r Rule, Vec<Draft>)> {
        if self.is_empty() {
            return Vec::new();
        }
        let empty = |list: &List<'r>| vec![Vec::new(); list.selectors.len()];
        let mut drafts: Vec<Vec<Vec<Draft>>> = self.lists.iter().map(empty).collect();
        let mut groups: Vec<Vec<Group>> = self.terms.iter().map(|_| Vec::new()).collect();
        for (number, act) in case.judged_among(acts) {
            self.group(case, number, act, &mut groups);
            // By group, then by list: what one gap gives under several packs stays together.
            let most = groups.iter().map(Vec::len).max().unwrap_or(0);
            for place in 0..most {
                for (list, drafts) in self.lists.iter().zip(&mut drafts) {
                    let Some(group) = groups[list.terms].get(place) else {
                        continue;
                    };
                    let mut selectors = list.selectors.iter();
                    if let Some(place) = selectors.position(|selector| selector.fits(case, act, group)) {
                        drafts[place].push(draft(case, number, act, group));
                    }
                }
            }
        }
        let rules = self.lists.iter().flat_map(|list| &list.selectors);
        rules
            .map(|selector| selector.rule)
            .zip(drafts.into_iter().flatten())
            .collect()
    }

    /// The uncovered pairs of the act under each of the terms, grouped by gap, in the order of the first pair of each group.
    fn group(&self, case: &Case<'_>, number: ActNo, act: &Act, groups: &mut [Vec<Group>]) {
        for groups in &mut *groups {
            groups.clear();
        }
        if !needs_authorization(act) {
            return;
        }
        for ((subject, field), held) in act.pairs().zip(case.held(number)) {
            let pair = Pair {
                subject,
                field,
                held: *held,
            };
            if !is_judged_for_coverage(case, act, field, *held) {
                continue;
            }
            let candidates = case
                .coverage
                .candidates_for(&case.history, &case.replay, act, pair);
            for (terms, groups) in self.terms.iter().zip(&mut *groups) {
                let gap = case
                    .coverage
                    .gap_among(&candidates, &case.history, act, pair, *terms);
                let Some(gap) = gap else { continue };
                match groups.iter_mut().find(|group| group.gap == gap) {
                    Some(group) => group.pairs.push(pair),
                    None => groups.push(Group {
                        gap,
                        pairs: vec![pair],
                    }),
                }
            }
        }
    }
}

/// Whether an authorization is needed for the act with this field, held as it is.
pub fn is_judged_for_coverage(case: &Case<'_>, act: &Act, field: FieldNo, held: Held) -> bool {
    needs_authorization(act) && case.history.things.is_personal(field) && !is_delegates_work(case, act, held)
}

fn needs_authorization(act: &Act) -> bool {
    match act.kind {
        ActKind::Collect | ActKind::Use | ActKind::Share | ActKind::Verify | ActKind::Disclose => true,
        // A reidentification is wrong whoever permits it; the check `reidentification` has it.
        ActKind::Derive => act.method != Some(Method::Reidentify),
        ActKind::Delegate
        | ActKind::Assign
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => false,
    }
}

/// Using what is held only on another's behalf is judged by the check `delegation`.
fn is_delegates_work(case: &Case<'_>, act: &Act, held: Held) -> bool {
    match (act.kind, held) {
        (ActKind::Use | ActKind::Derive, Held::Copies(stretch)) => case.replay.is_all_delegated(stretch),
        (_, _) => false,
    }
}

fn draft(case: &Case<'_>, number: ActNo, act: &Act, group: &Group) -> Draft {
    let subjects: Vec<SubjectNo> = group.pairs.iter().map(|pair| pair.subject).collect();
    let fields = group.fields();
    let least = case.least_pair(group.pairs.iter(), |pair| (pair.subject, pair.field));
    let witness = least.map_or_else(Vec::new, |pair| {
        case.path_unless_collect(number, Some(pair.field), &[pair.subject])
    });
    let nearest = group
        .gap
        .nearest
        .map(|position| &case.coverage.authorization(position).id);
    let edge = group.gap.edge.map(|position| case.coverage.edge(position));
    Draft::of_act(number, act, act.actor, group.gap.gap.as_str())
        .subjects(subjects)
        .fields(fields)
        .because(nearest.into_iter().chain(edge))
        .witness(witness)
}

fn selector<'r>(case: &Case<'_>, rule: &'r Rule) -> Option<Selector<'r>> {
    let Check::Authorized { when, terms } = &rule.check else {
        return None;
    };
    let When {
        reasons,
        acts,
        processors,
        kinds,
        purposes,
        fields,
        cross_border,
        acquired_by,
        others,
        minors,
        sourced,
    } = when;
    let things = &case.history.things;
    Some(Selector {
        rule,
        terms: *terms,
        limit: Limit::new(case, &rule.only),
        reasons: reasons.as_deref(),
        acts: acts.as_deref(),
        processors: processors.as_ref().map(|ids| things.processor_numbers(ids)),
        kinds: kinds.as_deref(),
        purposes: purposes.as_ref().map(|ids| things.purpose_numbers(ids)),
        fields: fields.as_ref().map(|ids| things.field_numbers(ids)),
        cross_border: *cross_border,
        acquired_by: *acquired_by,
        others: others.as_ref().map(|ids| things.processor_numbers(ids)),
        minors: *minors,
        sourced: *sourced,
    })
}

impl Selector<'_> {
    fn fits(&self, case: &Case<'_>, act: &Act, group: &Group) -> bool {
        let things = &case.history.things;
        let listed_purpose =
            |list: &Vec<PurposeNo>| act.purpose.is_some_and(|purpose| things.serves(purpose, list));
        let concerns = |list: &Vec<FieldNo>| group.pairs.iter().any(|pair| list.contains(&pair.field));
        self.reasons.is_none_or(|list| list.contains(&group.gap.gap))
            && self.acts.is_none_or(|list| list.contains(&act.kind))
            && self
                .processors
                .as_ref()
                .is_none_or(|list| things.is_within_any(act.actor, list, act.at))
            && self
                .kinds
                .is_none_or(|list| list.contains(&things.kind_at(act.actor, act.at)))
            && self.purposes.as_ref().is_none_or(listed_purpose)
            && self.fields.as_ref().is_none_or(concerns)
            && (!self.cross_border || case.history.is_crossing(act))
            && self
                .others
                .as_ref()
                .is_none_or(|list| !things.is_within_any(act.actor, list, act.at))
            && (!self.sourced || act.source.is_some())
            && (!self.minors || group.any_minor(case, act))
            && self.limit.admits(
                case,
                group.gap.gap.as_str(),
                (act.actor, act.at),
                &group.fields(),
                Some((act.kind, act.purpose)),
            )
            && self
                .acquired_by
                .is_none_or(|kind| is_acquired_by(case, group, kind))
    }
}

fn is_acquired_by(case: &Case<'_>, group: &Group, kind: ActKind) -> bool {
    group.pairs.iter().any(|pair| match pair.held {
        Held::Copies(stretch) => origins(&case.history, &case.replay, case.replay.copies_in(stretch))
            .into_iter()
            .any(|copy| case.history.act(case.replay.copy(copy).via).kind == kind),
        Held::Deleted(_) | Held::Nothing | Held::NotLooked => false,
    })
}
