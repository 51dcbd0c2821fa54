//! How far a check looks: whether some families can be judged without the others.

use super::case::Case;
use super::index::Kinds;
use super::only::Limit;
use super::policy_notice;
use crate::model::fact::Fact;
use crate::model::id::CategoryId;
use crate::model::rule::{Check, Rule};
use crate::model::word::{ActKind, Section};

/// How far a check looks; each looks further than those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// What it finds about an act follows from the act, from facts, and from what brought to the actor what it takes from, or
    /// ended it. All else that it finds follows from facts alone, and it finds nothing about many.
    Upstream,
    /// The same; but what it finds about an act follows also from all else that anybody ever does to a holding from which the act takes or
    /// to which it brings, and what brought that there. What passing time changes of it is noted for the act.
    Holding,
    /// The same; but what it finds about an act follows also from where what it takes was ever passed on to, from all that is done
    /// there, and from what brought other things there.
    Onward,
    /// What it finds about an act or a subject follows from the acts of all whom some act names together with it, from
    /// facts, and from re-identifications, which stand among the facts. What it finds about many comes in pieces.
    Family,
    /// It lists acts of all families in one finding: judged anew with everything.
    Everything,
}

/// How far this check looks, told from the facts of the case, where acts of these kinds alone are on record. A new check says it here;
/// `db::kept` rests on it, and its random comparison with judging everything finds a wrong answer.
pub fn scope(case: &Case<'_>, check: &Check, kinds: Kinds) -> Scope {
    match check {
        Check::PolicyNotice if policy_notice::lists_acts(case) => Scope::Everything,
        // What is held when a processor moves is found for many at once.
        Check::TransferMechanism { .. } if has_relocations(case) => Scope::Family,
        // What is held beyond the end of something is found about its fact.
        Check::Delegation { .. } if case.delegations().any(|(fact, _)| fact.until.is_some()) => Scope::Family,
        Check::Ceasing { .. } if has_ceased(case) => Scope::Family,
        Check::Closure if has_facts(case, Section::Closures) => Scope::Family,
        Check::IncidentContent { .. } if has_facts(case, Section::Incidents) => Scope::Family,
        // What others hold is found about the act that should have reached them.
        Check::DeletionPropagated { .. } if kinds.has(ActKind::Delete) => Scope::Onward,
        Check::CorrectionPropagated { .. } if kinds.has(ActKind::Correct) => Scope::Onward,
        Check::RetentionDeclared { categories, .. } if has_field_in(case, categories) => Scope::Family,
        Check::ProtectionHeld { .. } | Check::AuditDue { .. } => Scope::Family,
        Check::Restriction { .. } if kinds.has(ActKind::Restrict) => Scope::Holding,
        Check::PurposeEnded { .. } if has_ended_purpose(case) => Scope::Holding,
        Check::DeclaredPeriod if has_facts(case, Section::RetentionPeriods) => Scope::Holding,
        Check::Retention { .. } | Check::NeverUsed { .. } => Scope::Holding,
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
        | Check::SourceWarranty { .. }
        | Check::Frequency { .. }
        | Check::Joint { .. }
        | Check::RetentionDeclared { .. }
        | Check::DeletionEffective
        | Check::DeletionPropagated { .. }
        | Check::Closure
        // Whoever re-identifies stands among the facts.
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
        | Check::AuditIndependent
        | Check::PurposeEnded { .. }
        | Check::MinimumRetention { .. }
        | Check::DeclaredPeriod
        | Check::IdentityVerified => Scope::Upstream,
    }
}

/// How far the rules that can find anything here look.
pub fn furthest(case: &Case<'_>, rules: &[&Rule], kinds: Kinds) -> Scope {
    let is_idle = |rule: &&&Rule| Limit::new(case, &rule.only).is_idle(case);
    let scopes = rules
        .iter()
        .filter(|rule| !is_idle(rule))
        .map(|rule| scope(case, &rule.check, kinds));
    scopes.max().unwrap_or(Scope::Upstream)
}

fn has_facts(case: &Case<'_>, section: Section) -> bool {
    case.facts_in(section, |fact: &Fact| Some(fact)).next().is_some()
}

fn has_field_in(case: &Case<'_>, categories: &[CategoryId]) -> bool {
    let things = &case.history.things;
    let categories = things.category_numbers(categories);
    things
        .fields()
        .all()
        .any(|field| things.is_in(field, &categories))
}

fn has_ended_purpose(case: &Case<'_>) -> bool {
    let things = &case.history.things;
    let mut purposes = things.purposes().all();
    purposes.any(|purpose| things.ended(purpose).is_some())
}

fn has_ceased(case: &Case<'_>) -> bool {
    let things = &case.history.things;
    let mut processors = things.processors().all();
    processors.any(|processor| things.processor(processor).ceased.is_some())
}

fn has_relocations(case: &Case<'_>) -> bool {
    let things = &case.history.things;
    let moves = |processor| !things.relocations(processor).is_empty();
    things.processors().all().any(moves)
}
