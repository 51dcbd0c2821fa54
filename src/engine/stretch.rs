//! The innermost loop of a pass: rows between which nothing else happens.

use super::lanes::Lanes;
use crate::sys::prefetch;

/// How far ahead states are fetched: a dozen rows hide the way to memory.
pub(super) const AHEAD: usize = 16;

/// States that fit so many bytes lie in the processor's own cache, where fetching ahead costs more than it saves.
const NEAR: usize = 512 << 10;

/// Runs the rows in their order up to the first one that carries what it may not, and gives that row; `to` when none does.
#[inline]
pub(super) fn run<L: Lanes>(
    held: &mut [L],
    rows: [&[u32]; 3],
    from: usize,
    to: usize,
    judge: impl Judge<L>,
) -> usize {
    let is_near = size_of_val(held) <= NEAR;
    // At the end there is nothing left to fetch but what is at hand.
    let last = if is_near {
        from
    } else {
        rows[0].len().saturating_sub(AHEAD).clamp(from, to)
    };
    let row = plain::<L, true>(held, rows, from, last, judge);
    if row < last {
        return row;
    }
    plain::<L, false>(held, rows, last, to, judge)
}

/// The rows. The slices are cut to one length first, and what is not asked for (`FETCH` states ahead, a judge) costs
/// nothing: the loop waits for the loads it makes, of which it needs four and those make six more at most.
#[inline(never)]
fn plain<L: Lanes, const FETCH: bool>(
    held: &mut [L],
    [sources, targets, labels]: [&[u32]; 3],
    from: usize,
    to: usize,
    judge: impl Judge<L>,
) -> usize {
    if from == to {
        return to;
    }
    let count = to - from;
    let ahead = if FETCH { AHEAD } else { 0 };
    let (next_sources, next_targets) = (
        &sources[from + ahead..][..count],
        &targets[from + ahead..][..count],
    );
    let (sources, targets, labels) = (
        &sources[from..][..count],
        &targets[from..][..count],
        &labels[from..][..count],
    );
    for row in 0..count {
        if FETCH {
            prefetch(held, next_sources[row] as usize);
            prefetch(held, next_targets[row] as usize);
        }
        let carried = held[sources[row] as usize];
        if judge.forbids(labels[row], carried) {
            return from + row;
        }
        let target = &mut held[targets[row] as usize];
        *target = target.or(carried);
    }
    to
}

/// What rows are held against.
pub(super) trait Judge<L>: Copy {
    /// Whether the label forbids anything of what is carried.
    fn forbids(&self, label: u32, carried: L) -> bool;
}

/// Nothing is forbidden, and no label is looked at.
#[derive(Clone, Copy)]
pub(super) struct Nothing;

impl<L> Judge<L> for Nothing {
    #[inline]
    fn forbids(&self, _: u32, _: L) -> bool {
        false
    }
}

/// Every row is held against the mask of its label's class, so that the processor has nothing to foretell.
#[derive(Clone, Copy)]
pub(super) struct Often<'p, L, C> {
    pub(super) class_of: &'p [C],
    pub(super) masks: &'p [L],
}

impl<L: Lanes, C: Copy + Into<u32>> Judge<L> for Often<'_, L, C> {
    #[inline]
    fn forbids(&self, label: u32, carried: L) -> bool {
        let class: u32 = self.class_of[label as usize].into();
        !carried.and(self.masks[class as usize]).is_empty()
    }
}

/// Only rows whose class forbids anything, which are few, look at its mask.
#[derive(Clone, Copy)]
pub(super) struct Seldom<'p, L, C>(pub(super) Often<'p, L, C>);

impl<L: Lanes, C: Copy + Into<u32>> Judge<L> for Seldom<'_, L, C> {
    #[inline]
    fn forbids(&self, label: u32, carried: L) -> bool {
        self.0.class_of[label as usize].into() != FORBIDS_NOTHING && self.0.forbids(label, carried)
    }
}

/// The class that forbids nothing.
pub(super) const FORBIDS_NOTHING: u32 = 0;

/// The class of each label by now, in one byte where there are few classes: the fewer lines of the cache they take,
/// the more are left for states.
pub(super) enum Classes {
    Few(Vec<u8>),
    Many(Vec<u32>),
}

impl Classes {
    /// Of so many classes; the class of each label.
    pub(super) fn new(count: usize, class_of: Vec<u32>) -> Self {
        if count <= 1 << u8::BITS {
            // Nothing is cut off.
            Self::Few(class_of.iter().map(|class| class.to_le_bytes()[0]).collect())
        } else {
            Self::Many(class_of)
        }
    }

    pub(super) fn get(&self, label: u32) -> u32 {
        match self {
            Self::Few(of) => of[label as usize].into(),
            Self::Many(of) => of[label as usize],
        }
    }

    pub(super) fn set(&mut self, label: u32, class: u32) {
        match self {
            Self::Few(of) => of[label as usize] = class.to_le_bytes()[0],
            Self::Many(of) => of[label as usize] = class,
        }
    }
}
