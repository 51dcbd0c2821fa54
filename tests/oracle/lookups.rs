//! What a thing is, at an instant: trees, sensitivity, state, country, age, working days (docs/fact-file.md),
//! and what a crossing is (docs/checks.md 1).

use super::facts::{EVERYONE, Event, Facts, Field, Instant, Processor};
use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// docs/fact-file.md 2, "valid at t": `from <= t`, and `until` absent or `t < until`.
pub fn valid_at(from: Instant, until: Option<Instant>, t: Instant) -> bool {
    from <= t && until.is_none_or(|until| t < until)
}

/// docs/fact-file.md 2, "at or under": the node itself or any descendant, in the tree of categories.
pub fn category_at_or_under(facts: &Facts, category: &str, top: &str) -> bool {
    let mut here = Some(category.to_string());
    while let Some(id) = here {
        if id == top {
            return true;
        }
        here = facts
            .categories
            .iter()
            .find(|c| c.id == id)
            .and_then(|c| c.parent.clone());
    }
    false
}

/// The same, in the tree of purposes.
pub fn purpose_at_or_under(facts: &Facts, purpose: &str, top: &str) -> bool {
    let mut here = Some(purpose.to_string());
    while let Some(id) = here {
        if id == top {
            return true;
        }
        here = facts
            .purposes
            .iter()
            .find(|p| p.id == id)
            .and_then(|p| p.parent.clone());
    }
    false
}

/// A purpose (or none, of an act without) at or under one of several.
pub fn purpose_under_any(facts: &Facts, purpose: Option<&String>, tops: &[String]) -> bool {
    purpose.is_some_and(|purpose| tops.iter().any(|top| purpose_at_or_under(facts, purpose, top)))
}

pub fn field<'a>(facts: &'a Facts, id: &str) -> &'a Field {
    facts
        .fields
        .iter()
        .find(|f| f.id == id)
        .unwrap_or_else(|| panic!("undeclared field {id}"))
}

pub fn processor<'a>(facts: &'a Facts, id: &str) -> &'a Processor {
    facts
        .processors
        .iter()
        .find(|p| p.id == id)
        .unwrap_or_else(|| panic!("undeclared processor {id}"))
}

/// A field has a category at or under one of the listed ones.
pub fn field_in_categories(facts: &Facts, id: &str, tops: &[String]) -> bool {
    field(facts, id)
        .categories
        .iter()
        .any(|c| tops.iter().any(|top| category_at_or_under(facts, c, top)))
}

/// docs/fact-file.md 4, "sensitive field": any of its categories, or an ancestor, is `sensitive`.
pub fn is_sensitive(facts: &Facts, id: &str) -> bool {
    let sensitive: Vec<String> = facts
        .categories
        .iter()
        .filter(|c| c.sensitive)
        .map(|c| c.id.clone())
        .collect();
    field_in_categories(facts, id, &sensitive)
}

/// docs/checks.md 5, "personal (not anonymized)". The state is that of the field, everywhere and always (docs/fact-file.md 4).
pub fn is_personal(facts: &Facts, id: &str) -> bool {
    field(facts, id).state != "anonymized"
}

/// docs/fact-file.md 4, `inside` and `moves`: what the processor lies in at t.
fn inside_of(facts: &Facts, id: &str, t: Instant) -> Option<String> {
    let processor = processor(facts, id);
    let mut inside = processor.inside.clone();
    for a_move in &processor.moves {
        if a_move.at <= t && a_move.inside.is_some() {
            inside = a_move.inside.clone();
        }
    }
    inside.filter(|outer| outer != id) // "inside itself": in nothing
}

/// docs/checks.md 1.6: "P is within X at t".
pub fn within(facts: &Facts, id: &str, of: &str, t: Instant) -> bool {
    id == of || inside_of(facts, id, t).is_some_and(|outer| within(facts, &outer, of, t))
}

/// docs/checks.md 1.6: what is "around" P at t, from the inside out.
pub fn around(facts: &Facts, id: &str, t: Instant) -> Vec<String> {
    let mut all = vec![id.to_string()];
    while let Some(outer) = inside_of(facts, &all[all.len() - 1], t) {
        all.push(outer);
    }
    all
}

/// P is within one of these.
pub fn within_any(facts: &Facts, id: &str, of: &[String], t: Instant) -> bool {
    of.iter().any(|of| within(facts, id, of, t))
}

/// docs/checks.md 1.6: "the organization of P at t".
pub fn organization(facts: &Facts, id: &str, t: Instant) -> String {
    match inside_of(facts, id, t) {
        Some(outer) if processor(facts, &outer).kind != "group" => organization(facts, &outer, t),
        _ => id.to_string(),
    }
}

