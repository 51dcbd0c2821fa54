//! Puts among the rows what standing flows do in a pass, so that it runs as rows do and the pass need not stop.

use super::NO_LABEL;
use super::build::{BuildError, Laid, ROWS_MAX};
use super::column::number;
use super::columns::{Columns, Rows, Stop, stop};
use super::marks::{Marking, Marks};
use super::position::Position;
use super::stops::{Standing, What};

/// Lays the rows anew with what is carried among them, each in the moment of the row beside which it stands, and moves
/// every position and every stop with them. Only a pass looks at these rows: no adjacency leads to them.
pub(super) fn lay(
    columns: &mut Columns,
    laid: &mut Laid,
    standing: &[Standing],
    stops: &mut Vec<Stop>,
) -> Result<(), BuildError> {
    if !standing.is_empty() {
        let most = laid.rows.from.len() + standing.len();
        if most >= ROWS_MAX {
            return Err(BuildError::TooMany(most));
        }
        let mut laying = Laying::new(laid.rows.from.len(), standing.len());
        let mut rest = standing;
        for row in 0..number(laid.rows.from.len()) {
            let here = rest.partition_point(|standing| standing.row <= row);
            laying.row(columns, &laid.rows, row, &rest[..here]);
            rest = &rest[here..];
        }
        laying.move_positions(columns, stops);
        laying.finish(&mut laid.rows, stops);
    }
    // What opens does so before the row it stands at.
    stops.sort_by_key(|[row, what, ..]| (*row, what & stop::KIND));
    Ok(())
}

/// Rows that are laid anew.
struct Laying {
    from: Vec<u32>,
    to: Vec<u32>,
    label: Vec<u32>,
    marking: Marking,
    /// Which rows are laid for a piece.
    standing: Marking,
    /// Where each row went.
    rows: Vec<u32>,
    /// Where each row's moment begins, of rows that begin one.
    begins: Vec<u32>,
    openings: Vec<Stop>,
}

impl Laying {
    fn new(rows: usize, standing: usize) -> Self {
        let room = || Vec::with_capacity(rows + standing);
        Self {
            from: room(),
            to: room(),
            label: room(),
            marking: Marking::default(),
            standing: Marking::default(),
            rows: Vec::with_capacity(rows),
            begins: Vec::with_capacity(rows),
            openings: Vec::new(),
        }
    }

    fn next(&self) -> u32 {
        number(self.from.len())
    }

    fn push(&mut self, [from, to, label]: [u32; 3], begins: bool, is_standing: bool) {
        self.from.push(from);
        self.to.push(to);
        self.label.push(label);
        self.marking.push(begins);
        self.standing.push(is_standing);
    }

    /// A row and what stands beside it. What is carried takes the place of a row that carries nothing.
    fn row(&mut self, columns: &Columns, rows: &Rows, row: u32, beside: &[Standing]) {
        let at = row as usize;
        let mut begins = rows.marks.begins(row);
        self.begins.push(self.next());
        self.rows.push(self.next());
        let carries = |standing: &Standing| matches!(standing.what, What::Carries(_));
        let is_replaced = rows.label[at] == NO_LABEL && beside.iter().any(carries);
        let behind = beside.partition_point(|standing| !standing.is_behind);
        for (place, standing) in beside.iter().enumerate() {
            if place == behind {
                self.own(rows, row, &mut begins, is_replaced);
            }
            match standing.what {
                What::Carries(piece) => {
                    let piece = columns.piece(piece);
                    let row = [piece.from, piece.to, piece.label];
                    self.push(row, std::mem::take(&mut begins), true);
                }
                What::Opens(number) => {
                    let (next, piece) = (self.next(), columns.piece(number));
                    let what = stop::OPENING | number;
                    self.openings
                        .push([next, what, piece.from, piece.to, piece.label]);
                }
            }
        }
        if behind == beside.len() {
            self.own(rows, row, &mut begins, is_replaced);
        }
    }

    fn own(&mut self, rows: &Rows, row: u32, begins: &mut bool, is_replaced: bool) {
        if !is_replaced {
            let at = row as usize;
            self.rows[at] = self.next();
            let row = [rows.from[at], rows.to[at], rows.label[at]];
            self.push(row, std::mem::take(begins), false);
        }
    }

    /// Everything that names a row, or the moment that begins with one.
    fn move_positions(&self, columns: &mut Columns, stops: &mut [Stop]) {
        let (rows, count) = (self.next(), columns.lives());
        let lives = &mut columns.lives;
        for neighbors in [&mut lives.out, &mut lives.into] {
            *neighbors = neighbors.renumbered(&self.rows, rows, count);
        }
        let moment = |at: &mut u32| {
            // 0 and the greatest are before and after everything.
            if *at != 0 && *at != u32::MAX {
                *at = Position::of_row(self.begins[Position(*at).row() as usize]).0;
            }
        };
        lives.since.building().iter_mut().for_each(moment);
        columns
            .starts
            .building()
            .iter_mut()
            .for_each(|[_, at]| moment(at));
        for piece in columns.pieces.all.building() {
            moment(&mut piece.opens);
            moment(&mut piece.closes);
        }
        for [row, what, end, ..] in stops {
            *row = self.rows[*row as usize];
            if matches!(*what & stop::KIND, stop::KNOT | stop::TANGLE) {
                *end = self.rows[*end as usize - 1] + 1;
            }
        }
    }

    fn finish(self, rows: &mut Rows, stops: &mut Vec<Stop>) {
        stops.extend(self.openings);
        rows.from = self.from.into();
        rows.to = self.to.into();
        rows.label = self.label.into();
        let marks: Marks = self.marking.finish();
        rows.marks = marks;
        rows.standing = self.standing.bits();
    }
}
