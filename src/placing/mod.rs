//! Uncertain times: acts, and instants of other facts, of which only the bounds are known, put at instants inside them.
//!
//! A *placement* takes every uncertain act to be at one instant of its bounds, both included; under it the facts are
//! plain facts, and the ordinary engine judges them. What is so in every placement is *definite*, what is so in some is
//! *possible*. There are endlessly many placements and few that differ: [`points`] finds for each act the instants that
//! stand for all others, [`plan`] lists the placements to try, [`findings`] and [`answers`] put together what came
//! of each, and [`relaxed`] decides what is left open of reach. Pure: nothing here replays or judges.

pub mod answers;
pub mod findings;
pub mod instants;
pub mod plan;
pub mod points;
pub mod relaxed;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::fact::{Fact, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::{Instant, Zone};

/// Names listed in a sentence; more are counted.
const NAMES_MAX: usize = 20;

/// An act whose instant is known by its bounds, both included; or the end of one that stands, or an instant of another
/// fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertain {
    /// The act; of any other instant section, fact and key, such as `authorizations/consent-1.withdrawn`.
    pub id: FactId,
    /// Not before this.
    pub earliest: Instant,
    /// Not after this.
    pub latest: Instant,
    /// Whose data, as the act lists them.
    pub subjects: Vec<SubjectId>,
}

impl Uncertain {
    /// Those among the facts, in their order.
    pub fn among<'f>(facts: impl IntoIterator<Item = &'f Stated>) -> Vec<Self> {
        facts.into_iter().flat_map(Self::of).collect()
    }

    fn of(stated: &Stated) -> Vec<Self> {
        let subjects = stated.fact.subjects();
        let uncertain = |id: FactId, (earliest, latest): (Instant, Instant), subjects: &[SubjectId]| Self {
            id,
            earliest,
            latest,
            subjects: subjects.to_vec(),
        };
        if let Fact::Act(act) = &stated.fact {
            let at = act.at.bounds().map(|bounds| (act.id.clone(), bounds));
            let end = || Some((named(&stated.fact, "until"), act.at.end_bounds()?));
            let known = at.or_else(end);
            return known
                .map(|(id, bounds)| uncertain(id, bounds, subjects))
                .into_iter()
                .collect();
        }
        // What is said of everyone counts for each person.
        let is_of_all = subjects.iter().any(SubjectId::is_everyone);
        let whose = if is_of_all { &[] } else { subjects };
        let each = stated.bounded.iter().map(|bounded| {
            let id = named(&stated.fact, bounded.key);
            uncertain(id, (bounded.earliest, bounded.latest), whose)
        });
        each.collect()
    }
}

/// What an instant of a fact is called, apart from that of an act.
fn named(fact: &Fact, key: &str) -> FactId {
    let (section, id) = (fact.section().as_str(), fact.id().unwrap_or_default());
    FactId::from(format!("{section}/{id}.{key}").as_str())
}

/// An instant for each of some uncertain acts; the others are at their earliest. Cheap to copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement(Arc<FxHashMap<FactId, Instant>>);

impl Placement {
    /// These acts at these instants.
    pub fn new(chosen: impl IntoIterator<Item = (FactId, Instant)>) -> Self {
        Self(Arc::new(chosen.into_iter().collect()))
    }

    /// Where it puts the act, if it says.
    pub fn of(&self, act: &FactId) -> Option<Instant> {
        self.0.get(act).copied()
    }

    /// Puts a fact where it says.
    pub fn lay(&self, stated: &mut Stated) {
        if !stated.is_uncertain() {
            return;
        }
        for uncertain in Uncertain::of(stated) {
            let Some(at) = self.of(&uncertain.id) else {
                continue;
            };
            if let Fact::Act(act) = &mut stated.fact {
                act.at = act.at.placed_at(at);
            }
            for bounded in &stated.bounded {
                if uncertain.id == named(&stated.fact, bounded.key)
                    && let Some(known) = stated.fact.instant_mut(bounded.key)
                {
                    *known = at.clamp(bounded.earliest, bounded.latest);
                }
            }
        }
    }
}

/// Where a placement puts acts, for people: `a on 2024-…, b on 2024-…`.
fn told(acts: &[(FactId, Instant)], zone: &Zone) -> String {
    let mut told: Vec<String> = acts
        .iter()
        .take(NAMES_MAX)
        .map(|(act, at)| format!("{act} on {}", zone.print(*at)))
        .collect();
    if acts.len() > NAMES_MAX {
        told.push(format!("and {} more", acts.len() - NAMES_MAX));
    }
    told.join(", ")
}
