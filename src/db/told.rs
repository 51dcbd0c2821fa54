//! What was told, and what of it stands: a fact file or a store, up to a horizon.

mod since;
mod stand;

use std::borrow::Cow;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::DbError;
use super::catalogue::{Catalogue, belongs_to_catalogue};
use super::laid::{Laid, Over};
use super::shelf::Shelf;
use crate::facts;
use crate::facts::standing::{Told, standing};
use crate::facts::written::when;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Carries, Section};
use crate::placing::Placement;
use crate::question::AskError;
use crate::store::{Body, Number, Record, View};
pub use since::{Touched, is_of_everyone_alone, names_things};
pub use stand::{Rank, Ranked};

/// Records read at once when everything is read.
const WALK_ROWS: usize = 4096;
/// So many times as many are read ahead.
const READ_AHEAD: usize = 4;
/// Commits read at once: neighbours of one that was asked about will be next.
const AT_ONCE: usize = 64;

/// Facts, and how much of them may be known.
#[derive(Clone)]
pub struct Source {
    origin: Origin,
    horizon: Horizon,
    /// Where acts of uncertain times are taken to be, if that is settled.
    placement: Option<Placement>,
}

#[derive(Clone)]
enum Origin {
    Document {
        /// Everything that the file says, in the order of the document.
        told: Arc<[Stated]>,
        /// What stands of it, in order.
        standing: Arc<[Stated]>,
    },
    Store {
        view: View,
        /// Whether any record changes another.
        has_changes: bool,
        /// When commits were recorded that were asked about.
        commits: Arc<Mutex<FxHashMap<u64, Instant>>>,
        common: Arc<Common>,
    },
    /// Facts laid over those of another source.
    Laid(Arc<Laid>),
}

/// What all states of a store share.
#[derive(Debug, Default)]
pub struct Common {
    /// Facts of the catalogue that were read, by their numbers, since their text takes long to read and never changes.
    read: Mutex<FxHashMap<Number, Stated>>,
    /// Large families in columns.
    shelf: Shelf,
}

impl Common {
    /// That of a store in a folder.
    pub fn of_store_in(folder: &Path) -> Self {
        Self {
            shelf: Shelf::in_folder(folder),
            ..Self::default()
        }
    }
}

impl Source {
    /// A fact file.
    pub fn of_document(told: Vec<Stated>, horizon: Horizon) -> Self {
        let told: Arc<[Stated]> = told.into();
        Self {
            origin: Origin::Document {
                standing: standing_in(&told, horizon),
                told,
            },
            horizon,
            placement: None,
        }
    }

    /// The same, with acts of uncertain times taken to be where the placement puts them. Cost: of a file, all facts.
    pub fn placed(&self, placement: &Placement) -> Self {
        let mut placed = Self {
            placement: Some(placement.clone()),
            ..self.clone()
        };
        match &mut placed.origin {
            Origin::Document { standing, .. } => *standing = at_placement(standing, placement),
            Origin::Laid(laid) => *laid = Arc::new(laid.placed(placement)),
            Origin::Store { .. } => {}
        }
        placed
    }

    /// A file of these facts, all of which stand, and in which no act has still to be placed.
    pub fn settled(facts: Vec<Stated>, horizon: Horizon) -> Self {
        let facts: Arc<[Stated]> = facts.into();
        Self {
            origin: Origin::Document {
                told: Arc::clone(&facts),
                standing: facts,
            },
            horizon,
            placement: Some(Placement::default()),
        }
    }

    /// The same with these facts laid over it, for a question for this instant, for which the same has to stand here.
    pub fn laid(&self, over: &Arc<Over>, as_of: Instant) -> Result<Self, DbError> {
        let horizon = match self.horizon {
            Horizon::Stated(_) => Horizon::Stated(as_of),
            known @ Horizon::Known(_) => known,
        };
        let laid = Laid::new(self.clone(), Arc::clone(over), horizon)?;
        Ok(Self {
            origin: Origin::Laid(Arc::new(laid)),
            horizon,
            placement: self.placement.clone(),
        })
    }

