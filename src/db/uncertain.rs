//! Acts of which only the bounds of their instant are known: a question or a check is put to placements of them, each a
//! plain state of the facts, and what came of all is put together.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::{DbError, Snapshot};
use crate::graph::Cohorts;
use crate::model::appendix::Appendix;
use crate::model::fact::{Fact, Stated};
use crate::model::finding::Finding;
use crate::model::id::{FactId, SubjectId};
use crate::model::question::{Answer, Found, Question, ReachQuestion};
use crate::model::recorded::RecordTime;
use crate::model::rule::{Check, Rule};
use crate::model::word::{Ties, Verdict};
use crate::placing::answers::{self, Answers};
use crate::placing::findings::Tally;
use crate::placing::plan::Plan;
use crate::placing::points::Marks;
use crate::placing::terms::Terms;
use crate::placing::touches::Touches;
use crate::placing::{Placement, Uncertain, instants, relaxed};
use crate::rules;

impl Snapshot {
    /// Judges under every placement of the uncertain acts that makes a difference, or under a choice of placements when
    /// these are too many, and says of each finding whether it is definite. What is told beside them is that of the
    /// first placement, all acts at their earliest. `has_more` says that the judge finds more than the rules do.
    ///
    /// Most rules look at an act, and at what copies there are; for these, acts are placed only against those that they
    /// meet. The others are judged under placements of all against all.
    pub fn in_placements<E: From<DbError>>(
        &self,
        has_more: bool,
        mut judge: impl FnMut(&Self) -> Result<(Vec<Finding>, Appendix), E>,
    ) -> Result<(Vec<Finding>, Appendix), E> {
        let facts = self.everything()?;
        let cohorts = Cohorts::new(facts.iter().map(|stated| &stated.fact));
        let (near, far): (Vec<&Rule>, Vec<&Rule>) =
            self.rules().into_iter().partition(|rule| looks_near(&rule.check));
        let named: FxHashSet<&FactId> = near.iter().map(|rule| &rule.id).collect();
        let has_far = has_more || !far.is_empty();
        let mut findings = Vec::new();
        let mut first = None;
        for is_near in [true, false] {
            let rules = if is_near { &near } else { &far };
            let is_wanted = if is_near {
                !near.is_empty() || !has_far
            } else {
                has_far
            };
            if !is_wanted {
                continue;
            }
            let is_whole = rules.iter().any(|rule| looks_across(&rule.check));
            let persons = |ids: &[SubjectId]| {
                if is_whole {
                    Vec::new()
                } else {
                    cohorts.unfold(ids).into_owned()
                }
            };
            let touches = is_near.then(|| Touches::new(facts.iter(), unless_everyone(&persons)));
            let (marks, is_foreseen) = self.marks(facts.iter(), rules, is_near, persons)?;
            let mut acts = Uncertain::among(facts.iter());
            for act in &mut acts {
                act.subjects = persons(&act.subjects);
            }
            let most = self.placements_most();
            let plan = Plan::new(&acts, &marks, touches.as_ref(), facts.len(), most, is_foreseen);
            let mut tally = Tally::new(&cohorts);
            for placement in &plan.placements {
                let (mut found, appendix) = judge(&self.placed(placement)?)?;
                found.retain(|finding| named.contains(&finding.rule) == is_near);
                tally.add(found);
                first.get_or_insert(appendix);
            }
            findings.extend(tally.into_findings(&plan, self.zone()));
        }
        rules::sort(&mut findings);
        Ok((findings, first.unwrap_or_default()))
    }

