//! What the datasets, columns and jobs of events are called in facts, and what is known of them over all events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::{Column, Entity, How, Parent, Party};
use super::gather::{Gathered, Told};
use super::overlaps::Overlaps;
use crate::import::mapping::Mapping;
use crate::model::id::SubjectId;
use crate::model::place::Place;
use crate::model::word::State;

/// The name of a column that stands for everything in a dataset whose columns nobody told.
const ALL: &str = "*";
/// The purpose of what nobody gave a purpose.
pub const UNSTATED: &str = "unstated";
/// The furthest that a purpose is looked for among the runs that started a run.
const PARENTS_MAX: usize = 16;

/// Events and the mapping together.
pub struct World<'a> {
    /// The events.
    pub gathered: &'a Gathered,
    /// The mapping.
    pub mapping: &'a Mapping,
    /// What happens to datasets, and when.
    pub overlaps: Overlaps<'a>,
    kinds: BTreeMap<Column, Kinds>,
}

/// What a column is, by itself or by what it was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Its categories.
    pub categories: BTreeSet<Arc<str>>,
    /// Kinds of people whose data it is; of everyone when there are none.
    pub subjects: BTreeSet<Arc<str>>,
    /// Whether it holds nothing but hashed or masked values.
    pub is_masked: bool,
}

impl<'a> World<'a> {
    /// Cost: linear in columns and column lineage, times the length of the longest chain that changes something.
    pub fn new(gathered: &'a Gathered, mapping: &'a Mapping) -> Self {
        let mut world = Self {
            gathered,
            mapping,
            overlaps: Overlaps::default(),
            kinds: BTreeMap::new(),
        };
        world.overlaps = Overlaps::new(gathered, |entity| world.dataset(entity));
        world.kinds = world.inherited();
        world
    }

    /// Who holds the dataset, or runs the job: as the mapping says, or the producer, or else a system named after the
    /// namespace; of a job, after the job.
    pub fn holder(&self, entity: &Entity) -> Arc<str> {
        let mapped = if entity.is_job {
            self.mapping.runner(&entity.namespace, &entity.name)
        } else {
            self.mapping.holder(&entity.namespace, &entity.name)
        };
        if let Some(id) = mapped {
            return Arc::clone(id);
        }
        if let Some(party) = self.party(entity) {
            return Arc::clone(&party.id);
        }
        if entity.is_job {
            return format!("job:{}/{}", entity.namespace, entity.name).into();
        }
        Arc::clone(&entity.namespace)
    }

    /// Where a reader finds what an act rests on: the event in its file or, if it came over the wire, the line of the
    /// mapping about the data.
    pub fn told_at(&self, event: &Place, data: Option<&Column>) -> Place {
        let of_mapping = data.filter(|_| &*event.file == super::WIRE).and_then(|data| {
            self.mapping
                .place(&data.of.namespace, &data.of.name, data.of.is_job)
        });
        of_mapping.unwrap_or(event).clone()
    }

    /// Whether somebody said who holds it.
    pub fn is_mapped(&self, entity: &Entity) -> bool {
        let mapped = if entity.is_job {
            self.mapping.runner(&entity.namespace, &entity.name)
        } else {
            self.mapping.holder(&entity.namespace, &entity.name)
        };
        mapped.is_some() || self.party(entity).is_some()
    }

    fn party(&self, entity: &Entity) -> Option<&Party> {
        self.gathered.datasets.get(entity)?.party.get()
    }

    /// The columns of a dataset; one that stands for all if none is known.
    pub fn columns(&self, entity: &Entity) -> Vec<Column> {
        let known = self.gathered.datasets.get(entity).map(|dataset| &dataset.columns);
        let of = |name: Option<Arc<str>>| Column {
            of: entity.clone(),
            name,
        };
        match known {
            Some(known) if !known.is_empty() => known.iter().cloned().map(|name| of(Some(name))).collect(),
            Some(_) | None => vec![of(None)],
        }
    }

    /// A column as the columns it stands for.
    pub fn spread(&self, column: &Column) -> Vec<Column> {
        if column.name.is_some() {
            vec![column.clone()]
        } else {
            self.columns(&column.of)
        }
    }

