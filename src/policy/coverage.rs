//! Coverage: whether one authorization permits an act for one subject and one field, and if none does, in which
//! dimension the nearest one fails.
//!
//! Two authorizations never add up on one pair. A nearest authorization is one that fails in exactly one dimension;
//! among several the dimension that comes first in [`Dimension`] decides, then the position in the record.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::number::Number as _;
use crate::graph::origin::origins;
use crate::graph::replay::Held;
use crate::graph::{
    Act, CategoryNo, CopyNo, FieldNo, History, Listed, ProcessorNo, PurposeNo, Replay, SubjectNo, Things,
};
use crate::model::fact::{self, Agreement, Fact};
use crate::model::id::{FactId, SubjectId};
use crate::model::rule::{Gap, Grades, Terms};
use crate::model::time::{self, Instant, Zone};
use crate::model::word::{ActKind, Basis, Dimension, Giver, Grade, Role, State};

/// An authorization with numbers instead of names.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Its name.
    pub id: FactId,
    basis: Basis,
    grade: Grade,
    given_by: Giver,
    /// `None`: everybody's data.
    subjects: Option<FxHashSet<SubjectNo>>,
    holders: Listed<ProcessorNo>,
    acts: Vec<ActKind>,
    recipients: Listed<ProcessorNo>,
    fields: Vec<FieldNo>,
    categories: Vec<CategoryNo>,
    /// A few, or all that are at or under one of many.
    purposes: Listed<PurposeNo>,
    from: Instant,
    until: Option<Instant>,
    withdrawn: Option<Instant>,
}

/// All authorizations, found by who may act or receive and by whose data it is.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    authorizations: Vec<Authorization>,
    /// Positions by holder or recipient and subject; `None` stands for authorizations for everybody's data.
    by_party: FxHashMap<(ProcessorNo, Option<SubjectNo>), Vec<u32>>,
    /// Who controls data together.
    joints: Vec<Joint>,
    /// Which purposes data may serve too, in the order of the record.
    edges: Vec<Edge>,
    /// From here on somebody is no minor any more; absent for subjects without a birthday.
    of_age_from: Vec<Option<Instant>>,
}

/// An agreement of joint controllers.
#[derive(Clone, Debug)]
struct Joint {
    between: Vec<ProcessorNo>,
    fields: Vec<FieldNo>,
    purposes: Vec<PurposeNo>,
    from: Instant,
    until: Option<Instant>,
}

/// A purpose that is compatible with another.
#[derive(Clone, Debug)]
struct Edge {
    id: FactId,
    from: PurposeNo,
    to: PurposeNo,
    states: Option<Vec<State>>,
}

/// Whose authorizations count beside the actor's own.
struct Beside {
    /// What the actor lies inside; those beside it, and what they lie inside.
    others: Vec<ProcessorNo>,
    /// Who controls the data together with the actor; the actor is among them.
    partners: Vec<ProcessorNo>,
}

/// The authorizations that could cover an act for one pair.
pub struct Candidates<'c> {
    beside: Beside,
    positions: Cow<'c, [u32]>,
}

/// An act that is judged, for one pair of subject and field.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Whose data.
    pub subject: SubjectNo,
    /// Which data.
    pub field: FieldNo,
    /// What the actor held of it.
    pub held: Held,
}

/// Why nothing covers a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uncovered {
    /// The dimension that fails.
    pub gap: Gap,
    /// The position of the authorization that fails in it alone.
    pub nearest: Option<u32>,
    /// The position of the compatibility by which that one covers the purpose.
    pub edge: Option<u32>,
}