/// docs/checks.md 1.6: kinds are those of the organization.
pub fn kind_at(facts: &Facts, id: &str, t: Instant) -> String {
    processor(facts, &organization(facts, id, t)).kind.clone()
}

/// docs/checks.md 1.6, "inward", of an act of the file at t.
pub fn is_inward(facts: &Facts, event: &Event, t: Instant) -> bool {
    event.recipient.as_ref().is_some_and(|to| {
        *to != event.actor && organization(facts, to, t) == organization(facts, &event.actor, t)
    })
}

/// docs/checks.md 1.6: "judged as a use of its actor, without a recipient".
pub fn as_judged(facts: &Facts, event: &Event) -> Event {
    let mut judged = event.clone();
    if is_inward(facts, event, event.at) {
        judged.inward = Some((
            event.act.clone(),
            event.recipient.clone().expect("inward acts have one"),
        ));
        judged.act = "use".into();
        judged.recipient = None;
        judged.to = None;
        judged.from = None;
    }
    judged
}

/// docs/checks.md 1.6: the first of what P says and what is around it says, from the inside out.
fn nearest<T>(facts: &Facts, id: &str, t: Instant, says: &dyn Fn(&Processor) -> Option<T>) -> Option<T> {
    says(processor(facts, id)).or_else(|| nearest(facts, &inside_of(facts, id, t)?, t, says))
}

/// docs/fact-file.md 4, `moves`: from `at` on, that instant included, the processor is there; without a country of its own
/// it is where what is around it is.
pub fn country_at(facts: &Facts, id: &str, t: Instant) -> Option<String> {
    nearest(facts, id, t, &|processor| {
        let mut country = processor.country.clone();
        for a_move in &processor.moves {
            if a_move.at <= t && a_move.country.is_some() {
                country = a_move.country.clone();
            }
        }
        country
    })
}

/// docs/checks.md 5, move: instant, country before, country after. "Where something ever is around it" every change of
/// its country is one, else every entry of its list.
pub fn relocations(facts: &Facts, id: &str) -> Vec<(Instant, Option<String>, String)> {
    let own = processor(facts, id);
    let mut out = Vec::new();
    if !is_nested(own) {
        let mut before = own.country.clone();
        for a_move in &own.moves {
            if let Some(country) = &a_move.country {
                out.push((a_move.at, before.clone(), country.clone()));
                before = Some(country.clone());
            }
        }
        return out;
    }
    let mut instants: Vec<Instant> = Vec::new();
    for p in &facts.processors {
        instants.extend(p.moves.iter().map(|m| m.at));
    }
    instants.sort_unstable();
    instants.dedup();
    for t in instants {
        let (before, after) = (country_at(facts, id, t - 1), country_at(facts, id, t));
        if let Some(after) = after.filter(|after| before.as_ref() != Some(after)) {
            out.push((t, before, after));
        }
    }
    out
}

/// docs/checks.md 1.6: lawful unless it or something around it is no lawful source.
pub fn is_lawful_source(facts: &Facts, id: &str, t: Instant) -> bool {
    nearest(facts, id, t, &|processor| {
        (!processor.lawful_source).then_some(())
    })
    .is_none()
}

/// docs/checks.md 1.6: its own safeguards and those of what is around it.
pub fn safeguards(facts: &Facts, id: &str, t: Instant) -> Vec<String> {
    let mut all = processor(facts, id).safeguards.clone();
    if let Some(outer) = inside_of(facts, id, t) {
        all.extend(safeguards(facts, &outer, t));
    }
    all.sort();
    all.dedup();
    all
}

/// docs/checks.md 1.6: affiliated.
pub fn affiliated(facts: &Facts, a: &str, b: &str, t: Instant) -> bool {
    let named = |id: &str| nearest(facts, id, t, &|processor| processor.group.clone());
    let by_name = named(a).is_some() && named(a) == named(b);
    by_name
        || facts.processors.iter().any(|p| {
            p.kind == "group"
                && within(facts, a, &p.id, t)
                && within(facts, b, &p.id, t)
                && is_ever_nested(facts)
        })
}

/// It lies inside another at some time.
fn is_nested(p: &Processor) -> bool {
    let mut ever = p
        .inside
        .iter()
        .chain(p.moves.iter().filter_map(|m| m.inside.as_ref()));
    ever.any(|outer| *outer != p.id)
}

fn is_ever_nested(facts: &Facts) -> bool {
    facts.processors.iter().any(is_nested)
}

