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
        let mut facts = self.stand(records)?;
        facts.retain(|stated| belongs_to_catalogue(&stated.fact));
        Ok(Some(Catalogue { facts, has_acts }))
    }

    /// Whose families the commits after this one touch, of a store: the subjects and cohorts that their facts name, or
    /// that what they change named; and those that facts laid over them touch. `None` when they may concern everybody, or are
    /// more than so many records. A fact file has no commits, so nothing is touched.
    pub fn touched_since(
        &self,
        sequence: u64,
        records_max: usize,
    ) -> Result<Option<BTreeSet<SubjectId>>, DbError> {
        let mut touched = BTreeSet::new();
        let view = match &self.origin {
            Origin::Document { .. } => return Ok(Some(touched)),
            Origin::Laid(laid) => {
                let (Some(over), Some(below)) =
                    (laid.touched(), laid.below().touched_since(sequence, records_max)?)
                else {
                    return Ok(None);
                };
                return Ok(Some(over.into_iter().chain(below).collect()));
            }
            Origin::Store { view, .. } => view,
        };
        let Some(records) = records_since(view, sequence, records_max)? else {
            return Ok(None);
        };
        // What is put up with is found all the same.
        let records = records.into_iter();
        for record in records.filter(|record| record.section != Section::Suppressions) {
            let changes = record.target().is_some();
            let subjects = if record.retracts.is_some() {
                &[][..]
            } else {
                &record.subjects
            };
            let concerns_everybody = (subjects.is_empty() && record.retracts.is_none())
                || subjects.iter().any(SubjectId::is_everyone)
                || (changes && record.touched.everyone)
                || matches!(&record.body, Body::Act(act) if store::concerns_everybody(act));
            if concerns_everybody {
                return Ok(None);
            }
            touched.extend(subjects.iter().chain(&record.touched.subjects).cloned());
        }
        Ok(Some(touched))
    }

    /// The acts with everyone's data that commits after this one, or facts laid over them, brought, changed or took back, as
    /// they are and as they were; where nothing else came but processors, fields, purposes and categories, which no other fact
    /// can have named before. `None` where anything else came, or more than so many records. A fact file has no commits.
    pub fn acts_of_everyone_since(
        &self,
        sequence: u64,
        records_max: usize,
    ) -> Result<Option<Vec<Act>>, DbError> {
        let view = match &self.origin {
            Origin::Document { .. } => return Ok(Some(Vec::new())),
            Origin::Laid(laid) => {
                let below = laid.below().acts_of_everyone_since(sequence, records_max)?;
                let (Some(over), Some(mut acts)) = (laid.acts_of_everyone(), below) else {
                    return Ok(None);
                };
                acts.extend(over);
                return Ok(Some(acts));
            }
            Origin::Store { view, .. } => view,
        };
        let Some(mut records) = records_since(view, sequence, records_max)? else {
            return Ok(None);
        };
        records.retain(|record| record.section != Section::Suppressions);
        let is_new_thing = |record: &Record| names_things(record.section) && record.target().is_none();
        records.retain(|record| !is_new_thing(record));
        if records.iter().any(|record| record.section != Section::Events) {
            return Ok(None);
        }
        let mut acts = Vec::new();
        for record in self.with_changes(records)? {
            match record.body {
                Body::Act(act) if is_of_everyone_alone(&act) => acts.push(act),
                // What takes back has no act of its own.
                Body::Item(_) if record.retracts.is_some() => {}
                Body::Act(_) | Body::Item(_) => return Ok(None),
            }
        }
        Ok(Some(acts))
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
