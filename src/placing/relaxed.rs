//! Reach beyond the limit of placements: a proof that there is none, a proof that there is some in every placement, and
//! placements made for one way.
//!
//! When every uncertain flow is taken to go on all through its bounds, every uncertain collection to be at its earliest,
//! no uncertain act to end anything, and no other act to end what may be collected later, then whatever reaches somebody under any placement reaches them: a flow that
//! goes on carries at each of its instants what it would carry there alone, and an end less takes nothing away. So a no
//! there is a no. A yes there shows a way, and [`along`] puts the acts of that way one after the other; whether data goes
//! along it is then seen by judging that placement.
//!
//! When every uncertain flow takes only what its giver has as its bounds begin, and brings it only as they end, and every
//! uncertain collection is at its latest, then whatever reaches somebody does so under each placement, provided that
//! nothing is ended meanwhile on either side: what is there when the bounds begin is there at each instant of them, and
//! what came at one of them is there when they end. So a yes there is a yes.

use super::{Placement, Uncertain};
use crate::model::fact::{Act, Fact, Processor, Stated};
use crate::model::finding::Step;
use crate::model::id::{FactId, ProcessorId};
use crate::model::time::{Instant, When};
use crate::model::word::{ActKind, ProcessorKind};

/// The facts under which everything arrives that may.
pub fn relaxed(facts: &[Stated]) -> Vec<Stated> {
    let acts = || {
        facts.iter().filter_map(|stated| {
            if let Fact::Act(act) = &stated.fact {
                Some(act)
            } else {
                None
            }
        })
    };
    let collections: Vec<(&ProcessorId, Instant, Instant)> = acts()
        .filter(|act| act.kind == ActKind::Collect)
        .filter_map(|act| {
            act.at
                .bounds()
                .map(|(earliest, latest)| (&act.actor, earliest, latest))
        })
        .collect();
    // What is collected at the earliest may be ended there, and is there all the same if it is collected afterwards.
    let may_come_later = |act: &Act| {
        let at = act.at.start();
        let comes = |(actor, earliest, latest): &(&ProcessorId, Instant, Instant)| {
            **actor == act.actor && *earliest <= at && at <= *latest
        };
        collections.iter().any(comes)
    };
    facts
        .iter()
        .filter_map(|stated| {
            let mut stated = stated.clone();
            if let Fact::Act(act) = &mut stated.fact {
                let is_uncertain = act.at.bounds().is_some();
                let ends = matches!(act.kind, ActKind::Delete | ActKind::Assign);
                if ends && (is_uncertain || may_come_later(act)) {
                    if act.kind == ActKind::Delete {
                        return None;
                    }
                    act.kind = ActKind::Share;
                }
                go_on(act);
            }
            Some(stated)
        })
        .collect()
}

/// The facts without acts of uncertain times but those that end something: whatever they show needs none of the others.
pub fn firm(facts: &[Stated]) -> Vec<Stated> {
    let is_firm = |stated: &&Stated| {
        let Fact::Act(act) = &stated.fact else { return true };
        act.at.bounds().is_none() || matches!(act.kind, ActKind::Delete | ActKind::Assign)
    };
    facts.iter().filter(is_firm).cloned().collect()
}

/// Lets an uncertain flow go on all through its bounds, and one that stands until its latest end; a collection is at its
/// earliest.
fn go_on(act: &mut Act) {
    // What stands longer carries more.
    if let Some((_, latest)) = act.at.end_bounds() {
        act.at = act.at.placed_at(latest);
    }
    let Some((earliest, latest)) = act.at.bounds() else {
        return;
    };
    act.at = match act.kind {
        ActKind::Collect | ActKind::Correct | ActKind::Restrict | ActKind::Assign | ActKind::Delete => {
            When::Instant(earliest)
        }
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Share
        | ActKind::Verify
        | ActKind::Disclose
        | ActKind::Delegate => When::Standing {
            from: earliest,
            until: Some(Instant::from_micros(latest.micros().saturating_add(1))),
        },
    };
}

