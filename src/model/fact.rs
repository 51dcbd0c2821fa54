//! Facts: what a fact file states, one struct for each section.
//!
//! Identifiers are text here; nothing is looked up yet. `facts::read` makes these from documents,
//! `graph::history` and `rules::case` number them for the engine. Attributes that are never judged are not
//! repeated here: they stay in the stated item (`Stated::item`).

use jiff::civil::Date;

use super::bounded::{Bounded, InstantKey};
use super::finding::Culprit;
use super::id::{
    CategoryId, Country, FactId, FieldId, ProcessorId, PurposeId, Safeguard, SubjectId, ValueId,
};
use super::place::Place;
use super::recorded::Recording;
use super::rule::{Data, Rule};
use super::time::{Calendar, Instant, When, Zone};
use super::word::{
    ActKind, Basis, Carries, Giver, Grade, Method, NoticeKind, Outcome, ProcessorKind, Requester, Section,
    State,
};

/// What holds for a whole fact set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Name of the fact set; a store does not compare it.
    pub scenario: String,
    /// Standing facts and overdue deadlines are judged at this instant. A store does not compare it.
    pub as_of: Instant,
    /// Birthdays, working days and printed instants.
    pub zone: Zone,
    /// What counts as domestic.
    pub home: Country,
    /// Below this age, in years, a subject is a minor.
    pub minor_age: i16,
    /// Working days.
    pub calendar: Calendar,
}

/// A fact and where it was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The fact.
    pub fact: Fact,
    /// Its place in the document.
    pub place: Place,
    /// The item as stated, as JSON text with all its keys, also those that are never judged. Empty for an act
    /// without unknown keys that corrects nothing: `Act` holds all there is.
    pub item: Box<str>,
    /// What it says about the record itself.
    pub recording: Recording,
    /// Of any fact but an act, its instants of which only the bounds are known. The fact has each at its earliest, unless a
    /// placement says otherwise.
    pub bounded: Box<[Bounded]>,
}

impl Stated {
    /// Whether an instant of it is known by its bounds only.
    pub fn is_uncertain(&self) -> bool {
        !self.bounded.is_empty() || matches!(&self.fact, Fact::Act(act) if act.at.is_uncertain())
    }

    /// The instant that stands there, where only its bounds are known.
    pub fn bounded_at(&self, key: InstantKey) -> Option<&Bounded> {
        self.bounded.iter().find(|bounded| bounded.key == key)
    }

    /// Whether of an instant that is `wanted` only the bounds are known; of acts never.
    pub fn has_bounded(&self, wanted: impl Fn(&Fact, InstantKey) -> bool) -> bool {
        let mut bounded = self.bounded.iter();
        bounded.any(|bounded| wanted(&self.fact, bounded.key))
    }

    /// Whether it is a processor of which only bounds are known of when it moved into another one, or out of one.
    pub fn has_uncertain_nesting(&self) -> bool {
        self.has_bounded(Fact::is_inward)
    }

    /// By when it surely had happened: see [`Fact::happened`].
    pub fn happened(&self) -> Option<Instant> {
        let sorts_by = ["from", "at", "effective", "known"].map(InstantKey::plain);
        let begins = self
            .bounded
            .iter()
            .find(|bounded| sorts_by.contains(&bounded.key));
        begins
            .map(|bounded| bounded.latest)
            .or_else(|| self.fact.happened())
    }

    /// Whether it is a new version of a fact that keeps its name.
    pub fn is_version(&self) -> bool {
        let corrects = self.recording.corrects.as_ref().map(FactId::as_str);
        corrects.is_some() && corrects == self.fact.id()
    }

    /// The fact that it takes the place of or takes back.
    pub fn target(&self) -> Option<&FactId> {
        if let Fact::Retraction(retraction) = &self.fact {
            Some(&retraction.id)
        } else {
            self.recording.corrects.as_ref()
        }
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Name in the fact set.
    pub id: SubjectId,
    /// Birthday; without one the subject is not treated as a minor.
    pub born: Option<Date>,
    /// When the person died.
    pub died: Option<Instant>,
    /// Whether the person arranged otherwise for the data, so that relatives may be refused.
    pub arranged: bool,
}

/// Some subjects under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// Name; it stands wherever subjects are listed.
    pub id: SubjectId,
    /// Who belongs to it.
    pub members: Vec<SubjectId>,
}

