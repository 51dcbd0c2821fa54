//! Facts laid over others: a state that a change would make, while what it is laid over stays as it is.
//!
//! Nothing of the state below is copied: what is asked for is read from it, and what the change says is put in its place.
//! So a few families of the changed state cost what they cost below.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::DbError;
use super::catalogue::{Catalogue, belongs_to_catalogue, concerns_all, is_act_of_everyone};
use super::told::{Source, Touched, Version, gives, is_of_everyone_alone, names_things};
use crate::facts::standing::{Told, in_place};
use crate::model::fact::{Fact, Stated};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::time::Instant;
use crate::model::word::Section;
use crate::placing::Placement;
use crate::store::Number;

/// What to lay over a state. What it replaces or takes back and is not there makes no difference, nor does what it adds
/// and is there already.
#[derive(Clone, Debug, Default)]
pub struct Over {
    /// Facts that come last. Those that correct others stand in their place.
    pub add: Vec<Stated>,
    /// Facts that take the place of those of the same section and name.
    pub replace: Vec<Stated>,
    /// The names of facts to take back.
    pub retract: Vec<(Section, String)>,
}

/// A source with facts laid over it.
pub struct Laid {
    below: Source,
    over: Arc<Over>,
    /// What stands in the place of a fact below that was changed: nothing, if it is gone.
    instead: Instead,
    /// The facts below that were changed.
    changed: Vec<Stated>,
    /// What comes last.
    added: Vec<Stated>,
    /// Everything, once somebody needed it.
    whole: OnceLock<Arc<[Stated]>>,
}

/// Facts by the name of another.
#[derive(Clone, Default)]
struct Instead(FxHashMap<Section, FxHashMap<String, Vec<Stated>>>);

impl Instead {
    fn of(&self, (section, id): Name<'_>) -> Option<&Vec<Stated>> {
        self.0.get(&section)?.get(id)
    }

    fn put(&mut self, (section, id): Name<'_>, facts: Vec<Stated>) {
        self.0.entry(section).or_default().insert(id.to_owned(), facts);
    }

    fn facts(&self) -> impl Iterator<Item = &Stated> {
        self.0.values().flat_map(FxHashMap::values).flatten()
    }
}

type Name<'f> = (Section, &'f str);

fn name(stated: &Stated) -> Option<Name<'_>> {
    Some((stated.fact.section(), stated.fact.id()?))
}

/// The name that it changes.
fn target(stated: &Stated) -> Option<Name<'_>> {
    Some((stated.fact.section(), stated.target()?.as_str()))
}

impl Laid {
    /// Cost: the facts below that have a name which the change names are read.
    pub fn new(below: Source, over: Arc<Over>, horizon: Horizon) -> Result<Self, DbError> {
        let told = || over.add.iter().chain(&over.replace);
        let gone = over.retract.iter().map(|(section, id)| (*section, &**id));
        let mut names: Vec<Name<'_>> = told()
            .filter_map(name)
            .chain(told().filter_map(target))
            .chain(gone)
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut before: Vec<Stated> = below.named(&names)?.into_iter().flatten().collect();
        for stated in &mut before {
            // What it corrected is gone for good.
            stated.recording.corrects = None;
        }
        let (instead, added) = laid(&before, &over, horizon);
        before.retain(|stated| name(stated).is_some_and(|name| instead.of(name).is_some()));
        Ok(Self {
            below,
            over,
            instead,
            changed: before,
            added,
            whole: OnceLock::new(),
        })
    }

    /// The same laid over what lies below at another horizon.
    pub fn up_to(&self, horizon: Horizon) -> Result<Self, DbError> {
        Self::new(self.below.up_to(horizon)?, Arc::clone(&self.over), horizon)
    }

    /// The same with acts of uncertain times where the placement puts them.
    pub fn placed(&self, placement: &Placement) -> Self {
        let mut placed = Self {
            below: self.below.placed(placement),
            over: Arc::clone(&self.over),
            instead: self.instead.clone(),
            changed: self.changed.clone(),
            added: self.added.clone(),
            whole: OnceLock::new(),
        };
        let instead = placed.instead.0.values_mut().flat_map(FxHashMap::values_mut);
        for stated in instead.flatten().chain(&mut placed.added) {
            placement.lay(stated);
        }
        placed
    }

    /// Whether what stands is the same up to both instants.
    pub fn is_for(&self, as_of: Instant, earlier: Instant) -> Result<bool, DbError> {
        let is_later =
            |stated: &Stated| matches!(stated.recording.recorded, Some(RecordTime::At(at)) if at > earlier);
        let over = &self.over;
        Ok(!over.add.iter().chain(&over.replace).any(is_later) && self.below.is_for(as_of)?)
    }

    /// How many facts were told.
    pub fn count(&self) -> Result<u64, DbError> {
        let over = self.over.add.len() + self.over.replace.len() + self.over.retract.len();
        Ok(self.below.count()? + u64::try_from(over).unwrap_or(u64::MAX))
    }

