//! Check `transfer-mechanism`: a crossing, and a move with data in hand, has a lawful route (GDPR 44–49; PIPL 38).

use std::collections::BTreeMap;

use super::case::Case;
use super::draft::Draft;
use super::gather::Gather;
use super::index::Kinds;
use crate::graph::{Act, CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::fact::{Fact, Mechanism};
use crate::model::id::{Country, ProcessorId};
use crate::model::time::Instant;
use crate::model::word::Section;

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
        let country = |processor| case.history.things.country_at(processor, act.at);
        act.can_cross()
            && act
                .taker()
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
        .facts_in(Section::Mechanisms, |fact| {
            if let Fact::Mechanism(mechanism) = fact {
                Some(mechanism)
            } else {
                None
            }
        })
        .map(|(mechanism, _)| mechanism)
        .collect();
    for (number, act) in case.judged_by(Kinds::ALL, limit.as_deref()) {
        let Some(to) = act.taker() else { continue };
        if !border.is_crossing(case, act) {
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
    let (from, to) = (
        |id: &ProcessorId| case.is_named(id, from, at),
        |id: &ProcessorId| case.is_named(id, to, at),
    );
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
        for change in things.relocations(processor) {
            let country = change.to;
            if !border.is_crossed(case, change.from, Some(country)) {
                continue;
            }
            let Some((reason, _)) = gap(case, routes, (processor, processor), Some(country), change.at)
            else {
                continue;
            };
            for (subject, fields) in in_hand(case, processor, change.at) {
                let name = format!("move:{}:{}", fact.id, country);
                let witness = case
                    .least_field(&fields)
                    .map(|field| chain_of(case, processor, (subject, field), change.at));
                out.push(
                    Draft::of_fact(name, None, change.at, processor, format!("relocation-{reason}"))
                        .gathered(Gather::All, subject)
                        .fields(fields)
                        .because([&fact.id])
                        .witness(witness.unwrap_or_default()),
                );
            }
        }
    }
}

/// By subject, the fields of which the processor has a personal copy that began before the instant and lasts beyond it.
fn in_hand(case: &Case<'_>, processor: ProcessorNo, at: Instant) -> BTreeMap<SubjectNo, Vec<FieldNo>> {
    let mut pairs: BTreeMap<SubjectNo, Vec<FieldNo>> = BTreeMap::new();
    for (holding, copies) in case.replay.holdings() {
        let is_in_hand = |number: &CopyNo| {
            let copy = case.replay.copy(*number);
            copy.start < at && case.outlives(copy, at)
        };
        if holding.processor == processor
            && case.history.things.is_personal(holding.field)
            && copies.iter().any(is_in_hand)
        {
            pairs.entry(holding.subject).or_default().push(holding.field);
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
