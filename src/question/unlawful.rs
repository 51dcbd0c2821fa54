//! Did the field, or anything made from it, go to anybody unlawfully, and who answers for it?

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::judged::{Judged, Unlawful};
use super::{AskError, Scope, counted};
use crate::graph::{ActNo, CopyNo, FieldNo, ProcessorNo};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::word::Role;
use crate::reach::lineage;
use crate::reach::search::{Demand, Found, Search};

/// A question in numbers.
#[derive(Clone, Copy)]
struct Asked {
    field: FieldNo,
    from: Option<ProcessorNo>,
}

/// A hop that is the first unlawful one of some chain.
struct First {
    hop: (ActNo, FieldNo),
    /// The least copy that it takes from and that a lawful chain leads to; none for an acquisition.
    giver: Option<CopyNo>,
    /// The copies it made by this hop, and whether a lawful chain to the giver has been at a source yet.
    made: Vec<CopyNo>,
    has_source: bool,
}

/// Answers with the first unlawful hop of each chain, in the order of the acts: whoever acted there answers for it.
/// `reached` are the processors that have the field, or something made from it, by way of that hop. Cost: one pass over
/// the copies for each such hop.
pub fn answer(
    judged: &Judged<'_>,
    field: &FieldId,
    subject: &SubjectId,
    from: Option<&ProcessorId>,
    to: Option<&ProcessorId>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let asked = Asked {
        field: scope.field(field)?,
        from: from.map(|id| scope.processor(id)).transpose()?,
    };
    let to = to.map(|id| scope.processor(id)).transpose()?;
    scope.subject(subject)?;
    let unlawful = Unlawful::new(judged.case, scope.history);
    let search = Search {
        field: asked.field,
        from: asked.from,
        personal_only: false,
        limit: scope.as_of,
        with_contradicted: false,
        through: &[],
        avoiding: &[],
        demand: Demand::Without(&unlawful.hops),
    };
    let found = Found::new(scope.history, scope.replay, search, scope.defeated);
    // The moments of a standing act that are wrong for the same reason are one hop; the first of them speaks.
    let mut hops: Vec<(First, FxHashSet<CopyNo>)> = Vec::new();
    for first in firsts(judged, &unlawful, &found) {
        let reached = reached(judged, asked, &first);
        if reached.is_empty() {
            continue;
        }
        match hops
            .iter_mut()
            .find(|(other, _)| is_same(scope, &unlawful, other.hop, first.hop))
        {
            Some((_, also)) => also.extend(reached),
            None => hops.push((first, reached)),
        }
    }
    let mut rows = Vec::new();
    for (first, reached) in &hops {
        let came_to = |to| {
            let mut copies = reached.iter();
            copies.any(|copy| scope.replay.came_to(scope.replay.copy(*copy), to))
        };
        if to.is_none_or(came_to) {
            rows.extend(row(judged, subject, &unlawful, &found, first, reached)?);
        }
    }
    let answerable: BTreeSet<&ProcessorId> = rows.iter().filter_map(|row| row.processor.as_ref()).collect();
    let reason = if rows.is_empty() {
        Reason {
            code: "no-unlawful-hop",
            text: format!("no chain on record carries {field} of {subject} over an unlawful hop"),
        }
    } else {
        let names: Vec<&str> = answerable.iter().map(|id| id.as_str()).collect();
        Reason {
            code: "unlawful-hops",
            text: format!(
                "{field} of {subject} went over {}; {} for the first on each chain",
                counted(rows.len(), "first unlawful hop", "first unlawful hops"),
                match names.as_slice() {
                    [one] => format!("{one} answers"),
                    many => format!("{} answer", many.join(", ")),
                }
            ),
        }
    };
    Ok(Answer::of_rows(rows, vec![reason], scope.as_of))
}

/// Whether two hops are of one act and field, and wrong for the same reason.
fn is_same(scope: &Scope<'_>, unlawful: &Unlawful, a: (ActNo, FieldNo), b: (ActNo, FieldNo)) -> bool {
    let whole = |hop: (ActNo, FieldNo)| (scope.history.whole(hop.0), hop.1);
    let why = |hop| {
        unlawful
            .finding(hop)
            .map(|finding| (&finding.reason, &finding.because))
    };
    whole(a) == whole(b) && why(a) == why(b)
}

