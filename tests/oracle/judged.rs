//! The judged questions `paths` and `unlawful` (docs/checks.md 10), read literally.
//!
//! A hop is (act, field it takes; of an acquisition the field it brings). It is unlawful if `authorized` or `delegation`,
//! judged alone with nothing left out, has a finding about its act with that field.

use super::facts::{self, Event, Facts, Instant};
use super::findings;
use super::lookups::within;
use super::questions::parameter;
use super::replay::{CONTRADICTED, Replay, replay};
use super::standing;
use serde_json::{Value, json};

struct World {
    facts: Facts,
    replay: Replay,
    unlawful: Vec<Wrong>,
}

/// A hop that is unlawful, and why: reason and deciding facts of the first finding about it.
struct Wrong {
    act: usize,
    field: String,
    why: (String, Vec<String>),
}

/// The record of one subject, with the two rules alone.
fn world(file: &Value, subject: &str) -> World {
    let mut file = file.clone();
    let about = json!([subject]);
    let lists = |list: &Value, id: &str| {
        list == id
            || list
                .as_array()
                .is_some_and(|list| list.iter().any(|one| one == id))
    };
    // the subject, everyone, and every cohort that it is a member of
    let mut names = vec![subject.to_owned(), facts::EVERYONE.to_owned()];
    for cohort in file["cohorts"].as_array().into_iter().flatten() {
        if lists(&cohort["members"], subject) {
            names.push(cohort["id"].as_str().expect("an id").to_owned());
        }
    }
    let events = file["events"].as_array_mut().expect("events");
    events.retain(|event| names.iter().any(|name| lists(&event["subjects"], name)));
    for event in events {
        event["subjects"] = about.clone();
    }
    file["rules"] = json!([
        {"id": "authorized", "check": "authorized", "clause": "x", "severity": "error"},
        {"id": "delegation", "check": "delegation", "clause": "x", "severity": "error"},
    ]);
    let facts = facts::read(&file);
    if facts.events.iter().any(|event| event.standing.is_some()) {
        return spelled(&file, &facts);
    }
    let unlawful = wrong(&file, &facts);
    let replay = replay(&facts);
    World {
        facts,
        replay,
        unlawful,
    }
}

/// The unlawful hops of the acts of these facts that happen at one instant.
fn wrong(file: &Value, facts: &Facts) -> Vec<Wrong> {
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.map(|one| one.as_str().expect("a text").to_owned()).collect()
    };
    let mut unlawful = Vec::new();
    for finding in findings::findings(file) {
        let act = |event: &Event| finding["event"] == event.id.as_str() && event.standing.is_none();
        let Some(act) = facts.events.iter().position(act) else {
            continue;
        };
        for field in texts(&finding["fields"]) {
            let reason = finding["reason"].as_str().expect("a reason").to_owned();
            unlawful.push(Wrong {
                act,
                field,
                why: (reason, texts(&finding["because"])),
            });
        }
    }
    unlawful
}

/// The acts about one subject, and what they do to it alone.
pub fn of_one(facts: Facts, subject: &str) -> Facts {
    let mut events = facts.events.clone();
    events.retain(|event| event.subjects.iter().any(|one| one == subject));
    for event in &mut events {
        event.subjects = vec![subject.to_owned()];
    }
    Facts { events, ..facts }
}

/// The same record of one subject, with the act that each one comes from, and with an act at one instant in place of a standing one, again and again: behind every act, and at every
/// instant at which something changes and at `more`, whatever is held and named, until it must have come everywhere.
pub fn spell_out(facts: &Facts, more: Option<Instant>) -> (Facts, Vec<usize>) {
    let mut instants = standing::instants(facts, &replay(facts));
    instants.extend(more);
    instants.sort_unstable();
    instants.dedup();
    let mut events: Vec<Event> = Vec::new();
    let mut origin: Vec<usize> = Vec::new();
    let mut hold: Vec<(String, String)> = Vec::new();
    let mut deleted: Vec<(String, String)> = Vec::new();
    let mut begun: Vec<usize> = Vec::new();
    for t in instants {
        let mut now: Vec<Option<usize>> = Vec::new();
        let at_t = (0..facts.events.len()).filter(|e| facts.events[*e].at == t);
        now.extend(at_t.map(Some));
        now.push(None);
        for e in now {
            match e {
                Some(e) if facts.events[e].standing.is_some() => begun.push(e),
                Some(e) => {
                    happen(&facts.events[e], &mut hold, &mut deleted);
                    events.push(facts.events[e].clone());
                    origin.push(e);
                }
                None => {}
            }
            // Data goes on by one act and field at least in each round, if it goes on.
            let rounds: usize = begun.iter().map(|s| facts.events[*s].fields.len()).sum();
            for _ in 0..rounds {
                for s in &begun {
                    let act = &facts.events[*s];
                    if act.standing.flatten().is_some_and(|until| t >= until) {
                        continue;
                    }
                    let mut moment = act.clone();
                    (moment.at, moment.standing) = (t, None);
                    moment
                        .fields
                        .retain(|field| hold.contains(&(act.actor.clone(), field.clone())));
                    if !moment.fields.is_empty() {
                        happen(&moment, &mut hold, &mut deleted);
                        events.push(moment);
                        origin.push(*s);
                    }
                }
            }
        }
    }
    let facts = Facts {
        events,
        ..facts.clone()
    };
    (facts, origin)
}

