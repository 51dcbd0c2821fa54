//! All integration tests, in one binary: it links the store once.

#[cfg(feature = "server")]
mod graphql;
