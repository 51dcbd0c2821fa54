//! What a question about nobody in particular is asked of: the acts that bear on its field, of all persons.
//!
//! What is done with everyone's data is done with that of each person. To replay all of everyone's acts for each of them would take
//! their product, so two things are left out that change no answer. Acts that no chain of acts connects with the
//! field, whoever acted when, have nothing to do with it. And persons of whom no act of their own is among the others
//! have what everyone has: one of them stands for all.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::DbError;
use super::super::reading::Reading;
use super::Snapshot;
use super::replayed::Replayed;
use crate::graph::connected::connected;
use crate::graph::{Act, Cohorts, History, Replay, SubjectNo, moments};
use crate::model::fact::{Fact, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::question::ReachQuestion;
use crate::model::word::Carries;
use crate::question::Alike;

/// So many of everyone's acts are replayed together by default, each counted once for every person of whom that is done.
pub(super) const TOGETHER_MAX: usize = 8_000_000;

/// How a question about nobody in particular is asked.
pub(super) enum Anybody {
    /// Of all persons at once.
    Together(Box<Together>),
    /// Of one person after the other: together they would take too much memory, or an act about one of them would decide for others in which
    /// organization something took place.
    Each(Box<Each>),
}

/// The persons to be asked about.
pub(super) struct Each {
    /// The acts that bear on the field, as they are on record.
    pub(super) history: History,
    /// Whom to ask about, as they were declared; everyone last.
    pub(super) persons: Vec<SubjectId>,
    /// Whether there are acts that only may have carried.
    pub(super) has_possible: bool,
    /// Who stands for whom.
    pub(super) alike: Option<Alike>,
}

impl Each {
    /// Tells where an act stands among the acts, and a person among those whose data it is about.
    pub(super) fn order(&self) -> impl Fn(&FactId, &SubjectId) -> (usize, usize) + '_ {
        let (acts, subjects) = (self.history.acts(), self.history.subjects());
        let places: FxHashMap<&FactId, usize> = acts.iter().map(|act| &act.id).zip(0..).collect();
        let declared: FxHashMap<&SubjectId, usize> = self.persons.iter().zip(0..).collect();
        move |act, person| {
            let Some(at) = places.get(act).copied() else {
                return (acts.len(), 0);
            };
            let mut about = acts[at].subjects.iter().map(|number| subjects.id(*number));
            let place = if about.clone().any(SubjectId::is_everyone) {
                declared.get(person).copied()
            } else {
                about.position(|subject| subject == person)
            };
            (at, place.unwrap_or(usize::MAX))
        }
    }
}

/// The acts that bear on a field, of all persons.
pub(super) struct Together {
    /// Those acts.
    pub(super) history: History,
    /// Their copies.
    pub(super) replay: Replay,
    /// Whether there are acts that only may have carried.
    pub(super) has_possible: bool,
    /// Who stands for whom.
    pub(super) alike: Option<Alike>,
}

/// All acts that count under a reading.
struct Counted {
    history: History,
    persons: Vec<SubjectId>,
    has_possible: bool,
    has_uncertain: bool,
}

impl Snapshot {
    /// What the question is asked of where it names nobody; `None` where acts of uncertain times have to
    /// be placed first. Cost: everything is read the first time in each state, and each time where only acts that may have
    /// carried, or had influence, count besides; then one look at each act, and a replay of those that bear on the field.
    pub(super) fn anybody(
        &self,
        reach: &ReachQuestion,
        reading: Reading,
    ) -> Result<Option<Anybody>, DbError> {
        let is_placed = self.inner.source.is_placed();
        // What judged questions are asked of is just that, and mostly there.
        let is_plain = !reading.with_possible && !reading.with_influence && !is_placed;
        let replayed = if is_plain { self.replayed(None)? } else { None };
        if let Some(replayed) = replayed {
            let Replayed {
                facts,
                history,
                has_possible,
                ..
            } = &*replayed;
            let persons: Vec<SubjectId> = facts.iter().filter_map(declared).collect();
            return Ok(Some(self.bearing(history, &persons, reach, *has_possible)));
        }
        let counted = self.counted(reading)?;
        if (counted.has_uncertain || self.inner.has_uncertain_nesting) && !is_placed {
            return Ok(None);
        }
        let Counted {
            history,
            persons,
            has_possible,
            ..
        } = &counted;
        Ok(Some(self.bearing(history, persons, reach, *has_possible)))
    }

