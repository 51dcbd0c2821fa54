//! Numbers in sentences.

use std::fmt::Display;

/// `1 processor`, `2 processors`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let name = if count == N::from(1) { one } else { many };
    format!("{count} {name}")
}
