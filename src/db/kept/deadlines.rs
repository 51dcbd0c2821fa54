//! When what was found has to be found anew although nothing came.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::model::id::{FactId, SubjectId};
use crate::model::list::{Item, List, Mark, Marks, mark};
use crate::model::time::Instant;
use crate::rules::later::Next;

/// The next instant for each subject, for each act with everyone's data, and for everybody.
#[derive(Debug)]
pub struct Deadlines {
    subjects: List<Due<SubjectId>>,
    acts: List<Due<FactId>>,
    /// That of everybody.
    pub all: Option<Instant>,
}

/// What is found about whom, and from when on that may be another thing.
#[derive(Clone, Debug)]
struct Due<Id> {
    at: Instant,
    whose: Id,
    mark: Mark,
}

impl<Id: Borrow<str>> Due<Id> {
    fn new(at: Instant, whose: Id) -> Self {
        let mark = mark(whose.borrow());
        Self { at, whose, mark }
    }
}

impl<Id: Clone + Ord> Item for Due<Id> {
    fn order(&self, other: &Self) -> Ordering {
        (self.at, &self.whose).cmp(&(other.at, &other.whose))
    }

    fn marks(&self) -> impl Iterator<Item = Mark> {
        std::iter::once(self.mark)
    }
}

/// In order.
fn dues<Id: Borrow<str> + Clone + Ord>(all: impl Iterator<Item = (Instant, Id)>) -> Vec<Due<Id>> {
    let mut dues: Vec<Due<Id>> = all.map(|(at, whose)| Due::new(at, whose)).collect();
    dues.sort_unstable_by(Due::order);
    dues
}

/// Those that have come.
fn come<Id>(list: &List<Due<Id>>, now: Instant) -> impl Iterator<Item = &Due<Id>> {
    list.iter().take_while(move |due| due.at <= now)
}

impl Deadlines {
    /// What was noted, in chunks of at most so many.
    pub fn new(next: Next, most: usize) -> Self {
        let of_subject = next.of_subject.into_iter().map(|(subject, at)| (at, subject));
        Self {
            subjects: List::new(dues(of_subject), most),
            acts: List::new(dues(next.of_act.into_iter()), most),
            all: next.of_all,
        }
    }

    /// The subjects for whom one has passed.
    pub fn subjects_due(&self, now: Instant) -> impl Iterator<Item = &SubjectId> {
        come(&self.subjects, now).map(|due| &due.whose)
    }

    /// The acts with everyone's data for which one has passed.
    pub fn acts_due(&self, now: Instant) -> impl Iterator<Item = &FactId> {
        come(&self.acts, now).map(|due| &due.whose)
    }

    /// With those noted for these families now.
    pub fn with_families(&self, families: &BTreeSet<SubjectId>, fresh: Next) -> Self {
        let next_acts = if families.contains(&SubjectId::everyone()) {
            List::new(dues(fresh.of_act.into_iter()), self.acts.most())
        } else {
            self.acts.clone()
        };
        let marks = Marks::new(families.iter().map(|subject| mark(subject.as_str())));
        let theirs = fresh.of_subject.into_iter();
        let theirs = theirs.filter(|(subject, _)| families.contains(subject));
        let theirs = dues(theirs.map(|(subject, at)| (at, subject)));
        Self {
            subjects: (self.subjects).with(&marks, |due| families.contains(&due.whose), theirs),
            acts: next_acts,
            // Not every deadline of all is seen from a few families.
            all: self.all.into_iter().chain(fresh.of_all).min(),
        }
    }

    /// With those noted for these acts with everyone's data now; of the others those are left that are to come.
    pub fn with_acts(&self, acts: &FxHashSet<FactId>, now: Instant, fresh: Next) -> Self {
        let marks = acts.iter().chain(self.acts_due(now));
        let marks = Marks::new(marks.map(|act| mark(act.as_str())));
        let is_gone = |due: &Due<FactId>| due.at <= now || acts.contains(&due.whose);
        let theirs = fresh.of_act.into_iter().filter(|(_, act)| acts.contains(act));
        let next_acts = self.acts.with(&marks, is_gone, dues(theirs));
        let everyone = SubjectId::everyone();
        let soonest = next_acts.get(0).map(|due| due.at);
        let of_facts = fresh.of_subject.get(&everyone).copied();
        let first = soonest.into_iter().chain(of_facts).min();
        let marks = Marks::new(std::iter::once(mark(SubjectId::EVERYONE)));
        let theirs = dues(first.map(|at| (at, everyone)).into_iter());
        Self {
            subjects: (self.subjects).with(&marks, |due| due.whose.is_everyone(), theirs),
            acts: next_acts,
            all: self.all.into_iter().chain(fresh.of_all).min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rustc_hash::FxHashSet;

    use super::Deadlines;
    use crate::model::id::{FactId, SubjectId};
    use crate::model::time::Instant;
    use crate::rules::later::Next;

    fn at(day: i64) -> Instant {
        Instant::from_micros(0).plus_days(day)
    }

    fn noted(subjects: &[(&str, i64)], acts: &[(&str, i64)]) -> Next {
        Next {
            of_subject: subjects
                .iter()
                .map(|(id, day)| (SubjectId::from(*id), at(*day)))
                .collect(),
            of_act: acts
                .iter()
                .map(|(id, day)| (at(*day), FactId::from(*id)))
                .collect(),
            of_all: None,
        }
    }

    fn due(deadlines: &Deadlines, day: i64) -> (Vec<&str>, Vec<&str>) {
        (
            deadlines.subjects_due(at(day)).map(SubjectId::as_str).collect(),
            deadlines.acts_due(at(day)).map(FactId::as_str).collect(),
        )
    }

    #[test]
    fn what_was_noted_before_about_those_judged_again_is_gone() {
        for a_chunk in [1, 2, 100] {
            let first = noted(
                &[("ana", 3), ("bo", 1), ("cy", 2), ("everyone", 1)],
                &[("a", 1), ("b", 2), ("c", 9)],
            );
            let first = Deadlines::new(first, a_chunk);
            assert_eq!(due(&first, 2), (vec!["bo", "everyone", "cy"], vec!["a", "b"]));
            let families = BTreeSet::from(["bo".into(), "cy".into()]);
            let then = first.with_families(&families, noted(&[("bo", 7), ("dee", 1)], &[("d", 1)]));
            assert_eq!(
                due(&then, 9),
                (vec!["everyone", "ana", "bo"], vec!["a", "b", "c"])
            );
            // One that has passed comes no more, though its act was not judged again.
            let acts = FxHashSet::from_iter(["b".into()]);
            let then = then.with_acts(&acts, at(1), noted(&[("everyone", 8)], &[("b", 5), ("e", 1)]));
            assert_eq!(due(&then, 9), (vec!["ana", "everyone", "bo"], vec!["b", "c"]));
            let all = BTreeSet::from([SubjectId::everyone()]);
            let then = then.with_families(&all, noted(&[("everyone", 4)], &[("f", 4)]));
            assert_eq!(due(&then, 9), (vec!["ana", "everyone", "bo"], vec!["f"]));
        }
    }
}
