//! Acts (docs/fact-file.md 7): told in order of time, so that most of them find something to carry.

use super::draw::{Draw, Entry};
use super::facts::{DAY, HOUR, Instant};
use super::generate::{Act, World, whose};
use serde_json::{Value, json};

/// What the story so far has put where, roughly: subjects are not followed.
#[derive(Default)]
struct Story {
    held: Vec<(String, String)>,
    /// What was received as a delegate.
    delegated: Vec<(String, String)>,
    /// What was given to somebody, or was made into something else.
    given: Vec<(String, String)>,
    collected: Vec<(String, String)>,
    deleted: Vec<(String, String)>,
}

impl Story {
    fn puts(&mut self, processor: &str, fields: &[String]) {
        for field in fields {
            self.held.push((processor.to_string(), field.clone()));
        }
    }

    fn ends(&mut self, processor: &str, fields: &[String], deleted: bool) {
        for field in fields {
            let pair = (processor.to_string(), field.clone());
            if self.held.contains(&pair) {
                self.held.retain(|h| *h != pair);
                if deleted {
                    self.deleted.push(pair);
                }
            }
        }
    }

    fn fields_at(&self, processor: &str) -> Vec<String> {
        let mut fields: Vec<String> = Vec::new();
        for (p, f) in &self.held {
            if p == processor && !fields.contains(f) {
                fields.push(f.clone());
            }
        }
        fields
    }
}

const ACTS: [&str; 35] = [
    "collect", "share", "share", "use", "derive", "delegate", "delete", "share", "collect", "derive", "use",
    "delegate", "delete", "assign", "verify", "disclose", "store", "share", "use", "derive", "collect",
    "share", "delegate", "delete", "derive", "use", "assign", "disclose", "store", "correct", "verify",
    "collect", "restrict", "correct", "restrict",
];

/// The acts, the events as written, and the `defaults` section if there is one.
pub fn events(draw: &mut Draw, world: &World) -> (Vec<Act>, Vec<Value>, Option<Value>) {
    let default_safeguards = draw.chance(35).then(|| draw.some_of(&world.safeguards, 1, 2));
    let default_purpose = draw.chance(20).then(|| draw.pick(&world.purposes));
    let mut instants: Vec<Instant> = (0..draw.between(2, 20))
        .map(|_| world.clock.instant(draw))
        .collect();
    instants.sort_unstable();

    let mut story = Story::default();
    let (mut acts, mut events) = (Vec::new(), Vec::new());
    for (i, at) in instants.into_iter().enumerate() {
        let act = draw_act(draw, world, &story, i, at);
        tell(&mut story, &act);
        events.push(write(draw, world, &act, default_purpose.as_ref()));
        acts.push(act);
    }
    // the file lists acts by story, not by time
    for i in 1..events.len() {
        if draw.chance(25) {
            let j = draw.below(i);
            events.swap(i, j);
        }
    }
    let mut defaults = Entry::default();
    defaults = defaults
        .maybe("safeguards", default_safeguards)
        .maybe("purpose", default_purpose);
    let defaults = (!defaults.0.is_empty()).then(|| json!({"event": defaults.value()}));
    (acts, events, defaults)
}

/// One act, mostly about something its actor holds, sometimes about something it has deleted or never had.
fn draw_act(draw: &mut Draw, world: &World, story: &Story, i: usize, at: Instant) -> Act {
    let mut kind = if i == 0 { "collect" } else { draw.pick(&ACTS) };
    if kind == "disclose" && world.publics.is_empty() && draw.chance(50) {
        kind = "share";
    }
    let source = draw.below(20);
    let known: Option<(String, String)> = match kind {
        // the same again
        "collect" if source >= 13 && !story.collected.is_empty() => Some(draw.pick(&story.collected)),
        "collect" => None,
        // a delegate goes on, or the giver deletes
        "delegate" | "use" | "derive" if source >= 14 && !story.delegated.is_empty() => {
            Some(draw.pick(&story.delegated))
        }
        "delete" if source >= 10 && !story.given.is_empty() => Some(draw.pick(&story.given)),
        // who gave it puts it right, and so may whoever has it
        "correct" if source >= 10 && !story.given.is_empty() => Some(draw.pick(&story.given)),
        _ if (17..19).contains(&source) && !story.deleted.is_empty() => Some(draw.pick(&story.deleted)),
        _ if source < 19 && !story.held.is_empty() => Some(draw.pick(&story.held)),
        _ => None,
    };
    let (actor, first) = known.unwrap_or_else(|| (draw.pick(&world.processors), draw.pick(&world.fields)));
    let mut fields = vec![first];
    let more = if draw.chance(70) {
        story.fields_at(&actor)
    } else {
        world.fields.clone()
    };
    for field in draw.some_of(&more, 0, 2) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    let to = match kind {
        "share" | "verify" | "delegate" | "assign" => Some(another(draw, &world.processors, &actor)),
        "disclose" if !world.publics.is_empty() && draw.chance(70) => Some(draw.pick(&world.publics)),
        "collect" => Some(actor.clone()),
        _ => None,
    };
    let makes = match kind {
        "derive" => draw.some_of(&world.fields, 1, 2),
        _ => Vec::new(),
    };
    let purpose = match kind {
        "store" | "correct" | "restrict" | "delete" => None,
        _ => Some(draw.pick(&world.purposes)),
    };
    let subjects = draw.some_of(&world.subjects, 1, 4);
    Act {
        id: format!("e{}", i + 1),
        at,
        act: kind.to_string(),
        actor,
        to,
        subjects,
        fields,
        makes,
        purpose,
    }
}

