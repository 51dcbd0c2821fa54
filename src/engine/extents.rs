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
            let starts: Vec<Start> = starts.iter().map(|(life, at)| Start { life: *life, at: *at }).collect();
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

    /// Those among the lives that what begins there may ever come to; without them it never comes to any. Exact where a
    /// known source begins just there; all of them where none begins in that life by then.
    ///
    /// Cost: a binary search among the sources, and one bit for each life.
    pub fn may_reach(&self, start: Start, lives: &[u32]) -> Vec<u32> {
        // What begins later in a life reaches nothing that what began before does not.
        let behind = self.starts.partition_point(|known| *known <= (start.life, start.at));
        match behind.checked_sub(1) {
            Some(place) if self.starts[place].0 == start.life => {
                let bits = &self.bits[place * self.words..][..self.words];
                let is_reached = |life: &u32| bits[(life / 64) as usize] >> (life % 64) & 1 == 1;
                lives.iter().copied().filter(is_reached).collect()
            }
            _ => lives.to_vec(),
        }
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        std::mem::size_of_val(&self.bits[..]) + std::mem::size_of_val(&self.starts[..])
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
