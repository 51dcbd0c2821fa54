//! Check `transfer-mechanism`: a crossing, and a move with data in hand, has a lawful route (GDPR 44–49; PIPL 38).

use super::case::{Case, admits};
use super::draft::Draft;
use crate::graph::{Act, CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::fact::{Fact, Mechanism};
use crate::model::id::{Country, ProcessorId};
use crate::model::time::Instant;
use crate::model::word::ActKind;

/// Whose border it is: that of the countries of a bloc, or of home. Some countries outside are as good as inside.
pub struct Border<'r> {
    /// The countries inside; none stands for home alone.
    pub bloc: &'r [Country],
    /// Countries outside that need no route.
    pub adequate: &'r [Country],
}

impl Border<'_> {
    /// Whether the country lies inside.
    pub fn is_inside(&self, case: &Case<'_>, country: &Country) -> bool {
        if self.bloc.is_empty() {
            case.history.things.is_home(country)
        } else {
            self.bloc.contains(country)
        }
    }

    /// Whether data that goes from one country to the other needs a route.
    pub fn is_crossed(&self, case: &Case<'_>, from: Option<&Country>, to: Option<&Country>) -> bool {
        from.is_some_and(|country| self.is_inside(case, country))
            && to.is_some_and(|country| !self.is_inside(case, country) && !self.adequate.contains(country))
    }

    /// Whether the act carries data from inside to outside.
    pub fn is_crossing(&self, case: &Case<'_>, act: &Act) -> bool {
        let carries = matches!(
            act.kind,
            ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign
        );
        let country = |processor| case.history.things.country_at(processor, act.at);
        carries
            && act
                .recipient
                .is_some_and(|to| self.is_crossed(case, country(act.actor), country(to)))
    }
}

/// Judges crossings by the givers the rule is limited to, and moves by anybody.
pub fn judge(
    case: &Case<'_>,
    processors: Option<&Vec<ProcessorId>>,
    (bloc, adequate): (&[Country], &[Country]),
    out: &mut Vec<Draft>,
) {
    let border = Border { bloc, adequate };
    let limit = case.limit(processors);
    let routes: Vec<&Mechanism> = case
        .facts(|fact| {
            if let Fact::Mechanism(mechanism) = fact {
                Some(mechanism)
            } else {
                None
            }
        })
        .map(|(mechanism, _)| mechanism)
        .collect();
    for (number, act) in case.judged() {
        let Some(to) = act.recipient else { continue };
        if !border.is_crossing(case, act) || !admits(limit.as_ref(), act.actor) {
            continue;
        }
        let fields = case.personal_fields(act);
        let Some(least) = case.least_field(&fields) else {
            continue;
        };
        let country = case.history.things.country_at(to, act.at);
        if let Some((reason, because)) = gap(case, &routes, (act.actor, to), country, act.at) {
            let witness = case.path(number, Some(least), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, reason)
                    .fields(fields)
                    .because(because.map(|mechanism| &mechanism.id))
                    .witness(witness),
            );
        }
    }
    judge_moves(case, &routes, &border, out);
}

/// What keeps a flow from being lawful, and the mechanism that shows it; `None` when one is valid.
pub fn gap<'f>(
    case: &Case<'_>,
    routes: &[&'f Mechanism],
    (from, to): (ProcessorNo, ProcessorNo),
    country: Option<&Country>,
    at: Instant,
) -> Option<(&'static str, Option<&'f Mechanism>)> {
    let processors = case.history.things.processors();
    let (from, to) = (processors.id(from), processors.id(to));
    let fitting: Vec<&'f Mechanism> = routes
        .iter()
        .copied()
        .filter(|mechanism| mechanism.fits(from, to, country))
        .collect();
    if fitting.iter().any(|mechanism| mechanism.is_valid(at)) {
        return None;
    }
    let is_over = |mechanism: &&&Mechanism| mechanism.until.is_some_and(|until| at >= until);
    Some(if let Some(last) = fitting.iter().rev().find(is_over) {
        ("mechanism-expired", Some(*last))
    } else if let Some(first) = fitting.first() {
        ("mechanism-not-yet", Some(*first))
    } else {
        ("mechanism-none", None)
    })
}

fn judge_moves(case: &Case<'_>, routes: &[&Mechanism], border: &Border<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for processor in things.processors().all() {
        let fact = things.processor(processor);
        let mut before = fact.country.as_ref();
        for change in &fact.moves {
            let Some(country) = &change.country else { continue };
            let leaves = border.is_crossed(case, before, Some(country));
            before = Some(country);
            if !leaves {
                continue;
            }
            let Some((reason, _)) = gap(case, routes, (processor, processor), Some(country), change.at)
            else {
                continue;
            };
            let pairs = pairs_in_hand(case, processor, change.at);
            let least = case.least_pair(pairs.iter(), |pair| *pair);
            if let Some(least) = least {
                let name = format!("move:{}:{}", fact.id, country);
                let witness = chain_of(case, processor, *least, change.at);
                out.push(
                    Draft::of_fact(name, None, change.at, processor, format!("relocation-{reason}"))
                        .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                        .fields(pairs.iter().map(|(_, field)| *field).collect())
                        .because([&fact.id])
                        .witness(witness),
                );
            }
        }
    }
}

/// The pairs of which the processor has a personal copy that began before the instant and lasts beyond it.
fn pairs_in_hand(case: &Case<'_>, processor: ProcessorNo, at: Instant) -> Vec<(SubjectNo, FieldNo)> {
    let mut pairs = Vec::new();
    for (holding, copies) in case.replay.holdings() {
        let is_in_hand = |number: &CopyNo| {
            let copy = case.replay.copy(*number);
            copy.start < at && case.outlives(copy, at)
        };
        if holding.processor == processor
            && case.history.things.is_personal(holding.field)
            && copies.iter().any(is_in_hand)
        {
            pairs.push((holding.subject, holding.field));
        }
    }
    pairs
}

fn chain_of(
    case: &Case<'_>,
    processor: ProcessorNo,
    (subject, field): (SubjectNo, FieldNo),
    at: Instant,
) -> Vec<crate::graph::ActNo> {
    let copies = case.replay.copies_at(processor, field, subject);
    let cut = copies.partition_point(|copy| case.replay.copy(*copy).start <= at);
    case.replay
        .least_standing(&copies[..cut], at)
        .map_or_else(Vec::new, |copy| case.replay.chain(copy))
}
