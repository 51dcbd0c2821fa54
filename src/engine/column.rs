//! A column of numbers that is owned or lies in a mapped file.

use std::ops::Deref;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;

/// Numbers of one kind, one behind the other.
#[derive(Clone, Debug)]
pub(super) enum Column<T> {
    /// In memory of its own.
    Owned(Vec<T>),
    /// A stretch of a mapped file; the constructor has checked length and alignment.
    Mapped { file: Arc<Mmap>, from: usize, to: usize },
}

impl<T: Pod> Column<T> {
    /// The stretch `from..to` of a mapped file, when it is a whole number of aligned items.
    pub(super) fn mapped(file: &Arc<Mmap>, from: usize, to: usize) -> Option<Self> {
        let bytes = file.get(from..to)?;
        bytemuck::try_cast_slice::<u8, T>(bytes).ok()?;
        Some(Self::Mapped {
            file: Arc::clone(file),
            from,
            to,
        })
    }
}

impl<T> Column<T> {
    /// The items of a column that is being built.
    pub(super) fn building(&mut self) -> &mut [T] {
        match self {
            Self::Owned(items) => items,
            Self::Mapped { .. } => &mut [],
        }
    }
}

impl<T: Pod> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(items) => items,
            Self::Mapped { file, from, to } => bytemuck::cast_slice(&file[*from..*to]),
        }
    }
}

impl<T> From<Vec<T>> for Column<T> {
    fn from(mut items: Vec<T>) -> Self {
        items.shrink_to_fit();
        Self::Owned(items)
    }
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

/// How many items come first of which something is true, where it is true of no other. They are looked for from a place
/// where their end is thought to be: the cost grows with how far it is off, as that of a binary search does at most.
pub(super) fn count_first<T>(items: &[T], guess: usize, is_first: impl Fn(&T) -> bool) -> usize {
    let guess = guess.min(items.len());
    let (mut from, mut to) = (0, items.len());
    let mut step = 1;
    // Away from the guess in steps that double, until the end is passed.
    if guess < to && is_first(&items[guess]) {
        from = guess + 1;
        while from + step <= to && is_first(&items[from + step - 1]) {
            from += step;
            step *= 2;
        }
        to = to.min(from + step);
    } else {
        to = guess;
        while step <= to && !is_first(&items[to - step]) {
            to -= step;
            step *= 2;
        }
        from = to.saturating_sub(step).max(from);
    }
    from + items[from..to].partition_point(is_first)
}

/// A length as a number of the columns. Builders refuse what does not fit before they get here.
#[inline]
pub(super) fn number(length: usize) -> u32 {
    u32::try_from(length).expect("the builder refuses more than 2^31 rows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_from_every_guess() {
        for length in 0..40_u32 {
            let items: Vec<u32> = (0..length).collect();
            for end in 0..=length {
                for guess in 0..=length as usize + 1 {
                    let found = count_first(&items, guess, |item| *item < end);
                    assert_eq!(found, end as usize, "{length} items, from {guess}");
                }
            }
        }
    }
}