    /// The facts laid over another source, if there are any.
    pub fn laid_over(&self) -> Option<&Laid> {
        match &self.origin {
            Origin::Laid(laid) => Some(laid),
            Origin::Document { .. } | Origin::Store { .. } => None,
        }
    }

    /// A store as it was after an earlier commit, for questions for the same instant; nothing of another source.
    pub fn past(&self, sequence: u64) -> Result<Option<Self>, DbError> {
        let Origin::Store { view, common, .. } = &self.origin else {
            return Ok(None);
        };
        let Some(past) = view.past(sequence)? else {
            return Ok(None);
        };
        Self::of_view(past, self.horizon, Arc::clone(common)).map(Some)
    }

    /// How much of the record is known.
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// Whether it is settled where acts of uncertain times are taken to be.
    pub fn is_placed(&self) -> bool {
        self.placement.is_some()
    }

    /// A store.
    pub fn of_view(view: View, horizon: Horizon, common: Arc<Common>) -> Result<Self, DbError> {
        Ok(Self {
            origin: Origin::Store {
                has_changes: view.has_changes()?,
                view,
                commits: Arc::default(),
                common,
            },
            horizon,
            placement: None,
        })
    }

    /// The same, known up to another horizon.
    pub fn up_to(&self, horizon: Horizon) -> Result<Self, DbError> {
        let other = match (&self.origin, horizon) {
            (Origin::Document { told, .. }, _) => Ok(Self {
                origin: Origin::Document {
                    standing: standing_in(told, horizon),
                    told: Arc::clone(told),
                },
                horizon,
                placement: None,
            }),
            (Origin::Store { view, common, .. }, Horizon::Known(RecordTime::Number(sequence))) => {
                let past = view.past(sequence)?.ok_or(AskError::UnknownCommit {
                    sequence,
                    newest: view.sequence(),
                })?;
                Self::of_view(past, horizon, Arc::clone(common))
            }
            (Origin::Store { .. }, _) => Ok(Self {
                origin: self.origin.clone(),
                horizon,
                placement: None,
            }),
            (Origin::Laid(laid), _) => Ok(Self {
                origin: Origin::Laid(Arc::new(laid.up_to(horizon)?)),
                horizon,
                placement: None,
            }),
        }?;
        Ok(match &self.placement {
            Some(placement) => other.placed(placement),
            None => other,
        })
    }

    /// Whether what stands is the same for a question for this instant that does not say what it knows.
    pub fn is_for(&self, as_of: Instant) -> Result<bool, DbError> {
        let Horizon::Stated(own) = self.horizon else {
            return Ok(true);
        };
        let earlier = own.min(as_of);
        if own == as_of {
            return Ok(true);
        }
        match &self.origin {
            Origin::Document { told, .. } => Ok(!told
                .iter()
                .any(|stated| matches!(stated.recording.recorded, Some(RecordTime::At(at)) if at > earlier))),
            Origin::Store { view, .. } => Ok(!view.has_dated_after(earlier)?),
            Origin::Laid(laid) => laid.is_for(as_of, earlier),
        }
    }

    /// The store, if it is one.
    pub fn view(&self) -> Option<&View> {
        match &self.origin {
            Origin::Document { .. } | Origin::Laid(_) => None,
            Origin::Store { view, .. } => Some(view),
        }
    }

    /// How many facts were told, those too that no longer stand.
    pub fn count(&self) -> Result<u64, DbError> {
        match (&self.origin, self.horizon) {
            (Origin::Document { told, .. }, _) => Ok(u64::try_from(told.len()).unwrap_or(u64::MAX)),
            (Origin::Store { view, .. }, Horizon::Known(RecordTime::Number(sequence))) => {
                let commits = view.commits(1, usize::try_from(sequence).unwrap_or(usize::MAX))?;
                Ok(commits.iter().map(|commit| u64::from(commit.facts)).sum())
            }
            (Origin::Store { view, .. }, _) => Ok(view.facts()),
            (Origin::Laid(laid), _) => laid.count(),
        }
    }