/// The record of one subject in which some act stands.
fn spelled(file: &Value, facts: &Facts) -> World {
    let standing_replay = replay(facts);
    let (spelled, origin) = spell_out(facts, None);
    let mut unlawful = Vec::new();
    let plain = wrong(file, facts);
    let mut moments: Vec<Vec<findings::Finding>> = Vec::new();
    for (s, act) in facts.events.iter().enumerate() {
        moments.push(if act.standing.is_some() {
            standing::apart(facts, &standing_replay, s)
        } else {
            Vec::new()
        });
    }
    for (act, (event, s)) in spelled.events.iter().zip(&origin).enumerate() {
        for own in plain.iter().filter(|own| own.act == *s) {
            let (field, why) = (own.field.clone(), own.why.clone());
            unlawful.push(Wrong { act, field, why });
        }
        let mut of_moment: Vec<&findings::Finding> = moments[*s]
            .iter()
            .filter(|finding| {
                let (from, until) = finding.during[0];
                from == event.at || (from < event.at && until.is_none_or(|until| event.at < until))
            })
            .collect();
        of_moment.sort_by_key(|finding| (finding.at, finding.rule.clone()));
        for finding in of_moment {
            for field in &finding.fields {
                let why = (finding.reason.clone(), findings::sorted(finding.because.clone()));
                let field = field.clone();
                unlawful.push(Wrong { act, field, why });
            }
        }
    }
    let replay = replay(&spelled);
    World {
        facts: spelled,
        replay,
        unlawful,
    }
}

/// Who holds what after the act, of one person's data.
fn happen(event: &Event, hold: &mut Vec<(String, String)>, deleted: &mut Vec<(String, String)>) {
    let place = |processor: &String, field: &String| (processor.clone(), field.clone());
    let mut comes: Vec<(String, String)> = Vec::new();
    let mut has_input = false;
    for field in &event.fields {
        let own = place(&event.actor, field);
        let is_held = hold.contains(&own);
        has_input |= is_held || deleted.contains(&own);
        match event.act.as_str() {
            "collect" => comes.push(own),
            "delete" | "assign" if is_held => {
                hold.retain(|other| *other != own);
                if event.act == "delete" {
                    deleted.push(own);
                } else if let Some(to) = &event.recipient {
                    comes.push(place(to, field));
                }
            }
            "share" | "verify" | "disclose" | "delegate" | "assign" if is_held || deleted.contains(&own) => {
                comes.extend(event.recipient.iter().map(|to| place(to, field)));
            }
            _ => {}
        }
    }
    if event.act == "derive" && has_input {
        comes.extend(event.makes.iter().map(|made| place(&event.actor, made)));
    }
    hold.extend(comes);
}

impl World {
    fn is_unlawful(&self, act: usize, field: &str) -> bool {
        self.why(act, field).is_some()
    }

    fn why(&self, act: usize, field: &str) -> Option<&(String, Vec<String>)> {
        let wrong = self
            .unlawful
            .iter()
            .find(|wrong| wrong.act == act && wrong.field == field)?;
        Some(&wrong.why)
    }

