//! Lists that mostly have one item: then they take no memory of their own.

use std::ops::{Deref, DerefMut};

/// A list of items, as long as one likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Few<T> {
    /// One item.
    One([T; 1]),
    /// None, or several.
    Many(Box<[T]>),
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::Many(Box::default())
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items = items.into_iter();
        let Some(first) = items.next() else {
            return Self::default();
        };
        match items.next() {
            None => Self::One([first]),
            Some(second) => Self::Many([first, second].into_iter().chain(items).collect()),
        }
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T, const N: usize> From<[T; N]> for Few<T> {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<'l, T> IntoIterator for &'l Few<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The same, of a list that grows.
#[derive(Clone, Debug)]
pub enum Growing<T> {
    /// One item.
    One([T; 1]),
    /// None, or several.
    Many(Vec<T>),
}

impl<T> Growing<T> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        match self {
            Self::Many(many) if many.is_empty() => *self = Self::One([item]),
            Self::Many(many) => many.push(item),
            Self::One(_) => {
                if let Self::One(one) = std::mem::take(self) {
                    *self = Self::Many(one.into_iter().chain([item]).collect());
                }
            }
        }
    }
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> Deref for Growing<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }
}

impl<T> DerefMut for Growing<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }
}
