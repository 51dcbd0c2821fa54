//! Check `delegation`: work on another's behalf stays inside its agreement (GDPR 28; PIPL 21).
//!
//! The **head agreements** of a delegated copy are those between the one who delegated it and its holder. A copy
//! that a delegate made from delegated copies has theirs.

use std::rc::Rc;

use super::case::{Case, in_force};
use super::draft::Draft;
use crate::graph::number::Number as _;
use crate::graph::replay::{Held, Stretch};
use crate::graph::{Act, ActNo, CopyNo, FieldNo, ProcessorNo, PurposeNo, SubjectNo};
use crate::model::fact::Delegation;
use crate::model::place::Place;
use crate::model::word::{ActKind, Role};

/// A delegation agreement in numbers.
struct Agreement<'f> {
    fact: &'f Delegation,
    place: &'f Place,
    principal: ProcessorNo,
    delegate: ProcessorNo,
    fields: Vec<FieldNo>,
    purposes: Vec<PurposeNo>,
    subdelegates: Vec<ProcessorNo>,
}

struct Judge<'c, 'f> {
    case: &'c Case<'f>,
    agreements: Vec<Agreement<'f>>,
    principals: Principals,
    affiliates_only: bool,
}

/// Judges delegations and work on another's behalf, act by act, and then what was kept after agreements.
pub fn judge(case: &Case<'_>, affiliates_only: bool, return_within_days: i64, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let agreements: Vec<Agreement<'_>> = case
        .delegations()
        .filter_map(|(fact, place)| {
            Some(Agreement {
                fact,
                place,
                principal: case.processor(&fact.principal)?,
                delegate: case.processor(&fact.delegate)?,
                fields: things.field_numbers(&fact.fields),
                purposes: things.purpose_numbers(&fact.purposes),
                subdelegates: things.processor_numbers(&fact.subdelegates),
            })
        })
        .collect();
    let judge = Judge {
        principals: Principals::of(case),
        case,
        agreements,
        affiliates_only,
    };
    for (number, act) in case.judged() {
        match act.kind {
            ActKind::Delegate => judge.delegate_act(number, act, out),
            ActKind::Use | ActKind::Derive => out.extend(judge.own_purpose(number, act)),
            ActKind::Collect
            | ActKind::Store
            | ActKind::Share
            | ActKind::Verify
            | ActKind::Disclose
            | ActKind::Assign
            | ActKind::Correct
            | ActKind::Restrict
            | ActKind::Delete => {}
        }
    }
    for agreement in &judge.agreements {
        out.extend(judge.kept(agreement, return_within_days));
    }
}

impl<'f> Judge<'_, 'f> {
    /// The head agreements of the copies that a delegate holds of some pairs.
    fn heads(&self, delegate: ProcessorNo, stretches: &[Stretch]) -> Vec<&Agreement<'f>> {
        let principals: Vec<ProcessorNo> = stretches
            .iter()
            .flat_map(|stretch| self.principals.of_stretch(self.case, *stretch))
            .collect();
        self.agreements
            .iter()
            .filter(|agreement| agreement.delegate == delegate && principals.contains(&agreement.principal))
            .collect()
    }

    fn delegate_act(&self, number: ActNo, act: &Act, out: &mut Vec<Draft>) {
        let Some(to) = act.recipient else { return };
        let held: Vec<Stretch> = held(self.case, number).map(|(_, stretch)| stretch).collect();
        let is_sub_delegation = !held.is_empty()
            && held
                .iter()
                .all(|stretch| self.case.replay.is_all_delegated(*stretch));
        let witness = self
            .case
            .path(number, self.case.least_field(&act.fields), &act.subjects);
        let finding = |reason: &str| Draft::of_act(number, act, act.actor, reason).witness(witness.clone());
        let names = |list: &[&Agreement<'f>]| -> Vec<String> {
            list.iter()
                .map(|agreement| agreement.fact.id.to_string())
                .collect()
        };
        if is_sub_delegation {
            let heads = self.heads(act.actor, &held);
            let is_permitted = heads.iter().any(|head| {
                head.is_valid(act) && (head.fact.subdelegation_allowed || head.subdelegates.contains(&to))
            });
            if !is_permitted {
                out.push(finding("sub-delegation-not-permitted").because(names(&heads)));
            }
            return;
        }
        let theirs: Vec<&Agreement<'f>> = self
            .agreements
            .iter()
            .filter(|agreement| agreement.principal == act.actor && agreement.delegate == to)
            .collect();
        let valid: Vec<&Agreement<'f>> = theirs.iter().copied().filter(|a| a.is_valid(act)).collect();
        if valid.is_empty() {
            let has_ended =
                !theirs.is_empty() && theirs.iter().all(|agreement| agreement.fact.from <= act.at);
            let reason = if has_ended {
                "agreement-ended"
            } else {
                "agreement-none"
            };
            out.push(finding(reason).because(names(&theirs)));
            return;
        }
        let outside = self.case.fields_of(act, |field| {
            !valid.iter().any(|agreement| agreement.fields.contains(&field))
        });
        if !outside.is_empty() {
            out.push(
                finding("field-outside-agreement")
                    .fields(outside)
                    .because(names(&valid)),
            );
        }
        if !valid.iter().any(|agreement| agreement.serves(self.case, act)) {
            out.push(finding("purpose-outside-agreement").because(names(&valid)));
        }
        if !valid.iter().any(|agreement| agreement.fact.written) {
            out.push(finding("agreement-not-written").because(names(&valid)));
        }
        if self.affiliates_only {
            let things = &self.case.history.things;
            let group = things.processor(act.actor).group.as_ref();
            if group.is_none() || group != things.processor(to).group.as_ref() {
                out.push(finding("delegate-not-affiliated").because([things.processors().id(to)]));
            }
        }
    }

    fn own_purpose(&self, number: ActNo, act: &Act) -> Option<Draft> {
        let delegated: Vec<((SubjectNo, FieldNo), Stretch)> = held(self.case, number)
            .filter(|(_, stretch)| self.case.replay.is_all_delegated(*stretch))
            .collect();
        let wrong: Vec<(SubjectNo, FieldNo)> = delegated
            .iter()
            .filter(|((_, field), stretch)| {
                !self.heads(act.actor, &[*stretch]).iter().any(|head| {
                    head.is_valid(act) && head.fields.contains(field) && head.serves(self.case, act)
                })
            })
            .map(|(pair, _)| *pair)
            .collect();
        let (subject, field) = self.case.least_pair(wrong.iter().copied(), |pair| pair)?;
        let all: Vec<Stretch> = delegated.iter().map(|(_, stretch)| *stretch).collect();
        Some(
            Draft::of_act(number, act, act.actor, "delegate-own-purpose")
                .subjects(wrong.iter().map(|(subject, _)| *subject).collect())
                .fields(wrong.iter().map(|(_, field)| *field).collect())
                .because(self.heads(act.actor, &all).iter().map(|head| &head.fact.id))
                .witness(self.case.path(number, Some(field), &[subject])),
        )
    }

    fn kept(&self, agreement: &Agreement<'f>, return_within_days: i64) -> Option<Draft> {
        let case = self.case;
        let deadline = agreement.fact.until?.plus_days(return_within_days);
        if case.as_of <= deadline {
            return None;
        }
        let kept: Vec<CopyNo> = case
            .replay
            .copies()
            .filter(|(_, copy)| {
                let via = case.history.act(copy.via);
                copy.role == Role::Delegated
                    && via.kind == ActKind::Delegate
                    && via.actor == agreement.principal
                    && case.replay.holding_of(copy).processor == agreement.delegate
                    && case.outlives(copy, deadline)
            })
            .map(|(number, _)| number)
            .collect();
        let least = case.least_pair(kept.iter().copied(), |copy| case.pair_of(copy))?;
        let id = &agreement.fact.id;
        Some(
            Draft::of_fact(
                id.as_str(),
                Some(agreement.place),
                deadline,
                agreement.delegate,
                "kept-after-agreement",
            )
            .subjects(kept.iter().map(|copy| case.pair_of(*copy).0).collect())
            .fields(kept.iter().map(|copy| case.pair_of(*copy).1).collect())
            .because([id])
            .witness(case.replay.chain(least)),
        )
    }
}

