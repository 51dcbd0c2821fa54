//! Random questions of all six kinds (docs/checks.md 10) about a given file.

use super::draw::{Clock, Draw, Entry};
use super::facts;
use serde_json::Value;

/// 1 to 12 questions. They name subjects, fields and processors of the file, mostly those of its acts.
pub fn questions(entropy: &[u8], file: &Value) -> Vec<Value> {
    let draw = &mut Draw::new(entropy);
    let facts = facts::read(file);
    let mut pool: Vec<i64> = facts.events.iter().map(|e| e.at).collect();
    pool.push(facts.as_of);
    let clock = Clock {
        timezone: facts.timezone.clone(),
        pool,
    };
    let subjects: Vec<String> = facts.subjects.iter().map(|s| s.id.clone()).collect();
    let fields: Vec<String> = facts.fields.iter().map(|f| f.id.clone()).collect();
    let processors: Vec<String> = facts.processors.iter().map(|p| p.id.clone()).collect();

    let mut out = Vec::new();
    for _ in 0..draw.between(1, 12) {
        let kind = [
            "reach",
            "reach",
            "reach",
            "holders",
            "purposes",
            "crossings",
            "downstream",
            "sources",
        ][draw.below(8)];
        // an act at the start and one at the end of what is asked about
        let (first, last) = (draw.below(facts.events.len()), draw.below(facts.events.len()));
        let (first, last) = (&facts.events[first.min(last)], &facts.events[first.max(last)]);
        let by_acts = draw.chance(75);
        let subject = if by_acts {
            draw.pick(&last.subjects)
        } else {
            draw.pick(&subjects)
        };
        let field = if by_acts {
            draw.pick(&first.fields)
        } else {
            draw.pick(&fields)
        };
        let from = if by_acts {
            first.to.clone().unwrap_or(first.actor.clone())
        } else {
            draw.pick(&processors)
        };
        let to = if by_acts {
            last.to.clone().unwrap_or(last.actor.clone())
        } else {
            draw.pick(&processors)
        };
        // now and then what is around it in its stead
        let mut outer = |id: String| {
            let around = facts
                .processors
                .iter()
                .find(|p| p.id == id)
                .and_then(|p| p.inside.clone());
            around.filter(|_| draw.chance(40)).unwrap_or(id)
        };
        let (from, to) = (outer(from), outer(to));
        let entry = Entry::default().with("ask", kind);
        let entry = match kind {
            "reach" => {
                let from = draw.chance(50).then_some(from);
                let through = match draw.below(10) {
                    0 | 1 => Some(Value::from(draw.pick(&processors))),
                    2 => Some(Value::from(draw.some_of(&processors, 1, 2))),
                    _ => None,
                };
                // who must not have had it: nobody whom the question itself leads through
                let mut avoiding = if draw.chance(30) {
                    draw.some_of(&processors, 0, 2)
                } else {
                    Vec::new()
                };
                avoiding.retain(|who| {
                    let named = through.as_ref().is_some_and(|ids| {
                        ids == who || ids.as_array().is_some_and(|list| list.iter().any(|id| id == who))
                    });
                    !named && from.as_ref() != Some(who) && to != *who
                });
                let avoiding = (!avoiding.is_empty()).then_some(avoiding);
                let personal_only = draw.chance(40).then_some("true");
                let entry = entry
                    .with("field", field)
                    .maybe("from", from)
                    .with("to", to)
                    .with("subject", subject);
                let entry = entry
                    .maybe("through", through)
                    .maybe("avoiding", avoiding)
                    .maybe("held_at", instant(draw, &clock, 20))
                    .maybe("during", window(draw, &clock))
                    .maybe("personal_only", personal_only);
                entry.maybe("as_known_at", instant(draw, &clock, 30))
            }
            "holders" => entry
                .with("field", field)
                .with("subject", subject)
                .maybe("at", instant(draw, &clock, 60)),
            "purposes" => entry.with("field", field).with("subject", subject),
            "crossings" => entry.with("subject", subject),
            "downstream" => entry
                .with("from", from)
                .with("field", field)
                .with("subject", subject),
            _ => entry
                .with("processor", to)
                .with("field", field)
                .with("subject", subject),
        };
        out.push(entry.value());
    }
    out
}

/// `FROM/UNTIL`, one side may be open.
fn window(draw: &mut Draw, clock: &Clock) -> Option<String> {
    let (from, until) = (instant(draw, clock, 15)?, instant(draw, clock, 80));
    let (from, until) = (
        from.as_str()?.to_owned(),
        until.and_then(|t| Some(t.as_str()?.to_owned())),
    );
    let order = |text: &str| facts::instant(&Value::from_iter([("t", text)]), "t");
    Some(match until {
        Some(until) if order(&from) < order(&until) => format!("{from}/{until}"),
        _ if draw.chance(50) => format!("../{from}"),
        _ => format!("{from}/.."),
    })
}

fn instant(draw: &mut Draw, clock: &Clock, percent: usize) -> Option<Value> {
    draw.chance(percent).then(|| {
        let t = clock.instant(draw);
        clock.write(draw, t)
    })
}
