//! Which fewest acts, and which few relationships, would have had to be missing for the field not to reach the processor?

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::judged::Judged;
use super::{AskError, Scope, counted};
use crate::graph::{ActNo, History, ProcessorNo, Replay};
use crate::model::question::{Answer, PathsQuestion, Reason};
use crate::model::row::Row;
use crate::reach::cut::{Flows, Relationship};
use crate::reach::search::{Demand, Found, Search};

/// A set that cuts, and whether no smaller one does.
struct Cut<T> {
    members: BTreeSet<T>,
    at_least: usize,
}

/// Answers with the acts (`act`) and then the relationships (`relationship`) whose removal keeps the field from the
/// processor; the reasons say how many are proven to be needed. Only what carried data is removed: first acquisitions of
/// the field stay, and what ended stays ended. Cost: one maximum flow through the acts for each round, and for the relationships one for
/// each of them and round.
pub fn answer(judged: &Judged<'_>, question: &PathsQuestion) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let search = Search {
        field: scope.field(&question.field)?,
        from: question.from.as_ref().map(|id| scope.processor(id)).transpose()?,
        personal_only: false,
        limit: scope.as_of,
        with_contradicted: false,
        through: &[],
        avoiding: &[],
        demand: Demand::Any,
    };
    let to = scope.processor(&question.to)?;
    scope.subject(&question.subject)?;
    let mut rows = Vec::new();
    let what = format!("{} of {}", question.field, question.subject);
    let reason = |code, text| vec![Reason { code, text }];
    let reasons = if !is_reached(scope, scope.history, scope.replay, search, to) {
        reason(
            "not-on-record",
            format!("no chain of acts on record carries {what} to {}", question.to),
        )
    } else if let Some((acts, pairs)) =
        fewest_acts(scope, search, to).zip(few_relationships(scope, search, to))
    {
        rows.extend(acts.members.iter().map(|act| act_row(scope, *act)));
        rows.extend(
            pairs
                .members
                .iter()
                .map(|pair| pair_row(scope, search, to, *pair)),
        );
        vec![
            Reason {
                code: "cut-acts",
                text: format!(
                    "without {} {what} would not have reached {}; {}",
                    counted(acts.members.len(), "act", "acts"),
                    question.to,
                    proven(acts.members.len(), acts.at_least)
                ),
            },
            Reason {
                code: "cut-relationships",
                text: format!(
                    "without {} neither; {}",
                    counted(pairs.members.len(), "relationship", "relationships"),
                    proven(pairs.members.len(), pairs.at_least)
                ),
            },
        ]
    } else {
        reason(
            "no-cut",
            format!(
                "{} acquired {what} itself, without any act that could be missing",
                question.to
            ),
        )
    };
    Ok(Answer::of_rows(rows, reasons, scope.as_of))
}

fn proven(found: usize, at_least: usize) -> String {
    if found <= at_least {
        "proven: no fewer would do".to_owned()
    } else {
        format!("proven that at least {at_least} are needed, not that {found} are")
    }
}

/// Whether the field reaches the processor in this history.
fn is_reached(
    scope: &Scope<'_>,
    history: &History,
    replay: &Replay,
    search: Search<'_>,
    to: ProcessorNo,
) -> bool {
    let found = Found::new(history, replay, search, scope.defeated);
    !found
        .at_processor(to, |_, arrived| arrived <= search.limit)
        .is_empty()
}

