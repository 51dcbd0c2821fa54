//! Standing acts, judged (docs/checks.md 9): "for each subject by itself, as an act at each instant at which it is active and
//! its actor holds something of what it names, with the fields that are held then".

use super::facts::{Event, Facts, Instant};
use super::findings::{Case, Finding, Kind, judge_all, sorted};
use super::lookups::{as_judged, comes_of_age};
use super::replay::{Pair, Replay, Support};

/// A standing act for one subject from an instant on.
pub struct Moment {
    pub event: Event,
    pub pairs: Vec<Pair>,
    pub until: Option<Instant>,
}

/// Every instant of the file and of its copies.
pub fn instants(facts: &Facts, replay: &Replay) -> Vec<Instant> {
    let mut all: Vec<Instant> = Vec::new();
    for x in &facts.authorizations {
        all.push(x.from);
        all.extend([x.until, x.withdrawn].into_iter().flatten());
    }
    for x in &facts.agreements {
        all.push(x.from);
        all.extend(x.until);
    }
    for x in &facts.mechanisms {
        all.push(x.from);
        all.extend(x.until);
    }
    all.extend(facts.assessments.iter().map(|x| x.at));
    all.extend(facts.terminations.iter().map(|x| x.at));
    all.extend(facts.choices.iter().map(|x| x.at));
    all.extend(facts.closures.iter().map(|x| x.at));
    all.extend(facts.notices.iter().map(|x| x.at));
    for x in &facts.policies {
        all.push(x.effective);
        all.extend(x.announced);
    }
    for x in &facts.evidence {
        all.push(x.from);
        all.extend(x.until);
    }
    all.extend(facts.purposes.iter().filter_map(|x| x.ended));
    for processor in &facts.processors {
        all.extend(processor.moves.iter().map(|x| x.at));
    }
    all.extend(facts.subjects.iter().filter_map(|s| comes_of_age(facts, &s.id)));
    for event in &facts.events {
        all.push(event.at);
        all.extend(event.standing.flatten());
    }
    for copy in &replay.copies {
        all.push(copy.start);
        all.extend(copy.end);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The moments of standing act e.
pub fn moments(facts: &Facts, replay: &Replay, e: usize) -> Vec<Moment> {
    let event = &facts.events[e];
    let until = event.standing.expect("a standing act");
    let instants = instants(facts, replay);
    let mut moments = Vec::new();
    for subject in &event.subjects {
        for (i, t) in instants.iter().copied().enumerate() {
            if t < event.at || until.is_some_and(|until| t >= until) {
                continue;
            }
            // copies of a life that lasts from t on, and of one that is there at t alone
            let (mut lasting, mut passing) = (Vec::new(), Vec::new());
            for field in &event.fields {
                let (mut last, mut pass) = (Vec::new(), Vec::new());
                for (c, copy) in replay.copies.iter().enumerate() {
                    let is_of =
                        copy.processor == event.actor && copy.field == *field && copy.subject == *subject;
                    if !is_of || copy.start > t || copy.ended_by.is_some_and(|end| end < e) {
                        continue;
                    }
                    if copy.end.is_none_or(|end| end > t) {
                        last.push(c);
                    }
                    // it begins and ends at t, or the act does not begin before t and it ends then
                    let begins = first_of_life(replay, c);
                    if copy.end == Some(t) && begins.max(event.at) == t {
                        pass.push(c);
                    }
                }
                let pair = |held: Vec<usize>| Pair {
                    subject: subject.clone(),
                    field: field.clone(),
                    held,
                    support: Support::Held,
                };
                // two lives may pass in one instant: each is a pair of its own
                let mut lives: Vec<usize> = pass.iter().map(|c| replay.copies[*c].life).collect();
                lives.dedup();
                for life in lives {
                    let of_life = pass.iter().copied().filter(|c| replay.copies[*c].life == life);
                    passing.push(pair(of_life.collect()));
                }
                if !last.is_empty() {
                    lasting.push(pair(last));
                }
            }
            if !passing.is_empty() {
                passing.extend(lasting.iter().cloned());
                moments.push(moment(facts, event, subject, t, Some(t), passing));
            }
            if !lasting.is_empty() {
                moments.push(moment(
                    facts,
                    event,
                    subject,
                    t,
                    instants.get(i + 1).copied(),
                    lasting,
                ));
            }
        }
    }
    moments
}

fn first_of_life(replay: &Replay, c: usize) -> Instant {
    let copy = &replay.copies[c];
    let same = replay.copies.iter().filter(|other| {
        (&other.processor, &other.field, &other.subject, other.life)
            == (&copy.processor, &copy.field, &copy.subject, copy.life)
    });
    same.map(|other| other.start).min().expect("itself")
}

fn moment(
    facts: &Facts,
    event: &Event,
    subject: &str,
    t: Instant,
    until: Option<Instant>,
    pairs: Vec<Pair>,
) -> Moment {
    let mut event = event.clone();
    event.at = t;
    event.standing = None;
    event.is_moment = true;
    event.subjects = vec![subject.to_string()];
    event.fields = pairs.iter().map(|pair| pair.field.clone()).collect();
    event.fields.dedup();
    let event = as_judged(facts, &event);
    Moment { event, pairs, until }
}

/// Checks whose findings name a standing act and are no judgement of it at an instant.
fn is_of_the_whole(facts: &Facts, finding: &Finding) -> bool {
    let rule = facts
        .rules
        .iter()
        .find(|rule| rule.id == finding.rule)
        .expect("a rule");
    matches!(
        rule.check.as_str(),
        "retention" | "retention-declared" | "deletion-effective" | "flow-supported"
    )
}

/// Takes out what was found of standing acts as if they were acts at one instant, and puts in what is found of their moments.
pub fn judge(case: &mut Case) {
    let facts = case.facts;
    let standing = |finding: &Finding| {
        let event = facts.events.iter().find(|event| event.id == finding.thing);
        event.filter(|event| finding.kind == Kind::Event && event.standing.is_some())
    };
    case.made
        .retain(|finding| standing(finding).is_none() || is_of_the_whole(facts, finding));
    for finding in &mut case.made {
        let reason = finding.reason.as_str();
        if let (Some(event), "not-held" | "used-after-deletion") = (standing(finding), reason) {
            finding.during = vec![(event.at, event.standing.flatten())];
        }
    }
    for e in 0..facts.events.len() {
        if facts.events[e].standing.is_none() {
            continue;
        }
        for finding in joined(apart(facts, case.replay, e)) {
            case.made.push(Finding {
                subjects: facts.fold(sorted(finding.subjects)),
                fields: sorted(finding.fields),
                during: stretches(finding.during),
                ..finding
            });
        }
    }
}

/// What is found of each moment of standing act e by itself: when is its only stretch.
pub fn apart(facts: &Facts, replay: &Replay, e: usize) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for moment in moments(facts, replay, e) {
        let (mut at_t, mut replay) = (facts.clone(), replay.clone());
        let span = (moment.event.at, moment.until);
        at_t.events[e] = moment.event;
        replay.pairs[e] = moment.pairs;
        let mut momentary = Case {
            facts: &at_t,
            replay: &replay,
            made: Vec::new(),
        };
        judge_all(&mut momentary);
        for mut finding in momentary.made {
            let is_own = finding.kind == Kind::Event && finding.thing == facts.events[e].id;
            if is_own && !is_of_the_whole(facts, &finding) {
                finding.during = vec![span];
                finding.subjects = facts.unfold(&finding.subjects);
                found.push(finding);
            }
        }
    }
    found
}

/// One finding for each (rule, reason, deciding facts, processor); the first instant, and there the least subject, speaks.
fn joined(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by(|a, b| (a.at, &a.subjects).cmp(&(b.at, &b.subjects)));
    let mut out: Vec<Finding> = Vec::new();
    for finding in found {
        let same = |other: &&mut Finding| {
            (&other.rule, &other.reason, &other.because, &other.processor)
                == (
                    &finding.rule,
                    &finding.reason,
                    &finding.because,
                    &finding.processor,
                )
        };
        match out.iter_mut().find(same) {
            None => out.push(finding),
            Some(other) => {
                other.subjects.extend(finding.subjects);
                other.fields.extend(finding.fields);
                other.during.extend(finding.during);
            }
        }
    }
    out
}

/// Sorted; what touches is joined.
fn stretches(mut all: Vec<(Instant, Option<Instant>)>) -> Vec<(Instant, Option<Instant>)> {
    let end = |until: Option<Instant>| until.unwrap_or(Instant::MAX);
    all.sort_by_key(|(from, until)| (*from, end(*until)));
    let mut out: Vec<(Instant, Instant)> = Vec::new();
    for (from, until) in all {
        match out.last_mut() {
            Some((_, last)) if from <= *last => *last = (*last).max(end(until)),
            _ => out.push((from, end(until))),
        }
    }
    out.into_iter()
        .map(|(from, until)| (from, Some(until).filter(|until| *until != Instant::MAX)))
        .collect()
}
