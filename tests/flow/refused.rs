//! Texts of policies that are refused, each with its line, column and advice.

use wherefore::flow::FlowPolicies;
use wherefore::import::{self, Format};
use wherefore::model::word::{ActKind, ProcessorKind, Role, State};

const PERMIT: &str = "permit (principal, action, resource);\n";

fn told(text: &str) -> Vec<String> {
    FlowPolicies::read(text)
        .expect_err("it is wrong")
        .into_iter()
        .map(|problem| {
            format!(
                "{}:{} {} / {}",
                problem.line, problem.column, problem.message, problem.help
            )
        })
        .collect()
}

/// The only problem; it stands at this place and says this.
fn one(policies: &str, place: &str, says: &str) {
    let problems = told(&format!("{PERMIT}{policies}"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].starts_with(place) && problems[0].contains(says),
        "{problems:#?}"
    );
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    one(
        "@id(\"x\")\nforbid (principal, action, resource) whenn { true };",
        "3:38",
        "whenn",
    );
    one(
        "@id(\"x\")\nforbid (principal, action, resource) when { context.minr };",
        "3:45",
        "minr",
    );
    one(
        "@id(\"x\")\nforbid (principal, action, resource) when { context.recipient == Processor::\"p\" };",
        "3:45",
        "recipient",
    );
    one(
        "@id(\"x\")\nforbid (principal, action == Action::\"sell\", resource);",
        "3:",
        "sell",
    );
    one("forbid (principal, action, resource);", "2:1", "@id");
    one(
        "\n  @id(\"x\") @severity(\"grave\") forbid (principal, action, resource);",
        "3:3",
        "note, warning, error",
    );
    one(
        "@id(\"x\") @claus(\"C\") forbid (principal, action, resource);",
        "2:1",
        "@claus",
    );
    one(
        "@id(\"x\") forbid (principal, action, resource);\n@id(\"x\") forbid (principal, action, resource);",
        "3:1",
        "two policies",
    );
    one(
        "@id(\"x\") forbid (principal == ?principal, action, resource);",
        "2:1",
        "template",
    );
}

#[test]
fn a_policy_is_called_by_its_place_and_not_by_a_number() {
    for text in [
        "@id(\"x\") forbid (principal, action, resource) when { context.minor == \"yes\" };",
        "@id(\"x\") forbid (principal, action, resource) when { context.at >= \"2025-03-01\" };",
        "@id(\"x\") forbid (principal, action, resource) when { context.minr };",
    ] {
        let problems = told(&format!("{PERMIT}{text}"));
        assert!(
            problems.len() == 1 && !problems[0].contains("policy1"),
            "{problems:?}"
        );
    }
}

#[test]
fn a_text_that_permits_nothing_is_refused() {
    let problems = told("@id(\"x\") forbid (principal, action, resource);");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("permit (principal, action, resource);"));
    assert_eq!(told("").len(), 1);
}

#[test]
fn all_problems_are_told_at_once() {
    let problems = told(
        "forbid (principal, action, resource);\nforbid (principal, action, resource) when { context.x };",
    );
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

#[test]
fn names_that_the_facts_do_not_know_are_refused_with_the_document() {
    let text = "scenario: s\nas_of: 2025-06-01T00:00:00Z\nprocessors: [{id: shop, kind: controller}]\nrules:\n  - id: r\n    clause: C\n    severity: note\n    check: policy\n    policy: 'permit (principal, action, resource == Field::\"emial\");'\n";
    let problems = import::read_alone(text, "f.yaml", Format::Yaml).expect_err("the field is unknown");
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string().split(" (").next(),
        Some("f.yaml:9:13: FACT_UNKNOWN_REFERENCE: nothing in `fields` is called `emial`")
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_one_from_the_wire_is_never_opened() {
    let text = "scenario: s\nas_of: 2025-06-01T00:00:00Z\nrules:\n  - {id: r, clause: C, severity: note, check: policy, policy_file: gone.cedar}\n";
    let folder = tempfile::tempdir().unwrap();
    let problems = import::read_beside(text, "f.yaml", Format::Yaml, Some(folder.path()), &|_| ())
        .expect_err("there is no such file");
    assert!(problems[0].message.contains("gone.cedar"), "{problems:?}");
    std::fs::write(folder.path().join("gone.cedar"), PERMIT).unwrap();
    assert!(import::read_beside(text, "f.yaml", Format::Yaml, Some(folder.path()), &|_| ()).is_ok());
    let problems = import::read_alone(text, "f.yaml", Format::Yaml).expect_err("no folder is given");
    assert!(problems[0].help.contains("under `policy`"), "{problems:?}");
    let neither = text.replace(", policy_file: gone.cedar", "");
    let problems = import::read_alone(&neither, "f.yaml", Format::Yaml).expect_err("no policies at all");
    assert_eq!(problems[0].code.as_str(), "FACT_MISSING_KEY");
}

#[test]
fn the_schema_knows_the_words_of_the_facts() {
    let schema = include_str!("../../schema/flow.cedarschema");
    let words = ActKind::WORDS
        .iter()
        .chain(ProcessorKind::WORDS)
        .chain(Role::WORDS)
        .chain(State::WORDS);
    for word in words {
        assert!(schema.contains(word), "{word}");
    }
    for kind in ActKind::WORDS {
        let text = format!("{PERMIT}@id(\"x\") forbid (principal, action == Action::\"{kind}\", resource);");
        assert!(FlowPolicies::read(&text).is_ok(), "{kind}");
    }
}
