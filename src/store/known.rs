//! Which facts of a commit are new, which are known already, and which contradict what is known.

use super::append::{New, refuse, too_many};
use super::codec::{Body, Record, Touched, decode_fact, encode_fact};
use super::columns::Column;
use super::entries::Indexed;
use super::error::{AppendError, Conflict, StoreError};
use super::keys::{Hashing, NAME_LEN, Number};
use super::part::Layout;
use super::seam::Snapshot;
use crate::model::fact::{Fact, Stated};

/// Keys asked for at once.
const ASK_ROWS: usize = 4096;
/// From this many facts on, hashing is shared between threads.
const THREADS_FROM: usize = 20_000;

/// The store that facts are compared with. Those numbered `next` or later do not exist yet.
#[derive(Clone, Copy)]
pub struct Before<'s> {
    /// Its rows.
    pub snapshot: &'s dyn Snapshot,
    /// How they are laid out.
    pub layout: Layout,
    /// The sequence number of the commit to come.
    pub next: u64,
}

/// The facts that are new, in their order. Every fact that contradicts a known one is in the error.
pub fn sort_out<'a>(
    before: Option<Before<'_>>,
    hashing: &Hashing,
    facts: &'a [Stated],
) -> Result<Vec<New<'a>>, AppendError> {
    let names = names(hashing, facts);
    let mut order: Vec<u32> = (0..u32::try_from(facts.len()).map_err(|_| too_many(facts.len()))?).collect();
    let name_at = |index: u32| &names[index as usize];
    order.sort_unstable_by(|a, b| name_at(*a).cmp(name_at(*b)).then(a.cmp(b)));
    let mut keep = vec![true; facts.len()];
    let mut conflicts: Vec<(u32, Conflict)> = Vec::new();
    // Inside the commit: the first of a name stands, the others must agree with it.
    for group in order.chunk_by(|a, b| name_at(*a) == name_at(*b)) {
        let Some((first, others)) = group.split_first() else {
            continue;
        };
        let first = &facts[*first as usize];
        for other in others {
            let fact = &facts[*other as usize];
            keep[*other as usize] = false;
            if !same_stated(first, fact) {
                conflicts.push((*other, conflict(fact, first.place.clone())));
            }
        }
    }
    if let Some(before) = before {
        order.retain(|index| keep[*index as usize]);
        compare(before, facts, &names, &order, &mut keep, &mut conflicts)?;
    }
    if !conflicts.is_empty() {
        conflicts.sort_by_key(|(index, _)| *index);
        return Err(AppendError::Conflicts(
            conflicts.into_iter().map(|(_, conflict)| conflict).collect(),
        ));
    }
    let new = facts.iter().zip(names).zip(keep).filter(|(_, keep)| *keep);
    let new = new.map(|((stated, name), _)| New {
        stated,
        name,
        touched: Touched::default(),
    });
    Ok(new.collect())
}

/// Asks the store about the facts with these indexes, in the order of their names: those it knows are not kept, and
/// those that contradict what it knows are added to the conflicts.
pub fn compare(
    before: Before<'_>,
    facts: &[Stated],
    names: &[[u8; NAME_LEN]],
    order: &[u32],
    keep: &mut [bool],
    conflicts: &mut Vec<(u32, Conflict)>,
) -> Result<(), AppendError> {
    for some in order.chunks(ASK_ROWS) {
        let known = ask(before, some, names)?;
        let keys: Vec<_> = known.iter().map(|(_, old)| old.to_key()).collect();
        let asked: Vec<&[u8]> = keys.iter().map(<[u8; 12]>::as_slice).collect();
        let rows = before.snapshot.get(Column::Facts, &asked)?;
        for ((index, old), row) in known.into_iter().zip(rows) {
            let fact = &facts[index as usize];
            keep[index as usize] = false;
            if let Some(first) = differs(before.layout, fact, old, row.as_deref())? {
                conflicts.push((index, conflict(fact, first.place)));
            }
        }
    }
    Ok(())
}