    /// Everything that stands, in order. Cost: a store is read whole.
    pub fn everything(&self) -> Result<Cow<'_, [Stated]>, DbError> {
        let (view, has_changes) = match &self.origin {
            Origin::Document { standing, .. } => return Ok(Cow::Borrowed(standing)),
            Origin::Laid(laid) => return laid.everything().map(Cow::Borrowed),
            Origin::Store {
                view, has_changes, ..
            } => (view, *has_changes),
        };
        let facts = usize::try_from(view.facts()).unwrap_or(0);
        let mut known = self.nothing_read(facts, has_changes);
        walk(view, |records| {
            for record in records {
                self.read_more(record, &mut known)?;
            }
            Ok(())
        })?;
        Ok(Cow::Owned(self.standing_of(known).facts))
    }

    /// Calls `each` with everything that stands, in order. Cost: a store is read whole; memory holds some thousand facts of it,
    /// or all where some were changed.
    pub fn each(&self, mut each: impl FnMut(&Stated)) -> Result<(), DbError> {
        if let Origin::Store {
            view,
            has_changes: false,
            ..
        } = &self.origin
            && !self.needs_times()
        {
            // One thread reads ahead of what is done with the facts.
            return thread::scope(|scope| {
                let (sender, read) = sync_channel(READ_AHEAD);
                let reader = scope.spawn(move || {
                    walk(view, |records| {
                        // They are taken until the last one is sent.
                        let _ = sender.send(self.ranked(records)?.facts);
                        Ok(())
                    })
                });
                for facts in read {
                    facts.iter().for_each(&mut each);
                }
                reader.join().unwrap_or_else(|panic| resume_unwind(panic))
            });
        }
        self.everything()?.iter().for_each(each);
        Ok(())
    }

    /// What stands and belongs to the catalogue, in order. Cost: a store looks at what names nobody, or everyone.
    pub fn catalogue(&self) -> Result<Catalogue, DbError> {
        match &self.origin {
            Origin::Document { standing, .. } => Ok(Catalogue::of(standing)),
            Origin::Store { view, common, .. } => {
                let (records, has_acts) = records_of_catalogue(view, &common.shelf)?;
                let ranked = self.ranked_in(records, belongs_to_catalogue)?;
                Ok(Catalogue { ranked, has_acts })
            }
            Origin::Laid(laid) => laid.catalogue(),
        }
    }

    /// What stands of the subjects and cohorts of these names and of the acts about them, in order; of a file, all
    /// that stands.
    pub fn family(&self, names: &[&SubjectId]) -> Result<Cow<'_, [Stated]>, DbError> {
        match &self.origin {
            Origin::Document { standing, .. } => Ok(Cow::Borrowed(standing)),
            Origin::Store {
                view, has_changes, ..
            } => {
                let wanted = |record: &Record| matches!(record.section, Section::Subjects | Section::Events);
                if !has_changes && !self.needs_times() {
                    let mut facts = self.naming_as_told(view, names, (&[], &[]), wanted)?;
                    // Re-identifications of others stand in the family of everyone too.
                    facts.retain(|stated| stated.fact.subjects().iter().any(|id| names.contains(&id)));
                    return Ok(Cow::Owned(facts));
                }
                let mut records = Vec::new();
                for name in names {
                    records.extend(view.family(name)?);
                }
                records.retain(wanted);
                records.sort_unstable_by_key(|record| record.number);
                // A fact that names several of them has a row in the family of each.
                records.dedup_by_key(|record| record.number);
                let belongs = |fact: &Fact| fact.subjects().iter().any(|id| names.contains(&id));
                let facts = self.stand_in(records, belongs)?;
                Ok(Cow::Owned(facts))
            }
            Origin::Laid(laid) => laid.family(names).map(Cow::Owned),
        }
    }

    /// What stands in the catalogue and about these subjects and cohorts, of those facts that fit, in order. Acts with
    /// everyone's data are read of a store only where everyone is among the names.
    pub fn about(&self, names: &[&SubjectId], fits: impl Fn(&Fact) -> bool) -> Result<Vec<Stated>, DbError> {
        match &self.origin {
            Origin::Document { standing, .. } => Ok(standing
                .iter()
                .filter(|stated| fits(&stated.fact))
                .cloned()
                .collect()),
            Origin::Store { view, common, .. } => {
                let mut records = records_of_catalogue(view, &common.shelf)?.0;
                for name in names {
                    records.extend(view.family(name)?);
                }
                records.sort_unstable_by_key(|record| record.number);
                records.dedup_by_key(|record| record.number);
                self.stand_in(records, fits)
            }
            Origin::Laid(laid) => laid.about(names, &fits),
        }
    }

    /// The fact of this name, if it stands.
    pub fn fact(&self, section: Section, id: &str) -> Result<Option<Stated>, DbError> {
        let is_it = |fact: &Fact| fact.section() == section && fact.id() == Some(id);
        match &self.origin {
            Origin::Document { standing, .. } => {
                Ok(standing.iter().find(|stated| is_it(&stated.fact)).cloned())
            }
            Origin::Store { view, .. } => {
                let Some(record) = view.record(section, id)? else {
                    return Ok(None);
                };
                let mut found = self.stand_in(self.with_changes(vec![record])?, is_it)?;
                Ok(found.pop())
            }
            Origin::Laid(laid) => laid.fact(section, id),
        }
    }

    /// The facts of these names that stand. Cost: of a file, one pass over all that stands.
    pub fn named(&self, names: &[(Section, &str)]) -> Result<Vec<Option<Stated>>, DbError> {
        let Origin::Document { standing, .. } = &self.origin else {
            return names
                .iter()
                .map(|(section, id)| self.fact(*section, id))
                .collect();
        };
        let mut found = vec![None; names.len()];
        let mut at: FxHashMap<(Section, &str), Vec<usize>> = FxHashMap::default();
        for (i, name) in names.iter().enumerate() {
            at.entry(*name).or_default().push(i);
        }
        for stated in standing.iter().filter(|_| !names.is_empty()) {
            let Some(id) = stated.fact.id() else { continue };
            for i in at.get(&(stated.fact.section(), id)).into_iter().flatten() {
                found[*i].get_or_insert_with(|| stated.clone());
            }
        }
        Ok(found)
    }

    /// Whether the processor ever gave data to anybody, by acts that count. Cost: mostly one seek.
    pub fn sends(&self, processor: &ProcessorId, counts: &dyn Fn(&Fact) -> bool) -> Result<bool, DbError> {
        let is_given = |stated: &Stated| gives(&stated.fact, processor) && counts(&stated.fact);
        let view = match &self.origin {
            Origin::Document { standing, .. } => return Ok(standing.iter().any(is_given)),
            Origin::Laid(laid) => return laid.sends(processor, counts),
            Origin::Store { view, .. } => view,
        };
        let mut failure = None;
        let found = view.any_given(processor, |record| {
            let Some(id) = record.id.clone() else {
                return Ok(false);
            };
            // Its slot may hold another act by now; that one has a row of its own.
            let outcome = self
                .with_changes(vec![record])
                .and_then(|records| self.stand_in(records, |fact| fact.id() == Some(&id)));
            match outcome {
                Ok(standing) => Ok(standing.iter().any(is_given)),
                Err(error) => {
                    failure = Some(error);
                    Ok(true)
                }
            }
        })?;
        match failure {
            Some(error) => Err(error),
            None => Ok(found),
        }
    }

    /// All records of a fact, those too that no longer stand, in the order of the record; and which of them stands.
    pub fn versions(&self, section: Section, id: &str) -> Result<Vec<Version>, DbError> {
        let ids = [id];
        match &self.origin {
            Origin::Document { told, .. } => {
                let of_it = |stated: &&Stated| {
                    stated.fact.section() == section
                        && (stated.fact.id().is_some_and(|own| ids.contains(&own))
                            || stated
                                .target()
                                .is_some_and(|target| ids.contains(&target.as_str())))
                };
                let stands = self.fact(section, id)?;
                Ok(told
                    .iter()
                    .filter(of_it)
                    .map(|stated| Version {
                        number: None,
                        committed: None,
                        stands: stands.as_ref() == Some(stated),
                        stated: stated.clone(),
                    })
                    .collect())
            }
            Origin::Store { view, .. } => {
                let stands = self.fact(section, id)?;
                let mut versions = Vec::new();
                for record in view.versions(section, id)? {
                    let number = record.number;
                    let stated = stated(record)?;
                    versions.push(Version {
                        number: Some(number),
                        committed: Some(self.committed(number.sequence)?),
                        stands: stands.as_ref() == Some(&stated),
                        stated,
                    });
                }
                Ok(versions)
            }
            Origin::Laid(laid) => laid.versions(section, id),
        }
    }

    /// The large families of a store in columns.
    pub fn shelf(&self) -> Option<&Shelf> {
        match &self.origin {
            Origin::Document { .. } | Origin::Laid(_) => None,
            Origin::Store { common, .. } => Some(&common.shelf),
        }
    }

    /// The same source without what is laid over it.
    pub fn bottom(&self) -> &Self {
        match &self.origin {
            Origin::Laid(laid) => laid.below().bottom(),
            Origin::Document { .. } | Origin::Store { .. } => self,
        }
    }

    /// What stands of these acts of a store, and of what they were made from and changed into, in order; only acts with data
    /// of these names. With them all that is laid over them.
    pub fn acts(&self, numbers: &[Number], names: &[&SubjectId]) -> Result<Vec<Stated>, DbError> {
        self.acts_and(numbers, &[], names)
    }

    /// The same with acts that are known by name.
    pub fn acts_and(
        &self,
        numbers: &[Number],
        ids: &[&str],
        names: &[&SubjectId],
    ) -> Result<Vec<Stated>, DbError> {
        let belongs = |fact: &Fact| {
            matches!(fact, Fact::Act(_)) && fact.subjects().iter().any(|id| names.contains(&id))
        };
        let view = match &self.origin {
            Origin::Document { .. } => return Ok(Vec::new()),
            Origin::Laid(laid) => return laid.acts(numbers, ids, names, &belongs),
            Origin::Store { view, .. } => view,
        };
        // Numbers may come from a later state.
        let known = numbers.partition_point(|number| number.sequence <= view.sequence());
        let mut records = view.records(&numbers[..known])?;
        if !ids.is_empty() {
            records.extend(view.records(&view.acts_named(ids)?)?);
            records.sort_unstable_by_key(|record| record.number);
            records.dedup_by_key(|record| record.number);
        }
        let records = self.with_changes(records)?;
        self.stand_in(records, belongs)
    }
}

