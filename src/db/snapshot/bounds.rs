//! From how much on a state does its work in parts, in columns or one after the other. No answer depends on
//! it, but where too many combinations of uncertain times would have to be tried, none is given.

use super::{Findings, Snapshot};

impl Snapshot {
    /// The same facts; families with at least so many acts are searched in columns when they are asked about reach,
    /// and not replayed as a whole. By default 20,000.
    #[must_use]
    pub fn in_columns_from(&self, acts: usize) -> Self {
        Self {
            acts_large: acts,
            ..self.clone()
        }
    }

    /// The same facts; of what was committed after columns were laid down, at most so many acts are laid over them anew for each
    /// question, and else all of it at once, for the next ones too. By default 256.
    #[must_use]
    pub fn laying_anew_at_most(&self, acts: usize) -> Self {
        Self {
            laid_anew_most: acts,
            ..self.clone()
        }
    }

    /// The same facts; a store with at least twice as many facts as this is judged in parts of this many, some families at a
    /// time, and not as a whole. By default 16,384.
    #[must_use]
    pub fn in_parts_of(&self, facts: usize) -> Self {
        Self {
            facts_a_part: facts,
            ..self.clone()
        }
    }

    /// The same facts; findings are kept in chunks of at most so many, which states share whose findings differ elsewhere. By
    /// default 512. What is kept already stays in its chunks.
    #[must_use]
    pub fn in_chunks_of(&self, findings: usize) -> Self {
        Self {
            findings_a_chunk: findings,
            ..self.clone()
        }
    }

    /// The same facts; a question that names nobody follows so many of everyone's acts together, each counted once for every
    /// person, and else asks about one person after the other. By default eight million.
    #[must_use]
    pub fn following_together(&self, acts: usize) -> Self {
        Self {
            together_most: acts,
            ..self.clone()
        }
    }

    /// So many facts are judged together, in a store that is judged in parts.
    pub(in crate::db) fn facts_a_part(&self) -> usize {
        self.facts_a_part
    }

    /// The same facts; where acts have uncertain times, at most so many combinations of them are tried that differ for one
    /// person. By default 4,096, and fewer where the facts are many.
    #[must_use]
    pub fn placing_at_most(&self, placements: usize) -> Self {
        Self {
            placements_most: placements,
            found: Findings::default(),
            made_from: None,
            ..self.clone()
        }
    }

    /// How many combinations of uncertain times are tried at most.
    pub(in crate::db) fn placements_most(&self) -> usize {
        self.placements_most
    }
}