/// The key in `names` of each fact.
fn names(hashing: &Hashing, facts: &[Stated]) -> Vec<[u8; NAME_LEN]> {
    let untouched = Touched::default();
    let of = |facts: &[Stated]| -> Vec<[u8; NAME_LEN]> {
        facts
            .iter()
            .map(|stated| Indexed::new(stated, &untouched).name(hashing))
            .collect()
    };
    if facts.len() < THREADS_FROM {
        return of(facts);
    }
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZeroUsize::get)
        .min(8);
    let share = facts.len().div_ceil(threads);
    let whole = std::thread::scope(|scope| {
        let shares: Vec<_> = facts
            .chunks(share)
            .map(|some| scope.spawn(move || of(some)))
            .collect();
        let mut names = Vec::with_capacity(facts.len());
        for share in shares {
            names.extend(share.join().ok()?);
        }
        Some(names)
    });
    // A thread that panicked left a gap; alone, the panic reaches the caller.
    whole.unwrap_or_else(|| of(facts))
}

/// The stored numbers of those facts whose names are taken.
fn ask(
    before: Before<'_>,
    indexes: &[u32],
    names: &[[u8; NAME_LEN]],
) -> Result<Vec<(u32, Number)>, StoreError> {
    let keys: Vec<&[u8]> = indexes
        .iter()
        .map(|index| names[*index as usize].as_slice())
        .collect();
    let found = before.snapshot.get(Column::Names, &keys)?;
    let mut known = Vec::new();
    for ((index, key), value) in indexes.iter().zip(&keys).zip(found) {
        if let Some(value) = value {
            let number = Number::from_key(&value)
                .ok_or_else(|| StoreError::corrupt(Column::Names, key, "the number has another length"))?;
            if number.sequence < before.next {
                known.push((*index, number));
            }
        }
    }
    Ok(known)
}

/// The stored fact of this number, in this row of `facts`, if its content is not that of `fact`.
fn differs(
    layout: Layout,
    fact: &Stated,
    number: Number,
    row: Option<&[u8]>,
) -> Result<Option<Record>, AppendError> {
    let key = number.to_key();
    let corrupt = |detail: &str| StoreError::corrupt(Column::Facts, &key, detail);
    let row = row.ok_or_else(|| corrupt("a row that `names` points to is missing"))?;
    let stored = layout
        .record(row)
        .ok_or_else(|| corrupt("the row is too short"))?;
    // The same bytes before the place: the usual case, decided without decoding.
    let mut bytes = Vec::new();
    let content = encode_fact(fact, &mut bytes)
        .map_err(|error| refuse(&format!("the fact at {}", fact.place), &error))?;
    if stored.starts_with(&bytes[..content]) {
        return Ok(None);
    }
    let record = decode_fact(number, stored).map_err(|error| corrupt(&error.to_string()))?;
    let same = match (&record.body, &fact.fact) {
        (Body::Act(old), Fact::Act(new)) => {
            old == new && same_json(record.item.as_deref().unwrap_or_default(), &fact.item)
        }
        (Body::Item(old), _) => record.section == fact.fact.section() && same_json(old, &fact.item),
        (Body::Act(_), _) => false,
    };
    Ok((!same || record.recording != fact.recording).then_some(record))
}

fn same_stated(a: &Stated, b: &Stated) -> bool {
    let same = match (&a.fact, &b.fact) {
        (Fact::Act(first), Fact::Act(second)) => first == second && same_json(&a.item, &b.item),
        (first, second) => first.section() == second.section() && same_json(&a.item, &b.item),
    };
    same && a.recording == b.recording
}

/// Whether two JSON texts mean the same: spaces and the order of keys say nothing.
pub fn same_json(a: &str, b: &str) -> bool {
    use serde_json::Value;
    a == b
        || match (serde_json::from_str::<Value>(a), serde_json::from_str::<Value>(b)) {
            (Ok(a), Ok(b)) => a == b,
            (Ok(_) | Err(_), Ok(_) | Err(_)) => false,
        }
}

fn conflict(fact: &Stated, first: crate::model::place::Place) -> Conflict {
    Conflict {
        section: fact.fact.section(),
        id: fact.fact.id().unwrap_or_default().to_owned(),
        place: fact.place.clone(),
        first,
    }
}