/// A kind of data, a node of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Name; dots in it mean nothing.
    pub id: CategoryId,
    /// The node above.
    pub parent: Option<CategoryId>,
    /// Sensitive, with everything below it (GDPR 9; PIPL 28).
    pub sensitive: bool,
}

/// A data item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name.
    pub id: FieldId,
    /// Its categories; mostly one.
    pub categories: Vec<CategoryId>,
    /// Identifiability, everywhere and always; acts do not change it.
    pub state: State,
    /// People give it although nobody asks for it.
    pub volunteered: bool,
    /// The service does not work without it; said of cookies and the like.
    pub strictly_needed: bool,
    /// The field that, held together with this one, identifies.
    pub key: Option<FieldId>,
}

/// A change of country, or of the organization around a processor; at least one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// From this instant on, it included.
    pub at: Instant,
    /// The new country.
    pub country: Option<Country>,
    /// The processor it lies inside from now on.
    pub inside: Option<ProcessorId>,
}

/// A party or system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// Name.
    pub id: ProcessorId,
    /// What it is.
    pub kind: ProcessorKind,
    /// The group of companies it belongs to.
    pub group: Option<String>,
    /// Country before the first move; without one, never part of a crossing.
    pub country: Option<Country>,
    /// The processor it lies inside before the first move that says otherwise: a system in a company, a company in
    /// a group.
    pub inside: Option<ProcessorId>,
    /// Changes of country and organization, in time order.
    pub moves: Vec<Move>,
    /// Standing safeguards.
    pub safeguards: Vec<Safeguard>,
    /// `false`: its data comes from an unlawful source.
    pub lawful_source: bool,
    /// Safeguards that it has for a time.
    pub safeguard_periods: Vec<SafeguardPeriod>,
    /// When it ceased its business.
    pub ceased: Option<Instant>,
    /// Who of its people may see what.
    pub accesses: Vec<Access>,
}

/// A safeguard that a processor has for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeguardPeriod {
    /// The safeguard.
    pub safeguard: Safeguard,
    /// From here on, it included.
    pub from: Instant,
    /// Until here, it excluded.
    pub until: Option<Instant>,
}

/// What the people in one role at a processor may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The role, such as `support`.
    pub role: String,
    /// What they may see.
    pub fields: Vec<FieldId>,
    /// What for.
    pub purposes: Vec<PurposeId>,
}

/// A purpose, a node of a tree. It covers its descendants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Name.
    pub id: PurposeId,
    /// The node above.
    pub parent: Option<PurposeId>,
    /// The fields it needs; `None` says nothing, an empty list says that it needs none.
    pub needs: Option<Vec<FieldId>>,
    /// When it was achieved or given up.
    pub ended: Option<Instant>,
}

/// The permission for acts of certain holders with certain data for certain purposes (DPV `LegalBasis`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Name.
    pub id: FactId,
    /// The legal basis.
    pub basis: Basis,
    /// Strength; of consent only.
    pub grade: Grade,
    /// Who gave it; of consent only.
    pub given_by: Giver,
    /// Whose data; empty means everybody's.
    pub subjects: Vec<SubjectId>,
    /// Who may act.
    pub holders: Vec<ProcessorId>,
    /// What holders may do.
    pub acts: Vec<ActKind>,
    /// Who may receive, and then use and derive for the purposes.
    pub recipients: Vec<ProcessorId>,
    /// Covered fields.
    pub fields: Vec<FieldId>,
    /// Covered categories with all below them.
    pub categories: Vec<CategoryId>,
    /// Covered purposes with all below them.
    pub purposes: Vec<PurposeId>,
    /// In force from here on, it included.
    pub from: Instant,
    /// In force until here, it excluded.
    pub until: Option<Instant>,
    /// Not in force from here on.
    pub withdrawn: Option<Instant>,
    /// The service that was refused without this consent.
    pub condition_of: Option<PurposeId>,
    /// Whether another way was offered to somebody who does not consent.
    pub alternative: bool,
    /// Where the proof of it is kept, if anywhere.
    pub evidence: Option<String>,
    /// What the person was shown, in which version.
    pub notice: Option<String>,
    /// The service that the contract is about; of the basis contract.
    pub service: Option<PurposeId>,
    /// The law, order or case it rests on.
    pub citation: Option<String>,
    /// Nobody did anything: the service was used on, or nothing was said.
    pub implied: bool,
}

