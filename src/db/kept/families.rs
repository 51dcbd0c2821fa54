//! What is found about some families, judged anew without the others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashSet;

use super::super::catalogue::belongs_to_catalogue;
use super::super::{DbError, Snapshot};
use super::{Kept, entry, findings_of, kinds, possible, without_case};
use crate::graph::{Cohorts, History};
use crate::model::fact::{Act, Fact, Header, Stated};
use crate::model::findings::Anew;
use crate::model::id::SubjectId;
use crate::rules::gather::{self, Lacking, Piece};
use crate::rules::index::Kinds;
use crate::rules::scope::{Scope, scope};
use crate::rules::{self, Case};

/// So many subjects are judged alone at most; with more, everything is.
const SUBJECTS_MAX: usize = 1_000;

/// Tells whether there is such a subject.
pub(super) type Exists<'a> = &'a dyn Fn(&SubjectId) -> Result<bool, DbError>;

impl Kept {
    /// With what is found about these families and those that are judged with them; `None` where everything has to be judged.
    pub(super) fn with_families(
        &self,
        later: &Snapshot,
        header: &Header,
        touched: BTreeSet<SubjectId>,
    ) -> Result<Option<Self>, DbError> {
        let mut touched = touched;
        loop {
            let Some(families) = later.named_together(touched, self.is_mixed)? else {
                return Ok(None);
            };
            match self.renewed(later, header, &families)? {
                Ok(judged) => return Ok(Some(judged)),
                Err(Lacking::Order) => return Ok(None),
                Err(Lacking::Chains(more)) => {
                    touched = families;
                    touched.extend(more);
                }
            }
        }
    }

    /// With what is found about these families now in place of what was found before.
    fn renewed(
        &self,
        later: &Snapshot,
        header: &Header,
        families: &BTreeSet<SubjectId>,
    ) -> Result<Result<Self, Lacking>, DbError> {
        let facts = later.facts_of(families)?;
        let history = later.history_of(families, &facts, &|subject| later.subject_exists(subject))?;
        let is_uncertain = later.has_to_place(&history);
        let case = Case::new(header, later.as_of(), history, &facts);
        let rules = later.rules();
        if is_uncertain
            || rules
                .iter()
                .any(|rule| scope(&case, &rule.check, Kinds::ALL) == Scope::Everything)
        {
            return Ok(Err(Lacking::Order));
        }
        let fresh = rules::judge_apart(&case, &rules);
        let is_kept = |subject: &SubjectId| !families.contains(subject);
        let mut pieces: Vec<Piece> = self
            .pieces
            .iter()
            .filter(|piece| is_kept(&piece.subject))
            .cloned()
            .collect();
        pieces.extend(fresh.pieces.into_iter().filter(|piece| !is_kept(&piece.subject)));
        let wholes = match gather::put_together(&case, &rules, &pieces, &self.wholes) {
            Ok(wholes) => wholes,
            Err(lacking) => return Ok(Err(lacking)),
        };
        let anew = Anew::Families(families);
        let entries = fresh.findings.into_iter().map(entry);
        let entries = entries.filter(|entry| entry.is_in(anew)).collect();
        let findings = self.findings.renewed(anew, entries);
        Ok(Ok(Self {
            as_of: later.as_of(),
            packs: self.packs.clone(),
            findings: Arc::new(findings.and_more(findings_of(&wholes))),
            // Whether one was taken back is not looked for: whoever is told of it looks at all of them.
            has_possible: self.has_possible || case.facts(possible).next().is_some(),
            and_more: Mutex::default(),
            pieces: without_case(pieces),
            wholes,
            deadlines: self.deadlines.with_families(families, fresh.next),
            kinds: self.kinds.or(kinds(&case)),
            is_mixed: self.is_mixed,
            is_placed: false,
        }))
    }
}

impl Snapshot {
    /// The subjects and all who are named together with them by some act, and so on; `None` when they are too many. Cost: the
    /// families of all of them are read, that of everyone only where some act names it beside others.
    fn named_together(
        &self,
        subjects: BTreeSet<SubjectId>,
        is_mixed: bool,
    ) -> Result<Option<BTreeSet<SubjectId>>, DbError> {
        let mut together = subjects.clone();
        let mut open: Vec<SubjectId> = subjects.into_iter().collect();
        loop {
            open.retain(|subject| is_mixed || !subject.is_everyone());
            if open.is_empty() {
                break;
            }
            if together.len() > SUBJECTS_MAX {
                return Ok(None);
            }
            let names = self.names_of_all(open.iter());
            let facts = self.source().family(&names.iter().copied().collect::<Vec<_>>())?;
            let theirs: BTreeSet<SubjectId> = facts
                .iter()
                .filter_map(|stated| act_about(stated, &names))
                .flat_map(|act| self.unfolded(&act.subjects))
                .collect();
            open = theirs.difference(&together).cloned().collect();
            together.extend(open.iter().cloned());
        }
        Ok(Some(together))
    }

