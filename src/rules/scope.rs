//! How far a check looks: whether some families can be judged without the others.

use super::case::Case;
use super::policy_notice;
use crate::model::rule::Check;

/// How far a check looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What it finds about an act or a subject follows from the acts of all whom some act names together with it, from
    /// facts, and from re-identifications, which stand among the facts. What it finds about many comes in pieces.
    Family,
    /// It lists acts of all families in one finding: judged anew with everything.
    Everything,
}

/// How far this check looks in this case. A new check says it here; `db::kept` rests on it, and its random comparison
/// with judging everything finds a wrong answer.
pub fn scope(case: &Case<'_>, check: &Check) -> Scope {
    match check {
        Check::PolicyNotice if policy_notice::lists_acts(case) => Scope::Everything,
        Check::PolicyNotice
        | Check::Authorized { .. }
        | Check::ProhibitedCategory { .. }
        | Check::LawfulSource { .. }
        | Check::Necessity { .. }
        | Check::Frequency { .. }
        | Check::BundledConsent
        | Check::AlternativeOffered { .. }
        | Check::StorageLocation { .. }
        | Check::TransferMechanism { .. }
        | Check::Joint { .. }
        | Check::TransferConfidentiality { .. }
        | Check::Safeguards { .. }
        | Check::RecipientAssessed { .. }
        | Check::ImpactAssessment { .. }
        | Check::StateRequired { .. }
        | Check::Optout { .. }
        | Check::StopAccess
        | Check::FlowSupported
        | Check::Retention { .. }
        | Check::RetentionDeclared { .. }
        | Check::DeletionEffective
        | Check::DeletionPropagated { .. }
        | Check::Closure
        | Check::Reidentification
        | Check::ProtectedAttribute { .. }
        | Check::Delegation { .. }
        | Check::AssignmentNotice
        | Check::IncidentNotice { .. }
        | Check::RequestDeadline { .. }
        | Check::RefusalReason { .. }
        | Check::ProtectionLevel { .. }
        | Check::AuditRemedied { .. }
        | Check::Policy { .. }
        | Check::Evidence { .. }
        | Check::Ground { .. }
        | Check::GroundRecognized { .. }
        | Check::Declared { .. }
        | Check::ServicePolicy { .. }
        | Check::ChangeNotice
        | Check::PriorNotice { .. }
        | Check::PublicSource { .. }
        | Check::LeastPrivilege { .. }
        | Check::IncidentContent { .. }
        | Check::IncidentFound
        | Check::Ceasing { .. }
        | Check::EmbeddedParty { .. }
        | Check::AuthorityReport { .. }
        | Check::AssignmentGround
        | Check::CorrectionPropagated { .. }
        | Check::Restriction { .. }
        | Check::PolicyRights { .. }
        | Check::Deceased
        | Check::ProtectionHeld { .. }
        | Check::AuditDue { .. }
        | Check::AuditIndependent
        | Check::ConsentRecord { .. }
        | Check::ImpliedAcceptance
        | Check::PartnerRelation { .. }
        | Check::StateSupported
        | Check::NeverUsed { .. }
        | Check::PurposeEnded { .. }
        | Check::MinimumRetention { .. }
        | Check::DeclaredPeriod
        | Check::Tainted { .. }
        | Check::SourceWarranty { .. }
        | Check::IdentityVerified => Scope::Family,
    }
}
