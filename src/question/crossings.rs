//! What carried the subject's data over the border of home?

use super::{AskError, Scope, counted};
use crate::graph::{Act, ActNo, ProcessorNo, SubjectNo};
use crate::model::fact::Mechanism;
use crate::model::id::{Country, FactId, FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Crossing, Found, Reason, Unsure};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Verdict};

/// Answers with acts in order, then with moves of holders in the order of the processors.
pub fn answer(scope: &Scope<'_>, subject: &SubjectId) -> Result<Answer, AskError> {
    let wanted = scope.subject(subject)?;
    let things = &scope.history.things;
    let mut crossings: Vec<Crossing> = scope
        .history
        .numbered()
        .filter(|(_, act)| act.subjects.contains(&wanted))
        .filter_map(|(number, act)| {
            let at = instants(scope, number, act, wanted)
                .into_iter()
                .find(|at| is_crossing(scope, &as_of(act, *at)))?;
            Some(of_act(scope, &as_of(act, at)))
        })
        .collect();
    for processor in things.processors().all() {
        for change in things.relocations(processor) {
            if !things.is_home(change.to) {
                crossings.extend(of_move(scope, wanted, processor, change.to, change.at));
            }
        }
    }
    let text = match crossings.len() {
        0 => format!("no crossing of {subject}'s data is on record"),
        count => format!(
            "{} of {subject}'s data on record",
            counted(count, "crossing", "crossings")
        ),
    };
    Ok(Answer {
        unsure: Unsure::default(),
        verdict: if crossings.is_empty() {
            Verdict::No
        } else {
            Verdict::Yes
        },
        reasons: vec![Reason {
            code: if crossings.is_empty() {
                "no-crossing"
            } else {
                "crossed"
            },
            text,
        }],
        found: Found::Crossings(crossings),
        as_of: scope.as_of,
    })
}

/// The instants at which the act can have begun to carry personal data of the subject over the border. A standing act
/// carries what is held while it is active, and its ends may move.
fn instants(scope: &Scope<'_>, number: ActNo, act: &Act, subject: SubjectNo) -> Vec<Instant> {
    let things = &scope.history.things;
    let personal = act.fields.iter().filter(|field| things.is_personal(**field));
    let Some((from, until)) = act.when.standing() else {
        return personal.take(1).map(|_| act.at).collect();
    };
    let mut instants = Vec::new();
    for field in personal {
        for (_, first, end) in scope.replay.lives_at(act.actor, *field, subject) {
            let begins = scope.replay.copy(first).start.max(from);
            let is_over = until.is_some_and(|until| begins >= until);
            if is_over || end.is_some_and(|end| end.by < number) {
                continue;
            }
            let ends = [until, end.map(|end| end.at)].into_iter().flatten().min();
            instants.push(begins);
            for processor in std::iter::once(act.actor).chain(act.recipient) {
                let moves = things.moves_of(processor).into_iter();
                instants.extend(moves.filter(|at| begins < *at && ends.is_none_or(|ends| *at < ends)));
            }
        }
    }
    instants.sort_unstable();
    instants
}

/// The act as it is at the instant.
fn as_of(act: &Act, at: Instant) -> Act {
    Act { at, ..act.clone() }
}

fn is_crossing(scope: &Scope<'_>, act: &Act) -> bool {
    let things = &scope.history.things;
    let is_abroad = || act.location.as_ref().is_some_and(|c| !things.is_home(c));
    (act.kind == ActKind::Store && is_abroad()) || scope.history.is_crossing(act)
}

fn of_act(scope: &Scope<'_>, act: &Act) -> Crossing {
    let things = &scope.history.things;
    let mechanisms: Vec<FactId> = act.recipient.map_or_else(Vec::new, |to| {
        let means = |id: &ProcessorId, who| {
            let named = things.processors().get(id);
            named.is_some_and(|named| things.is_within(who, named, act.at))
        };
        let country = things.country_at(to, act.at);
        let fits = |mechanism: &&&Mechanism| {
            mechanism.fits(|id| means(id, act.actor), |id| means(id, to), country)
                && mechanism.is_valid(act.at)
        };
        scope
            .mechanisms
            .iter()
            .filter(fits)
            .map(|mechanism| mechanism.id.clone())
            .collect()
    });
    let mut step = scope.history.step_of(act);
    if step.crossing.is_none() {
        step.crossing = things
            .country_at(act.actor, act.at)
            .cloned()
            .zip(act.location.clone());
    }
    Crossing::Act { step, mechanisms }
}

fn of_move(
    scope: &Scope<'_>,
    subject: SubjectNo,
    processor: ProcessorNo,
    country: &Country,
    at: Instant,
) -> Option<Crossing> {
    let things = &scope.history.things;
    let mut fields: Vec<FieldId> = Vec::new();
    for (holding, copies) in scope.replay.holdings() {
        let is_in_hand = holding.processor == processor
            && holding.subject == subject
            && copies.iter().any(|number| {
                let copy = scope.replay.copy(*number);
                copy.start < at && scope.replay.end_of(copy).is_none_or(|end| end.at > at)
            });
        if is_in_hand {
            fields.push(things.fields().id(holding.field).clone());
        }
    }
    fields.sort_unstable();
    (!fields.is_empty()).then(|| Crossing::Move {
        processor: things.processors().id(processor).clone(),
        country: country.clone(),
        at,
        fields,
    })
}
