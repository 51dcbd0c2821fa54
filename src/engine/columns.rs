//! The columns of a graph, and what is looked up in them.

use super::column::{Column, number};
use super::instants::Instants;
use super::log::{Log, Ties};
use super::marks::Marks;
use super::neighbors::{Near, Neighbors};
use super::position::Position;
use super::{BuildError, NO_LABEL, build};

/// A standing flow between two lives, for as long as both last. 20 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Piece {
    /// The life it takes from.
    pub from: u32,
    /// The life it brings to.
    pub to: u32,
    /// The first position at which it carries.
    pub opens: u32,
    /// The first position at which it carries no longer; the greatest number when it stays open.
    pub closes: u32,
    /// The label of the standing flow.
    pub label: u32,
}

/// Data that begins in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Where.
    pub life: u32,
    /// When.
    pub at: Position,
}

/// Where a pass over all rows must stop: five numbers, the row before which it stops, what is there, and what that
/// needs at hand, so that it can be fetched ahead.
pub(super) type Stop = [u32; 5];

/// What stands at a stop; the lower bits are the number of a piece.
pub(super) mod stop {
    /// A piece opens: `[row, what, from, to, label]`.
    pub(crate) const OPENING: u32 = 0;
    /// The row brings to a life that passes on at once: `[row, what, from, to, label]`.
    pub(crate) const BUSY: u32 = 1 << 30;
    /// Rows between nodes that reach each other: `[row, what, end, 0, 0]`.
    pub(crate) const KNOT: u32 = 2 << 30;
    /// A moment that is not run row by row: `[row, what, end, 0, 0]`.
    pub(crate) const TANGLE: u32 = 3 << 30;
    /// Which of the four.
    pub(crate) const KIND: u32 = 3 << 30;
    /// The number of the piece.
    pub(crate) const NUMBER: u32 = !KIND;
}

/// The temporal graph. It never changes; what comes later is laid over it.
///
/// Memory: 20 to 28 bytes a row (from, to, label, and both adjacencies), 2 to 8 bytes a moment, 8 bytes a life and 8 more
/// where anything ends.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub(super) ties: Option<Ties>,
    pub(super) rows: Rows,
    pub(super) lives: Lives,
    pub(super) pieces: Pieces,
    /// Where the seeds of the log begin, in their order: life and position.
    pub(super) starts: Column<[u32; 2]>,
    /// Where a pass over all rows stops, in order.
    pub(super) stops: Column<Stop>,
    /// What the caller keeps with them.
    pub(super) beside: Column<u32>,
}

/// The acts in order of time.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) from: Column<u32>,
    pub(super) to: Column<u32>,
    pub(super) label: Column<u32>,
    pub(super) marks: Marks,
    pub(super) instants: Instants,
    /// One bit a row: it is no act, but was laid for a piece. Empty where there are no pieces.
    pub(super) standing: Column<u64>,
}

/// The lives of nodes, numbered node by node, and the rows that touch them, by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Lives {
    /// The first life of each node, and the number of lives at the end; empty when nothing ends, so that each node has
    /// the one life of its number.
    pub(super) first: Column<u32>,
    /// The position at which the life begins; 0 for the first of a node; empty when nothing ends.
    pub(super) since: Column<u32>,
    pub(super) out_begins: Column<u32>,
    pub(super) out: Neighbors,
    pub(super) into_begins: Column<u32>,
    pub(super) into: Neighbors,
}

/// Standing flows in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    /// By the life they take from.
    pub(super) all: Column<Piece>,
    /// Where those of each life begin in `all`; empty when there are none.
    pub(super) out_begins: Column<u32>,
    /// Their numbers by the life they bring to.
    pub(super) into: Column<u32>,
    pub(super) into_begins: Column<u32>,
}

impl Pieces {
    #[inline]
    pub(super) fn out(&self, life: u32) -> &[Piece] {
        match self.out_begins.get(life as usize..life as usize + 2) {
            Some(&[from, to]) => &self.all[from as usize..to as usize],
            _ => &[],
        }
    }

    pub(super) fn inward(&self, life: u32) -> &[u32] {
        match self.into_begins.get(life as usize..life as usize + 2) {
            Some(&[from, to]) => &self.into[from as usize..to as usize],
            _ => &[],
        }
    }
}

