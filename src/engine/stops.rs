//! What a pass over all rows must stop for, and what it can run as rows instead; settled once when the columns are
//! built.

use super::NO_LABEL;
use super::build::Laid;
use super::columns::{Columns, Piece, Stop, stop};
use super::marks::Marks;
use super::position::Position;

/// How many lives are looked at to find out whether a standing flow leads back into a moment. What leads further is
/// taken to: the pass then repeats the moment, which costs more than looking did.
const LIVES_LOOKED_AT: usize = 256;

/// By how many standing flows a gain is passed on in rows. More are looked for when the pass gets there.
const CARRIED_MAX: usize = 16;

/// What standing flows do in a pass, in the order in which they do it.
pub(super) struct Standing {
    /// Beside which row.
    pub(super) row: u32,
    /// Behind the row; else before it.
    pub(super) is_behind: bool,
    /// What they do there.
    pub(super) what: What,
}

/// One thing that standing flows do.
pub(super) enum What {
    /// The piece brings what is there, as a row does.
    Carries(u32),
    /// The piece opens, and the pass looks for those that pass on what it brings.
    Opens(u32),
}

/// All that standing flows do, and the other stops: at rows as they are laid, in no order.
pub(super) fn stops(columns: &Columns, laid: &Laid) -> (Vec<Standing>, Vec<Stop>) {
    let (rows, marks) = (&laid.rows, &laid.rows.marks);
    let mut tangles = laid.tangles.clone();
    let busy = busy(columns, laid, &mut tangles);
    tangles.sort_unstable();
    tangles.dedup();
    let is_tangled = |row: u32| {
        let before = tangles.partition_point(|[from, _]| *from <= row);
        before > 0 && tangles[before - 1][1] > row
    };
    let knots = laid.knots.iter().filter(|[from, _]| !is_tangled(*from));
    let mut stops: Vec<Stop> = knots.map(|[from, to]| [*from, stop::KNOT, *to, 0, 0]).collect();
    stops.extend(tangles.iter().map(|[from, to]| [*from, stop::TANGLE, *to, 0, 0]));
    let mut standing = Vec::new();
    for row in busy.into_iter().filter(|row| !is_tangled(*row)) {
        let at = row as usize;
        // Where a moment's rows pass on only what was there before it, what opens in the moment brings behind them.
        let moment = Position::of_row(marks.first(row)).0;
        let has_brought = |_, piece: &Piece| columns.ties().chains() || piece.opens < moment;
        match carried(columns, rows.to[at], Position::of_row(row).0, has_brought) {
            Some(pieces) => standing.extend(pieces.into_iter().map(|piece| Standing {
                row,
                is_behind: true,
                what: What::Carries(piece),
            })),
            None => stops.push([row, stop::BUSY, rows.from[at], rows.to[at], rows.label[at]]),
        }
    }
    openings(columns, marks, &mut standing);
    standing.sort_by_key(|standing| (standing.row, standing.is_behind));
    (standing, stops)
}

fn flows_on(piece: &Piece, at: u32) -> bool {
    piece.opens <= at && at < piece.closes
}

/// A piece opens before the rows of its moment, or behind them where these pass on only what was there before.
fn openings(columns: &Columns, marks: &Marks, standing: &mut Vec<Standing>) {
    let chains = columns.ties().chains();
    let mut opening: Vec<(u32, u32)> = columns
        .pieces
        .all
        .iter()
        .map(|piece| piece.opens)
        .zip(0..)
        .collect();
    opening.sort_unstable();
    for (at, number) in opening {
        let row = Position(at).row();
        let row = if chains { row } else { marks.next(row + 1) - 1 };
        let piece = columns.piece(number);
        let has_brought = |other, piece: &Piece| (piece.opens, other) <= (at, number);
        let mut add = |what| {
            standing.push(Standing {
                row,
                is_behind: !chains,
                what,
            });
        };
        match carried(columns, piece.to, at, has_brought) {
            Some(pieces) => {
                add(What::Carries(number));
                for piece in pieces {
                    add(What::Carries(piece));
                }
            }
            None => add(What::Opens(number)),
        }
    }
}

/// Rows whose target passes on at once by a standing flow. When that may lead back to where other rows of the
/// moment take from, the moment is a tangle.
fn busy(columns: &Columns, laid: &Laid, tangles: &mut Vec<[u32; 2]>) -> Vec<u32> {
    let mut busy = Vec::new();
    if columns.pieces.all.is_empty() {
        return busy;
    }
    let (rows, marks) = (&laid.rows, &laid.rows.marks);
    for (row, (to, label)) in (0..).zip(rows.to.iter().zip(rows.label.iter())) {
        let at = Position::of_row(row).0;
        if *label == NO_LABEL || !columns.pieces.out(*to).iter().any(|piece| flows_on(piece, at)) {
            continue;
        }
        busy.push(row);
        let (first, end) = (marks.first(row), marks.next(row + 1));
        let knot = laid.knots.partition_point(|[from, _]| *from <= row);
        let in_knot = knot > 0 && laid.knots[knot - 1][1] > row;
        let sources = &rows.from[first as usize..end as usize];
        if end - first > 1 && (in_knot || leads_back(columns, *to, at, sources)) {
            tangles.push([first, end]);
        }
    }
    busy
}

/// The standing flows that pass on at once what a life gains, nearest first, of those that have brought what was there when
/// they opened; `None` when there are many. What they lead to only gains what the life does, so that once round is
/// enough even where they form a circle. The others bring it when they open.
fn carried(
    columns: &Columns,
    life: u32,
    at: u32,
    has_brought: impl Fn(u32, &Piece) -> bool,
) -> Option<Vec<u32>> {
    let mut lives = vec![life];
    let mut carried = Vec::new();
    let mut next = 0;
    while let Some(life) = lives.get(next).copied() {
        next += 1;
        let pieces = &columns.pieces;
        let first = pieces.out_begins.get(life as usize).copied().unwrap_or(0);
        for (number, piece) in (first..).zip(pieces.out(life)) {
            if !flows_on(piece, at) || !has_brought(number, piece) {
                continue;
            }
            if carried.len() == CARRIED_MAX {
                return None;
            }
            carried.push(number);
            if !lives.contains(&piece.to) {
                lives.push(piece.to);
            }
        }
    }
    Some(carried)
}

/// Whether standing flows lead from a life to one of these, or too far to tell.
fn leads_back(columns: &Columns, life: u32, at: u32, sources: &[u32]) -> bool {
    let mut seen = vec![life];
    let mut next = 0;
    while let Some(life) = seen.get(next).copied() {
        next += 1;
        for piece in columns
            .pieces
            .out(life)
            .iter()
            .filter(|piece| flows_on(piece, at))
        {
            if sources.contains(&piece.to) || seen.len() >= LIVES_LOOKED_AT {
                return true;
            }
            if !seen.contains(&piece.to) {
                seen.push(piece.to);
            }
        }
    }
    false
}