fn with_contradicted(search: Search<'_>) -> Search<'_> {
    Search {
        with_contradicted: true,
        ..search
    }
}

/// The fewest acts, by a minimum cut. The record is replayed without them; should a derivation from deleted data then
/// lead there in another way, the cut goes on there and is proven no more.
fn fewest_acts(scope: &Scope<'_>, search: Search<'_>, to: ProcessorNo) -> Option<Cut<ActNo>> {
    let mut members: BTreeSet<ActNo> = BTreeSet::new();
    let mut at_least = 0;
    let (mut history, mut replay) = (scope.history.clone(), scope.replay.clone());
    while is_reached(scope, &history, &replay, search, to) {
        let cut = |search| Flows::new(&history, &replay, search, to).fewest_acts();
        let (cut, bound) = match cut(search) {
            Some(found) => found,
            // What was made of data that somebody had deleted before has no source but a flow that contradicts the record.
            None => (cut(with_contradicted(search))?.0, 1),
        };
        if members.is_empty() {
            at_least = bound;
        }
        if cut.is_empty() {
            return None;
        }
        members.extend(cut);
        history = scope.history.without_flows(&members.iter().copied().collect());
        replay = Replay::new(&history);
    }
    if scope.history.acts().iter().any(|act| act.standing().is_some()) {
        leave_out(scope, search, to, &mut members);
    }
    Some(Cut { members, at_least })
}

/// Takes out again what is not needed. In the network data may seem to leave a standing act before it came to it, so that a
/// minimum cut there may hold more than the record needs.
fn leave_out(scope: &Scope<'_>, search: Search<'_>, to: ProcessorNo, members: &mut BTreeSet<ActNo>) {
    for act in members.clone() {
        let rest: FxHashSet<ActNo> = members.iter().copied().filter(|other| *other != act).collect();
        let history = scope.history.without_flows(&rest);
        let replay = Replay::new(&history);
        if !is_reached(scope, &history, &replay, search, to) {
            members.remove(&act);
        }
    }
}

/// Relationships, each time the one without which the fewest acts would still have to go.
fn few_relationships(scope: &Scope<'_>, search: Search<'_>, to: ProcessorNo) -> Option<Cut<Relationship>> {
    let mut members: BTreeSet<Relationship> = BTreeSet::new();
    let (mut history, mut replay) = (scope.history.clone(), scope.replay.clone());
    while is_reached(scope, &history, &replay, search, to) {
        let best = |search| {
            let flows = Flows::new(&history, &replay, search, to);
            flows
                .relationships()
                .into_iter()
                // What somebody makes alone is no relationship to end, if another one does as well.
                .filter_map(|pair| Some((flows.fewest_acts_without(pair)?, pair.from == pair.to, pair)))
                .min()
        };
        let best = best(search).or_else(|| best(with_contradicted(search)))?.2;
        if !members.insert(best) {
            return None;
        }
        let gone: FxHashSet<ActNo> = scope
            .history
            .numbered()
            .filter(|(_, act)| members.contains(&Relationship::of(act)))
            .map(|(number, _)| number)
            .collect();
        history = scope.history.without_flows(&gone);
        replay = Replay::new(&history);
    }
    // Every single one is tried in the first round, so that a second is needed whenever it is taken.
    let at_least = members.len().min(2);
    Some(Cut { members, at_least })
}

fn act_row(scope: &Scope<'_>, act: ActNo) -> Row {
    let step = scope.history.step(act);
    let fact = scope.history.act(act);
    let processors = scope.history.things.processors();
    let actor = processors.id(fact.actor);
    let mut row = Row::new(
        "act",
        match fact.recipient {
            Some(to) => format!("{}: {} {actor} → {}", step.act, step.kind, processors.id(to)),
            None => format!("{}: {} by {actor}", step.act, step.kind),
        },
    );
    row.at = Some(step.at);
    row.act = Some(step.act.clone());
    row.processor = Some(actor.clone());
    row.recipient = fact.recipient.map(|to| processors.id(to).clone());
    row.purpose.clone_from(&step.purpose);
    row.subjects.clone_from(&step.subjects);
    row.fields.clone_from(&step.fields);
    row.witness = vec![step];
    row
}

fn pair_row(scope: &Scope<'_>, search: Search<'_>, to: ProcessorNo, pair: Relationship) -> Row {
    let processors = scope.history.things.processors();
    let (giver, taker) = (processors.id(pair.from), processors.id(pair.to));
    let acts = Flows::new(scope.history, scope.replay, search, to).acts_of(pair);
    let count = counted(acts.len(), "act", "acts");
    let mut row = Row::new(
        "relationship",
        if pair.from == pair.to {
            format!("what {giver} makes itself: {count}")
        } else {
            format!("{giver} → {taker}: {count}")
        },
    );
    row.processor = Some(giver.clone());
    row.recipient = (pair.from != pair.to).then(|| taker.clone());
    row.witness = acts.into_iter().map(|act| scope.history.step(act)).collect();
    row
}
