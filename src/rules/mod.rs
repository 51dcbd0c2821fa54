//! What is judged: one file for each check kind. Pure: no disk, no clock, no async.
//!
//! [`judge::judge`] runs the rules of a case and puts the findings in order. A check looks at the [`case::Case`] and
//! pushes drafts; `finding` turns a draft into a finding with its witness, sentence and fingerprints. To add a
//! check: a variant in `model::rule`, its parameters in `facts::rules`, a file here, a line in `judge::run`.

pub mod case;
mod draft;
mod finding;
pub mod joint;
pub mod judge;
pub mod moment;
mod only;
mod sentence;

mod alternative_offered;
mod appendix;
mod assignment_ground;
mod assignment_notice;
mod audit_due;
mod audit_independent;
mod audit_remedied;
mod authority_report;
mod authorized;
mod bundled_consent;
mod ceasing;
mod change_notice;
mod closure;
mod consent_record;
mod correction_propagated;
mod deceased;
mod declared;
mod declared_period;
mod delegation;
mod deletion_effective;
mod deletion_propagated;
mod embedded_party;
mod evidence;
mod flow_supported;
mod frequency;
mod ground;
mod identity_verified;
mod impact_assessment;
mod implied_acceptance;
mod incident_content;
mod incident_found;
mod incident_notice;
mod lawful_source;
mod least_privilege;
mod minimum_retention;
mod necessity;
mod never_used;
mod optout;
mod partner_relation;
mod policy;
mod policy_notice;
mod policy_rights;
mod prior_notice;
mod prohibited_category;
mod protected_attribute;
mod protection_held;
mod protection_level;
mod public_source;
mod purpose_ended;
mod recipient_assessed;
mod refusal_reason;
mod reidentification;
mod request_deadline;
mod restriction;
mod retention;
mod retention_declared;
mod safeguard;
mod service_policy;
mod source_warranty;
mod state_required;
mod state_supported;
mod stop_access;
mod storage_location;
mod tainted;
mod transfer_confidentiality;
mod transfer_mechanism;

pub use authorized::is_judged_for_coverage;
pub use case::{Case, in_force};
pub use finding::hashed as fingerprints;
pub use impact_assessment::applies as risk_applies;
pub use judge::{judge, sort};
pub use transfer_mechanism::{Border, gap as mechanism_gap};
