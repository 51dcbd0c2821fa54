//! Arrows between modules go down only.

use std::path::{Path, PathBuf};

/// What each module may name of ours, as the code map in `src/lib.rs` says. `model` is open to all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("flow", &[]),
    ("facts", &["flow"]),
    ("import", &["facts"]),
    ("packs", &["import", "facts"]),
    ("graph", &[]),
    ("reach", &["graph"]),
    ("policy", &["graph"]),
    ("rules", &["policy", "flow", "reach", "graph"]),
    ("placing", &["flow", "graph"]),
    ("question", &["rules", "policy", "reach", "graph"]),
    ("store", &["sys"]),
    ("report", &[]),
    (
        "db",
        &[
            "store", "engine", "graph", "rules", "question", "placing", "import", "facts", "packs",
        ],
    ),
    ("release", &["db", "rules", "graph", "import", "facts"]),
    ("intake", &["db", "import", "facts"]),
    ("export", &["facts"]),
    (
        "api",
        &["db", "intake", "export", "packs", "import", "release", "report"],
    ),
    ("server", &["api", "intake"]),
    (
        "cli",
        &[
            "rules", "db", "export", "packs", "import", "intake", "question", "release", "report", "server",
            "api",
        ],
    ),
    ("engine", &["sys"]),
    ("sys", &["store", "engine"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The modules of ours that a line of code names.
fn named(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .map(|(at, found)| {
            let rest = &line[at + found.len()..];
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default()
        })
        .collect()
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = module.strip_suffix(".rs").unwrap_or(module);
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("`{module}` is not in the list of this test"));
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("//").next().unwrap_or_default();
            for other in named(code) {
                seen += 1;
                let is_known = MAY_USE.iter().any(|(name, _)| *name == other);
                if is_known && other != module && other != "model" && !allowed.contains(&other) {
                    wrong.push(format!(
                        "{}:{number}: `{module}` names `{other}`",
                        inside.display()
                    ));
                }
            }
        }
    }
    assert!(seen > 100, "the test reads no code");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
