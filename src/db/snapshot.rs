//! One state of the facts: ask it, judge it. It never changes.

mod anybody;
mod asking;
mod bounds;
mod downstream;
mod inner;
mod judging;
mod large;
mod made;
mod replayed;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use super::kept::Kept;
use super::told::{Common, Rank, Source, Touched, Version};
use super::{DbError, header};
use crate::graph::{History, Things};
use crate::import::Document;
use crate::model::fact::{Act, Category, Fact, Field, Header, Processor, Purpose, Stated, Suppression};
use crate::model::id::{FactId, ProcessorId, SubjectId};
use crate::model::list::ITEMS_A_CHUNK;
use crate::model::place::Place;
use crate::model::recorded::{Horizon, RecordTime};
use crate::model::rule::Rule;
use crate::model::time::{Instant, Zone};
use crate::model::word::{Carries, Section};
use crate::packs::{self, PackError};
use crate::placing::plan::PLACEMENTS_MAX;
use crate::placing::touches::Touches;
use crate::placing::{Placement, Uncertain};
use crate::question::AskError;
use crate::rules::Case;
use crate::store::{FORMAT, View};
pub(super) use downstream::Downstream;
pub(super) use inner::Unplaced;
use inner::{Inner, of_everybody};
use made::MadeFrom;
use replayed::Last;

/// One state of the facts.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
    /// All that is on record, and what of it was known at other moments.
    whole: Arc<Inner>,
    others: Others,
    as_of: Instant,
    packs: Arc<Held>,
    /// What it may know, when it was asked for.
    known_at: Option<RecordTime>,
    found: Findings,
    /// What the last judged question about all that is on record was asked of.
    last: Last,
    /// What was found before the last commits, or for an instant before this one; the last state at the end.
    earlier: Vec<Earlier>,
    /// The state that it was made from, when what was found there serves here too but for what is different.
    made_from: Option<Arc<MadeFrom>>,
    acts_large: usize,
    /// So many acts are laid over columns anew for each question.
    laid_anew_most: usize,
    facts_a_part: usize,
    findings_a_chunk: usize,
    /// So many of everyone's acts, times persons, are followed together.
    together_most: usize,
    placements_most: usize,
}

/// An earlier state of a store, as far as what was found in it is of use.
#[derive(Clone)]
struct Earlier {
    sequence: u64,
    found: Findings,
}

impl Earlier {
    /// Whether something was found, or is being looked for.
    fn is_of_use(&self) -> bool {
        match self.found.try_lock() {
            Ok(found) => !found.is_empty(),
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Poisoned(_)) => false,
        }
    }
}

/// So many earlier states are remembered.
const EARLIER_KEPT: usize = 3;

/// The packs that facts are held to.
#[derive(Default)]
struct Held {
    /// Tells one choice of packs and parameters from another.
    key: String,
    /// Their rules, judged beside those on record.
    rules: Vec<Stated>,
}

/// So many results are kept: those of several callers that page through their own choice of packs.
const FOUND_KEPT: usize = 4;

/// The same facts known up to other horizons, those that were asked about last.
type Others = Arc<Mutex<Vec<(Horizon, Arc<Inner>, Findings)>>>;

/// What was found last, newest at the end.
type Findings = Arc<Mutex<Vec<Arc<Kept>>>>;

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Facts, acts among them.
    pub facts: u64,
}

/// States of other horizons that are kept.
const OTHERS_MAX: usize = 8;

/// Families with fewer acts are replayed as a whole.
const ACTS_LARGE: usize = 20_000;
/// Large stores are judged in parts of so many facts.
const FACTS_A_PART: usize = 16_384;

impl Snapshot {
    /// A fact file without a store.
    ///
    /// # Panics
    /// Never: the facts of a document are in memory.
    pub fn of_document(document: Document) -> Self {
        let as_of = document.header.as_of;
        let source = Source::of_document(document.facts, Horizon::Stated(as_of));
        let inner = Inner::new(source, Some(document.header));
        Self::new(inner.expect("the facts of a document are in memory"), as_of)
    }