impl Coverage {
    /// Numbers authorizations, joint control and compatible purposes, which come in the order of the record.
    pub fn new<'f>(
        history: &History,
        facts: impl Iterator<Item = &'f Fact>,
        minor_age: i16,
        zone: &Zone,
    ) -> Self {
        let of_age_from = history
            .subjects()
            .all()
            .map(|subject| Some(time::comes_of_age(history.born(subject)?, minor_age, zone)))
            .collect();
        let mut coverage = Self {
            of_age_from,
            ..Self::default()
        };
        for stated in facts {
            if let Fact::Authorization(stated) = stated {
                coverage.add(history, stated);
            } else if let Fact::Agreement(Agreement::Joint(stated)) = stated {
                coverage.joints.push(Joint {
                    between: history.things.processor_numbers(&stated.between),
                    fields: history.things.field_numbers(&stated.fields),
                    purposes: history.things.purpose_numbers(&stated.purposes),
                    from: stated.from,
                    until: stated.until,
                });
            } else if let Fact::Compatibility(stated) = stated {
                let purposes = history.things.purposes();
                if let (Some(from), Some(to)) = (purposes.get(&stated.from), purposes.get(&stated.to)) {
                    coverage.edges.push(Edge {
                        id: stated.id.clone(),
                        from,
                        to,
                        states: stated.states.clone(),
                    });
                }
            }
        }
        coverage
    }

    /// Who ever controls something together with the processor, itself among them.
    pub fn joint_with(&self, processor: ProcessorNo) -> impl Iterator<Item = ProcessorNo> {
        self.joints
            .iter()
            .filter(move |joint| joint.between.contains(&processor))
            .flat_map(|joint| joint.between.iter().copied())
    }

    /// The name of the compatibility at this position.
    pub fn edge(&self, position: u32) -> &FactId {
        &self.edges[position as usize].id
    }

    fn add(&mut self, history: &History, stated: &fact::Authorization) {
        let Ok(position) = u32::try_from(self.authorizations.len()) else {
            return;
        };
        let things = &history.things;
        let is_for_all = stated.subjects.is_empty() || stated.subjects.iter().any(SubjectId::is_everyone);
        let subjects: Option<FxHashSet<SubjectNo>> =
            (!is_for_all).then(|| history.subject_numbers(&stated.subjects).into_iter().collect());
        let holders = things.processor_numbers(&stated.holders);
        let recipients = things.processor_numbers(&stated.recipients);
        let authorization = Authorization {
            id: stated.id.clone(),
            basis: stated.basis,
            grade: stated.grade,
            given_by: stated.given_by,
            holders: Listed::new(holders.clone()),
            acts: stated.acts.clone(),
            recipients: Listed::new(recipients.clone()),
            fields: things.field_numbers(&stated.fields),
            categories: things.category_numbers(&stated.categories),
            purposes: served(things, things.purpose_numbers(&stated.purposes)),
            from: stated.from,
            until: stated.until,
            withdrawn: stated.withdrawn,
            subjects,
        };
        let subjects: Vec<Option<SubjectNo>> = match &authorization.subjects {
            Some(set) => set.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        for party in holders.iter().chain(&recipients) {
            for subject in &subjects {
                let list = self.by_party.entry((*party, *subject)).or_default();
                if list.last() != Some(&position) {
                    list.push(position);
                }
            }
        }
        self.authorizations.push(authorization);
    }

    /// The authorization at this position.
    pub fn authorization(&self, position: u32) -> &Authorization {
        &self.authorizations[position as usize]
    }

    /// Whether the subject is a minor at the instant.
    pub fn is_minor(&self, subject: SubjectNo, at: Instant) -> bool {
        self.of_age_from
            .get(subject.index())
            .copied()
            .flatten()
            .is_some_and(|from| at < from)
    }

    /// The instants at which what an authorization of the party permits with the subject's data changes.
    pub fn changes(&self, party: ProcessorNo, subject: SubjectNo) -> Vec<Instant> {
        [None, Some(subject)]
            .into_iter()
            .filter_map(|subject| self.by_party.get(&(party, subject)))
            .flatten()
            .map(|position| &self.authorizations[*position as usize])
            .flat_map(|x| [Some(x.from), x.until, x.withdrawn])
            .flatten()
            .collect()
    }

    /// When the subject comes of age, if that is known.
    pub fn of_age(&self, subject: SubjectNo) -> Option<Instant> {
        self.of_age_from.get(subject.index()).copied().flatten()
    }

    /// Takes the subject for a minor at every instant, or for somebody of age. It must be one of the history.
    pub fn suppose_minor(&mut self, subject: SubjectNo, is_minor: bool) {
        self.of_age_from[subject.index()] = is_minor.then_some(Instant::from_micros(i64::MAX));
    }

    /// Takes the authorization at this position as if nobody had withdrawn it.
    pub fn suppose_not_withdrawn(&mut self, position: u32) {
        self.authorizations[position as usize].withdrawn = None;
    }

    /// The position of the authorization of this name.
    pub fn position(&self, id: &FactId) -> Option<u32> {
        let at = self
            .authorizations
            .iter()
            .position(|authorization| authorization.id == *id)?;
        u32::try_from(at).ok()
    }

    /// All authorizations that cover the act for this pair, in the order of the record.
    pub fn covering(&self, history: &History, replay: &Replay, act: &Act, pair: Pair) -> Vec<u32> {
        let Candidates { beside, positions } = self.candidates_for(history, replay, act, pair);
        let terms = Terms::default();
        positions
            .iter()
            .copied()
            .filter(|position| {
                let authorization = &self.authorizations[*position as usize];
                self.failing(authorization, history, act, pair, (&beside, terms))
                    .is_some_and(|(failing, _)| failing.is_none())
            })
            .collect()
    }

    /// The authorizations in force at the instant that let the processor, or whoever assigned one of these copies to it, act
    /// with the field, or receive it, for whatever purpose: grounds on which it may hold them. In the order of the record.
    pub fn grounds_to_hold(
        &self,
        (history, replay): (&History, &Replay),
        processor: ProcessorNo,
        (subject, field): (SubjectNo, FieldNo),
        copies: &[CopyNo],
        at: Instant,
    ) -> Vec<u32> {
        let mut others: Vec<ProcessorNo> = history.things.around(processor, at).skip(1).collect();
        others.extend(who_assigned(history, replay, copies));
        let alone = Beside {
            others,
            partners: Vec::new(),
        };
        self.candidates(processor, &alone, subject)
            .iter()
            .copied()
            .filter(|position| {
                let authorization = &self.authorizations[*position as usize];
                authorization.out_of_force(at).is_none()
                    && (authorization.fields.contains(&field)
                        || history.things.is_in(field, &authorization.categories))
            })
            .collect()
    }

    /// Why nothing covers the act for this pair; `None` when something does.
    pub fn gap(
        &self,
        history: &History,
        replay: &Replay,
        act: &Act,
        pair: Pair,
        terms: Terms,
    ) -> Option<Uncovered> {
        let candidates = self.candidates_for(history, replay, act, pair);
        self.gap_among(&candidates, history, act, pair, terms)
    }

    /// The authorizations that could cover the act for this pair, on whatever terms.
    pub fn candidates_for(
        &self,
        history: &History,
        replay: &Replay,
        act: &Act,
        pair: Pair,
    ) -> Candidates<'_> {
        let beside = self.beside(history, replay, act, pair);
        let positions = self.candidates(act.actor, &beside, pair.subject);
        Candidates { beside, positions }
    }

    /// Why none of those that could cover the act for this pair does; `None` when one does.
    pub fn gap_among(
        &self,
        candidates: &Candidates<'_>,
        history: &History,
        act: &Act,
        pair: Pair,
        terms: Terms,
    ) -> Option<Uncovered> {
        let Candidates { beside, positions } = candidates;
        let mut nearest: Option<(Dimension, u32, Option<u32>)> = None;
        for position in positions.iter().copied() {
            let authorization = &self.authorizations[position as usize];
            let Some((failing, edge)) = self.failing(authorization, history, act, pair, (beside, terms))
            else {
                continue;
            };
            // Nothing fails: it covers.
            let dimension = failing?;
            // Positions ascend, so an equal dimension found later never wins.
            if nearest.is_none_or(|(best, _, _)| dimension < best) {
                nearest = Some((dimension, position, edge));
            }
        }
        Some(match nearest {
            Some((dimension, position, edge)) => Uncovered {
                gap: Gap::Fails(dimension),
                nearest: Some(position),
                edge,
            },
            None => Uncovered {
                gap: Gap::None,
                nearest: None,
                edge: None,
            },
        })
    }

    /// The authorizations that name the processor or one of the others, about this subject, in the order of the record.
    fn candidates(&self, processor: ProcessorNo, beside: &Beside, subject: SubjectNo) -> Cow<'_, [u32]> {
        let of = |party: ProcessorNo, subject| {
            self.by_party
                .get(&(party, subject))
                .map_or(&[][..], Vec::as_slice)
        };
        let (of_all, own) = (of(processor, None), of(processor, Some(subject)));
        if beside.others.is_empty() && (own.is_empty() || of_all.is_empty()) {
            return Cow::Borrowed(if own.is_empty() { of_all } else { own });
        }
        let mut candidates: Vec<u32> = [of_all, own].concat();
        for party in &beside.others {
            candidates.extend_from_slice(of(*party, None));
            candidates.extend_from_slice(of(*party, Some(subject)));
        }
        candidates.sort_unstable();
        candidates.dedup();
        Cow::Owned(candidates)
    }

    /// Whose authorizations count for the act on this pair: those of the actor, of who assigned it, and of who controls it
    /// together with the actor at that instant, for that purpose; and those of what each of them lies inside.
    fn beside(&self, history: &History, replay: &Replay, act: &Act, pair: Pair) -> Beside {
        let things = &history.things;
        let mut others: Vec<ProcessorNo> = things.around(act.actor, act.at).skip(1).collect();
        let mut partners = Vec::new();
        for joint in &self.joints {
            let is_theirs = things.is_within_any(act.actor, &joint.between, act.at)
                && joint.fields.contains(&pair.field)
                && joint.from <= act.at
                && joint.until.is_none_or(|until| act.at < until)
                && act
                    .purpose
                    .is_some_and(|purpose| things.serves(purpose, &joint.purposes));
            if is_theirs {
                partners.extend_from_slice(&joint.between);
            }
        }
        for partner in &partners {
            others.extend(things.around(*partner, act.at));
        }
        others.extend(assigners(history, replay, pair.held));
        Beside { others, partners }
    }

    /// The compatibility by which an authorization for these purposes covers the act's.
    fn edge_to(
        &self,
        history: &History,
        act: &Act,
        field: FieldNo,
        purposes: &Listed<PurposeNo>,
    ) -> Option<u32> {
        let things = &history.things;
        let purpose = act.purpose?;
        let position = self.edges.iter().position(|edge| {
            edge.to == purpose
                && is_served(things, edge.from, purposes)
                && edge
                    .states
                    .as_ref()
                    .is_none_or(|states| states.contains(&things.state(field)))
        })?;
        u32::try_from(position).ok()
    }

    /// The one dimension in which the authorization fails, if it fails, and the compatibility that it needs; `None` when
    /// it is no candidate or fails in several.
    fn failing(
        &self,
        authorization: &Authorization,
        history: &History,
        act: &Act,
        pair: Pair,
        (beside, terms): (&Beside, Terms),
    ) -> Option<(Option<Dimension>, Option<u32>)> {
        let things = &history.things;
        let is_own_use = matches!(act.kind, ActKind::Use | ActKind::Derive);
        let as_recipient =
            is_own_use && things.is_within_listed(act.actor, &authorization.recipients, act.at);
        let holds = |party: &ProcessorNo| authorization.holders.has(*party);
        if !as_recipient && !holds(&act.actor) && !beside.others.iter().any(holds) {
            return None;
        }
        if authorization
            .subjects
            .as_ref()
            .is_some_and(|set| !set.contains(&pair.subject))
        {
            return None;
        }
        let is_minor = self.is_minor(pair.subject, act.at);
        let is_consent = authorization.basis == Basis::Consent;
        let mut failing = Failing::default();
        if !as_recipient {
            failing.note(Dimension::Act, !authorization.acts.contains(&act.kind))?;
            let is_left_out = |to: ProcessorNo| {
                !things.is_within_listed(to, &authorization.recipients, act.at)
                    && !things.is_within_any(to, &beside.partners, act.at)
            };
            failing.note(Dimension::Recipient, act.recipient.is_some_and(is_left_out))?;
            let is_weak =
                || authorization.grade < needed_grade(history, act, pair.field, is_minor, terms.grades);
            failing.note(Dimension::Grade, is_consent && is_weak())?;
        }
        failing.note(
            Dimension::Field,
            !authorization.fields.contains(&pair.field)
                && !things.is_in(pair.field, &authorization.categories),
        )?;
        let serves = |purpose| is_served(things, purpose, &authorization.purposes);
        let is_served = act.purpose.is_some_and(serves);
        let edge = (terms.compatible && !is_served)
            .then(|| self.edge_to(history, act, pair.field, &authorization.purposes))
            .flatten();
        failing.note(Dimension::Purpose, !is_served && edge.is_none())?;
        if let Some(dimension) = authorization.out_of_force(act.at) {
            failing.note(dimension, true)?;
        }
        failing.note(
            Dimension::Guardian,
            is_consent && is_minor && authorization.given_by != Giver::Guardian,
        )?;
        Some((failing.only, edge))
    }
}