    /// The identifier of a dataset.
    pub fn dataset(&self, entity: &Entity) -> String {
        if entity.is_job {
            format!("job:{}/{}", entity.namespace, entity.name)
        } else {
            self.mapping
                .alias(&entity.namespace, &entity.name)
                .unwrap_or_else(|| format!("{}/{}", entity.namespace, entity.name))
        }
    }

    /// The identifier of a column: `customers.email` where the mapping gives a short name, otherwise
    /// `namespace/name#column`, so that dots in names do not make two columns one.
    pub fn field(&self, column: &Column) -> String {
        let name = column.name.as_deref().unwrap_or(ALL);
        let entity = &column.of;
        let alias = if entity.is_job {
            None
        } else {
            self.mapping.alias(&entity.namespace, &entity.name)
        };
        match alias {
            Some(alias) => format!("{alias}.{name}"),
            None => format!("{}#{name}", self.dataset(entity)),
        }
    }

    /// What a run or a job is for: its own word, the mapping's, or that of the run that started it.
    pub fn purpose(&self, told: &Told, job: Option<&Entity>, parent: Option<&Parent>) -> Arc<str> {
        let of = |told: &Told, job: Option<&Entity>| {
            told.purpose
                .get()
                .map(|word| self.mapping.word(word))
                .or_else(|| {
                    let job = job.filter(|job| job.is_job)?;
                    self.mapping.purpose(&job.namespace, &job.name).cloned()
                })
        };
        let mut found = of(told, job);
        let mut next = parent;
        for _ in 0..PARENTS_MAX {
            if found.is_some() {
                break;
            }
            let Some(parent) = next else { break };
            let Some(run) = self.gathered.runs.get(&parent.run) else {
                // Of a scheduler that sends no events the name of its job is known all the same.
                found = of(&Told::default(), parent.job.as_ref());
                break;
            };
            found = of(&run.told, run.job.get());
            next = run.parent.get();
        }
        found.unwrap_or_else(|| UNSTATED.into())
    }

    /// What the column is.
    pub fn kinds(&self, column: &Column) -> Kinds {
        self.kinds
            .get(column)
            .cloned()
            .unwrap_or_else(|| self.own(column))
    }

    /// Kinds of people whose data it is that is in these columns; of everyone when there are none.
    pub fn subjects(&self, columns: &BTreeSet<Column>) -> BTreeSet<Arc<str>> {
        let mut all = BTreeSet::new();
        for column in columns {
            let own = self.kinds(column).subjects;
            if own.is_empty() {
                return own;
            }
            all.extend(own);
        }
        all
    }

    /// The state of the column.
    pub fn state(&self, column: &Column) -> State {
        let said = column
            .name
            .as_ref()
            .and_then(|name| self.mapping.state(&column.of.namespace, &column.of.name, name));
        said.unwrap_or(if self.kinds(column).is_masked {
            State::Deidentified
        } else {
            State::Identified
        })
    }

    fn own(&self, column: &Column) -> Kinds {
        let entity = &column.of;
        let name = column.name.as_deref().unwrap_or(ALL);
        let mut categories: BTreeSet<Arc<str>> = BTreeSet::new();
        if !entity.is_job {
            categories.extend(self.mapping.categories(&entity.namespace, &entity.name, name));
        }
        if categories.is_empty()
            && let Some(dataset) = self.gathered.datasets.get(entity)
        {
            for (of, key, value) in &dataset.tags {
                let is_meant = of.is_none() || *of == column.name || column.name.is_none();
                // Some producers write every key that there could be, with nothing in it.
                if is_meant && !value.trim().is_empty() {
                    categories.extend(self.mapping.tag(key, value).iter().cloned());
                    // The key of our own facet, and of producers that write records of processing.
                    if matches!(&**key, "category" | "data_category")
                        && self.mapping.tag(key, value).is_empty()
                    {
                        categories.insert(Arc::clone(value));
                    }
                }
            }
        }
        let subjects = self
            .gathered
            .datasets
            .get(entity)
            .map(|dataset| &dataset.subjects);
        // A word that means all of them says no more than none.
        let subjects = subjects.filter(|told| !told.contains(SubjectId::EVERYONE));
        Kinds {
            categories,
            subjects: subjects.cloned().unwrap_or_default(),
            is_masked: false,
        }
    }

