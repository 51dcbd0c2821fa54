//! Whether what begins at one end comes to the other, by searching from both.
//!
//! Forward, each life keeps its earliest arrival; back from what is wanted, the latest position at which holding is
//! still in time. Both go in rounds, one act further each; the side with fewer lives at its edge goes next. The first
//! life that arrives in time for both is on a chain with the fewest acts there is; when one side comes to its end
//! before, there is no chain.
//!
//! Each side bounds the other. What is still missing of a shortest chain begins at the edge of the side forward and
//! ends at the edge of the side back: what arrives later than the latest position of the one edge, or must have left
//! before the earliest arrival of the other, is on no such chain.

use super::backward::normal;
use super::column::number;
use super::columns::{Columns, Start};
use super::gains::{self, Gain, Hop, LIVES_AT_ONCE, NONE, PIECE, STEPS_AT_ONCE};
use super::neighbors::Neighbors;
use super::position::Position;
use crate::sys::prefetch;

/// What both searches know of a life.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// Earliest position at which it holds.
    at: u32,
    /// Rows out of it from here on were read.
    read: u32,
    /// The latest position at which holding is in time, plus one; 0 when it never is.
    latest: u32,
    /// Rows into it before here were read.
    read_back: u32,
}

const UNTOUCHED: Cell = Cell {
    at: NONE,
    read: NONE,
    latest: 0,
    read_back: 0,
};

/// One of the two searches: its improvements, and those of the last round.
#[derive(Debug, Default)]
struct Side {
    gains: Vec<Gain>,
    edge: usize,
}

impl Side {
    fn clear(&mut self) {
        self.gains.clear();
        self.edge = 0;
    }

    fn width(&self) -> usize {
        self.gains.len() - self.edge
    }

    /// The last improvement of a life.
    fn last(&self, life: u32) -> Option<usize> {
        self.gains.iter().rposition(|gain| gain.life == life)
    }
}

/// The memory of a search from both ends: 16 bytes a life, and 16 bytes for each improvement. It can be used again;
/// that costs what the search before touched.
#[derive(Debug, Default)]
pub struct Meeting {
    cells: Vec<Cell>,
    forward: Side,
    back: Side,
    /// Steps that were found and not taken yet.
    pending: Vec<Gain>,
    /// Nothing that arrives later than this is of use.
    until: u32,
    /// Nothing that must have left before this is of use.
    since: u32,
    rows_read: u64,
}

impl Meeting {
    /// Memory for searches in a graph.
    pub fn new(columns: &Columns) -> Self {
        Self {
            cells: vec![UNTOUCHED; columns.lives() as usize],
            ..Self::default()
        }
    }

    /// Whether what begins at the starts comes to one of the wanted lives, which are sorted, at or before the position;
    /// gives a chain with the fewest acts, from its start on. A start that is wanted needs no act. A search that ends
    /// soon does not read the whole list.
    ///
    /// Cost: about that of the cheaper of a search forward and a search back where there is no chain; far less than
    /// either where both would go far.
    pub fn run(
        &mut self,
        columns: &Columns,
        starts: &[Start],
        wanted: &[u32],
        until: Position,
    ) -> Option<Vec<Hop>> {
        self.run_within(columns, starts, wanted, until, |_| true)
    }

    /// The same, where it is known that a chain from the starts goes over such lives only: the search back keeps to them.
    pub fn run_within(
        &mut self,
        columns: &Columns,
        starts: &[Start],
        wanted: &[u32],
        until: Position,
        is_reached: impl Fn(u32) -> bool,
    ) -> Option<Vec<Hop>> {
        // Nothing, unless the caller's function left the search before its end.
        self.clear();
        self.rows_read = 0;
        self.until = until.0.min(NONE - 1);
        let mut met = None;
        for (place, start) in (0..).zip(starts) {
            if start.at.0 <= self.until {
                let begins = Gain {
                    life: start.life,
                    at: start.at.0,
                    via: NONE,
                    before: place,
                };
                self.arrive(columns, begins);
                if is_among(wanted, start.life) {
                    met = met.or(Some(start.life));
                }
            }
        }
        let mut is_begun = false;
        while met.is_none() && self.forward.width() > 0 && !wanted.is_empty() {
            let back = if is_begun { self.back.width() } else { wanted.len() };
            if back == 0 {
                break;
            }
            if self.forward.width() <= back {
                // What the search back has begun with is known to be wanted.
                met = self.go_forward(columns, if is_begun { &[] } else { wanted });
            } else {
                if !is_begun {
                    self.begin_back(wanted);
                    is_begun = true;
                }
                met = self.go_back(columns, &is_reached);
            }
        }
        let chain = met.map(|life| self.chain(life));
        // What was touched is still near: the next search would have to bring it near again.
        self.clear();
        chain
    }

