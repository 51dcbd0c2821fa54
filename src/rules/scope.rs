//! How far a check looks: whether some families can be judged without the others.

use super::case::Case;
use super::only::Limit;
use super::policy_notice;
use crate::model::rule::{Check, Rule};

/// How far a check looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What it finds about an act follows from the act, from facts, and from what brought to the actor what it takes from, or
    /// ended it. All else that it finds follows from facts alone, and it finds nothing about many.
    Upstream,
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
        // What is held when a processor moves is found for many at once.
        Check::TransferMechanism { .. } if has_relocations(case) => Scope::Family,
        Check::PolicyNotice
        | Check::TransferMechanism { .. }
        | Check::Authorized { .. }
        | Check::ProhibitedCategory { .. }
        | Check::LawfulSource { .. }
        | Check::Necessity { .. }
        | Check::BundledConsent
        | Check::AlternativeOffered { .. }
        | Check::StorageLocation { .. }
        | Check::TransferConfidentiality { .. }
        | Check::Safeguards { .. }
        | Check::RecipientAssessed { .. }
        | Check::ImpactAssessment { .. }
        | Check::StateRequired { .. }
        | Check::Optout { .. }
        | Check::StopAccess
        | Check::FlowSupported
        | Check::ProtectedAttribute { .. }
        | Check::RefusalReason { .. }
        | Check::ProtectionLevel { .. }
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
        | Check::EmbeddedParty { .. }
        | Check::AuthorityReport { .. }
        | Check::PolicyRights { .. }
        | Check::ConsentRecord { .. }
        | Check::ImpliedAcceptance
        | Check::PartnerRelation { .. }
        | Check::StateSupported
        | Check::Tainted { .. }
        | Check::SourceWarranty { .. } => Scope::Upstream,
        Check::Frequency { .. }
        | Check::Joint { .. }
        | Check::Retention { .. }
        | Check::RetentionDeclared { .. }
        | Check::DeletionEffective
        | Check::DeletionPropagated { .. }
        | Check::Closure
        | Check::Reidentification
        | Check::Delegation { .. }
        | Check::AssignmentNotice
        | Check::IncidentNotice { .. }
        | Check::RequestDeadline { .. }
        | Check::AuditRemedied { .. }
        | Check::IncidentContent { .. }
        | Check::IncidentFound
        | Check::Ceasing { .. }
        | Check::AssignmentGround
        | Check::CorrectionPropagated { .. }
        | Check::Restriction { .. }
        | Check::Deceased
        | Check::ProtectionHeld { .. }
        | Check::AuditDue { .. }
        | Check::AuditIndependent
        | Check::NeverUsed { .. }
        | Check::PurposeEnded { .. }
        | Check::MinimumRetention { .. }
        | Check::DeclaredPeriod
        | Check::IdentityVerified => Scope::Family,
    }
}

/// Whether each of the rules that can find anything here looks upstream alone.
pub fn looks_upstream(case: &Case<'_>, rules: &[&Rule]) -> bool {
    let does = |rule: &&Rule| scope(case, &rule.check) == Scope::Upstream;
    let is_idle = |rule: &&Rule| Limit::new(case, &rule.only).is_idle(case);
    rules.iter().all(|rule| does(rule) || is_idle(rule))
}

fn has_relocations(case: &Case<'_>) -> bool {
    let things = &case.history.things;
    let moves = |processor| !things.relocations(processor).is_empty();
    things.processors().all().any(moves)
}
