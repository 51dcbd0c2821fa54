//! Rules: what is judged, with which parameters, against which clause.

use std::sync::Arc;

use jiff::ToSpan as _;

use super::id::{CategoryId, Country, FactId, FieldId, ProcessorId, PurposeId, Safeguard};
use super::time::{Calendar, Instant, Span, Zone, day_after};
use super::word::{
    ActKind, Basis, Dimension, Giver, Grade, NoticeKind, ProcessorKind, Proof, Requester, Role, Severity,
    State,
};

/// A rule of a fact file or a rule pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name, printed in findings.
    pub id: FactId,
    /// The clause it stands for, a prefix of the clauses of the policy it belongs to.
    pub clause: String,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it looks at.
    pub check: Check,
    /// Findings about anything else are left out.
    pub only: Only,
    /// What reports tell beside its findings; shared with them.
    pub about: Arc<About>,
}

/// What a rule is limited to, whatever its check. An absent list admits all; all parts must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Findings for which one of these answers.
    pub processors: Option<Vec<ProcessorId>>,
    /// Findings about a field in one of these, with all below.
    pub categories: Option<Vec<CategoryId>>,
    /// Findings about one of these fields.
    pub fields: Option<Vec<FieldId>>,
    /// Findings about acts for one of these purposes, with all below.
    pub purposes: Option<Vec<PurposeId>>,
    /// Findings about acts of these kinds.
    pub acts: Option<Vec<ActKind>>,
    /// Findings about a field in one of these states.
    pub states: Option<Vec<State>>,
    /// Findings for one of these reasons; `missing` stands for `missing:…`.
    pub reasons: Option<Vec<String>>,
}

/// Data that a rule is about: these fields, and those in these categories with all below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// Fields.
    pub fields: Vec<FieldId>,
    /// Categories.
    pub categories: Vec<CategoryId>,
}

/// What a rule says beside what it judges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The pack it comes from; `None` for a rule of the facts themselves.
    pub pack: Option<Arc<str>>,
    /// Articles of law that it also stands for.
    pub law: Vec<String>,
    /// What to do about its findings.
    pub advice: Option<String>,
    /// What its clause asks, in the words of its pack.
    pub asks: Option<String>,
    /// The address of the text it stands for.
    pub link: Option<String>,
    /// It stands for a standard that nobody is bound to by law.
    pub voluntary: bool,
}

/// Why nothing covers an act: a failing dimension, or no near authorization at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// One authorization fails in exactly this dimension.
    Fails(Dimension),
    /// No authorization fails in exactly one dimension.
    None,
}

impl Gap {
    /// The reason code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fails(dimension) => dimension.as_str(),
            Self::None => "none",
        }
    }

    /// The meaning of the reason code.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            Some(Self::None)
        } else {
            Dimension::parse(text).map(Self::Fails)
        }
    }
}

/// How strong a consent must be. Of all that apply to an act and a field the strongest is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grades {
    /// For a share.
    pub share: Grade,
    /// For a disclosure.
    pub disclose: Grade,
    /// For every other act.
    pub other: Grade,
    /// For a sensitive field.
    pub sensitive: Grade,
    /// For a minor's data.
    pub minor: Grade,
    /// For a crossing.
    pub crossing: Grade,
}

impl Default for Grades {
    fn default() -> Self {
        Self {
            share: Grade::Separate,
            disclose: Grade::Explicit,
            other: Grade::General,
            sensitive: Grade::Separate,
            minor: Grade::Separate,
            crossing: Grade::Separate,
        }
    }
}

/// On what terms a list of `authorized` rules takes coverage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How strong consents must be.
    pub grades: Grades,
    /// Compatible purposes are covered too.
    pub compatible: bool,
}

/// How long there is to answer, counted from the local day of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// So many working days.
    WorkingDays(u32),
    /// So many days of the calendar.
    Days(u32),
    /// So many months, and on to the next working day.
    Months(u32),
}

