//! What people want to know (docs/semantics.md, section 9), one test for each question: asked of the library and over
//! GraphQL, which must say the same, with the edges that the page names.
#![allow(
    clippy::panic,
    clippy::too_many_lines,
    reason = "helpers fail by panicking; a test holds the facts it asks about"
)]

mod arrival;
mod both;
mod duties;
mod lawful;
mod release;
mod ties;
