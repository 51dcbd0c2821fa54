//! What some sources ever reach, worked out once: that one of them never comes to a place is then seen from a few bits.

use super::columns::{Columns, Start};
use super::lanes::{Lanes, Wide};
use super::policy::Policy;
use super::position::Position;
use super::sweep::{Carrier, Sweep};

/// Of each of some starts, the lives it ever reaches: one bit for each life.
///
/// Memory: an eighth of a byte for each life and start. It belongs to the columns it was made from.
#[derive(Debug, Default)]
pub struct Extents {
    /// Where the sources begin, sorted: life and position.
    starts: Vec<(u32, Position)>,
    /// For each start, the words of its lives.
    bits: Vec<u64>,
    /// Words for each start.
    words: usize,
}

impl Extents {
    /// Cost: one pass over all rows for every 512 starts, and turning its bits round.
    pub fn new(columns: &Columns, starts: &[Start]) -> Self {
        let mut sorted: Vec<(u32, Position)> = starts.iter().map(|start| (start.life, start.at)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let words = (columns.lives() as usize).div_ceil(64);
        let pieces = columns.pieces.all.iter().map(|piece| piece.label);
        let labels = columns.rows.label.iter().copied().chain(pieces).max();
        let policy = Policy::nothing(labels.map_or(0, |label| label as usize + 1));
        let mut bits = vec![0; words * sorted.len()];
        for (block, starts) in sorted.chunks(Wide::COUNT).enumerate() {
            let starts: Vec<Start> = starts
                .iter()
                .map(|(life, at)| Start { life: *life, at: *at })
                .collect();
            let mut sweep: Sweep<'_, Wide> = Sweep::new(columns, &policy, |_, _| false, starts.len());
            sweep.run(&starts, &mut |_: Carrier, _: u32, _: Position, _: Wide| {});
            let here = &mut bits[block * Wide::COUNT * words..][..starts.len() * words];
            turn_round(sweep.held(), here, words);
        }
        Self {
            starts: sorted,
            bits,
            words,
        }
    }

    /// What a known source that begins in the life of the start, then or before, ever reaches: nothing that begins at
    /// the start comes to any other life. Exact where the source begins just there; nothing when none is known.
    ///
    /// Cost: a binary search among the sources.
    pub fn of(&self, start: Start) -> Option<Extent<'_>> {
        // What begins later in a life reaches nothing that what began before does not.
        let behind = self
            .starts
            .partition_point(|known| *known <= (start.life, start.at));
        let place = behind.checked_sub(1)?;
        (self.starts[place].0 == start.life).then(|| Extent(&self.bits[place * self.words..][..self.words]))
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        std::mem::size_of_val(&self.bits[..]) + std::mem::size_of_val(&self.starts[..])
    }
}

/// The lives that one source ever reaches.
#[derive(Clone, Copy, Debug)]
pub struct Extent<'a>(&'a [u64]);

impl Extent<'_> {
    /// Whether the life is among them.
    #[inline]
    pub fn has(self, life: u32) -> bool {
        self.0[(life / 64) as usize] >> (life % 64) & 1 == 1
    }
}

/// From the sources of each life to the lives of each source, 64 by 64.
fn turn_round(held: &[Wide], bits: &mut [u64], words: usize) {
    for (word, lives) in held.chunks(64).enumerate() {
        for (column, sources) in bits.chunks_mut(64 * words).enumerate() {
            let mut square = [0; 64];
            for (row, life) in square.iter_mut().zip(lives) {
                *row = life.words()[column];
            }
            transpose(&mut square);
            for (source, row) in sources.chunks_mut(words).zip(square) {
                source[word] = row;
            }
        }
    }
}

/// Exchanges rows and columns of 64 by 64 bits: halves, then quarters, down to single bits.
fn transpose(square: &mut [u64; 64]) {
    let mut width = 32;
    let mut mask = 0x0000_0000_FFFF_FFFF_u64;
    while width > 0 {
        for row in (0..64).filter(|row| row & width == 0) {
            let swapped = (square[row] >> width ^ square[row + width]) & mask;
            square[row] ^= swapped << width;
            square[row + width] ^= swapped;
        }
        width /= 2;
        mask ^= mask << width;
    }
}
