//! The oracle docs/semantics.md 12, for instant acts: a flood over holdings and ticks. It knows no copies.
//!
//! A holding v = (processor, field), for one subject. A tick k = the position of an act in (instant, position) order; `[v][k]`
//! says what is held after act k has been run, so "hold[u][k] (order inside k as docs/checks.md 1 says)" is what was held when act k
//! began, `[u][k - 1]`.

use super::facts::{self, Event, Facts};
use serde_json::Value;

struct Holding {
    processor: String,
    field: String,
}

/// Every holding of the file, whether or not anything is ever held there.
fn holdings(facts: &Facts) -> Vec<Holding> {
    let mut all = Vec::new();
    for processor in &facts.processors {
        for field in &facts.fields {
            all.push(Holding {
                processor: processor.id.clone(),
                field: field.id.clone(),
            });
        }
    }
    all
}

/// `ended(v, k)`: act k is a delete or an assign of this holding by its processor.
fn ended(event: &Event, v: &Holding) -> bool {
    matches!(event.act.as_str(), "delete" | "assign")
        && event.actor == v.processor
        && event.fields.contains(&v.field)
}

/// `seed(v, k)`: act k is a collect into this holding.
fn seed(event: &Event, v: &Holding) -> bool {
    event.act == "collect" && event.actor == v.processor && event.fields.contains(&v.field)
}

/// `instant act (u->v, k)`.
fn flows(event: &Event, u: &Holding, v: &Holding) -> bool {
    match event.act.as_str() {
        _ if event.standing.is_some() => false,
        "share" | "verify" | "disclose" | "delegate" | "assign" => {
            event.actor == u.processor
                && event.recipient.as_ref() == Some(&v.processor)
                && u.field == v.field
                && event.fields.contains(&u.field)
        }
        "derive" => {
            event.actor == u.processor
                && event.actor == v.processor
                && event.fields.contains(&u.field)
                && event.makes.contains(&v.field)
        }
        _ => false,
    }
}

/// "a standing act u -> v over [s, e), s <= k < e": it begins at its own tick.
fn stands(facts: &Facts, subject: &str, k: usize, u: &Holding, v: &Holding) -> bool {
    facts.events[..=k].iter().any(|act| {
        let is_active = act
            .standing
            .is_some_and(|until| until.is_none_or(|until| facts.events[k].at < until));
        let mut instant = act.clone();
        instant.standing = None;
        is_active && act.subjects.iter().any(|s| s == subject) && flows(&instant, u, v)
    })
}

/// The fixpoint of docs/checks.md 10. `seed` and the holding that counts as a source are given by the caller.
fn fixpoint(
    facts: &Facts,
    all: &[Holding],
    subject: &str,
    is_seed: &dyn Fn(usize, usize) -> bool,
) -> Vec<Vec<bool>> {
    let ticks = facts.events.len();
    let mut hold = vec![vec![false; ticks]; all.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for k in 0..ticks {
            let event = &facts.events[k];
            let concerned = event.subjects.iter().any(|s| s == subject);
            for v in 0..all.len() {
                let kept = k > 0 && hold[v][k - 1] && !(concerned && ended(event, &all[v]));
                let carried = concerned
                    && k > 0
                    && (0..all.len()).any(|u| hold[u][k - 1] && flows(event, &all[u], &all[v]));
                let supplied =
                    (0..all.len()).any(|u| hold[u][k] && stands(facts, subject, k, &all[u], &all[v]));
                if !hold[v][k] && (is_seed(v, k) || kept || carried || supplied) {
                    hold[v][k] = true;
                    changed = true;
                }
            }
        }
    }
    hold
}

/// Did `field` (held at `from`, if given), or anything made from it, ever reach `to`, for this subject, up to `as_of`?
pub fn reached(file: &Value, field: &str, from: Option<&str>, to: &str, subject: &str) -> bool {
    let facts = facts::read(file);
    let all = holdings(&facts);
    let concerned = |k: usize| facts.events[k].subjects.iter().any(|s| s == subject);
    // who holds anything at all
    let held = fixpoint(&facts, &all, subject, &|v, k| {
        concerned(k) && seed(&facts.events[k], &all[v])
    });
    // the flood from the holdings of the field, each a seed as soon as it holds
    let is_source = |v: usize| all[v].field == field && from.is_none_or(|from| from == all[v].processor);
    let flood = fixpoint(&facts, &all, subject, &|v, k| is_source(v) && held[v][k]);
    (0..all.len()).any(|v| {
        all[v].processor == to
            && (0..facts.events.len()).any(|k| facts.events[k].at <= facts.as_of && flood[v][k])
    })
}
