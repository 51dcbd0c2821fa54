//! Judging a release: at its instant and as far ahead as it looks, and what is declared for everyone as something that
//! goes on.
//!
//! An act for everyone that has an instant shows a flow, and the flow does not stop after that instant. At design level
//! it is judged as it was stated and then as if all of it was done once more: at the release, and at the end of whatever
//! ends before the horizon. Order and chains are those of the record. For each of these days it is judged for somebody of
//! age and for somebody under age.

use std::collections::BTreeSet;

use super::horizon::{self, AheadError};
use crate::db::Snapshot;
use crate::model::appendix::Appendix;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::finding::{Culprit, Finding, Whom};
use crate::model::id::{FieldId, SubjectId};
use crate::model::rule::{Check, Rule};
use crate::model::time::{Instant, When};
use crate::model::word::Carries;
use crate::rules::{self, Case};

/// How what is declared for everyone is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Design {
    /// As it was stated, like all other acts: once, at its instant, for somebody of unknown age.
    #[default]
    AsStated,
    /// As something that goes on, for somebody of age.
    Adults,
    /// The same, for somebody of age and for somebody under age.
    Everybody,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The release.
    pub release: Instant,
    /// Days to look ahead, if it does.
    pub days: Option<i64>,
    /// How what is declared for everyone is judged.
    pub design: Design,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Judged {
    /// In the order of findings.
    pub findings: Vec<Finding>,
    /// What packs want told beside them.
    pub appendix: Appendix,
    /// Whether there are acts that only may have carried, which no rule judges.
    pub has_possible: bool,
}

/// Judges. A finding of several days is told once, as the first of them sees it. Cost: the facts are replayed and judged
/// once; for each further day, the rules that look at the day, and, if something ended since the last, what is declared
/// for everyone.
pub fn judge(snapshot: &Snapshot, look: Look) -> Result<Judged, AheadError> {
    let state = snapshot.at(look.release)?;
    if is_as_stated(look)
        && let Some((findings, appendix, has_possible)) = state.found_in_parts()?
    {
        return Ok(Judged {
            findings,
            appendix,
            has_possible,
        });
    }
    let found = state.with_own_case(look.release, None, |case| {
        if state.has_to_place(&case.history) {
            return Ok(None);
        }
        of_case(&state, case, look).map(Some)
    })?;
    let (mut judged, instants) = match found.transpose()? {
        Some(Some(found)) => found,
        // Each placement is judged as if its instants had been stated.
        Some(None) => {
            let mut has_possible = false;
            let (findings, appendix) = state.in_placements(false, |placed| {
                let judged = judge(placed, look)?;
                has_possible = judged.has_possible;
                Ok::<_, AheadError>((judged.findings, judged.appendix))
            })?;
            return Ok(Judged {
                findings,
                appendix,
                has_possible,
            });
        }
        None => Default::default(),
    };
    if look.design != Design::AsStated {
        for found in gone_on(&state, &instants, look.design)? {
            merge(&mut judged.findings, found);
        }
        // What stands open is judged for all time to come; a release answers for as far ahead as it looks.
        let last = look.release.plus_days(look.days.unwrap_or(0));
        judged
            .findings
            .retain(|finding| finding.during.is_empty() || finding.at <= last);
    }
    rules::sort(&mut judged.findings);
    Ok(judged)
}

/// The same of a state of which findings are kept, or of which those serve that are kept of another: as far as facts are
/// judged as they were stated, for the one instant. Cost: that of [`Snapshot::findings`], and a copy of them; with packs, all
/// facts are read and replayed for what they want told.
pub fn judge_kept(snapshot: &Snapshot, look: Look) -> Result<Judged, AheadError> {
    let has_packs = snapshot.rules().iter().any(|rule| rule.about.pack.is_some());
    let judged = findings_kept(snapshot, look)?;
    if !has_packs || !is_as_stated(look) {
        return Ok(judged);
    }
    let found = snapshot.findings(Some(look.release))?;
    match snapshot.appendix_beside(look.release, &found)? {
        Some(appendix) => Ok(Judged { appendix, ..judged }),
        None => judge(snapshot, look),
    }
}

/// The same, where nobody asks what packs want told.
pub fn findings_kept(snapshot: &Snapshot, look: Look) -> Result<Judged, AheadError> {
    if !is_as_stated(look) {
        return judge(snapshot, look);
    }
    let findings = snapshot.findings(Some(look.release))?;
    Ok(Judged {
        findings: findings.iter().map(|found| Finding::clone(found)).collect(),
        appendix: Appendix::default(),
        has_possible: snapshot.may_have_possible(Some(look.release))?,
    })
}

/// Whether facts are judged as they were stated, for the one instant.
fn is_as_stated(look: Look) -> bool {
    look.days.is_none() && look.design == Design::AsStated
}

