//! Forward from where data begins: what holds it, since when, and by which chain.
//!
//! A search in rounds. Each round takes the lives that the round before improved and reads their rows from the new
//! arrival on, up to where an earlier, later arrival has already read: every row is read at most once. What an
//! improvement was made from is kept, so that two chains can be given for each life: the one with the fewest acts
//! (the first round that touched it) and the one that arrives first (its last improvement).

use super::column::number;
use super::columns::{Columns, Start};
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

/// One step of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// The chain begins with this start.
    Start(u32),
    /// A row.
    Row(u32),
    /// A standing flow, by the number of its piece.
    Piece(u32),
}

const NONE: u32 = u32::MAX;
const PIECE: u32 = 1 << 31;

#[derive(Clone, Copy, Debug)]
struct Cell {
    /// Earliest position at which the life holds.
    at: u32,
    /// Rows from here on in the adjacency were read.
    read: u32,
    /// Its first improvement.
    first: u32,
    /// Its last improvement.
    last: u32,
}

const UNTOUCHED: Cell = Cell {
    at: NONE,
    read: NONE,
    first: NONE,
    last: NONE,
};

/// An improvement of a life.
#[derive(Clone, Copy, Debug)]
struct Gain {
    life: u32,
    at: u32,
    /// A row, a piece with the top bit set, or `NONE` for a start.
    via: u32,
    /// The improvement it was made from; the number of the start for a start.
    before: u32,
}

/// The memory of a search: 16 bytes a life, and 16 bytes for each improvement. It can be used again; that costs what
/// the search before touched.
#[derive(Debug, Default)]
pub struct Frontier {
    cells: Vec<Cell>,
    gains: Vec<Gain>,
    until: u32,
    rows_read: u64,
}

impl Frontier {
    /// Memory for searches in a graph.
    pub fn new(columns: &Columns) -> Self {
        Self {
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
                self.gain(columns, start.life, start.at.0, NONE, place, 0);
            }
        }
        let (mut from, mut to) = (0, self.gains.len());
        while from < to {
            for place in from..to {
                self.warm(columns, place + 4);
                let found = self.extend(columns, place, to, limits.goal, is_wanted);
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

    /// Reads what one improvement passes on; gives the wanted life it touched, when there is one.
    #[inline]
    fn extend(
        &mut self,
        columns: &Columns,
        place: usize,
        round: usize,
        goal: Goal,
        is_wanted: &impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let gain = self.gains[place];
        let before = number(place);
        let mut wanted = None;
        let lives = &columns.lives;
        let begin = lives.out_begins[gain.life as usize];
        let end = lives.out_begins[gain.life as usize + 1].min(self.cells[gain.life as usize].read);
        let end = end.max(begin);
        let unread = &lives.out[begin as usize..end as usize];
        let ready = columns.ready(Position(gain.at));
        let skip = unread.partition_point(|[_, row]| *row < ready);
        self.cells[gain.life as usize].read = begin + number(skip);
        self.rows_read += (unread.len() - skip) as u64;
        for [life, row] in &unread[skip..] {
            let at = 2 * row + 1;
            if at > self.until {
                break;
            }
            if self.gain(columns, *life, at, *row, before, round) && goal != Goal::All && is_wanted(*life) {
                wanted = Some(*life);
                if goal == Goal::Fewest {
                    return wanted;
                }
                self.until = at - 1;
            }
        }
        let pieces = &columns.pieces;
        let first = pieces.out_begins.get(gain.life as usize).copied().unwrap_or(0);
        for (place, piece) in (first..).zip(pieces.out(gain.life)) {
            let at = gain.at.max(piece.opens);
            if gain.at >= piece.closes || at > self.until {
                continue;
            }
            if self.gain(columns, piece.to, at, PIECE | place, before, round)
                && goal != Goal::All
                && is_wanted(piece.to)
            {
                wanted = Some(piece.to);
                if goal == Goal::Fewest {
                    return wanted;
                }
                // Position 0 is the earliest there is: nothing can come before it, and nothing is read again.
                self.until = at.saturating_sub(1);
            }
        }
        wanted
    }

    /// Notes that the life holds from the position on, if that is news.
    #[inline]
    fn gain(&mut self, columns: &Columns, life: u32, at: u32, via: u32, before: u32, round: usize) -> bool {
        let cell = &mut self.cells[life as usize];
        if at >= cell.at || (cell.at != NONE && columns.is_one_moment(at, cell.at)) {
            return false;
        }
        cell.at = at;
        let gain = Gain {
            life,
            at,
            via,
            before,
        };
        // An improvement of this very round is not read before the next: it can be replaced.
        if cell.last != NONE && cell.last as usize >= round {
            self.gains[cell.last as usize] = gain;
        } else {
            cell.last = number(self.gains.len());
            if cell.first == NONE {
                cell.first = cell.last;
            }
            self.gains.push(gain);
        }
        true
    }

    /// Brings near what the improvement at this place will need.
    #[inline]
    fn warm(&self, columns: &Columns, place: usize) {
        if let Some(gain) = self.gains.get(place) {
            prefetch(&columns.lives.out_begins, gain.life as usize);
            prefetch(&self.cells, gain.life as usize);
        }
    }

    fn clear(&mut self) {
        for gain in &self.gains {
            self.cells[gain.life as usize] = UNTOUCHED;
        }
        self.gains.clear();
        self.rows_read = 0;
    }

    /// Since when the life holds.
    pub fn arrival(&self, life: u32) -> Option<Position> {
        let cell = self.cells.get(life as usize)?;
        (cell.at != NONE).then_some(Position(cell.at))
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

    fn chain(&self, mut place: u32) -> Vec<Hop> {
        let mut chain = Vec::new();
        while let Some(gain) = self.gains.get(place as usize) {
            if gain.via == NONE {
                chain.push(Hop::Start(gain.before));
                break;
            }
            chain.push(if gain.via & PIECE == 0 {
                Hop::Row(gain.via)
            } else {
                Hop::Piece(gain.via & !PIECE)
            });
            place = gain.before;
        }
        chain.reverse();
        chain
    }
}
