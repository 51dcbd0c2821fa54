//! Identifiers as people write them in fact files.
//!
//! Every kind of thing has its own type, so that a field never stands where a processor is meant. Inside a
//! loaded history things are addressed by dense numbers instead: see `graph::number`.

use std::fmt;
use std::sync::Arc;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<Arc<str>> for $name {
            fn from(text: Arc<str>) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

impl SubjectId {
    /// The word for everybody at the level of design: declared flows, the lineage of tables and columns. No subject
    /// and no cohort can have this name.
    pub const EVERYONE: &'static str = "everyone";

    /// Everybody, at the level of design.
    pub fn everyone() -> Self {
        Self::from(Self::EVERYONE)
    }

    /// Whether it stands for everybody.
    pub fn is_everyone(&self) -> bool {
        self.as_str() == Self::EVERYONE
    }
}

text_ids! {
    /// A data subject: the person the data is about (DPV `DataSubject`).
    SubjectId;
    /// A category of personal data, a node of a tree (DPV `PersonalData` and its subclasses).
    CategoryId;
    /// A data item: a column, an attribute, a document part (`prov:Entity`, an OpenLineage dataset field).
    FieldId;
    /// Any party or system that handles data, whatever its role (`prov:Agent`).
    ProcessorId;
    /// Why data is processed, a node of a tree (DPV `Purpose`).
    PurposeId;
    /// Any other fact of the record: an authorization, an agreement, an act, a request, a rule, …
    FactId;
    /// A country or other jurisdiction; compared for equality only.
    Country;
    /// A technical or organisational measure, such as `encrypted-in-transit`.
    Safeguard;
    /// The right value that a correction wrote, under a name: nobody looks into it; compared for equality only.
    ValueId;
}