    /// Everything that stands, in order. Cost: the first time, everything below is read.
    pub fn everything(&self) -> Result<&[Stated], DbError> {
        if let Some(whole) = self.whole.get() {
            return Ok(whole);
        }
        let below = self.below.everything()?.into_owned();
        let whole = self.with_changes(below, |_| true);
        Ok(self.whole.get_or_init(|| whole.into()))
    }

    /// What stands and belongs to the catalogue, in order.
    pub fn catalogue(&self) -> Result<Catalogue, DbError> {
        let below = self.below.catalogue()?;
        let moved = self.stood_elsewhere(concerns_all);
        let facts = if moved.is_empty() {
            below.ranked.facts
        } else {
            let fits = |fact: &Fact| concerns_all(fact) || self.changes(fact);
            self.below.about(&moved, fits)?
        };
        let own = Catalogue::of(&self.with_changes(facts, concerns_all));
        Ok(Catalogue {
            has_acts: own.has_acts || below.has_acts,
            ..own
        })
    }

    /// What stands of the subjects and cohorts of these names and of the acts about them, in order.
    pub fn family(&self, names: &[&SubjectId]) -> Result<Vec<Stated>, DbError> {
        let belongs = |fact: &Fact| {
            matches!(fact, Fact::Subject(_) | Fact::Act(_))
                && fact.subjects().iter().any(|id| names.contains(&id))
        };
        if self.changed.iter().any(|stated| concerns_all(&stated.fact)) {
            // One of them may have become theirs.
            return self.about(names, &belongs);
        }
        let wide = self.wide(names, belongs);
        let below = self.below.family(&wide)?;
        let facts = below
            .iter()
            .filter(|stated| belongs(&stated.fact) || self.changes(&stated.fact));
        Ok(self.with_changes(facts.cloned().collect(), belongs))
    }

    /// What stands in the catalogue and about these subjects and cohorts, of those facts that fit, in order.
    pub fn about(&self, names: &[&SubjectId], fits: &dyn Fn(&Fact) -> bool) -> Result<Vec<Stated>, DbError> {
        let wide = self.wide(names, fits);
        let facts = self.below.about(&wide, |fact| fits(fact) || self.changes(fact))?;
        Ok(self.with_changes(facts, fits))
    }

    /// Whom the facts touch which came, went or are another: those that they name, and those that what they changed named.
    /// `None` when they may concern everybody.
    pub fn touched(&self) -> Option<Touched> {
        let was_there = self.changed.iter().chain(self.instead.facts());
        let is_new_thing = |stated: &&Stated| names_things(stated.fact.section());
        let differing = self.added.iter().filter(|stated| !is_new_thing(stated));
        let mut touched = Touched::default();
        for stated in differing.chain(was_there) {
            let fact = &stated.fact;
            // What is put up with is found all the same.
            if fact.section() == Section::Suppressions {
                continue;
            }
            if let Fact::Act(act) = fact
                && is_of_everyone_alone(act)
            {
                touched.acts.push(act.clone());
            } else if concerns_all(fact) {
                return None;
            } else {
                touched.subjects.extend(fact.subjects().iter().cloned());
            }
        }
        Some(touched)
    }

    /// What stands of these acts below, known by number or by name, and all acts with data of these names that come.
    pub fn acts(
        &self,
        numbers: &[Number],
        ids: &[&str],
        names: &[&SubjectId],
        belongs: &dyn Fn(&Fact) -> bool,
    ) -> Result<Vec<Stated>, DbError> {
        let wide = self.wide(names, belongs);
        // What was another's has no number among these.
        let others = self.changed.iter().filter(|stated| !belongs(&stated.fact));
        let ids: Vec<&str> = ids
            .iter()
            .copied()
            .chain(others.filter_map(|stated| stated.fact.id()))
            .collect();
        let mut facts = self.below.acts_and(numbers, &ids, &wide)?;
        facts.retain(|stated| belongs(&stated.fact) || self.changes(&stated.fact));
        Ok(self.with_changes(facts, belongs))
    }

    /// What lies below.
    pub fn below(&self) -> &Source {
        &self.below
    }

    /// Whether the catalogue is as it is below.
    pub fn has_catalogue_of_below(&self) -> bool {
        !self.differing().any(|stated| belongs_to_catalogue(&stated.fact))
    }

    /// Whether acts with everyone's data came.
    pub fn has_acts_of_everyone(&self) -> bool {
        self.came().any(|stated| is_act_of_everyone(&stated.fact))
    }

    /// What stands and does not below.
    fn came(&self) -> impl Iterator<Item = &Stated> {
        self.instead.facts().chain(&self.added)
    }

    /// What stands here or below, and not in both.
    fn differing(&self) -> impl Iterator<Item = &Stated> {
        self.changed.iter().chain(self.came())
    }

    /// The fact of this name, if it stands.
    pub fn fact(&self, section: Section, id: &str) -> Result<Option<Stated>, DbError> {
        if let Some(stated) = self.came().find(|stated| name(stated) == Some((section, id))) {
            return Ok(Some(stated.clone()));
        }
        if self.instead.of((section, id)).is_some() {
            return Ok(None);
        }
        self.below.fact(section, id)
    }