    fn clear(&mut self) {
        for gain in self.forward.gains.iter().chain(&self.back.gains) {
            self.cells[gain.life as usize] = UNTOUCHED;
        }
        self.forward.clear();
        self.back.clear();
        self.since = 0;
    }

    fn begin_back(&mut self, wanted: &[u32]) {
        for life in wanted {
            self.cells[*life as usize].latest = self.until + 1;
            self.back.gains.push(Gain {
                life: *life,
                at: self.until,
                via: NONE,
                before: 0,
            });
        }
    }

    /// One act further forward; the life at which both sides meet.
    fn go_forward(&mut self, columns: &Columns, wanted: &[u32]) -> Option<u32> {
        let (from, to) = (self.forward.edge, self.forward.gains.len());
        self.forward.edge = to;
        let lives = &columns.lives;
        for first in (from..to).step_by(LIVES_AT_ONCE) {
            let places = first..to.min(first + LIVES_AT_ONCE);
            let gains = &self.forward.gains[places.clone()];
            fetch(columns, gains, &lives.out_begins, &lives.out);
            let mut met = None;
            for place in places {
                met = met.or_else(|| self.read_forward(columns, place, wanted));
            }
            met = met.or_else(|| self.arrive_all(columns, wanted));
            if met.is_some() {
                self.pending.clear();
                return met;
            }
        }
        let edge = self.forward.gains[to..].iter().map(|gain| gain.at);
        if let Some(first) = edge.min() {
            self.since = columns.settled(Position(first)).0;
        }
        None
    }

    /// Finds the steps out of a life; takes them when they are many.
    fn read_forward(&mut self, columns: &Columns, place: usize, wanted: &[u32]) -> Option<u32> {
        let gain = self.forward.gains[place];
        if gain.at > self.until {
            // The side back has come nearer since it was noted.
            return None;
        }
        loop {
            let known = self.pending.len();
            let cell = &mut self.cells[gain.life as usize];
            let read = gains::read_out(columns, gain, place, cell.read, self.until, &mut self.pending);
            cell.read = read.from;
            self.rows_read += (self.pending.len() - known) as u64;
            for step in &self.pending[known..] {
                prefetch(&self.cells, step.life as usize);
            }
            if !read.is_cut {
                return None;
            }
            let met = self.arrive_all(columns, wanted);
            if met.is_some() {
                return met;
            }
        }
    }

    /// Takes the steps found forward; the life at which both sides meet.
    fn arrive_all(&mut self, columns: &Columns, wanted: &[u32]) -> Option<u32> {
        let mut pending = std::mem::take(&mut self.pending);
        let meets = |gain: &Gain| self.arrive(columns, *gain) || is_among(wanted, gain.life);
        let met = pending.iter().rev().copied().find(meets).map(|gain| gain.life);
        pending.clear();
        self.pending = pending;
        met
    }

    /// Notes an arrival, if it is news; whether both sides meet there.
    #[inline]
    fn arrive(&mut self, columns: &Columns, gain: Gain) -> bool {
        let cell = &mut self.cells[gain.life as usize];
        if gain.at >= cell.at {
            return false;
        }
        cell.at = gain.at;
        let latest = cell.latest;
        self.forward.gains.push(gain);
        latest != 0 && gain.at <= normal(columns, latest - 1).0
    }

    /// One act further back; the life at which both sides meet.
    fn go_back(&mut self, columns: &Columns, is_reached: &impl Fn(u32) -> bool) -> Option<u32> {
        let (from, to) = (self.back.edge, self.back.gains.len());
        self.back.edge = to;
        let lives = &columns.lives;
        for first in (from..to).step_by(LIVES_AT_ONCE) {
            let places = first..to.min(first + LIVES_AT_ONCE);
            let gains = &self.back.gains[places.clone()];
            fetch(columns, gains, &lives.into_begins, &lives.into);
            let mut met = None;
            for place in places {
                met = met.or_else(|| self.read_back(columns, place, is_reached));
            }
            met = met.or_else(|| self.supply_all(columns, is_reached));
            if met.is_some() {
                self.pending.clear();
                return met;
            }
        }
        let edge = self.back.gains[to..].iter().map(|gain| gain.at);
        if let Some(last) = edge.max() {
            self.until = normal(columns, last).0.min(self.until);
        }
        None
    }

