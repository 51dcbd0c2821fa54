//! Forward from where data begins: what holds it, since when, and by which chain.
//!
//! A search in rounds. Each round takes the lives that the round before improved and reads their rows from the new
//! arrival on, up to where an earlier, later arrival has already read: every row is read at most once. What an
//! improvement was made from is kept, so that two chains can be given for each life: the one with the fewest acts
//! (the first round that touched it) and the one that arrives first (its last improvement).

use super::column::number;
use super::columns::{Columns, Start};
use super::gains::{self, Gain, Hop, LIVES_AT_ONCE, NONE};
use super::position::Position;
use crate::sys::prefetch;

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nothing after this position counts.
    pub until: Position,
    /// What happens at the first life that the caller looks for.
    pub goal: Goal,
}

/// What a search is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Everything that is reached; the caller looks for nothing.
    All,
    /// The life with the fewest acts on the way among those looked for: the search stops there.
    Fewest,
    /// The life reached first among those looked for: what would come later is not followed.
    Earliest,
}

impl Limits {
    /// No limit.
    pub const NONE: Self = Self {
        until: Position::LAST,
        goal: Goal::All,
    };
}

/// What is known of a life beside its arrival.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// Rows from here on in the adjacency were read.
    read: u32,
    /// Its first improvement.
    first: u32,
    /// Its last improvement.
    last: u32,
}

const UNTOUCHED: Cell = Cell {
    read: NONE,
    first: NONE,
    last: NONE,
};

/// The memory of a search: 16 bytes a life, and 16 bytes for each improvement. It can be used again; that costs what
/// the search before touched.
#[derive(Debug, Default)]
pub struct Frontier {
    /// Earliest position at which each life holds. Apart from the rest: for most rows nothing else is looked at.
    at: Vec<u32>,
    cells: Vec<Cell>,
    gains: Vec<Gain>,
    /// Steps that were found and not taken yet.
    pending: Vec<Gain>,
    until: u32,
    rows_read: u64,
}

impl Frontier {
    /// Memory for searches in a graph.
    pub fn new(columns: &Columns) -> Self {
        Self {
            at: vec![NONE; columns.lives() as usize],
            cells: vec![UNTOUCHED; columns.lives() as usize],
            ..Self::default()
        }
    }

    /// Searches from the starts; `is_wanted` says which lives the caller looks for. Gives the wanted life, when there
    /// is one and the goal is not [`Goal::All`].
    ///
    /// Cost: each row out of a reached life at most once, and each of its standing flows once for each improvement.
    pub fn run(
        &mut self,
        columns: &Columns,
        starts: &[Start],
        limits: Limits,
        is_wanted: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let mut wanted = None;
        self.rounds(columns, starts, limits, u64::MAX, &is_wanted, &mut wanted);
        wanted
    }

    /// Searches everything, but stops when more rows than this were read. Whether it finished.
    pub(super) fn run_up_to(
        &mut self,
        columns: &Columns,
        starts: &[Start],
        limits: Limits,
        rows: u64,
    ) -> bool {
        self.rounds(columns, starts, limits, rows, &|_| false, &mut None)
    }

    fn rounds(
        &mut self,
        columns: &Columns,
        starts: &[Start],
        limits: Limits,
        rows: u64,
        is_wanted: &impl Fn(u32) -> bool,
        wanted: &mut Option<u32>,
    ) -> bool {
        self.clear();
        self.until = limits.until.0.min(NONE - 1);
        for (place, start) in (0..).zip(starts) {
            if start.at.0 <= self.until {
                self.pending.push(Gain {
                    life: start.life,
                    at: start.at.0,
                    via: NONE,
                    before: place,
                });
            }
        }
        // What begins is not looked for.
        self.take(columns, Goal::All, is_wanted);
        let (mut from, mut to) = (0, self.gains.len());
        while from < to {
            for first in (from..to).step_by(LIVES_AT_ONCE) {
                let places = first..to.min(first + LIVES_AT_ONCE);
                let found = self.extend(columns, places, to, limits.goal, is_wanted);
                *wanted = found.or(*wanted);
                if found.is_some() && limits.goal == Goal::Fewest {
                    return true;
                }
                if self.rows_read > rows {
                    return false;
                }
            }
            (from, to) = (to, self.gains.len());
        }
        true
    }

    /// Reads what some improvements pass on; gives the wanted life they touched, when there is one. The round ends
    /// before the place `end`.
    fn extend(
        &mut self,
        columns: &Columns,
        places: std::ops::Range<usize>,
        end: usize,
        goal: Goal,
        is_wanted: &impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let mut wanted = None;
        let (live, count) = self.live(columns, places, end);
        for place in &live[..count] {
            while self.read(columns, *place) {
                wanted = self.take(columns, goal, is_wanted).or(wanted);
                if wanted.is_some() && goal == Goal::Fewest {
                    return wanted;
                }
            }
        }
        self.take(columns, goal, is_wanted).or(wanted)
    }

