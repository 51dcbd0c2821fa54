//! What a search notes of each improvement, how it finds what an improvement leads to, and the chain read off them.

use super::column::number;
use super::columns::Columns;
use super::position::Position;

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

/// No position, no place, no row.
pub(super) const NONE: u32 = u32::MAX;
/// The bit of what is led by a standing flow.
pub(super) const PIECE: u32 = 1 << 31;
/// How many lives are read together: all that they need is fetched before any of it is looked at.
pub(super) const LIVES_AT_ONCE: usize = 32;
/// How many steps are found before the lives they lead to are looked at, so that these are at hand by then.
pub(super) const STEPS_AT_ONCE: usize = 64;

/// An improvement of a life, or a step that may become one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gain {
    pub(super) life: u32,
    pub(super) at: u32,
    /// A row, a piece with the top bit set, or [`NONE`] where the search begins.
    pub(super) via: u32,
    /// The improvement it was made from; the number of the start where the search begins.
    pub(super) before: u32,
}

/// The steps from an improvement to where its search begins, and the number of the start there.
pub(super) fn steps(gains: &[Gain], place: Option<usize>) -> (Vec<Hop>, u32) {
    let mut steps = Vec::new();
    let mut gain = place.and_then(|place| gains.get(place));
    while let Some(&Gain { via, before, .. }) = gain {
        if via == NONE {
            return (steps, before);
        }
        steps.push(if via & PIECE == 0 {
            Hop::Row(via)
        } else {
            Hop::Piece(via & !PIECE)
        });
        gain = gains.get(before as usize);
    }
    (steps, 0)
}

/// What was read of the rows of a life.
pub(super) struct Read {
    /// Rows of the adjacency from here on were read.
    pub(super) from: u32,
    /// There was no room for the others: read on from there.
    pub(super) is_cut: bool,
}

/// Finds where a life leads, for the improvement at this place: by rows that were not read before and arrive by `until`,
/// the latest first, so that no row is looked at but those that lead somewhere and one more; then by standing flows.
#[inline]
pub(super) fn read_out(
    columns: &Columns,
    gain: Gain,
    place: usize,
    read: u32,
    until: u32,
    found: &mut Vec<Gain>,
) -> Read {
    let (lives, before) = (&columns.lives, number(place));
    let room = STEPS_AT_ONCE.saturating_sub(found.len());
    let begin = lives.out_begins[gain.life as usize];
    let end = lives.out_begins[gain.life as usize + 1].min(read).max(begin);
    let mut rows = lives.out.at(begin as usize..end as usize);
    let ready = columns.ready(Position(gain.at));
    if until / 2 < columns.rows() {
        // Those that arrive by then.
        rows = rows.first(rows.count_before(until.div_ceil(2)));
    }
    let count = rows.each_back(room, |[life, row]| {
        let is_ready = row >= ready;
        if is_ready {
            found.push(Gain {
                life,
                at: 2 * row + 1,
                via: row,
                before,
            });
        }
        is_ready
    });
    let left = rows.len() - count;
    let from = begin + number(left);
    let is_cut = count == room && left > 0;
    if !is_cut && columns.pieces() > 0 {
        let pieces = &columns.pieces;
        let first = pieces.out_begins[gain.life as usize];
        for (number, piece) in (first..).zip(pieces.out(gain.life)) {
            let at = gain.at.max(piece.opens);
            if gain.at < piece.closes && at <= until {
                found.push(Gain {
                    life: piece.to,
                    at,
                    via: PIECE | number,
                    before,
                });
            }
        }
    }
    Read { from, is_cut }
}
