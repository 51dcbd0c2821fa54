//! Subjects, categories, fields, processors, purposes, and the header.

use jiff::civil::Weekday;

use super::entry::Entry;
use super::node::Node;
use super::node::Value;
use crate::model::fact::{
    Access, Category, Cohort, Field, Header, Move, Processor, Purpose, SafeguardPeriod, Subject,
};
use crate::model::id::{CategoryId, Country};
use crate::model::place::ProblemCode;
use crate::model::time::{Calendar, Instant, WEEK, Zone};
use crate::model::word::{ProcessorKind, Section, State};

type Read<'e, 'n, 't, 'r> = &'e mut Entry<'n, 't, 'r>;

/// A person.
pub fn subject(entry: Read<'_, '_, '_, '_>) -> Option<Subject> {
    let id = entry.declare(Section::Subjects);
    let born = entry.date("born");
    let died = entry.bounded_instant("died");
    let arranged = entry.flag("arranged");
    Some(Subject {
        id: id?,
        born,
        died,
        arranged,
    })
}

/// Some subjects under one name.
pub fn cohort(entry: Read<'_, '_, '_, '_>) -> Option<Cohort> {
    let id = entry.declare(Section::Cohorts);
    let members = entry.references_required("members", false, Section::Subjects);
    Some(Cohort { id: id?, members })
}

/// A kind of data.
pub fn category(entry: Read<'_, '_, '_, '_>) -> Option<Category> {
    let id = entry.declare(Section::Categories);
    let parent = entry.reference("parent", Section::Categories);
    let sensitive = entry.flag("sensitive");
    entry.info(&["dpv", "fides"]);
    Some(Category {
        id: id?,
        parent,
        sensitive,
    })
}

/// A data item.
pub fn field(entry: Read<'_, '_, '_, '_>) -> Option<Field> {
    let id = entry.declare(Section::Fields);
    let categories: Vec<CategoryId> = entry.references("category", true, Section::Categories);
    let state = entry.word("state", State::parse, State::WORDS);
    let volunteered = entry.flag("volunteered");
    let strictly_needed = entry.flag("strictly_needed");
    let key = entry.reference("key", Section::Fields);
    Some(Field {
        volunteered,
        strictly_needed,
        id: id?,
        categories,
        state: state.unwrap_or(State::Identified),
        key,
    })
}

/// A party or system.
pub fn processor(entry: Read<'_, '_, '_, '_>) -> Option<Processor> {
    let id = entry.declare(Section::Processors);
    let kind = entry.word_required("kind", ProcessorKind::parse, ProcessorKind::WORDS);
    let group = entry.text("group").map(str::to_owned);
    let country = entry.shared_text("country");
    let inside = entry.reference("inside", Section::Processors);
    let moves = moves(entry);
    let safeguards = entry.shared("safeguards", false);
    let lawful_source = entry.text("lawful_source") != Some("false");
    let safeguard_periods = safeguard_periods(entry);
    let ceased = entry.bounded_instant("ceased");
    let accesses = accesses(entry);
    entry.info(&["name"]);
    Some(Processor {
        id: id?,
        kind: kind?,
        group,
        country,
        inside,
        moves,
        safeguards,
        lawful_source,
        safeguard_periods,
        ceased,
        accesses,
    })
}

fn safeguard_periods(entry: Read<'_, '_, '_, '_>) -> Vec<SafeguardPeriod> {
    let mut periods = Vec::new();
    for node in entry.maps("safeguard_periods") {
        let Some(mut inner) = Entry::open(node, "a period of a safeguard", entry.reading()) else {
            continue;
        };
        let safeguard = inner.shared_text("safeguard");
        if safeguard.is_none() {
            inner.missing("safeguard", "add it: the safeguard");
        }
        let interval = inner.bounded_interval();
        let bounded = inner.take_bounded();
        inner.close();
        entry.add_bounded("safeguard_periods", periods.len(), bounded);
        if let (Some(safeguard), Some((from, until))) = (safeguard, interval) {
            periods.push(SafeguardPeriod {
                safeguard,
                from,
                until,
            });
        }
    }
    periods
}

fn accesses(entry: Read<'_, '_, '_, '_>) -> Vec<Access> {
    let mut accesses = Vec::new();
    for node in entry.maps("accesses") {
        let Some(mut inner) = Entry::open(node, "an access", entry.reading()) else {
            continue;
        };
        let role = inner.text_required("role", "the role of the people");
        let fields = inner.references_required("fields", true, Section::Fields);
        let purposes = inner.references("purposes", true, Section::Purposes);
        inner.close();
        accesses.extend(role.map(|role| Access {
            role: role.to_owned(),
            fields,
            purposes,
        }));
    }
    accesses
}

