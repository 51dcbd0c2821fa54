//! Documents in which a mark `«` stands before every place that a problem must name.

use wherefore::import::{self, Document, Format};
use wherefore::model::place::Problem;

/// A code, a line and a column.
pub type Told = (String, u32, u32);

/// The text without the marks, and the line and column of each mark, in order.
pub fn unmarked(marked: &str) -> (String, Vec<(u32, u32)>) {
    let mut text = String::new();
    let mut marks = Vec::new();
    let (mut line, mut column) = (1, 1);
    for character in marked.chars() {
        if character == '«' {
            marks.push((line, column));
            continue;
        }
        text.push(character);
        if character == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    (text, marks)
}

/// What is told of problems.
pub fn told(problems: &[Problem]) -> Vec<Told> {
    problems
        .iter()
        .map(|problem| {
            (
                problem.code.as_str().to_owned(),
                problem.place.line,
                problem.place.column,
            )
        })
        .collect()
}

/// Problems of a document: those that refuse it, or its warnings.
pub fn problems(text: &str, format: Format) -> (bool, Vec<Problem>) {
    match import::read_alone(text, "document", format) {
        Ok(document) => (true, document.warnings),
        Err(problems) => (false, problems),
    }
}

/// The document must be refused, with these codes at its marks, in this order and no others.
pub fn refused_as(marked: &str, format: Format, codes: &[&str]) {
    let (text, marks) = unmarked(marked);
    assert_eq!(marks.len(), codes.len(), "a mark for each code: {marked}");
    let wanted: Vec<Told> = codes
        .iter()
        .zip(marks)
        .map(|(code, (line, column))| ((*code).to_owned(), line, column))
        .collect();
    let (taken, problems) = problems(&text, format);
    assert_eq!(told(&problems), wanted, "{marked}\n{problems:#?}");
    assert!(!taken, "taken: {marked}");
}

/// A YAML document of a small header and these lines must be refused with one problem at its mark.
pub fn refused(code: &str, lines: &str) {
    refused_as(&small(lines), Format::Yaml, &[code]);
}

/// A YAML document with a small header.
pub fn small(lines: &str) -> String {
    format!("scenario: s\nas_of: 2025-01-01T00:00:00Z\n{lines}\n")
}

/// The document must be taken; its warnings stand at the marks.
pub fn taken(marked: &str, format: Format) -> Document {
    let (text, marks) = unmarked(marked);
    let document = import::read_alone(&text, "document", format)
        .unwrap_or_else(|problems| panic!("{marked}\n{problems:#?}"));
    let wanted: Vec<Told> = marks
        .iter()
        .map(|(line, column)| ("FACT_UNKNOWN_KEY".to_owned(), *line, *column))
        .collect();
    assert_eq!(told(&document.warnings), wanted, "{marked}");
    document
}
