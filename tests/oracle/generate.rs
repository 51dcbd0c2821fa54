//! A random valid fact file from a byte string. Small worlds with few instants, so that every check finds something often.
//! Here the file as a whole and its things (docs/fact-file.md 3 and docs/fact-file.md 4); the rest is in the files named `generate_*`.

use super::draw::{Clock, Draw, Entry};
use super::facts::{DAY, HOUR, Instant};
use super::lookups::{local, local_midnight};
use super::{generate_events, generate_permissions, generate_records, generate_rules};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

/// The names and the instants a file is made of.
pub struct World {
    pub clock: Clock,
    pub as_of: Instant,
    pub minor_age: i16,
    pub base: Date,
    pub home: String,
    pub countries: Vec<String>,
    pub subjects: Vec<String>,
    /// Names and members.
    pub cohorts: Vec<(String, Vec<String>)>,
    /// How many of 100 acts that can stand do.
    pub standing: usize,
    /// Whether processors lie inside each other.
    pub is_nested: bool,
    /// Processor, what it lies inside at first.
    pub inside: Vec<(String, String)>,
    /// How many of 100 lists of persons name everyone.
    pub everyone: usize,
    pub categories: Vec<String>,
    pub fields: Vec<String>,
    pub anonymized: Vec<String>,
    pub processors: Vec<String>,
    pub publics: Vec<String>,
    pub purposes: Vec<String>,
    /// Purpose, its parent.
    pub purpose_parents: Vec<(String, Option<String>)>,
    pub safeguards: Vec<String>,
    /// Processors that start in the home country, and those that start in another.
    pub at_home: Vec<String>,
    pub abroad: Vec<String>,
    /// Processor, instant, new country.
    pub moves: Vec<(String, Instant, String)>,
}

/// An act as the other sections look at it, so that what they say is about something.
#[derive(Clone)]
pub struct Act {
    pub id: String,
    pub at: Instant,
    pub act: String,
    pub actor: String,
    pub to: Option<String>,
    pub subjects: Vec<String>,
    pub fields: Vec<String>,
    pub makes: Vec<String>,
    pub purpose: Option<String>,
}

const ZONES: [&str; 5] = [
    "Asia/Shanghai",
    "America/New_York",
    "Asia/Kolkata",
    "UTC",
    "Europe/Berlin",
];
/// Around 29 February of a leap year, 1 March of another, and two changes of the clocks.
const BASES: [(i16, i8, i8); 4] = [(2024, 2, 27), (2023, 2, 26), (2024, 3, 8), (2023, 10, 27)];
const AGES: [i16; 5] = [14, 14, 15, 11, 12];

fn names(all: &[&str], count: usize) -> Vec<String> {
    all.iter()
        .take(count)
        .map(std::string::ToString::to_string)
        .collect()
}

/// The whole file, of acts at instants.
pub fn fact_file(entropy: &[u8]) -> Value {
    whole(entropy, 0, 60)
}

/// The same without processors that lie inside each other.
pub fn flat_file(entropy: &[u8]) -> Value {
    whole(entropy, 0, 0)
}

/// The same with standing acts among them.
pub fn standing_file(entropy: &[u8]) -> Value {
    whole(entropy, 60, 60)
}

/// Standing acts, and no processors inside each other.
pub fn flat_standing_file(entropy: &[u8]) -> Value {
    whole(entropy, 60, 0)
}

fn whole(entropy: &[u8], standing: usize, nested: usize) -> Value {
    let draw = &mut Draw::new(entropy);
    let mut world = draw_world(draw);
    world.standing = standing;
    world.is_nested = nested > 0 && draw.chance(nested);
    let mut file = Entry::default();
    file = header(draw, &world, file);

    file = file.with("subjects", subjects(draw, &world));
    let cohorts = cohorts(draw, &mut world);
    file = file.maybe("cohorts", (!cohorts.is_empty()).then_some(cohorts));
    file = file.with("categories", categories(draw, &world));
    let fields = fields(draw, &mut world);
    file = file.with("fields", fields);
    let processors = processors(draw, &mut world);
    file = file.with("processors", processors);
    let purposes = purposes(draw, &mut world);
    file = file.with("purposes", purposes);

    let (acts, events, defaults) = generate_events::events(draw, &world);
    let acts: Vec<Act> = acts
        .into_iter()
        .map(|act| from_outside(draw, &world, act))
        .collect();
    let rules = generate_rules::rules(draw, &world, &acts);
    for (section, items) in generate_permissions::sections(draw, &world, &acts) {
        if !items.is_empty() {
            file = file.with(section, items);
        }
    }
    for (section, items) in generate_records::sections(draw, &world, &acts) {
        if !items.is_empty() {
            file = file.with(section, items);
        }
    }
    file.maybe("defaults", defaults)
        .with("events", events)
        .with("rules", rules)
        .value()
}