    /// Answers under every placement of the uncertain acts that makes a difference, or under a choice of placements.
    pub(super) fn ask_in_placements(&self, question: &Question) -> Result<Answer, DbError> {
        let unplaced = self.unplaced(question.subject())?;
        let facts = &unplaced.facts;
        let everybody = |_: &[SubjectId]| Vec::new();
        // Where copies alone are looked at, acts are placed only against those that they meet.
        let is_near = !question.is_judged() && question.ties() == Ties::Recorded;
        let touches = Some(&unplaced.touches).filter(|_| is_near);
        // For a question that is not judged acts alone decide, where holders are, and what makes a crossing lawful.
        let matters = |stated: &&Stated| {
            question.is_judged()
                || matches!(
                    stated.fact,
                    Fact::Act(_) | Fact::Processor(_) | Fact::Mechanism(_)
                )
        };
        let rules = if question.is_judged() {
            self.rules()
        } else {
            Vec::new()
        };
        let (mut marks, _) = self.marks(facts.iter().filter(matters), &rules, is_near, everybody)?;
        for at in instants::of_question(question) {
            marks.instant(at, &[]);
        }
        for span in instants::spans_of_question(question) {
            marks.span(span);
        }
        let marks = marks.sorted();
        let acts = if question.is_judged() {
            Cow::Owned(unplaced.all())
        } else if matches!(question, Question::Crossings { .. }) {
            Cow::Owned(unplaced.for_crossings())
        } else {
            Cow::Borrowed(&unplaced.acts)
        };
        // A placement of a file is a copy of it.
        let weight = if self.is_store() {
            facts.len()
        } else {
            self.everything()?.len()
        };
        let most = self.placements_most();
        let plan = Plan::new(&acts, &marks, touches, weight, most, true);
        let mut answers = Answers::default();
        // Where nothing decides, an act may be anywhere in its bounds.
        let needed = if is_near && plan.deciding.is_empty() {
            1
        } else {
            plan.placements.len()
        };
        for placement in plan.placements.iter().take(needed) {
            answers.add(self.placed(placement)?.ask(question, None)?);
        }
        let is_yes_so_far = answers.is_yes_so_far();
        let answer = answers.into_answer(&plan, self.zone()).ok_or(DbError::Empty)?;
        let Question::Reach(reach) = question else {
            return Ok(answer);
        };
        if !plan.is_complete() && is_yes_so_far {
            let sure = self.reaches_surely(question, reach, facts, &answer)?;
            return Ok(sure.unwrap_or(answer));
        }
        if answer.verdict == Verdict::Unknown {
            return self.reach_beyond(question, reach, facts, answer);
        }
        Ok(answer)
    }

    /// What else can be said of reach when no placement that was tried is a yes and more would differ: a no that holds
    /// for all, or a placement made for one way.
    fn reach_beyond(
        &self,
        question: &Question,
        reach: &ReachQuestion,
        facts: &[Stated],
        undecided: Answer,
    ) -> Result<Answer, DbError> {
        // What arrives early in the relaxed facts may arrive later in a placement, inside a window that begins then.
        // Who lies inside whom at which time is not relaxed.
        if reach.ties != Ties::Recorded
            || reach.during.from.is_some()
            || facts.iter().any(Stated::has_uncertain_nesting)
        {
            return Ok(undecided);
        }
        let widest = self.supposing(relaxed::relaxed(facts))?.ask(question, None)?;
        if widest.verdict == Verdict::No {
            return Ok(Answer {
                verdict: Verdict::No,
                reasons: widest.reasons,
                ..undecided
            });
        }
        let acts = Uncertain::among(facts.iter());
        let Found::Reach(found) = &widest.found else {
            return Ok(undecided);
        };
        for placement in relaxed::along(&found.witness, &acts) {
            let answer = self.placed(&placement)?.ask(question, None)?;
            if answer.verdict != Verdict::No {
                return Ok(answers::possible(answer, &placement, &acts, self.zone()));
            }
        }
        Ok(undecided)
    }

    /// The yes that holds in every placement, if that can be shown without trying them.
    fn reaches_surely(
        &self,
        question: &Question,
        reach: &ReachQuestion,
        facts: &[Stated],
        undecided: &Answer,
    ) -> Result<Option<Answer>, DbError> {
        // What arrives late in these facts may arrive earlier in a placement: before a window begins, before something is
        // held, or while a processor lies elsewhere. What was defeated hangs on instants too.
        let is_plain = reach.ties == Ties::Recorded
            && reach.during.from.is_none()
            && reach.held_at.is_none()
            && !reach.personal_only
            && !reach.influence
            && self.things().nested().is_empty();
        if !is_plain {
            return Ok(None);
        }
        let least = self.supposing(relaxed::surely(facts))?.ask(question, None)?;
        let (Found::Reach(sure), Found::Reach(any), Verdict::Yes) =
            (&least.found, &undecided.found, least.verdict)
        else {
            return Ok(None);
        };
        let early = self.placed(&Placement::default())?.ask(question, None)?;
        Ok(answers::surely(early, sure, any))
    }