/// A switch turned off by a subject, for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Name.
    pub id: FactId,
    /// Whose choice.
    pub subject: SubjectId,
    /// At whom.
    pub processor: ProcessorId,
    /// For this purpose and its descendants.
    pub purpose: PurposeId,
    /// From here on, it included.
    pub at: Instant,
    /// Who turned it off.
    pub by: Giver,
}

/// A contract between processors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Work on another's behalf (GDPR 28; PIPL 21).
    Delegation(Delegation),
    /// Secrecy between two parties.
    Confidentiality(Confidentiality),
    /// The relation that makes a recipient a partner.
    Partner(Confidentiality),
    /// Joint control.
    Joint(Joint),
}

/// A contract to work on another's behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Name.
    pub id: FactId,
    /// On whose behalf.
    pub principal: ProcessorId,
    /// Who works.
    pub delegate: ProcessorId,
    /// With what.
    pub fields: Vec<FieldId>,
    /// What for, with all below.
    pub purposes: Vec<PurposeId>,
    /// In force from here on, it included.
    pub from: Instant,
    /// In force until here, it excluded.
    pub until: Option<Instant>,
    /// Whether it is in writing.
    pub written: bool,
    /// Whether any sub-delegation is allowed.
    pub subdelegation_allowed: bool,
    /// Processors to whom sub-delegation is allowed by name.
    pub subdelegates: Vec<ProcessorId>,
}

/// Joint control (GDPR 26; PIPL 20): what any of them may do, all may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint {
    /// Name.
    pub id: FactId,
    /// Who controls together.
    pub between: Vec<ProcessorId>,
    /// With which fields.
    pub fields: Vec<FieldId>,
    /// For which purposes, with all below.
    pub purposes: Vec<PurposeId>,
    /// In force from here on, it included.
    pub from: Instant,
    /// In force until here, it excluded.
    pub until: Option<Instant>,
}

/// A secrecy agreement between exactly two processors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confidentiality {
    /// Name.
    pub id: FactId,
    /// The two, in any order.
    pub between: [ProcessorId; 2],
    /// In force from here on, it included.
    pub from: Instant,
    /// In force until here, it excluded.
    pub until: Option<Instant>,
}

/// A lawful route over a border (GDPR 44–49; PIPL 38–43).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// Name.
    pub id: FactId,
    /// Who may send.
    pub from_processor: ProcessorId,
    /// To whom; without one, to anybody in `to_country`.
    pub to_processor: Option<ProcessorId>,
    /// Where to, when no processor is named.
    pub to_country: Option<Country>,
    /// In force from here on, it included.
    pub from: Instant,
    /// In force until here, it excluded.
    pub until: Option<Instant>,
}

impl Mechanism {
    /// Whether it is a route from one processor to another, who is in this country: it names the taker, or else the
    /// country and no taker. `from` and `to` say whether they are meant by a name.
    pub fn fits(
        &self,
        from: impl Fn(&ProcessorId) -> bool,
        to: impl Fn(&ProcessorId) -> bool,
        country: Option<&Country>,
    ) -> bool {
        let reaches = match &self.to_processor {
            Some(named) => to(named),
            None => country.is_some() && self.to_country.as_ref() == country,
        };
        from(&self.from_processor) && reaches
    }