impl Authorization {
    /// The legal basis.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// When it was withdrawn, if it was.
    pub fn withdrawn(&self) -> Option<Instant> {
        self.withdrawn
    }

    /// Who gave it, of a consent.
    pub fn given_by(&self) -> Giver {
        self.given_by
    }

    /// Why it is not in force at the instant; `None` when it is.
    fn out_of_force(&self, at: Instant) -> Option<Dimension> {
        if at < self.from {
            return Some(Dimension::NotYet);
        }
        let (end, dimension) = match (self.until, self.withdrawn) {
            (None, None) => return None,
            (None, Some(withdrawn)) => (withdrawn, Dimension::Withdrawn),
            (Some(until), Some(withdrawn)) if withdrawn < until => (withdrawn, Dimension::Withdrawn),
            (Some(until), None | Some(_)) => (until, Dimension::Expired),
        };
        (at >= end).then_some(dimension)
    }
}

/// The dimension in which something fails, as long as it is one alone.
#[derive(Default)]
struct Failing {
    only: Option<Dimension>,
}

impl Failing {
    /// Notes one that fails; `None` when it is the second.
    fn note(&mut self, dimension: Dimension, is_failing: bool) -> Option<()> {
        if !is_failing {
            return Some(());
        }
        match self.only.replace(dimension) {
            None => Some(()),
            Some(_) => None,
        }
    }
}

