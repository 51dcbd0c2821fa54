//! A place in the order of rows.

/// When something is held, counted in rows: an odd number 2r + 1 is the moment of row r, an even number 2r the gap
/// before row r, where no row lies. Less is earlier. All odd positions of one moment mean the same; the columns can
/// bring them to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub(super) u32);

impl Position {
    /// Before everything.
    pub const FIRST: Self = Self(0);
    /// After everything.
    pub const LAST: Self = Self(u32::MAX);

    /// The position of a number that [`number`](Self::number) gave.
    pub fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// A number to keep it by.
    pub fn number(self) -> u32 {
        self.0
    }

    #[inline]
    pub(super) fn of_row(row: u32) -> Self {
        Self(2 * row + 1)
    }

    #[inline]
    pub(super) fn before_row(row: u32) -> Self {
        Self(2 * row)
    }

    /// The row whose moment it is, or the one behind the gap.
    #[inline]
    pub fn row(self) -> u32 {
        self.0 / 2
    }

    /// Whether it is the gap before its row, and not the moment of that.
    #[inline]
    pub fn is_gap(self) -> bool {
        self.0.is_multiple_of(2)
    }
}
