//! What is laid over a graph: the ways that it adds, and the lives that it makes.

use rustc_hash::FxHashMap;

use super::moment::Moment;

/// One act that carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A row of the base.
    Row(u32),
    /// A standing flow of the base, by the number of its piece.
    Piece(u32),
    /// A flow of the overlay, by its place there.
    Flow(u32),
    /// A standing flow of the overlay, by its place there.
    Standing(u32),
}

/// A way from one life to another, seen from one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) other: u32,
    pub(super) opens: Moment,
    /// No later than `opens` for an act at one moment.
    pub(super) closes: Moment,
    pub(super) step: Step,
}

/// A life that the overlay made: a part of a life of the base, or of a node that the base does not have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) node: u32,
    pub(super) base: Option<u32>,
    pub(super) since: Moment,
    pub(super) until: Moment,
}

/// Acts that were laid over a graph, to be laid over it again at no cost, or to lay more upon.
#[derive(Debug, Default)]
pub struct Layer {
    /// Lives numbered behind those of the base.
    pub(super) parts: Vec<Part>,
    /// The parts of a split life of the base, and of each new node, in order; a split life itself is the first.
    pub(super) splits: FxHashMap<u32, Vec<(Moment, u32)>>,
    /// For nodes behind those of the base, their first life.
    pub(super) new_nodes: Vec<u32>,
    /// How many standing flows there are.
    pub(super) standing: u32,
    out: FxHashMap<u32, Vec<Way>>,
    into: FxHashMap<u32, Vec<Way>>,
}

impl Layer {
    pub(super) fn add_way(&mut self, from: u32, to: u32, (opens, closes): (Moment, Moment), step: Step) {
        let way = |other| Way {
            other,
            opens,
            closes,
            step,
        };
        self.out.entry(from).or_default().push(way(to));
        if from != to {
            self.into.entry(to).or_default().push(way(from));
        }
    }

    /// The earliest ways first, so that searches improve less of what they found.
    pub(super) fn sort(&mut self) {
        for ways in self.out.values_mut().chain(self.into.values_mut()) {
            ways.sort_by_key(|way| (way.opens, way.step));
        }
    }

    pub(super) fn out(&self, life: u32) -> &[Way] {
        self.out.get(&life).map_or(&[], Vec::as_slice)
    }

    pub(super) fn into(&self, life: u32) -> &[Way] {
        self.into.get(&life).map_or(&[], Vec::as_slice)
    }
}
