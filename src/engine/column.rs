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

/// A length as a number of the columns. Builders refuse what does not fit before they get here.
#[inline]
pub(super) fn number(length: usize) -> u32 {
    u32::try_from(length).expect("the builder refuses more than 2^31 rows")
}
