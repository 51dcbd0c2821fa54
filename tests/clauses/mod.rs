//! Every clause of the published policies, one row each: facts that violate it and facts that conform.
//!
//! The rows stand in `data/*.yaml`. A row names its clause and what shows it:
//!
//! | `shows` | what the row holds |
//! |---|---|
//! | `judged` | a rule of a pack, facts that `violate` and what is found, facts that `conform` |
//! | `recorded` | the same for evidence; the report of the conforming facts says *recorded* |
//! | `refused` | facts that cannot be loaded, with the code of the problem, and facts that can |
//! | `reported` | facts, and words that a report about them says |
//!
//! `read` says how the rows abbreviate events and instants; `page` writes `docs/clauses.md`.

mod page;
pub(crate) mod read;
pub(crate) mod rows;