impl Term {
    /// The local midnight after the last day. A calendar without working days never lets the time run out.
    pub fn deadline(self, at: Instant, zone: &Zone, calendar: &Calendar) -> Option<Instant> {
        let day = zone.day_of(at);
        let last_day = match self {
            Self::WorkingDays(count) => calendar.working_day_after(day, count)?,
            Self::Days(count) => day.checked_add(i64::from(count).days()).ok()?,
            Self::Months(count) => {
                let day = day.checked_add(i64::from(count).months()).ok()?;
                if calendar.is_working_day(day) {
                    day
                } else {
                    calendar.working_day_after(day, 1)?
                }
            }
        };
        Some(zone.midnight(day_after(last_day)))
    }
}

/// Which uncovered acts an `authorized` rule speaks for. An absent list fits all; all parts must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// Reasons.
    pub reasons: Option<Vec<Gap>>,
    /// Kinds of act.
    pub acts: Option<Vec<ActKind>>,
    /// Actors.
    pub processors: Option<Vec<ProcessorId>>,
    /// Kinds of actor.
    pub kinds: Option<Vec<ProcessorKind>>,
    /// Purposes, with all below.
    pub purposes: Option<Vec<PurposeId>>,
    /// Fields, of which one must be concerned.
    pub fields: Option<Vec<FieldId>>,
    /// Crossings only.
    pub cross_border: bool,
    /// Data that the actor holds by an act of this kind.
    pub acquired_by: Option<ActKind>,
    /// Acts by anybody but these.
    pub others: Option<Vec<ProcessorId>>,
    /// Acts about a minor.
    pub minors: bool,
    /// Collections that name a source.
    pub sourced: bool,
}

/// A retention limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionLimit {
    /// For this data.
    pub data: Data,
    /// Days of 24 hours.
    pub days: i64,
    /// At this processor only.
    pub processor: Option<ProcessorId>,
}

/// What an impact assessment is demanded for.
pub use super::fact::Covered as RiskKind;