    /// The improvements that their own round has not improved once more, and how many; what reading them needs is
    /// fetched.
    #[inline]
    fn live(
        &self,
        columns: &Columns,
        places: std::ops::Range<usize>,
        end: usize,
    ) -> ([usize; LIVES_AT_ONCE], usize) {
        let (begins, rows) = (&columns.lives.out_begins, &columns.lives.out);
        let gains = &self.gains[places.clone()];
        for gain in gains {
            prefetch(&self.cells, gain.life as usize);
            prefetch(begins, gain.life as usize);
            prefetch(&columns.rows.marks.words, gain.at as usize / 128);
        }
        let (mut live, mut count) = ([0; LIVES_AT_ONCE], 0);
        for (place, gain) in places.zip(gains) {
            let cell = &self.cells[gain.life as usize];
            let unread = begins[gain.life as usize + 1].min(cell.read) as usize;
            rows.fetch_before(unread);
            let last = cell.last as usize;
            live[count] = place;
            count += usize::from(last == place || last >= end);
        }
        (live, count)
    }

    /// Finds steps from an improvement; whether there was no room for all.
    #[inline]
    fn read(&mut self, columns: &Columns, place: usize) -> bool {
        let gain = self.gains[place];
        let cell = &mut self.cells[gain.life as usize];
        let known = self.pending.len();
        let read = gains::read_out(columns, gain, place, cell.read, self.until, &mut self.pending);
        cell.read = read.from;
        for step in &self.pending[known..] {
            prefetch(&self.at, step.life as usize);
        }
        self.rows_read += (self.pending.len() - known) as u64;
        read.is_cut
    }

    /// Takes the steps found; gives the wanted life that was touched, when there is one.
    fn take(&mut self, columns: &Columns, goal: Goal, is_wanted: &impl Fn(u32) -> bool) -> Option<u32> {
        let mut pending = std::mem::take(&mut self.pending);
        self.keep_news(&mut pending);
        let stands = columns.pieces() > 0;
        let mut wanted = None;
        // Those of one life were found from the latest back: the earliest first, so that each life gains less often.
        for gain in pending.drain(..).rev() {
            let at = &mut self.at[gain.life as usize];
            if gain.at >= *at {
                // One of the same steps has brought it earlier.
                continue;
            }
            if stands && *at != NONE && columns.is_one_moment(gain.at, *at) {
                // Another row of the same moment: each would be passed on by standing flows once more.
                continue;
            }
            *at = gain.at;
            let cell = &mut self.cells[gain.life as usize];
            cell.last = number(self.gains.len());
            cell.first = cell.first.min(cell.last);
            self.gains.push(gain);
            if goal != Goal::All && gain.at <= self.until && is_wanted(gain.life) {
                wanted = Some(gain.life);
                if goal == Goal::Fewest {
                    break;
                }
                // Position 0 is the earliest there is: nothing can come before it, and nothing is read again.
                self.until = gain.at.saturating_sub(1);
            }
        }
        self.pending = pending;
        wanted
    }

    /// Drops the steps that bring nothing earlier than it is known. No branch depends on what is held: one in two would
    /// be foretold wrongly.
    fn keep_news(&self, pending: &mut Vec<Gain>) {
        let mut count = 0;
        for place in 0..pending.len() {
            let gain = pending[place];
            pending[count] = gain;
            count += usize::from(gain.at < self.at[gain.life as usize]);
        }
        pending.truncate(count);
    }

    pub(super) fn clear(&mut self) {
        if self.gains.len() > self.at.len() / 4 {
            self.at.fill(NONE);
            self.cells.fill(UNTOUCHED);
        } else {
            for gain in &self.gains {
                self.at[gain.life as usize] = NONE;
                self.cells[gain.life as usize] = UNTOUCHED;
            }
        }
        self.gains.clear();
        self.rows_read = 0;
    }

    /// Since when the life holds.
    pub fn arrival(&self, life: u32) -> Option<Position> {
        let at = *self.at.get(life as usize)?;
        (at != NONE).then_some(Position(at))
    }

    /// The lives reached, in the order of the search; starts among them.
    pub fn reached(&self) -> impl Iterator<Item = u32> {
        (0..)
            .zip(&self.gains)
            .filter(|(place, gain)| self.cells[gain.life as usize].first == *place)
            .map(|(_, gain)| gain.life)
    }

    /// How many rows the last search read.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// How often the last search improved a life.
    pub fn improvements(&self) -> usize {
        self.gains.len()
    }

    /// The chain with the fewest acts to a life, from its start on.
    pub fn shortest(&self, life: u32) -> Vec<Hop> {
        self.chain(self.cells.get(life as usize).map_or(NONE, |cell| cell.first))
    }

    /// A chain that arrives at a life first, from its start on.
    pub fn earliest(&self, life: u32) -> Vec<Hop> {
        self.chain(self.cells.get(life as usize).map_or(NONE, |cell| cell.last))
    }

    fn chain(&self, place: u32) -> Vec<Hop> {
        let place = (place != NONE).then_some(place as usize);
        let (mut chain, start) = gains::steps(&self.gains, place);
        if place.is_some() {
            chain.push(Hop::Start(start));
        }
        chain.reverse();
        chain
    }
}
