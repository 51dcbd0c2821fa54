//! Many sources side by side: one bit each, in one or eight machine words.

/// A set of up to [`COUNT`](Lanes::COUNT) sources of one sweep.
pub trait Lanes: Copy + Default + PartialEq + Send + Sync {
    /// How many sources there is room for.
    const COUNT: usize;

    /// Both together.
    #[must_use]
    fn or(self, other: Self) -> Self;

    /// Those in both.
    #[must_use]
    fn and(self, other: Self) -> Self;

    /// Those that the other has not.
    #[must_use]
    fn without(self, other: Self) -> Self;

    /// Whether there is none.
    fn is_empty(self) -> bool;

    /// The source at one place.
    fn one(place: usize) -> Self;

    /// The words, lowest places first.
    fn words(&self) -> &[u64];

    /// The places that are in the set, in order.
    fn places(&self) -> impl Iterator<Item = usize> {
        self.words().iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let place = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    at * 64 + place
                })
            })
        })
    }
}

/// 64 sources.
pub type Narrow = u64;

impl Lanes for Narrow {
    const COUNT: usize = 64;

    #[inline]
    fn or(self, other: Self) -> Self {
        self | other
    }

    #[inline]
    fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline]
    fn without(self, other: Self) -> Self {
        self & !other
    }

    #[inline]
    fn is_empty(self) -> bool {
        self == 0
    }

    fn one(place: usize) -> Self {
        1 << place
    }

    fn words(&self) -> &[u64] {
        std::slice::from_ref(self)
    }
}

/// 512 sources, in one line of the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct Wide([u64; 8]);

impl Wide {
    #[inline]
    fn zip(self, other: Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        let mut words = self.0;
        for (word, other) in words.iter_mut().zip(other.0) {
            *word = combine(*word, other);
        }
        Self(words)
    }
}

impl From<Narrow> for Wide {
    fn from(word: Narrow) -> Self {
        let mut words = [0; 8];
        words[0] = word;
        Self(words)
    }
}

impl Lanes for Wide {
    const COUNT: usize = 512;

    #[inline]
    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    #[inline]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    #[inline]
    fn without(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    #[inline]
    fn is_empty(self) -> bool {
        self.0.iter().fold(0, |all, word| all | word) == 0
    }

    fn one(place: usize) -> Self {
        let mut words = [0; 8];
        words[place / 64] = 1 << (place % 64);
        Self(words)
    }

    fn words(&self) -> &[u64] {
        &self.0
    }
}
