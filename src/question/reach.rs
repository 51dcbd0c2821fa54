//! Did the field, or anything made from it, ever reach the processor?

use std::collections::BTreeSet;

use super::{Alike, AskError, Record, Scope, counted};
use crate::graph::replay::Copy;
use crate::graph::{ActNo, CopyNo, FieldNo, History, ProcessorNo};
use crate::model::fact::Act;
use crate::model::finding::Step;
use crate::model::id::{FactId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Found as Answered, ReachQuestion, Reached, Reason, Unsure};
use crate::model::time::{Instant, Zone};
use crate::model::word::{ProcessorKind, Ties, Verdict};
use crate::reach::lineage;
use crate::reach::search::{Demand, Found, Search, THROUGH_MAX};
use crate::reach::witness::{self, Claim};

/// A question in numbers.
struct Asked {
    field: FieldNo,
    from: Option<ProcessorNo>,
    to: ProcessorNo,
    through: Vec<ProcessorNo>,
    avoiding: Vec<ProcessorNo>,
    limit: Instant,
}

impl Asked {
    fn new(scope: &Scope<'_>, question: &ReachQuestion) -> Result<Self, AskError> {
        let asked = Self {
            field: scope.field(&question.field)?,
            from: question.from.as_ref().map(|id| scope.processor(id)).transpose()?,
            to: scope.processor(&question.to)?,
            through: scope.processors(&question.through)?,
            avoiding: scope.processors(&question.avoiding)?,
            limit: scope.limit(),
        };
        if let Some(subject) = &question.subject {
            scope.subject(subject)?;
        }
        if asked.through.len() > THROUGH_MAX {
            return Err(AskError::BadParameter {
                parameter: "through".to_owned(),
                value: format!("{} processors", asked.through.len()),
                expected: format!("name {THROUGH_MAX} at most"),
            });
        }
        let contradictory = std::iter::once(asked.to)
            .chain(asked.from)
            .chain(asked.through.iter().copied())
            .find(|processor| asked.avoiding.contains(processor));
        match contradictory {
            Some(processor) => Err(AskError::BadParameter {
                parameter: "avoiding".to_owned(),
                value: scope.history.things.processors().id(processor).to_string(),
                expected: "leave out whom the question itself leads through".to_owned(),
            }),
            None => Ok(asked),
        }
    }
}

/// Answers with the shortest chain, or with no.
pub fn answer(scope: &Scope<'_>, question: &ReachQuestion) -> Result<Answer, AskError> {
    let asked = Asked::new(scope, question)?;
    let search = Search {
        field: asked.field,
        from: asked.from,
        personal_only: question.personal_only,
        limit: asked.limit,
        with_contradicted: false,
        through: &asked.through,
        avoiding: &asked.avoiding,
        demand: Demand::Any,
    };
    let fits = |copy: &Copy, arrived: Instant| {
        arrived <= asked.limit
            && question.during.contains(arrived)
            && question
                .held_at
                .is_none_or(|at| arrived <= at && scope.replay.end_of(copy).is_none_or(|end| at < end.at))
    };
    let found = Found::new(scope.history, scope.replay, search, scope.defeated);
    let arrived = found.at_processor(asked.to, fits);
    let best = found.shortest(&arrived);
    let path: Vec<ActNo> = best.map_or_else(Vec::new, |copy| found.path(copy));
    let whose = best.map(|copy| subject_of(scope, copy));
    let acts = last_acts(scope, &arrived);
    let wider = Search {
        with_contradicted: true,
        ..search
    };
    let found_wider = Found::new(scope.history, scope.replay, wider, scope.defeated);
    let mut contradicted = last_acts(scope, &found_wider.at_processor(asked.to, fits));
    contradicted.retain(|act| !acts.contains(act));
    let mut steps: Vec<Step> = path.iter().map(|act| scope.history.step(*act)).collect();
    if let (Some(subject), Record::Numbered(_)) = (whose, scope.record) {
        // It is the chain of this person, whoever else an act is about.
        for step in &mut steps {
            step.subjects = vec![subject.clone()];
        }
    }
    let mut reached = Reached {
        boundary: boundary(scope, asked.field, asked.from, asked.limit),
        arrivals: acts,
        contradicted,
        is_order_proven: true,
        arrived: best.and_then(|copy| found.arrived(copy)),
        witness: steps,
    };
    if let Some(subject) = whose {
        let chain: Vec<&str> = reached.witness.iter().map(|step| step.act.as_str()).collect();
        let claim = Claim {
            subject,
            field: &question.field,
            from: question.from.as_ref(),
            to: &question.to,
            through: &question.through,
            avoiding: &question.avoiding,
            processors: scope.history.things.nested(),
            ties: question.ties,
        };
        let theirs = match scope.record {
            Record::Facts(_) => Vec::new(),
            Record::Numbered(history) => acts_about(history, subject),
        };
        let theirs: Vec<&Act> = theirs.iter().collect();
        let record = match scope.record {
            Record::Facts(facts) => facts,
            Record::Numbered(_) => &theirs,
        };
        witness::check(record, &chain, claim)?;
        // Where it is a proof also if no act passes on what came in its own instant, the order is on record.
        let ties = Ties::Strict;
        reached.is_order_proven =
            question.ties != Ties::Any || witness::check(record, &chain, Claim { ties, ..claim }).is_ok();
    }
    let others: BTreeSet<&SubjectId> = arrived.iter().map(|copy| subject_of(scope, *copy)).collect();
    let alike = scope.alike.filter(|alike| others.contains(&alike.first));
    let persons = others.len() + alike.map_or(0, |alike| alike.others);
    Ok(told(scope.zone, question, reached, (whose, persons), asked.limit))
}

