//! The columns of a store, in the layout of format 2.
//!
//! | column | key (bytes) | value | read by |
//! |---|---|---|---|
//! | `log` | sequence 8, part 4 | part 0: chain head 32, commit header; part n: 1, digest of the n-th part 32, key of its salts 32, first 4 bytes of each record's digest | commits, verify |
//! | `facts` | sequence 8, position 4 | record | single facts, facts of several subjects, the walk over everything, verify |
//! | `families` | family 16, time 8, sequence 8, position 4 | 1 and the record, or 0 where the record stands in `facts` only | everything about one subject; the catalogue |
//! | `names` | section 1, hash of the identifier 16 | sequence 8, position 4 | duplicates, references, idempotence keys (section 255) |
//! | `by_processor` | hash of the identifier 16, side 1, time 8, sequence 8, position 4 | nothing | who ever gave, and in which acts |
//! | `meta` | a word | `head`, `hash_key`, `header`, `pending` | open, append |
//!
//! A family is a kind byte (everyone 0, cohort 1, subject 2, the records that change one fact 3, records whose source
//! says when it recorded them 4) and 15 bytes: zeros for everyone and for kind 4, otherwise the keyed hash of the
//! identifier (of a changed fact: the section, then the hash). The time of kind 4 is that of recording, of the others
//! when the fact occurred; kind 3 has none.
//!
//! Format 1, which is still read and written in stores that were made with it, differs in three columns: part n of `log`
//! is the digests of its records, 32 bytes each; `facts` has the salt, 16 bytes, before each record; `by_processor` has
//! the family, 16 bytes, between time and sequence, and a row for each family of the act.
//!
//! Rows of every column but `meta` are written once and never again, which is
//! why their number is known: `head` keeps it.

use std::fmt;

/// A column of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Commits.
    Log,
    /// Records in the order of their numbers.
    Facts,
    /// Records by subject and time.
    Families,
    /// Numbers by identifier.
    Names,
    /// Acts by processor.
    ByProcessor,
    /// What holds for the whole store.
    Meta,
}

/// How many columns have rows that are counted: all but `meta`.
pub const COUNTED: usize = 5;

impl Column {
    /// Every column; the counted ones come first.
    pub const ALL: [Self; COUNTED + 1] = [
        Self::Log,
        Self::Facts,
        Self::Families,
        Self::Names,
        Self::ByProcessor,
        Self::Meta,
    ];

    /// The columns whose rows are counted in `head`, in the order of its counts.
    pub const COUNTED: [Self; COUNTED] = [
        Self::Log,
        Self::Facts,
        Self::Families,
        Self::Names,
        Self::ByProcessor,
    ];

    /// The name on disk.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Facts => "facts",
            Self::Families => "families",
            Self::Names => "names",
            Self::ByProcessor => "by_processor",
            Self::Meta => "meta",
        }
    }

    /// Its place in [`Column::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::Log => 0,
            Self::Facts => 1,
            Self::Families => 2,
            Self::Names => 3,
            Self::ByProcessor => 4,
            Self::Meta => 5,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
