//! A random file (`generate`) with the keys, facts and rules that the further checks look at: who died, what was declared,
//! which purpose ended, who was audited. Drawn from the last bytes of the same string, around the acts of the file.

use super::draw::{Draw, Entry};
use super::facts::{self, DAY, Event, Facts, HOUR, Instant};
use super::lookups::print_instant;
use super::{generate, generate_wide_rules};
use serde_json::{Value, json};

/// What the facts are drawn around.
pub struct Around {
    pub facts: Facts,
    pub subjects: Vec<String>,
    pub fields: Vec<String>,
    pub categories: Vec<String>,
    pub processors: Vec<String>,
    pub purposes: Vec<String>,
}

pub const RIGHTS: [&str; 3] = ["access", "correct", "delete"];
pub const CONTENTS: [&str; 3] = ["what", "risk", "remedy"];
pub const WARRANTIES: [&str; 2] = ["warranty", "licence"];
pub const SAFEGUARDS: [&str; 3] = ["tls", "audit-log", "masking"];

pub fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(std::string::ToString::to_string).collect()
}

impl Around {
    pub fn act(&self, draw: &mut Draw, kinds: &[&str]) -> Event {
        let fitting: Vec<Event> = self
            .facts
            .events
            .iter()
            .filter(|e| kinds.is_empty() || kinds.contains(&e.act.as_str()))
            .cloned()
            .collect();
        if fitting.is_empty() {
            draw.pick(&self.facts.events)
        } else {
            draw.pick(&fitting)
        }
    }

    /// The very instant, a day or an hour beside it, `as_of`, or that of another act.
    pub fn near(&self, draw: &mut Draw, t: Instant) -> Instant {
        match draw.below(10) {
            0..=2 => t,
            3 => t - DAY,
            4 => t + DAY,
            5 => t - HOUR,
            6 => t - 3 * DAY,
            7 => self.facts.as_of,
            8 => draw.pick(&self.facts.events).at + DAY,
            _ => draw.pick(&self.facts.events).at,
        }
    }

    pub fn write(&self, t: Instant) -> Value {
        json!(print_instant(&self.facts.timezone, t))
    }

    /// `from` before or at t, `until` often at t.
    fn validity(&self, draw: &mut Draw, entry: Entry, t: Instant) -> Entry {
        let from = self.near(draw, t);
        let until = match draw.below(4) {
            0 => None,
            1 => Some(t),
            2 => Some(t + DAY),
            _ => Some(self.near(draw, t)),
        };
        entry.with("from", self.write(from)).maybe(
            "until",
            until.filter(|until| *until > from).map(|t| self.write(t)),
        )
    }
}

/// The whole file.
pub fn wide_file(entropy: &[u8]) -> Value {
    let mut file = generate::fact_file(entropy);
    let from_behind: Vec<u8> = entropy.iter().rev().copied().collect();
    let draw = &mut Draw::new(&from_behind);
    let facts = facts::read(&file);
    let around = Around {
        subjects: facts.subjects.iter().map(|x| x.id.clone()).collect(),
        fields: facts.fields.iter().map(|x| x.id.clone()).collect(),
        categories: facts.categories.iter().map(|x| x.id.clone()).collect(),
        processors: facts.processors.iter().map(|x| x.id.clone()).collect(),
        purposes: facts.purposes.iter().map(|x| x.id.clone()).collect(),
        facts,
    };
    things(draw, &around, &mut file);
    permissions(draw, &around, &mut file);
    records(draw, &around, &mut file);
    requests_and_incidents(draw, &around, &mut file);
    let rules = generate_wide_rules::rules(draw, &around);
    add(&mut file, "rules", rules);
    file
}

