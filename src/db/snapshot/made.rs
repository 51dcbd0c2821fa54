//! States that are made from others and never written: facts laid over a state, a store after one of its commits. What was
//! found in the one serves in the other, but for whom what lies between them concerns.

use std::sync::{Arc, Mutex, OnceLock};

use super::super::DbError;
use super::super::laid::{Laid, Over};
use super::{Findings, Inner, Others, Senders, Snapshot};
use crate::model::time::Instant;

/// The state that another one was made from.
pub(super) struct MadeFrom {
    pub(super) state: Snapshot,
    /// The last commit that both have.
    pub(super) sequence: u64,
}

impl Inner {
    /// The same with these facts laid over it, for questions for this instant. What names nobody is read again only if they
    /// change it.
    fn laid(&self, over: &Arc<Over>, as_of: Instant) -> Result<Self, DbError> {
        let source = self.source.laid(over, as_of)?;
        if !source.laid_over().is_some_and(Laid::has_catalogue_of_below) {
            return Self::new(source, self.header.clone());
        }
        Ok(Self {
            things: Arc::clone(&self.things),
            cohorts: Arc::clone(&self.cohorts),
            defeated: self.defeated.clone(),
            has_uncertain_crossings: self.has_uncertain_crossings,
            has_uncertain_nesting: self.has_uncertain_nesting,
            everyone: self.everyone.clone(),
            catalogue: Arc::clone(&self.catalogue),
            header: self.header.clone(),
            families: Mutex::default(),
            senders: Senders::default(),
            early: OnceLock::new(),
            unplaced: Mutex::default(),
            source,
        })
    }
}

impl Snapshot {
    /// The state that these facts would make, laid over this one, which stays as it is: nothing is written. What was found
    /// here serves there too, but for whom the facts concern. Cost: the facts of the names that they use are read; what
    /// names nobody too, if they change that.
    pub fn laid(&self, over: Over) -> Result<Self, DbError> {
        let over = Arc::new(over);
        let inner = Arc::new(self.inner.laid(&over, self.as_of)?);
        let whole = if Arc::ptr_eq(&self.inner, &self.whole) {
            Arc::clone(&inner)
        } else {
            Arc::new(self.whole.laid(&over, self.as_of)?)
        };
        let below = MadeFrom {
            state: self.clone(),
            sequence: self.sequence(),
        };
        Ok(Self {
            inner,
            whole,
            others: Others::default(),
            found: Findings::default(),
            earlier: Vec::new(),
            made_from: Some(Arc::new(below)),
            ..self.clone()
        })
    }

    /// A store as it was after two of its commits, for the same instant; without the second, as it is. What was found after
    /// the earlier one serves after the later one too, but for whom the commits between concern. `None` if there is no such
    /// commit. Cost: what names nobody is read.
    pub fn after_commits(&self, one: u64, other: Option<u64>) -> Result<Option<(Self, Self)>, DbError> {
        let second = match other {
            Some(other) => self.after_commit(other)?,
            None => Some(self.clone()),
        };
        let (Some(mut first), Some(mut second)) = (self.after_commit(one)?, second) else {
            return Ok(None);
        };
        let other = other.unwrap_or_else(|| self.sequence());
        let (earlier, later) = if one <= other {
            (&first, &mut second)
        } else {
            (&second, &mut first)
        };
        let origin = MadeFrom {
            state: earlier.clone(),
            sequence: one.min(other),
        };
        later.made_from = Some(Arc::new(origin));
        Ok(Some((first, second)))
    }

    fn after_commit(&self, sequence: u64) -> Result<Option<Self>, DbError> {
        let Some(source) = self.inner.source.past(sequence)? else {
            return Ok(None);
        };
        // It is not the store that somebody asks, but one to be compared.
        let source = source.laid(&Arc::default(), self.as_of)?;
        let state = Self::new(Inner::new(source, self.inner.header.clone())?, self.as_of);
        Ok(Some(Self {
            packs: Arc::clone(&self.packs),
            ..state
        }))
    }

    /// Whether one of the two was made from the other, so that what was found in that serves for both.
    pub fn is_kin_of(&self, other: &Self) -> bool {
        let is_made_from = |one: &Self, other: &Self| {
            let origin = one.made_from.as_ref();
            origin.is_some_and(|origin| Arc::ptr_eq(&origin.state.inner, &other.inner))
        };
        is_made_from(self, other) || is_made_from(other, self)
    }
}
