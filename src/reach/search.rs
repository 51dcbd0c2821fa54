//! Did copies of a field, or anything made from them, reach a processor, and by which chain?
//!
//! One pass in the order of creation: a copy is found when it is a source, or else when its least found parent is.
//! The least found copy of a life is a running minimum, so that the pass takes constant work for each copy.

use crate::graph::number::Number as _;
use crate::graph::{ActNo, CopyNo, FieldNo, History, ProcessorNo, Replay};
use crate::model::id::FieldId;
use crate::model::time::Instant;
use crate::model::word::Role;

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Copies of this field …
    pub field: FieldNo,
    /// … at this processor, or at any.
    pub from: Option<ProcessorNo>,
    /// Anonymized copies end the way, unless re-identified at or before `limit`.
    pub personal_only: bool,
    /// What is known: re-identifications after this do not count.
    pub limit: Instant,
    /// Whether copies that contradict the record count.
    pub with_contradicted: bool,
}

/// How a copy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is a source itself.
    Source,
    /// By way of this parent.
    From(CopyNo),
}

/// The copies found, each with one path.
#[derive(Debug)]
pub struct Found<'r> {
    replay: &'r Replay,
    steps: Vec<Option<Step>>,
    lengths: Vec<u32>,
}

impl<'r> Found<'r> {
    /// Searches all copies; `defeated` are fields that were re-identified, and when. Cost: linear in the number of
    /// copies.
    pub fn new(
        history: &History,
        replay: &'r Replay,
        search: Search,
        defeated: &[(FieldId, Instant)],
    ) -> Self {
        let is_hidden = hidden_fields(history, search, defeated);
        let mut steps: Vec<Option<Step>> = Vec::new();
        let mut lengths: Vec<u32> = Vec::new();
        // The least found copy of the life, up to and with this copy.
        let mut best_so_far: Vec<Option<CopyNo>> = Vec::new();
        for (number, copy) in replay.copies() {
            let holding = replay.holding_of(copy);
            let is_dead = (copy.role == Role::Contradicted && !search.with_contradicted)
                || is_hidden[holding.field.index()];
            let is_source =
                holding.field == search.field && search.from.is_none_or(|from| from == holding.processor);
            let step = if is_dead {
                None
            } else if is_source {
                Some(Step::Source)
            } else {
                replay
                    .parent_stretches(copy)
                    .iter()
                    .filter_map(|stretch| {
                        let last = *replay.copies_in(*stretch).last()?;
                        if replay.begins_life(*stretch) {
                            best_so_far[last.index()]
                        } else {
                            steps[last.index()].map(|_| last)
                        }
                    })
                    .min_by_key(|parent| replay.rank(*parent))
                    .map(Step::From)
            };
            lengths.push(match step {
                None => 0,
                Some(Step::Source) => copy.depth,
                Some(Step::From(parent)) => lengths[parent.index()] + 1,
            });
            let before = replay
                .before_in_life(number)
                .and_then(|before| best_so_far[before.index()]);
            let own = step.map(|_| number);
            best_so_far.push(
                [before, own]
                    .into_iter()
                    .flatten()
                    .min_by_key(|copy| replay.rank(*copy)),
            );
            steps.push(step);
        }
        Self {
            replay,
            steps,
            lengths,
        }
    }

    /// Whether the copy was found.
    pub fn contains(&self, number: CopyNo) -> bool {
        self.steps[number.index()].is_some()
    }

    /// The number of acts on the copy's path; 0 when it was not found.
    pub fn path_length(&self, number: CopyNo) -> u32 {
        self.lengths[number.index()]
    }

    /// The acts from a first acquisition by way of a source to the copy; empty when it was not found.
    pub fn path(&self, number: CopyNo) -> Vec<ActNo> {
        let mut down = Vec::new();
        let mut current = number;
        loop {
            match self.steps[current.index()] {
                None => return Vec::new(),
                Some(Step::Source) => break,
                Some(Step::From(parent)) => {
                    down.push(self.replay.copy(current).via);
                    current = parent;
                }
            }
        }
        let mut path = self.replay.chain(current);
        path.extend(down.into_iter().rev());
        path
    }
}

/// For each field, whether its copies end the way.
fn hidden_fields(history: &History, search: Search, defeated: &[(FieldId, Instant)]) -> Vec<bool> {
    let things = &history.things;
    let mut hidden: Vec<bool> = things
        .fields()
        .all()
        .map(|field| search.personal_only && !things.is_personal(field))
        .collect();
    for (id, at) in defeated {
        if let Some(field) = things.fields().get(id).filter(|_| *at <= search.limit) {
            hidden[field.index()] = false;
        }
    }
    hidden
}
