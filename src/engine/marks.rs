//! Which rows begin a moment: one bit a row, and a count every 512 rows.

use super::column::{Column, count_first, number};

const WORDS_A_BLOCK: usize = 8;

/// Bits over rows, with ranks. The first row is always marked.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub(super) words: Column<u64>,
    /// Marks before each block of 512 rows.
    pub(super) ranks: Column<u32>,
    pub(super) rows: u32,
}

/// Sets marks one row after the other.
#[derive(Default)]
pub(super) struct Marking {
    words: Vec<u64>,
    rows: u32,
}

impl Marking {
    pub(super) fn push(&mut self, begins: bool) {
        if self.rows.is_multiple_of(64) {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word |= u64::from(begins) << (self.rows % 64);
        }
        self.rows += 1;
    }

    /// The bits alone.
    pub(super) fn bits(self) -> Column<u64> {
        self.words.into()
    }

    pub(super) fn finish(self) -> Marks {
        let mut ranks = Vec::with_capacity(self.words.len() / WORDS_A_BLOCK + 1);
        let mut count = 0_u32;
        for block in self.words.chunks(WORDS_A_BLOCK) {
            ranks.push(count);
            count += block.iter().map(|word| word.count_ones()).sum::<u32>();
        }
        Marks {
            words: self.words.into(),
            ranks: ranks.into(),
            rows: self.rows,
        }
    }
}

impl Marks {
    /// Whether the row is the first of its moment.
    #[inline]
    pub(super) fn begins(&self, row: u32) -> bool {
        self.words[(row / 64) as usize] >> (row % 64) & 1 == 1
    }

    /// The first row of the moment that the row belongs to. Cost: a block of words; in moments that are longer, a search
    /// for the block.
    #[inline]
    pub(super) fn first(&self, row: u32) -> u32 {
        let mut at = (row / 64) as usize;
        let mut word = self.words[at] << (63 - row % 64);
        if word != 0 {
            return row - word.leading_zeros();
        }
        while !at.is_multiple_of(WORDS_A_BLOCK) {
            at -= 1;
            word = self.words[at];
            if word != 0 {
                return number(at) * 64 + 63 - word.leading_zeros();
            }
        }
        self.ranks[at / WORDS_A_BLOCK]
            .checked_sub(1)
            .map_or(0, |rank| self.select(rank))
    }

    /// The first mark at or behind the row; the number of rows when there is none. Cost: as for `first`.
    #[inline]
    pub(super) fn next(&self, row: u32) -> u32 {
        if row >= self.rows {
            return self.rows;
        }
        let mut at = (row / 64) as usize;
        let word = self.words[at] >> (row % 64);
        if word != 0 {
            return row + word.trailing_zeros();
        }
        loop {
            at += 1;
            if at.is_multiple_of(WORDS_A_BLOCK) {
                let behind = self.ranks.get(at / WORDS_A_BLOCK);
                return behind.map_or(self.rows, |rank| self.select(*rank));
            }
            match self.words.get(at) {
                None => return self.rows,
                Some(0) => {}
                Some(word) => return number(at) * 64 + word.trailing_zeros(),
            }
        }
    }

    /// Which moment the row belongs to, counted from 0.
    pub(super) fn rank(&self, row: u32) -> u32 {
        let word = (row / 64) as usize;
        let block = word / WORDS_A_BLOCK;
        let whole: u32 = self.words[block * WORDS_A_BLOCK..word]
            .iter()
            .map(|word| word.count_ones())
            .sum();
        let part = (self.words[word] << (63 - row % 64)).count_ones();
        self.ranks[block] + whole + part - 1
    }

    /// The first row of the moment with this rank; the number of rows when there are fewer moments.
    pub(super) fn select(&self, rank: u32) -> u32 {
        // As if all blocks had as many marks.
        let most = u64::from(self.ranks.last().copied().unwrap_or(0)).max(1);
        let near = u64::from(rank) * self.ranks.len() as u64 / most;
        let near = usize::try_from(near).unwrap_or(0);
        let block = count_first(&self.ranks, near, |before| *before <= rank);
        let Some(block) = block.checked_sub(1) else {
            return self.rows;
        };
        let mut left = rank - self.ranks[block];
        let from = block * WORDS_A_BLOCK;
        for (at, word) in self.words.iter().enumerate().skip(from).take(WORDS_A_BLOCK) {
            let count = word.count_ones();
            if left < count {
                let mut rest = *word;
                for _ in 0..left {
                    rest &= rest - 1;
                }
                return number(at) * 64 + rest.trailing_zeros();
            }
            left -= count;
        }
        self.rows
    }
}
