//! The server and its GraphQL, over real sockets.

mod answers;
mod attacks;
mod callers;
mod client;
mod errors;
mod fixture;
mod load;
mod outside;
mod pages;
mod paging;
mod schema;
mod socket;
mod transport;
mod websocket;