    /// The acts that bear on the field, everyone's as acts about each person who is not like another one.
    fn bearing(
        &self,
        history: &History,
        persons: &[SubjectId],
        reach: &ReachQuestion,
        has_possible: bool,
    ) -> Anybody {
        let field = history.things.fields().get(&reach.field);
        // What lasts is another hop behind each act of the person in an instant at which something changes, whatever that act does.
        let has_changes = !moments::relocations(history, reach.during.from).is_empty();
        // A question about a field that is not there is refused for it.
        let mut acts = match field {
            Some(_) if has_changes => history.acts().to_vec(),
            Some(field) => connected(history.acts(), field),
            None => Vec::new(),
        };
        let mut part = history.with_acts(Vec::new());
        let everyone = part.subjects().get(&SubjectId::everyone());
        let is_everyones = |act: &Act| act.subjects.iter().any(|subject| Some(*subject) == everyone);
        let count = acts.iter().filter(|act| is_everyones(act)).count();
        let mut alike = None;
        let everyone = everyone.filter(|_| count > 0);
        if everyone.is_some() || has_changes {
            let own = acts.iter().filter(|act| !is_everyones(act));
            let touched: FxHashSet<SubjectNo> = own.flat_map(|act| act.subjects.iter().copied()).collect();
            let (mut whose, mut first, mut others) = (Vec::new(), None, 0);
            for id in persons {
                part.know(id);
                let Some(number) = part.subjects().get(id) else {
                    continue;
                };
                // Without acts of everyone's others have nothing.
                match (touched.contains(&number), everyone.is_some(), first.is_some()) {
                    (true, _, _) => whose.push(number),
                    (false, false, _) => {}
                    (false, true, true) => others += 1,
                    (false, true, false) => {
                        first = Some(id.clone());
                        whose.push(number);
                    }
                }
            }
            whose.extend(everyone);
            alike = first.map(|first| Alike { first, others });
            if has_changes || count.saturating_mul(whose.len()) > self.together_most {
                let persons = whose
                    .iter()
                    .map(|number| part.subjects().id(*number).clone())
                    .collect();
                return Anybody::Each(Box::new(Each {
                    history: part.with_acts(acts),
                    persons,
                    has_possible,
                    alike,
                }));
            }
            for act in acts.iter_mut().filter(|act| is_everyones(act)) {
                act.subjects = whose.iter().copied().collect();
            }
        }
        let history = part.with_acts(acts);
        let replay = Replay::new(&history);
        Anybody::Together(Box::new(Together {
            history,
            replay,
            has_possible,
            alike,
        }))
    }

    fn counted(&self, reading: Reading) -> Result<Counted, DbError> {
        let mut counted = Counted {
            history: History::empty(
                Arc::clone(&self.inner.things),
                Cohorts::clone(&self.inner.cohorts),
            ),
            persons: Vec::new(),
            has_possible: false,
            has_uncertain: false,
        };
        self.inner.source.each(|stated| counted.take(stated, reading))?;
        counted.history.settle::<()>(&[]);
        Ok(counted)
    }
}

impl Counted {
    fn take(&mut self, stated: &Stated, reading: Reading) {
        self.persons.extend(declared(stated));
        let Fact::Act(act) = &stated.fact else {
            return;
        };
        self.has_possible |= act.carries == Carries::Possible;
        self.has_uncertain |= act.at.is_uncertain();
        if act.carries == Carries::Surely {
            self.history.take(stated);
        } else if reading.counts(act.carries) {
            let mut sure = stated.clone();
            if let Fact::Act(act) = &mut sure.fact {
                act.carries = Carries::Surely;
            }
            self.history.take(&sure);
        }
    }
}

fn declared(stated: &Stated) -> Option<SubjectId> {
    let Fact::Subject(subject) = &stated.fact else {
        return None;
    };
    Some(subject.id.clone())
}