    /// All facts that name one of the subjects or a cohort of one, and what is no act and names everyone or nobody, in the order of
    /// the record; and whoever re-identified.
    pub(super) fn facts_of(&self, families: &BTreeSet<SubjectId>) -> Result<Vec<Stated>, DbError> {
        let names = self.names_of_all(families.iter());
        let list: Vec<&SubjectId> = names.iter().copied().collect();
        if let Some(facts) = self.source().naming(&list, (self.catalogue(), self.ranks()))? {
            return Ok(facts);
        }
        let concerns =
            |fact: &Fact| belongs_to_catalogue(fact) || fact.subjects().iter().any(|id| names.contains(id));
        self.source().about(&list, concerns)
    }

    /// The acts among the facts that name one of the subjects. Whoever else the facts name is known by name.
    pub(super) fn history_of(
        &self,
        families: &BTreeSet<SubjectId>,
        facts: &[Stated],
        exists: Exists<'_>,
    ) -> Result<History, DbError> {
        let names = self.names_of_all(families.iter());
        let is_theirs =
            |stated: &&Stated| !matches!(stated.fact, Fact::Act(_)) || act_about(stated, &names).is_some();
        let mut history = History::new(Arc::clone(self.things()), facts.iter().filter(is_theirs));
        self.know_all(&mut history, facts, exists)?;
        Ok(history)
    }

    /// The same of everyone alone, read act by act, so that memory holds them once; and whether there are acts that only may have
    /// carried. `None` where what stands cannot be told so. What is no act stands in the catalogue.
    pub(super) fn history_of_everyone(&self, exists: Exists<'_>) -> Result<Option<(History, bool)>, DbError> {
        let facts = self.catalogue();
        let cohorts = Cohorts::new(facts.iter().map(|stated| &stated.fact));
        let mut history = History::empty(Arc::clone(self.things()), cohorts);
        let is_no_act = |stated: &&Stated| !matches!(stated.fact, Fact::Act(_));
        facts
            .iter()
            .filter(is_no_act)
            .for_each(|stated| history.take(stated));
        let mut has_possible = false;
        let mut ranks = Vec::new();
        let is_read = self.source().each_act_of_everyone(|stated, rank| {
            has_possible |= possible(&stated.fact).is_some();
            history.take(stated);
            // What only may have carried is no act of the history.
            ranks.resize(history.acts().len(), rank);
        })?;
        if !is_read {
            return Ok(None);
        }
        history.settle(&ranks);
        self.know_all(&mut history, facts, exists)?;
        Ok(Some((history, has_possible)))
    }

    /// Whoever the facts name that are no acts.
    fn know_all(&self, history: &mut History, facts: &[Stated], exists: Exists<'_>) -> Result<(), DbError> {
        let mut seen: FxHashSet<&SubjectId> = FxHashSet::default();
        for stated in facts.iter().filter(|stated| !matches!(stated.fact, Fact::Act(_))) {
            for name in stated.fact.subjects().iter().filter(|name| seen.insert(name)) {
                for subject in self.unfolded(std::slice::from_ref(name)) {
                    if history.subjects().get(&subject).is_none() && exists(&subject)? {
                        history.know(&subject);
                    }
                }
            }
        }
        Ok(())
    }

    /// Under which names acts are about the subjects: their own and those of their cohorts.
    fn names_of_all<'s>(&'s self, subjects: impl Iterator<Item = &'s SubjectId>) -> FxHashSet<&'s SubjectId> {
        subjects
            .flat_map(|subject| self.cohorts_of(subject).into_iter().chain([subject]))
            .collect()
    }
}

/// The act, if the fact is one about somebody of one of these names.
fn act_about<'f>(stated: &'f Stated, names: &FxHashSet<&SubjectId>) -> Option<&'f Act> {
    let Fact::Act(act) = &stated.fact else { return None };
    act.subjects.iter().any(|id| names.contains(id)).then_some(act)
}
