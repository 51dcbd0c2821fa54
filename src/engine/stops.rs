//! Where a pass over all rows must stop, settled once when the columns are built.

use super::NO_LABEL;
use super::build::Laid;
use super::columns::{Columns, Piece, Stop, stop};
use super::log::Ties;
use super::marks::Marks;
use super::position::Position;

/// How many lives are looked at to find out whether a standing flow leads back into a moment. What leads further is
/// taken to.
const LIVES_LOOKED_AT: usize = 32;

/// How many standing flows a row's gain is passed on by in the pass itself. More are looked for when it gets there.
const FORWARDS_MAX: usize = 8;

/// All stops in order: openings come before the row they stand at, and before them what passes on the row before.
pub(super) fn stops(columns: &Columns, laid: &mut Laid) -> Vec<Stop> {
    let mut stops = openings(columns, laid);
    openings_as_rows(columns, laid, &mut stops);
    let mut tangles = laid.tangles.clone();
    let busy = busy(columns, laid, &mut tangles);
    tangles.sort_unstable();
    tangles.dedup();
    let is_tangled = |row: u32| {
        let before = tangles.partition_point(|[from, _]| *from <= row);
        before > 0 && tangles[before - 1][1] > row
    };
    let rows = &laid.rows;
    for row in busy.into_iter().filter(|row| !is_tangled(*row)) {
        let at = row as usize;
        match forwards(columns, &rows.marks, row, rows.to[at]) {
            Some(pieces) => stops.extend(pieces.into_iter().map(|number| {
                let piece = columns.piece(number);
                [row + 1, stop::FORWARD | number, piece.from, piece.to, piece.label]
            })),
            None => stops.push([row, stop::BUSY, rows.from[at], rows.to[at], rows.label[at]]),
        }
    }
    let knots = laid.knots.iter().filter(|[from, _]| !is_tangled(*from));
    stops.extend(knots.map(|[from, to]| [*from, stop::KNOT, *to, 0, 0]));
    stops.extend(tangles.iter().map(|[from, to]| [*from, stop::TANGLE, *to, 0, 0]));
    let is_opening = |what: u32| what & (stop::KIND | stop::FORWARD) != stop::FORWARD;
    stops.sort_by_key(|[row, what, ..]| (*row, is_opening(*what), what & stop::KIND));
    stops
}

/// An opening alone at a moment of its own, that flows on nowhere, carries as a row does: it takes the place of the
/// row that would carry nothing, and the pass need not stop for it. Only the pass looks at such rows.
fn openings_as_rows(columns: &Columns, laid: &mut Laid, stops: &mut Vec<Stop>) {
    if columns.ties() == Ties::Strict {
        // Here a row takes what was there before its moment, an opening what is there in it.
        return;
    }
    let rows = &mut laid.rows;
    let alone: Vec<bool> = (0..stops.len())
        .map(|at| {
            let is_other = |other: Option<&Stop>| other.is_none_or(|other| other[0] != stops[at][0]);
            is_other(at.checked_sub(1).and_then(|before| stops.get(before))) && is_other(stops.get(at + 1))
        })
        .collect();
    let mut place = 0;
    stops.retain(|[_, what, from, to, label]| {
        let alone = alone[place];
        place += 1;
        let number = what & stop::NUMBER;
        let row = Position(columns.piece(number).opens).row();
        let is_empty = rows.label[row as usize] == NO_LABEL;
        if !alone || !is_empty || what & stop::FLOWS_ON != 0 {
            return true;
        }
        let at = row as usize;
        rows.from.building()[at] = *from;
        rows.to.building()[at] = *to;
        rows.label.building()[at] = *label;
        false
    });
}

fn flows_on(piece: &Piece, at: u32) -> bool {
    piece.opens <= at && at < piece.closes
}

/// A piece opens before the rows of its moment, or behind them where these pass on only what was there before.
fn openings(columns: &Columns, laid: &Laid) -> Vec<Stop> {
    let chains = columns.ties().chains();
    let marks = &laid.rows.marks;
    let mut opening: Vec<(u32, Stop)> = (0..)
        .zip(columns.pieces.all.iter())
        .map(|(number, piece): (u32, &Piece)| {
            let row = Position(piece.opens).row();
            let row = if chains { row } else { marks.next(row + 1) };
            let passes_on = columns
                .pieces
                .out(piece.to)
                .iter()
                .any(|next| flows_on(next, piece.opens));
            let what = stop::OPENING | number | if passes_on { stop::FLOWS_ON } else { 0 };
            (piece.opens, [row, what, piece.from, piece.to, piece.label])
        })
        .collect();
    opening.sort_unstable();
    opening.into_iter().map(|(_, stop)| stop).collect()
}

/// Rows whose target passes on at once by a standing flow. When that may lead back to where other rows of the
/// moment take from, the moment is a tangle.
fn busy(columns: &Columns, laid: &Laid, tangles: &mut Vec<[u32; 2]>) -> Vec<u32> {
    let mut busy = Vec::new();
    if columns.pieces.all.is_empty() {
        return busy;
    }
    let (rows, marks) = (&laid.rows, &laid.rows.marks);
    for (row, to) in (0..).zip(rows.to.iter()) {
        let at = Position::of_row(row).0;
        if !columns.pieces.out(*to).iter().any(|piece| flows_on(piece, at)) {
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

/// The standing flows that pass on at once what the row brings to the life, nearest first; `None` when there are many, or
/// one that has not brought yet what was there when it opened. The others have, so that what they lead to only gains
/// what the life does, and once round is enough even where flows form a circle.
fn forwards(columns: &Columns, marks: &Marks, row: u32, life: u32) -> Option<Vec<u32>> {
    let at = Position::of_row(row).0;
    let chains = columns.ties().chains();
    let mut lives = vec![life];
    let mut forwards = Vec::new();
    let mut next = 0;
    while let Some(life) = lives.get(next).copied() {
        next += 1;
        let pieces = &columns.pieces;
        let first = pieces.out_begins.get(life as usize).copied().unwrap_or(0);
        for (number, piece) in (first..).zip(pieces.out(life)) {
            if !flows_on(piece, at) {
                continue;
            }
            let opens_later = !chains && marks.next(Position(piece.opens).row() + 1) > row;
            if opens_later || forwards.len() == FORWARDS_MAX {
                return None;
            }
            forwards.push(number);
            if !lives.contains(&piece.to) {
                lives.push(piece.to);
            }
        }
    }
    Some(forwards)
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
