//! Uncertain times: acts, and instants of other facts, of which only the bounds are known, put at instants inside them.
//!
//! A *placement* takes every uncertain act to be at one instant of its bounds, both included; under it the facts are
//! plain facts, and the ordinary engine judges them. What is so in every placement is *definite*, what is so in some is
//! *possible*. There are endlessly many placements and few that differ: [`points`] finds for each act the instants that
//! stand for all others, [`touches`] says which acts have to be held against which, [`plan`] lists the placements to try, [`findings`] and [`answers`] put together what came
//! of each, [`terms`] knows the time limits of requests, and [`relaxed`] decides what is left open of reach. Pure: nothing here replays or judges.

pub mod answers;
pub mod findings;
pub mod instants;
pub mod plan;
pub mod points;
pub mod relaxed;
pub mod terms;
pub mod touches;

use std::fmt::Display;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::bounded::{Bounded, InstantKey};
use crate::model::fact::{Fact, Stated};
use crate::model::id::{FactId, SubjectId};
use crate::model::time::{Instant, Zone};

/// Names listed in a sentence; more are counted.
const NAMES_MAX: usize = 20;

/// An act whose instant is known by its bounds, both included; or the beginning or the end of one that stands, or an instant
/// of another fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertain {
    /// The act; of any other instant section, fact and key, such as `authorizations/consent-1.withdrawn` or
    /// `processors/cloud.moves[0].at`.
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
        Self::wanted(facts, |_, _| true)
    }

    /// The same; of facts that are no acts, those of their instants that are wanted.
    pub fn wanted<'f>(
        facts: impl IntoIterator<Item = &'f Stated>,
        is_wanted: impl Fn(&Fact, InstantKey) -> bool,
    ) -> Vec<Self> {
        let mut found = Vec::new();
        for stated in facts {
            found.extend(Self::of(stated, &is_wanted));
        }
        found
    }

    fn of(stated: &Stated, is_wanted: impl Fn(&Fact, InstantKey) -> bool) -> Vec<Self> {
        let subjects = stated.fact.subjects();
        let uncertain = |id: FactId, (earliest, latest): (Instant, Instant), subjects: &[SubjectId]| Self {
            id,
            earliest,
            latest,
            subjects: subjects.to_vec(),
        };
        if let Fact::Act(act) = &stated.fact {
            let edge = |key: &str, bounds| Some((named(&stated.fact, key), bounds?));
            let at = act.at.bounds().map(|bounds| (act.id.clone(), bounds));
            let all = [
                at,
                edge(BEGIN, act.at.begin_bounds()),
                edge(END, act.at.end_bounds()),
            ];
            let all = all.into_iter().flatten();
            return all.map(|(id, bounds)| uncertain(id, bounds, subjects)).collect();
        }
        // What is said of everyone counts for each person.
        let is_of_all = subjects.iter().any(SubjectId::is_everyone);
        let whose = if is_of_all { &[] } else { subjects };
        let wanted = |bounded: &&Bounded| is_wanted(&stated.fact, bounded.key);
        let each = stated.bounded.iter().filter(wanted).map(|bounded| {
            let id = named(&stated.fact, &bounded.key);
            uncertain(id, (bounded.earliest, bounded.latest), whose)
        });
        each.collect()
    }
}

/// The keys of a standing act.
const BEGIN: &str = "from";
const END: &str = "until";

/// What an instant of a fact is called, apart from that of an act.
fn named(fact: &Fact, key: &(impl Display + ?Sized)) -> FactId {
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
        for uncertain in Uncertain::of(stated, |_, _| true) {
            let Some(at) = self.of(&uncertain.id) else {
                continue;
            };
            let is = |key: &str| uncertain.id == named(&stated.fact, key);
            let (is_begin, is_end) = (is(BEGIN), is(END));
            if let Fact::Act(act) = &mut stated.fact {
                act.at = if uncertain.id == act.id {
                    act.at.placed_at(at)
                } else if is_begin {
                    act.at.begun_at(at)
                } else if is_end {
                    act.at.ended_at(at)
                } else {
                    act.at
                };
            }
            for bounded in &stated.bounded {
                if uncertain.id == named(&stated.fact, &bounded.key)
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
