//! Records that change others: in which families they must be told.
//!
//! Whoever reads one family reads of every change of every fact in it, and then looks up all records that change the
//! same fact. So a change has a row in each family in which the fact has stood so far.

use rustc_hash::FxHashMap;

use super::append::New;
use super::codec::{Body, Record, Touched};
use super::entries::concerns_everybody;
use super::error::StoreError;
use super::view::View;
use crate::model::fact::{Fact, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::word::Section;

/// Finds, for each new record that changes another, the families in which that stood: in the store or in the same
/// commit. Cost: a scan of each changed fact's records, and of the commit.
pub fn touch(before: &View, new: &mut [New<'_>]) -> Result<(), StoreError> {
    let mut stood: FxHashMap<(Section, FactId), Touched> = FxHashMap::default();
    for new in new.iter() {
        if let Some(target) = new.stated.target() {
            let section = new.stated.fact.section();
            let key = (section, target.clone());
            if let std::collections::hash_map::Entry::Vacant(vacant) = stood.entry(key) {
                let mut touched = Touched::default();
                for record in before.versions(section, target.as_str())? {
                    if record.id.as_deref() == Some(target.as_str()) {
                        let concerns = matches!(&record.body, Body::Act(act) if concerns_everybody(act));
                        add(&mut touched, &record.subjects, concerns);
                    }
                }
                vacant.insert(touched);
            }
        }
    }
    for new in new.iter() {
        let fact = &new.stated.fact;
        let Some(id) = fact.id() else { continue };
        if let Some(touched) = stood.get_mut(&(fact.section(), id.into())) {
            let concerns = matches!(fact, Fact::Act(act) if concerns_everybody(act));
            add(touched, fact.subjects(), concerns);
        }
    }
    for touched in stood.values_mut() {
        touched.subjects.sort_unstable();
        touched.subjects.dedup();
    }
    for new in new.iter_mut() {
        if let Some(touched) = changed(new.stated).and_then(|key| stood.get(&key)) {
            new.touched = touched.clone();
        }
    }
    Ok(())
}

fn changed(stated: &Stated) -> Option<(Section, FactId)> {
    Some((stated.fact.section(), stated.target()?.clone()))
}

fn add(touched: &mut Touched, subjects: &[SubjectId], concerns_everybody: bool) {
    touched.subjects.extend_from_slice(subjects);
    touched.everyone |= subjects.is_empty() || concerns_everybody;
}

impl View {
    /// The record that introduced this name and all records that change it, in the order of their numbers. A scan of
    /// them.
    pub fn versions(&self, section: Section, id: &str) -> Result<Vec<Record>, StoreError> {
        let mut records = self.changes(section, id)?;
        records.extend(self.record(section, id)?);
        records.sort_unstable_by_key(|record| record.number);
        Ok(records)
    }
}