/// One record of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Commit and position; none in a fact file.
    pub number: Option<Number>,
    /// When the commit was recorded.
    pub committed: Option<Instant>,
    /// What was stated; a retraction too.
    pub stated: Stated,
    /// Whether it is what stands now.
    pub stands: bool,
}

impl Version {
    /// What was stated, as JSON text in the keys of the fact file.
    pub fn item(&self) -> String {
        if let Fact::Act(act) = &self.stated.fact
            && self.stated.item.is_empty()
        {
            act_item(act).to_string()
        } else {
            self.stated.item.to_string()
        }
    }
}

/// An act in the keys of the fact file; instants in UTC.
fn act_item(act: &Act) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            map.insert(key.to_owned(), value);
        }
    };
    let one = |id: Option<&ProcessorId>| id.map_or(Value::Null, |id| id.as_str().into());
    put("id", act.id.as_str().into());
    put("at", when(act.at));
    put("act", act.kind.as_str().into());
    match act.kind {
        ActKind::Collect => {
            put("to", one(Some(&act.actor)));
            put("source", one(act.source.as_ref()));
        }
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => {
            put("by", one(Some(&act.actor)));
        }
        ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Assign => {
            put("from", one(Some(&act.actor)));
            put("to", one(act.recipient.as_ref()));
        }
    }
    put("subjects", texts(&act.subjects));
    put("fields", texts(&act.fields));
    put("makes", texts(&act.makes));
    put(
        "method",
        act.method.map_or(Value::Null, |method| method.as_str().into()),
    );
    put(
        "purpose",
        act.purpose.as_ref().map_or(Value::Null, |id| id.as_str().into()),
    );
    put(
        "location",
        act.location.as_ref().map_or(Value::Null, |id| id.as_str().into()),
    );
    put(
        "value",
        act.value.as_ref().map_or(Value::Null, |id| id.as_str().into()),
    );
    if act.lifts {
        put("lift", "true".into());
    }
    put("safeguards", texts(&act.safeguards));
    if act.carries != Carries::Surely {
        put("carries", act.carries.as_str().into());
    }
    map.into()
}

