//! The integration tests: one binary, a module per capability, because each binary links RocksDB.

mod store;
