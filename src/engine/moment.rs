//! When something is, over a graph with something laid over it.

use super::position::Position;

/// A position of the base above; inside one of its gaps the instant and, lowest, the place among the acts of that instant. Moments of
/// all that is laid over one graph compare with each other. Searches keep many of them: aligned as a position is, they take no more room
/// than they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(4))]
pub struct Moment(u128);

impl Moment {
    /// Before everything.
    pub const FIRST: Self = Self(0);
    /// After everything.
    pub const LAST: Self = Self(u128::MAX);

    pub(super) fn of(at: Position) -> Self {
        Self(u128::from(at.0) << 96)
    }

    pub(super) fn of_bound(at: u32) -> Self {
        if at == u32::MAX {
            Self::LAST
        } else {
            Self::of(Position(at))
        }
    }

    /// Inside a gap of the base, into which the instant falls; place 0 is before all acts of it.
    pub(super) fn inside(gap: Position, at: i64, place: u32) -> Self {
        // So that what is before 1970 comes before what is after it.
        let at = at.cast_unsigned() ^ 1 << 63;
        Self(Self::of(gap).0 | u128::from(at) << 32 | u128::from(place))
    }

    /// The position of the base it lies at or in.
    pub fn position(self) -> Position {
        Position((self.0 >> 96) as u32)
    }

    pub(super) fn just_before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}
