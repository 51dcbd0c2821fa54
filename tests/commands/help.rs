//! What the program says about itself: help, version, completions, schemas.

use super::program::run;

/// Every command that has a help page.
const COMMANDS: &[&str] = &[
    "demo",
    "check",
    "diff",
    "init",
    "ask",
    "packs",
    "import",
    "export",
    "map",
    "serve",
    "query",
    "verify",
    "log",
    "schema",
    "completions",
];

#[test]
#[cfg(all(feature = "server", feature = "rocksdb"))]
fn the_help_of_every_command() {
    let overview = run(&["--help"]).exits(0);
    let mut pages = vec![overview.out.clone()];
    for command in COMMANDS {
        assert!(
            overview.out.contains(&format!("\n  {command}")),
            "{command} is not in the overview"
        );
        let ran = run(&[command, "--help"]).exits(0);
        assert_eq!(ran.err, "");
        let mut options: Vec<&str> = ran.out.lines().filter_map(option).collect();
        let told = options.len();
        options.sort_unstable();
        options.dedup();
        assert_eq!(options.len(), told, "{command} has one option twice: {}", ran.out);
        pages.push(format!("$ wherefore {command} --help\n{}", ran.out));
    }
    let listed = overview
        .out
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .count();
    assert!(listed >= COMMANDS.len(), "{}", overview.out);
    insta::assert_snapshot!("help", pages.join("\n"));
}

/// The option that a line of a help page begins with.
fn option(line: &str) -> Option<&str> {
    let short = || line.strip_prefix("  -").and_then(|rest| rest.get(3..));
    let name = line.strip_prefix("      ").or_else(short)?;
    name.starts_with("--")
        .then(|| name.split([' ', '[']).next().unwrap_or(name))
}

#[test]
fn the_version() {
    let ran = run(&["--version"]).exits(0);
    assert_eq!(ran.out, concat!("wherefore ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn no_command_is_bad_usage() {
    let nothing: &[&str] = &[];
    let ran = run(nothing).exits(2);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("Usage: wherefore"), "{ran:?}");
}

#[test]
#[cfg(feature = "server")]
fn the_schemas_are_those_of_the_repository() {
    let graphql = std::fs::read_to_string("schema/wherefore.graphql").expect("the schema");
    assert_eq!(run(&["schema", "graphql"]).exits(0).out, graphql);
    assert_eq!(run(&["schema"]).exits(0).out, graphql);
    let facts = std::fs::read_to_string("schema/facts.schema.json").expect("the schema");
    assert_eq!(run(&["schema", "facts"]).exits(0).out, facts);
    let packs = std::fs::read_to_string("schema/pack.schema.json").expect("the schema");
    assert_eq!(run(&["schema", "packs"]).exits(0).out, packs);
    run(&["schema", "sql"]).refuses("sql");
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell]).exits(0);
        for command in COMMANDS {
            assert!(ran.out.contains(command), "{shell}: {command}");
        }
    }
    run(&["completions", "dos"]).refuses("dos");
}