    /// Own categories, or else those of everything that goes into a column; masked is what is made of masked values
    /// only, somewhere along every way.
    fn inherited(&self) -> BTreeMap<Column, Kinds> {
        let into = &self.gathered.into;
        let mut kinds: BTreeMap<Column, Kinds> = BTreeMap::new();
        let mut has_own: BTreeSet<&Column> = BTreeSet::new();
        for (to, sources) in into {
            for column in sources.keys().chain([to]) {
                kinds.entry(column.clone()).or_insert_with(|| self.own(column));
            }
            if !kinds[to].categories.is_empty() {
                has_own.insert(to);
            }
        }
        let carrying = |to: &Column| {
            into.get(to)
                .into_iter()
                .flatten()
                .filter(|(_, how)| **how != How::Influence)
                .map(|(from, how)| (from.clone(), *how))
                .collect::<Vec<_>>()
        };
        // From what is shown as it is, showing spreads; what it does not reach is masked if a mask stands before it.
        let mut shown: BTreeSet<Column> = kinds
            .keys()
            .filter(|column| carrying(column).is_empty() || self.has_unknown_source(column))
            .cloned()
            .collect();
        let mut behind_a_mask: BTreeSet<Column> = BTreeSet::new();
        loop {
            let mut changed = false;
            for to in into.keys() {
                let sources = carrying(to);
                if sources
                    .iter()
                    .any(|(from, how)| *how == How::Direct && shown.contains(from))
                {
                    changed |= shown.insert(to.clone());
                }
                if sources
                    .iter()
                    .any(|(from, how)| *how == How::Masked || behind_a_mask.contains(from))
                {
                    changed |= behind_a_mask.insert(to.clone());
                }
                if has_own.contains(to) {
                    continue;
                }
                let mut categories = kinds[to].categories.clone();
                for (from, _) in &sources {
                    categories.extend(kinds[from].categories.iter().cloned());
                }
                if let Some(kinds) = kinds.get_mut(to)
                    && kinds.categories != categories
                {
                    kinds.categories = categories;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for (column, kinds) in &mut kinds {
            kinds.is_masked = behind_a_mask.contains(column) && !shown.contains(column);
        }
        self.inherit_subjects(&mut kinds);
        kinds
    }

    /// Own subjects or, where every way in comes from data of known kinds of people, those of all of them.
    fn inherit_subjects(&self, kinds: &mut BTreeMap<Column, Kinds>) {
        let told: BTreeSet<Column> = kinds
            .iter()
            .filter(|(_, kinds)| !kinds.subjects.is_empty())
            .map(|(column, _)| column.clone())
            .collect();
        if told.is_empty() {
            return;
        }
        let ways: Vec<(&Column, Vec<&Column>)> = self
            .gathered
            .into
            .iter()
            .filter(|(to, _)| !told.contains(*to))
            .map(|(to, into)| {
                let carrying = into.iter().filter(|(_, how)| **how != How::Influence);
                (to, carrying.map(|(from, _)| from).collect())
            })
            .collect();
        // Of everyone: what nobody told and nothing known goes into, and what is made of such data.
        let all = self
            .gathered
            .into
            .iter()
            .flat_map(|(to, into)| into.keys().chain([to]));
        let mut open: BTreeSet<&Column> = all.filter(|column| !told.contains(*column)).collect();
        for (to, from) in &ways {
            if !from.is_empty() && !self.has_unknown_source(to) {
                open.remove(to);
            }
        }
        loop {
            let before = (
                open.len(),
                kinds.values().map(|kinds| kinds.subjects.len()).sum::<usize>(),
            );
            for (to, from) in &ways {
                if from.iter().any(|from| open.contains(from)) {
                    open.insert(to);
                }
                let inherited: BTreeSet<Arc<str>> = from
                    .iter()
                    .flat_map(|from| kinds[*from].subjects.iter().cloned())
                    .collect();
                if let Some(kinds) = kinds.get_mut(*to) {
                    kinds.subjects.extend(inherited);
                }
            }
            if before
                == (
                    open.len(),
                    kinds.values().map(|kinds| kinds.subjects.len()).sum::<usize>(),
                )
            {
                break;
            }
        }
        for column in open {
            if let Some(kinds) = kinds.get_mut(column) {
                kinds.subjects.clear();
            }
        }
    }

    /// Whether some run wrote the dataset without saying from what.
    fn has_unknown_source(&self, column: &Column) -> bool {
        self.gathered
            .datasets
            .get(&column.of)
            .is_some_and(|dataset| dataset.is_written_unexplained)
    }
}
