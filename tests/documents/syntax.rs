//! Texts that are not YAML, not JSON, not lines of JSON.

use wherefore::import::Format;

use super::marked::{self, refused_as, told};

/// The document is refused with one problem that stands on this line.
fn refused_on_line(text: &str, format: Format, code: &str, line: u32) {
    let (taken, problems) = marked::problems(text, format);
    let told = told(&problems);
    assert!(!taken && told.len() == 1, "{text}\n{problems:#?}");
    assert_eq!(
        (told[0].0.as_str(), told[0].1),
        (code, line),
        "{text}\n{problems:#?}"
    );
}

#[test]
fn no_yaml() {
    for (text, line) in [
        ("scenario: s\nas_of: [\n", 3),
        ("scenario: s\nas_of: 'open\n", 2),
        ("scenario: s\n  as_of: 2025-01-01T00:00:00Z\n", 2),
        ("scenario: s\n\tas_of: 2025-01-01T00:00:00Z\n", 1),
        ("scenario: s\nsubjects: [{id: ana}\nfields: []\n", 3),
        ("scenario: s\nsubjects: ]\n", 2),
        ("scenario: *nothing\n", 1),
        ("a: b: c\n", 1),
        ("scenario: \"\\q\"\n", 1),
        ("%YAML\n---\n", 1),
    ] {
        refused_on_line(text, Format::Yaml, "FACT_SYNTAX", line);
    }
}

#[test]
fn no_json() {
    for (text, line) in [
        ("{\"scenario\": \"s\",\n}", 2),
        ("{\"scenario\": \"s\"\n", 2),
        ("{scenario: 1}", 1),
        ("{}\n{}", 2),
        ("{\"a\": 'b'}", 1),
        ("{\"a\": 01}", 1),
        ("{\"a\": NaN}", 1),
        ("{\"a\": \"\u{1}\"}", 1),
        ("{\"a\": \"\\ud800\"}", 1),
        ("nul", 1),
    ] {
        refused_on_line(text, Format::Json, "FACT_SYNTAX", line);
    }
}

#[test]
fn no_line_of_json() {
    let header = "{\"scenario\": \"s\", \"as_of\": \"2025-01-01T00:00:00Z\"}";
    for (text, line) in [
        (format!("{header}\n{{\"subjects\": {{\"id\": \"ana\"}}\n"), 2),
        (format!("{header}\n\n\nsubjects\n"), 4),
        (
            format!("{header}\n{{\"subjects\": {{\"id\": \"ana\"}}}} trailing\n"),
            2,
        ),
        ("scenario: s\n".to_owned(), 1),
    ] {
        refused_on_line(&text, Format::Ndjson, "FACT_SYNTAX", line);
    }
}

#[test]
fn every_bad_line_is_told() {
    let text = "{\"scenario\": \"s\", \"as_of\": \"2025-01-01T00:00:00Z\"}\none\n{\"subjects\": {\"id\": \"ana\"}}\nthree\n";
    let (_, problems) = marked::problems(text, Format::Ndjson);
    let lines: Vec<u32> = told(&problems).iter().map(|(_, line, _)| *line).collect();
    assert_eq!(lines, [2, 4]);
}

#[test]
fn nothing_at_all() {
    for text in ["", "\n\n", "# only a comment\n", "\u{feff}"] {
        let (taken, problems) = marked::problems(text, Format::Yaml);
        assert!(!taken, "{text:?}");
        assert_eq!(told(&problems), [("FACT_SYNTAX".to_owned(), 1, 1)], "{text:?}");
    }
    for format in [Format::Json, Format::Ndjson] {
        for text in ["", " ", "\u{feff}"] {
            let (taken, problems) = marked::problems(text, format);
            assert!(!taken, "{text:?}");
            assert_eq!(problems.len(), 1, "{text:?}");
            assert_eq!(problems[0].code.as_str(), "FACT_SYNTAX", "{text:?}");
        }
    }
}

#[test]
fn two_documents_in_one_file() {
    refused_as(
        "scenario: s\nas_of: 2025-01-01T00:00:00Z\n«---\nscenario: t\n",
        Format::Yaml,
        &["FACT_SHAPE"],
    );
}

#[test]
fn a_key_that_is_no_text() {
    refused_as("? «[a]\n: b\n", Format::Yaml, &["FACT_SHAPE"]);
}
