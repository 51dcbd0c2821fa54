//! Acts of which only the bounds of their instant are known: a question or a check is put to placements of them, each a
//! plain state of the facts, and what came of all is put together.

use super::{DbError, Snapshot};
use crate::graph::Cohorts;
use crate::model::appendix::Appendix;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::finding::Finding;
use crate::model::id::SubjectId;
use crate::model::question::{Answer, Found, Question, ReachQuestion};
use crate::model::recorded::RecordTime;
use crate::model::rule::{Check, Rule};
use crate::model::word::{Ties, Verdict};
use crate::placing::answers::{self, Answers};
use crate::placing::findings::Tally;
use crate::placing::plan::Plan;
use crate::placing::points::Marks;
use crate::placing::{Uncertain, instants, relaxed};
use crate::{question, rules};

impl Snapshot {
    /// Judges under every placement of the uncertain acts that makes a difference, or under a choice of placements when
    /// these are too many, and says of each finding whether it is definite. What is told beside them is that of the
    /// first placement, all acts at their earliest.
    pub fn in_placements<E: From<DbError>>(
        &self,
        mut judge: impl FnMut(&Self) -> Result<(Vec<Finding>, Appendix), E>,
    ) -> Result<(Vec<Finding>, Appendix), E> {
        let facts = self.everything()?;
        let cohorts = Cohorts::new(facts.iter().map(|stated| &stated.fact));
        let rules = self.rules();
        let is_whole = rules.iter().any(|rule| looks_across(&rule.check));
        let persons = |ids: &[SubjectId]| {
            if is_whole {
                Vec::new()
            } else {
                cohorts.unfold(ids).into_owned()
            }
        };
        let (marks, is_foreseen) = self.marks(facts.iter(), &rules, persons)?;
        let mut acts = Uncertain::among(facts.iter());
        for act in &mut acts {
            act.subjects = persons(&act.subjects);
        }
        let plan = Plan::new(&acts, &marks, facts.len(), self.placements_most(), is_foreseen);
        let mut tally = Tally::new(&cohorts);
        let mut first = None;
        for placement in &plan.placements {
            let (findings, appendix) = judge(&self.placed(placement)?)?;
            tally.add(findings);
            first.get_or_insert(appendix);
        }
        let mut findings = tally.into_findings(&plan, self.zone());
        rules::sort(&mut findings);
        Ok((findings, first.unwrap_or_default()))
    }

    /// Answers under every placement of the uncertain acts that makes a difference, or under a choice of placements.
    pub(super) fn ask_in_placements(&self, question: &Question) -> Result<Answer, DbError> {
        let facts = match question.subject() {
            Some(subject) => self.facts_about(subject)?,
            None => self.everything()?.into_owned(),
        };
        // One person's acts, or everybody's with which everyone's are mixed: each may decide about each.
        let everybody = |_: &[SubjectId]| Vec::new();
        // For a question that is not judged acts alone decide, where holders are, and what makes a crossing lawful.
        let matters = |stated: &&Stated| {
            question.is_judged()
                || matches!(
                    stated.fact,
                    Fact::Act(_) | Fact::Processor(_) | Fact::Mechanism(_)
                )
        };
        let may_decide = |stated: &&Stated| {
            matters(stated) && (question.is_judged() || !matches!(stated.fact, Fact::Processor(_)))
        };
        let rules = if question.is_judged() {
            self.rules()
        } else {
            Vec::new()
        };
        let (mut marks, _) = self.marks(facts.iter().filter(matters), &rules, everybody)?;
        for at in instants::of_question(question) {
            marks.instant(at, &[]);
        }
        for span in instants::spans_of_question(question) {
            marks.span(span);
        }
        let marks = marks.sorted();
        let mut acts = Uncertain::among(facts.iter().filter(may_decide));
        for act in &mut acts {
            act.subjects.clear();
        }
        // A placement of a file is a copy of it.
        let weight = if self.is_store() {
            facts.len()
        } else {
            self.everything()?.len()
        };
        let plan = Plan::new(&acts, &marks, weight, self.placements_most(), true);
        let mut answers = Answers::default();
        for placement in &plan.placements {
            answers.add(self.placed(placement)?.ask(question, None)?);
        }
        if let Question::Reach(reach) = question
            && !plan.is_complete()
            && answers.is_yes_so_far()
            && let Some(proven) = self.proven(question, reach, &facts, answers.chains())?
        {
            return Ok(answers.proven(proven));
        }
        let answer = answers.into_answer(&plan, self.zone()).ok_or(DbError::Empty)?;
        if let Question::Reach(reach) = question
            && answer.verdict == Verdict::Unknown
        {
            return self.reach_beyond(question, reach, &facts, answer);
        }
        Ok(answer)
    }

    /// An answer of reach with a chain that holds in every placement, by the bounds alone; `None` if none is found.
    fn proven(
        &self,
        question: &Question,
        reach: &ReachQuestion,
        facts: &[Stated],
        found: &[Answer],
    ) -> Result<Option<Answer>, DbError> {
        let Some(subject) = &reach.subject else {
            return Ok(None);
        };
        let record = self.surely(subject)?;
        let record: Vec<&Act> = record.iter().collect();
        let firm = self.supposing(relaxed::firm(facts))?.ask(question, None)?;
        let holds = |answer: &&Answer| {
            answer.verdict == Verdict::Yes
                && question::holds_always(&record, self.things().nested(), reach, answer)
        };
        Ok(std::iter::once(&firm).chain(found).find(holds).cloned())
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
        if reach.ties != Ties::Recorded || reach.during.from.is_some() {
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

    /// What instants are held against, and whether that is all.
    fn marks<'f>(
        &self,
        facts: impl Iterator<Item = &'f Stated>,
        rules: &[&Rule],
        persons: impl Fn(&[SubjectId]) -> Vec<SubjectId>,
    ) -> Result<(Marks, bool), DbError> {
        let header = self.header()?;
        let mut marks = Marks::default();
        marks.instant(self.as_of(), &[]);
        if let Some(RecordTime::At(at)) = self.knows_until() {
            marks.instant(at, &[]);
        }
        for stated in facts {
            // What is said of everyone, such as a notice, counts for each person.
            let subjects = stated.fact.subjects();
            let whose = if subjects.iter().any(SubjectId::is_everyone) {
                Vec::new()
            } else {
                persons(subjects)
            };
            for at in instants::of_fact(&stated.fact, header) {
                marks.instant(at, &whose);
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
