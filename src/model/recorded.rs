//! When the record took a fact, as opposed to when the fact occurred.

use super::id::FactId;
use super::time::Instant;

/// A moment of the record: by the clock, or by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordTime {
    /// By the clock.
    At(Instant),
    /// By number: in a store that of a commit, from 1; in a file whatever its source counts.
    Number(u64),
}

impl RecordTime {
    /// Reads an instant, or a number in decimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse().ok().map(Self::Number)
        } else {
            Instant::parse(text).ok().map(Self::At)
        }
    }
}

/// What an item says about the record itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// When its source recorded it, where it says so.
    pub recorded: Option<RecordTime>,
    /// The fact of the same section that it takes the place of; its own name for a new version of itself.
    pub corrects: Option<FactId>,
}

/// How much of the record a question may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Horizon {
    /// All but what is stated as recorded after this instant: what a question knows that does not say.
    Stated(Instant),
    /// What was recorded up to a moment.
    Known(RecordTime),
}