    /// Finds the steps into a life; takes them when they are many.
    fn read_back(
        &mut self,
        columns: &Columns,
        place: usize,
        is_reached: &impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let gain = self.back.gains[place];
        if gain.at < self.since {
            return None;
        }
        let before = number(place);
        let (marks, lives) = (&columns.rows.marks, &columns.lives);
        let at = normal(columns, gain.at);
        // Rows before this one bring in time.
        let end = if at.row() >= marks.rows {
            marks.rows
        } else if at.is_gap() {
            at.row()
        } else {
            at.row() + 1
        };
        let cell = &mut self.cells[gain.life as usize];
        let from = cell.read_back.max(lives.into_begins[gain.life as usize]);
        let to = lives.into_begins[gain.life as usize + 1];
        let unread = lives.into.at(from as usize..to as usize);
        let count = unread.count_before(end);
        cell.read_back = from + number(count);
        let in_row = u32::from(columns.ties().chains());
        for [life, row] in unread.first(count).iter().rev() {
            if row < self.since / 2 {
                break;
            }
            self.rows_read += 1;
            self.find_back(life, 2 * row + in_row, row, before);
            if self.pending.len() == STEPS_AT_ONCE
                && let Some(met) = self.supply_all(columns, is_reached)
            {
                return Some(met);
            }
        }
        for number in columns.pieces.inward(gain.life) {
            let piece = columns.piece(*number);
            let latest = at.0.min(piece.closes - 1);
            if piece.opens <= at.0 && latest >= self.since {
                self.find_back(piece.from, latest, PIECE | *number, before);
            }
        }
        None
    }

    /// A step comes from a life; what is known of that is fetched.
    #[inline]
    fn find_back(&mut self, life: u32, at: u32, via: u32, before: u32) {
        prefetch(&self.cells, life as usize);
        self.pending.push(Gain {
            life,
            at,
            via,
            before,
        });
    }

    /// Takes the steps found back; the life at which both sides meet.
    fn supply_all(&mut self, columns: &Columns, is_reached: &impl Fn(u32) -> bool) -> Option<u32> {
        let mut pending = std::mem::take(&mut self.pending);
        let meets = |gain: &Gain| is_reached(gain.life) && self.supply(columns, *gain);
        let met = pending.iter().copied().find(meets).map(|gain| gain.life);
        pending.clear();
        self.pending = pending;
        met
    }

    /// Notes until when a life can supply, if that is news; whether both sides meet there.
    #[inline]
    fn supply(&mut self, columns: &Columns, gain: Gain) -> bool {
        let cell = &mut self.cells[gain.life as usize];
        if gain.at < cell.latest {
            return false;
        }
        cell.latest = gain.at + 1;
        let at = cell.at;
        self.back.gains.push(gain);
        at != NONE && at <= normal(columns, gain.at).0
    }

    /// The chain over the life at which both sides met.
    fn chain(&self, life: u32) -> Vec<Hop> {
        let (mut chain, start) = gains::steps(&self.forward.gains, self.forward.last(life));
        chain.push(Hop::Start(start));
        chain.reverse();
        chain.extend(gains::steps(&self.back.gains, self.back.last(life)).0);
        chain
    }

    /// How many rows the last search read.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }
}

/// Whether a life is in a sorted list. Lists are mostly of neighbors, so that most lives are seen to lie outside.
#[inline]
fn is_among(sorted: &[u32], life: u32) -> bool {
    match (sorted.first(), sorted.last()) {
        (Some(first), Some(last)) if (*first..=*last).contains(&life) => sorted.binary_search(&life).is_ok(),
        _ => false,
    }
}

/// Brings near what reading some lives needs: the last of their rows, and the marks of the moments. Where their rows begin
/// is read for it: it costs more to fetch that as well, since each page that is asked for anew costs most.
fn fetch(columns: &Columns, gains: &[Gain], begins: &[u32], rows: &Neighbors) {
    for gain in gains {
        prefetch(&columns.rows.marks.words, gain.at as usize / 128);
        rows.fetch_before(begins[gain.life as usize + 1] as usize);
    }
}
