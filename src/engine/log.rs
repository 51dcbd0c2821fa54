//! What the columns are built from: flows, standing flows and ends in any order, and the places where data begins.

/// What acts of one instant mean for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// They happened in the order of [`Flow::order`]: each order number is a moment of its own.
    Recorded,
    /// Nobody knows: ends come first, then starts, then flows in whatever order carries furthest.
    Any,
    /// A flow passes on only what arrived at an earlier instant.
    Strict,
}

/// A flow at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// When, in microseconds since 1970 or any other unit that sorts.
    pub at: i64,
    /// Its place among the acts of the instant; read under [`Ties::Recorded`] only. Rows with the same instant and
    /// order are one act: none passes on what another brings.
    pub order: u32,
    /// The node it takes from.
    pub from: u32,
    /// The node it brings to; the same node for an act that only uses.
    pub to: u32,
    /// What the caller knows it by; above [`NO_LABEL`](super::NO_LABEL).
    pub label: u32,
}

/// A flow that stands open over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The first instant at which it carries.
    pub since: i64,
    /// The place of its beginning among the acts of that instant.
    pub order: u32,
    /// The first instant at which it carries no longer; open without one.
    pub until: Option<i64>,
    /// The node it takes from.
    pub from: u32,
    /// The node it brings to.
    pub to: u32,
    /// What the caller knows it by; above [`NO_LABEL`](super::NO_LABEL).
    pub label: u32,
}

/// The end of all a node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: i64,
    /// Its place among the acts of the instant.
    pub order: u32,
    /// Whose.
    pub node: u32,
}

/// Data that begins at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    /// When.
    pub at: i64,
    /// Its place among the acts of the instant.
    pub order: u32,
    /// Where.
    pub node: u32,
}

/// Everything that is laid down in columns.
#[derive(Clone, Debug)]
pub struct Log {
    /// What acts of one instant mean for each other.
    pub ties: Ties,
    /// How many nodes there are; they are numbered from 0.
    pub nodes: u32,
    /// Flows, in any order; sorted ones are not sorted again.
    pub flows: Vec<Flow>,
    /// Standing flows, in any order.
    pub standing: Vec<Standing>,
    /// Ends, in any order.
    pub ends: Vec<End>,
    /// Where data begins; [`Columns::starts`](super::Columns::starts) keeps their order.
    pub seeds: Vec<Seed>,
}

impl Log {
    /// An empty log.
    pub fn new(ties: Ties, nodes: u32) -> Self {
        Self {
            ties,
            nodes,
            flows: Vec::new(),
            standing: Vec::new(),
            ends: Vec::new(),
            seeds: Vec::new(),
        }
    }
}

/// A moment: the instant and what tells acts of one instant apart. Under ANY and STRICT nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) i64, u64);

impl Ties {
    pub(super) fn moment(self, at: i64, order: u32) -> Moment {
        match self {
            Self::Recorded => Moment(at, u64::from(order) + 1),
            Self::Any | Self::Strict => Moment(at, 0),
        }
    }

    /// The moment before all acts of the instant: where a standing flow stops.
    pub(super) fn before(at: i64) -> Moment {
        Moment(at, 0)
    }

    /// Whether a flow passes on what arrived at its own moment.
    pub(super) fn chains(self) -> bool {
        self == Self::Any
    }
}
