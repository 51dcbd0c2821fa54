//! Permissions (docs/fact-file.md 5), each drawn around an act so that it nearly fits.

use super::draw::{Draw, Entry};
use super::facts::{DAY, HOUR, Instant};
use super::generate::{Act, World, whose};
use serde_json::Value;

const BASES: [&str; 12] = [
    "consent",
    "consent",
    "consent",
    "consent",
    "consent",
    "consent",
    "contract",
    "legal-duty",
    "emergency",
    "self-disclosed",
    "service-stability",
    "other-law",
];
const GRADES: [&str; 4] = ["general", "explicit", "separate", "written"];
pub const ACTS: [&str; 6] = ["collect", "use", "derive", "share", "verify", "disclose"];

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(std::string::ToString::to_string).collect()
}

/// The sections, in the order of the page.
pub fn sections(draw: &mut Draw, world: &World, acts: &[Act]) -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "authorizations",
            (0..draw.below(9))
                .map(|i| authorization(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "choices",
            (0..draw.below(3))
                .map(|i| choice(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "agreements",
            (0..draw.below(7))
                .map(|i| agreement(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "mechanisms",
            (0..draw.below(5))
                .map(|i| mechanism(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "assessments",
            (0..draw.below(6))
                .map(|i| assessment(draw, world, acts, i + 1))
                .collect(),
        ),
        (
            "retention_periods",
            (0..draw.below(3))
                .map(|_| retention_period(draw, world, acts))
                .collect(),
        ),
    ]
}

/// An act of one of these kinds, or any act when there is none.
pub fn act_of(draw: &mut Draw, acts: &[Act], kinds: &[&str]) -> Act {
    let fitting: Vec<Act> = acts
        .iter()
        .filter(|a| kinds.contains(&a.act.as_str()))
        .cloned()
        .collect();
    if fitting.is_empty() || draw.chance(10) {
        draw.pick(acts)
    } else {
        draw.pick(&fitting)
    }
}

/// An act that probably crosses the border of the home country, or any that sends.
fn sending_act(draw: &mut Draw, world: &World, acts: &[Act]) -> Act {
    let mut crossing = acts.to_vec();
    crossing.retain(|a| {
        let abroad =
            a.to.as_ref()
                .is_some_and(|to| world.abroad.contains(to) || world.moves.iter().any(|m| m.0 == *to));
        abroad && a.act != "collect" && world.at_home.contains(&a.actor)
    });
    if crossing.is_empty() || draw.chance(15) {
        act_of(draw, acts, &["share", "verify", "delegate", "assign"])
    } else {
        draw.pick(&crossing)
    }
}

/// An item, or (in `percent` of 100) any other of the world.
fn or_other(draw: &mut Draw, item: &str, others: &[String], percent: usize) -> String {
    if draw.chance(percent) {
        draw.pick(others)
    } else {
        item.to_string()
    }
}

/// A purpose, its parent, or any.
fn around_purpose(draw: &mut Draw, world: &World, purpose: Option<&String>) -> String {
    let parent = world
        .purpose_parents
        .iter()
        .find(|(p, _)| Some(p) == purpose)
        .and_then(|(_, parent)| parent.clone());
    match (draw.below(8), purpose, parent) {
        (0..=3, Some(purpose), _) => purpose.clone(),
        (4 | 5, _, Some(parent)) => parent,
        (4 | 5, Some(purpose), _) => purpose.clone(),
        _ => draw.pick(&world.purposes),
    }
}

/// `from` mostly at or before an instant, `until` later than `from` and often exactly at that instant.
fn validity(draw: &mut Draw, world: &World, t: Instant) -> (Instant, Option<Instant>) {
    let from = if draw.chance(12) {
        t + DAY
    } else {
        world.clock.before(draw, t)
    };
    let until = match draw.below(8) {
        0..=2 => None,
        3 | 4 => Some(t),
        5 => Some(t + DAY),
        6 => Some(from + HOUR),
        _ => Some(world.clock.near(draw, t)),
    };
    (from, until.filter(|until| *until > from))
}

fn authorization(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let clock = &world.clock;
    let about = act_of(draw, acts, &ACTS);
    let as_recipient = matches!(about.act.as_str(), "use" | "derive") && draw.chance(50);

    let basis = draw.pick(&BASES);
    let mut entry = Entry::new(&format!("az-{number}")).with("basis", basis);
    if draw.chance(75) {
        let grade = [
            "separate", "separate", "written", "explicit", "general", "separate",
        ][draw.below(6)];
        entry = entry.with(
            "grade",
            if draw.chance(10) {
                draw.pick(&GRADES)
            } else {
                grade
            },
        );
    }
    entry = entry.maybe(
        "given_by",
        draw.chance(60)
            .then(|| ["guardian", "guardian", "subject"][draw.below(3)]),
    );
    entry = entry.maybe(
        "subjects",
        draw.chance(60).then(|| {
            let subjects = draw.some_of(&world.subjects, 0, 4);
            whose(draw, world, subjects)
        }),
    );

    let mut holder = vec![if as_recipient {
        draw.pick(&world.processors)
    } else {
        or_other(draw, &about.actor, &world.processors, 15)
    }];
    // what was assigned brings the giver's authorizations along
    if let Some(assign) = acts
        .iter()
        .find(|a| a.act == "assign" && a.to.as_ref() == Some(&about.actor))
    {
        if draw.chance(60) {
            holder = vec![assign.actor.clone()];
        }
    }
    if draw.chance(20) {
        let other = draw.pick(&world.processors);
        if !holder.contains(&other) {
            holder.push(other);
        }
    }
    entry = entry.with("holder", draw.one_or_list(holder));

    let mut allowed = vec![or_other(draw, &about.act, &texts(&ACTS), 12)];
    for act in draw.some_of(&texts(&ACTS), 0, 4) {
        if !allowed.contains(&act) {
            allowed.push(act);
        }
    }
    entry = entry.with("acts", allowed);

    let mut recipients: Vec<String> = Vec::new();
    if as_recipient {
        recipients.push(about.actor.clone());
    } else if let Some(to) = about.to.as_ref().filter(|_| about.act != "collect") {
        recipients.push(or_other(draw, to, &world.processors, 15));
    }
    if recipients.is_empty() && draw.chance(30) {
        recipients.push(draw.pick(&world.processors));
    }
    if !recipients.is_empty() {
        entry = entry.with("recipients", draw.one_or_list(recipients));
    }

    let fields = if draw.chance(25) {
        draw.some_of(&world.fields, 0, 2)
    } else {
        about.fields.clone()
    };
    if !draw.chance(15) {
        entry = entry.with("fields", draw.one_or_list(fields));
    }
    if draw.chance(30) {
        let categories = draw.some_of(&world.categories, 1, 2);
        entry = entry.with("categories", draw.one_or_list(categories));
    }
    entry = entry.with(
        "purposes",
        vec![around_purpose(draw, world, about.purpose.as_ref())],
    );

    let (from, until) = validity(draw, world, about.at);
    let withdrawn = draw.chance(35).then(|| clock.near(draw, about.at));
    entry = entry.with("from", clock.write(draw, from));
    entry = match until {
        Some(t) => entry.with("until", clock.write(draw, t)),
        None if draw.chance(10) => entry.with("until", Value::Null), // the same as absent (docs/fact-file.md 2)
        None => entry,
    };
    entry = entry.maybe("withdrawn", withdrawn.map(|t| clock.write(draw, t)));
    entry = entry.maybe(
        "condition_of",
        draw.chance(30).then(|| draw.pick(&world.purposes)),
    );
    entry
        .maybe("alternative", draw.chance(30).then_some("by post"))
        .value()
}

fn choice(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let about = act_of(draw, acts, &["use", "share", "disclose"]);
    let at = world.clock.near(draw, about.at);
    Entry::new(&format!("ch-{number}"))
        .with("subject", draw.pick(&about.subjects))
        .with("processor", or_other(draw, &about.actor, &world.processors, 15))
        .with("purpose", around_purpose(draw, world, about.purpose.as_ref()))
        .with("at", world.clock.write(draw, at))
        .value()
}

/// Different from the first.
fn someone_else(draw: &mut Draw, world: &World, to: Option<&String>, than: &str) -> String {
    match to {
        Some(to) if to != than && !draw.chance(15) => to.clone(),
        _ => {
            let others: Vec<String> = world.processors.iter().filter(|p| *p != than).cloned().collect();
            draw.pick(&others)
        }
    }
}

fn agreement(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let entry = Entry::new(&format!("ag-{number}"));
    if draw.chance(30) {
        let about = sending_act(draw, world, acts);
        let other = someone_else(draw, world, about.to.as_ref(), &about.actor);
        let between = if draw.chance(50) {
            vec![other, about.actor.clone()]
        } else {
            vec![about.actor.clone(), other]
        };
        let (from, until) = validity(draw, world, about.at);
        return entry
            .with("kind", "confidentiality")
            .with("between", between)
            .with("from", world.clock.write(draw, from))
            .maybe("until", until.map(|t| world.clock.write(draw, t)))
            .value();
    }
    let about = act_of(draw, acts, &["delegate"]);
    let principal = or_other(draw, &about.actor, &world.processors, 10);
    let delegate = someone_else(draw, world, about.to.as_ref(), &principal);
    let fields = if draw.chance(30) {
        draw.some_of(&world.fields, 1, 2)
    } else {
        about.fields.clone()
    };
    let (from, until) = validity(draw, world, about.at);
    let mut entry = entry
        .with("kind", "delegation")
        .with("principal", principal)
        .with("delegate", delegate);
    entry = entry.with("fields", fields).with(
        "purposes",
        vec![around_purpose(draw, world, about.purpose.as_ref())],
    );
    entry = entry
        .with("from", world.clock.write(draw, from))
        .maybe("until", until.map(|t| world.clock.write(draw, t)));
    entry = entry.maybe(
        "written",
        [Some("true"), Some("true"), Some("true"), Some("false"), None][draw.below(5)],
    );
    entry = entry.maybe(
        "subdelegation",
        draw.chance(40).then(|| ["forbidden", "allowed"][draw.below(2)]),
    );
    if draw.chance(25) {
        let named = draw.some_of(&world.processors, 1, 2);
        entry = entry.with("subdelegates", draw.one_or_list(named));
    }
    entry.value()
}

fn mechanism(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let mut entry = Entry::new(&format!("mx-{number}"));
    if !world.moves.is_empty() && draw.chance(40) {
        let (mover, at, country) = draw.pick(&world.moves);
        let (from, until) = validity(draw, world, at);
        entry = entry.with("from_processor", mover.clone());
        entry = if draw.chance(50) {
            entry.with("to_country", country)
        } else {
            entry.with("to_processor", mover)
        };
        entry = entry.with("from", world.clock.write(draw, from));
        return entry
            .maybe("until", until.map(|t| world.clock.write(draw, t)))
            .value();
    }
    let about = sending_act(draw, world, acts);
    let (from, until) = validity(draw, world, about.at);
    entry = entry.with(
        "from_processor",
        or_other(draw, &about.actor, &world.processors, 20),
    );
    entry = match draw.below(6) {
        0 | 1 => entry.with(
            "to_processor",
            about.to.clone().unwrap_or_else(|| about.actor.clone()),
        ),
        2 => entry
            .with("to_processor", draw.pick(&world.processors))
            .with("to_country", "SG"),
        5 => entry.with("to_processor", about.actor.clone()),
        _ => entry.with("to_country", draw.pick(&world.countries[1..])),
    };
    entry
        .with("from", world.clock.write(draw, from))
        .maybe("until", until.map(|t| world.clock.write(draw, t)))
        .value()
}

fn assessment(draw: &mut Draw, world: &World, acts: &[Act], number: usize) -> Value {
    let entry = Entry::new(&format!("as-{number}"));
    if draw.chance(40) {
        let about = act_of(draw, acts, &["share"]);
        let at = world.clock.near(draw, about.at);
        return entry
            .with("kind", "recipient")
            .with("processor", about.actor.clone())
            .with(
                "recipient",
                someone_else(draw, world, about.to.as_ref(), &about.actor),
            )
            .with("at", world.clock.write(draw, at))
            .value();
    }
    let about = draw.pick(acts);
    let at = world.clock.near(draw, about.at);
    let mut covers = vec![about.act.clone()];
    for kind in draw.some_of(&texts(&["cross-border", "sensitive"]), 0, 2) {
        covers.push(kind);
    }
    entry
        .with("kind", "impact")
        .with("processor", or_other(draw, &about.actor, &world.processors, 10))
        .with("covers", covers)
        .with(
            "purposes",
            vec![around_purpose(draw, world, about.purpose.as_ref())],
        )
        .with("at", world.clock.write(draw, at))
        .value()
}

fn retention_period(draw: &mut Draw, world: &World, acts: &[Act]) -> Value {
    let about = draw.pick(acts);
    Entry::default()
        .with("processor", about.actor.clone())
        .with("fields", draw.some_of(&world.fields, 1, 2))
        .with("days", draw.between(1, 5).to_string())
        .value()
}
