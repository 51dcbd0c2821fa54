//! Uncertain times: acts of which only the bounds of their instant are known, put at instants inside them.
//!
//! A *placement* takes every uncertain act to be at one instant of its bounds, both included; under it the facts are
//! plain facts, and the ordinary engine judges them. What is so in every placement is *definite*, what is so in some is
//! *possible*. There are endlessly many placements and few that differ: [`points`] finds for each act the instants that
//! stand for all others, [`touches`] says which acts have to be held against which, [`plan`] lists the placements to try, [`findings`] and [`answers`] put together what came
//! of each, and [`relaxed`] decides what is left open of reach. Pure: nothing here replays or judges.

pub mod answers;
pub mod findings;
pub mod instants;
pub mod plan;
pub mod points;
pub mod relaxed;
pub mod touches;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::fact::{Fact, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::{Instant, Zone};

/// Names listed in a sentence; more are counted.
const NAMES_MAX: usize = 20;

/// An act whose instant is known by its bounds, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertain {
    /// The act.
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
        facts
            .into_iter()
            .filter_map(|stated| {
                let Fact::Act(act) = &stated.fact else { return None };
                let (earliest, latest) = act.at.bounds()?;
                Some(Self {
                    id: act.id.clone(),
                    earliest,
                    latest,
                    subjects: act.subjects.clone(),
                })
            })
            .collect()
    }
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
        if let Fact::Act(act) = &mut stated.fact
            && let Some(at) = self.of(&act.id)
        {
            act.at = act.at.placed_at(at);
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