    /// What instants are held against, and whether that is all; `is_near` leaves out those of acts.
    fn marks<'f>(
        &self,
        facts: impl Iterator<Item = &'f Stated> + Clone,
        rules: &[&Rule],
        is_near: bool,
        persons: impl Fn(&[SubjectId]) -> Vec<SubjectId>,
    ) -> Result<(Marks, bool), DbError> {
        let header = self.header()?;
        let mut marks = Marks::default();
        marks.instant(self.as_of(), &[]);
        if let Some(RecordTime::At(at)) = self.knows_until() {
            marks.instant(at, &[]);
        }
        for stated in facts.clone() {
            // What is said of everyone, such as a notice, counts for each person.
            let whose = unless_everyone(&persons)(stated.fact.subjects());
            if !(is_near && matches!(stated.fact, Fact::Act(_))) {
                for at in instants::of_fact(&stated.fact, header) {
                    marks.instant(at, &whose);
                }
            }
            for span in instants::spans_of_fact(&stated.fact) {
                marks.span(span);
            }
            if !stated.bounded.is_empty() {
                // A look ahead judges the day before each end.
                marks.span(instants::DAY);
            }
        }
        let mut is_foreseen = true;
        let terms = Terms::new(rules.iter().copied(), header, self.as_of(), facts.clone());
        for stated in facts {
            match terms.of(stated) {
                Some(found) => {
                    for (uncertain, at) in found {
                        marks.instant_for(uncertain, at);
                    }
                }
                None => is_foreseen = false,
            }
        }
        for rule in rules {
            match instants::spans_of_rule(rule) {
                Some((spans, instants)) => {
                    for span in spans {
                        marks.span(span);
                    }
                    for at in instants {
                        marks.instant(at, &[]);
                    }
                }
                None => is_foreseen = false,
            }
            if let Check::ProtectionLevel { since, .. } = &rule.check {
                marks.instant(*since, &[]);
            }
        }
        Ok((marks.sorted(), is_foreseen))
    }
}

/// Whose data something is about; nobody, which means everybody, where it is everyone's.
fn unless_everyone(
    persons: &impl Fn(&[SubjectId]) -> Vec<SubjectId>,
) -> impl Fn(&[SubjectId]) -> Vec<SubjectId> {
    |ids| {
        if ids.iter().any(SubjectId::is_everyone) {
            Vec::new()
        } else {
            persons(ids)
        }
    }
}

/// Whether a check holds the instant of an act only against what is no act, and beside that looks only at what copies
/// there are, from when to when each of them is held, and by which acts it came: not which of several came first, nor how
/// far acts lie apart that have no holding in common.
fn looks_near(check: &Check) -> bool {
    match check {
        Check::AuditDue { .. }
        | Check::CorrectionPropagated { .. }
        | Check::Delegation { .. }
        | Check::DeletionPropagated { .. }
        | Check::Frequency { .. }
        | Check::NeverUsed { .. }
        | Check::ProtectionHeld { .. }
        | Check::Reidentification
        | Check::Restriction { .. }
        | Check::RetentionDeclared { .. }
        | Check::Tainted { .. } => false,
        Check::AlternativeOffered { .. }
        | Check::AssignmentGround
        | Check::AssignmentNotice
        | Check::AuditIndependent
        | Check::AuditRemedied { .. }
        | Check::AuthorityReport { .. }
        | Check::Authorized { .. }
        | Check::BundledConsent
        | Check::Ceasing { .. }
        | Check::ChangeNotice
        | Check::Closure
        | Check::ConsentRecord { .. }
        | Check::Deceased
        | Check::Declared { .. }
        | Check::DeclaredPeriod
        | Check::DeletionEffective
        | Check::EmbeddedParty { .. }
        | Check::Evidence { .. }
        | Check::FlowSupported
        | Check::Ground { .. }
        | Check::GroundRecognized { .. }
        | Check::IdentityVerified
        | Check::ImpactAssessment { .. }
        | Check::ImpliedAcceptance
        | Check::IncidentContent { .. }
        | Check::IncidentFound
        | Check::IncidentNotice { .. }
        | Check::Joint { .. }
        | Check::LawfulSource { .. }
        | Check::LeastPrivilege { .. }
        | Check::MinimumRetention { .. }
        | Check::Necessity { .. }
        | Check::Optout { .. }
        | Check::PartnerRelation { .. }
        | Check::Policy { .. }
        | Check::PolicyNotice
        | Check::PolicyRights { .. }
        | Check::PriorNotice { .. }
        | Check::ProhibitedCategory { .. }
        | Check::ProtectedAttribute { .. }
        | Check::ProtectionLevel { .. }
        | Check::PublicSource { .. }
        | Check::PurposeEnded { .. }
        | Check::RecipientAssessed { .. }
        | Check::RefusalReason { .. }
        | Check::RequestDeadline { .. }
        | Check::Retention { .. }
        | Check::Safeguards { .. }
        | Check::ServicePolicy { .. }
        | Check::SourceWarranty { .. }
        | Check::StateRequired { .. }
        | Check::StateSupported
        | Check::StopAccess
        | Check::StorageLocation { .. }
        | Check::TransferConfidentiality { .. }
        | Check::TransferMechanism { .. } => true,
    }
}

/// Whether what a check finds about one person may depend on what was done with the data of another.
fn looks_across(check: &Check) -> bool {
    matches!(
        check,
        Check::AuditDue { .. }
            | Check::ProtectionHeld { .. }
            | Check::Reidentification
            | Check::RetentionDeclared { .. }
    )
}
