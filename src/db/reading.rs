//! Which acts a question takes to have carried.

use crate::model::word::Carries;

/// Which acts count as carrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Also those that only may have carried.
    pub with_possible: bool,
    /// Also those that carried nothing and had a say in what came out.
    pub with_influence: bool,
}

impl Reading {
    /// Every act.
    pub const ALL: Self = Self {
        with_possible: true,
        with_influence: true,
    };

    /// Whether the act counts under this reading.
    pub fn counts(self, carries: Carries) -> bool {
        match carries {
            Carries::Surely => true,
            Carries::Possible => self.with_possible,
            Carries::Influence => self.with_influence,
        }
    }
}
