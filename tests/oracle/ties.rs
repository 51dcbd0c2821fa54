//! Ties `any` and `strict` (docs/semantics.md 2), as a flood over holdings, instant by instant. It knows no copies.
//!
//! Inside one instant ends come first, then collections, then flows until nothing changes. Under `strict` a flow carries only
//! what was there before the instant. An assign also hands over what the instant ends. A standing act carries in each
//! instant at which it is active what is held then, also what came in it.

use super::facts::{Event, Facts};
use std::collections::BTreeSet;

type Holding = (String, String);

/// What a flood marks.
pub enum Mark<'a> {
    /// The field, wherever it is held, or at one processor.
    Field(&'a str, Option<&'a str>),
    /// What this act collects of this field.
    Collected(usize, &'a str),
}

/// What came of it.
#[derive(Default)]
pub struct Flood {
    /// Who holds what at `as_of`.
    pub held: BTreeSet<Holding>,
    /// Where the mark has been until `as_of`.
    pub reached: BTreeSet<Holding>,
    /// Where a flow has brought the mark, at any time.
    pub below: BTreeSet<Holding>,
    /// Where the mark is in the end.
    pub last: BTreeSet<Holding>,
}

struct State {
    held: BTreeSet<Holding>,
    marked: BTreeSet<Holding>,
    deleted: BTreeSet<Holding>,
}

fn collects(event: &Event, subject: &str) -> Vec<Holding> {
    if event.act != "collect" || !event.subjects.iter().any(|s| s == subject) {
        return Vec::new();
    }
    let at = |field: &String| (event.actor.clone(), field.clone());
    event.fields.iter().map(at).collect()
}

fn ends(event: &Event, subject: &str) -> Vec<Holding> {
    if !matches!(event.act.as_str(), "delete" | "assign") || !event.subjects.iter().any(|s| s == subject) {
        return Vec::new();
    }
    let at = |field: &String| (event.actor.clone(), field.clone());
    event.fields.iter().map(at).collect()
}

/// From which holding to which ones.
fn flows(event: &Event, subject: &str) -> Vec<(Holding, Vec<Holding>)> {
    if !event.subjects.iter().any(|s| s == subject) {
        return Vec::new();
    }
    let from = |field: &String| (event.actor.clone(), field.clone());
    match event.act.as_str() {
        "share" | "verify" | "disclose" | "delegate" | "assign" => event
            .fields
            .iter()
            .map(|field| {
                let to = event.recipient.iter().map(|to| (to.clone(), field.clone()));
                (from(field), to.collect())
            })
            .collect(),
        "derive" => event
            .fields
            .iter()
            .map(|field| (from(field), event.makes.iter().map(from).collect()))
            .collect(),
        _ => Vec::new(),
    }
}

/// Runs the record; `None` where it contradicts itself, since holdings cannot tell such copies from others.
pub fn flood(facts: &Facts, subject: &str, is_strict: bool, mark: &Mark<'_>) -> Option<Flood> {
    let is_marked = |(processor, field): &Holding| match mark {
        Mark::Field(wanted, from) => field == wanted && from.is_none_or(|from| from == processor),
        Mark::Collected(..) => false,
    };
    let mut state = State {
        held: BTreeSet::new(),
        marked: BTreeSet::new(),
        deleted: BTreeSet::new(),
    };
    let mut out = Flood::default();
    let mut first = 0;
    while first < facts.events.len() {
        let at = facts.events[first].at;
        let mut next = first;
        while next < facts.events.len() && facts.events[next].at == at {
            next += 1;
        }
        instant(
            facts,
            (first, next),
            subject,
            is_strict,
            mark,
            &is_marked,
            &mut state,
            &mut out,
        )?;
        if at <= facts.as_of {
            out.held.clone_from(&state.held);
            out.reached.extend(state.marked.iter().cloned());
        }
        first = next;
    }
    out.last = state.marked;
    Some(out)
}

#[allow(clippy::too_many_arguments, reason = "one for each part of the rule")]
fn instant(
    facts: &Facts,
    (first, next): (usize, usize),
    subject: &str,
    is_strict: bool,
    mark: &Mark<'_>,
    is_marked: &dyn Fn(&Holding) -> bool,
    state: &mut State,
    out: &mut Flood,
) -> Option<()> {
    let (held_before, marked_before) = (state.held.clone(), state.marked.clone());
    // ends first
    let mut ended = BTreeSet::new();
    let mut deleted_now = BTreeSet::new();
    for event in &facts.events[first..next] {
        for v in ends(event, subject) {
            state.held.remove(&v);
            state.marked.remove(&v);
            if held_before.contains(&v) && event.act == "delete" {
                deleted_now.insert(v.clone());
            }
            if held_before.contains(&v) {
                ended.insert(v);
            }
        }
    }
    let (held_old, marked_old) = (state.held.clone(), state.marked.clone());
    // then collections
    for e in first..next {
        for v in collects(&facts.events[e], subject) {
            let is_the_one = matches!(mark, Mark::Collected(of, field) if *of == e && *field == v.1);
            if is_the_one || is_marked(&v) {
                state.marked.insert(v.clone());
            }
            state.held.insert(v);
        }
    }
    // then flows, until nothing changes
    loop {
        let before = (state.held.len(), state.marked.len(), out.below.len());
        let at = facts.events[first].at;
        let is_active = |event: &&Event| {
            let until = event.standing.as_ref();
            until.is_some_and(|until| event.at <= at && until.is_none_or(|until| at < until))
        };
        let standing = facts.events.iter().filter(is_active);
        let instants = facts.events[first..next]
            .iter()
            .filter(|event| event.standing.is_none());
        for event in standing.chain(instants) {
            for (u, to) in flows(event, subject) {
                let (held, marked) = if is_strict && event.standing.is_none() {
                    (&held_old, &marked_old)
                } else {
                    (&state.held, &state.marked)
                };
                let is_assign = event.act == "assign";
                let has_it = held.contains(&u) || (is_assign && held_before.contains(&u));
                if !has_it {
                    continue;
                }
                let brings_mark = marked.contains(&u) || (is_assign && marked_before.contains(&u));
                for v in to {
                    if brings_mark {
                        out.below.insert(v.clone());
                    }
                    if brings_mark || is_marked(&v) {
                        state.marked.insert(v.clone());
                    }
                    state.held.insert(v);
                }
            }
        }
        if before == (state.held.len(), state.marked.len(), out.below.len()) {
            break;
        }
    }
    // whoever works with what was deleted at an earlier instant
    for event in facts.events[first..next]
        .iter()
        .filter(|event| event.standing.is_none())
    {
        for (u, _) in flows(event, subject) {
            let is_handed_over = event.act == "assign" && held_before.contains(&u);
            let finds = is_handed_over || if is_strict { &held_old } else { &state.held }.contains(&u);
            if !finds && state.deleted.contains(&u) && !ended.contains(&u) {
                return None;
            }
        }
    }
    state.deleted.extend(deleted_now);
    Some(())
}
