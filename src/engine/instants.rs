//! The instant of each moment, packed: sixteen moments share one base, each keeps 16 or 32 bits in the log's own unit.

use super::column::{Column, count_first, number};

const BLOCK: usize = 16;

/// Instants in order, possibly with repeats. One of three columns is used: the narrowest in which every block fits.
#[derive(Clone, Debug, Default)]
pub(super) struct Instants {
    /// What all offsets count in: the greatest step that divides every distance between neighbors.
    pub(super) unit: i64,
    /// The first instant of each block of sixteen; empty when `wide` is used.
    pub(super) bases: Column<i64>,
    /// Units after the base, where all blocks are short.
    pub(super) short: Column<u16>,
    /// Units after the base, where some block is longer.
    pub(super) offsets: Column<u32>,
    /// The instants as they are, where some block is too long even for that.
    pub(super) wide: Column<i64>,
}

/// Units after the base of its block, for each moment; nothing when some do not fit.
fn offsets<T: TryFrom<u64>>(instants: &[i64], unit: i64) -> Option<Vec<T>> {
    let after = |block: &[i64], at: &i64| T::try_from(at.abs_diff(block[0]) / unit.unsigned_abs()).ok();
    let mut offsets = Vec::with_capacity(instants.len());
    for block in instants.chunks(BLOCK) {
        for at in block {
            offsets.push(after(block, at)?);
        }
    }
    Some(offsets)
}

impl Instants {
    pub(super) fn new(instants: Vec<i64>) -> Self {
        let unit = unit(&instants);
        let bases = || {
            instants
                .iter()
                .step_by(BLOCK)
                .copied()
                .collect::<Vec<i64>>()
                .into()
        };
        if let Some(short) = offsets::<u16>(&instants, unit) {
            return Self {
                unit,
                bases: bases(),
                short: short.into(),
                ..Self::default()
            };
        }
        if let Some(offsets) = offsets::<u32>(&instants, unit) {
            return Self {
                unit,
                bases: bases(),
                offsets: offsets.into(),
                ..Self::default()
            };
        }
        Self {
            unit,
            wide: instants.into(),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.short.len().max(self.offsets.len()).max(self.wide.len())
    }

    /// The instant of a moment.
    pub(super) fn get(&self, rank: u32) -> i64 {
        let at = rank as usize;
        match self.wide.get(at) {
            Some(instant) => *instant,
            None => self.bases[at / BLOCK] + self.after(at) * self.unit,
        }
    }

    /// The block that an instant would be in if all had the same length.
    fn block_near(&self, instant: i64) -> usize {
        let (Some(first), Some(last)) = (self.bases.first(), self.bases.last()) else {
            return 0;
        };
        let whole = u128::from(last.abs_diff(*first)).max(1);
        let part = u128::from(instant.clamp(*first, *last).abs_diff(*first));
        usize::try_from(part * self.bases.len() as u128 / whole).unwrap_or(0)
    }

    /// Units between the base of its block and a moment.
    fn after(&self, at: usize) -> i64 {
        match self.short.get(at) {
            Some(units) => i64::from(*units),
            None => i64::from(self.offsets[at]),
        }
    }

    /// The first moment at or after the instant; the number of moments when there is none. Cost: a search among the
    /// blocks, then in one.
    pub(super) fn at_or_after(&self, instant: i64) -> u32 {
        if !self.wide.is_empty() {
            return number(self.wide.partition_point(|at| *at < instant));
        }
        // What is sought lies in the last block that begins before it, or begins the next.
        let before = count_first(&self.bases, self.block_near(instant), |base| *base < instant);
        let Some(block) = before.checked_sub(1) else {
            return 0;
        };
        let from = block * BLOCK;
        let base = self.bases[block];
        let moments = from..self.len().min(from + BLOCK);
        let before = moments.take_while(|at| base + self.after(*at) * self.unit < instant);
        number(from + before.count())
    }
}

fn unit(instants: &[i64]) -> i64 {
    let mut unit = 0_u64;
    for pair in instants.windows(2) {
        let (mut a, mut b) = (pair[1].abs_diff(pair[0]), unit);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        unit = a;
        if unit == 1 {
            break;
        }
    }
    i64::try_from(unit.max(1)).unwrap_or(1)
}