    /// A store after a commit. Cost: its catalogue is read, what is new of it since the state before.
    pub(super) fn of_view(
        view: View,
        as_of: Instant,
        common: &Arc<Common>,
        before: Option<&Self>,
    ) -> Result<Self, DbError> {
        let header = view.header().map(|text| header::read(text, as_of)).transpose()?;
        let source = Source::of_view(view, Horizon::Stated(as_of), Arc::clone(common))?;
        let inner = match before {
            Some(before) => Inner::after(source, header, &before.whole)?,
            None => Inner::new(source, header)?,
        };
        Ok(Self {
            earlier: before.map_or_else(Vec::new, Self::to_remember),
            ..Self::new(inner, as_of)
        })
    }

    fn new(inner: Inner, as_of: Instant) -> Self {
        let inner = Arc::new(inner);
        Self {
            whole: Arc::clone(&inner),
            inner,
            others: Arc::default(),
            as_of,
            packs: Arc::default(),
            known_at: None,
            found: Arc::default(),
            last: Last::default(),
            earlier: Vec::new(),
            made_from: None,
            acts_large: ACTS_LARGE,
            laid_anew_most: large::LAID_ANEW_MAX,
            facts_a_part: FACTS_A_PART,
            findings_a_chunk: ITEMS_A_CHUNK,
            together_most: anybody::TOGETHER_MAX,
            placements_most: PLACEMENTS_MAX,
        }
    }

    /// Itself and the earlier states that it remembers, for a later one. A fact file has no later states: no commits come.
    /// Nobody waits: what is being judged now may be of use by then.
    fn to_remember(&self) -> Vec<Earlier> {
        if !self.is_store() {
            return Vec::new();
        }
        let of_use = self.earlier.iter().filter(|earlier| earlier.is_of_use());
        let mut all: Vec<Earlier> = of_use.cloned().collect();
        all.push(Earlier {
            sequence: self.sequence(),
            found: Arc::clone(&self.found),
        });
        all.drain(..all.len().saturating_sub(EARLIER_KEPT));
        all
    }

    /// The same facts, for another instant.
    pub fn at(&self, as_of: Instant) -> Result<Self, DbError> {
        if as_of == self.as_of {
            return Ok(self.clone());
        }
        Ok(Self {
            earlier: self.to_remember(),
            ..self.at_alone(as_of)?
        })
    }

    fn at_alone(&self, as_of: Instant) -> Result<Self, DbError> {
        let inner = if self.inner.source.is_for(as_of)? {
            Arc::clone(&self.inner)
        } else {
            self.up_to(Horizon::Stated(as_of))?.0
        };
        Ok(Self {
            inner,
            as_of,
            found: Arc::default(),
            ..self.clone()
        })
    }

    /// The facts as they were known at a moment of the record; `None` gives the snapshot itself. Cost: the catalogue
    /// is read, unless the moment is among the last that were asked about.
    pub fn known_at(&self, moment: Option<RecordTime>) -> Result<Self, DbError> {
        let Some(moment) = moment else {
            return Ok(self.clone());
        };
        let (inner, found) = self.up_to(Horizon::Known(moment))?;
        Ok(Self {
            inner,
            known_at: Some(moment),
            found,
            earlier: Vec::new(),
            made_from: None,
            ..self.clone()
        })
    }

    /// The same facts, acts of uncertain times taken to be where the placement puts them. Cost: of a file, all facts; of
    /// a store its catalogue.
    pub(super) fn placed(&self, placement: &Placement) -> Result<Self, DbError> {
        let is_early = *placement == Placement::default();
        let place = |of: &Arc<Inner>| -> Result<Arc<Inner>, DbError> {
            if let Some(early) = of.early.get().filter(|_| is_early) {
                return Ok(Arc::clone(early));
            }
            let inner = Inner::new(of.source.placed(placement), of.header.clone())?;
            let inner = Arc::new(Inner {
                senders: Arc::clone(&of.senders),
                ..inner
            });
            if is_early {
                // Whoever comes first; both are the same.
                let _ = of.early.set(Arc::clone(&inner));
            }
            Ok(inner)
        };
        let inner = place(&self.inner)?;
        let whole = if Arc::ptr_eq(&self.inner, &self.whole) {
            Arc::clone(&inner)
        } else {
            place(&self.whole)?
        };
        Ok(Self {
            inner,
            whole,
            others: Others::default(),
            found: Findings::default(),
            made_from: None,
            ..self.clone()
        })
    }