impl Columns {
    /// Lays a log down in columns. Cost: sorting what is not sorted by time, then linear.
    pub fn build(log: &Log) -> Result<Self, BuildError> {
        build::build(log)
    }

    /// The columns with what the caller knows of their nodes and labels, to be kept and saved with them.
    #[must_use]
    pub fn with_beside(self, numbers: Vec<u32>) -> Self {
        Self {
            beside: numbers.into(),
            ..self
        }
    }

    /// What the caller keeps with them.
    pub fn beside(&self) -> &[u32] {
        &self.beside
    }

    /// What acts of one instant mean for each other.
    #[inline]
    pub fn ties(&self) -> Ties {
        self.ties.unwrap_or(Ties::Recorded)
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> u32 {
        match self.lives.first.len() {
            0 => self.lives(),
            nodes => number(nodes) - 1,
        }
    }

    /// How many lives there are.
    pub fn lives(&self) -> u32 {
        number(self.lives.out_begins.len().saturating_sub(1))
    }

    /// How many rows there are, with one row for each moment at which only something begins or ends, and one for each
    /// time a standing flow carries in a pass.
    pub fn rows(&self) -> u32 {
        self.rows.marks.rows
    }

    /// How many stretches of standing flows there are.
    #[inline]
    pub fn pieces(&self) -> usize {
        self.pieces.all.len()
    }

    /// The standing flow with this number.
    pub fn piece(&self, number: u32) -> Piece {
        self.pieces.all[number as usize]
    }

    /// The label of a row.
    pub fn label(&self, row: u32) -> u32 {
        self.rows.label[row as usize]
    }

    /// Whether a row is an act that brings something, and does not stand for a standing flow or for nothing.
    pub fn is_act(&self, row: u32) -> bool {
        self.label(row) != NO_LABEL && !self.is_standing(row)
    }

    /// Whether a row stands for pieces in a pass; else it is an act.
    #[inline]
    pub(super) fn is_standing(&self, row: u32) -> bool {
        let word = self.rows.standing.get((row / 64) as usize);
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The pieces with the ends and the label of a row that are open there or open later. Those that are open are what
    /// it stands for. Cost: the pieces out of a life.
    pub(super) fn alike(&self, row: u32) -> impl Iterator<Item = (u32, &Piece)> {
        let ((from, to), label) = (self.ends_of(row), self.label(row));
        let at = Position::of_row(row).0;
        let first = self.pieces.out_begins.get(from as usize).copied().unwrap_or(0);
        (first..)
            .zip(self.pieces.out(from))
            .filter(move |(_, piece)| (piece.to, piece.label) == (to, label) && at < piece.closes)
    }

    /// The lives that a row takes from and brings to.
    pub fn ends_of(&self, row: u32) -> (u32, u32) {
        (self.rows.from[row as usize], self.rows.to[row as usize])
    }

    /// Where the seeds of the log begin, in the log's order.
    pub fn starts(&self) -> impl ExactSizeIterator<Item = Start> {
        self.starts.iter().map(|[life, at]| Start {
            life: *life,
            at: Position(*at),
        })
    }

    /// The node a life belongs to. Cost: a binary search.
    pub fn node_of(&self, life: u32) -> u32 {
        if self.lives() == self.nodes() {
            return life;
        }
        number(self.lives.first.partition_point(|first| *first <= life)) - 1
    }

    /// The lives of a node.
    pub fn lives_of(&self, node: u32) -> std::ops::Range<u32> {
        let first = |node: u32| self.lives.first.get(node as usize).copied().unwrap_or(node);
        first(node)..first(node + 1)
    }

    /// The instant of a row.
    pub fn instant(&self, row: u32) -> i64 {
        self.rows.instants.get(self.rows.marks.rank(row))
    }

    /// How many moments there are.
    pub fn moments(&self) -> u32 {
        number(self.rows.instants.len())
    }

    /// The position of a moment, counted from 0.
    pub fn moment(&self, rank: u32) -> Position {
        Position::of_row(self.rows.marks.select(rank))
    }

    /// The position of a row.
    pub fn position_of(&self, row: u32) -> Position {
        Position::of_row(row)
    }

    /// The gap before a position's row.
    pub fn before(&self, at: Position) -> Position {
        Position::before_row(self.settled(at).row())
    }

    /// The first position at which a piece carries, and the first at which it carries no longer.
    pub fn stretch(&self, piece: u32) -> (Position, Position) {
        let piece = self.piece(piece);
        (Position(piece.opens), Position(piece.closes))
    }

    /// The first position that means the same: positions brought to it compare as times do.
    pub fn settled(&self, at: Position) -> Position {
        if at.is_gap() || at.row() >= self.rows() {
            at
        } else {
            Position::of_row(self.rows.marks.first(at.row()))
        }
    }

    /// The position of an instant: of its first moment, or the gap it falls into. Cost: a binary search.
    pub fn position(&self, instant: i64) -> Position {
        let rank = self.rows.instants.at_or_after(instant);
        let row = self.rows.marks.select(rank);
        if (rank as usize) < self.rows.instants.len() && self.rows.instants.get(rank) == instant {
            Position::of_row(row)
        } else {
            Position::before_row(row)
        }
    }

    /// The last position at or before the end of an instant. Cost: a binary search.
    pub fn position_until(&self, instant: i64) -> Position {
        let rank = instant
            .checked_add(1)
            .map_or(number(self.rows.instants.len()), |next| {
                self.rows.instants.at_or_after(next)
            });
        let row = self.rows.marks.select(rank);
        match rank.checked_sub(1) {
            Some(before) if self.rows.instants.get(before) == instant => Position::of_row(row - 1),
            _ => Position::before_row(row),
        }
    }

    /// Data that begins at a node at an instant; under RECORDED, before all acts of the instant.
    pub fn start(&self, node: u32, instant: i64) -> Start {
        let mut at = self.position(instant);
        if self.ties() == Ties::Recorded && !at.is_gap() {
            at = Position::before_row(at.row());
        }
        Start {
            life: self.life_at(node, at),
            at,
        }
    }

    /// The life of a node at a position.
    pub fn life_at(&self, node: u32, at: Position) -> u32 {
        let lives = self.lives_of(node);
        let begun = |life: &u32| self.lives.since[*life as usize] <= at.0;
        // The first life has always begun.
        let later = (lives.start + 1..lives.end).take_while(begun).count();
        lives.start + number(later)
    }

    /// The positions `[from, to)` over which a life lasts.
    pub(super) fn span(&self, life: u32) -> (u32, u32) {
        let until = match self.lives.since.get(life as usize + 1) {
            Some(0) | None => u32::MAX,
            Some(next) => *next,
        };
        (self.lives.since.get(life as usize).copied().unwrap_or(0), until)
    }

    /// The first row that passes on what is held at the position.
    #[inline]
    pub(super) fn ready(&self, at: Position) -> u32 {
        if at.is_gap() {
            return at.row();
        }
        if self.ties().chains() {
            self.rows.marks.first(at.row())
        } else {
            self.rows.marks.next(at.row() + 1)
        }
    }

    /// Whether two positions, the earlier one first, are of rows of one moment whose order means nothing.
    #[inline]
    pub(super) fn is_one_moment(&self, earlier: u32, later: u32) -> bool {
        let of_rows = earlier & later & 1 == 1;
        of_rows && self.ties().chains() && self.rows.marks.first(later / 2) <= earlier / 2
    }

    /// The rows out of a life.
    #[inline]
    pub(super) fn out(&self, life: u32) -> Near<'_> {
        let begins = &self.lives.out_begins;
        let places = begins[life as usize] as usize..begins[life as usize + 1] as usize;
        self.lives.out.at(places)
    }

    /// The rows into a life.
    pub(super) fn into(&self, life: u32) -> Near<'_> {
        let begins = &self.lives.into_begins;
        let places = begins[life as usize] as usize..begins[life as usize + 1] as usize;
        self.lives.into.at(places)
    }

    /// The rows that bring to a life, by time.
    pub fn rows_into(&self, life: u32) -> impl Iterator<Item = u32> {
        self.into(life).iter().map(|[_, row]| row)
    }

    /// What rows take from, bring to, and their labels, in order of time.
    pub fn in_time(&self) -> [&[u32]; 3] {
        [&self.rows.from, &self.rows.to, &self.rows.label]
    }

    /// The adjacency without time, copied: where each life's targets begin, and the targets.
    pub fn plain_out(&self) -> (Vec<u32>, Vec<u32>) {
        let begins = self.lives.out_begins.to_vec();
        let count = begins.last().copied().unwrap_or(0) as usize;
        let targets = self.lives.out.at(0..count).iter().map(|[to, _]| to).collect();
        (begins, targets)
    }
}
