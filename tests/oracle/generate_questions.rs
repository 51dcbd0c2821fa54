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
        let entry = Entry::default().with("ask", kind);
        let entry = match kind {
            "reach" => {
                let from = draw.chance(50).then_some(from);
                let through = draw.chance(30).then(|| draw.pick(&processors));
                let personal_only = draw.chance(40).then_some("true");
                let entry = entry
                    .with("field", field)
                    .maybe("from", from)
                    .with("to", to)
                    .with("subject", subject);
                let entry = entry
                    .maybe("through", through)
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

fn instant(draw: &mut Draw, clock: &Clock, percent: usize) -> Option<Value> {
    draw.chance(percent).then(|| {
        let t = clock.instant(draw);
        clock.write(draw, t)
    })
}
