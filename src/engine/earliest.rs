//! Since when each life holds anything, where not every act counts: one pass over all acts in order of time.
//!
//! [`Arrivals`](super::Arrivals) answers the same where all acts count, from few starts. This pass is made once, when a graph
//! is laid down, for each way to count: it asks of every act whether it counts, and heeds standing flows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::columns::{Columns, Start};
use super::position::Position;

/// How data first comes to a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Since when.
    pub at: Position,
    /// The row that brought it; nothing where it begins there, or a standing flow brought it.
    pub by: Option<u32>,
}

/// Finds how data first comes to each life, from all starts together, by the acts that count: `counts` is asked with the label
/// and the life that is taken from. Under RECORDED and STRICT, where no act passes on what comes in its own moment but standing flows.
///
/// Cost: a look at each row, in order; each standing flow once for each time its source is found to hold earlier.
pub fn earliest(
    columns: &Columns,
    starts: impl Iterator<Item = Start>,
    counts: impl Fn(u32, u32) -> bool,
) -> Vec<Option<First>> {
    let mut pass = Pass {
        columns,
        counts,
        first: vec![None; columns.lives() as usize],
        waiting: BinaryHeap::new(),
    };
    for Start { life, at } in starts {
        pass.comes(life, First { at, by: None });
    }
    let mut moment = Position::FIRST;
    for row in 0..columns.rows() {
        if columns.rows.marks.begins(row) {
            moment = Position::of_row(row);
            pass.arrive(moment);
        }
        pass.row(row, moment);
    }
    pass.arrive(Position::LAST);
    pass.first
}

struct Pass<'c, C> {
    columns: &'c Columns,
    counts: C,
    first: Vec<Option<First>>,
    /// What standing flows will have brought, and whom to, the next one first.
    waiting: BinaryHeap<Reverse<(Position, u32)>>,
}

impl<C: Fn(u32, u32) -> bool> Pass<'_, C> {
    fn row(&mut self, row: u32, moment: Position) {
        let (from, to) = self.columns.ends_of(row);
        let is_held = self.first[from as usize].is_some_and(|first| first.at < moment);
        if is_held && self.columns.is_act(row) && (self.counts)(self.columns.label(row), from) {
            let by = Some(row);
            self.comes(to, First { at: moment, by });
        }
    }

    /// Data comes to a life; standing flows pass it on.
    fn comes(&mut self, life: u32, first: First) {
        let known = &mut self.first[life as usize];
        if known.is_some_and(|known| known.at <= first.at) {
            return;
        }
        *known = Some(first);
        for piece in self.columns.pieces.out(life) {
            let opens = self.columns.settled(Position(piece.opens)).max(first.at);
            if opens.0 < piece.closes && (self.counts)(piece.label, life) {
                self.waiting.push(Reverse((opens, piece.to)));
            }
        }
    }

    /// What standing flows have brought by a moment.
    fn arrive(&mut self, moment: Position) {
        while let Some(Reverse((at, life))) = self.waiting.peek().copied() {
            if at > moment {
                return;
            }
            self.waiting.pop();
            self.comes(life, First { at, by: None });
        }
    }
}