/// The answer for nobody in particular, of those for each person, whose data is told apart; each beside who it is for, in the order
/// in which they were declared. `order` tells which of two acts comes first, and of an act which of two persons.
pub fn together(
    zone: &Zone,
    question: &ReachQuestion,
    each: &[(&SubjectId, Answer)],
    alike: Option<&Alike>,
    order: impl Fn(&FactId, &SubjectId) -> (usize, usize),
) -> Option<Answer> {
    let all: Vec<(&SubjectId, &Reached)> = each
        .iter()
        .filter_map(|(subject, answer)| {
            let Answered::Reach(reached) = &answer.found else {
                return None;
            };
            Some((*subject, reached))
        })
        .collect();
    let having = all.iter().filter(|(_, reached)| !reached.witness.is_empty());
    let nearest = having.clone().min_by_key(|(subject, reached)| {
        let last = reached.witness.last();
        let place = last.map(|last| order(&last.act, subject));
        (reached.witness.len(), reached.arrived, place)
    });
    let alike = alike.filter(|alike| having.clone().any(|(subject, _)| **subject == alike.first));
    let persons = having.count() + alike.map_or(0, |alike| alike.others);
    let arrivals = listed(all.iter().flat_map(|(_, reached)| &reached.arrivals));
    let mut contradicted = listed(all.iter().flat_map(|(_, reached)| &reached.contradicted));
    contradicted.retain(|act| arrivals.binary_search(act).is_err());
    let reached = Reached {
        witness: nearest.map_or_else(Vec::new, |(_, reached)| reached.witness.clone()),
        arrived: nearest.and_then(|(_, reached)| reached.arrived),
        is_order_proven: true,
        arrivals,
        contradicted,
        boundary: listed(all.iter().flat_map(|(_, reached)| &reached.boundary)),
    };
    let whose = nearest.map(|(subject, _)| *subject);
    let as_of = each.first()?.1.as_of;
    Some(told(zone, question, reached, (whose, persons), as_of))
}

/// Each once, sorted.
fn listed<'a, T: Ord + Clone + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<T> {
    let once: BTreeSet<&T> = all.collect();
    once.into_iter().cloned().collect()
}

/// The answer with its reasons: whose data is shown, and of how many persons it arrived.
fn told(
    zone: &Zone,
    question: &ReachQuestion,
    reached: Reached,
    (whose, persons): (Option<&SubjectId>, usize),
    as_of: Instant,
) -> Answer {
    Answer {
        unsure: Unsure::default(),
        verdict: if whose.is_some() {
            Verdict::Yes
        } else {
            Verdict::No
        },
        reasons: reasons(zone, question, &reached, whose, persons),
        found: Answered::Reach(reached),
        as_of,
    }
}

/// The acts of the history that are about the subject, in order, as facts.
fn acts_about(history: &History, subject: &SubjectId) -> Vec<Act> {
    let number = history.subjects().get(subject);
    let acts = history.acts().iter();
    let theirs = acts.filter(|act| act.subjects.iter().any(|subject| Some(*subject) == number));
    theirs.map(|act| history.fact_of(act, subject)).collect()
}

fn subject_of<'s>(scope: &Scope<'s>, copy: CopyNo) -> &'s SubjectId {
    let holding = scope.replay.holding_of(scope.replay.copy(copy));
    scope.history.subjects().id(holding.subject)
}

fn last_acts(scope: &Scope<'_>, copies: &[CopyNo]) -> Vec<FactId> {
    let mut acts: Vec<FactId> = copies
        .iter()
        .map(|copy| scope.history.act(scope.replay.copy(*copy).via).id.clone())
        .collect();
    acts.sort_unstable();
    acts.dedup();
    acts
}