/// The purposes that an authorization for these serves.
fn served(things: &Things, purposes: Vec<PurposeNo>) -> Listed<PurposeNo> {
    if purposes.len() <= Listed::<PurposeNo>::FEW_MAX {
        return Listed::Few(purposes);
    }
    let all = things.purposes().all();
    Listed::new(all.filter(|purpose| things.serves(*purpose, &purposes)).collect())
}

/// Whether the purpose is one of those.
fn is_served(things: &Things, purpose: PurposeNo, purposes: &Listed<PurposeNo>) -> bool {
    match purposes {
        Listed::Few(roots) => things.serves(purpose, roots),
        Listed::Many(_) => purposes.has(purpose),
    }
}

/// The grade a consent needs for the act, for this field.
fn needed_grade(history: &History, act: &Act, field: FieldNo, is_minor: bool, grades: Grades) -> Grade {
    let mut needed = match act.kind {
        ActKind::Disclose => grades.disclose,
        ActKind::Share => grades.share,
        ActKind::Collect
        | ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Verify
        | ActKind::Delegate
        | ActKind::Assign
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => grades.other,
    };
    if is_minor {
        needed = needed.max(grades.minor);
    }
    if needed < grades.sensitive && history.things.is_sensitive(field) {
        needed = grades.sensitive;
    }
    if needed < grades.crossing && history.is_crossing(act) {
        needed = grades.crossing;
    }
    needed
}

/// Who assigned the held copies that were assigned, and what each lay inside then: their authorizations come along with
/// the copy.
fn assigners(history: &History, replay: &Replay, held: Held) -> Vec<ProcessorNo> {
    let Held::Copies(stretch) = held else {
        return Vec::new();
    };
    // A life may be long: mostly nothing of it was assigned.
    if !replay.is_any_assigned(stretch) {
        return Vec::new();
    }
    who_assigned(history, replay, replay.copies_in(stretch))
}

/// The same of some copies.
fn who_assigned(history: &History, replay: &Replay, copies: &[CopyNo]) -> Vec<ProcessorNo> {
    let is_assigned = |number: &CopyNo| replay.copy(*number).role == Role::Assigned;
    let assigned: Vec<CopyNo> = copies.iter().copied().filter(is_assigned).collect();
    let mut assigners: Vec<ProcessorNo> = origins(history, replay, &assigned)
        .into_iter()
        .filter(is_assigned)
        .map(|number| replay.copy(number))
        .flat_map(|copy| history.things.around(history.act(copy.via).actor, copy.start))
        .collect();
    assigners.sort_unstable();
    assigners.dedup();
    assigners
}
