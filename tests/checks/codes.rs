//! The reason codes that the page of checks names, read from its tables.

use std::collections::BTreeSet;
use std::path::Path;

/// All of them. A code with a part after a colon counts without that part.
pub fn of_the_page() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md");
    let page = std::fs::read_to_string(path).expect("the page of checks");
    let mut codes = BTreeSet::new();
    for line in page.lines() {
        // "order of dimensions: *withdrawn, expired, …*"
        if let Some((_, rest)) = line.split_once("in this order of dimensions: *") {
            let list = rest.split('*').next().expect("a list");
            codes.extend(list.split(", ").map(str::to_owned));
        }
        if line.contains("reason `none`") || line.contains("The reason is `none`") {
            codes.insert("none".to_owned());
        }
        if line.starts_with('|') {
            codes.extend(line.split('→').skip(1).flat_map(after_an_arrow));
        }
    }
    codes
}

/// Codes stand behind the arrow, in a row with commas or after "else".
fn after_an_arrow(text: &str) -> Vec<String> {
    let mut codes = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('`') {
        let follows = codes.is_empty() && before.trim().is_empty();
        let goes_on = !codes.is_empty() && (before.ends_with(", ") || before.ends_with("else "));
        if !(follows || goes_on) || before.contains(" | ") {
            break;
        }
        let Some((code, behind)) = inside.split_once('`') else {
            break;
        };
        codes.push(family(code).to_owned());
        rest = behind;
    }
    codes
}

/// `missing:A,B` counts as `missing`.
pub fn family(code: &str) -> &str {
    code.split(':').next().unwrap_or(code)
}
