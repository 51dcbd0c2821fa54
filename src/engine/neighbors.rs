//! The rows that touch lives: each with the life at its other end, in as few bytes as their numbers need.
//!
//! A neighbor is four to eight bytes, the same number for all neighbors of a graph: the lowest bits are the row, the
//! highest the life. So in a graph of ten million rows and a million lives it takes six bytes where two numbers of 32 bits
//! took eight.

use std::ops::Range;

use super::column::Column;
use crate::sys::prefetch;

/// A neighbor of a life: the other life and the row that leads there or comes from there.
pub(super) type Neighbor = [u32; 2];

/// Rows and lives are read as so many bytes; no neighbor takes fewer.
const LEAST: usize = 4;
/// Bytes of a line of the cache.
const LINE: usize = 64;

/// How a neighbor stands in its bytes; follows from how many rows and lives there are.
#[derive(Clone, Copy, Debug, Default)]
struct Form {
    /// Bytes of each neighbor.
    size: usize,
    /// The bits of the row in the first four bytes.
    row_mask: u32,
    /// How many bits the last four bytes have below those of the life.
    life_shift: u32,
}

impl Form {
    /// For numbers below these.
    fn new(rows: u32, lives: u32) -> Self {
        // One bit at least, so that none of them is moved away as a whole.
        let bits = |count: u32| u32::BITS - (count.max(2) - 1).leading_zeros();
        let (row_bits, life_bits) = (bits(rows), bits(lives));
        Self {
            size: ((row_bits + life_bits).div_ceil(8) as usize).max(LEAST),
            row_mask: u32::MAX >> (u32::BITS - row_bits),
            life_shift: u32::BITS - life_bits,
        }
    }

    /// The byte at which the neighbor at a place begins.
    #[inline]
    fn byte(self, at: usize) -> usize {
        at.wrapping_mul(self.size)
    }

    /// The row of a neighbor of these bytes.
    #[inline]
    fn row(self, bytes: &[u8]) -> u32 {
        bytemuck::pod_read_unaligned::<u32>(&bytes[..LEAST]) & self.row_mask
    }

    #[inline]
    fn read(self, bytes: &[u8]) -> Neighbor {
        let life: u32 = bytemuck::pod_read_unaligned(&bytes[self.size - LEAST..][..LEAST]);
        [life.wrapping_shr(self.life_shift), self.row(bytes)]
    }

    /// Each length is known when this is compiled.
    #[inline]
    fn write(self, bytes: &mut [u8], [life, row]: Neighbor) {
        let above = 8 * self.size - LEAST * 8;
        let word = u64::from(life << self.life_shift) << above | u64::from(row);
        let word = word.to_le_bytes();
        match self.size {
            4 => bytes[..4].copy_from_slice(&word[..4]),
            5 => bytes[..5].copy_from_slice(&word[..5]),
            6 => bytes[..6].copy_from_slice(&word[..6]),
            7 => bytes[..7].copy_from_slice(&word[..7]),
            _ => bytes[..8].copy_from_slice(&word),
        }
    }
}

/// The neighbors of all lives, one life behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Neighbors {
    pub(super) bytes: Column<u8>,
    form: Form,
}

impl Neighbors {
    /// Room for so many neighbors in a graph of so many rows and lives.
    pub(super) fn with_room(count: usize, rows: u32, lives: u32) -> Self {
        let form = Form::new(rows, lives);
        Self {
            bytes: vec![0; count * form.size].into(),
            form,
        }
    }

    /// Puts a neighbor at a place.
    #[inline]
    pub(super) fn put(&mut self, at: usize, neighbor: Neighbor) {
        let from = self.form.byte(at);
        self.form.write(&mut self.bytes.building()[from..], neighbor);
    }

    /// So many neighbors as they lie in a file; nothing when they do not take these bytes.
    pub(super) fn of_bytes(bytes: Column<u8>, count: usize, rows: u32, lives: u32) -> Option<Self> {
        let form = Form::new(rows, lives);
        (bytes.len() == count * form.size).then_some(Self { bytes, form })
    }

    /// The same neighbors where rows have other numbers, in the same order, of so many.
    pub(super) fn renumbered(&self, new: &[u32], rows: u32, lives: u32) -> Self {
        let count = self.bytes.len() / self.form.size;
        let mut laid = Self::with_room(count, rows, lives);
        for (at, [life, row]) in self.at(0..count).iter().enumerate() {
            laid.put(at, [life, new[row as usize]]);
        }
        laid
    }

    /// Those at some places; none where these end before they begin.
    #[inline]
    pub(super) fn at(&self, places: Range<usize>) -> Near<'_> {
        Near {
            bytes: &self.bytes,
            form: self.form,
            from: places.start,
            to: places.end.max(places.start),
        }
    }

    /// Brings near what stands at a place.
    #[inline]
    pub(super) fn fetch(&self, at: usize) {
        prefetch(&self.bytes, self.form.byte(at));
    }

    /// Brings near what stands before a place: the line of the cache it ends in, and the one before.
    #[inline]
    pub(super) fn fetch_before(&self, at: usize) {
        let end = self.form.byte(at);
        prefetch(&self.bytes, end.wrapping_sub(1));
        prefetch(&self.bytes, end.wrapping_sub(LINE));
    }
}

/// Neighbors of one life, in order of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near<'a> {
    bytes: &'a [u8],
    form: Form,
    from: usize,
    to: usize,
}

impl<'a> Near<'a> {
    #[inline]
    pub(super) fn len(self) -> usize {
        self.to - self.from
    }

    /// The row at a place.
    #[inline]
    fn row(self, at: usize) -> u32 {
        self.form.row(&self.bytes[self.form.byte(at)..])
    }