    /// The same state with these facts in place of its own, to be asked for this instant.
    pub(super) fn supposing(&self, facts: Vec<Stated>) -> Result<Self, DbError> {
        let source = Source::settled(facts, self.inner.source.horizon());
        let inner = Arc::new(Inner {
            senders: Arc::clone(&self.inner.senders),
            ..Inner::new(source, self.inner.header.clone())?
        });
        Ok(Self {
            whole: Arc::clone(&inner),
            inner,
            others: Others::default(),
            found: Findings::default(),
            made_from: None,
            ..self.clone()
        })
    }

    /// The facts about a subject, or all, ready to have their uncertain acts placed; those asked about last are kept.
    pub(super) fn unplaced(&self, subject: Option<&SubjectId>) -> Result<Arc<Unplaced>, DbError> {
        let mut kept = self.inner.unplaced.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.subject.as_ref() == subject) {
            return Ok(Arc::clone(kept));
        }
        let facts = match subject {
            Some(subject) => self.facts_about(subject)?,
            None => self.everything()?.into_owned(),
        };
        let new = Arc::new(Unplaced {
            subject: subject.cloned(),
            touches: Touches::new(facts.iter(), |_| Vec::new()),
            acts: of_everybody(Uncertain::wanted(&facts, Fact::is_inward)),
            facts,
        });
        *kept = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Whether the facts of the history have uncertain times that have to be placed before anything is said about them.
    pub fn has_to_place(&self, history: &History) -> bool {
        !self.inner.source.is_placed() && history.has_uncertain()
    }

