//! The questions (docs/checks.md 10).

use super::facts::{self, Facts};
use super::lookups::{is_crossing, is_personal, relocations, within};
use super::replay::{Replay, Support, replay};
use serde_json::{Value, json};

/// The file without the events that were not known yet: one without `recorded` is known from its own instant on
/// (docs/fact-file.md 8). A deletion of which nobody knew has ended nothing.
fn as_known(file: &Value, ask: &Value) -> Value {
    let mut file = file.clone();
    if let (Some(moment), Some(Value::Array(events))) =
        (facts::instant(ask, "as_known_at"), file.get_mut("events"))
    {
        events.retain(|event| facts::instant(event, "at").is_none_or(|at| at <= moment));
    }
    file
}

/// What the record of one person is (docs/semantics.md 3): what is said to happen to everyone's data happens to it too.
pub fn of_subject(file: &Value, subject: &str) -> Value {
    let mut file = file.clone();
    if subject == facts::EVERYONE {
        return file;
    }
    for event in file["events"].as_array_mut().into_iter().flatten() {
        let subjects = &mut event["subjects"];
        let own = Value::from(subject);
        if *subjects == facts::EVERYONE {
            *subjects = json!([own]);
        } else if let Some(list) = subjects.as_array_mut()
            && list.iter().any(|one| one == facts::EVERYONE)
        {
            list.retain(|one| one != facts::EVERYONE && *one != own);
            list.push(own);
        }
    }
    file
}

/// `answer`, and for `reach` also `witness` and `arrivals`.
pub fn answer(file: &Value, ask: &Value) -> Value {
    answer_of_known(&as_known(file, ask), ask)
}

/// The same of a file that holds nothing but what was known: then `as_known_at` is the limit of reach and no more.
pub fn answer_of_known(file: &Value, ask: &Value) -> Value {
    let facts = facts::read(&of_subject(file, &parameter(ask, "subject")));
    let replay = replay(&facts);
    match facts::text(ask, "ask").expect("a question has a kind").as_str() {
        "reach" => super::reach::answer(&facts, &replay, ask),
        "holders" => holders(&facts, &replay, ask),
        "purposes" => purposes(&facts, &replay, ask),
        "crossings" => crossings(&facts, &replay, ask),
        "downstream" => downstream(&facts, &replay, ask),
        "sources" => sources(&facts, &replay, ask),
        other => panic!("unknown question {other}"),
    }
}

pub fn parameter(ask: &Value, key: &str) -> String {
    facts::text(ask, key).unwrap_or_else(|| panic!("{key} is missing in {ask}"))
}

/// Row holders.
fn holders(facts: &Facts, replay: &Replay, ask: &Value) -> Value {
    let (field, subject) = (parameter(ask, "field"), parameter(ask, "subject"));
    let t = facts::instant(ask, "at").unwrap_or(facts.as_of);
    let mut found = Vec::new();
    for copy in &replay.copies {
        if copy.field == field
            && copy.subject == subject
            && copy.start <= t
            && copy.end.is_none_or(|end| end > t)
        {
            found.push(copy.processor.clone());
        }
    }
    json!({"answer": super::findings::sorted(found)})
}

/// Row purposes.
fn purposes(facts: &Facts, replay: &Replay, ask: &Value) -> Value {
    let (field, subject) = (parameter(ask, "field"), parameter(ask, "subject"));
    let mut found: Vec<(String, String)> = Vec::new();
    for (e, event) in facts.events.iter().enumerate() {
        if !matches!(event.act.as_str(), "use" | "derive") {
            continue;
        }
        for pair in &replay.pairs[e] {
            if pair.field == field && pair.subject == subject && pair.support != Support::Unsupported {
                found.push((
                    event.actor.clone(),
                    event.purpose.clone().expect("a use has a purpose"),
                ));
            }
        }
    }
    found.sort();
    found.dedup();
    json!({ "answer": found })
}

/// Row crossings.
fn crossings(facts: &Facts, replay: &Replay, ask: &Value) -> Value {
    let subject = parameter(ask, "subject");
    let mut found: Vec<String> = Vec::new();
    for (e, event) in facts.events.iter().enumerate() {
        let crosses = |event: &super::facts::Event| {
            let stored_abroad = event.act == "store" && event.location.as_ref() != Some(&facts.home);
            event.subjects.contains(&subject)
                && event.fields.iter().any(|f| is_personal(facts, f))
                && (is_crossing(facts, event) || stored_abroad)
        };
        let is_found = if event.standing.is_some() {
            super::standing::moments(facts, replay, e)
                .iter()
                .any(|moment| crosses(&moment.event))
        } else {
            crosses(event)
        };
        if is_found {
            found.push(event.id.clone());
        }
    }
    for processor in &facts.processors {
        for (t, _, country) in relocations(facts, &processor.id) {
            let there = replay.copies.iter().any(|copy| {
                copy.processor == processor.id
                    && copy.subject == subject
                    && copy.start < t
                    && copy.end.is_none_or(|end| end > t)
            });
            if country != facts.home && there {
                found.push(format!("move:{}:{country}", processor.id));
            }
        }
    }
    json!({ "answer": found })
}

/// Row downstream: all copies with a proper ancestor among the copies of field at `from`.
fn downstream(facts: &Facts, replay: &Replay, ask: &Value) -> Value {
    let (from, field, subject) = (
        parameter(ask, "from"),
        parameter(ask, "field"),
        parameter(ask, "subject"),
    );
    let mut found: Vec<(String, String)> = Vec::new();
    for (c, copy) in replay.copies.iter().enumerate() {
        let ancestors = replay.ancestors(facts, c, usize::MAX, &|_| true);
        let comes_from_there = ancestors.iter().any(|a| {
            let above = &replay.copies[*a];
            within(facts, &above.processor, &from, above.start)
                && above.field == field
                && above.subject == subject
        });
        if comes_from_there {
            found.push((copy.processor.clone(), copy.field.clone()));
        }
    }
    found.sort();
    found.dedup();
    json!({ "answer": found })
}

/// Row sources: the copies without parents above (or equal to) the never-ended copies of the field at the processor.
fn sources(facts: &Facts, replay: &Replay, ask: &Value) -> Value {
    let (processor, field, subject) = (
        parameter(ask, "processor"),
        parameter(ask, "field"),
        parameter(ask, "subject"),
    );
    let mut found: Vec<(String, String, String)> = Vec::new();
    for (c, copy) in replay.copies.iter().enumerate() {
        let asked = within(facts, &copy.processor, &processor, copy.start)
            && copy.field == field
            && copy.subject == subject;
        if !asked || copy.end.is_some() {
            continue;
        }
        let ancestors = replay.ancestors(facts, c, usize::MAX, &|_| true);
        for a in std::iter::once(c).chain(ancestors) {
            let above = &replay.copies[a];
            if above.parents.is_empty() {
                found.push((
                    above.processor.clone(),
                    above.field.clone(),
                    facts.events[above.via].id.clone(),
                ));
            }
        }
    }
    found.sort();
    found.dedup();
    json!({ "answer": found })
}
