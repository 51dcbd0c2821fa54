//! The server and its GraphQL, over real sockets.
#![allow(
    clippy::panic,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "helpers fail by panicking and are read more often than run; long tests are lists of cases"
)]

mod answers;
mod attacks;
mod callers;
pub(crate) mod client;
mod errors;
pub(crate) mod fixture;
mod load;
mod outside;
mod pages;
mod paging;
mod release;
mod schema;
mod socket;
mod transport;
mod websocket;
