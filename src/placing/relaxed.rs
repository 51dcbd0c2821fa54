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
//! what came at one of them is there when they end. An end of uncertain time takes away what is there when its bounds
//! begin and what has come when they end, and nothing is passed on meanwhile. So a yes there is a yes.

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

/// Lets an uncertain flow go on all through its bounds, and one that stands from its earliest beginning until its latest
/// end; a collection is at its earliest.
fn go_on(act: &mut Act) {
    // What stands longer carries more.
    if let Some((_, latest)) = act.at.end_bounds() {
        act.at = act.at.ended_at(latest);
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

/// The facts under which only that arrives which does in every placement.
pub fn surely(facts: &[Stated]) -> Vec<Stated> {
    let ends: Vec<End<'_>> = facts.iter().filter_map(End::of).collect();
    facts
        .iter()
        .flat_map(|stated| {
            if let Fact::Act(act) = &stated.fact {
                counted_on(stated, act, &ends)
            } else {
                vec![stated.clone()]
            }
        })
        .collect()
}

/// When somebody may end what they hold.
struct End<'f> {
    actor: &'f ProcessorId,
    earliest: Instant,
    latest: Instant,
}

impl<'f> End<'f> {
    fn of(stated: &'f Stated) -> Option<Self> {
        let Fact::Act(act) = &stated.fact else { return None };
        let (earliest, latest) = act.at.bounds().unwrap_or((act.at.start(), act.at.start()));
        ends_something(act).then_some(Self {
            actor: &act.actor,
            earliest,
            latest,
        })
    }

    fn is_known(&self) -> bool {
        self.earliest == self.latest
    }

    /// Whether it may come in the meantime.
    fn may_be_in(&self, earliest: Instant, latest: Option<Instant>) -> bool {
        earliest <= self.latest && latest.is_none_or(|latest| self.earliest <= latest)
    }
}

fn ends_something(act: &Act) -> bool {
    matches!(act.kind, ActKind::Delete | ActKind::Assign)
}

/// What can be counted on of an act, wherever in their bounds it and the ends are.
fn counted_on(stated: &Stated, act: &Act, ends: &[End<'_>]) -> Vec<Stated> {
    let Some((earliest, latest)) = act.at.bounds() else {
        // What its actor may have ended by then cannot be counted on; ends that are known come in their turn.
        let (from, until) = act
            .at
            .standing()
            .unwrap_or((act.at.start(), Some(act.at.start())));
        let until = act.at.end_bounds().map(|(_, latest)| latest).or(until);
        let may_be_gone =
            |end: &End<'_>| !end.is_known() && *end.actor == act.actor && end.may_be_in(from, until);
        if act.kind == ActKind::Collect || !ends.iter().any(may_be_gone) {
            let begun = |act: &mut Act| {
                if let Some((_, latest)) = act.at.begin_bounds() {
                    act.at = act.at.begun_at(latest);
                }
            };
            return vec![with(stated, begun)];
        }
        return if ends_something(act) {
            vec![ended(stated, act.at.start())]
        } else {
            Vec::new()
        };
    };
    if ends_something(act) {
        // What was there before is gone at the latest when its bounds begin, and what came meanwhile when they end.
        return vec![ended(stated, earliest), ended(stated, latest)];
    }
    let is_disturbed = ends.iter().any(|end| {
        let is_side = *end.actor == act.actor || Some(end.actor) == act.recipient.as_ref();
        is_side && end.may_be_in(earliest, Some(latest))
    });
    if is_disturbed {
        return Vec::new();
    }
    match act.kind {
        ActKind::Collect => vec![with(stated, |act| act.at = When::Instant(latest))],
        ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Derive => {
            on_the_way(stated, act, (earliest, latest))
        }
        // What brings nothing has no say, and of ends it was said above.
        ActKind::Use
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete
        | ActKind::Assign => vec![with(stated, |act| act.at = When::Instant(earliest))],
    }
}

/// An act of which only that counts that it ends something, at this instant.
fn ended(stated: &Stated, at: Instant) -> Stated {
    with(stated, |act| {
        act.id = FactId::from(format!("\u{0}ends {} {}", act.id, at.micros()).as_str());
        act.at = When::Instant(at);
        act.kind = ActKind::Delete;
        act.recipient = None;
    })
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