    /// How many have rows before this one. Cost: a binary search, unless all have.
    #[inline]
    pub(super) fn count_before(self, row: u32) -> usize {
        let (mut from, mut to) = (self.from, self.to);
        if from < to && self.row(to - 1) < row {
            from = to;
        }
        while from < to {
            let middle = from.midpoint(to);
            if self.row(middle) < row {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from - self.from
    }

    /// Calls with the last ones, the last first, up to so many, while it is told that more are wanted; gives how many were.
    #[inline]
    pub(super) fn each_back(self, most: usize, mut take: impl FnMut(Neighbor) -> bool) -> usize {
        let most = most.min(self.len());
        let mut rest = &self.bytes[..self.form.byte(self.to)];
        for count in 0..most {
            let (before, last) = rest.split_at(rest.len() - self.form.size);
            if !take(self.form.read(last)) {
                return count;
            }
            rest = before;
        }
        most
    }

    /// The first so many.
    #[inline]
    #[must_use]
    pub(super) fn first(self, count: usize) -> Self {
        Self {
            to: self.to.min(self.from + count),
            ..self
        }
    }

    /// All but the first so many.
    #[inline]
    #[must_use]
    pub(super) fn behind(self, count: usize) -> Self {
        Self {
            from: self.to.min(self.from + count),
            ..self
        }
    }

    #[inline]
    pub(super) fn iter(self) -> impl DoubleEndedIterator<Item = Neighbor> + ExactSizeIterator + 'a {
        let Self { bytes, form, .. } = self;
        (self.from..self.to).map(move |at| form.read(&bytes[form.byte(at)..]))
    }

    /// Calls with each, in order.
    #[inline]
    pub(super) fn each(self, mut take: impl FnMut(Neighbor)) {
        let mut rest = &self.bytes[self.form.byte(self.from)..];
        for _ in self.from..self.to {
            let (next, behind) = rest.split_at(self.form.size);
            take(self.form.read(next));
            rest = behind;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers at both ends and in the middle of what is allowed, with bits that differ from their neighbors'.
    fn some(most: u32) -> [u32; 6] {
        let last = most - 1;
        [0, last, last / 2, 0x5555_5555 & last, last, 1.min(last)]
    }

    /// How many rows or lives there may be: each power of two up to the most, and one more.
    fn counts() -> Vec<u32> {
        let powers = (0..31).map(|bits| 1_u32 << bits);
        powers
            .flat_map(|count| [count, count + 1])
            .chain([u32::MAX >> 1])
            .collect()
    }

    #[test]
    fn what_was_put_is_read_in_every_form() {
        let mut sizes = std::collections::BTreeSet::new();
        for rows in counts() {
            for lives in counts() {
                let mut lives_of = some(lives);
                lives_of.reverse();
                let pairs: Vec<Neighbor> = lives_of.into_iter().zip(some(rows)).map(Into::into).collect();
                let mut laid = Neighbors::with_room(pairs.len(), rows, lives);
                // In an order in which each is put beside one that is there, and beside one that is not.
                for at in [0, 2, 1, 5, 3, 4] {
                    laid.put(at, pairs[at]);
                }
                let all = laid.at(0..pairs.len());
                let mut read = Vec::new();
                all.each(|pair| read.push(pair));
                assert_eq!(read, pairs, "{rows} rows, {lives} lives");
                let last: Vec<Neighbor> = all.behind(2).first(3).iter().rev().collect();
                assert_eq!(last, [pairs[4], pairs[3], pairs[2]]);
                sizes.insert(laid.form.size);
            }
        }
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [4, 5, 6, 7, 8]);
    }

    /// How many of the last ones, up to so many, have this row or later ones.
    fn back(near: Near<'_>, row: u32, most: usize) -> usize {
        near.each_back(most, |[_, here]| here >= row)
    }

    #[test]
    fn rows_are_found_in_every_form() {
        for rows in counts().into_iter().filter(|rows| *rows >= 16) {
            for lives in counts() {
                let numbers = [3, 5, 5, 9, rows - 1];
                let mut laid = Neighbors::with_room(5, rows, lives);
                for (at, row) in numbers.into_iter().enumerate() {
                    laid.put(at, [(lives - 1) / (1 + row % 2), row]);
                }
                let near = laid.at(1..5);
                let before = |row| near.count_before(row);
                assert_eq!(
                    [0, 5, 6, 9, 10, rows - 1, rows].map(before),
                    [0, 0, 2, 2, 3, 3, 4]
                );
                let from = |row| [back(near, row, 9), back(near, row, 2)];
                assert_eq!(
                    [0, 5, 9, 10, rows].map(from),
                    [[4, 2], [4, 2], [2, 2], [1, 1], [0, 0]]
                );
                let none = laid.at(2..lives.min(1) as usize);
                assert_eq!((none.len(), none.count_before(9), back(none, 0, 9)), (0, 0, 0));
            }
        }
    }

    #[test]
    fn renumbered_rows_may_take_a_larger_form() {
        let mut laid = Neighbors::with_room(3, 20, 300);
        for (at, row) in [3, 5, 19].into_iter().enumerate() {
            laid.put(at, [299 - row, row]);
        }
        let new: Vec<u32> = (0..20).map(|row| row * 100_000_000).collect();
        let larger = laid.renumbered(&new, 1_900_000_001, 300);
        assert!(larger.form.size > laid.form.size);
        let rows: Vec<Neighbor> = larger.at(0..3).iter().collect();
        assert_eq!(rows, [3, 5, 19].map(|row: u32| [299 - row, row * 100_000_000]));
    }
}