/// Another processor, hardly ever the same one.
fn another(draw: &mut Draw, processors: &[String], than: &str) -> String {
    let i = processors.iter().position(|p| p == than).expect("declared");
    let step = match draw.below(64) {
        63 => 0,
        n => 1 + n % (processors.len() - 1),
    };
    processors[(i + step) % processors.len()].clone()
}

fn tell(story: &mut Story, act: &Act) {
    match act.act.as_str() {
        "collect" => {
            story.puts(&act.actor, &act.fields);
            story.collected.push((act.actor.clone(), act.fields[0].clone()));
        }
        "derive" => {
            story.puts(&act.actor, &act.makes);
            story.given.push((act.actor.clone(), act.fields[0].clone()));
        }
        "delete" => story.ends(&act.actor, &act.fields, true),
        "assign" => story.ends(&act.actor, &act.fields, false),
        _ => {}
    }
    if let (Some(to), true) = (&act.to, act.act != "collect") {
        story.puts(to, &act.fields);
        if act.act == "delegate" {
            story.delegated.push((to.clone(), act.fields[0].clone()));
        }
        story.given.push((act.actor.clone(), act.fields[0].clone()));
    }
}

fn write(draw: &mut Draw, world: &World, act: &Act, default_purpose: Option<&String>) -> Value {
    let may_stand = !matches!(
        act.act.as_str(),
        "collect" | "assign" | "correct" | "restrict" | "delete"
    );
    let at = if may_stand && world.standing > 0 && draw.chance(world.standing) {
        let until = draw
            .chance(60)
            .then(|| act.at + [DAY, 2 * DAY, 3 * DAY, HOUR][draw.below(4)]);
        Entry::default()
            .with("from", world.clock.write(draw, act.at))
            .maybe("until", until.map(|until| world.clock.write(draw, until)))
            .value()
    } else {
        world.clock.write(draw, act.at)
    };
    let mut entry = Entry::new(&act.id).with("at", at).with("act", act.act.clone());
    entry = match act.act.as_str() {
        "collect" => {
            let source = draw.chance(40).then(|| draw.pick(&world.processors));
            entry.maybe("to", act.to.clone()).maybe("source", source)
        }
        "share" | "verify" | "disclose" | "delegate" | "assign" => {
            entry.with("from", act.actor.clone()).maybe("to", act.to.clone())
        }
        _ => entry.with("by", act.actor.clone()),
    };
    entry = entry
        .with("subjects", whose(draw, world, act.subjects.clone()))
        .with("fields", act.fields.clone());
    if act.act == "derive" {
        let anonymized_input = act.fields.iter().any(|f| world.anonymized.contains(f));
        let anonymized_output = act.makes.iter().all(|f| world.anonymized.contains(f));
        let method = match draw.below(10) {
            _ if anonymized_output && draw.chance(60) => Some("anonymize"),
            5..=9 if anonymized_input => Some("reidentify"),
            4..=6 => Some("deidentify"),
            7 => Some("anonymize"),
            8 => Some("reidentify"),
            _ => None,
        };
        entry = entry.with("makes", act.makes.clone()).maybe("method", method);
    }
    if act.act == "correct" {
        entry = entry.maybe("value", draw.chance(60).then(|| draw.pick(&["v1", "v2"])));
    }
    if act.act == "restrict" {
        entry = entry.maybe("lift", draw.chance(30).then_some("true"));
    }
    if act.act == "store" {
        entry = entry.with("location", draw.pick(&world.countries));
    }
    let left_to_default = act.purpose.as_ref() == default_purpose && draw.chance(70);
    if !left_to_default {
        entry = entry.maybe("purpose", act.purpose.clone());
    }
    let safeguards = draw.chance(40).then(|| draw.some_of(&world.safeguards, 0, 3));
    entry.maybe("safeguards", safeguards).value()
}