    /// Whether it is in force at the instant.
    pub fn is_valid(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// What an impact assessment looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Covered {
    /// Acts of this kind.
    Act(ActKind),
    /// Crossings.
    CrossBorder,
    /// Sensitive data.
    Sensitive,
}

impl Covered {
    /// The word as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Act(kind) => kind.as_str(),
            Self::CrossBorder => "cross-border",
            Self::Sensitive => "sensitive",
        }
    }

    /// The meaning of the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "cross-border" => Some(Self::CrossBorder),
            "sensitive" => Some(Self::Sensitive),
            other => ActKind::parse(other).map(Self::Act),
        }
    }
}

/// An assessment, done once, good for ever after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assessment {
    /// Of the impact of risky acts (GDPR 35; PIPL 55).
    Impact {
        /// Name.
        id: FactId,
        /// By whom.
        processor: ProcessorId,
        /// Of what.
        covers: Vec<Covered>,
        /// For which purposes, with all below.
        purposes: Vec<PurposeId>,
        /// When.
        at: Instant,
    },
    /// Of a recipient.
    Recipient {
        /// Name.
        id: FactId,
        /// By whom.
        processor: ProcessorId,
        /// Of whom.
        recipient: ProcessorId,
        /// When.
        at: Instant,
    },
}

/// A declared retention period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionPeriod {
    /// Who declared it.
    pub processor: ProcessorId,
    /// For which fields.
    pub fields: Vec<FieldId>,
    /// How long, in days of 24 hours; only the check `declared-period` reads it.
    pub days: Option<i64>,
}

/// Something that subjects were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Name.
    pub id: FactId,
    /// What about.
    pub kind: NoticeKind,
    /// Who told.
    pub processor: ProcessorId,
    /// Of an assignment: the successor.
    pub to: Option<ProcessorId>,
    /// Of a change of policy: the version, if one is named.
    pub policy: Option<FactId>,
    /// Who was told.
    pub subjects: Vec<SubjectId>,
    /// When.
    pub at: Instant,
}

/// A version of a privacy policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Name.
    pub id: FactId,
    /// Whose policy.
    pub processor: ProcessorId,
    /// In force from here on.
    pub effective: Instant,
    /// When people could read it.
    pub published: Option<Instant>,
    /// Whether it changes something major.
    pub has_major_changes: bool,
    /// When the major changes were announced.
    pub announced: Option<Instant>,
    /// What it declares; `None` says nothing.
    pub declares: Option<Vec<Declared>>,
    /// The rights it tells of; `None` says nothing.
    pub rights: Option<Vec<String>>,
    /// The services it is for, with all below; `None` says nothing.
    pub services: Option<Vec<PurposeId>>,
}

/// Something that a policy declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Which data.
    pub data: Data,
    /// For which purposes, with all below.
    pub purposes: Vec<PurposeId>,
    /// By which acts; `None`: any.
    pub acts: Option<Vec<ActKind>>,
    /// To whom; `None`: anybody.
    pub recipients: Option<Vec<ProcessorId>>,
}

/// A request by a subject (GDPR 15–22; PIPL 44–50).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Name.
    pub id: FactId,
    /// What it asks for.
    pub kind: Option<String>,
    /// Who makes it.
    pub by: Requester,
    /// Whose data it is about.
    pub subject: SubjectId,
    /// To whom.
    pub processor: ProcessorId,
    /// About which fields.
    pub fields: Vec<FieldId>,
    /// When it was made.
    pub at: Instant,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// How.
    pub outcome: Option<Outcome>,
    /// The reason given for a refusal.
    pub reason: Option<String>,
    /// When the identity of the person was checked.
    pub verified: Option<Instant>,
}

/// An account closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// Name.
    pub id: FactId,
    /// Whose.
    pub subject: SubjectId,
    /// At whom.
    pub processor: ProcessorId,
    /// When.
    pub at: Instant,
    /// Days, of 24 hours, within which data must be gone.
    pub clear_within_days: i64,
    /// Fields that may stay.
    pub keep: Vec<FieldId>,
}

