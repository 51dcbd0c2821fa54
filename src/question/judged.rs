//! What the questions share that ask whether data went its way lawfully.
//!
//! A hop is unlawful if the check `authorized` or the check `delegation` has a finding about its act and the field that
//! it takes. Which rules the record has does not matter here: the two are judged with nothing left out.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{AskError, Scope};
use crate::graph::{ActNo, CopyNo, FieldNo, History, SubjectNo};
use crate::model::fact::Act;
use crate::model::finding::{Finding, Step};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::rule::{Check, Only, Rule, Terms, When};
use crate::model::time;
use crate::model::word::{Role, Severity, Ties};
use crate::reach::search::Hops;
use crate::reach::witness::{self, Claim};
use crate::rules::{self, Case};

/// What a judged question is asked of.
pub struct Judged<'a> {
    /// The acts and copies; for a question about single hops, with standing acts spelled out.
    pub scope: &'a Scope<'a>,
    /// The same, with all facts that decide.
    pub case: &'a Case<'a>,
    /// The rules on record: deadlines come from them.
    pub rules: &'a [&'a Rule],
    /// Whose chain was checked last, and the acts about them: mostly the next chain is of the same.
    record: RefCell<Option<(SubjectId, Vec<Act>)>>,
}

impl<'a> Judged<'a> {
    /// A case and what is asked of it.
    pub fn new(scope: &'a Scope<'a>, case: &'a Case<'a>, rules: &'a [&'a Rule]) -> Self {
        Self {
            scope,
            case,
            rules,
            record: RefCell::default(),
        }
    }

    /// The subject and the field of a copy.
    pub(super) fn pair(&self, number: CopyNo) -> (SubjectNo, FieldNo) {
        let holding = self.scope.replay.holding_of(self.scope.replay.copy(number));
        (holding.subject, holding.field)
    }

    /// Names instead of numbers, sorted and without doubles.
    pub(super) fn names(&self, subjects: &[SubjectNo], fields: &[FieldNo]) -> (Vec<SubjectId>, Vec<FieldId>) {
        let history = self.scope.history;
        let mut subjects: Vec<SubjectId> = subjects
            .iter()
            .map(|number| history.subjects().id(*number).clone())
            .collect();
        let mut fields: Vec<FieldId> = fields
            .iter()
            .map(|number| history.things.fields().id(*number).clone())
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        fields.sort_unstable();
        fields.dedup();
        (subjects, fields)
    }

    /// The chain of the copy with the least field, of these copies of one subject; among equals the one nearest to a first
    /// acquisition.
    pub(super) fn chain_to_least(
        &self,
        subject: &SubjectId,
        copies: &[CopyNo],
    ) -> Result<Vec<Step>, AskError> {
        let Scope { history, replay, .. } = self.scope;
        let field = |number: CopyNo| history.things.fields().id(self.pair(number).1);
        let Some(least) = copies
            .iter()
            .copied()
            .min_by_key(|number| (field(*number), replay.rank(*number)))
        else {
            return Ok(Vec::new());
        };
        let path = replay.chain(least);
        // A chain over a contradicted copy proves what the record says of it and no more.
        let is_contradicted = |number: &CopyNo| replay.copy(*number).role == Role::Contradicted;
        if !replay.ancestry(least).iter().any(is_contradicted) {
            let to = history
                .things
                .processors()
                .id(replay.holding_of(replay.copy(least)).processor);
            self.check_chain(&path, subject, field(least), None, to)?;
        }
        Ok(path.iter().map(|act| history.step(*act)).collect())
    }

    /// Has the checker of witnesses look at a chain that is about to be given, among all acts on record about the subject. Cost:
    /// these acts times the length of the chain.
    pub(super) fn check_chain(
        &self,
        path: &[ActNo],
        subject: &SubjectId,
        field: &FieldId,
        from: Option<&ProcessorId>,
        to: &ProcessorId,
    ) -> Result<(), AskError> {
        let scope = self.scope;
        let chain: Vec<&str> = path
            .iter()
            .map(|number| scope.history.act(*number).id.as_str())
            .collect();
        let claim = Claim {
            subject,
            field,
            from,
            to,
            through: &[],
            avoiding: &[],
            processors: scope.history.things.nested(),
            ties: Ties::Recorded,
        };
        let mut last = self.record.borrow_mut();
        if last.as_ref().is_none_or(|(of, _)| of != subject) {
            *last = Some((subject.clone(), self.record_of(subject)));
        }
        let record: Vec<&Act> = last.iter().flat_map(|(_, acts)| acts).collect();
        Ok(witness::check(&record, &chain, claim)?)
    }

    /// The acts on record about the subject, in order, as facts: the checker knows no numbers.
    fn record_of(&self, subject: &SubjectId) -> Vec<Act> {
        let case = self.case;
        let number = case.subject(subject);
        let acts = number.into_iter().flat_map(|number| case.acts_about(number));
        acts.map(|act| case.history.fact_of(act, subject)).collect()
    }
}

/// The unlawful hops of one subject's data, and why they are.
pub struct Unlawful {
    /// The hops.
    pub hops: Hops,
    findings: Vec<Arc<Finding>>,
    by_hop: FxHashMap<(ActNo, FieldNo), usize>,
}

impl Unlawful {
    /// Judges the case of one subject; the hops are those of this history of it, in which no act stands.
    pub fn new(case: &Case<'_>, history: &History) -> Self {
        let authorized = alone(
            "authorized",
            Check::Authorized {
                when: When::default(),
                terms: Terms::default(),
            },
        );
        let delegation = alone(
            "delegation",
            Check::Delegation {
                affiliates_only: false,
                return_within_days: 0,
            },
        );
        let findings = rules::judge_moments(case, &[&authorized, &delegation]);
        let mut numbers: FxHashMap<&str, Vec<ActNo>> = FxHashMap::default();
        for (number, act) in history.numbered() {
            numbers.entry(act.id.as_str()).or_default().push(number);
        }
        let mut by_hop = FxHashMap::default();
        for (at, (finding, judged)) in findings.iter().enumerate() {
            let span = case.moment(*judged).map(|moment| moment.span);
            let act = case.act(*judged).id.as_str();
            let fields = history.things.field_numbers(&finding.fields);
            for number in numbers.get(act).into_iter().flatten() {
                if span.is_none_or(|span| time::covers(span, history.act(*number).at)) {
                    for field in &fields {
                        by_hop.entry((*number, *field)).or_insert(at);
                    }
                }
            }
        }
        Self {
            hops: by_hop.keys().copied().collect(),
            findings: findings.into_iter().map(|(finding, _)| finding).collect(),
            by_hop,
        }
    }

    /// Why the hop is unlawful: the first finding about it.
    pub fn finding(&self, hop: (ActNo, FieldNo)) -> Option<&Finding> {
        self.by_hop.get(&hop).map(|at| &*self.findings[*at])
    }

    /// The first hop of a chain that is unlawful, with its finding.
    pub fn first_of(&self, hops: &[(ActNo, FieldNo)]) -> Option<(ActNo, &Finding)> {
        hops.iter().find_map(|hop| Some((hop.0, self.finding(*hop)?)))
    }
}

/// A rule of this check, with nothing left out.
pub fn alone(id: &str, check: Check) -> Rule {
    Rule {
        id: id.into(),
        clause: id.to_owned(),
        severity: Severity::Error,
        check,
        only: Only::default(),
        about: Arc::default(),
    }
}
