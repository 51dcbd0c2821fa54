//! The slow, obvious oracle: a second reading of `docs/fact-file.md` and `docs/checks.md` (and of docs/semantics.md 12), sentence for
//! sentence, without regard to speed. It shares nothing with the engine it judges.
//!
//! | file | page |
//! |---|---|
//! | `scalars`, `facts`, `reading` | docs/fact-file.md: the fact file as read |
//! | `lookups` | trees, states, countries, ages, working days, crossings |
//! | `replay` | docs/checks.md 1: copies, chains, paths |
//! | `authorized`, `checks_*` | docs/checks.md, one function per row |
//! | `findings` | docs/checks.md 9: merging, order, writing |
//! | `questions`, `reach`, `judged` | docs/checks.md 10 |
//! | `witness` | docs/checks.md 9: re-verifying a witness without a replay |
//! | `ties` | docs/semantics.md 2: instants without an order inside |
//! | `hold` | docs/semantics.md 12: reach by holdings and ticks, without copies |
//! | `placements` | docs/semantics.md 2: the plain files that a file with uncertain times stands for |
//! | `recorded` | docs/fact-file.md 8: the plain file that a record stands for at a moment |
//! | `draw`, `generate*` | random valid fact files and questions from a byte string |

#![allow(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a file that is not valid, or an unknown word, ends the test with its name"
)]
#![allow(
    clippy::too_many_lines,
    clippy::many_single_char_names,
    clippy::match_same_arms,
    reason = "a table of the page stays in one piece and keeps its letters: A, P, Q, f, s, t"
)]
#![allow(
    clippy::assigning_clones,
    clippy::cast_possible_wrap,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::struct_field_names,
    clippy::collapsible_if,
    reason = "plain copies and small numbers"
)]

pub mod authorized;
pub mod carries;
pub mod checks_acquiring;
pub mod checks_delegation;
pub mod checks_descent;
pub mod checks_duties;
pub mod checks_ending;
pub mod checks_grounds;
pub mod checks_keeping;
pub mod checks_limits;
pub mod checks_policies;
pub mod checks_records;
pub mod checks_righting;
pub mod checks_sending;
pub mod checks_sources;
pub mod draw;
pub mod facts;
pub mod findings;
pub mod generate;
pub mod generate_events;
pub mod generate_permissions;
pub mod generate_questions;
pub mod generate_recorded;
pub mod generate_records;
pub mod generate_rules;
pub mod generate_wide;
pub mod generate_wide_rules;
pub mod hold;
pub mod judged;
pub mod lookups;
pub mod placements;
pub mod questions;
pub mod reach;
pub mod reading;
pub mod recorded;
pub mod replay;
pub mod scalars;
pub mod standing;
pub mod ties;
pub mod witness;

mod random_test;