/// The findings of the facts as they were stated, and the instants that were judged.
fn of_case(state: &Snapshot, mut case: Case<'_>, look: Look) -> Result<(Judged, Vec<Instant>), AheadError> {
    let instants = match look.days {
        Some(days) => horizon::instants(case.facts(Some).map(|(fact, _)| fact), look.release, days)?,
        None => vec![look.release],
    };
    let has_possible = case.facts(possible).next().is_some();
    let rules = state.rules();
    let (mut findings, appendix) = for_people(&mut case, &rules, look.design);
    let of_the_day: Vec<&Rule> = rules
        .iter()
        .copied()
        .filter(|rule| looks_at_the_day(&rule.check))
        .collect();
    for at in instants.iter().copied().filter(|at| *at != look.release) {
        let found = if state.is_same_at(at)? {
            case.as_of = at;
            for_people(&mut case, &of_the_day, look.design).0
        } else {
            let later = state.at(at)?;
            let found = later.with_own_case(at, None, |mut case| {
                for_people(&mut case, &later.rules(), look.design).0
            })?;
            found.unwrap_or_default()
        };
        merge(&mut findings, found);
    }
    let judged = Judged {
        findings,
        appendix,
        has_possible,
    };
    Ok((judged, instants))
}

/// An act that only may have carried.
fn possible(fact: &Fact) -> Option<&Act> {
    if let Fact::Act(act) = fact {
        (act.carries == Carries::Possible).then_some(act)
    } else {
        None
    }
}

/// Judges for everybody whom the design has in mind. A finding about everyone says of which age.
fn for_people(case: &mut Case<'_>, rules: &[&Rule], design: Design) -> (Vec<Finding>, Appendix) {
    let (mut findings, appendix) = rules::judge(case, rules);
    let everyone = case.subject(&SubjectId::everyone());
    let (Design::Everybody, Some(everyone)) = (design, everyone) else {
        return (findings, appendix);
    };
    let by_age: Vec<&Rule> = rules
        .iter()
        .copied()
        .filter(|rule| looks_at_age(&rule.check))
        .collect();
    case.coverage.suppose_minor(everyone, true);
    let of_minor = rules::judge(case, &by_age).0;
    case.coverage.suppose_minor(everyone, false);
    let is_by_age = |finding: &Finding| by_age.iter().any(|rule| rule.id == finding.rule);
    let fresh = {
        let of_adult: BTreeSet<Same<'_>> = findings.iter().map(same).collect();
        let is_fresh = |found: &Finding| is_about_everyone(found) && !of_adult.contains(&same(found));
        of_minor
            .iter()
            .filter(|found| is_fresh(found))
            .cloned()
            .collect::<Vec<_>>()
    };
    let of_minor: BTreeSet<Same<'_>> = of_minor.iter().map(same).collect();
    for finding in findings.iter_mut().filter(|finding| is_about_everyone(finding)) {
        let is_of_both = !is_by_age(finding) || of_minor.contains(&same(finding));
        mark(finding, if is_of_both { Whom::Both } else { Whom::Adult });
    }
    findings.extend(fresh.into_iter().map(|mut finding| {
        mark(&mut finding, Whom::Minor);
        finding
    }));
    (findings, appendix)
}

fn mark(finding: &mut Finding, whom: Whom) {
    finding.whom = whom;
    finding.sentence.push_str(match whom {
        Whom::Adult => " This is so for people of age.",
        Whom::Minor => " This is so for people under age.",
        Whom::Both | Whom::Unasked => "",
    });
}

fn is_about_everyone(finding: &Finding) -> bool {
    finding.subjects.iter().any(SubjectId::is_everyone)
}

/// Whether what a check finds may depend on the age of the subject.
fn looks_at_age(check: &Check) -> bool {
    !looks_at_acts_alone(check)
}

/// Whether what a check finds may depend on the day of the judging.
fn looks_at_the_day(check: &Check) -> bool {
    !(looks_at_acts_alone(check) || matches!(check, Check::Authorized { .. } | Check::Policy { .. }))
}

/// Checks that walk all acts and see neither age nor day. All that are not listed are judged again for both.
fn looks_at_acts_alone(check: &Check) -> bool {
    matches!(
        check,
        Check::ProhibitedCategory { .. }
            | Check::LawfulSource { .. }
            | Check::Necessity { .. }
            | Check::Frequency { .. }
            | Check::TransferMechanism { .. }
            | Check::TransferConfidentiality { .. }
            | Check::Safeguards { .. }
            | Check::StateRequired { .. }
            | Check::FlowSupported
    )
}

