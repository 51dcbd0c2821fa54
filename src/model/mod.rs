//! The words of the domain: facts, rules, findings, questions and answers, and time. No input or output, no
//! clock, no async; it uses nothing else of this crate and everything else may use it.

pub mod alike;
pub mod appendix;
pub mod bounded;
pub mod comparison;
pub mod fact;
pub mod finding;
pub mod findings;
pub mod id;
pub mod list;
pub mod pack;
pub mod place;
pub mod plural;
pub mod question;
pub mod recorded;
pub mod row;
pub mod rule;
pub mod time;
pub mod word;