/// docs/checks.md 1, "Crossing".
pub fn is_crossing(facts: &Facts, event: &Event) -> bool {
    let (act, recipient) = match &event.inward {
        Some((act, to)) => (act, Some(to)),
        None => (&event.act, event.recipient.as_ref()),
    };
    if !matches!(act.as_str(), "share" | "verify" | "delegate" | "assign") {
        return false;
    }
    let recipient = recipient.expect("these acts have a recipient");
    let there = country_at(facts, recipient, event.at);
    country_at(facts, &event.actor, event.at).as_ref() == Some(&facts.home)
        && there.is_some_and(|there| there != facts.home)
}

/// docs/fact-file.md 4: minor at t: t is before local midnight of the `minor_age`-th birthday. No `born`: not a minor.
pub fn is_minor(facts: &Facts, subject: &str, t: Instant) -> bool {
    if subject == EVERYONE {
        return false; // "birth date unknown"
    }
    let subject = facts
        .subjects
        .iter()
        .find(|s| s.id == subject)
        .expect("declared subject");
    let Some(born) = subject.born else { return false };
    t < local_midnight(&facts.timezone, birthday(born, facts.minor_age))
}

/// The instant from which on a subject is no minor, if the birth date is known.
pub fn comes_of_age(facts: &Facts, subject: &str) -> Option<Instant> {
    let born = facts.subjects.iter().find(|s| s.id == subject)?.born?;
    Some(local_midnight(&facts.timezone, birthday(born, facts.minor_age)))
}

/// 29 February counts as 1 March in other years.
fn birthday(born: Date, age: i64) -> Date {
    let year = born.year() + i16::try_from(age).expect("a small age");
    match Date::new(year, born.month(), born.day()) {
        Ok(date) => date,
        Err(_) => Date::new(year, 3, 1).expect("1 March exists"),
    }
}

pub fn local_midnight(timezone: &TimeZone, date: Date) -> Instant {
    date.to_zoned(timezone.clone())
        .expect("a midnight in range")
        .timestamp()
        .as_microsecond()
}

pub fn local(timezone: &TimeZone, t: Instant) -> Zoned {
    Timestamp::from_microsecond(t)
        .expect("an instant in range")
        .to_zoned(timezone.clone())
}

/// docs/fact-file.md 3, `calendar`.
pub fn is_working_day(facts: &Facts, date: Date) -> bool {
    let name = match date.weekday() {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    };
    let calendar = &facts.calendar;
    calendar.extra_workdays.contains(&date)
        || (!calendar.weekend.iter().any(|day| day == name) && !calendar.holidays.contains(&date))
}

/// docs/checks.md 8, request-deadline: local midnight after the n-th working day, counted from the day after the local day of `at`.
/// None when no such day comes within ten years.
pub fn midnight_after_working_days(facts: &Facts, at: Instant, n: i64) -> Option<Instant> {
    let mut day = local(&facts.timezone, at).date();
    let mut counted = 0;
    for _ in 0..3_660 {
        if counted == n {
            return Some(local_midnight(
                &facts.timezone,
                day.checked_add(1.day()).expect("a day in range"),
            ));
        }
        day = day.checked_add(1.day()).expect("a day in range");
        if is_working_day(facts, day) {
            counted += 1;
        }
    }
    None
}

/// "With `days` it is that at the end of the n-th day."
pub fn midnight_after_days(facts: &Facts, at: Instant, n: i64) -> Instant {
    let day = local(&facts.timezone, at).date();
    local_midnight(
        &facts.timezone,
        day.checked_add((n + 1).days()).expect("a day in range"),
    )
}

/// "With `months` that at the end of the same day n months later (the last of the month if there is no such day), or of the
/// next working day if that is none."
pub fn midnight_after_months(facts: &Facts, at: Instant, n: i64) -> Option<Instant> {
    let first = local(&facts.timezone, at).date();
    let later = i64::from(first.year()) * 12 + i64::from(first.month()) - 1 + n;
    let year = i16::try_from(later.div_euclid(12)).expect("a year in range");
    let month = i8::try_from(later.rem_euclid(12) + 1).expect("a month");
    let mut day = (1..=first.day())
        .rev()
        .find_map(|day| Date::new(year, month, day).ok())?;
    for _ in 0..3_660 {
        let next = day.checked_add(1.day()).expect("a day in range");
        if is_working_day(facts, day) {
            return Some(local_midnight(&facts.timezone, next));
        }
        day = next;
    }
    None
}

/// docs/fact-file.md 2: printed instants are in the file's zone.
pub fn print_instant(timezone: &TimeZone, t: Instant) -> String {
    local(timezone, t).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
}