/// An act as the other sections see it: now and then its ends go by the name of what is around them.
fn from_outside(draw: &mut Draw, world: &World, mut act: Act) -> Act {
    let outer = |id: &String| {
        world
            .inside
            .iter()
            .find(|(inner, _)| inner == id)
            .map(|(_, outer)| outer.clone())
    };
    if let Some(around) = outer(&act.actor).filter(|_| draw.chance(50)) {
        act.actor = around;
    }
    if let Some(around) = act.to.as_ref().and_then(outer).filter(|_| draw.chance(50)) {
        act.to = Some(around);
    }
    act
}

/// Sizes and instants are drawn first.
fn draw_world(draw: &mut Draw) -> World {
    let zone = draw.pick(&ZONES);
    let timezone = TimeZone::get(zone).expect("a zone of the database");
    let (year, month, day) = draw.pick(&BASES);
    let base = Date::new(year, month, day).expect("a date");
    let mut pool: Vec<Instant> = Vec::new();
    for _ in 0..draw.between(2, 7) {
        let day = base + (draw.below(8) as i64).days();
        let hour = match draw.below(8) {
            5 => HOUR,
            6 => 12 * HOUR,
            7 => 23 * HOUR,
            _ => 0,
        };
        pool.push(local_midnight(&timezone, day) + hour);
    }
    let last = *pool.iter().max().expect("at least two");
    let clock = Clock { timezone, pool };
    let as_of = match draw.below(8) {
        5 | 6 => clock.instant(draw),
        7 => last + DAY,
        early => last + (3 + 2 * early as i64) * DAY,
    };
    let home = match draw.below(8) {
        7 => "NO",
        _ => "CN",
    };
    World {
        as_of,
        clock,
        base,
        minor_age: draw.pick(&AGES),
        home: home.to_string(),
        countries: vec![home.to_string(), "SG".into(), "US".into()],
        subjects: names(&["mei", "bo", "lin", "qi"], draw.between(1, 4)),
        categories: names(
            &[
                "identity",
                "credit",
                "health.blood",
                "health",
                "whereabouts",
                "device.ip",
            ],
            draw.between(1, 6),
        ),
        fields: names(
            &["score", "mobile", "stats", "address", "trips", "avatar"],
            draw.between(2, 6),
        ),
        processors: names(
            &["zhima", "bank", "ops", "crowd", "alipay", "court"],
            draw.between(2, 6),
        ),
        purposes: names(
            &["service", "service.open", "lending", "advertising", "research"],
            draw.between(1, 5),
        ),
        cohorts: Vec::new(),
        standing: 0,
        is_nested: false,
        inside: Vec::new(),
        everyone: [0, 0, 0, 0, 20, 80][draw.below(6)],
        anonymized: Vec::new(),
        publics: Vec::new(),
        purpose_parents: Vec::new(),
        at_home: Vec::new(),
        abroad: Vec::new(),
        moves: Vec::new(),
        safeguards: vec!["tls".into(), "audit-log".into(), "masking".into()],
    }
}

/// docs/fact-file.md 3.
fn header(draw: &mut Draw, world: &World, file: Entry) -> Entry {
    let mut file = file
        .with("scenario", "drawn")
        .with("as_of", world.clock.write(draw, world.as_of));
    let zone = world
        .clock
        .timezone
        .iana_name()
        .expect("a named zone")
        .to_string();
    if zone != "Asia/Shanghai" || draw.chance(20) {
        file = file.with("timezone", zone);
    }
    if world.home != "CN" || draw.chance(20) {
        file = file.with("home", world.home.clone());
    }
    if world.minor_age != 14 {
        file = file.with("minor_age", world.minor_age.to_string());
    }
    if draw.chance(50) {
        file = file.with("calendar", calendar(draw, world));
    }
    file
}

