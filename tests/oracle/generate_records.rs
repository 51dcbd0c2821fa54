//! Duties and records (docs/fact-file.md 6).

use super::draw::{Draw, Entry};
use super::facts::{DAY, HOUR, Instant};
use super::generate::{Act, World, whose};
use super::generate_permissions::act_of;
use serde_json::Value;

pub const EVIDENCE_KINDS: [&str; 2] = ["certificate", "training"];

/// The sections, in the order of the page.
pub fn sections(draw: &mut Draw, world: &World, acts: &[Act]) -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "notices",
            (0..draw.below(4))
                .map(|i| notice(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "policies",
            (0..draw.below(3))
                .map(|i| policy(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "requests",
            (0..draw.below(4)).map(|i| request(draw, world, i + 1)).collect(),
        ),
        (
            "closures",
            (0..draw.below(3))
                .map(|i| closure(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "incidents",
            (0..draw.below(3)).map(|i| incident(draw, world, i + 1)).collect(),
        ),
        (
            "audits",
            (0..draw.below(3)).map(|i| audit(draw, world, i + 1)).collect(),
        ),
        (
            "terminations",
            (0..draw.below(3))
                .map(|i| termination(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "evidence",
            (0..draw.below(4)).map(|i| evidence(draw, world, i + 1)).collect(),
        ),
    ]
}

fn maybe_instant(draw: &mut Draw, world: &World, percent: usize) -> Option<Value> {
    draw.chance(percent).then(|| {
        let t = world.clock.instant(draw);
        world.clock.write(draw, t)
    })
}

fn instant(draw: &mut Draw, world: &World) -> Value {
    let t = world.clock.instant(draw);
    world.clock.write(draw, t)
}

fn notice(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let about = act_of(draw, acts, &["assign"]);
    let at = world.clock.near(draw, about.at);
    Entry::new(&format!("nt-{number}"))
        .with("kind", "assignment")
        .with("processor", about.actor.clone())
        .with("to", about.to.clone().unwrap_or_else(|| about.actor.clone()))
        .with("subjects", {
            let subjects = draw.some_of(&about.subjects, 1, 4);
            whose(draw, world, subjects)
        })
        .with("at", world.clock.write(draw, at))
        .value()
}

fn policy(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let about = draw.pick(acts);
    let effective = world.clock.near(draw, about.at);
    let mut entry = Entry::new(&format!("pv-{number}")).with("processor", about.actor.clone());
    entry = entry.with("effective", world.clock.write(draw, effective));
    if draw.chance(75) {
        let published = world.clock.near(draw, effective);
        entry = entry.with("published", world.clock.write(draw, published));
    }
    entry = entry.maybe("major_changes", draw.chance(50).then(|| vec!["purposes"]));
    if draw.chance(60) {
        let announced = world.clock.near(draw, effective);
        entry = entry.with("announced", world.clock.write(draw, announced));
    }
    entry.value()
}

/// A person, or everyone.
fn one(draw: &mut Draw, world: &World, subjects: &[String]) -> String {
    if world.everyone > 0 && draw.chance(world.everyone) {
        return "everyone".to_string();
    }
    draw.pick(subjects)
}

fn request(draw: &mut Draw, world: &World, number: usize) -> Value {
    let at = world.clock.instant(draw);
    let answered = draw
        .chance(70)
        .then(|| at + draw.between(0, 6) as i64 * DAY + [0, 0, HOUR][draw.below(3)]);
    let mut entry = Entry::new(&format!("rq-{number}"))
        .with("kind", "access")
        .with("subject", one(draw, world, &world.subjects));
    entry = entry.with("processor", draw.pick(&world.processors));
    entry = entry.maybe(
        "fields",
        draw.chance(60).then(|| draw.some_of(&world.fields, 0, 2)),
    );
    entry = entry.with("at", world.clock.write(draw, at));
    if let Some(answered) = answered {
        let refused = draw.chance(50);
        entry = entry.with("answered", world.clock.write(draw, answered));
        entry = entry.with("outcome", if refused { "refused" } else { "done" });
        entry = entry.maybe("reason", draw.chance(40).then_some("orders still open"));
    }
    entry.value()
}

fn closure(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let about = draw.pick(acts);
    let at = world.clock.near(draw, about.at);
    let mut entry = Entry::new(&format!("cl-{number}")).with("subject", draw.pick(&about.subjects));
    let processor = about
        .to
        .clone()
        .filter(|_| draw.chance(40))
        .unwrap_or_else(|| about.actor.clone());
    entry = entry
        .with("processor", processor)
        .with("at", world.clock.write(draw, at));
    entry = entry.with("clear_within_days", draw.between(0, 4).to_string());
    if draw.chance(40) {
        let keep = draw.some_of(&world.fields, 1, 2);
        entry = entry.with("keep", draw.one_or_list(keep));
    }
    entry.value()
}

/// Told at the deadline of 24 or 48 hours quite often.
fn told(draw: &mut Draw, known: Instant) -> Instant {
    known + [24, 48, 0, 12, 25, 49, 72, 96][draw.below(8)] * HOUR
}

fn incident(draw: &mut Draw, world: &World, number: usize) -> Value {
    let known = world.clock.instant(draw);
    let subjects = draw.some_of(&world.subjects, 1, 4);
    let mut entry = Entry::new(&format!("in-{number}")).with("processor", draw.pick(&world.processors));
    entry = entry
        .with("known", world.clock.write(draw, known))
        .with("fields", draw.some_of(&world.fields, 1, 3));
    for key in ["regulator_told", "platform_told"] {
        if draw.chance(55) {
            let t = told(draw, known);
            entry = entry.with(key, world.clock.write(draw, t));
        }
    }
    let mut entries = Vec::new();
    for _ in 0..draw.below(5) {
        let t = told(draw, known);
        let subject = match draw.below(6) {
            4 if !world.cohorts.is_empty() => draw.pick(&world.cohorts).0,
            5 => one(draw, world, &subjects),
            _ => draw.pick(&subjects),
        };
        entries.push(
            Entry::default()
                .with("subject", subject)
                .with("at", world.clock.write(draw, t))
                .value(),
        );
    }
    entry = entry.with("subjects", whose(draw, world, subjects));
    entry
        .maybe("subjects_told", (!entries.is_empty()).then_some(entries))
        .value()
}

fn audit(draw: &mut Draw, world: &World, number: usize) -> Value {
    let at = world.clock.instant(draw);
    let mut entry = Entry::new(&format!("au-{number}")).with("by", draw.pick(&world.processors));
    entry = entry
        .with("of", draw.pick(&world.processors))
        .with("at", world.clock.write(draw, at));
    if draw.chance(70) {
        let notified = world.clock.near(draw, at);
        entry = entry.with("notified", world.clock.write(draw, notified));
    }
    let mut remedies = Vec::new();
    for i in 0..draw.below(3) {
        let remedy = Entry::new(&format!("rm-{number}-{}", i + 1)).with("due", instant(draw, world));
        remedies.push(remedy.maybe("done", maybe_instant(draw, world, 60)).value());
    }
    entry
        .maybe("remedies", (!remedies.is_empty()).then_some(remedies))
        .value()
}

fn termination(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let about = act_of(draw, acts, &["share", "delegate", "assign"]);
    let at = world.clock.near(draw, about.at);
    Entry::new(&format!("tm-{number}"))
        .with("by", about.actor.clone())
        .with("of", about.to.clone().unwrap_or_else(|| about.actor.clone()))
        .with("at", world.clock.write(draw, at))
        .value()
}

fn evidence(draw: &mut Draw, world: &World, number: usize) -> Value {
    let from = world.clock.instant(draw);
    let until = match draw.below(4) {
        0 => None,
        1 => Some(world.as_of),
        _ => Some(world.clock.instant(draw)),
    };
    let until = until.filter(|until| *until > from);
    Entry::new(&format!("pf-{number}"))
        .with("processor", draw.pick(&world.processors))
        .with("kind", draw.pick(&EVIDENCE_KINDS))
        .with("from", world.clock.write(draw, from))
        .maybe("until", until.map(|t| world.clock.write(draw, t)))
        .value()
}
