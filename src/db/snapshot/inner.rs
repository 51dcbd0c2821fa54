//! The facts behind a state: how they are found, and what is known of them at all times.

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;

use super::super::DbError;
use super::super::catalogue::Catalogue;
use super::super::family::Families;
use super::super::told::{Rank, Ranked, Source};
use crate::graph::{Cohorts, ProcessorNo, Things};
use crate::model::bounded::InstantKey;
use crate::model::fact::{Fact, Header, Stated};
use crate::model::id::{FieldId, SubjectId};
use crate::model::time::Instant;
use crate::model::word::Method;
use crate::placing::Uncertain;
use crate::placing::touches::Touches;

/// The facts of a state, and what is known of them at all times.
pub(super) struct Inner {
    pub(super) source: Source,
    pub(super) header: Option<Header>,
    pub(super) things: Arc<Things>,
    pub(super) cohorts: Arc<Cohorts>,
    /// Facts that name no subject, or everyone, and re-identifications, in the order of the record.
    pub(super) catalogue: Arc<[Stated]>,
    /// Their ranks, of a store.
    pub(super) ranks: Arc<[Rank]>,
    /// Anonymized fields and when somebody re-identified them.
    pub(super) defeated: Vec<(FieldId, Instant)>,
    pub(super) families: Mutex<Families>,
    /// Whether the catalogue has uncertain times that decide about crossings, and about who lies inside whom.
    pub(super) has_uncertain_crossings: bool,
    pub(super) has_uncertain_nesting: bool,
    /// Everyone, if there are acts for everyone: they are part of each subject's family.
    pub(super) everyone: Option<SubjectId>,
    /// Processors asked about, and whether they ever gave data to anybody.
    pub(super) senders: Senders,
    /// The same with all acts of uncertain times at their earliest: mostly that is all that a question needs.
    pub(super) early: OnceLock<Arc<Inner>>,
    /// What was last put to placements of the acts of uncertain times.
    pub(super) unplaced: Mutex<Option<Arc<Unplaced>>>,
}

/// Whether processors ever gave data to anybody; the same under every placement.
pub(super) type Senders = Arc<Mutex<FxHashMap<ProcessorNo, bool>>>;

impl Inner {
    pub(super) fn new(source: Source, header: Option<Header>) -> Result<Self, DbError> {
        let catalogue = source.catalogue()?;
        Ok(Self::with(source, header, catalogue))
    }

    /// The state of a store after an earlier one. Cost: what was committed since, and the catalogue if that is different.
    pub(super) fn after(source: Source, header: Option<Header>, before: &Self) -> Result<Self, DbError> {
        let home = |header: &Option<Header>| header.as_ref().map(|header| header.home.clone());
        if header.is_none() || home(&before.header) != home(&header) {
            return Self::new(source, header);
        }
        let Some(came) = source.came_to_catalogue(&before.source)? else {
            return Self::new(source, header);
        };
        let has_acts = came.has_acts || before.everyone.is_some();
        let came = came.ranked;
        if came.facts.is_empty() {
            return Ok(before.about_the_same(source, header, has_acts));
        }
        let ranked = Ranked {
            facts: before.catalogue.iter().cloned().chain(came.facts).collect(),
            ranks: before.ranks.iter().copied().chain(came.ranks).collect(),
        };
        Ok(Self::with(source, header, Catalogue { ranked, has_acts }))
    }

    pub(super) fn with(
        source: Source,
        header: Option<Header>,
        Catalogue { ranked, has_acts }: Catalogue,
    ) -> Self {
        let Ranked {
            facts: catalogue,
            ranks,
        } = ranked;
        let facts = || catalogue.iter().map(|stated| &stated.fact);
        let is_with_everyones =
            |fact: &Fact| matches!(fact, Fact::Act(act) if act.subjects.iter().any(SubjectId::is_everyone));
        let has_acts = has_acts || facts().any(is_with_everyones);
        let things = match &header {
            Some(header) => Things::new(header.home.clone(), facts()),
            None => Things::default(),
        };
        Self {
            has_uncertain_crossings: catalogue
                .iter()
                .any(|stated| stated.has_bounded(decides_crossings)),
            has_uncertain_nesting: catalogue.iter().any(Stated::has_uncertain_nesting),
            things: Arc::new(things),
            cohorts: Arc::new(Cohorts::new(facts())),
            defeated: defeated(catalogue.iter()),
            catalogue: catalogue.into(),
            ranks: ranks.into(),
            ..Self::of_nothing(source, header, has_acts)
        }
    }

    /// Another source of facts about the same things.
    pub(super) fn about_the_same(&self, source: Source, header: Option<Header>, has_acts: bool) -> Self {
        Self {
            things: Arc::clone(&self.things),
            cohorts: Arc::clone(&self.cohorts),
            defeated: self.defeated.clone(),
            has_uncertain_crossings: self.has_uncertain_crossings,
            has_uncertain_nesting: self.has_uncertain_nesting,
            catalogue: Arc::clone(&self.catalogue),
            ranks: Arc::clone(&self.ranks),
            ..Self::of_nothing(source, header, has_acts)
        }
    }

    /// A source whose facts speak of nothing, and of which nobody has asked yet.
    fn of_nothing(source: Source, header: Option<Header>, has_acts: bool) -> Self {
        Self {
            source,
            header,
            things: Arc::default(),
            cohorts: Arc::default(),
            catalogue: Arc::default(),
            ranks: Arc::default(),
            defeated: Vec::new(),
            families: Mutex::default(),
            has_uncertain_crossings: false,
            has_uncertain_nesting: false,
            everyone: has_acts.then(SubjectId::everyone),
            senders: Senders::default(),
            early: OnceLock::new(),
            unplaced: Mutex::default(),
        }
    }
}

/// Facts whose uncertain acts have to be placed before a question about them is answered.
pub struct Unplaced {
    /// About this subject; about everybody without one.
    pub subject: Option<SubjectId>,
    /// In the order of the record.
    pub facts: Vec<Stated>,
    /// The uncertain times that decide where nothing is judged: those of acts, and of who moved into whom.
    pub acts: Vec<Uncertain>,
    /// What all acts touch.
    pub touches: Touches,
}

impl Unplaced {
    /// All uncertain times.
    pub fn all(&self) -> Vec<Uncertain> {
        of_everybody(Uncertain::among(&self.facts))
    }

    /// Those that decide about crossings: beside acts, where holders are, and what makes a crossing lawful.
    pub fn for_crossings(&self) -> Vec<Uncertain> {
        of_everybody(Uncertain::wanted(&self.facts, decides_crossings))
    }
}

fn decides_crossings(fact: &Fact, key: InstantKey) -> bool {
    matches!(fact, Fact::Mechanism(_)) || key.entry_of("moves").is_some()
}

/// Uncertain times of facts about one person, or about everybody with which everyone's are mixed: each may decide about
/// each.
pub(super) fn of_everybody(mut all: Vec<Uncertain>) -> Vec<Uncertain> {
    for one in &mut all {
        one.subjects.clear();
    }
    all
}

/// The inputs of re-identifications among the facts. A store has these acts in its catalogue: they speak about
/// everybody's data.
fn defeated<'f>(facts: impl Iterator<Item = &'f Stated>) -> Vec<(FieldId, Instant)> {
    let mut defeated = Vec::new();
    for stated in facts {
        if let Fact::Act(act) = &stated.fact
            && act.method == Some(Method::Reidentify)
        {
            defeated.extend(act.fields.iter().map(|field| (field.clone(), act.at.start())));
        }
    }
    defeated
}
