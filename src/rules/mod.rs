//! What is judged: one file for each check kind. Pure: no disk, no clock, no async.
//!
//! [`judge::judge`] runs the rules of a case and puts the findings in order. A check looks at the [`case::Case`] and
//! pushes drafts; `finding` turns a draft into a finding with its witness, sentence and fingerprints. To add a
//! check: a variant in `model::rule`, its parameters in `facts::rules`, a file here, a line in `judge::run`.

pub mod case;
mod draft;
mod finding;
pub mod judge;
pub mod moment;
mod only;
mod sentence;

mod alternative_offered;
mod appendix;
mod assignment_notice;
mod audit_remedied;
mod authorized;
mod bundled_consent;
mod closure;
mod delegation;
mod deletion_effective;
mod deletion_propagated;
mod evidence;
mod flow_supported;
mod frequency;
mod impact_assessment;
mod incident_notice;
mod lawful_source;
mod necessity;
mod optout;
mod policy;
mod policy_notice;
mod prohibited_category;
mod protected_attribute;
mod protection_level;
mod recipient_assessed;
mod refusal_reason;
mod reidentification;
mod request_deadline;
mod retention;
mod retention_declared;
mod safeguard;
mod state_required;
mod stop_access;
mod storage_location;
mod transfer_confidentiality;
mod transfer_mechanism;

pub use authorized::is_judged_for_coverage;
pub use case::Case;
pub use finding::hashed as fingerprints;
pub use judge::{judge, sort};