/// The unlawful hops whose giver a lawful chain leads to, in the order of the acts.
fn firsts(judged: &Judged<'_>, unlawful: &Unlawful, found: &Found<'_>) -> Vec<First> {
    let replay = judged.scope.replay;
    let mut firsts: Vec<First> = Vec::new();
    for (number, copy) in replay.copies() {
        if copy.start > judged.scope.as_of || copy.role == Role::Contradicted {
            continue;
        }
        let stretches = replay.parent_stretches(copy);
        let own = (copy.via, replay.holding_of(copy).field);
        if stretches.is_empty() && unlawful.hops.contains(&own) {
            let has_source = false;
            add(&mut firsts, own, None, number, has_source);
        }
        for stretch in stretches {
            let Some(last) = replay.copies_in(*stretch).last() else {
                continue;
            };
            let hop = (copy.via, replay.holding_of(replay.copy(*last)).field);
            if !unlawful.hops.contains(&hop) {
                continue;
            }
            let (at_source, anywhere) = found.least_of(*stretch);
            if let Some(giver) = at_source.or(anywhere) {
                add(&mut firsts, hop, Some(giver), number, at_source.is_some());
            }
        }
    }
    firsts.sort_by_key(|first| first.hop);
    firsts
}

fn add(
    firsts: &mut Vec<First>,
    hop: (ActNo, FieldNo),
    giver: Option<CopyNo>,
    made: CopyNo,
    has_source: bool,
) {
    // Copies of one act follow each other, so the hop is among the last ones.
    let same = firsts
        .iter_mut()
        .rev()
        .take_while(|first| first.hop.0 == hop.0)
        .find(|first| first.hop == hop);
    match same {
        Some(first) => first.made.push(made),
        None => firsts.push(First {
            hop,
            giver,
            made: vec![made],
            has_source,
        }),
    }
}

/// The copies of the field, or of something made from it, that came by way of the hop.
fn reached(judged: &Judged<'_>, asked: Asked, first: &First) -> FxHashSet<CopyNo> {
    let replay = judged.scope.replay;
    let goes_on = |number: CopyNo| {
        let copy = replay.copy(number);
        copy.role != Role::Contradicted && copy.start <= judged.scope.as_of
    };
    let with_descendants = |of: &FxHashSet<CopyNo>| {
        let all = || replay.copies().map(|(number, _)| number);
        let below = lineage::descendants(replay, all(), |number| of.contains(&number), goes_on);
        let has = |number: &CopyNo| below.contains(*number) || of.contains(number);
        all().filter(has).collect::<FxHashSet<CopyNo>>()
    };
    let mut copies = with_descendants(&first.made.iter().copied().collect());
    if !first.has_source {
        copies.retain(|number| {
            let copy = replay.copy(*number);
            replay.holding_of(copy).field == asked.field
                && asked.from.is_none_or(|from| replay.came_to(copy, from))
        });
        copies = with_descendants(&copies);
    }
    copies
}

fn row(
    judged: &Judged<'_>,
    subject: &SubjectId,
    unlawful: &Unlawful,
    found: &Found<'_>,
    first: &First,
    reached: &FxHashSet<CopyNo>,
) -> Result<Option<Row>, AskError> {
    let scope = judged.scope;
    let things = &scope.history.things;
    let (act, field) = first.hop;
    let Some(finding) = unlawful.finding(first.hop) else {
        return Ok(None);
    };
    let mut path = match (first.giver, first.has_source) {
        (Some(giver), true) => found.path(giver),
        (Some(giver), false) => found.path_above(giver),
        (None, _) => Vec::new(),
    };
    path.push(act);
    let fact = scope.history.act(act);
    let place = things.processors().id(fact.recipient.unwrap_or(fact.actor));
    // What leads to the making of the field may go over flows that contradict the record; what the act made does not.
    let brought = match fact.makes.first() {
        Some(made) if !first.has_source => *made,
        _ => field,
    };
    judged.check_chain(&path, subject, things.fields().id(brought), None, place)?;
    let step = scope.history.step(act);
    let holders: BTreeSet<&ProcessorId> = reached
        .iter()
        .map(|number| scope.replay.holding_of(scope.replay.copy(*number)).processor)
        .map(|holder| things.processors().id(holder))
        .collect();
    let parties: Vec<ProcessorId> = holders.into_iter().cloned().collect();
    let names: Vec<&str> = parties.iter().map(ProcessorId::as_str).collect();
    let mut row = Row::new(
        finding.reason.clone(),
        format!("{} By way of it: {}.", finding.sentence, names.join(", ")),
    );
    row.at = Some(step.at);
    row.act = Some(step.act);
    row.processor = Some(finding.processor.clone());
    row.recipient = fact.recipient.map(|to| things.processors().id(to).clone());
    row.purpose = step.purpose;
    row.subjects = vec![subject.clone()];
    row.fields = vec![things.fields().id(field).clone()];
    row.because.clone_from(&finding.because);
    row.parties = parties;
    row.witness = path.iter().map(|act| scope.history.step(*act)).collect();
    Ok(Some(row))
}