fn texts<T: ToString>(list: &[T]) -> Value {
    list.iter().map(|item| Value::from(item.to_string())).collect()
}

/// Hands over all records of a store, some at a time, in order.
fn walk(view: &View, mut take: impl FnMut(Vec<Record>) -> Result<(), DbError>) -> Result<(), DbError> {
    let mut from = None;
    loop {
        let walk = view.facts_from(from, WALK_ROWS)?;
        take(walk.records)?;
        match walk.next {
            Some(next) => from = Some(next),
            None => return Ok(()),
        }
    }
}

/// The records of the catalogue of a store, and whether there are other acts with everyone's data.
fn records_of_catalogue(view: &View, shelf: &Shelf) -> Result<(Vec<Record>, bool), DbError> {
    Ok(match shelf.without_acts(view)? {
        Some(known) => known,
        None => view.catalogue_without_acts()?,
    })
}

fn standing_in(told: &Arc<[Stated]>, horizon: Horizon) -> Arc<[Stated]> {
    let records: Vec<Told<'_>> = told
        .iter()
        .map(|stated| Told::of(stated, stated.happened(), horizon))
        .collect();
    let stand = standing(&records);
    if stand.len() == told.len() && stand.is_sorted() {
        return Arc::clone(told);
    }
    stand.into_iter().map(|index| told[index].clone()).collect()
}

