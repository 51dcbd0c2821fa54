//! Whether the corrections and retractions of a document fit what a store holds.

use rustc_hash::{FxHashMap, FxHashSet};

use super::DbError;
use super::told::stated;
use crate::facts::standing::{Told, changed_twice, twice};
use crate::model::fact::{Fact, Stated};
use crate::model::id::FactId;
use crate::model::place::{Problem, ProblemCode};
use crate::model::recorded::{Horizon, RecordTime, Recording};
use crate::model::word::Section;
use crate::store::View;

/// Every problem, with its place; `standing` is the catalogue before.
pub fn problems(before: &View, standing: &[Stated], facts: &[Stated]) -> Result<Vec<Problem>, DbError> {
    let mut problems: Vec<Problem> = facts.iter().filter_map(numbered).collect();
    if facts.iter().all(|stated| stated.target().is_none()) {
        return Ok(problems);
    }
    let mut told = stored(before, facts)?;
    let known = told.len();
    // What the store holds word for word changes nothing again.
    let fresh = facts
        .iter()
        .filter(|stated| !told[..known].iter().any(|(old, _)| is_same(old, stated)));
    let fresh: Vec<(Stated, _)> = fresh
        .map(|stated| (stated.clone(), stated.fact.happened()))
        .collect();
    told.extend(fresh);
    let records: Vec<Told<'_>> = told
        .iter()
        .map(|(stated, at)| Told::of(stated, *at, Horizon::Known(RecordTime::Number(u64::MAX))))
        .collect();
    for (index, earlier) in changed_twice(&records) {
        let (later, earlier) = (index.max(earlier), index.min(earlier));
        if later < known {
            continue;
        }
        let stated = &told[later].0;
        let target = stated.target().map_or("", FactId::as_str);
        let (code, message, help) = twice(target, stated, &told[earlier].0);
        problems.push(Problem {
            code,
            place: stated.place.clone(),
            message,
            help,
        });
    }
    problems.extend(circles(standing, facts));
    Ok(problems)
}

/// The problem of a number as recorded time, which a store cannot keep.
pub fn numbered(stated: &Stated) -> Option<Problem> {
    matches!(stated.recording.recorded, Some(RecordTime::Number(_))).then(|| Problem {
        code: ProblemCode::RecordedNumber,
        place: stated.place.clone(),
        message: "`recorded` is a number, and a store numbers its commits itself".to_owned(),
        help: "write the instant at which it was recorded, or leave the key away".to_owned(),
    })
}

type Dated = (Stated, Option<crate::model::time::Instant>);

/// What the store holds of the facts that are changed, with the instants of their commits.
fn stored(before: &View, facts: &[Stated]) -> Result<Vec<Dated>, DbError> {
    let mut names: Vec<(Section, FactId)> = facts
        .iter()
        .filter_map(|stated| Some((stated.fact.section(), stated.target()?.clone())))
        .collect();
    let mut looked: FxHashSet<(Section, FactId)> = FxHashSet::default();
    let mut records = Vec::new();
    while let Some((section, id)) = names.pop() {
        if !looked.insert((section, id.clone())) {
            continue;
        }
        for record in before.versions(section, id.as_str())? {
            names.extend(record.target().map(|target| (section, target.clone())));
            records.push(record);
        }
    }
    records.sort_unstable_by_key(|record| record.number);
    records.dedup_by_key(|record| record.number);
    let mut told = Vec::with_capacity(records.len());
    for record in records {
        let commit = before.commits(record.number.sequence, 1)?.pop();
        told.push((stated(record)?, commit.map(|commit| commit.recorded)));
    }
    Ok(told)
}

fn is_same(old: &Stated, new: &Stated) -> bool {
    old.fact == new.fact
        && old.recording == new.recording
        && (matches!(old.fact, Fact::Act(_)) || old.item == new.item)
}

/// Declarations that a correction would make their own ancestors.
fn circles(standing: &[Stated], facts: &[Stated]) -> Vec<Problem> {
    let Some(version) = facts
        .iter()
        .find(|stated| stated.fact.section().is_declaration() && stated.is_version())
    else {
        return Vec::new();
    };
    let name = |stated: &Stated| Some((stated.fact.section(), stated.fact.id()?.to_owned()));
    let newest: FxHashMap<_, usize> = (0..)
        .zip(facts)
        .filter_map(|(i, stated)| Some((name(stated)?, i)))
        .collect();
    let before = standing
        .iter()
        .filter(|stated| name(stated).is_none_or(|name| !newest.contains_key(&name)));
    let now = (0..)
        .zip(facts)
        .filter(|(i, stated)| name(stated).is_some_and(|name| newest.get(&name) == Some(i)))
        .map(|(_, stated)| stated);
    let together: Vec<Stated> = before
        .chain(now)
        .filter(|stated| stated.fact.section().is_declaration())
        .map(|stated| Stated {
            recording: Recording::default(),
            ..stated.clone()
        })
        .collect();
    let mut problems = crate::import::cycles(&together);
    for problem in &mut problems {
        problem.place = version.place.clone();
    }
    problems
}
