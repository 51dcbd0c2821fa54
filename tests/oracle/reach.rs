//! The question `reach` (docs/checks.md 10).

use super::checks_ending::is_timeless;
use super::facts::{self, Facts, Instant};
use super::judged;
use super::lookups::{is_personal, within, within_any};
use super::questions::parameter;
use super::replay::{self, CONTRADICTED, Replay};
use serde_json::{Value, json};

/// What a search upwards looks for.
struct Wanted {
    field: String,
    from: Option<String>,
    /// With `personal_only`: the fields whose copies are passed over. Whose act it was that re-identified one does not matter.
    passed_over: Vec<String>,
    avoiding: Vec<String>,
    /// `as_known_at`, else `as_of`.
    limit: Instant,
}

/// A place in a search upwards: the copy, whether the find is still above it, and who is still to be passed.
#[derive(Clone, PartialEq)]
struct Place {
    copy: usize,
    is_below_find: bool,
    missing: Vec<String>,
}

/// `answer`, `witness` and `arrivals`.
pub fn answer(facts: &Facts, replay: &Replay, ask: &Value) -> Value {
    let limit = facts::instant(ask, "as_known_at").unwrap_or(facts.as_of);
    let mut passed_over: Vec<String> = facts.fields.iter().map(|field| field.id.clone()).collect();
    passed_over.retain(|field| facts::flag(ask, "personal_only") && !counts_as_personal(facts, field, limit));
    let wanted = Wanted {
        field: parameter(ask, "field"),
        from: facts::text(ask, "from"),
        passed_over,
        avoiding: one_or_list(ask, "avoiding"),
        limit,
    };
    let (to, subject) = (parameter(ask, "to"), parameter(ask, "subject"));
    let (from, until) = during(ask);
    let held_at = facts::instant(ask, "held_at");

    // A standing act takes and brings at any time that it is active: again and again.
    let spelled = (!is_timeless(facts)).then(|| {
        let (facts, _) = judged::spell_out(&judged::of_one(facts.clone(), &subject), from);
        let replay = replay::replay(&facts);
        (facts, replay)
    });
    let (facts, replay) = spelled
        .as_ref()
        .map_or((facts, replay), |(facts, replay)| (facts, replay));
    // (length, start, copy) and path of every copy that is left
    let mut left: Vec<((usize, Instant, usize), Vec<usize>)> = Vec::new();
    let mut failed: Vec<Place> = Vec::new();
    for (c, copy) in replay.copies.iter().enumerate() {
        if !within(facts, &copy.processor, &to, copy.start)
            || copy.subject != subject
            || copy.start > wanted.limit
        {
            continue;
        }
        if from.is_some_and(|from| copy.start < from) || until.is_some_and(|until| copy.start >= until) {
            continue;
        }
        let is_held = |t: Instant| copy.start <= t && copy.end.is_none_or(|end| end > t);
        if held_at.is_some_and(|t| !is_held(t)) {
            continue;
        }
        let place = Place {
            copy: c,
            is_below_find: true,
            missing: one_or_list(ask, "through"),
        };
        if let Some(path) = search_up(facts, replay, &wanted, place, &mut failed) {
            left.push(((path.len(), copy.start, c), path));
        }
    }
    let id = |e: &usize| facts.events[*e].id.clone();
    let shortest = left.iter().min_by_key(|(key, _)| *key);
    let witness: Vec<String> = shortest
        .map(|(_, path)| path.iter().map(id).collect())
        .unwrap_or_default();
    let arrivals: Vec<String> = left
        .iter()
        .map(|(_, path)| id(path.last().expect("a path has an act")))
        .collect();
    json!({"answer": !left.is_empty(), "witness": witness, "arrivals": super::findings::sorted(arrivals)})
}

/// The first path that a search upwards meets, or None. `failed` only saves doing a failed search twice.
fn search_up(
    facts: &Facts,
    replay: &Replay,
    wanted: &Wanted,
    place: Place,
    failed: &mut Vec<Place>,
) -> Option<Vec<usize>> {
    let copy = &replay.copies[place.copy];
    if failed.contains(&place) || within_any(facts, &copy.processor, &wanted.avoiding, copy.start) {
        return None;
    }
    if place.is_below_find {
        if copy.role == CONTRADICTED || wanted.passed_over.contains(&copy.field) {
            return None;
        }
        if copy.field == wanted.field
            && wanted
                .from
                .as_ref()
                .is_none_or(|from| within(facts, &copy.processor, from, copy.start))
        {
            let above = Place {
                is_below_find: false,
                ..place
            };
            return search_up(facts, replay, wanted, above, failed);
        }
    } else if copy.parents.is_empty() {
        return place.missing.is_empty().then(|| vec![copy.via]);
    }
    let mut parents = copy.parents.clone();
    parents.sort_by_key(|p| replay.rank(*p));
    for parent in parents {
        let mut next = place.clone();
        next.copy = parent;
        let giver = &replay.copies[parent].processor;
        if within_any(facts, giver, &wanted.avoiding, copy.start) {
            continue;
        }
        next.missing.retain(|who| !within(facts, giver, who, copy.start));
        if let Some(mut path) = search_up(facts, replay, wanted, next, failed) {
            path.push(copy.via);
            return Some(path);
        }
    }
    failed.push(place);
    None
}

/// `personal_only`: "copies of an anonymized field are skipped … unless a reidentify act at or before the limit has that
/// field among its inputs".
fn counts_as_personal(facts: &Facts, field: &str, limit: Instant) -> bool {
    is_personal(facts, field)
        || facts.events.iter().any(|e| {
            e.method.as_deref() == Some("reidentify") && e.at <= limit && e.fields.iter().any(|f| f == field)
        })
}

/// A parameter that is one text or a list of texts.
pub fn one_or_list(ask: &Value, key: &str) -> Vec<String> {
    if let Some(one) = ask[key].as_str() {
        return vec![one.to_owned()];
    }
    let items = ask[key].as_array().into_iter().flatten();
    items
        .map(|item| item.as_str().expect("an id").to_owned())
        .collect()
}

/// `during: FROM/UNTIL`, `..` for an open side.
fn during(ask: &Value) -> (Option<Instant>, Option<Instant>) {
    let Some(text) = facts::text(ask, "during") else {
        return (None, None);
    };
    let (from, until) = text.split_once('/').expect("a window has two sides");
    let side = |side: &str| facts::instant(&json!({"t": side}), "t").filter(|_| side != "..");
    (
        if from == ".." { None } else { side(from) },
        if until == ".." { None } else { side(until) },
    )
}
