//! Back from where data is held: who could have held it last, and still brought it here.
//!
//! The mirror of the search forward: each life keeps the latest position at which holding is still in time.

use super::column::number;
use super::columns::Columns;
use super::position::Position;

/// Latest position, plus one; 0 for lives that cannot supply.
type Latest = u32;

/// The memory of a search back: 8 bytes a life, and 8 for each improvement.
#[derive(Debug, Default)]
pub struct Backward {
    latest: Vec<Latest>,
    /// Rows before here in the adjacency were read.
    read: Vec<u32>,
    queue: Vec<(u32, u32)>,
}

impl Backward {
    /// Memory for searches in a graph.
    pub fn new(columns: &Columns) -> Self {
        Self {
            latest: vec![0; columns.lives() as usize],
            read: vec![0; columns.lives() as usize],
            queue: Vec::new(),
        }
    }

    /// Searches back from what the lives hold at or before the position. Cost: each row into a life that can supply
    /// at most once, and each standing flow into it once for each improvement.
    pub fn run(&mut self, columns: &Columns, lives: &[u32], until: Position) {
        for (life, _) in &self.queue {
            self.latest[*life as usize] = 0;
        }
        self.queue.clear();
        for life in lives {
            self.gain(columns, *life, until.0.min(u32::MAX - 1));
        }
        let mut next = 0;
        while let Some((life, at)) = self.queue.get(next).copied() {
            next += 1;
            if self.latest[life as usize] != at + 1 {
                continue;
            }
            self.extend(columns, life, normal(columns, at));
        }
    }

    fn extend(&mut self, columns: &Columns, life: u32, at: Position) {
        let marks = &columns.rows.marks;
        // Rows before this one bring in time.
        let end = if at.row() >= marks.rows {
            marks.rows
        } else if at.is_gap() {
            at.row()
        } else {
            marks.next(at.row() + 1)
        };
        let from = self.read[life as usize] as usize;
        let to = columns.lives.into_begins[life as usize + 1] as usize;
        let unread = columns.lives.into.at(from..to);
        let count = unread.count_before(end);
        self.read[life as usize] += number(count);
        let chains = columns.ties().chains();
        unread.first(count).each(|[from, row]| {
            let at = if chains {
                Position::of_row(row)
            } else {
                Position::before_row(row)
            };
            self.gain(columns, from, at.0);
        });
        for number in columns.pieces.inward(life) {
            let piece = columns.piece(*number);
            if piece.opens <= at.0 {
                self.gain(columns, piece.from, at.0.min(piece.closes - 1));
            }
        }
    }

    fn gain(&mut self, columns: &Columns, life: u32, at: u32) {
        let latest = &mut self.latest[life as usize];
        if at < *latest {
            return;
        }
        if *latest == 0 {
            self.read[life as usize] = columns.lives.into_begins[life as usize];
        }
        *latest = at + 1;
        self.queue.push((life, at));
    }

    /// The latest position at which the life may begin to hold and still supply.
    pub fn latest(&self, columns: &Columns, life: u32) -> Option<Position> {
        let at = self.latest[life as usize].checked_sub(1)?;
        Some(normal(columns, at))
    }

    /// The rows that bring to the lives that can supply, in time to do so; in no order that means anything, each once.
    /// Cost: that of the rows.
    pub fn rows<'a>(&'a self, columns: &'a Columns) -> impl Iterator<Item = u32> + 'a {
        let is_last = |(life, at): &&(u32, u32)| self.latest[*life as usize] == at + 1;
        self.queue.iter().filter(is_last).flat_map(|(life, _)| {
            let begin = columns.lives.into_begins[*life as usize] as usize;
            let read = columns.lives.into.at(begin..self.read[*life as usize] as usize);
            read.iter().map(|[_, row]| row)
        })
    }

    /// The lives that can supply, sorted; those asked for among them.
    pub fn suppliers(&self) -> Vec<u32> {
        let mut lives: Vec<u32> = self.queue.iter().map(|(life, _)| *life).collect();
        lives.sort_unstable();
        lives.dedup();
        lives
    }
}

/// Brings a gap inside a moment to its beginning, and a row to the last of its moment.
pub(super) fn normal(columns: &Columns, at: u32) -> Position {
    let marks = &columns.rows.marks;
    let at = Position(at);
    if at.row() >= marks.rows {
        at
    } else if at.is_gap() {
        Position::before_row(marks.first(at.row()))
    } else {
        Position::of_row(marks.next(at.row() + 1) - 1)
    }
}