impl Agreement<'_> {
    fn is_valid(&self, act: &Act) -> bool {
        in_force(self.fact.from, self.fact.until, act.at)
    }

    fn serves(&self, case: &Case<'_>, act: &Act) -> bool {
        act.purpose
            .is_some_and(|purpose| case.history.things.serves(purpose, &self.purposes))
    }
}

/// The pairs of the act of which something was held, with what.
fn held<'c>(case: &'c Case<'_>, number: ActNo) -> impl Iterator<Item = ((SubjectNo, FieldNo), Stretch)> + 'c {
    case.act(number)
        .pairs()
        .zip(case.held(number))
        .filter_map(|(pair, held)| match held {
            Held::Copies(stretch) => Some((pair, *stretch)),
            Held::Deleted(_) | Held::Nothing | Held::NotLooked => None,
        })
}

/// Who delegated each copy: its giver, or the givers of what it was made from. Sets are shared along a life, where
/// they only grow, so that long lives cost little.
struct Principals {
    own: Vec<Rc<[ProcessorNo]>>,
    life_so_far: Vec<Rc<[ProcessorNo]>>,
}

impl Principals {
    fn of(case: &Case<'_>) -> Self {
        let nobody: Rc<[ProcessorNo]> = Rc::from([]);
        let mut principals = Self {
            own: Vec::new(),
            life_so_far: Vec::new(),
        };
        for (number, copy) in case.replay.copies() {
            let via = case.history.act(copy.via);
            let own: Rc<[ProcessorNo]> = match (copy.role, via.kind) {
                (Role::Delegated, ActKind::Delegate) => Rc::from([via.actor]),
                (Role::Delegated, _) => {
                    let mut union: Vec<ProcessorNo> = case
                        .replay
                        .parent_stretches(copy)
                        .iter()
                        .flat_map(|stretch| principals.of_stretch(case, *stretch))
                        .collect();
                    union.sort_unstable();
                    union.dedup();
                    union.into()
                }
                (Role::Own | Role::Assigned | Role::Contradicted, _) => Rc::clone(&nobody),
            };
            let so_far = match case.replay.before_in_life(number) {
                None => Rc::clone(&own),
                Some(before) => union(&principals.life_so_far[before.index()], &own),
            };
            principals.own.push(own);
            principals.life_so_far.push(so_far);
        }
        principals
    }

    fn of_stretch(&self, case: &Case<'_>, stretch: Stretch) -> Vec<ProcessorNo> {
        let copies = case.replay.copies_in(stretch);
        let Some(last) = copies.last() else {
            return Vec::new();
        };
        if copies.len() == 1 {
            self.own[last.index()].to_vec()
        } else {
            self.life_so_far[last.index()].to_vec()
        }
    }
}

fn union(a: &Rc<[ProcessorNo]>, b: &Rc<[ProcessorNo]>) -> Rc<[ProcessorNo]> {
    if b.iter().all(|item| a.contains(item)) {
        return Rc::clone(a);
    }
    a.iter().chain(b.iter()).copied().collect()
}
