//! The codes of problems: the page, the program and these tests know the same ones.

use std::collections::BTreeSet;
use std::path::Path;

/// Every word in a text that begins with `FACT_`.
fn codes(text: &str) -> BTreeSet<String> {
    text.match_indices("FACT_")
        .map(|(at, _)| {
            let code = text[at..]
                .chars()
                .take_while(|letter| letter.is_ascii_uppercase() || *letter == '_');
            code.collect::<String>()
        })
        .filter(|code| code.len() > "FACT_".len())
        .collect()
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_page_tells_every_code_and_the_tests_meet_every_code() {
    let known = codes(&file("src/model/place.rs"));
    assert!(known.len() >= 20, "{known:?}");
    assert_eq!(codes(&file("docs/fact-file.md")), known);
    let mut met = BTreeSet::new();
    for folder in ["tests/documents", "tests/commands", "tests/recorded"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder")
        {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                met.extend(codes(&std::fs::read_to_string(&path).expect("a test")));
            }
        }
    }
    // What another tool's manifest asks for and no rule can judge is met where manifests are.
    met.extend(codes(&file("tests/fides.rs")));
    let missing: Vec<_> = known.difference(&met).collect();
    assert!(missing.is_empty(), "no test meets {missing:?}");
}
