//! The integration tests: one binary, a module per capability, because each binary links RocksDB.

mod demo;
mod judge;
mod oracle;
