//! Findings: what is wrong, since when, against which clause, with the chain of acts that proves it.

use std::cmp::Ordering;
use std::sync::Arc;

use super::id::{FactId, FieldId, ProcessorId, SubjectId};
use super::place::Place;
use super::rule::About;
use super::time::{Instant, Stretch};
use super::word::{ActKind, Method, Severity};

/// The act or fact that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Culprit {
    /// An act.
    Event(FactId),
    /// Any other fact, or a name made from one: `move:PROCESSOR:COUNTRY`, `evidence:KIND`.
    Fact(String),
}

impl Culprit {
    /// The identifier, whichever it is of.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Event(id) => id.as_str(),
            Self::Fact(name) => name,
        }
    }
}

/// From which severity on a new finding fails the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// From this one on.
    AtLeast(Severity),
    /// No finding fails it.
    Never,
}

/// Of which age somebody is about whom a finding about everyone is true. What is declared for everyone is judged for
/// people of age and for people under age apart when a check is asked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whom {
    /// Not judged apart, or not about everyone.
    #[default]
    Unasked,
    /// Of age; about somebody under age the finding is another one, or there is none.
    Adult,
    /// Under age only.
    Minor,
    /// Of any age.
    Both,
}

impl Whom {
    /// As reports list it; empty when it was not asked.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Unasked => &[],
            Self::Adult => &["adult"],
            Self::Minor => &["minor"],
            Self::Both => &["adult", "minor"],
        }
    }
}

/// How sure something is where the instants of some acts are known by their bounds only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// So wherever inside their bounds these acts took place.
    Definite,
    /// So for some such instants, and not known to be so for all.
    Possible,
}

impl Certainty {
    /// The word as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Definite => "definite",
            Self::Possible => "possible",
        }
    }
}

/// One finding. Subjects, fields and deciding facts are sorted and without doubles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: FactId,
    /// The clause it stands for.
    pub clause: String,
    /// How bad it is.
    pub severity: Severity,
    /// Stable reason code.
    pub reason: String,
    /// Since when it is wrong; at the earliest, where only the bounds of that are known.
    pub at: Instant,
    /// The bounds of that instant, both included, where only they are known.
    pub between: Option<(Instant, Instant)>,
    /// How sure it is; nothing where all instants are known.
    pub certainty: Option<Certainty>,
    /// Of a possible finding: where it takes acts of uncertain times to be. The witness proves it there.
    pub placement: Vec<(FactId, Instant)>,
    /// The acts that only may have carried and that it takes to have: those of its chain or, where that names none, all
    /// of the record. Empty if it rests on none.
    pub supposes: Vec<FactId>,
    /// Of a standing act: when it is wrong, joined and in order; `at` is the beginning. Otherwise empty.
    pub during: Vec<Stretch>,
    /// What is wrong.
    pub culprit: Culprit,
    /// Who answers for it: the system that acted.
    pub processor: ProcessorId,
    /// Its organization at that instant, when that is another: the outermost that it lies inside.
    pub owner: Option<ProcessorId>,
    /// Whose data.
    pub subjects: Vec<SubjectId>,
    /// Of a finding about everyone: of which age.
    pub whom: Whom,
    /// Which data.
    pub fields: Vec<FieldId>,
    /// The facts that decide it.
    pub because: Vec<String>,
    /// The acts that prove it, in order.
    pub witness: Vec<Step>,
    /// One sentence for people.
    pub sentence: String,
    /// Name the finding without instants and act ids, so that two states can be compared: one for each field, in
    /// the order of `fields`, or a single one without fields; 32 hexadecimal digits each.
    pub fingerprints: Vec<String>,
    /// Where the act or fact stands, when it came from a document.
    pub place: Option<Place>,
    /// What its rule says beside.
    pub about: Arc<About>,
}

/// What findings are sorted by.
type Key<'a> = (
    Instant,
    &'a FactId,
    &'a str,
    &'a ProcessorId,
    &'a [SubjectId],
    &'a [FieldId],
);

impl Finding {
    /// Which of two comes first: by instant, rule, act or fact, processor, subjects, fields.
    pub fn order(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    fn key(&self) -> Key<'_> {
        (
            self.at,
            &self.rule,
            self.culprit.as_str(),
            &self.processor,
            &self.subjects,
            &self.fields,
        )
    }

    /// Whether this processor answers for it, or is the organization of the one that does.
    pub fn is_of(&self, processor: &str) -> bool {
        self.processor.as_str() == processor || self.owner.as_ref().is_some_and(|id| id.as_str() == processor)
    }
}

/// One act of a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The act.
    pub act: FactId,
    /// When; of a standing act, when it begins.
    pub at: Instant,
    /// The bounds of that instant, both included, where only they are known; `at` is the one that is taken here.
    pub between: Option<(Instant, Instant)>,
    /// Of a standing act: all the time that it is active.
    pub standing: Option<Stretch>,
    /// What kind of act.
    pub kind: ActKind,
    /// How, of a derive act.
    pub method: Option<Method>,
    /// Who acted; of a collect act, the source if one is known.
    pub actor: Option<ProcessorId>,
    /// Who received.
    pub recipient: Option<ProcessorId>,
    /// Whose data.
    pub subjects: Vec<SubjectId>,
    /// Which data.
    pub fields: Vec<FieldId>,
    /// What a derive act made.
    pub makes: Vec<FieldId>,
    /// What for.
    pub purpose: Option<super::id::PurposeId>,
    /// Country of the actor and of the recipient at that instant, when the act carried data over a border of home.
    pub crossing: Option<(super::id::Country, super::id::Country)>,
    /// Where the act was stated, so that tools can lead a reader along the chain.
    pub place: Option<Place>,
}
