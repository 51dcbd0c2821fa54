//! Who or what a fact lists, for those who only ask whether somebody is on the list.

use super::number::Number;

/// A list of numbers: the few that it has, or a bit for each number there is.
#[derive(Clone, Debug)]
pub enum Listed<N> {
    /// These.
    Few(Vec<N>),
    /// Those whose bit is set.
    Many(Box<[u64]>),
}

impl<N: Number + Eq> Listed<N> {
    /// So many are looked through as fast as a bit is found.
    pub const FEW_MAX: usize = 8;

    /// The list.
    pub fn new(numbers: Vec<N>) -> Self {
        if numbers.len() <= Self::FEW_MAX {
            return Self::Few(numbers);
        }
        let words = numbers.iter().map(|number| number.index() / 64 + 1).max();
        let mut bits = vec![0; words.unwrap_or(0)];
        for number in numbers {
            bits[number.index() / 64] |= 1 << (number.index() % 64);
        }
        Self::Many(bits.into())
    }

    /// Whether the number is listed. Cost: a step, or one for each of a few.
    pub fn has(&self, number: N) -> bool {
        match self {
            Self::Few(numbers) => numbers.contains(&number),
            Self::Many(bits) => bits
                .get(number.index() / 64)
                .is_some_and(|word| word & (1 << (number.index() % 64)) != 0),
        }
    }
}
