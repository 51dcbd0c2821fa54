//! What of the facts is kept in memory: who and what they speak of, and what holds for everybody. Acts are read when somebody
//! asks.

use super::told::Ranked;
use crate::model::fact::{Fact, Stated};
use crate::model::id::SubjectId;
use crate::store;

/// What names no subject, or everyone, and is no act; and re-identifications.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The facts, in the order of the record; of a store with their ranks.
    pub ranked: Ranked,
    /// Whether there are other acts with everyone's data; of a store, those too that were taken back.
    pub has_acts: bool,
}

impl Catalogue {
    /// That of all these facts, which stand.
    pub fn of(facts: &[Stated]) -> Self {
        let own = facts.iter().filter(|stated| belongs_to_catalogue(&stated.fact));
        let ranked = Ranked {
            facts: own.cloned().collect(),
            ranks: Vec::new(),
        };
        Self {
            ranked,
            has_acts: facts.iter().any(|stated| is_act_of_everyone(&stated.fact)),
        }
    }
}

/// Whether the fact is read with every family.
pub fn concerns_all(fact: &Fact) -> bool {
    let subjects = fact.subjects();
    subjects.is_empty()
        || subjects.iter().any(SubjectId::is_everyone)
        || matches!(fact, Fact::Act(act) if store::concerns_everybody(act))
}

/// Whether the fact is kept in memory: it names no subject, or everyone, and is no act; or it is a re-identification, which
/// speaks about everybody's data. Acts with everyone's data are a family like others, read when somebody asks.
pub fn belongs_to_catalogue(fact: &Fact) -> bool {
    concerns_all(fact) && !is_act_of_everyone(fact)
}

/// Whether the fact is an act with everyone's data that is not in the catalogue.
pub fn is_act_of_everyone(fact: &Fact) -> bool {
    let Fact::Act(act) = fact else { return false };
    !store::concerns_everybody(act) && act.subjects.iter().any(SubjectId::is_everyone)
}
