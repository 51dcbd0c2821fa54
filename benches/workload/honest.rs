//! Acts of people at parties that do what they should: nobody works with or passes on what they do not hold, and what is
//! collected is used.

use super::workload::{FIELDS, PARTIES, Random, Size, catalogue, write_act};

/// Something that a party holds of a person.
#[derive(Clone, Copy)]
struct Held {
    party: usize,
    field: usize,
}

/// A person's data, as far as the acts have come.
#[derive(Clone, Default)]
struct Person {
    held: Vec<Held>,
    /// What was collected and not used yet.
    unused: Option<Held>,
}

/// A fact file as NDJSON: about a quarter of the acts collect, a good half shares, the rest uses. Everybody has as many acts.
/// Inside a day acts are in no order, as in a log that several systems write, so an act that makes and one that takes are of
/// different days: a person comes up again when everybody else has.
pub fn honest(size: Size) -> String {
    let mut random = Random(11);
    let mut out = catalogue(size);
    let mut people: Vec<Person> = vec![Person::default(); size.people];
    for i in 0..size.acts {
        let who = i % size.people;
        let person = &mut people[who];
        let is_last = i + size.people >= size.acts;
        let (to, field) = (random.below(PARTIES), random.below(FIELDS));
        let word = random.below(100);
        let collects = person.held.is_empty() || (word < 30 && person.unused.is_none() && !is_last);
        if collects {
            let held = Held { party: to, field };
            person.held.push(held);
            person.unused = Some(held);
            let parties = format!("\"act\":\"collect\",\"to\":\"party-{to}\"");
            write_act(&mut out, (i, size), who, field, &parties);
            continue;
        }
        let any = person.held[random.below(person.held.len())];
        let Held { party, field } = person.unused.take().unwrap_or(any);
        let parties = if word < 82 && to != party {
            person.held.push(Held { party: to, field });
            format!("\"act\":\"share\",\"from\":\"party-{party}\",\"to\":\"party-{to}\"")
        } else {
            format!("\"act\":\"use\",\"by\":\"party-{party}\"")
        };
        write_act(&mut out, (i, size), who, field, &parties);
    }
    out
}