/// A leak, loss or alteration of data (GDPR 33–34; PIPL 57).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Name.
    pub id: FactId,
    /// At whom.
    pub processor: ProcessorId,
    /// When it was first suspected, if before it was known.
    pub suspected: Option<Instant>,
    /// When it was known.
    pub known: Instant,
    /// Who found it, if somebody else.
    pub found_by: Option<ProcessorId>,
    /// What people were told of it: `None` says nothing.
    pub contents: Option<Vec<String>>,
    /// Told by public announcement, not one by one.
    pub announced: bool,
    /// Which fields.
    pub fields: Vec<FieldId>,
    /// Whose data.
    pub subjects: Vec<SubjectId>,
    /// When the regulator was told.
    pub regulator_told: Option<Instant>,
    /// When the platform was told.
    pub platform_told: Option<Instant>,
    /// Who was told when; the last entry of a subject counts.
    pub subjects_told: Vec<(SubjectId, Instant)>,
}

impl Incident {
    /// When the clocks of a rule begin: with knowledge or, if so wanted, with the first suspicion.
    pub fn begin(&self, from_suspicion: bool) -> Instant {
        let suspected = self.suspected.filter(|_| from_suspicion);
        suspected.map_or(self.known, |at| at.min(self.known))
    }
}

/// What is done for one purpose may be done for another too: one way, one step, and no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compatibility {
    /// Name.
    pub id: FactId,
    /// The purpose that something permits, or one below it.
    pub from: PurposeId,
    /// The purpose that is served too.
    pub to: PurposeId,
    /// Only data in these states.
    pub states: Option<Vec<State>>,
}

/// Something to be put right after an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Name.
    pub id: FactId,
    /// By when.
    pub due: Instant,
    /// When it was.
    pub done: Option<Instant>,
}

/// An audit of a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Name.
    pub id: FactId,
    /// By whom.
    pub by: ProcessorId,
    /// Of whom.
    pub of: ProcessorId,
    /// When it was announced.
    pub notified: Option<Instant>,
    /// When it took place.
    pub at: Instant,
    /// Whether the auditor depends on nobody concerned.
    pub independent: bool,
    /// Whether the audited party refused to cooperate.
    pub refused: bool,
    /// What had to be put right.
    pub remedies: Vec<Remedy>,
}

/// A cooperation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Termination {
    /// Name.
    pub id: FactId,
    /// By whom.
    pub by: ProcessorId,
    /// With whom.
    pub of: ProcessorId,
    /// From here on.
    pub at: Instant,
}

/// A document or certificate that only can be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Name.
    pub id: FactId,
    /// Whose.
    pub processor: ProcessorId,
    /// Of what kind.
    pub kind: String,
    /// Valid from here on, it included.
    pub from: Instant,
    /// Valid until here, it excluded.
    pub until: Option<Instant>,
}

/// Something done with data, about exactly the listed subjects and fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Name.
    pub id: FactId,
    /// When.
    pub at: When,
    /// What.
    pub kind: ActKind,
    /// Who acts: `by` or `from`; of a collect act, `to`.
    pub actor: ProcessorId,
    /// Who receives: `to`, but for a collect act, which has no recipient besides its actor.
    pub recipient: Option<ProcessorId>,
    /// Of a collect act: where it came from.
    pub source: Option<ProcessorId>,
    /// Whose data: subjects, cohorts, or everyone.
    pub subjects: Vec<SubjectId>,
    /// Which data; of a derive act, its inputs.
    pub fields: Vec<FieldId>,
    /// What for; store, correct, restrict and delete may have none.
    pub purpose: Option<PurposeId>,
    /// Of a derive act: what it makes.
    pub makes: Vec<FieldId>,
    /// Of a derive act: how; absent means plainly.
    pub method: Option<Method>,
    /// Of a store act: where.
    pub location: Option<Country>,
    /// Of a correct act: the right value, if it has a name.
    pub value: Option<ValueId>,
    /// Of a restrict act: the restriction is over from here on.
    pub lifts: bool,
    /// Safeguards of this act.
    pub safeguards: Vec<Safeguard>,
    /// How surely it carries what the actor holds.
    pub carries: Carries,
}

