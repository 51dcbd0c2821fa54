//! Coverage: whether one authorization permits an act for one subject and one field, and if none does, in which
//! dimension the nearest one fails.
//!
//! Two authorizations never add up on one pair. A nearest authorization is one that fails in exactly one dimension;
//! among several the dimension that comes first in [`Dimension`] decides, then the position in the record.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::number::Number as _;
use crate::graph::replay::Held;
use crate::graph::{Act, CategoryNo, FieldNo, History, ProcessorNo, PurposeNo, Replay, SubjectNo};
use crate::model::fact;
use crate::model::id::{FactId, SubjectId};
use crate::model::rule::{Gap, Grades};
use crate::model::time::{self, Instant, Zone};
use crate::model::word::{ActKind, Basis, Dimension, Giver, Grade, Role};

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
    holders: Vec<ProcessorNo>,
    acts: Vec<ActKind>,
    recipients: Vec<ProcessorNo>,
    fields: Vec<FieldNo>,
    categories: Vec<CategoryNo>,
    purposes: Vec<PurposeNo>,
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
    /// From here on somebody is no minor any more; absent for subjects without a birthday.
    of_age_from: Vec<Option<Instant>>,
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
}

impl Coverage {
    /// Numbers authorizations, which come in the order of the record.
    pub fn new<'f>(
        history: &History,
        authorizations: impl Iterator<Item = &'f fact::Authorization>,
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
        for stated in authorizations {
            coverage.add(history, stated);
        }
        coverage
    }

    fn add(&mut self, history: &History, stated: &fact::Authorization) {
        let Ok(position) = u32::try_from(self.authorizations.len()) else {
            return;
        };
        let things = &history.things;
        let is_for_all = stated.subjects.is_empty() || stated.subjects.iter().any(SubjectId::is_everyone);
        let subjects: Option<FxHashSet<SubjectNo>> =
            (!is_for_all).then(|| history.subject_numbers(&stated.subjects).into_iter().collect());
        let authorization = Authorization {
            id: stated.id.clone(),
            basis: stated.basis,
            grade: stated.grade,
            given_by: stated.given_by,
            holders: things.processor_numbers(&stated.holders),
            acts: stated.acts.clone(),
            recipients: things.processor_numbers(&stated.recipients),
            fields: things.field_numbers(&stated.fields),
            categories: things.category_numbers(&stated.categories),
            purposes: things.purpose_numbers(&stated.purposes),
            from: stated.from,
            until: stated.until,
            withdrawn: stated.withdrawn,
            subjects,
        };
        let subjects: Vec<Option<SubjectNo>> = match &authorization.subjects {
            Some(set) => set.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        for party in authorization.holders.iter().chain(&authorization.recipients) {
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
        let assigners = assigners(history, replay, pair.held);
        let grades = Grades::default();
        self.candidates(act.actor, &assigners, pair.subject)
            .into_iter()
            .filter(|position| {
                let authorization = &self.authorizations[*position as usize];
                self.failing(authorization, history, act, pair, (&assigners, &grades))
                    .is_some_and(|failing| failing.is_empty())
            })
            .collect()
    }

    /// The authorizations in force at the instant that let the processor act with the field, or receive it, for whatever
    /// purpose: grounds on which it may hold it. In the order of the record.
    pub fn grounds_to_hold(
        &self,
        history: &History,
        processor: ProcessorNo,
        (subject, field): (SubjectNo, FieldNo),
        at: Instant,
    ) -> Vec<u32> {
        self.candidates(processor, &[], subject)
            .into_iter()
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
        grades: &Grades,
    ) -> Option<Uncovered> {
        let assigners = assigners(history, replay, pair.held);
        let mut nearest: Option<(Dimension, u32)> = None;
        for position in self.candidates(act.actor, &assigners, pair.subject) {
            let authorization = &self.authorizations[position as usize];
            let Some(failing) = self.failing(authorization, history, act, pair, (&assigners, grades)) else {
                continue;
            };
            match failing.as_slice() {
                [] => return None,
                [dimension] => {
                    // Positions ascend, so an equal dimension found later never wins.
                    if nearest.is_none_or(|(best, _)| *dimension < best) {
                        nearest = Some((*dimension, position));
                    }
                }
                [_, _, ..] => {}
            }
        }
        Some(match nearest {
            Some((dimension, position)) => Uncovered {
                gap: Gap::Fails(dimension),
                nearest: Some(position),
            },
            None => Uncovered {
                gap: Gap::None,
                nearest: None,
            },
        })
    }

    /// The authorizations that name the processor or an assigner, about this subject, in the order of the record.
    fn candidates(&self, processor: ProcessorNo, assigners: &[ProcessorNo], subject: SubjectNo) -> Vec<u32> {
        let mut candidates: Vec<u32> = Vec::new();
        for party in std::iter::once(processor).chain(assigners.iter().copied()) {
            for subject in [None, Some(subject)] {
                if let Some(list) = self.by_party.get(&(party, subject)) {
                    candidates.extend_from_slice(list);
                }
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// The dimensions in which the authorization fails; `None` when it is no candidate.
    fn failing(
        &self,
        authorization: &Authorization,
        history: &History,
        act: &Act,
        pair: Pair,
        (assigners, grades): (&[ProcessorNo], &Grades),
    ) -> Option<Vec<Dimension>> {
        let things = &history.things;
        let is_own_use = matches!(act.kind, ActKind::Use | ActKind::Derive);
        let as_recipient = is_own_use && authorization.recipients.contains(&act.actor);
        let holds = |party: &ProcessorNo| authorization.holders.contains(party);
        if !as_recipient && !holds(&act.actor) && !assigners.iter().any(holds) {
            return None;
        }
        if authorization
            .subjects
            .as_ref()
            .is_some_and(|set| !set.contains(&pair.subject))
        {
            return None;
        }
        let mut failing = Vec::new();
        let mut fails = |dimension, is_failing: bool| {
            if is_failing {
                failing.push(dimension);
            }
        };
        let is_minor = self.is_minor(pair.subject, act.at);
        let is_consent = authorization.basis == Basis::Consent;
        if !as_recipient {
            fails(Dimension::Act, !authorization.acts.contains(&act.kind));
            fails(
                Dimension::Recipient,
                act.recipient
                    .is_some_and(|to| !authorization.recipients.contains(&to)),
            );
            let needed = needed_grade(history, act, pair.field, is_minor, grades);
            fails(Dimension::Grade, is_consent && authorization.grade < needed);
        }
        fails(
            Dimension::Field,
            !authorization.fields.contains(&pair.field)
                && !things.is_in(pair.field, &authorization.categories),
        );
        fails(
            Dimension::Purpose,
            !act.purpose
                .is_some_and(|purpose| things.serves(purpose, &authorization.purposes)),
        );
        if let Some(dimension) = authorization.out_of_force(act.at) {
            fails(dimension, true);
        }
        fails(
            Dimension::Guardian,
            is_consent && is_minor && authorization.given_by != Giver::Guardian,
        );
        Some(failing)
    }
}

impl Authorization {
    /// The legal basis.
    pub fn basis(&self) -> Basis {
        self.basis
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

/// The grade a consent needs for the act, for this field.
fn needed_grade(history: &History, act: &Act, field: FieldNo, is_minor: bool, grades: &Grades) -> Grade {
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

/// Who assigned the held copies that were assigned: their authorizations come along with the copy.
fn assigners(history: &History, replay: &Replay, held: Held) -> Vec<ProcessorNo> {
    let Held::Copies(stretch) = held else {
        return Vec::new();
    };
    let mut assigners: Vec<ProcessorNo> = replay
        .copies_in(stretch)
        .iter()
        .map(|number| replay.copy(*number))
        .filter(|copy| copy.role == Role::Assigned)
        .map(|copy| history.act(copy.via).actor)
        .collect();
    assigners.sort_unstable();
    assigners.dedup();
    assigners
}