/// The items of a section, to be changed.
fn items<'a>(file: &'a mut Value, section: &str) -> impl Iterator<Item = &'a mut Value> {
    file.get_mut(section)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn add(file: &mut Value, section: &str, more: Vec<Value>) {
    let mut all = match file.get(section) {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    all.extend(more);
    if !all.is_empty() {
        file[section] = json!(all);
    }
}

fn things(draw: &mut Draw, around: &Around, file: &mut Value) {
    for subject in items(file, "subjects") {
        if draw.chance(40) {
            let t = draw.pick(&around.facts.events).at;
            let died = around.near(draw, t);
            subject["died"] = around.write(died);
            if draw.chance(40) {
                subject["arranged"] = json!("true");
            }
        }
    }
    for field in items(file, "fields") {
        if draw.chance(30) {
            field["strictly_needed"] = json!("true");
        }
    }
    for processor in items(file, "processors") {
        let id = facts::text(processor, "id").expect("an id");
        let own: Vec<Event> = around
            .facts
            .events
            .iter()
            .filter(|e| e.actor == id || e.to.as_ref() == Some(&id))
            .cloned()
            .collect();
        if own.is_empty() {
            continue;
        }
        if draw.chance(35) {
            let t = draw.pick(&own).at;
            let ceased = around.near(draw, t);
            processor["ceased"] = around.write(ceased);
        }
        let mut periods = Vec::new();
        for _ in 0..draw.below(3) {
            let t = draw.pick(&own).at;
            let period = Entry::default().with("safeguard", draw.pick(&SAFEGUARDS));
            periods.push(around.validity(draw, period, t).value());
        }
        if !periods.is_empty() {
            processor["safeguard_periods"] = json!(periods);
        }
        let mut accesses = Vec::new();
        for i in 0..draw.below(3) {
            let access = Entry::default()
                .with("role", format!("role-{i}"))
                .with("fields", draw.some_of(&around.fields, 1, 3));
            let purposes = draw.some_of(&around.purposes, 0, 2);
            accesses.push(
                access
                    .maybe("purposes", (!purposes.is_empty()).then_some(purposes))
                    .value(),
            );
        }
        if !accesses.is_empty() {
            processor["accesses"] = json!(accesses);
        }
    }
    for purpose in items(file, "purposes") {
        if draw.chance(45) {
            let t = draw.pick(&around.facts.events).at;
            let ended = around.near(draw, t);
            purpose["ended"] = around.write(ended);
        }
    }
}

const BASES: [&str; 13] = [
    "consent",
    "contract",
    "legal-duty",
    "justice",
    "emergency",
    "service-stability",
    "national-security",
    "other-law",
    "public-task",
    "consent",
    "self-disclosed",
    "press",
    "legitimate-interest",
];

fn permissions(draw: &mut Draw, around: &Around, file: &mut Value) {
    for a in items(file, "authorizations") {
        match draw.below(6) {
            0 => a["manner"] = json!("silence"),
            1 => a["manner"] = json!("continued-use"),
            2 => a["manner"] = json!("act"),
            _ => {}
        }
        for (key, percent) in [("evidence", 40), ("notice", 40), ("citation", 50)] {
            if draw.chance(percent) {
                a[key] = json!(["file 7", "file 8", ""][draw.below(3)]);
            }
        }
        if draw.chance(50) {
            a["service"] = json!(draw.pick(&around.purposes));
        }
        if draw.chance(30) {
            a["basis"] = json!(draw.pick(&BASES));
        }
        if draw.chance(35) {
            let acts = a["acts"].as_array_mut().expect("a list of acts");
            acts.push(json!("assign"));
        }
    }
    // authorizations for assigns, nearly fitting
    let mut more = Vec::new();
    for i in 0..draw.below(3) {
        let about = around.act(draw, &["assign"]);
        let entry = Entry::new(&format!("az-w{i}"))
            .with("basis", ["consent", "consent", "contract"][draw.below(3)])
            .with("grade", ["separate", "explicit", "general"][draw.below(3)])
            .maybe("given_by", draw.chance(50).then_some("guardian"))
            .with("holder", about.actor.clone())
            .with("acts", ["assign", "assign", "assign", "share"][draw.below(4)])
            .with("fields", about.fields.clone())
            .maybe("manner", draw.chance(30).then_some("silence"));
        let entry = entry.maybe("recipients", about.recipient.clone()).with(
            "purposes",
            about
                .purpose
                .clone()
                .unwrap_or_else(|| draw.pick(&around.purposes)),
        );
        let entry = around.validity(draw, entry, about.at).value();
        let mut entry = entry;
        entry["acts"] = json!([entry["acts"]]);
        entry["purposes"] = json!([entry["purposes"]]);
        more.push(entry);
    }
    add(file, "authorizations", more);
    for choice in items(file, "choices") {
        if draw.chance(40) {
            choice["by"] = json!(["guardian", "subject"][draw.below(2)]);
        }
    }
    let mut agreements = Vec::new();
    for i in 0..draw.below(4) {
        let about = around.act(draw, &["share", "verify", "delegate", "assign", "collect"]);
        let Some(other) = about.recipient.clone().or(about.source.clone()) else {
            continue;
        };
        if other == about.actor {
            continue;
        }
        let between = vec![other, about.actor.clone()];
        let kind = ["partner", "joint"][draw.below(2)];
        let mut entry = Entry::new(&format!("ag-w{i}"))
            .with("kind", kind)
            .with("between", between);
        if kind == "joint" {
            let purpose = about
                .purpose
                .clone()
                .unwrap_or_else(|| draw.pick(&around.purposes));
            entry = entry
                .with("fields", about.fields.clone())
                .with("purposes", vec![purpose]);
        }
        agreements.push(around.validity(draw, entry, about.at).value());
    }
    add(file, "agreements", agreements);
    let mut edges = Vec::new();
    for i in 0..draw.below(3) {
        let states = draw.some_of(&texts(&["identified", "deidentified"]), 0, 2);
        edges.push(
            Entry::new(&format!("ce-{i}"))
                .with("from", draw.pick(&around.purposes))
                .with("to", draw.pick(&around.purposes))
                .maybe("states", (!states.is_empty()).then_some(states))
                .value(),
        );
    }
    add(file, "compatibility", edges);
    let mut periods = Vec::new();
    for _ in 0..draw.below(3) {
        let about = around.act(draw, &["collect", "share", "derive"]);
        periods.push(
            Entry::default()
                .with(
                    "processor",
                    about.to.clone().unwrap_or_else(|| about.actor.clone()),
                )
                .with("fields", about.fields.clone())
                .maybe("days", draw.chance(80).then(|| draw.below(4).to_string()))
                .value(),
        );
    }
    add(file, "retention_periods", periods);
}

/// One entry of `declares`, around an act of the processor.
fn declared(draw: &mut Draw, around: &Around, processor: &str) -> Value {
    let own: Vec<Event> = around
        .facts
        .events
        .iter()
        .filter(|e| e.actor == processor)
        .cloned()
        .collect();
    let about = if own.is_empty() {
        around.act(draw, &[])
    } else {
        draw.pick(&own)
    };
    let mut entry = Entry::default();
    if draw.chance(80) {
        entry = entry.with("fields", about.fields.clone());
    } else {
        entry = entry.with("categories", draw.some_of(&around.categories, 1, 2));
    }
    let purpose = about
        .purpose
        .clone()
        .filter(|_| draw.chance(70))
        .unwrap_or_else(|| draw.pick(&around.purposes));
    let recipient = about
        .recipient
        .clone()
        .unwrap_or_else(|| draw.pick(&around.processors));
    entry
        .with("purposes", purpose)
        .maybe("acts", draw.chance(40).then(|| about.act.clone()))
        .maybe("recipients", draw.chance(40).then_some(recipient))
        .value()
}

fn records(draw: &mut Draw, around: &Around, file: &mut Value) {
    let mut versions = Vec::new();
    for i in 0..draw.below(4) {
        let about = around.act(draw, &[]);
        let effective = around.near(draw, about.at);
        let mut version = Entry::new(&format!("pv-w{i}"))
            .with("processor", about.actor.clone())
            .with("effective", around.write(effective));
        if draw.chance(50) {
            let announced = around.near(draw, about.at);
            version = version.with("announced", around.write(announced));
        }
        versions.push(version.value());
    }
    add(file, "policies", versions);
    for policy in items(file, "policies") {
        let processor = facts::text(policy, "processor").expect("a processor");
        if draw.chance(75) {
            let entries: Vec<Value> = (0..draw.below(4))
                .map(|_| declared(draw, around, &processor))
                .collect();
            policy["declares"] = json!(entries);
        }
        if draw.chance(60) {
            policy["rights"] = json!(draw.some_of(&texts(&RIGHTS), 1, 3));
        }
        if draw.chance(60) {
            policy["services"] = json!(draw.some_of(&around.purposes, 1, 2));
        }
    }
    let policies: Vec<(String, String)> = items(file, "policies")
        .map(|p| {
            (
                facts::text(p, "processor").expect("who"),
                facts::text(p, "id").expect("id"),
            )
        })
        .collect();
    let mut notices = Vec::new();
    for i in 0..draw.below(5) {
        let about = around.act(draw, &[]);
        let kind = ["policy-change", "bad-record", "cessation", "policy-change"][draw.below(4)];
        let (mut processor, mut policy) = (about.actor.clone(), None);
        if kind == "policy-change" && !policies.is_empty() && draw.chance(70) {
            let (whose, id) = draw.pick(&policies);
            processor = whose;
            policy = draw.chance(60).then_some(id);
        }
        let at = around.near(draw, about.at);
        let subjects = match draw.below(5) {
            0 => vec!["everyone".to_string()],
            1 => draw.some_of(&around.subjects, 1, 4),
            _ => about.subjects.clone(),
        };
        notices.push(
            Entry::new(&format!("nt-w{i}"))
                .with("kind", kind)
                .with("processor", processor)
                .with("subjects", subjects)
                .maybe("policy", policy)
                .with("at", around.write(at))
                .value(),
        );
    }
    add(file, "notices", notices);
    let mut audits = Vec::new();
    for i in 0..draw.below(3) {
        let about = around.act(draw, &["share", "delegate"]);
        let at = around.near(draw, about.at);
        audits.push(
            Entry::new(&format!("au-w{i}"))
                .with("by", about.actor.clone())
                .with(
                    "of",
                    about
                        .recipient
                        .clone()
                        .unwrap_or_else(|| draw.pick(&around.processors)),
                )
                .with("at", around.write(at))
                .value(),
        );
    }
    add(file, "audits", audits);
    for audit in items(file, "audits") {
        match draw.below(6) {
            0 | 1 => audit["independent"] = json!("false"),
            2 => audit["independent"] = json!("true"),
            _ => {}
        }
        match draw.below(6) {
            0 | 1 => audit["cooperation"] = json!("refused"),
            2 => audit["cooperation"] = json!("full"),
            _ => {}
        }
    }
    let mut evidence = Vec::new();
    for i in 0..draw.below(4) {
        let about = around.act(draw, &["share", "verify", "assign", "collect"]);
        let giver = about.from.clone().or(about.source.clone());
        let entry = Entry::new(&format!("pf-w{i}"))
            .with(
                "processor",
                giver.unwrap_or_else(|| draw.pick(&around.processors)),
            )
            .with("kind", draw.pick(&WARRANTIES));
        evidence.push(around.validity(draw, entry, about.at).value());
    }
    add(file, "evidence", evidence);
}

fn requests_and_incidents(draw: &mut Draw, around: &Around, file: &mut Value) {
    for request in items(file, "requests") {
        let kinds = ["access", "copy", "correct", "delete", "close", "withdraw"];
        if draw.chance(15) {
            request.as_object_mut().expect("a mapping").remove("kind");
        } else {
            request["kind"] = json!(draw.pick(&kinds));
        }
        match draw.below(5) {
            0..=2 => request["by"] = json!("relative"),
            3 => request["by"] = json!("guardian"),
            _ => {}
        }
        let at = facts::instant(request, "at").expect("at");
        if request.get("answered").is_some() && draw.chance(25) {
            // about a month later
            let answered = at + draw.between(27, 33) as i64 * DAY;
            request["answered"] = around.write(answered);
        }
        if let Some(answered) = facts::instant(request, "answered")
            && draw.chance(65)
        {
            let verified = around.near(draw, answered);
            request["verified"] = around.write(verified);
        }
    }
    for incident in items(file, "incidents") {
        if draw.chance(75) {
            incident["contents"] = json!(draw.some_of(&texts(&CONTENTS), 0, 3));
        }
        match draw.below(4) {
            0 | 1 => incident["channel"] = json!("announcement"),
            2 => incident["channel"] = json!("letter"),
            _ => {}
        }
        if draw.chance(60) {
            let own = incident["processor"].clone();
            let finder = json!(draw.pick(&around.processors));
            incident["found_by"] = if draw.chance(20) { own } else { finder };
        }
        if draw.chance(50) {
            let known = facts::instant(incident, "known").expect("known");
            let suspected = around.near(draw, known);
            incident["suspected"] = around.write(suspected);
        }
    }
    // incidents and requests where data is
    let (mut incidents, mut requests) = (Vec::new(), Vec::new());
    for i in 0..draw.below(2) {
        let about = around.act(draw, &["collect", "share"]);
        let holder = about.to.clone().unwrap_or_else(|| about.actor.clone());
        let known = around.near(draw, about.at);
        incidents.push(
            Entry::new(&format!("in-w{i}"))
                .with("processor", holder.clone())
                .with("known", around.write(known))
                .with("fields", about.fields.clone())
                .with("subjects", about.subjects.clone())
                .with("channel", "announcement")
                .value(),
        );
    }
    let dead: Vec<(String, Instant)> = items(file, "subjects")
        .filter_map(|s| Some((facts::text(s, "id")?, facts::instant(s, "died")?)))
        .collect();
    if !dead.is_empty() {
        for i in 0..draw.below(3) {
            let (subject, died) = draw.pick(&dead);
            let at = around.near(draw, died);
            let outcome = ["refused", "done"][draw.below(2)];
            requests.push(
                Entry::new(&format!("rq-w{i}"))
                    .with("by", ["relative", "relative", "guardian"][draw.below(3)])
                    .maybe(
                        "kind",
                        [Some("access"), Some("close"), None, Some("copy")][draw.below(4)],
                    )
                    .with("subject", subject)
                    .with("processor", draw.pick(&around.processors))
                    .with("at", around.write(at))
                    .with("answered", around.write(at + DAY))
                    .with("outcome", outcome)
                    .value(),
            );
        }
    }
    add(file, "incidents", incidents);
    add(file, "requests", requests);
}
