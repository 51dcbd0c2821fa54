//! What labels forbid, and when that changes.

use super::position::Position;

/// From a position on, a label belongs to another class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Since when.
    pub at: Position,
    /// Which label.
    pub label: u32,
    /// Its class from then on.
    pub class: u32,
}

/// Labels fall into classes, and a class forbids the same sources to all its labels. Authorizations that begin or
/// end move labels from class to class.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// How many classes there are; class 0 forbids nothing.
    pub(super) classes: u32,
    pub(super) class_of: Vec<u32>,
    pub(super) changes: Vec<Change>,
}

impl Policy {
    /// Nothing is forbidden to any of so many labels.
    pub fn nothing(labels: usize) -> Self {
        Self {
            classes: 1,
            class_of: vec![0; labels],
            changes: Vec::new(),
        }
    }

    /// The class of each label at first, and the changes in any order; of several changes of one label at one
    /// position the one with the greatest class holds.
    ///
    /// # Panics
    /// When a class is not below `classes` or a change names no label.
    pub fn new(classes: u32, class_of: Vec<u32>, mut changes: Vec<Change>) -> Self {
        assert!(
            class_of
                .iter()
                .chain(changes.iter().map(|change| &change.class))
                .all(|class| *class < classes),
            "a class is out of range"
        );
        assert!(
            changes
                .iter()
                .all(|change| (change.label as usize) < class_of.len()),
            "a change names no label"
        );
        changes.sort_unstable();
        Self {
            classes,
            class_of,
            changes,
        }
    }
}
