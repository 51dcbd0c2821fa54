//! What came after a commit: whom it touches, and what it brings to the catalogue.

use std::collections::BTreeSet;

use super::super::DbError;
use super::super::catalogue::{Catalogue, belongs_to_catalogue};
use super::{Origin, Source, WALK_ROWS};
use crate::model::fact::Act;
use crate::model::id::SubjectId;
use crate::model::recorded::Horizon;
use crate::model::word::Section;
use crate::store::{self, Body, Number, Record, View};

impl Source {
    /// What came to the catalogue of a store after an earlier state of it; `None` where it has to be read anew. Cost: what
    /// was committed since is read.
    pub fn came_to_catalogue(&self, before: &Self) -> Result<Option<Catalogue>, DbError> {
        let (Origin::Store { view, .. }, Origin::Store { view: earlier, .. }) =
            (&self.origin, &before.origin)
        else {
            return Ok(None);
        };
        let (Horizon::Stated(now), Horizon::Stated(then)) = (self.horizon, before.horizon) else {
            return Ok(None);
        };
        let is_placed = self.is_placed() || before.is_placed();
        if is_placed || (now != then && view.has_dated_after(now.min(then))?) {
            return Ok(None);
        }
        let Some(came) = records_since(view, earlier.sequence(), WALK_ROWS)? else {
            return Ok(None);
        };
        let mut has_acts = false;
        let mut records = Vec::new();
        for record in came {
            if !store::is_of_everyone(&record) {
                continue;
            }
            if store::is_plain(&record) {
                has_acts = true;
            } else if record.target().is_some() {
                return Ok(None);
            } else {
                records.push(record);
            }
        }
        let mut ranked = self.ranked(records)?;
        ranked.retain(belongs_to_catalogue);
        Ok(Some(Catalogue { ranked, has_acts }))
    }

    /// Whom the commits after this one touch, of a store, and facts that are laid over it. Processors, fields, purposes and categories
    /// that come touch nobody: no other fact can have named them before. `None` when something may concern everybody in another
    /// way, or more than so many records came. A fact file has no commits.
    pub fn touched_since(&self, sequence: u64, records_max: usize) -> Result<Option<Touched>, DbError> {
        let view = match &self.origin {
            Origin::Document { .. } => return Ok(Some(Touched::default())),
            Origin::Laid(laid) => {
                let below = laid.below().touched_since(sequence, records_max)?;
                let (Some(mut touched), Some(below)) = (laid.touched(), below) else {
                    return Ok(None);
                };
                touched.subjects.extend(below.subjects);
                touched.acts.extend(below.acts);
                return Ok(Some(touched));
            }
            Origin::Store { view, .. } => view,
        };
        let Some(mut records) = records_since(view, sequence, records_max)? else {
            return Ok(None);
        };
        // What is put up with is found all the same.
        records.retain(|record| record.section != Section::Suppressions);
        let is_new_thing = |record: &Record| names_things(record.section) && record.target().is_none();
        records.retain(|record| !is_new_thing(record));
        let mut touched = Touched::default();
        let mut of_everyone = Vec::new();
        for record in records {
            // What takes back names nobody itself.
            let subjects = if record.retracts.is_some() {
                &[][..]
            } else {
                &record.subjects
            };
            let concerns_everybody = (subjects.is_empty() && record.retracts.is_none())
                || (record.target().is_some() && record.touched.everyone)
                || matches!(&record.body, Body::Act(act) if store::concerns_everybody(act));
            let mut named = subjects.iter().chain(&record.touched.subjects);
            let names_everyone = named.any(SubjectId::is_everyone);
            if concerns_everybody || (names_everyone && record.section != Section::Events) {
                return Ok(None);
            }
            touched.extend(subjects.iter().chain(&record.touched.subjects));
            if names_everyone {
                of_everyone.push(record);
            }
        }
        for record in self.with_changes(of_everyone)? {
            match record.body {
                Body::Act(act) if is_of_everyone_alone(&act) => touched.acts.push(act),
                // Of what was another's the record says whose it was; what takes back has no act of its own.
                Body::Act(act) if !act.subjects.iter().any(SubjectId::is_everyone) => {}
                Body::Item(_) if record.retracts.is_some() => {}
                Body::Act(_) | Body::Item(_) => return Ok(None),
            }
        }
        Ok(Some(touched))
    }
}

/// Whom some facts touch.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// The subjects and cohorts that they name, or that what they changed named, but for everyone.
    pub subjects: BTreeSet<SubjectId>,
    /// The acts with everyone's data that came, changed or went, as they are and as they were.
    pub acts: Vec<Act>,
}

impl Touched {
    fn extend<'s>(&mut self, subjects: impl Iterator<Item = &'s SubjectId>) {
        let persons = subjects.filter(|subject| !subject.is_everyone());
        self.subjects.extend(persons.cloned());
    }
}

/// What was committed after this commit; `None` if it is more than so many records.
fn records_since(view: &View, sequence: u64, records_max: usize) -> Result<Option<Vec<Record>>, DbError> {
    let first = Number {
        sequence: sequence + 1,
        position: 0,
    };
    let walk = view.facts_from(Some(first), records_max)?;
    Ok(walk.next.is_none().then_some(walk.records))
}

/// Whether facts of this section name what acts speak of.
pub fn names_things(section: Section) -> bool {
    matches!(
        section,
        Section::Categories | Section::Fields | Section::Processors | Section::Purposes
    )
}

/// Whether the act is one with everyone's data and speaks of no one else's.
pub fn is_of_everyone_alone(act: &Act) -> bool {
    act.subjects.iter().all(SubjectId::is_everyone) && !store::concerns_everybody(act)
}
