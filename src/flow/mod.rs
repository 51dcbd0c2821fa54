//! Flow policies: rules of the user's own, written in Cedar.
//!
//! A text is read and held against `schema/flow.cedarschema` ([`FlowPolicies::read`]), and decides about one act and
//! one pair of subject and field at a time ([`Decisions::deciders`]). Decisions are kept by the attributes that the
//! policies mention, so that their number is what costs, not the number of acts. Knows nothing of histories.

mod decide;
mod mention;
mod read;

pub use decide::{Asked, Decider, Decisions, Looks, World, millis};
pub use mention::Mentions;
pub use read::{FlowPolicies, FlowProblem, Policy};