macro_rules! checks {
    ($($(#[doc = $doc:literal])* $variant:ident $({ $($(#[$fdoc:meta])* $field:ident: $type:ty,)+ })? = $text:literal;)+) => {
        /// A check and its parameters. Lists of processors that may be absent are `None` for "any".
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Check {
            $($(#[doc = $doc])* $variant $({ $($(#[$fdoc])* $field: $type,)+ })?,)+
        }

        impl Check {
            /// The names of all checks.
            pub const NAMES: &'static [&'static str] = &[$($text,)+];

            /// The name as written.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $text,)+ }
            }

            /// What must hold, in one sentence for people.
            pub fn demand(&self) -> &'static str {
                match self { $(Self::$variant { .. } => concat!($($doc),*).trim_ascii(),)+ }
            }
        }
    };
}

checks! {
    /// Every act is covered by an authorization.
    Authorized {
        /// Which gaps it speaks for.
        when: When,
        /// On what terms.
        terms: Terms,
    } = "authorized";
    /// Categories that are never acquired.
    ProhibitedCategory {
        /// With all below.
        categories: Vec<CategoryId>,
        /// Acquirers.
        processors: Option<Vec<ProcessorId>>,
    } = "prohibited-category";
    /// Nothing is acquired from an unlawful source.
    LawfulSource {
        /// Acquirers.
        processors: Option<Vec<ProcessorId>>,
    } = "lawful-source";
    /// Only what the purpose needs is acquired.
    Necessity {
        /// Acquirers.
        processors: Option<Vec<ProcessorId>>,
    } = "necessity";
    /// Data is not collected too often.
    Frequency {
        /// Of this data.
        data: Data,
        /// The least distance of two collections.
        min_distance: Span,
        /// Collectors.
        processors: Option<Vec<ProcessorId>>,
    } = "frequency";
    /// No consent is the price of a service it has nothing to do with.
    BundledConsent = "bundled-consent";
    /// Where consent is asked for such data, another way is offered.
    AlternativeOffered {
        /// With all below.
        categories: Vec<CategoryId>,
    } = "alternative-offered";
    /// Data is stored in allowed countries.
    StorageLocation {
        /// Who stores.
        processors: Option<Vec<ProcessorId>>,
        /// Where it may.
        allowed: Vec<Country>,
    } = "storage-location";
    /// A crossing has a mechanism.
    TransferMechanism {
        /// Givers; moves are judged for all.
        processors: Option<Vec<ProcessorId>>,
        /// Countries without borders between them; without any, home alone.
        bloc: Vec<Country>,
        /// Countries that data may go to without a mechanism.
        adequate: Vec<Country>,
    } = "transfer-mechanism";
    /// A crossing has a secrecy agreement.
    TransferConfidentiality {
        /// Givers.
        processors: Option<Vec<ProcessorId>>,
    } = "transfer-confidentiality";
    /// Acts have the safeguards they need.
    Safeguards {
        /// Kinds of act.
        acts: Vec<ActKind>,
        /// Needed safeguards.
        needs: Vec<Safeguard>,
        /// Actors.
        processors: Option<Vec<ProcessorId>>,
        /// Only acts with a sensitive field.
        sensitive_only: bool,
    } = "safeguard";
    /// A recipient was assessed before it got data.
    RecipientAssessed {
        /// Givers.
        processors: Option<Vec<ProcessorId>>,
        /// Kinds of recipient that need none.
        exempt_kinds: Vec<ProcessorKind>,
    } = "recipient-assessed";
    /// A risky act was assessed before.
    ImpactAssessment {
        /// What is risky.
        acts: Vec<RiskKind>,
        /// Actors.
        processors: Option<Vec<ProcessorId>>,
        /// An older assessment is stale.
        within_days: Option<i64>,
    } = "impact-assessment";
    /// Data has been made less identifiable before such acts.
    StateRequired {
        /// Kinds of act.
        acts: Vec<ActKind>,
        /// Purposes, with all below.
        purposes: Vec<PurposeId>,
        /// Allowed states.
        allowed: Vec<State>,
    } = "state-required";
    /// A choice is respected.
    Optout {
        /// Which acts it rules out.
        acts: Vec<ActKind>,
        /// Choices by these only.
        by: Option<Vec<Giver>>,
        /// Only acts that an authorization on one of these grounds covers.
        bases: Option<Vec<Basis>>,
    } = "optout";
    /// Nothing flows to somebody whose cooperation was ended.
    StopAccess = "stop-access";
    /// Nobody passes on what is not held.
    FlowSupported = "flow-supported";
    /// Data is not kept too long.
    Retention {
        /// How long which data.
        limits: Vec<RetentionLimit>,
        /// Holders.
        processors: Option<Vec<ProcessorId>>,
    } = "retention";
    /// A retention period was declared.
    RetentionDeclared {
        /// Holders.
        processors: Vec<ProcessorId>,
        /// For these categories, with all below.
        categories: Vec<CategoryId>,
    } = "retention-declared";
    /// Nobody works with what was deleted.
    DeletionEffective = "deletion-effective";
    /// A deletion reaches the copies downstream.
    DeletionPropagated {
        /// Days of 24 hours.
        within_days: i64,
        /// Who deleted.
        processors: Option<Vec<ProcessorId>>,
        /// Roles of the copies that must go.
        roles: Vec<Role>,
    } = "deletion-propagated";
    /// A closed account is cleared and left alone.
    Closure = "closure";
    /// Anonymous data stays anonymous.
    Reidentification = "reidentification";
    /// Decisions do not descend from protected attributes.
    ProtectedAttribute {
        /// With all below.
        categories: Vec<CategoryId>,
        /// Fields that are decisions.
        decisions: Vec<FieldId>,
    } = "protected-attribute";
    /// Work on another's behalf stays inside its agreement.
    Delegation {
        /// Delegates must belong to the group.
        affiliates_only: bool,
        /// Days of 24 hours within which copies must be gone after the end.
        return_within_days: i64,
    } = "delegation";
    /// Subjects are told before an assignment.
    AssignmentNotice = "assignment-notice";
    /// Policies are published before they take effect.
    PolicyNotice = "policy-notice";
    /// Incidents are told in time.
    IncidentNotice {
        /// To subjects.
        subjects_within: Option<Span>,
        /// To the regulator.
        regulator_within: Option<Span>,
        /// To the platform.
        platform_within: Option<Span>,
        /// At whom.
        processors: Option<Vec<ProcessorId>>,
        /// Time runs from the first suspicion.
        from_suspicion: bool,
    } = "incident-notice";
    /// Who controls data together uses it inside their agreement.
    Joint {
        /// Who uses it.
        processors: Option<Vec<ProcessorId>>,
    } = "joint";
    /// Requests are answered in time.
    RequestDeadline {
        /// How long there is to answer.
        within: Term,
        /// Requests of these kinds only.
        kinds: Option<Vec<String>>,
        /// Requests by these only.
        by: Option<Vec<Requester>>,
    } = "request-deadline";
    /// Refusals come with a reason.
    RefusalReason {
        /// The reasons that may be given; `None`: any.
        allowed: Option<Vec<String>>,
    } = "refusal-reason";
    /// Partners protect data as well as a certain processor does.
    ProtectionLevel {
        /// Partners.
        processors: Vec<ProcessorId>,
        /// The measure.
        at_least: ProcessorId,
        /// Since when it is wrong.
        since: Instant,
    } = "protection-level";
    /// Audits are announced, their remedies done.
    AuditRemedied {
        /// Days of 24 hours between announcement and audit.
        notice_days: i64,
    } = "audit-remedied";
    /// Acts follow the flow policies.
    Policy {
        /// The file they stand in, as the rule names it; nothing when they stand in the rule itself.
        file: Option<String>,
        /// The policies, in Cedar.
        text: String,
        /// Kinds of act; all when empty.
        acts: Vec<ActKind>,
        /// Actors.
        processors: Option<Vec<ProcessorId>>,
    } = "policy";
    /// Evidence is on record and valid.
    Evidence {
        /// Whose.
        processors: Vec<ProcessorId>,
        /// Of which kinds.
        kinds: Vec<String>,
        /// Days of 24 hours after which it has to be renewed, whatever its own term.
        within_days: Option<i64>,
    } = "evidence";
    /// Each ground meets its own conditions.
    Ground {
        /// Authorizations on these.
        bases: Vec<Basis>,
        /// What the ground of a stable service may serve, with all below.
        purposes: Vec<PurposeId>,
    } = "ground";
    /// The law knows the ground.
    GroundRecognized {
        /// The grounds that it knows.
        allowed: Vec<Basis>,
    } = "ground-recognized";
    /// What is done is declared in the policy in force.
    Declared {
        /// Who acts; without a limit, everybody who has a policy.
        processors: Option<Vec<ProcessorId>>,
    } = "declared";
    /// Every service has a policy in force.
    ServicePolicy {
        /// Who acts.
        processors: Vec<ProcessorId>,
        /// What counts as a service, with all below.
        purposes: Vec<PurposeId>,
    } = "service-policy";
    /// People are told before a changed policy applies to them.
    ChangeNotice = "change-notice";
    /// People are told before such acts.
    PriorNotice {
        /// By a notice of this kind.
        kind: NoticeKind,
        /// Which acts.
        acts: Vec<ActKind>,
    } = "prior-notice";
    /// Data said to be public comes from a public source.
    PublicSource {
        /// Which data.
        data: Data,
        /// Kinds of source that are public.
        kinds: Vec<ProcessorKind>,
    } = "public-source";
    /// People see only what their work needs.
    LeastPrivilege {
        /// At whom.
        processors: Option<Vec<ProcessorId>>,
    } = "least-privilege";
    /// What people are told of an incident is complete, and reaches them.
    IncidentContent {
        /// Parts that must be told.
        needs: Vec<String>,
        /// Categories by which people can be reached.
        contact: Vec<CategoryId>,
    } = "incident-content";
    /// Whoever has an incident finds it.
    IncidentFound = "incident-found";
    /// Who ceases stops collecting, tells people and deletes.
    Ceasing {
        /// Days of 24 hours within which data must be gone.
        clear_within_days: i64,
    } = "ceasing";
    /// Third parties that collect on somebody's surface are bound by an agreement.
    EmbeddedParty {
        /// Whose surface.
        processors: Vec<ProcessorId>,
    } = "embedded-party";
    /// What is reported to authorities goes to authorities, and abroad by a lawful route.
    AuthorityReport {
        /// What counts as a report, with all below.
        purposes: Vec<PurposeId>,
    } = "authority-report";
    /// Data is assigned on a ground.
    AssignmentGround = "assignment-ground";
    /// A correction reaches the copies downstream.
    CorrectionPropagated {
        /// Days of 24 hours.
        within_days: i64,
        /// Who corrected.
        processors: Option<Vec<ProcessorId>>,
    } = "correction-propagated";
    /// What is restricted is kept and no more.
    Restriction {
        /// Who restricted.
        processors: Option<Vec<ProcessorId>>,
    } = "restriction";
    /// A policy tells which rights there are.
    PolicyRights {
        /// These.
        rights: Vec<String>,
    } = "policy-rights";
    /// Relatives may use the rights of the deceased, within bounds.
    Deceased = "deceased";
    /// Partners protect what they received as well as the giver, all the time.
    ProtectionHeld {
        /// The giver.
        at_least: ProcessorId,
    } = "protection-held";
    /// Recipients that hold data are audited.
    AuditDue {
        /// By whom.
        processors: Vec<ProcessorId>,
        /// Days of 24 hours between two audits.
        within_days: i64,
        /// Roles of the copies that call for an audit.
        roles: Vec<Role>,
    } = "audit-due";
    /// Auditors are independent and meet cooperation.
    AuditIndependent = "audit-independent";
    /// A consent can be proved.
    ConsentRecord {
        /// What must be kept with it.
        needs: Vec<Proof>,
    } = "consent-record";
    /// Going on, or saying nothing, is no consent.
    ImpliedAcceptance = "implied-acceptance";
    /// Recipients are partners.
    PartnerRelation {
        /// Givers.
        processors: Vec<ProcessorId>,
        /// Kinds of recipient that need no relation.
        exempt_kinds: Vec<ProcessorKind>,
    } = "partner-relation";
    /// The state of a field is that of how it was made.
    StateSupported = "state-supported";
    /// What is collected is used.
    NeverUsed {
        /// Days of 24 hours.
        within_days: i64,
        /// Collectors.
        processors: Option<Vec<ProcessorId>>,
    } = "never-used";
    /// When a purpose has ended, what was acquired for it goes.
    PurposeEnded {
        /// Days of 24 hours.
        within_days: i64,
    } = "purpose-ended";
    /// Data is kept as long as it must be.
    MinimumRetention {
        /// How long which data.
        limits: Vec<RetentionLimit>,
        /// Holders.
        processors: Option<Vec<ProcessorId>>,
    } = "minimum-retention";
    /// Data is kept no longer than its holder declared.
    DeclaredPeriod = "declared-period";
    /// Nothing is made of what came from an unlawful source.
    Tainted {
        /// Actors.
        processors: Option<Vec<ProcessorId>>,
    } = "tainted";
    /// A source vouches for what it gives.
    SourceWarranty {
        /// Kinds of evidence, of which the source has one in force.
        kinds: Vec<String>,
        /// Acquirers.
        processors: Option<Vec<ProcessorId>>,
    } = "source-warranty";
    /// Identity is checked before a request is granted.
    IdentityVerified = "identity-verified";
}
