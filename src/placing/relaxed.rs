//! Reach beyond the limit of placements: a proof that there is none, and placements made for one way.
//!
//! When every uncertain flow is taken to go on all through its bounds, every uncertain collection to be at its earliest
//! and no uncertain act to end anything, then whatever reaches somebody under any placement reaches them: a flow that
//! goes on carries at each of its instants what it would carry there alone, and an end less takes nothing away. So a no
//! there is a no. A yes there shows a way, and [`along`] puts the acts of that way one after the other; whether data goes
//! along it is then seen by judging that placement.

use super::{Placement, Uncertain};
use crate::model::fact::{Act, Fact, Stated};
use crate::model::finding::Step;
use crate::model::id::FactId;
use crate::model::time::{Instant, When};
use crate::model::word::ActKind;

/// The facts under which everything arrives that may.
pub fn relaxed(facts: &[Stated]) -> Vec<Stated> {
    facts
        .iter()
        .filter_map(|stated| {
            let mut stated = stated.clone();
            if let Fact::Act(act) = &mut stated.fact
                && let Some((earliest, latest)) = act.at.bounds()
            {
                relax(act, earliest, latest)?;
            }
            Some(stated)
        })
        .collect()
}

/// `None` for an act that only ends something.
fn relax(act: &mut Act, earliest: Instant, latest: Instant) -> Option<()> {
    match act.kind {
        ActKind::Delete => return None,
        ActKind::Assign => act.kind = ActKind::Share,
        ActKind::Collect
        | ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Share
        | ActKind::Verify
        | ActKind::Disclose
        | ActKind::Delegate
        | ActKind::Correct => {}
    }
    act.at = match act.kind {
        ActKind::Collect | ActKind::Correct => When::Instant(earliest),
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Share
        | ActKind::Verify
        | ActKind::Disclose
        | ActKind::Delegate
        | ActKind::Assign
        | ActKind::Delete => When::Standing {
            from: earliest,
            until: Some(Instant::from_micros(latest.micros().saturating_add(1))),
        },
    };
    Some(())
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