/// The facts under which only that arrives which does in every placement; `None` where an act of uncertain time may end
/// something, so that nobody knows what is there meanwhile.
pub fn surely(facts: &[Stated]) -> Option<Vec<Stated>> {
    let acts = || {
        facts.iter().filter_map(|stated| {
            let Fact::Act(act) = &stated.fact else { return None };
            Some(act)
        })
    };
    let is_end = |act: &&Act| matches!(act.kind, ActKind::Delete | ActKind::Assign);
    if acts().filter(is_end).any(|act| act.at.bounds().is_some()) {
        return None;
    }
    let ends: Vec<(&ProcessorId, Instant)> = acts()
        .filter(is_end)
        .map(|act| (&act.actor, act.at.start()))
        .collect();
    let mut made = Vec::with_capacity(facts.len());
    for stated in facts {
        let Fact::Act(act) = &stated.fact else {
            made.push(stated.clone());
            continue;
        };
        let Some((earliest, latest)) = act.at.bounds() else {
            made.push(stated.clone());
            continue;
        };
        let is_disturbed = ends.iter().any(|(actor, at)| {
            let is_side = **actor == act.actor || Some(*actor) == act.recipient.as_ref();
            is_side && earliest <= *at && *at <= latest
        });
        // What may be disturbed is not counted on.
        if is_disturbed {
            continue;
        }
        match act.kind {
            ActKind::Collect => made.push(with(stated, |act| act.at = When::Instant(latest))),
            ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Derive => {
                made.extend(on_the_way(stated, act, (earliest, latest)));
            }
            // What brings nothing has no say, and ends are certain.
            ActKind::Use
            | ActKind::Store
            | ActKind::Correct
            | ActKind::Restrict
            | ActKind::Delete
            | ActKind::Assign => made.push(with(stated, |act| act.at = When::Instant(earliest))),
        }
    }
    Some(made)
}

/// A flow in two: what it takes is on its way, in the hands of nobody else, from the beginning of its bounds to their end.
fn on_the_way(stated: &Stated, act: &Act, (earliest, latest): (Instant, Instant)) -> Vec<Stated> {
    let way = ProcessorId::from(format!("\u{0}{}", act.id).as_str());
    let name = |part: &str| FactId::from(format!("\u{0}{part} {}", act.id).as_str());
    let carrier = Stated {
        fact: Fact::Processor(Processor {
            id: way.clone(),
            kind: ProcessorKind::Controller,
            group: None,
            country: None,
            inside: None,
            moves: Vec::new(),
            safeguards: Vec::new(),
            lawful_source: true,
            safeguard_periods: Vec::new(),
            ceased: None,
            accesses: Vec::new(),
        }),
        ..stated.clone()
    };
    let taken = with(stated, |taken| {
        taken.id = name("taken");
        taken.at = When::Instant(earliest);
        taken.kind = ActKind::Share;
        taken.recipient = Some(way.clone());
        taken.makes = Vec::new();
        taken.method = None;
    });
    if act.kind != ActKind::Derive {
        let brought = with(stated, |brought| {
            brought.at = When::Instant(latest);
            brought.actor = way;
        });
        return vec![carrier, taken, brought];
    }
    let made = with(stated, |made| {
        made.id = name("made");
        made.at = When::Instant(latest);
        made.actor = way.clone();
    });
    let brought = with(stated, |brought| {
        brought.at = When::Instant(latest);
        brought.kind = ActKind::Share;
        brought.actor = way;
        brought.recipient = Some(act.actor.clone());
        brought.fields = std::mem::take(&mut brought.makes);
        brought.method = None;
    });
    vec![carrier, taken, made, brought]
}

fn with(stated: &Stated, change: impl FnOnce(&mut Act)) -> Stated {
    let mut stated = stated.clone();
    if let Fact::Act(act) = &mut stated.fact {
        change(act);
    }
    stated
}

/// Placements under which data may go along the way: its uncertain acts one after the other, as early as they can be,
/// in one instant where they must or a little apart; what is not on the way early or late.
pub fn along(way: &[Step], acts: &[Uncertain]) -> Vec<Placement> {
    let mut placements = Vec::new();
    for apart in [0, 1] {
        for is_late in [false, true] {
            let others = acts.iter().map(|act| {
                let at = if is_late { act.latest } else { act.earliest };
                (act.id.clone(), at)
            });
            placements.push(Placement::new(others.chain(in_turn(way, acts, apart))));
        }
    }
    placements
}

fn in_turn(way: &[Step], acts: &[Uncertain], apart: i64) -> Vec<(FactId, Instant)> {
    let mut now: Option<Instant> = None;
    let mut chosen = Vec::new();
    for step in way {
        let after = now.map(|now| Instant::from_micros(now.micros().saturating_add(apart)));
        if let Some(act) = acts.iter().find(|act| act.id == step.act) {
            let at = after
                .map_or(act.earliest, |after| after.max(act.earliest))
                .min(act.latest);
            chosen.push((act.id.clone(), at));
            now = Some(at);
        } else {
            now = Some(now.map_or(step.at, |now| now.max(step.at)));
        }
    }
    chosen
}