    /// For each copy: whether a chain leads from a first acquisition to it that, lawful: has no unlawful hop; otherwise: has
    /// one. With `source`, a chain that has been at a copy of that kind, and met no contradicted copy since.
    fn chains(&self, wants_lawful: bool, source: Option<&dyn Fn(usize) -> bool>) -> Vec<bool> {
        let above = source.map(|_| self.chains(wants_lawful, None));
        let mut leads: Vec<bool> = Vec::new();
        // whether any chain at all leads there
        let mut any: Vec<bool> = Vec::new();
        for (c, copy) in self.replay.copies.iter().enumerate() {
            if let (Some(is_source), Some(above)) = (source, &above) {
                if copy.role == CONTRADICTED {
                    leads.push(false);
                    any.push(false);
                    continue;
                }
                if is_source(c) {
                    leads.push(above[c]);
                    any.push(true);
                    continue;
                }
            } else if copy.parents.is_empty() {
                leads.push(self.is_unlawful(copy.via, &copy.field) != wants_lawful);
                any.push(true);
                continue;
            }
            let hop = |p: &usize| self.is_unlawful(copy.via, &self.replay.copies[*p].field);
            leads.push(copy.parents.iter().any(|p| {
                if wants_lawful {
                    leads[*p] && !hop(p)
                } else {
                    leads[*p] || (any[*p] && hop(p))
                }
            }));
            any.push(copy.parents.iter().any(|p| any[*p]));
        }
        leads
    }

    fn descendants(&self, of: &[usize]) -> Vec<usize> {
        let mut found = of.to_vec();
        for (c, copy) in self.replay.copies.iter().enumerate() {
            let goes_on = copy.role != CONTRADICTED && copy.start <= self.facts.as_of;
            if goes_on && !found.contains(&c) && copy.parents.iter().any(|p| found.contains(p)) {
                found.push(c);
            }
        }
        found
    }
}

/// The fewest acts without which the field does not reach the processor, by trying all sets of up to three acts;
/// `None` when that is not to be tried: with an assign, which also ends. And whether it does not without these ones.
pub fn fewest_acts(file: &Value, ask: &Value, named: &[String]) -> Option<(Vec<String>, bool)> {
    let (field, to) = (parameter(ask, "field"), parameter(ask, "to"));
    let from = facts::text(ask, "from");
    let subject = parameter(ask, "subject");
    let file = &super::questions::of_subject(file, &subject);
    let read = || of_one(facts::read(file), &subject);
    let all = read();
    let is_source = |copy: &super::replay::Copy| {
        copy.subject == subject
            && copy.field == field
            && from
                .as_ref()
                .is_none_or(|from| within(&all, &copy.processor, from, copy.start))
    };
    let reaches = |facts: &Facts| {
        let (facts, _) = spell_out(facts, None);
        let replay = replay(&facts);
        let mut below: Vec<bool> = Vec::new();
        for copy in &replay.copies {
            let descends = copy.parents.iter().any(|p| below[*p]);
            below.push(copy.role != CONTRADICTED && (is_source(copy) || descends));
        }
        (0..below.len()).any(|c| {
            let copy = &replay.copies[c];
            below[c]
                && within(&facts, &copy.processor, &to, copy.start)
                && copy.subject == subject
                && copy.start <= facts.as_of
        })
    };
    let (spelled, origin) = spell_out(&all, None);
    let whole = replay(&spelled);
    let mut below: Vec<bool> = Vec::new();
    for copy in &whole.copies {
        let descends = copy.parents.iter().any(|p| below[*p]);
        below.push(copy.role != CONTRADICTED && (is_source(copy) || descends));
    }
    // A source that is made of something else is there because of the acts that brought that: any act may count then.
    let is_made = |copy: &super::replay::Copy| is_source(copy) && !copy.parents.iter().all(|p| below[*p]);
    let any_made = whole.copies.iter().any(is_made);
    let mut acts: Vec<usize> = Vec::new();
    for (c, copy) in whole.copies.iter().enumerate() {
        let act = origin[copy.via];
        if (below[c] || any_made) && !copy.parents.is_empty() && !acts.contains(&act) {
            acts.push(act);
        }
    }
    if acts.iter().any(|e| all.events[*e].act == "assign") {
        return None;
    }
    let without = |gone: &[usize]| {
        let mut facts = read();
        for e in gone {
            facts.events[*e].to = None;
            facts.events[*e].recipient = None;
            facts.events[*e].makes = Vec::new();
        }
        !reaches(&facts)
    };
    if without(&[]) {
        return None;
    }
    let named: Vec<usize> = (0..all.events.len())
        .filter(|e| named.contains(&all.events[*e].id))
        .collect();
    let cuts = without(&named);
    let few = |gone: &[usize]| gone.iter().map(|e| all.events[*e].id.clone()).collect();
    if let Some(a) = acts.iter().find(|a| without(&[**a])) {
        return Some((few(&[*a]), cuts));
    }
    for (i, a) in acts.iter().enumerate() {
        if let Some(b) = acts[i + 1..].iter().find(|b| without(&[*a, **b])) {
            return Some((few(&[*a, *b]), cuts));
        }
    }
    for (i, a) in acts.iter().enumerate() {
        for (j, b) in acts.iter().enumerate().skip(i + 1) {
            if let Some(c) = acts[j + 1..].iter().find(|c| without(&[*a, *b, **c])) {
                return Some((few(&[*a, *b, *c]), cuts));
            }
        }
    }
    None
}

