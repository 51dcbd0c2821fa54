//! The same facts in three encodings, with and without marks of order, with other ends of lines.

use serde_json::{Map, Value};
use wherefore::db::Snapshot;
use wherefore::import::{self, Document, Format};
use wherefore::question;
use wherefore::report::json;

use super::marked::taken;

const DEMO: &str = include_str!("../../examples/zhima-credit.yaml");
const EXPECTED: &str = include_str!("../../examples/zhima-credit.expected.yaml");

/// Findings without places, and all answers.
fn told(document: Document) -> Value {
    let snapshot = Snapshot::of_document(document);
    let ground = crate::ground::ground(&snapshot);
    let mut findings = json::findings(
        &snapshot.findings(None).expect("the facts can be judged").to_vec(),
        &ground,
    );
    for finding in findings["findings"].as_array_mut().expect("a list") {
        finding.as_object_mut().expect("a map").shift_remove("place");
    }
    let expected = import::yaml_json(EXPECTED).expect("the expected results are YAML");
    let answers = expected["queries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|query| {
            let asked = question::read(&query["ask"].to_string()).expect("a question");
            let known = snapshot.known_at(asked.as_known_at).expect("a file is in memory");
            let answer = known.ask(&asked.question, None).expect("an answer");
            json::answer(&asked.question, &answer, &ground)
        });
    serde_json::json!({"findings": findings, "answers": answers.collect::<Value>()})
}

fn read(text: &str, format: Format) -> Value {
    told(import::read_alone(text, "demo", format).expect("the demo is valid"))
}

/// The demo as lines, facts of the sections in turn.
fn lines(demo: &Value) -> String {
    let mut header = Map::new();
    let mut items = Vec::new();
    for (key, value) in demo.as_object().expect("a map") {
        if let Value::Array(list) = value {
            items.extend(list.iter().map(|item| serde_json::json!({key: item}).to_string()));
        } else {
            header.insert(key.clone(), value.clone());
        }
    }
    format!("{}\n{}\n", Value::from(header), items.join("\n"))
}

#[test]
fn yaml_json_and_lines_give_the_same_findings_and_answers() {
    let demo = import::yaml_json(DEMO).expect("the demo is YAML");
    let wanted = read(DEMO, Format::Yaml);
    assert_eq!(wanted["findings"]["finding_count"], 56);
    assert_eq!(read(&demo.to_string(), Format::Json), wanted);
    assert_eq!(read(&format!("{demo:#}"), Format::Json), wanted);
    assert_eq!(read(&demo.to_string(), Format::Yaml), wanted);
    assert_eq!(read(&lines(&demo), Format::Ndjson), wanted);
}

#[test]
fn a_byte_order_mark_and_other_ends_of_lines_change_nothing() {
    let demo = import::yaml_json(DEMO).expect("the demo is YAML");
    let wanted = read(DEMO, Format::Yaml);
    assert_eq!(read(&format!("\u{feff}{DEMO}"), Format::Yaml), wanted);
    assert_eq!(read(&DEMO.replace('\n', "\r\n"), Format::Yaml), wanted);
    assert_eq!(read(&format!("\u{feff}{}", lines(&demo)), Format::Ndjson), wanted);
    assert_eq!(
        read(&lines(&demo).replace('\n', "\r\n\r\n"), Format::Ndjson),
        wanted
    );
    assert_eq!(
        read(&format!("{demo:#}").replace('\n', "\r\n"), Format::Json),
        wanted
    );
    assert_eq!(
        read(&format!("{demo:#}").replace("  ", "\t"), Format::Json),
        wanted
    );
}

#[test]
fn a_guess_of_the_encoding_is_right() {
    let demo = import::yaml_json(DEMO).expect("the demo is YAML");
    assert_eq!(Format::guess(DEMO), Format::Yaml);
    assert_eq!(Format::guess(&demo.to_string()), Format::Json);
    assert_eq!(Format::guess(&format!("{demo:#}\n")), Format::Json);
    assert_eq!(Format::guess(&lines(&demo)), Format::Ndjson);
    assert_eq!(Format::guess(&lines(&demo).replace('\n', "\r\n")), Format::Ndjson);
    assert_eq!(Format::guess(&format!("\u{feff}{demo:#}")), Format::Json);
    assert_eq!(
        Format::guess(&format!("\u{feff}{}", lines(&demo))),
        Format::Ndjson
    );
}

#[test]
fn unknown_keys_warn_and_change_nothing() {
    let marked = DEMO
        .replacen("\nhome:", "\n«mood: {good: [true]}\nhome:", 1)
        .replacen("- {id: lin,", "- {«note: x, id: lin,", 1);
    assert_ne!(marked, DEMO);
    let document = taken(&marked, Format::Yaml);
    assert_eq!(document.warnings.len(), marked.matches('«').count());
    assert!(!document.warnings.is_empty());
    assert_eq!(told(document), read(DEMO, Format::Yaml));
}

#[test]
fn an_alias_stands_for_what_it_names() {
    taken(
        "scenario: &name s\nas_of: 2025-01-01T00:00:00Z\ntitle: *name\nsubjects:\n  - &ana {id: ana}\ncategories: [{id: *name}]\n",
        Format::Yaml,
    );
}