fn some_dates(draw: &mut Draw, world: &World) -> Vec<String> {
    (0..draw.below(4))
        .map(|_| (world.base + (draw.below(12) as i64).days()).to_string())
        .collect()
}

fn calendar(draw: &mut Draw, world: &World) -> Value {
    let weekend = draw.chance(40).then(|| {
        let days = names(&["sun", "fri", "mon", "wed"], 4);
        draw.some_of(&days, 1, 3)
    });
    let holidays = some_dates(draw, world);
    let extra = some_dates(draw, world);
    Entry::default()
        .maybe("weekend", weekend)
        .with("holidays", holidays)
        .with("extra_workdays", extra)
        .value()
}

/// Subjects, some of them coming of age at an instant of the pool.
fn subjects(draw: &mut Draw, world: &World) -> Vec<Value> {
    let mut out = Vec::new();
    for id in &world.subjects {
        let t = draw.pick(&world.clock.pool);
        let day = local(&world.clock.timezone, t).date();
        let leap = Date::new(day.year() - world.minor_age, 2, 29).ok();
        let same = Date::new(day.year() - world.minor_age, day.month(), day.day().min(28)).ok();
        let born = match draw.below(8) {
            0 | 1 => None,
            2 | 3 => leap.or(same),
            4 => Date::new(1990, 6, 15).ok(),
            5 => same.map(|d| d + 1.day()),
            _ => Date::new(day.year() - world.minor_age, day.month(), day.day())
                .ok()
                .or(same),
        };
        out.push(Entry::new(id).maybe("born", born.map(|d| d.to_string())).value());
    }
    out
}

/// Cohorts may overlap, hold each other's members, and hold one person.
fn cohorts(draw: &mut Draw, world: &mut World) -> Vec<Value> {
    let mut out = Vec::new();
    for id in names(&["panel", "early", "vip"], [0, 0, 0, 1, 2, 3][draw.below(6)]) {
        let members = draw.some_of(&world.subjects, 1, 4);
        out.push(Entry::new(&id).with("members", members.clone()).value());
        world.cohorts.push((id, members));
    }
    out
}

/// Persons of a list, now and then by the name of a cohort, or everyone.
pub fn whose(draw: &mut Draw, world: &World, subjects: Vec<String>) -> Value {
    if world.everyone > 0 && draw.chance(world.everyone) {
        return match draw.below(4) {
            0 => json!(["everyone"]),
            1 => json!([subjects, vec!["everyone".into()]].concat()),
            _ => json!("everyone"),
        };
    }
    if !world.cohorts.is_empty() && draw.chance(45) {
        let (cohort, _) = draw.pick(&world.cohorts);
        let others = if draw.chance(30) { subjects } else { Vec::new() };
        return json!([others, vec![cohort]].concat());
    }
    json!(subjects)
}

/// One of the earlier names as a parent, or none.
fn parent(draw: &mut Draw, earlier: &[String]) -> Option<String> {
    if earlier.is_empty() || draw.chance(45) {
        None
    } else {
        Some(draw.pick(earlier))
    }
}

fn categories(draw: &mut Draw, world: &World) -> Vec<Value> {
    let mut out = Vec::new();
    for (i, id) in world.categories.iter().enumerate() {
        let parent = parent(draw, &world.categories[..i]);
        let sensitive = [
            None,
            None,
            None,
            None,
            None,
            Some("true"),
            Some("true"),
            Some("false"),
        ][draw.below(8)];
        out.push(
            Entry::new(id)
                .maybe("parent", parent)
                .maybe("sensitive", sensitive)
                .value(),
        );
    }
    if draw.chance(25) {
        out.reverse(); // a parent may be declared after its children
    }
    out
}

fn fields(draw: &mut Draw, world: &mut World) -> Vec<Value> {
    let mut out = Vec::new();
    for id in &world.fields {
        let own = draw.some_of(&world.categories, 1, 2);
        let category = draw.one_or_list(own);
        let state = match draw.below(10) {
            6 | 7 => Some("deidentified"),
            8 | 9 => Some("anonymized"),
            5 => Some("identified"),
            _ => None,
        };
        if state == Some("anonymized") {
            world.anonymized.push(id.clone());
        }
        out.push(
            Entry::new(id)
                .with("category", category)
                .maybe("state", state)
                .value(),
        );
    }
    out
}

