//! Since when everything holds, from one set of starts: a search while little is reached, a pass over all rows when
//! much is.
//!
//! A search jumps about in memory; a pass reads the rows as they lie. When the search has read a sixteenth of what
//! a pass would read, the pass takes over what is known and finishes. It keeps arrivals and, for each life, the row
//! by which it was reached first; chains with the fewest acts are the search's alone.

use super::columns::{Columns, Start, stop};
use super::frontier::{Frontier, Hop, Limits};
use super::position::Position;
use crate::sys::prefetch;

const NONE: u32 = u32::MAX;
/// Rows ahead that are fetched.
const AHEAD: usize = 16;
/// What part of a pass a search may read before the pass takes over.
const SHARE: u64 = 16;
/// Longer knots are left to the search: a pass runs each until nothing changes.
const KNOT_ROWS_MAX: u32 = 64;

/// Earliest arrivals. The memory can be used again.
#[derive(Debug)]
pub struct Arrivals {
    search: Frontier,
    /// Whether the pass took over.
    passed: bool,
    can_pass: bool,
    at: Vec<u32>,
    by: Vec<u32>,
}

impl Arrivals {
    /// Memory for a graph.
    pub fn new(columns: &Columns) -> Self {
        let is_long =
            |[row, what, end, ..]: &[u32; 5]| what & stop::KIND == stop::KNOT && end - row > KNOT_ROWS_MAX;
        Self {
            search: Frontier::new(columns),
            passed: false,
            can_pass: columns.pieces() == 0 && !columns.stops.iter().any(is_long),
            at: Vec::new(),
            by: Vec::new(),
        }
    }

    /// Finds since when everything holds, up to a position. Cost: a sixteenth more than the cheaper of a search and
    /// a pass, where a pass can be made (no standing flows, no long cycles inside one instant); else a search.
    pub fn run(&mut self, columns: &Columns, starts: &[Start], until: Position) {
        let limits = Limits {
            until,
            ..Limits::NONE
        };
        let first = starts
            .iter()
            .map(|start| columns.ready(start.at))
            .min()
            .unwrap_or(0);
        let end = if until.row() >= columns.rows() {
            columns.rows()
        } else {
            columns.ready(until).max(until.row() + 1).min(columns.rows())
        };
        let left = u64::from(end.saturating_sub(first));
        let most = if self.can_pass { left / SHARE } else { u64::MAX };
        self.passed = !self.search.run_up_to(columns, starts, limits, most);
        if self.passed {
            self.at.clear();
            self.at
                .extend((0..columns.lives()).map(|life| self.search.arrival(life).map_or(NONE, |at| at.0)));
            self.by.clear();
            self.by.resize(columns.lives() as usize, NONE);
            self.pass(columns, first, end, until);
        }
    }

    fn pass(&mut self, columns: &Columns, first: u32, end: u32, until: Position) {
        let [from, to, _] = columns.in_time();
        let is_knot = |stop: &&[u32; 5]| stop[1] & stop::KIND == stop::KNOT && stop[0] >= first;
        let mut row = first;
        for [begin, _, finish, ..] in columns.stops.iter().filter(is_knot) {
            self.plain(columns, from, to, row..(*begin).min(end), until);
            if *begin >= end {
                return;
            }
            while self.knot(from, to, *begin..*finish) {}
            row = *finish;
        }
        self.plain(columns, from, to, row..end, until);
    }

    fn plain(
        &mut self,
        columns: &Columns,
        from: &[u32],
        to: &[u32],
        rows: std::ops::Range<u32>,
        until: Position,
    ) {
        let chains = columns.ties().chains();
        let marks = &columns.rows.marks;
        let (at, by) = (&mut self.at[..], &mut self.by[..]);
        let mut moment = if rows.is_empty() {
            0
        } else {
            marks.first(rows.start)
        };
        for row in rows {
            let place = row as usize;
            if let (Some(from), Some(to)) = (from.get(place + AHEAD), to.get(place + AHEAD)) {
                prefetch(at, *from as usize);
                prefetch(at, *to as usize);
            }
            let now = 2 * row + 1;
            // Where nothing is passed on inside a moment, only what was there before it counts.
            let latest = if chains {
                now
            } else {
                if marks.begins(row) {
                    moment = row;
                }
                2 * moment
            };
            let target = to[place] as usize;
            if at[from[place] as usize] <= latest && now < at[target] && now <= until.0 {
                at[target] = now;
                by[target] = row;
            }
        }
    }

    /// Runs the rows of a knot once; whether anything changed.
    fn knot(&mut self, from: &[u32], to: &[u32], rows: std::ops::Range<u32>) -> bool {
        let mut changed = false;
        let latest = 2 * rows.end;
        for row in rows {
            let target = to[row as usize] as usize;
            // Whoever holds by the end of the knot holds in its moment; only news are noted, so that chains end.
            if self.at[from[row as usize] as usize] <= latest && self.at[target] > latest {
                self.at[target] = 2 * row + 1;
                self.by[target] = row;
                changed = true;
            }
        }
        changed
    }

    /// Since when the life holds.
    pub fn arrival(&self, life: u32) -> Option<Position> {
        if self.passed {
            let at = self.at.get(life as usize).copied()?;
            (at != NONE).then_some(Position(at))
        } else {
            self.search.arrival(life)
        }
    }

    /// The lives reached, starts among them, in no order that means anything.
    pub fn reached(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        if self.passed {
            Box::new(
                (0..)
                    .zip(&self.at)
                    .filter(|(_, at)| **at != NONE)
                    .map(|(life, _)| life),
            )
        } else {
            Box::new(self.search.reached())
        }
    }

    /// A chain that arrives at a life first, from its start on.
    pub fn earliest(&self, columns: &Columns, life: u32) -> Vec<Hop> {
        let mut rows = Vec::new();
        let mut life = life;
        if self.passed {
            while let Some(row) = self.by.get(life as usize).filter(|row| **row != NONE) {
                rows.push(Hop::Row(*row));
                life = columns.ends_of(*row).0;
            }
        }
        let mut chain = self.search.earliest(life);
        chain.extend(rows.into_iter().rev());
        chain
    }
}
