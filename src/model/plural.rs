//! Numbers in sentences.

/// `1 processor`, `2 processors`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
