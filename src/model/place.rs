//! Where in a document a fact stands, and what is wrong with a document.

use std::fmt;
use std::sync::Arc;

/// A place in a document: file, line and column, both counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// What kind of problem a document has. The spelling is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode {
            $($(#[$doc])* $variant,)+
        }

        impl ProblemCode {
            /// The stable spelling, such as `FACT_UNKNOWN_REFERENCE`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

codes! {
    /// Not YAML, JSON or NDJSON.
    Syntax = "FACT_SYNTAX",
    /// A list where a text belongs, and the like.
    Shape = "FACT_SHAPE",
    /// A key that must be there is not.
    MissingKey = "FACT_MISSING_KEY",
    /// A key that this version does not know; it is kept and otherwise ignored. A warning.
    UnknownKey = "FACT_UNKNOWN_KEY",
    /// An identifier that nothing declares.
    UnknownReference = "FACT_UNKNOWN_REFERENCE",
    /// An identifier declared twice in its section.
    DuplicateId = "FACT_DUPLICATE_ID",
    /// An identifier that has a meaning of its own.
    ReservedId = "FACT_RESERVED_ID",
    /// A key given twice in one item.
    DuplicateKey = "FACT_DUPLICATE_KEY",
    /// No instant: ISO 8601 with an offset is expected.
    BadInstant = "FACT_BAD_INSTANT",
    /// A date where an instant is expected.
    DateWithoutTime = "FACT_DATE_WITHOUT_TIME",
    /// No date: `YYYY-MM-DD` is expected.
    BadDate = "FACT_BAD_DATE",
    /// No time zone of the zone database.
    BadZone = "FACT_BAD_ZONE",
    /// No number, or one outside its range.
    BadNumber = "FACT_BAD_NUMBER",
    /// A word outside its closed list.
    BadWord = "FACT_BAD_WORD",
    /// An act that this version does not know.
    UnknownAct = "FACT_UNKNOWN_ACT",
    /// A check that this version does not know.
    UnknownCheck = "FACT_UNKNOWN_CHECK",
    /// Flow policies that cannot be read, or say what they must not.
    FlowPolicy = "FACT_FLOW_POLICY",
    /// An interval that ends before its beginning, or moves out of time order.
    InvertedInterval = "FACT_INVERTED_INTERVAL",
    /// A tree whose node is its own ancestor.
    Cycle = "FACT_CYCLE",
    /// A declaration that others may name, taken back or corrected under another name.
    KeptDeclaration = "FACT_KEPT_DECLARATION",
    /// A fact corrected or taken back that was so already.
    ChangedTwice = "FACT_CHANGED_TWICE",
    /// A number as recorded time in a store, which numbers its commits itself.
    RecordedNumber = "FACT_RECORDED_NUMBER",
    /// The store holds another fact of this identifier.
    Conflict = "FACT_CONFLICT",
    /// The store was begun with another header.
    HeaderMismatch = "FACT_HEADER_MISMATCH",
    /// Something that can be read and kept and not yet judged; taking it would give wrong answers.
    NotJudged = "FACT_NOT_JUDGED",
    /// A document beyond a limit of this program.
    Limit = "FACT_LIMIT",
    /// An OpenLineage event that is not JSON.
    EventSyntax = "OPENLINEAGE_SYNTAX",
    /// Something other than an object where an OpenLineage event should be.
    EventNotObject = "OPENLINEAGE_NOT_AN_EVENT",
    /// An OpenLineage event about neither a run nor a job nor a dataset.
    EventKind = "OPENLINEAGE_KIND",
    /// An OpenLineage event without a key that must be there.
    EventMissingKey = "OPENLINEAGE_MISSING_KEY",
    /// A value of the wrong type in an OpenLineage event.
    EventShape = "OPENLINEAGE_SHAPE",
    /// A name in an OpenLineage event that is empty, too long, or has characters that no name has.
    EventBadName = "OPENLINEAGE_BAD_NAME",
    /// No instant in an OpenLineage event.
    EventBadTime = "OPENLINEAGE_BAD_TIME",
    /// An instant without an offset in an OpenLineage event, and nobody has said which one is meant.
    EventNoOffset = "OPENLINEAGE_NO_OFFSET",
    /// A word outside its closed list in an OpenLineage event.
    EventBadWord = "OPENLINEAGE_BAD_WORD",
    /// A key of an OpenLineage event that stands twice in one object, with different values.
    EventDoubledKey = "OPENLINEAGE_DOUBLED_KEY",
    /// An OpenLineage event beyond a limit of this program.
    EventLimit = "OPENLINEAGE_LIMIT",
}

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: ProblemCode,
    /// Where.
    pub place: Place,
    /// What is wrong, in a clause without a capital or a full stop.
    pub message: String,
    /// What was expected and what to do.
    pub help: String,
}

impl Problem {
    /// Whether the document is taken all the same.
    pub fn is_warning(&self) -> bool {
        self.code == ProblemCode::UnknownKey
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {} ({})",
            self.place,
            self.code.as_str(),
            self.message,
            self.help
        )
    }
}
