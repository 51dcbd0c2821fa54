//! The instant of each moment, packed: sixteen moments share one base, each keeps 32 bits in the log's own unit.

use super::column::{Column, number};

const BLOCK: usize = 16;

/// Instants in order, possibly with repeats.
#[derive(Clone, Debug, Default)]
pub(super) struct Instants {
    /// What all offsets count in: the greatest step that divides every distance between neighbors.
    pub(super) unit: i64,
    /// The first instant of each block of sixteen.
    pub(super) bases: Column<i64>,
    /// Units after the base; empty when some block is too long for 32 bits, and then `wide` is used.
    pub(super) offsets: Column<u32>,
    /// The instants as they are.
    pub(super) wide: Column<i64>,
}

impl Instants {
    pub(super) fn new(instants: Vec<i64>) -> Self {
        let unit = unit(&instants);
        let mut offsets = Vec::with_capacity(instants.len());
        for block in instants.chunks(BLOCK) {
            for at in block {
                match u32::try_from(at.abs_diff(block[0]) / unit.unsigned_abs()) {
                    Ok(offset) => offsets.push(offset),
                    Err(_) => {
                        return Self {
                            unit,
                            wide: instants.into(),
                            ..Self::default()
                        };
                    }
                }
            }
        }
        Self {
            unit,
            bases: instants
                .iter()
                .step_by(BLOCK)
                .copied()
                .collect::<Vec<i64>>()
                .into(),
            offsets: offsets.into(),
            wide: Column::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.offsets.len().max(self.wide.len())
    }

    /// The instant of a moment.
    pub(super) fn get(&self, rank: u32) -> i64 {
        let at = rank as usize;
        match self.wide.get(at) {
            Some(instant) => *instant,
            None => self.bases[at / BLOCK] + i64::from(self.offsets[at]) * self.unit,
        }
    }

    /// The first moment at or after the instant; the number of moments when there is none. Cost: a search among the
    /// blocks, then in one.
    pub(super) fn at_or_after(&self, instant: i64) -> u32 {
        if !self.wide.is_empty() {
            return number(self.wide.partition_point(|at| *at < instant));
        }
        // What is sought lies in the last block that begins before it, or begins the next.
        let Some(block) = self.bases.partition_point(|base| *base < instant).checked_sub(1) else {
            return 0;
        };
        let from = block * BLOCK;
        let offsets = &self.offsets[from..self.offsets.len().min(from + BLOCK)];
        let base = self.bases[block];
        let before = offsets.partition_point(|offset| base + i64::from(*offset) * self.unit < instant);
        number(from + before)
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