/// A fact taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// The section it was stated in.
    pub section: Section,
    /// Its name.
    pub id: FactId,
}

/// A decision to put up with findings for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Name.
    pub id: FactId,
    /// Which findings.
    pub target: Suppressed,
    /// They count again from here on, it included.
    pub until: Instant,
    /// Who decided.
    pub by: String,
    /// For what reason.
    pub why: String,
}

/// The findings that a suppression speaks of. Nothing in it has to be declared: what it matches is settled when there
/// are findings, and what matches none is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppressed {
    /// Those of this fingerprint: one field of one kind of flow between the same parties, whatever its acts are called.
    Fingerprint(String),
    /// Those of a rule about one act or fact.
    About {
        /// The rule.
        rule: String,
        /// The act or fact, as findings name it.
        culprit: Culprit,
        /// With this reason only.
        reason: Option<String>,
        /// For which this processor answers only.
        processor: Option<String>,
    },
}

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident($type:ty) in $section:ident;)+) => {
        /// Any fact.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Fact {
            $($(#[$doc])* $variant($type),)+
            /// A fact taken back. It stands in documents and stores; what is judged or asked holds none.
            Retraction(Retraction),
        }

        impl Fact {
            /// The section it is stated in.
            pub fn section(&self) -> Section {
                match self {
                    $(Self::$variant(_) => Section::$section,)+
                    Self::Retraction(x) => x.section,
                }
            }
        }
    };
}

facts! {
    /// A person.
    Subject(Subject) in Subjects;
    /// Some subjects under one name.
    Cohort(Cohort) in Cohorts;
    /// A kind of data.
    Category(Category) in Categories;
    /// A data item.
    Field(Field) in Fields;
    /// A party or system.
    Processor(Processor) in Processors;
    /// A purpose.
    Purpose(Purpose) in Purposes;
    /// A permission.
    Authorization(Authorization) in Authorizations;
    /// A switch turned off.
    Choice(Choice) in Choices;
    /// A contract.
    Agreement(Agreement) in Agreements;
    /// A route over a border.
    Mechanism(Mechanism) in Mechanisms;
    /// An assessment.
    Assessment(Assessment) in Assessments;
    /// A retention period.
    RetentionPeriod(RetentionPeriod) in RetentionPeriods;
    /// A notice.
    Notice(Notice) in Notices;
    /// A policy version.
    Policy(PolicyVersion) in Policies;
    /// A request.
    Request(Request) in Requests;
    /// An account closed.
    Closure(Closure) in Closures;
    /// An incident.
    Incident(Incident) in Incidents;
    /// An audit.
    Audit(Audit) in Audits;
    /// A cooperation ended.
    Termination(Termination) in Terminations;
    /// Evidence.
    Evidence(Evidence) in Evidence;
    /// Something done with data.
    Act(Act) in Events;
    /// Something judged.
    Rule(Rule) in Rules;
    /// Findings put up with.
    Suppression(Suppression) in Suppressions;
    /// A purpose compatible with another.
    Compatibility(Compatibility) in Compatibility;
}

