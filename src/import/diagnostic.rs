//! Problems as people see them: the line of the document, an arrow under the place, and what to do.

use std::fmt::Write as _;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use crate::model::place::Problem;

/// At most this many problems are drawn; the rest are counted.
const DRAWN_MAX: usize = 50;

struct Shown<'p> {
    problem: &'p Problem,
    source: &'p NamedSource<String>,
    offset: usize,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.problem, f)
    }
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.problem.code.as_str()))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(if self.problem.is_warning() {
            miette::Severity::Warning
        } else {
            miette::Severity::Error
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.problem.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::at(
            self.offset..self.offset + 1,
            "here",
        ))))
    }
}

/// Draws problems of one document; `color` uses terminal colors. Without its text problems are told in a line each.
pub fn draw(problems: &[Problem], name: &str, text: &str, color: bool) -> String {
    let source = NamedSource::new(name, text.to_owned());
    let theme = if color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false);
    let mut out = String::new();
    for problem in problems.iter().take(DRAWN_MAX) {
        let shown = Shown {
            problem,
            source: &source,
            offset: offset(text, problem),
        };
        // A long line would drown the problem, and the drawing may fail on a place outside the text; the plain line
        // always can be told.
        let mut drawn = String::new();
        if text.is_empty()
            || is_long_around(text, shown.offset)
            || handler.render_report(&mut drawn, &shown).is_err()
        {
            drawn = format!("{problem}\n");
        }
        out.push_str(&drawn);
    }
    if problems.len() > DRAWN_MAX {
        let _ = writeln!(out, "… and {} more problems", problems.len() - DRAWN_MAX);
    }
    out
}

/// Lines of more bytes are not drawn.
const LINE_MAX: usize = 500;

/// Whether the line at the offset, or one beside it, is too long to be drawn.
fn is_long_around(text: &str, offset: usize) -> bool {
    let (before, after) = text.as_bytes().split_at(offset.min(text.len()));
    let mut above = before.rsplit(|byte| *byte == b'\n').map(<[u8]>::len);
    let mut below = after.split(|byte| *byte == b'\n').map(<[u8]>::len);
    let line = above.next().unwrap_or(0) + below.next().unwrap_or(0);
    [line, above.next().unwrap_or(0), below.next().unwrap_or(0)]
        .iter()
        .any(|length| *length > LINE_MAX)
}

fn offset(text: &str, problem: &Problem) -> usize {
    let mut offset = 0;
    let target = usize::try_from(problem.place.line).unwrap_or(1).max(1) - 1;
    for (i, line) in text.split_inclusive('\n').enumerate() {
        if i == target {
            let column = usize::try_from(problem.place.column).unwrap_or(1).max(1) - 1;
            let within: usize = line.chars().take(column).map(char::len_utf8).sum();
            return offset + within;
        }
        offset += line.len();
    }
    text.len().saturating_sub(1)
}
