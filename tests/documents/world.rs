//! A small world: one thing of every kind, for documents that differ in one line.

/// Things that the lines of a table may name.
pub const WORLD: &str = "\
scenario: world
as_of: 2025-01-01T00:00:00Z
subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}, {id: lab, kind: controller}]
purposes: [{id: orders}]
";

/// The world and these lines.
pub fn with(lines: &str) -> String {
    format!("{WORLD}{lines}\n")
}