/// The codes of the rows of `paths`.
pub fn paths(file: &Value, ask: &Value) -> Vec<&'static str> {
    let (field, to) = (parameter(ask, "field"), parameter(ask, "to"));
    let from = facts::text(ask, "from");
    let world = world(file, &parameter(ask, "subject"));
    let copies = &world.replay.copies;
    let is_at = |c: usize, who: &String| within(&world.facts, &copies[c].processor, who, copies[c].start);
    let is_source = |c: usize| copies[c].field == field && from.as_ref().is_none_or(|from| is_at(c, from));
    let mut codes = Vec::new();
    for (wants_lawful, code) in [(true, "lawful"), (false, "unlawful")] {
        let leads = world.chains(wants_lawful, Some(&is_source));
        let arrives = |c: usize| is_at(c, &to) && copies[c].start <= world.facts.as_of && leads[c];
        if (0..copies.len()).any(arrives) {
            codes.push(code);
        }
    }
    codes
}

/// An unlawful hop: act, field, and why.
type Hop<'w> = (String, String, &'w (String, Vec<String>));

/// The rows of `unlawful`: act, field and parties.
pub fn unlawful(file: &Value, ask: &Value) -> Vec<(String, String, Vec<String>)> {
    let field = parameter(ask, "field");
    let (from, to) = (facts::text(ask, "from"), facts::text(ask, "to"));
    let world = world(file, &parameter(ask, "subject"));
    let copies = &world.replay.copies;
    let is_at = |c: usize, who: &String| within(&world.facts, &copies[c].processor, who, copies[c].start);
    let is_source = |c: usize| copies[c].field == field && from.as_ref().is_none_or(|from| is_at(c, from));
    let clean = world.chains(true, None);
    let clean_below = world.chains(true, Some(&is_source));
    // moments of one act that are wrong for the same reason are one hop
    let mut hops: Vec<(Hop<'_>, Vec<usize>)> = Vec::new();
    for (e, event) in world.facts.events.iter().enumerate() {
        for taken in &world.facts.fields {
            let taken = &taken.id;
            let Some(why) = world.why(e, taken) else {
                continue;
            };
            // what the act made by this hop from somebody whom a lawful chain leads to
            let mut made = Vec::new();
            let mut has_source = false;
            for (c, copy) in copies.iter().enumerate() {
                if copy.via != e || copy.role == CONTRADICTED || copy.start > world.facts.as_of {
                    continue;
                }
                if copy.parents.is_empty() && copy.field == *taken {
                    made.push(c);
                }
                let givers: Vec<usize> = copy
                    .parents
                    .iter()
                    .copied()
                    .filter(|p| copies[*p].field == *taken && clean[*p])
                    .collect();
                if !givers.is_empty() {
                    made.push(c);
                    has_source |= givers.iter().any(|p| clean_below[*p]);
                }
            }
            let mut below = world.descendants(&made);
            if !has_source {
                below.retain(|c| is_source(*c));
                below = world.descendants(&below);
            }
            let hop = (event.id.clone(), taken.clone(), why);
            match hops.iter_mut().find(|(other, _)| *other == hop) {
                Some((_, also)) => also.extend(below),
                None => hops.push((hop, below)),
            }
        }
    }
    let mut rows = Vec::new();
    for ((act, field, _), below) in hops {
        let parties = findings::sorted(below.iter().map(|c| copies[*c].processor.clone()).collect());
        let led_there = |to: &String| below.iter().any(|c| is_at(*c, to));
        if !parties.is_empty() && to.as_ref().is_none_or(led_there) {
            rows.push((act, field, parties));
        }
    }
    rows.sort();
    rows
}
