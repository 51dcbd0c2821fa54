//! Time limits of requests. They count days of the calendar, working days or months from the local day of the request, so
//! what another instant of the request does to them is no length of time. But a limit is the same all through a local day,
//! and never earlier for a later one. So of a request those days matter at which its limit begins to stand in another
//! order to what it is held against, and of what that is, those limits that lie in its bounds.

use super::named;
use crate::model::bounded::InstantKey;
use crate::model::fact::{Fact, Header, Stated};
use crate::model::id::FactId;
use crate::model::rule::{Check, Rule, Term};
use crate::model::time::{Instant, day_after};

/// Longer bounds of a request are not gone through day by day: some ten years.
const DAYS_MAX: usize = 3_660;

/// What limits are held against: an instant, or the bounds of one that goes by this name.
struct Against {
    name: Option<FactId>,
    earliest: Instant,
    latest: Instant,
}

/// How a limit stands to something.
#[derive(PartialEq)]
enum Stand {
    /// It has come by then, wherever inside its bounds that is.
    Come,
    /// It comes later.
    Later,
    /// That depends.
    Within(Instant),
}

impl Against {
    fn stand(&self, limit: Instant) -> Stand {
        if limit <= self.earliest {
            Stand::Come
        } else if limit > self.latest {
            Stand::Later
        } else {
            Stand::Within(limit)
        }
    }
}

/// The time limits that some rules set, and what they are held against whatever the request.
pub struct Terms<'f> {
    set: Vec<Term>,
    header: &'f Header,
    always: Vec<Against>,
}

impl<'f> Terms<'f> {
    /// Of these rules: requests are looked at as of this instant, and where their processors lie is looked at when the
    /// limit is over.
    pub fn new<'r, 's>(
        rules: impl IntoIterator<Item = &'r Rule>,
        header: &'f Header,
        as_of: Instant,
        facts: impl IntoIterator<Item = &'s Stated>,
    ) -> Self {
        let term = |rule: &Rule| {
            if let Check::RequestDeadline { within, .. } = &rule.check {
                Some(*within)
            } else {
                None
            }
        };
        let mut always = vec![Against {
            name: None,
            earliest: as_of,
            latest: as_of,
        }];
        let set: Vec<Term> = rules.into_iter().filter_map(term).collect();
        if !set.is_empty() {
            always.extend(facts.into_iter().flat_map(moves));
        }
        Self { set, header, always }
    }

    /// The instants that uncertain ones have to be held against on behalf of the request, each with the name of the
    /// uncertain one; nothing if the bounds of the request are too long. Cost: the days in them.
    pub fn of(&self, stated: &Stated) -> Option<Vec<(FactId, Instant)>> {
        let Fact::Request(request) = &stated.fact else {
            return Some(Vec::new());
        };
        if self.set.is_empty() {
            return Some(Vec::new());
        }
        let at = against(stated, InstantKey::plain("at"), request.at);
        let answered = request
            .answered
            .map(|answered| against(stated, InstantKey::plain("answered"), answered));
        let all: Vec<&Against> = self.always.iter().chain(&answered).collect();
        if at.name.is_none() && all.iter().all(|one| one.name.is_none()) {
            return Some(Vec::new());
        }
        let days = self.days(&at)?;
        let mut found = Vec::new();
        for term in &self.set {
            let mut before: Option<(Instant, Vec<Stand>)> = None;
            for day in days.iter().copied() {
                let limit = term.deadline(day, &self.header.zone, &self.header.calendar);
                let stands: Vec<Stand> = limit
                    .iter()
                    .flat_map(|limit| all.iter().map(|one| one.stand(*limit)))
                    .collect();
                for (one, stand) in all.iter().zip(&stands) {
                    if let (Some(name), Stand::Within(limit)) = (&one.name, stand) {
                        found.push((name.clone(), *limit));
                    }
                }
                if let (Some((last, stood)), Some(name)) = (&before, &at.name)
                    && *stood != stands
                {
                    // The last day before is tried too: it tells how late the limit may be.
                    found.extend([(name.clone(), *last), (name.clone(), day)]);
                }
                before = Some((day, stands));
            }
        }
        Some(found)
    }

    /// The first instant of each local day in the bounds.
    fn days(&self, at: &Against) -> Option<Vec<Instant>> {
        let zone = &self.header.zone;
        let mut days = vec![at.earliest];
        let mut day = zone.day_of(at.earliest);
        loop {
            day = day_after(day);
            let begins = zone.midnight(day);
            if begins > at.latest {
                return Some(days);
            }
            if days.len() == DAYS_MAX {
                return None;
            }
            days.push(begins);
        }
    }
}

/// An instant of the fact, with its name if it is uncertain.
fn against(stated: &Stated, key: InstantKey, known: Instant) -> Against {
    let bounded = stated.bounded_at(key);
    Against {
        name: bounded.map(|bounded| named(&stated.fact, &bounded.key)),
        earliest: bounded.map_or(known, |bounded| bounded.earliest),
        latest: bounded.map_or(known, |bounded| bounded.latest),
    }
}

/// The moves of a processor into another one, or out of one.
fn moves(stated: &Stated) -> Vec<Against> {
    let Fact::Processor(processor) = &stated.fact else {
        return Vec::new();
    };
    let inward = processor
        .moves
        .iter()
        .enumerate()
        .filter(|(_, change)| change.inside.is_some());
    let known = inward.map(|(number, change)| against(stated, InstantKey::of_move(number), change.at));
    known.collect()
}