    /// Whether the processor ever gave data to anybody.
    pub fn sends(&self, processor: &ProcessorId, counts: &dyn Fn(&Fact) -> bool) -> Result<bool, DbError> {
        if self
            .came()
            .any(|stated| gives(&stated.fact, processor) && counts(&stated.fact))
        {
            return Ok(true);
        }
        self.below
            .sends(processor, &|fact| counts(fact) && !self.changes(fact))
    }

    /// All records of a fact, and which of them stands.
    pub fn versions(&self, section: Section, id: &str) -> Result<Vec<Version>, DbError> {
        let stands = self.fact(section, id)?;
        let mut versions = self.below.versions(section, id)?;
        for version in &mut versions {
            version.stands = stands.as_ref() == Some(&version.stated);
        }
        let over = self.over.replace.iter().chain(&self.over.add);
        let of_it = over
            .filter(|stated| name(stated) == Some((section, id)) || target(stated) == Some((section, id)));
        versions.extend(of_it.map(|stated| Version {
            number: None,
            committed: None,
            stands: stands.as_ref() == Some(stated),
            stated: stated.clone(),
        }));
        Ok(versions)
    }

    /// Whether something else stands in the place of this fact of what lies below, or nothing.
    fn changes(&self, fact: &Fact) -> bool {
        fact.id()
            .is_some_and(|id| self.instead.of((fact.section(), id)).is_some())
    }

    /// Facts from below, in order, with what the change says in the place of what it changes and at the end; of that, what
    /// fits.
    fn with_changes(&self, below: Vec<Stated>, fits: impl Fn(&Fact) -> bool) -> Vec<Stated> {
        let mut all = Vec::with_capacity(below.len() + self.added.len());
        for stated in below {
            match name(&stated).and_then(|name| self.instead.of(name)) {
                Some(instead) => all.extend(instead.iter().filter(|stated| fits(&stated.fact)).cloned()),
                None => all.push(stated),
            }
        }
        all.extend(self.added.iter().filter(|stated| fits(&stated.fact)).cloned());
        all
    }

    /// The names, and those whose facts below now stand where something that fits stands: it has their place in the order.
    fn wide<'n>(&'n self, names: &[&'n SubjectId], fits: impl Fn(&Fact) -> bool) -> Vec<&'n SubjectId> {
        let mut wide: Vec<&SubjectId> = names.iter().copied().chain(self.stood_elsewhere(fits)).collect();
        wide.sort_unstable();
        wide.dedup();
        wide
    }

    /// Whom those facts below named in whose place something fits.
    fn stood_elsewhere(&self, fits: impl Fn(&Fact) -> bool) -> Vec<&SubjectId> {
        let fits_instead = |stated: &&Stated| {
            let instead = name(stated).and_then(|name| self.instead.of(name));
            instead.into_iter().flatten().any(|stated| fits(&stated.fact))
        };
        let changed = self.changed.iter().filter(fits_instead);
        changed.flat_map(|stated| stated.fact.subjects()).collect()
    }
}

/// What stands in the place of these facts, of those for which it is something else, and what comes last.
fn laid(before: &[Stated], over: &Over, horizon: Horizon) -> (Instead, Vec<Stated>) {
    let gone: FxHashSet<Name<'_>> = over
        .retract
        .iter()
        .map(|(section, id)| (*section, &**id))
        .collect();
    let is_gone = |stated: &Stated| name(stated).is_some_and(|name| gone.contains(&name));
    let kept: Vec<&Stated> = before.iter().filter(|stated| !is_gone(stated)).collect();
    let mut at: FxHashMap<Name<'_>, usize> = FxHashMap::default();
    at.extend(
        (0..)
            .zip(&kept)
            .filter_map(|(i, stated)| Some((name(stated)?, i))),
    );
    let mut told: Vec<&Stated> = kept.clone();
    for stated in &over.replace {
        if let Some(i) = name(stated).and_then(|name| at.get(&name)) {
            told[*i] = stated;
        }
    }
    let is_there = |stated: &&Stated| name(stated).is_some_and(|name| at.contains_key(&name));
    told.extend(over.add.iter().filter(|stated| !is_there(stated)));
    let records: Vec<Told<'_>> = told
        .iter()
        .map(|stated| Told::of(stated, stated.happened(), horizon))
        .collect();
    let mut of_kept: Vec<Vec<usize>> = vec![Vec::new(); kept.len()];
    let mut added = Vec::new();
    for (place, index) in in_place(&records) {
        match of_kept.get_mut(place) {
            Some(instead) => instead.push(index),
            None => added.push(told[index].clone()),
        }
    }
    let mut instead = Instead::default();
    for (i, indexes) in of_kept.into_iter().enumerate() {
        let is_as_before = indexes == [i] && std::ptr::eq(told[i], kept[i]);
        if let Some(name) = name(kept[i]).filter(|_| !is_as_before) {
            instead.put(
                name,
                indexes.into_iter().map(|index| told[index].clone()).collect(),
            );
        }
    }
    for name in before.iter().filter(|stated| is_gone(stated)).filter_map(name) {
        instead.put(name, Vec::new());
    }
    (instead, added)
}
