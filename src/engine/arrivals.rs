//! Since when everything holds, from one set of starts: a search while little is reached, a pass over all rows when
//! much is.
//!
//! A search jumps about in memory; a pass reads the rows as they lie. When the search has read a sixty-fourth of what
//! a pass would read, the pass takes over what is known and finishes. It keeps arrivals and, for each life, the row
//! by which it was reached first; chains with the fewest acts are the search's alone.

use super::columns::{Columns, Start, stop};
use super::frontier::{Frontier, Limits};
use super::gains::Hop;
use super::position::Position;
use crate::sys::prefetch;

const NONE: u32 = u32::MAX;
/// Rows ahead that are fetched.
const AHEAD: usize = 16;
/// What part of a pass a search may read before the pass takes over.
///
/// A row read by the search costs about thirty times a row of the pass: what changes over has cost half a pass more
/// than it had to.
const SHARE: u64 = 64;
/// Longer knots are left to the search: a pass runs each until nothing changes.
const KNOT_ROWS_MAX: u32 = 64;

/// Earliest arrivals. The memory can be used again.
#[derive(Debug)]
pub struct Arrivals {
    search: Frontier,
    /// Whether the pass took over.
    passed: bool,
    can_pass: bool,
    /// Of each life: since when it holds, and the row by which it was reached.
    cells: Vec<[u32; 2]>,
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
            cells: Vec::new(),
        }
    }

    /// Finds since when everything holds, up to a position. Cost: at most thrice the cheaper of a search and
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
            let at = |life| self.search.arrival(life).map_or(NONE, |at| at.0);
            self.cells.clear();
            self.cells
                .extend((0..columns.lives()).map(|life| [at(life), NONE]));
            // Rows beyond the limit carry nothing that counts.
            let last = until.row().saturating_add(until.0 & 1).min(end);
            self.pass(columns, first, last);
        }
    }

    fn pass(&mut self, columns: &Columns, first: u32, end: u32) {
        let [from, to, _] = columns.in_time();
        let is_knot = |stop: &&[u32; 5]| stop[1] & stop::KIND == stop::KNOT && stop[0] >= first;
        let mut row = first;
        for [begin, _, finish, ..] in columns.stops.iter().filter(is_knot) {
            self.plain(columns, from, to, row..(*begin).min(end));
            if *begin >= end {
                return;
            }
            while self.knot(from, to, *begin..*finish) {}
            row = *finish;
        }
        self.plain(columns, from, to, row..end);
    }

    fn plain(&mut self, columns: &Columns, from: &[u32], to: &[u32], rows: std::ops::Range<u32>) {
        if rows.is_empty() {
            return;
        }
        let marks = &columns.rows.marks;
        if columns.ties().chains() {
            self.rows(from, to, rows, |row| 2 * row + 1);
        } else {
            // Where nothing is passed on inside a moment, only what was there before it counts.
            let mut moment = marks.first(rows.start);
            self.rows(from, to, rows, |row| {
                if marks.begins(row) {
                    moment = row;
                }
                2 * moment
            });
        }
    }

    /// Rows in their order; what a row passes on arrived by the latest position at most. Nothing in the loop depends on
    /// what is held but what is written.
    #[inline]
    fn rows(
        &mut self,
        from: &[u32],
        to: &[u32],
        rows: std::ops::Range<u32>,
        mut latest: impl FnMut(u32) -> u32,
    ) {
        let (first, last) = (rows.start as usize, rows.end as usize);
        let ahead = from.len().min(last + AHEAD);
        let (next_from, next_to) = (&from[..ahead], &to[..ahead]);
        let (from, to) = (&from[first..last], &to[first..last]);
        let cells = &mut self.cells[..];
        for ((row, source), target) in rows.zip(from).zip(to) {
            if let Some(next) = next_from.get(row as usize + AHEAD) {
                prefetch(cells, *next as usize);
                prefetch(cells, next_to[row as usize + AHEAD] as usize);
            }
            let now = 2 * row + 1;
            let held = cells[*source as usize][0] <= latest(row);
            let cell = &mut cells[*target as usize];
            // One comparison: what is not held counts as coming after everything.
            let comes = if held { now } else { NONE };
            *cell = if comes < cell[0] { [now, row] } else { *cell };
        }
    }

    /// Runs the rows of a knot once; whether anything changed.
    fn knot(&mut self, from: &[u32], to: &[u32], rows: std::ops::Range<u32>) -> bool {
        let mut changed = false;
        let latest = 2 * rows.end;
        for row in rows {
            let target = to[row as usize] as usize;
            // Whoever holds by the end of the knot holds in its moment; only news are noted, so that chains end.
            if self.cells[from[row as usize] as usize][0] <= latest && self.cells[target][0] > latest {
                self.cells[target] = [2 * row + 1, row];
                changed = true;
            }
        }
        changed
    }

    /// Forgets what was found. The next run does so too: done at once, what was touched is still near, and whoever asks
    /// next does not pay for it.
    pub fn forget(&mut self) {
        self.search.clear();
        self.cells.clear();
        self.passed = false;
    }

    /// Since when the life holds.
    pub fn arrival(&self, life: u32) -> Option<Position> {
        if self.passed {
            let [at, _] = self.cells.get(life as usize).copied()?;
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
                    .zip(&self.cells)
                    .filter(|(_, [at, _])| *at != NONE)
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
            while let Some([_, row]) = self.cells.get(life as usize).filter(|[_, row]| *row != NONE) {
                rows.push(Hop::Row(*row));
                life = columns.ends_of(*row).0;
            }
        }
        let mut chain = self.search.earliest(life);
        chain.extend(rows.into_iter().rev());
        chain
    }
}