    fn up_to(&self, horizon: Horizon) -> Result<(Arc<Inner>, Findings), DbError> {
        let others = || self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, inner, found)) = others().iter().find(|(other, ..)| *other == horizon) {
            return Ok((Arc::clone(inner), Arc::clone(found)));
        }
        let source = self.whole.source.up_to(horizon)?;
        let inner = Arc::new(Inner::new(source, self.whole.header.clone())?);
        let found = Findings::default();
        let mut others = others();
        if others.len() >= OTHERS_MAX {
            others.remove(0);
        }
        others.push((horizon, Arc::clone(&inner), Arc::clone(&found)));
        Ok((inner, found))
    }

    /// What it was asked to know at most.
    pub fn knows_until(&self) -> Option<RecordTime> {
        self.known_at
    }

    /// The same facts, held to these packs too. Fails when a parameter of a pack is bound to something that the
    /// facts do not declare.
    pub fn with_packs(&self, packs: &[packs::Bound]) -> Result<Self, PackError> {
        for pack in packs {
            if let Some(error) = pack.unknown(|section, id| self.declares(section, id)) {
                return Err(error);
            }
        }
        let held = Held {
            key: format!(
                "{:?}",
                packs
                    .iter()
                    .map(|pack| (&pack.pack.name, &pack.values))
                    .collect::<Vec<_>>()
            ),
            rules: packs.iter().flat_map(|pack| pack.rules.iter().cloned()).collect(),
        };
        Ok(self.held_to(&Arc::new(held)))
    }

    fn held_to(&self, packs: &Arc<Held>) -> Self {
        let made_from = self.made_from.as_ref().map(|origin| {
            Arc::new(MadeFrom {
                state: origin.state.held_to(packs),
                sequence: origin.sequence,
            })
        });
        Self {
            packs: Arc::clone(packs),
            made_from,
            ..self.clone()
        }
    }

    /// Whether the facts declare a category, field, processor or purpose of this name; of other sections, no.
    pub fn declares(&self, section: Section, id: &str) -> bool {
        let things = &self.inner.things;
        (section == Section::Categories && things.categories().get(&id.into()).is_some())
            || (section == Section::Fields && things.fields().get(&id.into()).is_some())
            || (section == Section::Processors && things.processors().get(&id.into()).is_some())
            || (section == Section::Purposes && things.purposes().get(&id.into()).is_some())
    }

    /// The number of the last commit in it; 0 for a fact file.
    pub fn sequence(&self) -> u64 {
        self.inner.source.view().map_or(0, View::sequence)
    }

    /// The hash chain up to that commit, 64 hexadecimal digits; empty for a fact file.
    pub fn head(&self) -> String {
        self.inner
            .source
            .view()
            .map_or_else(String::new, |view| hex(view.head()))
    }

    /// The format of the rows it is read from; of a fact file the one in which it would be stored.
    pub fn format(&self) -> u16 {
        let view = self.inner.source.view();
        view.map_or(FORMAT, |view| view.state().format)
    }

    /// Whether a store stands behind it.
    pub fn is_store(&self) -> bool {
        self.inner.source.view().is_some()
    }

    /// The instant that questions are answered for when they name none.
    pub fn as_of(&self) -> Instant {
        self.as_of
    }

    /// What holds for all its facts; an empty store has none yet.
    pub fn header(&self) -> Result<&Header, DbError> {
        self.inner.header.as_ref().ok_or(DbError::Empty)
    }

    /// The time zone of its facts, for printing; UTC while a store is empty.
    ///
    /// # Panics
    /// Never: the bundled zone database has UTC.
    pub fn zone(&self) -> &Zone {
        static UTC: std::sync::OnceLock<Zone> = std::sync::OnceLock::new();
        match &self.inner.header {
            Some(header) => &header.zone,
            None => UTC.get_or_init(|| Zone::named("UTC").expect("the bundled zone database has UTC")),
        }
    }

    /// How much there is. Cost: for a past commit, the commits up to it are read.
    pub fn counts(&self) -> Result<Counts, DbError> {
        Ok(Counts {
            facts: self.inner.source.count()?,
        })
    }

    /// The facts that name the subject, a cohort of it, everyone or nobody, in the order of the record; acts name the
    /// subject alone.
    pub(super) fn facts_about(&self, subject: &SubjectId) -> Result<Vec<Stated>, DbError> {
        if !self.subject_exists(subject)? {
            return Err(AskError::UnknownSubject {
                id: subject.to_string(),
            }
            .into());
        }
        let names = self.names_of(subject);
        let concerns = |fact: &Fact| {
            let mut subjects = fact.subjects().iter();
            subjects.len() == 0 || subjects.any(|id| id.is_everyone() || names.contains(&id))
        };
        let mut facts = self.inner.source.about(&names, concerns)?;
        for stated in &mut facts {
            if let Fact::Act(act) = &mut stated.fact {
                act.subjects = vec![subject.clone()];
            }
        }
        Ok(facts)
    }

    /// Everything that stands, in the order of the record. Cost: a store is read whole.
    pub(super) fn everything(&self) -> Result<Cow<'_, [Stated]>, DbError> {
        self.inner.source.everything()
    }

    /// Looks at the facts as they are judged at this instant; `None` while a store is empty. Cost: all facts are read
    /// and replayed.
    pub fn with_case<T>(
        &self,
        as_of: Instant,
        look: impl FnOnce(&Case<'_>) -> T,
    ) -> Result<Option<T>, DbError> {
        self.with_own_case(as_of, None, |case| look(&case))
    }

    /// The same with a case of the looker's own, to be judged under other assumptions: of these facts about the same
    /// things, or of all.
    pub fn with_own_case<T>(
        &self,
        as_of: Instant,
        facts: Option<&[Stated]>,
        look: impl FnOnce(Case<'_>) -> T,
    ) -> Result<Option<T>, DbError> {
        let Some(header) = &self.inner.header else {
            return Ok(None);
        };
        let state = self.at(as_of)?;
        let facts = match facts {
            Some(facts) => Cow::Borrowed(facts),
            None => state.inner.source.everything()?,
        };
        let history = History::new(Arc::clone(&state.inner.things), facts.iter());
        Ok(Some(look(Case::new(header, as_of, history, &facts))))
    }

    /// Whether the same facts are known at this instant.
    pub fn is_same_at(&self, as_of: Instant) -> Result<bool, DbError> {
        self.inner.source.is_for(as_of)
    }

    /// All facts that stand, in the order of the record; what they corrected is gone. Cost: of a store, all are read.
    pub fn facts(&self) -> Result<Vec<Stated>, DbError> {
        let mut facts = self.inner.source.everything()?.into_owned();
        for stated in &mut facts {
            stated.recording.corrects = None;
        }
        Ok(facts)
    }

    /// The same facts, held to the same packs, with every act sure that only may have carried, and which these are. Cost:
    /// all are read.
    pub fn with_possible_sure(&self) -> Result<(Self, Vec<FactId>), DbError> {
        let mut facts = self.facts()?;
        let mut possible = Vec::new();
        for stated in &mut facts {
            if let Fact::Act(act) = &mut stated.fact
                && act.carries == Carries::Possible
            {
                act.carries = Carries::Surely;
                possible.push(act.id.clone());
            }
        }
        let wide = Self::of_document(self.document_of(facts)?).at(self.as_of)?;
        let wide = Self {
            packs: Arc::clone(&self.packs),
            ..wide
        };
        Ok((wide, possible))
    }

    /// All facts and their header, as if they stood in one file. Cost: all are read.
    pub fn document(&self) -> Result<Document, DbError> {
        self.document_of(self.facts()?)
    }

    /// These facts under the header of this state.
    pub fn document_of(&self, facts: Vec<Stated>) -> Result<Document, DbError> {
        Ok(Document {
            header: self.header()?.clone(),
            facts,
            open: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// The rules on record, then those of the packs.
    pub fn rules(&self) -> Vec<&Rule> {
        self.stated_rules().into_iter().map(|(rule, _)| rule).collect()
    }

    /// The rules on record, then those of the packs, each with its place.
    pub fn stated_rules(&self) -> Vec<(&Rule, &Place)> {
        self.inner
            .catalogue
            .iter()
            .chain(&self.packs.rules)
            .filter_map(|stated| {
                if let Fact::Rule(rule) = &stated.fact {
                    Some((rule, &stated.place))
                } else {
                    None
                }
            })
            .collect()
    }

    /// The suppressions on record, each with its place.
    pub fn suppressions(&self) -> Vec<(&Suppression, &Place)> {
        self.inner
            .catalogue
            .iter()
            .filter_map(|stated| {
                if let Fact::Suppression(suppression) = &stated.fact {
                    Some((suppression, &stated.place))
                } else {
                    None
                }
            })
            .collect()
    }

    /// Where the facts of these names were stated, in the order of the record: several sections may use one name.
    /// Cost: all facts are read.
    pub fn places(&self, ids: &[&str]) -> Result<Vec<(Section, String, Place)>, DbError> {
        let facts = self.inner.source.everything()?;
        Ok(facts
            .iter()
            .filter_map(|stated| {
                let id = stated.fact.id().filter(|id| ids.contains(id))?;
                Some((stated.fact.section(), id.to_owned(), stated.place.clone()))
            })
            .collect())
    }

    /// All processors, in the order of the record.
    pub fn processors(&self) -> Vec<Processor> {
        self.choose(|fact| {
            if let Fact::Processor(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .into_iter()
        .cloned()
        .collect()
    }

    /// All fields, in the order of the record.
    pub fn fields(&self) -> Vec<Field> {
        self.choose(|fact| if let Fact::Field(x) = fact { Some(x) } else { None })
            .into_iter()
            .cloned()
            .collect()
    }

    /// All purposes, in the order of the record.
    pub fn purposes(&self) -> Vec<Purpose> {
        self.choose(|fact| {
            if let Fact::Purpose(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .into_iter()
        .cloned()
        .collect()
    }

    /// All categories, in the order of the record.
    pub fn categories(&self) -> Vec<Category> {
        self.choose(|fact| {
            if let Fact::Category(x) = fact {
                Some(x)
            } else {
                None
            }
        })
        .into_iter()
        .cloned()
        .collect()
    }

    fn choose<'s, T>(&'s self, of: impl Fn(&'s Fact) -> Option<&'s T>) -> Vec<&'s T> {
        self.inner
            .catalogue
            .iter()
            .filter_map(|stated| of(&stated.fact))
            .collect()
    }

    /// What was told, and what of it stands.
    pub(super) fn source(&self) -> &Source {
        &self.inner.source
    }

    /// Whom facts touch that came since this commit, cohorts unfolded; `None` when that may be everybody in another way than by
    /// acts with everyone's data.
    pub(super) fn touched_since(
        &self,
        sequence: u64,
        records_max: usize,
    ) -> Result<Option<Touched>, DbError> {
        let touched = self.inner.source.touched_since(sequence, records_max)?;
        Ok(touched.map(|Touched { subjects, acts }| {
            let names: Vec<SubjectId> = subjects.into_iter().collect();
            let subjects = self.unfolded(&names).into_iter().collect();
            Touched { subjects, acts }
        }))
    }

    /// How many subjects a list names, those of cohorts too.
    pub(super) fn count_named(&self, names: &[SubjectId]) -> usize {
        names.iter().map(|name| self.inner.cohorts.size(name)).sum()
    }

    /// The subjects that a list names, cohorts unfolded.
    pub(super) fn unfolded(&self, names: &[SubjectId]) -> Vec<SubjectId> {
        self.inner.cohorts.unfold(names).into_owned()
    }

    /// The organization of a processor at the instant: the outermost that it lies inside and that is no group, or itself.
    /// `None` when nobody declared it.
    pub fn organization(&self, processor: &ProcessorId, at: Instant) -> Option<ProcessorId> {
        let things = &self.inner.things;
        let number = things.processors().get(processor)?;
        Some(things.processors().id(things.organization(number, at)).clone())
    }

    /// What its facts speak of.
    pub(super) fn things(&self) -> &Arc<Things> {
        &self.inner.things
    }

    /// The cohorts that the subject belongs to.
    pub(super) fn cohorts_of(&self, subject: &SubjectId) -> Vec<&SubjectId> {
        self.inner.cohorts.of(subject)
    }

    /// The facts of these names that stand. Cost: of a file, one pass over all.
    pub fn stated(&self, names: &[(Section, &str)]) -> Result<Vec<Option<Stated>>, DbError> {
        self.inner.source.named(names)
    }

    /// What names no subject, or everyone, and re-identifications, in the order of the record.
    pub fn catalogue(&self) -> &[Stated] {
        &self.inner.catalogue
    }

    /// The ranks of the catalogue's facts, of a store.
    pub(super) fn ranks(&self) -> &[Rank] {
        &self.inner.ranks
    }

    /// Whether there is a cohort of this name.
    pub fn has_cohort(&self, id: &SubjectId) -> bool {
        self.inner.cohorts.contains(id)
    }

    /// Whether there is a cohort without members.
    pub(super) fn has_empty_cohort(&self) -> bool {
        self.inner.cohorts.has_empty()
    }

    /// Whether there is such a subject; there always is everyone.
    pub fn subject_exists(&self, id: &SubjectId) -> Result<bool, DbError> {
        if id.is_everyone() {
            return Ok(true);
        }
        Ok(self.inner.source.fact(Section::Subjects, id.as_str())?.is_some())
    }

    /// The act of this name and where it was stated.
    pub fn act(&self, id: &str) -> Result<Option<(Act, Option<Place>)>, DbError> {
        let found = self.inner.source.fact(Section::Events, id)?;
        Ok(found.and_then(|stated| {
            let Fact::Act(act) = stated.fact else { return None };
            Some((act, Some(stated.place)))
        }))
    }

    /// All records of a fact, in the order of the record: also those that were corrected, and what took it back.
    pub fn versions(&self, section: Section, id: &str) -> Result<Vec<Version>, DbError> {
        self.inner.source.versions(section, id)
    }
}

/// The acts among the facts, in their order.
pub(super) fn acts_in(facts: &[Stated]) -> impl Iterator<Item = &Act> {
    facts.iter().filter_map(|stated| {
        if let Fact::Act(act) = &stated.fact {
            Some(act)
        } else {
            None
        }
    })
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