/// The findings about what is declared for everyone, done once more at each of these instants; those at which nothing
/// has ended since the last add nothing and are passed over. Cost: nothing when no act for everyone has an instant.
fn gone_on(state: &Snapshot, instants: &[Instant], design: Design) -> Result<Vec<Vec<Finding>>, AheadError> {
    let all = state.facts()?;
    let ends: Vec<Instant> = all.iter().flat_map(|stated| worse_from(&stated.fact)).collect();
    let Some((mut declared, mut since)) = declared(all) else {
        return Ok(Vec::new());
    };
    let rules: Vec<&Rule> = state.rules();
    // Done at one instant, everything is done too often.
    let rules: Vec<&Rule> = rules
        .into_iter()
        .filter(|rule| !matches!(rule.check, Check::Frequency { .. }))
        .collect();
    let has_policies = rules
        .iter()
        .any(|rule| matches!(rule.check, Check::Policy { .. }));
    let mut found = Vec::new();
    for (position, at) in instants.iter().copied().enumerate() {
        let has_ended = ends.iter().any(|end| since < *end && *end <= at);
        // A flow policy may name a day of its own.
        let may_differ = has_ended || (has_policies && position == 0);
        if !may_differ {
            continue;
        }
        since = at;
        let moved: BTreeSet<String> = once_more(&mut declared, at);
        let judged = state.with_own_case(at, Some(&declared), |mut case| {
            for_people(&mut case, &rules, design).0
        })?;
        let is_meant = |finding: &Finding| {
            is_about_everyone(finding)
                && matches!(&finding.culprit, Culprit::Event(id) if moved.contains(id.as_str()))
        };
        found.push(
            judged
                .into_iter()
                .flatten()
                .filter(is_meant)
                .map(|mut finding| {
                    finding.sentence = format!("If it goes on: {}", finding.sentence);
                    finding
                })
                .collect(),
        );
    }
    Ok(found)
}

/// What is judged of a declared design: all facts but acts, and the acts for everyone, in the order of time; with the
/// instant of the first. `None` if none has an instant.
fn declared(all: Vec<Stated>) -> Option<(Vec<Stated>, Instant)> {
    let (mut acts, mut facts): (Vec<Stated>, Vec<Stated>) = all
        .into_iter()
        .partition(|stated| matches!(stated.fact, Fact::Act(_)));
    acts.retain_mut(|stated| {
        if let Fact::Act(act) = &mut stated.fact
            && act.subjects.iter().any(SubjectId::is_everyone)
            && act.carries == Carries::Surely
        {
            act.subjects = vec![SubjectId::everyone()];
            true
        } else {
            false
        }
    });
    acts.sort_by_key(|stated| act(stated).map(|act| act.at.start()));
    let is_instant = |act: &&Act| act.at.standing().is_none();
    let first = acts.iter().filter_map(act).find(is_instant)?.at.start();
    facts.append(&mut acts);
    Some((facts, first))
}

fn act(stated: &Stated) -> Option<&Act> {
    if let Fact::Act(act) = &stated.fact {
        Some(act)
    } else {
        None
    }
}

/// Does all that was done at an instant up to this one at this one. Gives the names of these acts.
fn once_more(declared: &mut [Stated], at: Instant) -> BTreeSet<String> {
    let mut moved = BTreeSet::new();
    for stated in declared {
        if let Fact::Act(act) = &mut stated.fact
            && act.at.standing().is_none()
            && act.at.start() <= at
        {
            act.at = When::Instant(at);
            moved.insert(act.id.to_string());
        }
    }
    moved
}

/// From which instants on a flow may be wrong that was right before.
fn worse_from(fact: &Fact) -> Vec<Instant> {
    if let Fact::Processor(processor) = fact {
        return processor.moves.iter().map(|moved| moved.at).collect();
    }
    let at = if let Fact::Choice(choice) = fact {
        Some(choice.at)
    } else if let Fact::Closure(closure) = fact {
        Some(closure.at)
    } else if let Fact::Termination(termination) = fact {
        Some(termination.at)
    } else {
        horizon::end(fact)
    };
    at.into_iter().collect()
}

/// What makes two findings of two instants one.
type Same<'f> = (
    &'f str,
    &'f str,
    &'f Culprit,
    &'f str,
    &'f [SubjectId],
    &'f [FieldId],
);

fn same(finding: &Finding) -> Same<'_> {
    (
        finding.rule.as_str(),
        &finding.reason,
        &finding.culprit,
        finding.processor.as_str(),
        &finding.subjects,
        &finding.fields,
    )
}

/// Adds what is not there yet.
fn merge(findings: &mut Vec<Finding>, found: Vec<Finding>) {
    let fresh: Vec<Finding> = {
        let known: BTreeSet<Same<'_>> = findings.iter().map(same).collect();
        found
            .into_iter()
            .filter(|finding| !known.contains(&same(finding)))
            .collect()
    };
    findings.extend(fresh);
}
