//! What is found in a state, judged as little as possible.

use std::sync::{Arc, PoisonError};

use super::super::DbError;
use super::super::kept::{Asked, Kept, RECORDS_MAX};
use super::{FOUND_KEPT, Snapshot, acts_in};
use crate::graph::History;
use crate::model::appendix::Appendix;
use crate::model::fact::Header;
use crate::model::finding::Finding;
use crate::model::findings::Findings;
use crate::model::time::Instant;
use crate::model::word::Carries;
use crate::rules::{self, Case};
use crate::store::View;

impl Snapshot {
    /// All findings, in their order, under the rules on record. Cost: all facts are read and judged; the last few results
    /// are kept. After commits to a store about some people, what was found before is kept but for theirs: then their
    /// families are read and judged, and all other findings are shared with the state before.
    pub fn findings(&self, as_of: Option<Instant>) -> Result<Arc<Findings>, DbError> {
        Ok(Arc::clone(&self.judged(as_of)?.findings))
    }

    /// The same, and what `find` finds besides; kept like the findings, and looked for once. It has to be the same for
    /// every caller.
    pub fn findings_and_more(
        &self,
        as_of: Option<Instant>,
        find: impl FnOnce(&Findings) -> Result<Vec<Finding>, DbError>,
    ) -> Result<Arc<Findings>, DbError> {
        self.judged(as_of)?.and_more(find)
    }

    /// What rule packs want told beside the findings. Cost: all facts are read and judged.
    pub fn appendix(&self, as_of: Option<Instant>) -> Result<Appendix, DbError> {
        let as_of = as_of.unwrap_or(self.as_of);
        let told = self.with_case(as_of, |case| rules::judge(case, &self.rules()).1)?;
        Ok(told.unwrap_or_default())
    }

    /// The same without judging, of the findings that are given. `None` where acts stand or have uncertain times. Cost: all
    /// facts are read and replayed.
    pub fn appendix_beside(&self, as_of: Instant, findings: &Findings) -> Result<Option<Appendix>, DbError> {
        let told = self.with_case(as_of, |case| {
            let is_settled = !self.has_to_place(&case.history);
            is_settled
                .then(|| rules::appendix_beside(case, &self.rules(), findings))
                .flatten()
        })?;
        Ok(told.flatten())
    }

    fn judged(&self, as_of: Option<Instant>) -> Result<Arc<Kept>, DbError> {
        let as_of = as_of.unwrap_or(self.as_of);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |kept: &&Arc<Kept>| kept.as_of == as_of && kept.packs == self.packs.key;
        if let Some(kept) = found.iter().find(is_it) {
            return Ok(Arc::clone(kept));
        }
        let state = self.at_alone(as_of)?;
        let judged = Arc::new(match state.renewed(&found)? {
            Some(judged) => judged,
            None => state.judge()?,
        });
        if found.len() == FOUND_KEPT {
            found.remove(0);
        }
        found.push(Arc::clone(&judged));
        Ok(judged)
    }

    /// What was found before, of the same state or an earlier one, brought up to date; `None` when it is easier to judge
    /// everything.
    fn renewed(&self, found: &[Arc<Kept>]) -> Result<Option<Kept>, DbError> {
        if let Some(origin) = &self.made_from {
            if self.touched_since(origin.sequence, RECORDS_MAX)?.is_none() {
                return Ok(None);
            }
            let before = origin.state.judged(Some(self.as_of))?;
            return before.brought_to(self, origin.sequence);
        }
        if !self.is_store() || self.known_at.is_some() {
            return Ok(None);
        }
        let fits = |kept: &&Arc<Kept>| kept.as_of <= self.as_of && kept.packs == self.packs.key;
        if let Some(kept) = found.iter().rfind(fits) {
            return kept.brought_to(self, self.sequence());
        }
        for earlier in self.earlier.iter().rev() {
            let kept = {
                let found = earlier.found.lock().unwrap_or_else(PoisonError::into_inner);
                found.iter().rfind(fits).cloned()
            };
            if let Some(kept) = kept {
                return kept.brought_to(self, earlier.sequence);
            }
        }
        Ok(None)
    }

    /// Whether there may be acts that only may have carried, which no rule judges: there were when everything was judged,
    /// or there are now. Cost: that of the findings.
    pub fn may_have_possible(&self, as_of: Option<Instant>) -> Result<bool, DbError> {
        Ok(self.judged(as_of)?.has_possible)
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            as_of: self.as_of,
            packs: &self.packs.key,
            a_chunk: self.findings_a_chunk,
        }
    }

    fn judge(&self) -> Result<Kept, DbError> {
        let Some(header) = &self.inner.header else {
            return Ok(Kept::nothing(self.asked()));
        };
        if self.has_parts()
            && let Some((kept, _)) = Kept::in_parts(self, header, self.asked())?
        {
            return Ok(kept);
        }
        let facts = self.inner.source.everything()?;
        let history = History::new(Arc::clone(&self.inner.things), facts.iter());
        if self.has_to_place(&history) {
            let (findings, _) = self.in_placements(false, |placed| placed.judge_placed(header))?;
            let has_possible = acts_in(&facts).any(|act| act.carries == Carries::Possible);
            return Ok(Kept::placed(self.asked(), findings, has_possible));
        }
        let case = Case::new(header, self.as_of, history, &facts);
        Ok(Kept::everything(&case, &self.rules(), self.asked()))
    }

    /// What is found and told of a store that is judged in parts, for the instant of the state, and whether there are acts that
    /// only may have carried. Nothing of it is kept. `None` of one that has to be judged as a whole. Cost: everything is read.
    pub fn found_in_parts(&self) -> Result<Option<(Vec<Finding>, Appendix, bool)>, DbError> {
        let Some(header) = &self.inner.header else {
            return Ok(None);
        };
        if !self.has_parts() {
            return Ok(None);
        }
        let Some((kept, told)) = Kept::in_parts(self, header, self.asked())? else {
            return Ok(None);
        };
        let told = match told {
            Some(told) => Some(told),
            None => self.appendix_beside(self.as_of, &kept.findings)?,
        };
        let has_possible = kept.has_possible;
        Ok(told.map(|told| (kept.into_findings(), told, has_possible)))
    }

    /// Whether it is a store with enough facts to be judged some families at a time.
    fn has_parts(&self) -> bool {
        let view = self
            .inner
            .source
            .view()
            .filter(|_| !self.inner.source.is_placed());
        let facts = view.map_or(0, View::facts);
        let part = u64::try_from(self.facts_a_part).unwrap_or(u64::MAX);
        facts > 0 && facts >= part.saturating_mul(2)
    }

    /// Everything found when all acts are taken to be where a placement puts them.
    fn judge_placed(&self, header: &Header) -> Result<(Vec<Finding>, Appendix), DbError> {
        let facts = self.inner.source.everything()?;
        let history = History::new(Arc::clone(&self.inner.things), facts.iter());
        let case = Case::new(header, self.as_of, history, &facts);
        Ok(rules::judge(&case, &self.rules()))
    }
}