fn moves(entry: Read<'_, '_, '_, '_>) -> Vec<Move> {
    let mut moves: Vec<Move> = Vec::new();
    // The latest that the move before may have been.
    let mut before: Option<Instant> = None;
    for node in entry.maps("moves") {
        let Some(mut inner) = Entry::open(node, "a move", entry.reading()) else {
            continue;
        };
        let at = inner.bounded_required("at");
        let latest = inner.latest_of("at").or(at);
        let country: Option<Country> = inner.shared_text("country");
        let inside = inner.reference("inside", Section::Processors);
        if country.is_none() && inside.is_none() {
            inner.missing(
                "country",
                "add it: where to; or `inside`: into which organization",
            );
        }
        let bounded = inner.take_bounded();
        inner.close();
        entry.add_bounded("moves", moves.len(), bounded);
        if let (Some(at), true) = (at, country.is_some() || inside.is_some()) {
            if before.is_some_and(|before| at < before) {
                entry.reading().problem(
                    ProblemCode::InvertedInterval,
                    node.mark,
                    "moves are not in time order".to_owned(),
                    "list the earlier move first; where only bounds are known, a move begins no earlier than the one before it ends",
                );
            }
            before = latest;
            moves.push(Move { at, country, inside });
        }
    }
    moves
}

/// A purpose.
pub fn purpose(entry: Read<'_, '_, '_, '_>) -> Option<Purpose> {
    let id = entry.declare(Section::Purposes);
    let parent = entry.reference("parent", Section::Purposes);
    let needs = entry
        .node("needs")
        .is_some()
        .then(|| entry.references("needs", false, Section::Fields));
    let ended = entry.bounded_instant("ended");
    entry.info(&["dpv", "fides"]);
    Some(Purpose {
        id: id?,
        parent,
        needs,
        ended,
    })
}

/// What holds for the whole fact set; `known` are the keys that hold the sections.
pub fn header(entry: Read<'_, '_, '_, '_>) -> Option<Header> {
    let scenario = entry.text_required("scenario", "the name of the fact set");
    entry.info(&["title"]);
    let as_of = entry.instant_required("as_of");
    let zone = zone(entry);
    let home = entry.shared_text("home").unwrap_or_else(|| Country::from("CN"));
    let minor_age = entry.integer("minor_age", 0, 200);
    let calendar = calendar(entry);
    Some(Header {
        scenario: scenario?.to_owned(),
        as_of: as_of?,
        zone: zone?,
        home,
        minor_age: minor_age.and_then(|age| i16::try_from(age).ok()).unwrap_or(14),
        calendar,
    })
}

fn zone(entry: Read<'_, '_, '_, '_>) -> Option<Zone> {
    let mark = entry.node("timezone").map(|node| node.mark);
    let name = entry.text("timezone").unwrap_or("Asia/Shanghai");
    let zone = Zone::named(name);
    if zone.is_none() {
        let mark = mark.unwrap_or(entry.mark());
        entry.reading().problem(
            ProblemCode::BadZone,
            mark,
            format!("there is no time zone `{name}`"),
            "use a name of the IANA database, such as Asia/Shanghai or Europe/Berlin",
        );
    }
    zone
}

fn weekday(text: &str) -> Option<Weekday> {
    WEEK.iter().find(|(_, word)| *word == text).map(|(day, _)| *day)
}

fn calendar(entry: Read<'_, '_, '_, '_>) -> Calendar {
    let mut calendar = Calendar::default();
    let Some(node) = entry.node("calendar") else {
        return calendar;
    };
    let Some(mut inner) = Entry::open(node, "the calendar", entry.reading()) else {
        return calendar;
    };
    // An empty or absent list is the default, as for every list; a week without a weekend has no spelling.
    let weekend = inner.words("weekend", false, weekday, &WEEK.map(|(_, word)| word));
    if !weekend.is_empty() {
        calendar.weekend = weekend;
    }
    for (text, mark) in inner.texts("holidays", false) {
        calendar.holidays.extend(inner.date_of(text, mark, "holidays"));
    }
    for (text, mark) in inner.texts("extra_workdays", false) {
        calendar
            .extra_workdays
            .extend(inner.date_of(text, mark, "extra_workdays"));
    }
    inner.close();
    calendar
}

/// The keys that stand in for those an event lacks.
pub fn event_defaults<'n, 't>(entry: &mut Entry<'n, 't, '_>) -> &'n [(super::node::Key<'t>, Node<'t>)] {
    let Some(node) = entry.node("defaults") else {
        return &[];
    };
    let Some(mut inner) = Entry::open(node, "`defaults`", entry.reading()) else {
        return &[];
    };
    let event = inner.node("event");
    inner.close();
    match event.map(|node| &node.value) {
        Some(Value::Map(keys)) => {
            entry.reading().refuse_double_keys(keys);
            keys
        }
        Some(Value::Text(_) | Value::List(_)) => {
            let mark = event.map_or(entry.mark(), |node| node.mark);
            entry.reading().problem(
                ProblemCode::Shape,
                mark,
                "`defaults.event` must be a map".to_owned(),
                "write the keys that every event has unless it says otherwise",
            );
            &[]
        }
        Some(Value::Null) | None => &[],
    }
}