fn processors(draw: &mut Draw, world: &mut World) -> Vec<Value> {
    let mut out = Vec::new();
    for (i, id) in world.processors.clone().into_iter().enumerate() {
        let kinds = if world.is_nested && draw.chance(20) {
            ["group"; 8]
        } else if i == 0 {
            ["controller"; 8]
        } else {
            [
                "controller",
                "delegate",
                "public",
                "controller",
                "delegate",
                "verifier",
                "authority",
                "public",
            ]
        };
        let kind = draw.pick(&kinds);
        if kind == "public" {
            world.publics.push(id.clone());
        }
        let group = match draw.below(4) {
            1 | 2 => Some("ant"),
            3 => Some("ali"),
            _ => None,
        };
        let country = match draw.below(8) {
            7 => None,
            5 | 6 => Some(draw.pick(&world.countries)),
            _ if i % 2 == 0 => Some(world.home.clone()),
            _ => Some(draw.pick(&world.countries)),
        };
        match &country {
            Some(country) if *country == world.home => world.at_home.push(id.clone()),
            Some(_) => world.abroad.push(id.clone()),
            None => {}
        }
        // Only inside one that was named before, at any time: no circle.
        let earlier = if world.is_nested {
            world.processors[..i].to_vec()
        } else {
            Vec::new()
        };
        let inside = (!earlier.is_empty() && draw.chance(60)).then(|| draw.pick(&earlier));
        world
            .inside
            .extend(inside.iter().map(|outer| (id.clone(), outer.clone())));
        let country = country.filter(|_| inside.is_none() || draw.chance(40));
        let moves = moves(draw, world, &id, &earlier);
        let safeguards = draw.chance(40).then(|| draw.some_of(&world.safeguards, 0, 3));
        let lawful_source = match draw.below(8) {
            6 => Some("true"),
            7 => Some("false"),
            _ => None,
        };
        out.push(
            Entry::new(&id)
                .with("kind", kind)
                .maybe("group", group)
                .maybe("country", country)
                .maybe("inside", inside)
                .maybe("moves", (!moves.is_empty()).then_some(moves))
                .maybe("safeguards", safeguards)
                .maybe("lawful_source", lawful_source)
                .value(),
        );
    }
    out
}

/// Moves in time order, no two at one instant.
fn moves(draw: &mut Draw, world: &mut World, processor: &str, earlier: &[String]) -> Vec<Value> {
    let count = [0, 0, 0, 1, 1, 2][draw.below(6)];
    let mut instants: Vec<Instant> = (0..count).map(|_| world.clock.instant(draw)).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut out = Vec::new();
    for at in instants {
        let country = match draw.below(4) {
            0 => draw.pick(&world.countries),
            1 => world.home.clone(),
            _ => "SG".to_string(),
        };
        world.moves.push((processor.to_string(), at, country.clone()));
        // Out of everything, or into another.
        let inside = (!earlier.is_empty() && draw.chance(60)).then(|| match draw.below(3) {
            0 => processor.to_string(),
            _ => draw.pick(earlier),
        });
        let country = (inside.is_none() || draw.chance(50)).then_some(country);
        out.push(
            Entry::default()
                .with("at", world.clock.write(draw, at))
                .maybe("country", country)
                .maybe("inside", inside)
                .value(),
        );
    }
    out
}

fn purposes(draw: &mut Draw, world: &mut World) -> Vec<Value> {
    let mut out = Vec::new();
    for i in 0..world.purposes.len() {
        let id = world.purposes[i].clone();
        let parent = parent(draw, &world.purposes[..i]);
        let needs = draw.chance(40).then(|| draw.some_of(&world.fields, 0, 3));
        out.push(
            Entry::new(&id)
                .maybe("parent", parent.clone())
                .maybe("needs", needs.map(|n| json!(n)))
                .value(),
        );
        world.purpose_parents.push((id, parent));
    }
    if draw.chance(25) {
        out.reverse();
    }
    out
}

pub use super::generate_questions::questions;
