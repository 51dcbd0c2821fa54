//! Dense numbers of the things of one history: small, fast to compare, and each kind its own type. A number means
//! nothing outside the history that gave it.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A dense number of one kind.
pub trait Number: Copy {
    /// The number of the thing at this index; `None` when 32 bits are full.
    fn from_index(index: usize) -> Option<Self>;
    /// The index of the thing.
    fn index(self) -> usize;
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl Number for $name {
            fn from_index(index: usize) -> Option<Self> {
                u32::try_from(index).ok().map(Self)
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

numbers! {
    /// A subject.
    SubjectNo;
    /// A category.
    CategoryNo;
    /// A field.
    FieldNo;
    /// A processor.
    ProcessorNo;
    /// A purpose.
    PurposeNo;
    /// A list of safeguards, as some act states it.
    SafeguardsNo;
    /// An act; numbers follow the order of acts.
    ActNo;
    /// A copy; numbers follow the order of creation.
    CopyNo;
    /// All copies of one field of one subject at one processor.
    HoldingNo;
}

/// Names and their numbers, in the order of first mention.
#[derive(Clone, Debug)]
pub struct Names<I, N> {
    ids: Vec<I>,
    numbers: FxHashMap<I, N>,
}

impl<I, N> Default for Names<I, N> {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }
}

impl<I: Clone + Eq + Hash, N: Number> Names<I, N> {
    /// The number of a name, given now if it has none; `None` when 32 bits are full.
    pub fn number(&mut self, id: &I) -> Option<N> {
        if let Some(number) = self.numbers.get(id) {
            return Some(*number);
        }
        let number = N::from_index(self.ids.len())?;
        self.ids.push(id.clone());
        self.numbers.insert(id.clone(), number);
        Some(number)
    }

    /// The number of a name, if it has one.
    pub fn get(&self, id: &I) -> Option<N> {
        self.numbers.get(id).copied()
    }

    /// The name of a number of this table.
    pub fn id(&self, number: N) -> &I {
        &self.ids[number.index()]
    }

    /// All names in the order of their numbers.
    pub fn ids(&self) -> &[I] {
        &self.ids
    }

    /// All numbers in order.
    pub fn all(&self) -> impl Iterator<Item = N> + use<I, N> {
        (0..self.ids.len()).filter_map(N::from_index)
    }
}