/// The processors that had the data, or something made from it, in the order of their numbers.
fn had(scope: &Scope<'_>, field: FieldNo, from: Option<ProcessorNo>, limit: Instant) -> Vec<ProcessorNo> {
    let is_source = |number: CopyNo| {
        let copy = scope.replay.copy(number);
        let holding = scope.replay.holding_of(copy);
        holding.field == field && from.is_none_or(|from| scope.replay.came_to(copy, from))
    };
    let all = scope.replay.copies().map(|(number, _)| number);
    let below = lineage::descendants(scope.replay, all, is_source, |_| true);
    let mut edge: Vec<ProcessorNo> = scope
        .replay
        .copies()
        .filter(|(number, copy)| {
            let since = if is_source(*number) {
                Some(copy.start)
            } else {
                below.since(scope.replay, *number)
            };
            since.is_some_and(|since| since <= limit)
        })
        .map(|(_, copy)| scope.replay.holding_of(copy).processor)
        .collect();
    edge.extend(scope.had);
    edge.sort_unstable();
    edge.dedup();
    edge
}

/// Of these, those that never report giving anything to anybody.
pub(super) fn boundary(
    scope: &Scope<'_>,
    field: FieldNo,
    from: Option<ProcessorNo>,
    limit: Instant,
) -> Vec<ProcessorId> {
    let things = &scope.history.things;
    let mut silent: Vec<ProcessorId> = had(scope, field, from, limit)
        .into_iter()
        .filter(|processor| things.processor(*processor).kind != ProcessorKind::Public)
        .filter(|processor| !(scope.sends)(*processor))
        .map(|processor| things.processors().id(processor).clone())
        .collect();
    silent.sort_unstable();
    silent
}

/// Why the trail may go on where nothing is on record.
pub(super) fn silent(boundary: &[ProcessorId]) -> Option<Reason> {
    let names: Vec<&str> = boundary.iter().map(ProcessorId::as_str).collect();
    (!names.is_empty()).then(|| Reason {
        code: "no-flows-reported",
        text: format!(
            "{} had it and {} no outgoing flows at all",
            names.join(", "),
            if names.len() == 1 { "reports" } else { "report" }
        ),
    })
}

/// What the question asks of the way, in words.
fn way(zone: &Zone, question: &ReachQuestion) -> String {
    let names = |ids: &[ProcessorId]| ids.iter().map(ProcessorId::as_str).collect::<Vec<_>>().join(", ");
    let mut parts: Vec<String> = Vec::new();
    if !question.through.is_empty() {
        parts.push(format!(" by way of {}", names(&question.through)));
    }
    if !question.avoiding.is_empty() {
        parts.push(format!(" without {}", names(&question.avoiding)));
    }
    if let Some(from) = question.during.from {
        parts.push(format!(" from {} on", zone.print(from)));
    }
    if let Some(until) = question.during.until {
        parts.push(format!(" before {}", zone.print(until)));
    }
    if let Some(at) = question.held_at {
        parts.push(format!(" to be held there at {}", zone.print(at)));
    }
    parts.concat()
}

fn reasons(
    zone: &Zone,
    question: &ReachQuestion,
    reached: &Reached,
    whose: Option<&SubjectId>,
    persons: usize,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match (whose.zip(reached.arrived), reached.witness.last()) {
        (Some((subject, at)), Some(last)) => reasons.push(Reason {
            code: "reached",
            text: format!(
                "{} of {}, or something made from it, reached {} with {} on {}; the chain has {}",
                question.field,
                subject,
                question.to,
                last.act,
                zone.print(at),
                counted(reached.witness.len(), "act", "acts"),
            ),
        }),
        (_, _) => reasons.push(Reason {
            code: "not-on-record",
            text: format!(
                "no chain of acts on record carries {} of {} to {}{}",
                question.field,
                question.subject.as_ref().map_or("anybody", SubjectId::as_str),
                question.to,
                way(zone, question),
            ),
        }),
    }
    if persons > 1 {
        let others = counted(persons - 1, "other person", "other persons");
        reasons.push(Reason {
            code: "of-others",
            text: format!("that of {others} did so too"),
        });
    }
    if !reached.is_order_proven {
        reasons.push(Reason {
            code: "order-not-proven",
            text:
                "acts of the chain fall into one instant; that they happened in this order is not on record"
                    .to_owned(),
        });
    }
    if !reached.contradicted.is_empty() {
        reasons.push(Reason {
            code: "record-contradicts-itself",
            text: format!(
                "{} would have carried it although the record says it was deleted before",
                counted(reached.contradicted.len(), "act", "acts")
            ),
        });
    }
    reasons.extend(silent(&reached.boundary));
    reasons
}