impl Fact {
    /// Its identifier, unique in its section; retention periods and retractions have none.
    pub fn id(&self) -> Option<&str> {
        Some(match self {
            Self::Subject(x) => x.id.as_str(),
            Self::Cohort(x) => x.id.as_str(),
            Self::Category(x) => x.id.as_str(),
            Self::Field(x) => x.id.as_str(),
            Self::Processor(x) => x.id.as_str(),
            Self::Purpose(x) => x.id.as_str(),
            Self::Authorization(x) => x.id.as_str(),
            Self::Choice(x) => x.id.as_str(),
            Self::Agreement(Agreement::Delegation(x)) => x.id.as_str(),
            Self::Agreement(Agreement::Confidentiality(x) | Agreement::Partner(x)) => x.id.as_str(),
            Self::Agreement(Agreement::Joint(x)) => x.id.as_str(),
            Self::Mechanism(x) => x.id.as_str(),
            Self::Assessment(Assessment::Impact { id, .. } | Assessment::Recipient { id, .. }) => id.as_str(),
            Self::RetentionPeriod(_) | Self::Retraction(_) => return None,
            Self::Notice(x) => x.id.as_str(),
            Self::Policy(x) => x.id.as_str(),
            Self::Request(x) => x.id.as_str(),
            Self::Closure(x) => x.id.as_str(),
            Self::Incident(x) => x.id.as_str(),
            Self::Audit(x) => x.id.as_str(),
            Self::Termination(x) => x.id.as_str(),
            Self::Evidence(x) => x.id.as_str(),
            Self::Act(x) => x.id.as_str(),
            Self::Rule(x) => x.id.as_str(),
            Self::Suppression(x) => x.id.as_str(),
            Self::Compatibility(x) => x.id.as_str(),
        })
    }

    /// The subjects it names, among them cohorts and everyone: it lives in the family of each of them. Empty: it
    /// belongs to the catalogue, as what names everyone does.
    pub fn subjects(&self) -> &[SubjectId] {
        match self {
            Self::Subject(x) => std::slice::from_ref(&x.id),
            Self::Authorization(x) => &x.subjects,
            Self::Choice(x) => std::slice::from_ref(&x.subject),
            Self::Notice(x) => &x.subjects,
            Self::Request(x) => std::slice::from_ref(&x.subject),
            Self::Closure(x) => std::slice::from_ref(&x.subject),
            Self::Incident(x) => &x.subjects,
            Self::Act(x) => &x.subjects,
            Self::Cohort(_)
            | Self::Category(_)
            | Self::Field(_)
            | Self::Processor(_)
            | Self::Purpose(_)
            | Self::Agreement(_)
            | Self::Mechanism(_)
            | Self::Assessment(_)
            | Self::RetentionPeriod(_)
            | Self::Policy(_)
            | Self::Audit(_)
            | Self::Termination(_)
            | Self::Evidence(_)
            | Self::Rule(_)
            | Self::Suppression(_)
            | Self::Compatibility(_)
            | Self::Retraction(_) => &[],
        }
    }

    /// By when it surely had happened, for facts that have an instant: what states no other is taken to be recorded then.
    pub fn happened(&self) -> Option<Instant> {
        if let Self::Act(act) = self {
            return Some(act.at.surely_begun());
        }
        self.occurred()
    }

    /// When it occurred, for facts that have one instant to sort by: of a standing act, its beginning.
    pub fn occurred(&self) -> Option<Instant> {
        match self {
            Self::Authorization(x) => Some(x.from),
            Self::Choice(x) => Some(x.at),
            Self::Agreement(Agreement::Delegation(x)) => Some(x.from),
            Self::Agreement(Agreement::Confidentiality(x) | Agreement::Partner(x)) => Some(x.from),
            Self::Agreement(Agreement::Joint(x)) => Some(x.from),
            Self::Mechanism(x) => Some(x.from),
            Self::Assessment(Assessment::Impact { at, .. } | Assessment::Recipient { at, .. }) => Some(*at),
            Self::Notice(x) => Some(x.at),
            Self::Policy(x) => Some(x.effective),
            Self::Request(x) => Some(x.at),
            Self::Closure(x) => Some(x.at),
            Self::Incident(x) => Some(x.known),
            Self::Audit(x) => Some(x.at),
            Self::Termination(x) => Some(x.at),
            Self::Evidence(x) => Some(x.from),
            Self::Act(x) => Some(x.at.start()),
            Self::Subject(_)
            | Self::Cohort(_)
            | Self::Category(_)
            | Self::Field(_)
            | Self::Processor(_)
            | Self::Purpose(_)
            | Self::RetentionPeriod(_)
            | Self::Rule(_)
            | Self::Suppression(_)
            | Self::Compatibility(_)
            | Self::Retraction(_) => None,
        }
    }
}