/// The facts where the placement puts them.
fn at_placement(facts: &Arc<[Stated]>, placement: &Placement) -> Arc<[Stated]> {
    let mut facts: Vec<Stated> = facts.to_vec();
    for stated in &mut facts {
        placement.lay(stated);
    }
    facts.into()
}

/// Whether the fact is an act by which the processor gave data to somebody.
pub fn gives(fact: &Fact, processor: &ProcessorId) -> bool {
    let Fact::Act(act) = fact else { return false };
    let to_another = match &act.recipient {
        Some(to) => to != processor,
        None => act.kind == ActKind::Disclose,
    };
    act.actor == *processor && act.kind != ActKind::Collect && to_another
}

/// A stored record as a fact.
pub fn stated(record: Record) -> Result<Stated, DbError> {
    match record.body {
        Body::Act(act) => Ok(Stated {
            fact: Fact::Act(act),
            place: record.place,
            item: record.item.unwrap_or_default().into_boxed_str(),
            recording: record.recording,
            bounded: Box::default(),
        }),
        Body::Item(text) => {
            let mut reading = facts::Reading::new("the store");
            let unreadable = |problem: String| DbError::Fact {
                section: record.section.as_str(),
                id: record.id.as_deref().unwrap_or_default().to_owned(),
                problem,
            };
            let Some(node) = crate::import::json_line(&text, &mut reading) else {
                return Err(unreadable(
                    reading
                        .problems
                        .first()
                        .map_or_else(String::new, ToString::to_string),
                ));
            };
            let mut stated = facts::stored(record.section, &node, &record.place).map_err(|problems| {
                unreadable(problems.first().map_or_else(String::new, ToString::to_string))
            })?;
            // A key of this name may have meant nothing when the record was written.
            stated.recording = record.recording;
            Ok(stated)
        }
    }
}
